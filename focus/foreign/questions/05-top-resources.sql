-- Engineer: which ten resources cost most in the month?
SELECT ResourceId, ResourceName, ResourceType, BillingCurrency, sum(BilledCost) AS amount
FROM focus
WHERE BillingPeriodStart = getvariable('month') AND ResourceId IS NOT NULL
GROUP BY ALL
ORDER BY amount DESC, ResourceId
LIMIT 10;
