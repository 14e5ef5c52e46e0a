use super::*;
use crate::operation::Method;
use crate::value::{BillingMonth, Date, Decimal, EpochMillis, NullableVec, Timestamp};

crate::open_enum! {
    enum Order {
        Ascending = "asc",
    }
}

const SEARCH: Operation = Operation::new("search", Method::Get, "/v2/orgs/{orgId}/items/{itemId}/lines:search")
    .accept("application/vnd.example.2023-01-01+json")
    .content_type("application/vnd.example.2023-01-01+json");
const PLAIN: Operation = Operation::new("plain", Method::Post, "/plain");

fn uri(build: impl FnOnce(&mut Request)) -> String {
    let mut request = Request::new(&PLAIN);
    build(&mut request);
    let prepared = request.prepare("").unwrap();
    if prepared.query.is_empty() { prepared.path } else { format!("{}?{}", prepared.path, prepared.query) }
}

fn problem(operation: &'static Operation, build: impl FnOnce(&mut Request)) -> String {
    let mut request = Request::new(operation);
    build(&mut request);
    let error = request.prepare("").err().unwrap();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    error.message().unwrap().to_owned()
}

fn sent(prepared: &Prepared) -> HeaderMap {
    prepared.headers(&HeaderValue::from_static("test"), None)
}

#[test]
fn path_parameters_fill_the_template() {
    let mut request = Request::new(&SEARCH);
    request.path("itemId", &"us-south:1/2").path("orgId", "7");
    assert_eq!(request.prepare("").unwrap().path, "/v2/orgs/7/items/us-south%3A1%2F2/lines:search");
}

#[test]
fn bad_path_parameters_are_all_reported() {
    assert_eq!(problem(&SEARCH, |_| {}), "`orgId` is required");
    assert_eq!(
        problem(&SEARCH, |request| {
            request.path("orgId", "").path("itemId", "..");
        }),
        "`orgId` must not be empty; `itemId` must not be a dot segment"
    );
    assert_eq!(
        problem(&SEARCH, |request| {
            request.path("orgId", &vec!["a", "b"]).path("itemId", &None::<String>);
        }),
        "`orgId` must be one value; `itemId` is required"
    );
}

#[test]
fn query_values_of_every_type() {
    let query = uri(|request| {
        request
            .query("flag", &true)
            .query("int", &-7_i32)
            .query("long", &Some(7_i64))
            .query("float", &0.25)
            .query("decimal", &"1.50".parse::<Decimal>().unwrap())
            .query("month", &BillingMonth::new(2024, 7).unwrap())
            .query("millis", &EpochMillis(1_675_209_600_000))
            .query("at", &"2024-07-01T00:00:00.000Z".parse::<Timestamp>().unwrap())
            .query("day", &Date::new(2024, 7, 1).unwrap())
            .query("order", &Order::Ascending)
            .query("absent", &None::<i64>)
            .query("text", "a b&c");
    });
    assert_eq!(
        query,
        "/plain?flag=true&int=-7&long=7&float=0.25&decimal=1.50&month=2024-07&millis=1675209600000\
         &at=2024-07-01T00%3A00%3A00.000Z&day=2024-07-01&order=asc&text=a%20b%26c"
    );
}

#[test]
fn lists_repeat_the_key() {
    let query = uri(|request| {
        request
            .query("a", &vec!["x", "y z"])
            .query("b", &Some(vec![Order::Ascending, Order::from("new/one")]))
            .query("c", &Vec::<String>::new())
            .query("d", &NullableVec::<i64>::absent());
    });
    assert_eq!(query, "/plain?a=x&a=y%20z&b=asc&b=new%2Fone");
}

#[test]
fn numbers_that_are_none_are_refused() {
    let message = problem(&PLAIN, |request| {
        request.query("rate", &f64::NAN).query("limit", &f64::INFINITY);
    });
    assert_eq!(message, "`rate` must be a finite number; `limit` must be a finite number");
}

#[test]
fn headers() {
    let mut request = Request::new(&SEARCH);
    request.path("orgId", "1").path("itemId", "2");
    request.header("Accept-Language", "de").header("X-List", &vec![1, 2]).header("X-Absent", &None::<i32>);
    let prepared = request.prepare("").unwrap();
    assert_eq!(sent(&prepared)["accept-language"], "de");
    assert_eq!(sent(&prepared)["x-list"], "1,2");
    assert_eq!(sent(&prepared)["accept"], "application/vnd.example.2023-01-01+json");
    assert!(!sent(&prepared).contains_key("x-absent") && !sent(&prepared).contains_key("content-type"));
}

