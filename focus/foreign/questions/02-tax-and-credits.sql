-- Finance: how much of each bill is tax, and how much do credits take off? A credit is an item of the invoice (`line`), stated by the
-- invoice without an item (`credit`), or an offer of IBM (`offer`).
SELECT strftime(BillingPeriodStart, '%Y-%m') AS month, BillingAccountId, BillingCurrency, ChargeCategory, x_RowKind AS kind,
    sum(BilledCost) AS amount
FROM focus
WHERE ChargeCategory IN ('Tax', 'Credit')
GROUP BY ALL
ORDER BY month, BillingAccountId, BillingCurrency, ChargeCategory, kind;
