-- FinOps practitioner: what does each category of services cost, and how does that differ from the month before?
WITH costs AS (
    SELECT ServiceCategory, BillingCurrency,
        coalesce(sum(BilledCost) FILTER (WHERE BillingPeriodStart = getvariable('month')), 0) AS amount,
        coalesce(sum(BilledCost) FILTER (WHERE BillingPeriodStart = getvariable('month') - INTERVAL '1 month'), 0) AS before
    FROM focus
    WHERE BillingPeriodStart <= getvariable('month') AND ChargeCategory IN ('Usage', 'Purchase')
    GROUP BY ALL
)
SELECT ServiceCategory, BillingCurrency, amount, before, amount - before AS change
FROM costs
ORDER BY ServiceCategory, BillingCurrency;
