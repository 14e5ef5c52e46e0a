//! Amounts stay exact, or there is an error.

use cloud_billing_lake_sql::output;

use crate::world::{lines, made_up, refused, session};

/// The largest number of 38 digits, and some of it, as rows.
fn numbers(values: &[&str]) -> String {
    let rows = values.iter().map(|value| format!("(1, CAST('{value}' AS DECIMAL(38, 2)))"));
    format!("(VALUES {}) AS t(part, x)", rows.collect::<Vec<_>>().join(", "))
}

const LARGEST: &str = "999999999999999999999999999999999999.99";
const LARGE: &str = "-900000000000000000000000000000000000.00";

#[tokio::test]
async fn products_with_fractions_are_decimals() {
    let session = session(&made_up(1).await);
    let sql = "SELECT arrow_typeof(BilledCost), arrow_typeof(BilledCost * 0.9), arrow_typeof(sum(BilledCost) * 1.19),
        arrow_typeof(avg(BilledCost)) FROM focus GROUP BY ALL";
    let types = lines(&session, sql).await;
    assert_eq!(types, ["Decimal128(30, 12) Decimal128(32, 13) Decimal128(38, 14) Decimal128(34, 16)"]);
    assert_eq!(lines(&session, "SELECT 0.1 + 0.2 = 0.3, 5.551115123125783 * 1").await, ["true 5.551115123125783"]);
}

#[tokio::test]
async fn a_sum_that_does_not_fit_is_an_error() {
    let session = session(&made_up(1).await);
    let too_large = "a sum has more than 38 digits, of which 2 are behind the point";
    for values in [
        &[LARGEST, "0.01"][..],
        // Beyond 128 bits, where the engine's own sum begins anew below zero.
        &[LARGEST, LARGEST],
        &[LARGEST, LARGEST, LARGEST, LARGEST],
        &[LARGE, LARGE, LARGE],
    ] {
        let numbers = numbers(values);
        for sql in [
            format!("SELECT sum(x) FROM {numbers}"),
            format!("SELECT part, sum(x) FROM {numbers} GROUP BY part"),
            format!("SELECT sum(x) OVER (ORDER BY part) FROM {numbers}"),
            format!("SELECT sum(x) OVER (ROWS BETWEEN 9 PRECEDING AND CURRENT ROW) FROM {numbers}"),
            format!("SELECT sum(x) FILTER (WHERE part = 1) FROM {numbers}"),
        ] {
            let error = refused(&session, &sql).await;
            assert!(error.ends_with(too_large), "{sql}: {error}");
        }
    }
}

/// What fits in the end may not have fitted in between, in 128 bits.
#[tokio::test]
async fn a_sum_that_fits_is_exact() {
    let session = session(&made_up(1).await);
    let numbers = numbers(&[LARGEST, "-0.98", "-999999999999999999999999999999999999.00"]);
    for sql in [
        format!("SELECT sum(x) FROM {numbers}"),
        format!("SELECT sum(x) FROM {numbers} GROUP BY part"),
        format!("SELECT sum(DISTINCT x) FROM {numbers}"),
    ] {
        assert_eq!(lines(&session, &sql).await, ["0.01"], "{sql}");
    }
    let window = format!("SELECT sum(x) OVER (ORDER BY x ROWS BETWEEN CURRENT ROW AND CURRENT ROW) FROM {numbers}");
    assert_eq!(lines(&session, &window).await, ["-999999999999999999999999999999999999", "-0.98", LARGEST]);
    let nothing = format!("SELECT sum(x), sum(x) FILTER (WHERE part = 2) FROM {numbers} WHERE x = 0");
    assert_eq!(lines(&session, &nothing).await, [" "]);
}

#[tokio::test]
async fn other_numbers_are_added_up() {
    let session = session(&made_up(1).await);
    // The engine's own sum of whole numbers wraps beyond 64 bits.
    let whole = "SELECT sum(x), arrow_typeof(sum(x)) FROM (VALUES (9223372036854775807), (1)) AS t(x)";
    assert_eq!(lines(&session, whole).await, ["9223372036854775808 Decimal128(30, 0)"]);
    let floats = "SELECT sum(x), arrow_typeof(sum(x)) FROM (VALUES (CAST(0.5 AS DOUBLE)), (NULL)) AS t(x)";
    assert_eq!(lines(&session, floats).await, ["0.5 Float64"]);
    assert_eq!(lines(&session, "SELECT sum(n) FROM (SELECT count(*) AS n FROM focus)").await.len(), 1);
    let error = refused(&session, "SELECT sum(ChargeDescription) FROM focus").await;
    assert!(error.contains("sum adds up numbers of at most 38 digits, and not Utf8"), "{error}");
}

/// Several partial sums, in several tasks.
#[tokio::test]
async fn sums_of_groups_are_those_of_their_rows() {
    let session = session(&made_up(1).await);
    let sql = "SELECT (SELECT sum(BilledCost) FROM focus) -
        (SELECT sum(cost) FROM (SELECT account, billing_period, sum(BilledCost) AS cost FROM focus GROUP BY ALL))";
    assert_eq!(lines(&session, sql).await, ["0"]);
}

const PRODUCT: &str = "(SELECT x * y * x AS p FROM (VALUES
    (CAST('5' AS DECIMAL(30, 12)), CAST('5' AS DECIMAL(30, 12))), (1, 1)) AS t(x, y))";

/// The engine checks 128 bits, which hold some numbers of 39 digits, and cuts the last of them where it makes a text.
#[tokio::test]
async fn a_number_that_does_not_fit_is_an_error() {
    let session = session(&made_up(1).await);
    let [largest, large] = [LARGEST, LARGE].map(|number| numbers(&[number]));
    for sql in [
        format!("SELECT p FROM {PRODUCT}"),
        format!("SELECT max(p) FROM {PRODUCT}"),
        format!("SELECT p, count(*) FROM {PRODUCT} GROUP BY p"),
        format!("SELECT CAST(p AS TEXT) FROM {PRODUCT}"),
        format!("SELECT CAST(p AS DOUBLE) FROM {PRODUCT}"),
        format!("SELECT part FROM {largest} WHERE x + 0.01 > 0"),
        format!("SELECT part FROM {large} ORDER BY x - 700000000000000000000000000000000000.00"),
        format!("SELECT (SELECT max(p || '') FROM {PRODUCT}) FROM {largest}"),
        "SELECT 700000000000000000000000000000000000.00 + 700000000000000000000000000000000000.00".to_owned(),
    ] {
        let error = refused(&session, &sql).await;
        assert!(error.contains("a number has more than 38 digits"), "{sql}: {error}");
        let Ok(rows) = session.stream(&sql).await else { continue };
        assert!(output::csv(rows, Vec::new()).await.is_err(), "{sql}");
        let rows = session.stream(&sql).await.unwrap();
        assert!(output::parquet(rows, Vec::new()).await.is_err(), "{sql}");
    }
    let cast = "SELECT CAST(x * x AS DECIMAL(30, 12)) * x FROM (VALUES (CAST('5' AS DECIMAL(30, 12)))) AS t(x)";
    assert_eq!(lines(&session, cast).await, ["125"]);
    let named = session.query("SELECT x * x FROM (VALUES (1.5)) AS t(x)").await.unwrap();
    assert_eq!(named.schema.field(0).name(), "t.x * t.x");
}
