-- FinOps practitioner: what is in the bills besides usage of the month: charges that came late, what no item explains, and
-- costs that only inform?
SELECT 'late' AS what, strftime(BillingPeriodStart, '%Y-%m') AS month, BillingAccountId, BillingCurrency, count(*) AS rows,
    sum(BilledCost) AS amount
FROM focus WHERE ChargePeriodStart < BillingPeriodStart GROUP BY ALL
UNION ALL
SELECT 'unexplained', strftime(BillingPeriodStart, '%Y-%m'), BillingAccountId, BillingCurrency, count(*), sum(BilledCost)
FROM focus WHERE x_RowKind = 'residue' GROUP BY ALL
UNION ALL
SELECT 'informational', strftime(BillingPeriodStart, '%Y-%m'), BillingAccountId, BillingCurrency, count(*), sum(x_InformationalCost)
FROM focus WHERE x_InformationalCost <> 0 GROUP BY ALL
ORDER BY what, month, BillingAccountId, BillingCurrency;
