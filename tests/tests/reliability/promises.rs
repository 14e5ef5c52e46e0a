//! The table of promises in `SECURITY.md`: each has tests, and they exist.

use workspace_tests::{read, root};

/// The rows of the table: a promise, and the code in its second cell.
fn rows(text: &str) -> Vec<(&str, Vec<&str>)> {
    let table = text.split_once("|---|---|\n").expect("a table").1.split_once("\n\n").expect("its end").0;
    table
        .lines()
        .map(|line| {
            let [promise, tests] = line.trim_matches('|').split(" | ").collect::<Vec<_>>()[..] else {
                panic!("{line}");
            };
            (promise.trim(), tests.split('`').skip(1).step_by(2).collect())
        })
        .collect()
}

/// Whether a file has a test of this name.
fn has_test(text: &str, name: &str) -> bool {
    ["fn ", "async fn "].into_iter().any(|kind| {
        text.split_once(&format!("\n{kind}{name}() {{")).is_some_and(|(before, _)| {
            let attributes = before.lines().rev().take_while(|line| line.starts_with("#["));
            attributes.into_iter().any(|line| line == "#[test]" || line.starts_with("#[tokio::test"))
        })
    })
}

#[test]
fn each_promise_has_a_test() {
    let security = read("SECURITY.md");
    let rows = rows(&security);
    assert!(rows.len() > 15, "{rows:?}");
    for (promise, tests) in rows {
        let (mut file, mut named) = (String::new(), 0);
        for code in tests {
            if code.contains('.') {
                let beside = format!("tests/tests/reliability/{code}");
                let path = if root().join(&beside).is_file() { beside } else { code.to_owned() };
                file = read(&path);
            } else {
                assert!(has_test(&file, code), "{promise}: there is no test `{code}` in the file before it");
                named += 1;
            }
        }
        assert!(named > 0, "{promise} has no test");
    }
}
