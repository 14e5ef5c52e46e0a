-- Engineer: whose usage has no tag `env`, and which part of it?
SELECT SubAccountId, BillingCurrency, sum(BilledCost) AS amount,
    coalesce(sum(BilledCost) FILTER (Tags IS NULL OR NOT json_exists(Tags, '$.env')), 0) AS untagged,
    ratio(untagged, amount) AS part
FROM focus
WHERE BillingPeriodStart = getvariable('month') AND ChargeCategory = 'Usage'
GROUP BY ALL
HAVING untagged <> 0
ORDER BY untagged DESC, SubAccountId;
