-- FinOps practitioner: what do discounts save? Atlas states them beside the price (`stated`), IBM Cloud with a list price.
SELECT strftime(BillingPeriodStart, '%Y-%m') AS month, InvoiceIssuerName, BillingCurrency, sum(ListCost) AS list,
    sum(EffectiveCost) AS effective, sum(ListCost) - sum(EffectiveCost) AS saved,
    coalesce(sum(x_DiscountCents), 0) * 0.01 AS stated
FROM focus
WHERE ChargeCategory = 'Usage'
GROUP BY ALL
ORDER BY month, InvoiceIssuerName, BillingCurrency;
