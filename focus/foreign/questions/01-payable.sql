-- Finance: what is to be paid for each account and month, and to whom?
SELECT strftime(BillingPeriodStart, '%Y-%m') AS month, InvoiceIssuerName, BillingAccountId, BillingCurrency,
    sum(BilledCost) AS payable
FROM focus
GROUP BY ALL
ORDER BY month, InvoiceIssuerName, BillingAccountId, BillingCurrency;
