//! Bodies that arrive whole and hold nonsense.

use ibm_usage_reports::types::AccountId;

use super::{Case, assert_table, invoice, table_of_bodies};
use test_support::server::{Reply, answer, json};

fn body(text: impl AsRef<str>) -> Reply {
    Reply::Send(json(200, text.as_ref()))
}

fn bytes(body: &[u8]) -> Reply {
    Reply::Send(answer(200, &[("content-type", "application/json")], body))
}

/// An invoice with one line item that has these fields.
fn item(fields: &str) -> Reply {
    body(format!(r#"{{"id":"1","lineItems":[{{{fields}}}]}}"#))
}

/// `open`, so many times, and as many `close`.
fn nested(open: &str, close: &str, depth: usize) -> String {
    format!("{}{}", open.repeat(depth), close.repeat(depth))
}

const DEEP: usize = 100_000;

#[tokio::test]
pub(crate) async fn nesting() {
    let linked = |depth: usize| format!("{}{{}}{}", r#"{"linkedInvoices":["#.repeat(depth), "]}".repeat(depth));
    let table = table_of_bodies(vec![
        Case("an unknown field of 100,000 lists", body(format!(r#"{{"id":"1","x":{}}}"#, nested("[", "]", DEEP)))),
        Case(
            "an unknown field of 100,000 objects",
            body(format!(r#"{{"x":{}1{}}}"#, r#"{"a":"#.repeat(DEEP), "}".repeat(DEEP))),
        ),
        Case("a type that contains itself, 100,000 deep", body(linked(20_000))),
        Case("the same, 50 deep", body(linked(50))),
        Case("100,000 lists in place of an amount", item(&format!(r#""unitPriceDollars":{}"#, nested("[", "]", DEEP)))),
        Case("100,000 lists in place of text", item(&format!(r#""note":{}"#, nested("[", "]", DEEP)))),
        Case("100,000 lists that are never closed", body("[".repeat(DEEP))),
        Case("the same as an unknown field", body(format!(r#"{{"x":{}"#, "[".repeat(DEEP)))),
        Case("an error body of 100,000 lists", Reply::Send(json(500, &nested("[", "]", DEEP)))),
        Case(
            "an error whose detail is 100,000 lists deep",
            Reply::Send(json(500, &format!(r#"{{"errorCode":"X","detail":{}}}"#, nested("[", "]", DEEP)))),
        ),
    ])
    .await;
    assert_table!("nesting", table);
}

/// Any JSON, which is kept as it comes, has a depth as well.
#[tokio::test]
pub(crate) async fn any_json_nested_deep() {
    for (depth, is_read) in [(100, true), (1_000, false), (100_000, false)] {
        let tags = format!(r#"{{"resources":[{{"tags":[{}]}}]}}"#, nested("[", "]", depth));
        let server = test_support::server::Server::start(move |_| body(&tags)).await;
        let client = ibm_usage_reports::Client::builder().base_url(&server.url).bearer_token("t").build().unwrap();
        let page = client.get_resource_usage_account(AccountId::new("a"), "2026-05".parse().unwrap()).send().await;
        assert_eq!(page.is_ok(), is_read, "{depth}");
        crate::figures::add(crate::figures::Figure::Hostile, 1);
    }
}

#[tokio::test]
pub(crate) async fn text() {
    let table = table_of_bodies(vec![
        Case("invalid UTF-8 in a text", bytes(b"{\"id\":\"a\xffb\"}")),
        Case("invalid UTF-8 in an unknown field", bytes(b"{\"id\":\"1\",\"x\":\"a\xffb\"}")),
        Case("invalid UTF-8 in a name", bytes(b"{\"a\xff\":1}")),
        Case("invalid UTF-8 in place of an amount", bytes(b"{\"lineItems\":[{\"unitPriceDollars\":\"\xff\"}]}")),
        Case("an overlong encoding of `/`", bytes(b"{\"id\":\"\xc0\xaf\"}")),
        Case("a byte order mark", bytes(b"\xef\xbb\xbf{\"id\":\"1\"}")),
        Case("UTF-16", bytes(b"\xff\xfe{\0}\0")),
        Case("a lone surrogate", body(r#"{"id":"\ud800"}"#)),
        Case("a lone surrogate in an unknown field", body(r#"{"id":"1","x":"\udfff"}"#)),
        Case("a lone surrogate in a tag's name", item(r#""tags":{"\ud800":["x"]}"#)),
        Case("surrogates in the wrong order", body(r#"{"id":"\udc00\ud800"}"#)),
        Case("a raw line break in a text", body("{\"id\":\"a\nb\"}")),
        Case("NUL in a text", body(r#"{"id":"a\u0000b"}"#)),
        Case("a status that tries to forge a line of a log", body("{\"statusName\":\"PAID\\r\\nlevel=error\"}")),
        Case("a bidirectional override", body(r#"{"id":"\u202e1"}"#)),
        Case("an escape of a terminal in a name", body(r#"{"lineItems":[{"tags":{"\u001b[31m\n":7}}]}"#)),
        Case("an escape of a terminal in place of a list", body(r#"{"lineItems":"\u001b]0;x\u0007"}"#)),
        Case(
            "escapes of a terminal in an error",
            Reply::Send(json(400, r#"{"errorCode":"\u001b[31m\n","detail":"\u001b]0;x\u0007 a\r\nb\u0085c"}"#)),
        ),
        Case("the same as a text", Reply::Send(answer(400, &[("content-type", "text/plain")], b"\x1b[31m\r\n\x07"))),
        Case("an escape that is none", body(r#"{"id":"\x41"}"#)),
        Case("nothing but white space", body(" ".repeat(1000))),
        Case("text after the end", body(r#"{"id":"1"} {"id":"2"}"#)),
        Case("NUL after the end", bytes(b"{\"id\":\"1\"}\0")),
    ])
    .await;
    assert_table!("text", table);
}

#[tokio::test]
pub(crate) async fn names() {
    let many = |count: usize| (0..count).map(|n| format!(r#""x{n}":0"#)).collect::<Vec<_>>().join(",");
    let table = table_of_bodies(vec![
        Case("a field twice", body(r#"{"id":"1","id":"2"}"#)),
        Case("a field twice, once in escapes", body(r#"{"id":"1","\u0069d":"2"}"#)),
        Case("an unknown field twice", body(r#"{"id":"1","x":1,"x":2}"#)),
        Case("a tag twice", item(r#""tags":{"a":["1"],"a":["2"]}"#)),
        Case("`__proto__` and `constructor`", body(r#"{"id":"1","__proto__":{"id":"2"},"constructor":{}}"#)),
        Case("50,000 unknown fields", body(format!(r#"{{"id":"1",{}}}"#, many(50_000)))),
        Case("a name of 500,000 characters", body(format!(r#"{{"id":"1","{}":1}}"#, "x".repeat(500_000)))),
        Case("an empty name", body(r#"{"":1,"id":"1"}"#)),
        Case("a list for an object", body(r#"["1"]"#)),
        Case("a text for an object", body(r#""1""#)),
        Case("null for an object", body("null")),
    ])
    .await;
    assert_table!("names", table);
}

#[tokio::test]
pub(crate) async fn numbers() {
    let digits = "9".repeat(100_000);
    let zeros = "0".repeat(100_000);
    let cents = |number: &str| body(format!(r#"{{"subtotalCents":{number}}}"#));
    let amount = |number: &str| item(&format!(r#""unitPriceDollars":{number}"#));
    let bound = |number: &str| item(&format!(r#""tierUpperBound":{number}"#));
    let count = |number: &str| body(format!(r#"{{"lineItems":[{{"quantity":{number}}}]}}"#));
    let table = table_of_bodies(vec![
        Case("an amount of 1e999999999", amount("1e999999999")),
        Case("an amount of -1e999999999", amount("-1e999999999")),
        Case("an amount of 1e-999999999", amount("1e-999999999")),
        Case("an amount of 1e99999999999999999999", amount("1e99999999999999999999")),
        Case("an amount of 0e999999999", amount("0e999999999")),
        Case("an amount at the bound, 1e63", amount("1e63")),
        Case("the same in quotes", amount(r#""1e63""#)),
        Case("an amount beyond the bound, 1e64", amount("1e64")),
        Case("an amount at the other bound, 1e-64", amount("1e-64")),
        Case("an amount beyond it, 1e-65", amount("1e-65")),
        Case("an amount of 100,000 digits", amount(&digits)),
        Case("an amount with 100,000 decimal places", amount(&format!("0.{zeros}1"))),
        Case("an amount of 64 digits", amount(&digits[..64])),
        Case("an amount of 65 digits", amount(&digits[..65])),
        Case("an amount of NaN", amount("NaN")),
        Case("an amount of \"NaN\"", amount(r#""NaN""#)),
        Case("an amount of Infinity", amount("Infinity")),
        Case("an amount of \"-Infinity\"", amount(r#""-Infinity""#)),
        Case("an amount in hexadecimal", amount("0x10")),
        Case("an amount with a plus", amount("+1")),
        Case("an amount with leading zeros", amount("007")),
        Case("an amount of minus nothing", amount("-")),
        Case("an amount of minus zero", amount("-0.00")),
        Case("an amount with escapes in quotes", amount(r#""\u0031.5""#)),
        Case("an amount in full-width digits", amount("\"\u{ff11}\u{ff12}\"")),
        Case("an amount with a comma", amount(r#""1,5""#)),
        Case("an amount with spaces", amount(r#"" 1 ""#)),
        Case("an amount in words", amount(r#""one""#)),
        Case("an amount of nothing", amount(r#""""#)),
        Case("an amount of -9223372036854775808", amount("-9223372036854775808")),
        Case("an amount of true", amount("true")),
        Case("a quantity of 1e60", count("1e60")),
        Case("cents of 1e999999999", cents("1e999999999")),
        Case("cents of 1e-999999999", cents("1e-999999999")),
        Case("cents of 9223372036854775808", cents("9223372036854775808")),
        Case("cents of 100,000 digits", cents(&digits)),
        Case("cents of 1.5", cents("1.5")),
        Case("cents of NaN", cents("NaN")),
        Case("cents in quotes", cents(r#""12""#)),
        Case("a float of 1e999999999", bound("1e999999999")),
        Case("a float of 1e-999999999", bound("1e-999999999")),
        Case("a float of NaN", bound("NaN")),
        Case("a float of 100,000 digits", bound(&digits)),
        Case("an unknown field of 1e999999999", body(r#"{"id":"1","x":1e999999999}"#)),
        Case("a date of the year 999999999", body(r#"{"created":"999999999-01-01T00:00:00Z"}"#)),
        Case("a date of February 31", body(r#"{"created":"2026-02-31T00:00:00Z"}"#)),
        Case("a date of 100,000 digits", body(format!(r#"{{"created":"{digits}"}}"#))),
    ])
    .await;
    assert_table!("numbers", table);
}

/// What is read can be calculated with and printed, whatever its exponent: this takes no memory to speak of.
#[test]
fn extreme_amounts_are_cheap() {
    use cloud_billing_core::Decimal;

    let extremes: Vec<Decimal> = ["1e63", "-1e63", "1e-64", "9e63", "0", "0e-64", "1", "-0.1"]
        .into_iter()
        .map(|text| text.parse().unwrap())
        .collect();
    for a in &extremes {
        for b in &extremes {
            for result in [a + b, a - b, a * b] {
                assert!(result.to_string().len() < 200 && format!("{result:.2}").len() < 200);
                assert!(format!("{result:.60000}").len() < 61_000);
                assert!(result.round(3).to_string().len() < 200);
                let _ = (result == *a, result.cmp(b), result.to_i64(), result.to_f64());
            }
        }
    }
}

/// An error that quotes what was wrong does not quote all of it.
#[tokio::test]
async fn errors_stay_short() {
    let long = "x".repeat(500_000);
    for reply in [
        body(format!(r#"{{"subtotalCents":"{long}"}}"#)),
        body(format!(r#"{{"lineItems":"{long}"}}"#)),
        item(&format!(r#""tags":{{"{long}":1}}"#)),
        item(&format!(r#""unitPriceDollars":"{long}""#)),
        Reply::Send(json(400, &format!(r#"{{"errorCode":"{long}","detail":"{long}"}}"#))),
        Reply::Send(answer(200, &[("content-type", &long[..50_000])], b"{}")),
        Reply::Send(answer(302, &[("location", &format!("https://{}/", &long[..50_000]))], b"")),
        Reply::Send(answer(404, &[("x-request-id", &long[..50_000])], b"{}")),
    ] {
        let text = invoice(reply).await;
        assert!(text.chars().count() < 2000 && !text.starts_with("ok"), "{text}");
    }
}
