-- Engineer: what did each project and each resource group use in the month?
SELECT SubAccountType, SubAccountName, SubAccountId, BillingCurrency, sum(BilledCost) AS amount
FROM focus
WHERE BillingPeriodStart = getvariable('month') AND ChargeCategory = 'Usage'
GROUP BY ALL
ORDER BY amount DESC, SubAccountId;
