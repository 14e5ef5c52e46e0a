-- Reads files of `cloudbill export --focus` into a table. Amounts become exact decimals: what DuckDB guesses are floats.
CREATE TABLE focus AS SELECT * REPLACE (
    BilledCost::DECIMAL(30, 12) AS BilledCost,
    ContractedCost::DECIMAL(30, 12) AS ContractedCost,
    EffectiveCost::DECIMAL(30, 12) AS EffectiveCost,
    ListCost::DECIMAL(30, 12) AS ListCost,
    x_DiscountCents::DECIMAL(30, 12) AS x_DiscountCents,
    x_InformationalCost::DECIMAL(30, 12) AS x_InformationalCost,
    x_Quantity::DECIMAL(30, 12) AS x_Quantity,
    BillingPeriodStart::TIMESTAMP AS BillingPeriodStart,
    BillingPeriodEnd::TIMESTAMP AS BillingPeriodEnd,
    ChargePeriodStart::TIMESTAMP AS ChargePeriodStart,
    ChargePeriodEnd::TIMESTAMP AS ChargePeriodEnd
) FROM read_csv('focus-*.csv', all_varchar = true);

-- The month that the questions are about.
SET VARIABLE month = TIMESTAMP '2026-10-01';

-- One decimal divided by another, with six digits, cut off. The operator `/` makes floats of them.
CREATE MACRO digits(amount) AS replace(amount::DECIMAL(38, 12)::VARCHAR, '.', '')::HUGEINT;
CREATE MACRO ratio(amount, units) AS
    CASE WHEN units <> 0 THEN (digits(amount) * 1000000 // digits(units))::DECIMAL(31, 0) * 0.000001::DECIMAL(7, 6) END;
