//! Functions that the engine lacks.

use crate::world::{lines, made_up, refused, session};

#[tokio::test]
async fn functions_with_the_names_of_duckdb() {
    let session = session(&made_up(1).await);
    for (sql, answer) in [
        ("strftime(getvariable('month'), '%Y-%m')", "2026-10"),
        ("getvariable('month') - INTERVAL '1 month'", "2026-09-01T00:00:00Z"),
        ("ratio(2, 3)", "0.666666"),
        ("ratio(-2, 3)", "-0.666666"),
        ("ratio(1.5, 0)", ""),
        ("ratio(NULL, 1)", ""),
        (r#"json_exists('{"env": null}', '$.env')"#, "true"),
        (r#"json_exists('{"env": 1}', '$.team')"#, "false"),
        (r#"json_exists(NULL, '$.team')"#, ""),
        (r#"json_extract_string('{"cost center": "a"}', '$."cost center"')"#, "a"),
        (r#"json_extract_string('{"n": [1, 2]}', '$.n')"#, "[1,2]"),
        (r#"json_extract_string('{"n": null}', '$.n')"#, ""),
    ] {
        assert_eq!(lines(&session, &format!("SELECT {sql}")).await, [answer], "{sql}");
    }
}

#[tokio::test]
async fn what_they_do_not_take() {
    let session = session(&made_up(1).await);
    for (sql, problem) in [
        ("getvariable('year')", "there is one variable: getvariable('month')"),
        ("ratio(1)", "ratio takes 2 arguments, and not 1"),
        ("json_exists('{', '$.a')", "a value is no JSON"),
        ("json_exists('{}', '$.a.b')", "`$.a.b` is no path of one key"),
        ("ratio(10000000000000000000000000, 0.000000000001)", "a ratio has more than 38 digits"),
    ] {
        let error = refused(&session, &format!("SELECT {sql}")).await;
        assert!(error.contains(problem), "{error}");
    }
}
