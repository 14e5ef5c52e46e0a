-- Engineer: what does a unit of each SKU cost on average, after discounts?
SELECT SkuId, x_Unit AS unit, BillingCurrency, sum(x_Quantity) AS quantity, sum(BilledCost) AS amount,
    ratio(sum(BilledCost), sum(x_Quantity)) AS unit_cost
FROM focus
WHERE BillingPeriodStart = getvariable('month') AND ChargeCategory = 'Usage' AND BilledCost <> 0
GROUP BY ALL
ORDER BY SkuId, unit, BillingCurrency;
