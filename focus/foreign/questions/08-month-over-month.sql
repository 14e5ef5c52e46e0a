-- FinOps practitioner: what does each category of services cost, and how does that differ from the month before?
SELECT ServiceCategory, BillingCurrency,
    coalesce(sum(BilledCost) FILTER (BillingPeriodStart = getvariable('month')), 0) AS amount,
    coalesce(sum(BilledCost) FILTER (BillingPeriodStart = getvariable('month') - INTERVAL 1 MONTH), 0) AS before,
    amount - before AS change
FROM focus
WHERE BillingPeriodStart <= getvariable('month') AND ChargeCategory IN ('Usage', 'Purchase')
GROUP BY ALL
ORDER BY ALL;
