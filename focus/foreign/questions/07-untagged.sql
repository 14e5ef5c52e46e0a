-- Engineer: whose usage has no tag `env`, and which part of it?
WITH usage AS (
    SELECT SubAccountId, BillingCurrency, sum(BilledCost) AS amount,
        coalesce(sum(BilledCost) FILTER (WHERE Tags IS NULL OR NOT json_exists(Tags, '$.env')), 0) AS untagged
    FROM focus
    WHERE BillingPeriodStart = getvariable('month') AND ChargeCategory = 'Usage'
    GROUP BY ALL
)
SELECT SubAccountId, BillingCurrency, amount, untagged, ratio(untagged, amount) AS part
FROM usage
WHERE untagged <> 0
ORDER BY untagged DESC, SubAccountId;
