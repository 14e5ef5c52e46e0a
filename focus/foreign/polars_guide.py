import polars as pl

AMOUNTS = ["BilledCost", "EffectiveCost", "ListCost", "ContractedCost"]

focus = pl.scan_csv("focus-*.csv", infer_schema=False).with_columns(pl.col(AMOUNTS).cast(pl.Decimal(38, 12)))
bills = focus.group_by("InvoiceIssuerName", "BillingCurrency").agg(pl.col("BilledCost").sum()).collect()