#[test]
fn a_header_cannot_be_injected() {
    for value in ["de\r\nX-Admin: 1", "de\n", "\0"] {
        let message = problem(&PLAIN, |request| {
            request.header("Accept-Language", value);
        });
        assert_eq!(message, "`Accept-Language` has a character that cannot stand in a header");
    }
    let message = problem(&PLAIN, |request| {
        request.header("not a name", "x");
    });
    assert_eq!(message, "`not a name` is not the name of a header");
}

#[derive(Serialize)]
struct Body {
    id: &'static str,
}

impl Check for Body {
    fn check(&self, checker: &mut Checker) {
        checker.field("id", &self.id, &[Constraint::Length { min: 2, max: 2 }]);
    }
}

#[test]
fn bodies_are_checked_and_typed() {
    let mut request = Request::new(&SEARCH);
    request.path("orgId", "1").path("itemId", "2").json(&Body { id: "ab" });
    let prepared = request.prepare("").unwrap();
    assert_eq!(prepared.body.as_deref(), Some(&br#"{"id":"ab"}"#[..]));
    assert_eq!(sent(&prepared)["content-type"], "application/vnd.example.2023-01-01+json");

    let mut request = Request::new(&PLAIN);
    request.json(&serde_json::json!({}));
    assert_eq!(sent(&request.prepare("").unwrap())["content-type"], "application/json");

    let message = problem(&PLAIN, |request| {
        request.json(&Body { id: "abc" });
    });
    assert_eq!(message, "`id` must have 2 characters, found \"abc\"");
}

#[test]
fn a_body_that_cannot_be_encoded_is_a_problem() {
    let body: std::collections::BTreeMap<(i32, i32), i32> = [((1, 2), 3)].into();
    struct Unencodable(std::collections::BTreeMap<(i32, i32), i32>);
    impl Check for Unencodable {}
    impl Serialize for Unencodable {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            self.0.serialize(serializer)
        }
    }
    let message = problem(&PLAIN, |request| {
        request.json(&Unencodable(body));
    });
    assert_eq!(message, "the body cannot be encoded: key must be a string");
}

#[test]
fn checks_of_parameters() {
    let message = problem(&PLAIN, |request| {
        request
            .check("limit", &Some(0), &[Constraint::Range { min: 1, max: 200 }])
            .check("start", &None::<String>, &[Constraint::Length { min: 1, max: 9 }])
            .check("names", &vec!["ok", ""], &[Constraint::Length { min: 1, max: 9 }]);
    });
    assert_eq!(
        message,
        "`limit` must be between 1 and 200, found 0; `names[1]` must have 1 to 9 characters, found \"\""
    );
}

#[test]
fn the_operation_names_the_parameter_that_asks_for_an_envelope() {
    const WRAPPED: Operation = Operation::new("get", Method::Get, "/thing").envelope("wrapped", "status", "content");
    let enveloped = |operation, name, value: bool| {
        let mut request = Request::new(operation);
        request.query(name, &Some(value));
        request.prepare("").unwrap().enveloped
    };
    assert!(enveloped(&WRAPPED, "wrapped", true) && !enveloped(&WRAPPED, "wrapped", false));
    assert!(!enveloped(&WRAPPED, "pretty", true) && !enveloped(&PLAIN, "wrapped", true));
}

#[test]
fn debug_shows_no_parameter() {
    let mut request = Request::new(&PLAIN);
    request.query("token", "hush");
    assert_eq!(format!("{request:?}"), r#"Request { operation: "plain", .. }"#);
}

#[test]
fn urls_below_a_base_are_those_that_parsing_gives() {
    for base in
        ["https://a.example", "https://a.example:8443/", "http://127.0.0.1:1/prefix", "https://a.example/p%20q/"]
    {
        let base = Url::parse(base).unwrap();
        for (path, query) in [
            ("/", ""),
            ("/v4/a%2Fb/c%20d~", ""),
            ("/v4/x", "a=1&b=%3F%23"),
            ("/v4//x", "q=a?b"),
            ("/%C3%BC/...", "_start="),
        ] {
            let prefix = base.path().trim_end_matches('/');
            let mut text = format!("{}{path}", base.as_str().trim_end_matches('/'));
            if !query.is_empty() {
                text = format!("{text}?{query}");
            }
            let url = at_host(&base, &format!("{prefix}{path}"), query);
            assert_eq!(url, Url::parse(&text).unwrap(), "{base} {path} {query}");
        }
    }
}

#[test]
fn what_stands_in_the_request_line() {
    for (url, uri) in [
        ("https://a.example", "/"),
        ("https://a.example:8443/v4/a?b=c", "/v4/a?b=c"),
        ("https://a.example/v4?", "/v4?"),
        ("https://a.example/v4?b=/#/v4?b", "/v4?b=/"),
        ("https://a.example/#", "/"),
    ] {
        assert_eq!(request_uri(&Url::parse(url).unwrap()), uri);
    }
}
