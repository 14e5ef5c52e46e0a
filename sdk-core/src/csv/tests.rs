use std::collections::VecDeque;
use std::io::{self, Read};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use proptest::prelude::*;

use super::*;
use crate::file::Chunks;
use crate::value::Decimal;
use crate::{Error, ErrorKind};

/// A source with prepared chunks.
struct Cut(VecDeque<Bytes>);

impl Stream for Cut {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.pop_front().map(Ok))
    }
}

/// The outcome of every record: its line and fields, or the error message.
fn outcomes<S>(mut records: Records<S>) -> Vec<String>
where
    S: Stream<Item = Result<Bytes, Error>> + Unpin,
{
    let mut all = Vec::new();
    while let Some(Some(outcome)) = crate::file::block(|cx| Pin::new(&mut records).poll_next(cx)) {
        all.push(match outcome {
            Ok(record) => format!("{record:?}"),
            Err(error) => error.to_string(),
        });
    }
    all
}

fn read(text: impl AsRef<[u8]>) -> Vec<String> {
    outcomes(Records::from_reader(text.as_ref()))
}

#[test]
fn line_ends_quotes_and_marks() {
    let records = [r#"1: ["a", "b"]"#, r#"2: ["c", "d"]"#];
    for text in ["a,b\nc,d\n", "a,b\r\nc,d\r\n", "a,b\rc,d\r", "a,b\nc,d", "\u{feff}a,b\nc,d", "\"a\",b\r\n\"c\",d"] {
        assert_eq!(read(text), records, "{text:?}");
    }
    assert_eq!(read("\"x, \"\"y\"\"\",\"l1\r\nl2\"\nz"), [r#"1: ["x, \"y\"", "l1\r\nl2"]"#, r#"3: ["z"]"#]);
    assert_eq!(read("a\"b,c \"d\"\n"), [r#"1: ["a\"b", "c \"d\""]"#]);
    assert_eq!(read("\"\""), [r#"1: [""]"#]);
    assert_eq!(read(","), [r#"1: ["", ""]"#]);
    assert_eq!(read("a,"), [r#"1: ["a", ""]"#]);
    for nothing in ["", "\n", "\r\n\r\n", "\u{feff}", "\u{feff}\n"] {
        assert!(read(nothing).is_empty(), "{nothing:?}");
    }
}

#[test]
fn lines_of_all_ends_in_chunks_of_all_sizes() {
    // More line feeds in one record than a byte can count, and every pair of line ends.
    let quoted = format!("\"{}\r\r\n\n\r\n\n\r{}\"", "\n".repeat(300), "x\r\n".repeat(300));
    let text = format!("a\n{quoted}\r\nb\r{quoted}\n\n\r\n\rc\n");
    let ends = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n").matches('\n').count() as u64;
    let expected: Vec<u64> = ["a\n", &format!("{quoted}\r\n"), "b\r", &format!("{quoted}\n\n\r\n\r"), "c\n"]
        .iter()
        .scan(1, |line, record| {
            let start = *line;
            *line += ends(record);
            Some(start)
        })
        .collect();
    for size in [1, 2, 3, 7, 64, 255, 256, 1000, text.len()] {
        let mut parser = super::parser::Parser::new(1 << 20);
        let mut lines = Vec::new();
        for chunk in text.as_bytes().chunks(size) {
            let mut chunk = Bytes::copy_from_slice(chunk);
            while let Some(record) = parser.next(&mut chunk) {
                lines.push(record.unwrap().line());
            }
        }
        assert_eq!(lines, expected, "{size}");
    }
}

#[test]
fn lines_are_those_of_an_editor() {
    for end in ["\n", "\r\n", "\r"] {
        let text = "a\n\n\n\"b\n\nb\",c\nd\n".replace('\n', end);
        let records = Records::from_reader(text.as_bytes());
        let lines: Vec<u64> = records.map(|record| record.unwrap().line()).collect();
        assert_eq!(lines, [1, 4, 7], "{end:?}");
    }
}

#[test]
fn bad_records_are_passed_over() {
    let mut text = b"Name,Amount\nok,1\nok,\xff\n\xc3,\xa9\n".to_vec();
    text.extend_from_slice(format!("{},1\nok,2\n\"open,3\n", "x".repeat(60)).as_bytes());
    let mut lines: Vec<String> = Vec::new();
    let records = Records::from_reader(&text[..]).record_limit(60);
    for row in Table::new(records) {
        lines.push(match row {
            Ok(row) => format!("{row:?}"),
            Err(error) => error.to_string(),
        });
    }
    insta::assert_snapshot!(lines.join("\n"), @r#"
    2: {"Name": "ok", "Amount": "1"}
    unexpected response at line 3, column `Amount`: the text is not UTF-8 at byte 0
    unexpected response at line 4, column `Name`: the text is not UTF-8 at byte 0
    response too large at line 5: the record has more than 60 bytes; if it spans many lines, a closing quote is missing
    6: {"Name": "ok", "Amount": "2"}
    unexpected response at line 7: the input ends in a quoted field
    "#);
    // Without column names.
    assert_eq!(read(b"a,b\xff"), ["unexpected response at line 1, field 2: the text is not UTF-8 at byte 1"]);
    let lossy = outcomes(Records::from_reader(&b"a\xff,\xc3,\xa9b\n"[..]).lossy_utf8());
    assert_eq!(lossy, ["1: [\"a\u{fffd}\", \"\u{fffd}\", \"\u{fffd}b\"]"]);
}

#[test]
fn the_limit_counts_the_bytes_of_the_record() {
    for (text, fits) in
        [("abc,de\nx", true), ("abc,def\nx", false), ("\"a\"\"b\"\nx", true), ("abc,de", true), ("abc,def", false)]
    {
        let first = Records::from_reader(text.as_bytes()).record_limit(6).next().unwrap();
        assert_eq!(first.is_ok(), fits, "{text}");
        if let Err(error) = first {
            assert_eq!(error.kind(), ErrorKind::BodyTooLarge);
        }
    }
    // Fields without text count too.
    let commas = ",".repeat(5000);
    assert_eq!(Records::from_reader(commas.as_bytes()).next().unwrap().unwrap().len(), 5001);
    assert!(Records::from_reader(commas.as_bytes()).record_limit(4999).next().unwrap().is_err());
}

#[test]
fn a_source_that_fails_ends_the_records() {
    struct Failing(&'static [u8]);

    impl Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(io::Error::other("disk on fire")),
                length => Ok(length),
            }
        }
    }

    let mut records = Records::from_reader(Failing(b"a,b\nc,"));
    assert!(records.next().unwrap().is_ok());
    let error = records.next().unwrap().unwrap_err();
    assert_eq!((error.kind(), error.to_string()), (ErrorKind::Io, "file error: cannot read".to_owned()));
    assert!(records.next().is_none(), "the half record is not one");
    assert_eq!(Records::open("/nowhere/x.csv").unwrap_err().to_string(), "file error: cannot open /nowhere/x.csv");
}

#[test]
fn rows_have_names() {
    let text = "\u{feff} Name ,Amount,Name\nledger, 0.06 ,second,extra\nshort\n,,\nodd,twelve\n";
    let rows: Vec<Row> = Table::new(Records::from_reader(text.as_bytes())).map(Result::unwrap).collect();
    assert_eq!(rows.len(), 3, "a line of empty fields is blank");
    assert_eq!(rows[0].get("Name"), Some("ledger"));
    assert_eq!((rows[0].get("Amount"), rows[0].text("Amount")), (Some(" 0.06 "), Some("0.06")));
    assert_eq!(rows[0].parse::<Decimal>("Amount").unwrap(), Some(Decimal::from_cents(6)));
    assert_eq!(rows[0].extra().collect::<Vec<_>>(), ["extra"]);
    assert_eq!(rows[0].iter().last(), Some(("Name", "second")));
    assert_eq!((rows[1].get("Amount"), rows[1].parse::<Decimal>("Amount").unwrap()), (None, None));
    assert_eq!(rows[1].get("name"), None);
    assert_eq!(rows[2].header().names().collect::<Vec<_>>(), ["Name", "Amount", "Name"]);
    insta::assert_snapshot!(
        rows[2].parse::<Decimal>("Amount").unwrap_err(),
        @r#"unexpected response at line 5, column `Amount`: the value cannot be read: "twelve""#
    );
}

#[test]
fn a_header_is_found_after_a_preamble() {
    let is_header = |record: &Record| record.get(0) == Some("Date");
    let table = |text: &'static str| Table::with_header(Records::from_reader(text.as_bytes()), is_header);
    let mut invoice = table("Number,7,\n\nDate,Amount\n1,2\n");
    assert_eq!(invoice.read_header_blocking().unwrap().unwrap().line(), 3);
    assert_eq!(invoice.preamble().len(), 1);
    assert_eq!(invoice.next().unwrap().unwrap().get("Amount"), Some("2"));
    assert!(invoice.next().is_none());

    let mut headless = table("Number,7\n<html>\n");
    insta::assert_snapshot!(
        headless.next().unwrap().unwrap_err(),
        @"unexpected response at line 2: the input ends before the header of the table"
    );
    assert!(headless.next().is_none());
    assert!(table("").read_header_blocking().is_err());
    assert!(Table::new(Records::from_reader(&b""[..])).read_header_blocking().unwrap().is_none());

    let endless = Chunks::new(Repeat(b"x\n"));
    let mut endless = Table::with_header(Records::new(endless), is_header);
    assert_eq!(endless.next().unwrap().unwrap_err().kind(), ErrorKind::BodyTooLarge);
    assert!(endless.next().is_none());
}

/// A reader that repeats the same bytes forever.
struct Repeat(&'static [u8]);

impl Read for Repeat {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut written = 0;
        while written + self.0.len() <= buffer.len() {
            buffer[written..written + self.0.len()].copy_from_slice(self.0);
            written += self.0.len();
        }
        Ok(written)
    }
}

/// A source that counts how many bytes of its chunks are still held.
struct Counted {
    left: usize,
    held: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

struct CountedChunk(Vec<u8>, Arc<AtomicUsize>);

impl AsRef<[u8]> for CountedChunk {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for CountedChunk {
    fn drop(&mut self) {
        self.1.fetch_sub(self.0.len(), Ordering::Relaxed);
    }
}

impl Stream for Counted {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left -= 1;
        let chunk = b"10/31/2026,\"M30, 3 servers\",12.96\n".repeat(500);
        let held = self.held.fetch_add(chunk.len(), Ordering::Relaxed) + chunk.len();
        self.most.fetch_max(held, Ordering::Relaxed);
        Poll::Ready(Some(Ok(Bytes::from_owner(CountedChunk(chunk, Arc::clone(&self.held))))))
    }
}

#[test]
fn memory_is_constant() {
    let (held, most) = (Arc::default(), Arc::default());
    let chunks = 300;
    let mut records = Records::new(Counted { left: chunks, held, most: Arc::clone(&most) });
    let before = records.memory();
    let mut count = 0;
    while let Some(Some(record)) = crate::file::block(|cx| Pin::new(&mut records).poll_next(cx)) {
        assert_eq!(record.unwrap().len(), 3);
        count += 1;
    }
    assert_eq!(count, chunks * 500);
    assert_eq!(records.memory(), before, "the buffers of the parser do not grow");
    // The current chunk and the next one.
    assert!(most.load(Ordering::Relaxed) <= 2 * 500 * 40);
}

#[test]
fn a_record_without_end_takes_no_memory() {
    let limit = 16 * 1024;
    for bytes in [&b"x"[..], b"\"\"", b"\"\n\n", b","] {
        let mut records = Records::new(Chunks::new(Repeat(bytes).take(4 * 1024 * 1024))).record_limit(limit);
        // The records themselves do not matter: they are too long or empty.
        for outcome in records.by_ref() {
            drop(outcome);
        }
        assert!(records.memory() <= 20 * limit, "{}", records.memory());
    }
}

/// Text that is hard to parse: quotes, line ends, byte order marks, invalid UTF-8.
fn hard() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        &b"a"[..],
        b"bc",
        b",",
        b"\"",
        b"\"\"",
        b"\n",
        b"\r",
        b"\r\n",
        b"\xef\xbb\xbf",
        b"\xef\xbb",
        "ä".as_bytes(),
        b"\xff",
        b"0123456789",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn chunks_do_not_matter(text in hard(), cuts in prop::collection::vec(0_usize..80, 0..12), limit in 4_usize..40) {
        let whole = outcomes(Records::new(Cut([Bytes::from(text.clone())].into())).record_limit(limit));
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
        cuts.extend([0, text.len()]);
        cuts.sort_unstable();
        let chunks = cuts.windows(2).map(|pair| Bytes::copy_from_slice(&text[pair[0]..pair[1]])).collect();
        prop_assert_eq!(&outcomes(Records::new(Cut(chunks)).record_limit(limit)), &whole);
        let bytes = text.iter().map(|byte| Bytes::copy_from_slice(&[*byte])).collect();
        prop_assert_eq!(&outcomes(Records::new(Cut(bytes)).record_limit(limit)), &whole);
    }

    #[test]
    fn what_is_written_is_read(fields in prop::collection::vec(prop::collection::vec("[a-c \",\r\nä]{0,6}", 1..5), 0..8)) {
        let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
        let lines: Vec<String> = fields.iter().map(|record| record.iter().map(quoted).collect::<Vec<_>>().join(",")).collect();
        let records: Vec<Vec<String>> = Records::from_reader(lines.join("\r\n").as_bytes())
            .map(|record| record.unwrap().iter().map(str::to_owned).collect())
            .collect();
        prop_assert_eq!(records, fields);
    }
}
