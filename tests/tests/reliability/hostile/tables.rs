//! Tables that are none, do not end, or hide something.

use std::fmt::Write as _;
use std::time::Duration;

use atlas_billing::csv::{InvoiceCsv as _, Table};
use atlas_billing::types::{InvoiceId, OrganizationId};
use cloud_billing_core::{ByteStream, Error};

use super::bodies::{chunk, gzip};
use super::{HANG, INVOICE, ORG, assert_table, atlas, figures};
use crate::memory::{self, MB};
use test_support::server::{Reply, Server, answer, head};

const CSV: (&str, &str) = ("content-type", "text/csv");

struct Case(&'static str, Reply);

fn table(name: &'static str, text: impl AsRef<[u8]>) -> Case {
    Case(name, Reply::Close(answer(200, &[CSV], text.as_ref())))
}

/// A part of a table that comes again and again.
fn endless(name: &'static str, begin: &[u8], part: &[u8]) -> Case {
    let begin = [head(200, &[CSV], None), chunk(begin)].concat();
    Case(name, Reply::Endless(begin, chunk(&part.repeat(64 * 1024 / part.len() + 1)), Duration::ZERO))
}

/// The rows of a table up to its end, or as many as are enough. A bad row is passed over, unless there is no end to it.
async fn read(body: ByteStream, ends: bool) -> String {
    const ENOUGH: usize = 200_000;
    let mut rows = Table::new(body.gzip_csv_records());
    let (mut good, mut bad, mut first) = (0, 0, None);
    while good + bad < ENOUGH {
        match rows.try_next().await {
            Ok(Some(_)) => good += 1,
            Ok(None) => break,
            Err(error) => {
                bad += 1;
                first.get_or_insert(error);
                if !ends {
                    break;
                }
            }
        }
    }
    let first: Option<Error> = first;
    let first = first.map(|error| {
        let text = format!(", the first {:?}: {error}", error.kind());
        assert!(text.len() < 2000, "{} characters", text.len());
        text
    });
    let how = if ends && good + bad < ENOUGH { "and the end" } else { "and on" };
    format!("{good} rows, {bad} errors, {how}{}", first.unwrap_or_default())
}

async fn rows(reply: Reply) -> String {
    let ends = !matches!(reply, Reply::Endless(..));
    let server = Server::start(move |_| reply.clone()).await;
    let client = atlas(&server);
    let reading = async {
        read(
            client
                .get_invoice_csv(OrganizationId::new(ORG), InvoiceId::new(INVOICE))
                .send()
                .await
                .unwrap()
                .into_inner(),
            ends,
        )
        .await
    };
    tokio::time::timeout(HANG, reading).await.expect("it hangs")
}

fn cases() -> Vec<Case> {
    let quoted = "a,b\n\"1\"\"2\",3\n";
    vec![
        table("a sound table", "a,b\n1,2\n"),
        table("nothing", ""),
        table("a header alone", "a,b"),
        table("line breaks alone", "\r\n\n\r\r\n"),
        table("line ends of all kinds", "a,b\r1,2\n3,4\r\n5,6"),
        table("a million blank lines", format!("a,b\n{}1,2\n", "\n".repeat(1_000_000))),
        table("commas alone", ",".repeat(100_000)),
        table("quotes alone", "\"".repeat(100_001)),
        table("a quote that is never closed", "a,b\n\"1,2\n3,4\n"),
        table("a quote in the middle of a field", "a,b\n1\"2,3\n"),
        table("text after a quote", "a,b\n\"1\"2,3\n"),
        table("a header of 100,000 columns", format!("{}\n1,2\n", vec!["a"; 100_000].join(","))),
        table("rows that are too short and too long", "a,b\n1\n1,2,3\n"),
        table("two columns of one name", "a,a\n1,2\n"),
        table("NUL in a field", "a,b\n1\0,2\n"),
        table("three byte order marks", "\u{feff}\u{feff}\u{feff}a,b\n1,2\n"),
        table("UTF-16", b"\xff\xfea\0,\0b\0\n\0"),
        table("bytes that are not UTF-8", b"a,b\n\xff\xfe,2\n3,4\n"),
        table("a row of a megabyte", format!("a,b\n{},2\n3,4\n", "x".repeat(2_000_000))),
        table("100,000 bad rows", [b"a,b\n", &b"\xff,1\n".repeat(100_000)[..]].concat()),
        table("gzip", gzip(quoted.as_bytes())),
        table("gzip that is cut", &gzip(quoted.as_bytes())[..20]),
        table("gzip of gzip", gzip(&gzip(quoted.as_bytes()))),
        table("the beginning of gzip", b"\x1f"),
        table("formulas", "a,b\n=HYPERLINK(\"x\"),@SUM(1)\n"),
        Case("a body that is cut", Reply::Close([head(200, &[CSV], Some(100)), b"a,b\n1,2\n3,".to_vec()].concat())),
        endless("a quote without end", b"a,b\n\"", b"x"),
        endless("a row without end", b"a,b\n", b"x,"),
        endless("a header without end", b"a,", b"a,"),
        endless("rows without end", b"a,b\n", b"1,2\n"),
        endless("bytes without end that are not UTF-8", b"a,b\n", b"\xff,\xff\n"),
    ]
}

#[tokio::test]
pub(crate) async fn tables() {
    if !memory::alone("hostile::tables::tables") {
        return;
    }
    let mut text = String::new();
    let cases = cases();
    figures(cases.len());
    // What a client takes that has nothing to do with the answers: its trust store above all.
    rows(table("", "").1).await;
    let mut most = 0;
    for Case(name, reply) in cases {
        let before = memory::resident();
        memory::reset_peak();
        writeln!(text, "{name}\n    {}", rows(reply).await).unwrap();
        let taken = memory::peak().saturating_sub(before);
        most = most.max(taken);
        assert!(taken < 30 * MB, "{name} took {taken} kB");
    }
    figures::say(format!("tables without end: at most {} MB taken", most / MB));
    assert_table!("tables", text);
}

/// An invoice in such a table is an error, whatever the table makes of it.
#[tokio::test]
async fn what_is_no_invoice() {
    for text in ["", "\n\n", ",,,\n,,,\n", "\"", "a,b\n1,2\n", "Date\n\0\n", "\u{1b}[31m,b\nc"] {
        let reply = answer(200, &[CSV], text.as_bytes());
        let server = Server::start(move |_| Reply::Close(reply.clone())).await;
        let mut rows = atlas(&server)
            .get_invoice_csv(OrganizationId::new(ORG), InvoiceId::new(INVOICE))
            .send()
            .await
            .unwrap()
            .rows();
        let error = tokio::time::timeout(HANG, rows.try_next()).await.expect("it hangs").unwrap_err();
        assert!(!error.to_string().contains(char::is_control), "{error:?}");
    }
}
