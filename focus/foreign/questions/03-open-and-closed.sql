-- Finance: what is on invoices that are closed, and what can still change? IBM Cloud states no invoice.
SELECT strftime(BillingPeriodStart, '%Y-%m') AS month, InvoiceIssuerName, BillingCurrency,
    CASE WHEN x_InvoiceStatus = 'PENDING' THEN 'open' WHEN x_InvoiceStatus IS NULL THEN 'not stated' ELSE 'closed' END AS state,
    count(DISTINCT InvoiceId) AS invoices, sum(BilledCost) AS amount
FROM focus
GROUP BY ALL
ORDER BY month, InvoiceIssuerName, BillingCurrency, state;
