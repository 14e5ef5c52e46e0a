//! Saving bodies to files, CSV from bodies, gzip.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::io::{Read, Write};
use std::time::Duration;

use cloud_billing_core::csv::{Records, Table};
use cloud_billing_core::file::{Chunks, Progress};
use cloud_billing_core::gzip::Gunzip;
use cloud_billing_core::{ByteStream, Error, ErrorKind, Method, Operation, Request, Stream};
use flate2::Compression;
use flate2::write::GzEncoder;
use support::{Reply, Server, answer, head};
use tempfile::TempDir;

const CSV: Operation = Operation::new("getCsv", Method::Get, "/csv").accept("text/csv").success(&[200]);

async fn open(reply: Reply) -> ByteStream {
    let server = Server::start([reply]).await;
    server.core().bytes(Request::new(&CSV)).await.unwrap().into_inner()
}

/// A response that announces more bytes than it has.
fn cut(body: &str, announced: usize) -> Reply {
    let mut bytes = head(200, &[("content-type", "text/csv"), ("x-request-id", "req-1")], Some(announced));
    bytes.extend_from_slice(body.as_bytes());
    Reply::Close(bytes)
}

fn names(directory: &TempDir) -> Vec<String> {
    let entries = directory.path().read_dir().unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_body_is_saved_whole() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("invoice.csv");
    std::fs::write(&path, "before").unwrap();
    let mut seen: Vec<Progress> = Vec::new();
    let stream = open(answer(200, &[], b"a,b\n1,2\n")).await;
    assert_eq!(stream.save_to(&path, |progress| seen.push(progress)).await.unwrap(), 8);
    assert_eq!(std::fs::read(&path).unwrap(), b"a,b\n1,2\n");
    let last = seen.last().unwrap();
    assert_eq!((last.received, last.announced), (8, Some(8)));
    assert_eq!(names(&directory), ["invoice.csv"]);
    // An empty body makes an empty file.
    assert_eq!(open(answer(200, &[], b"")).await.save_to(&path, |_| {}).await.unwrap(), 0);
    assert_eq!(std::fs::read(&path).unwrap(), b"");
}

/// A private bill must not become readable for others when it is downloaded again.
#[cfg(unix)]
#[tokio::test]
async fn a_file_that_is_replaced_keeps_its_permissions() {
    use std::os::unix::fs::PermissionsExt;

    let directory = TempDir::new().unwrap();
    let path = directory.path().join("invoice.csv");
    let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    let save = async || open(answer(200, &[], b"a,b\n")).await.save_to(&path, |_| ()).await.unwrap();
    save().await;
    // As any program would create it.
    std::fs::write(directory.path().join("other"), "").unwrap();
    assert_eq!(mode(), std::fs::metadata(directory.path().join("other")).unwrap().permissions().mode() & 0o777);
    for private in [0o600, 0o640, 0o400] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(private)).unwrap();
        save().await;
        assert_eq!(mode(), private);
    }
}

/// Bytes from a service never run as the owner of a file, and a file of a group stays with that group.
#[cfg(unix)]
#[tokio::test]
async fn a_file_that_is_replaced_keeps_its_owner_and_group_and_runs_as_nobody() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    let directory = TempDir::new().unwrap();
    let path = directory.path().join("invoice.csv");
    std::fs::write(&path, "").unwrap();
    // Only root may give files away; others keep what they have.
    let _ = std::os::unix::fs::chown(&path, Some(65_534), Some(1_234));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o6750)).unwrap();
    let before = std::fs::metadata(&path).unwrap();
    open(answer(200, &[], b"a,b\n")).await.save_to(&path, |_| ()).await.unwrap();
    let after = std::fs::metadata(&path).unwrap();
    assert_eq!((after.uid(), after.gid()), (before.uid(), before.gid()));
    assert_eq!(after.permissions().mode() & 0o7777, 0o750);
}

/// Not even for a moment: a process that opens the file early could read what is written later.
#[cfg(unix)]
#[tokio::test]
async fn a_private_file_is_private_while_it_is_downloaded() {
    use std::os::unix::fs::PermissionsExt;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    let directory = TempDir::new().unwrap();
    let path = directory.path().join("invoice.csv");
    std::fs::write(&path, "").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let (watched, end) = (directory.path().to_owned(), Arc::clone(&done));
    let watcher = std::thread::spawn(move || {
        let mut modes = std::collections::BTreeSet::new();
        while !end.load(Ordering::Relaxed) {
            let entries = std::fs::read_dir(&watched).unwrap().flatten();
            modes.extend(entries.filter_map(|entry| Some(entry.metadata().ok()?.permissions().mode() & 0o777)));
        }
        modes
    });
    for _ in 0..40 {
        open(answer(200, &[], b"a,b\n")).await.save_to(&path, |_| ()).await.unwrap();
    }
    done.store(true, Ordering::Relaxed);
    assert_eq!(watcher.join().unwrap().into_iter().collect::<Vec<_>>(), [0o600]);
}

#[tokio::test]
async fn a_body_cut_short_is_not_saved() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("invoice.csv");
    let error = open(cut("a,b\n1,", 100)).await.save_to(&path, |_| {}).await.unwrap_err();
    insta::assert_snapshot!(
        error,
        @"getCsv: connection failed: the body ended after 6 of 100 bytes (status 200, request id req-1)"
    );
    assert!(names(&directory).is_empty(), "{:?}", names(&directory));
    // The old file stays.
    std::fs::write(&path, "before").unwrap();
    open(cut("a", 100)).await.save_to(&path, |_| {}).await.unwrap_err();
    assert_eq!(std::fs::read(&path).unwrap(), b"before");
}

#[tokio::test]
async fn a_download_that_is_given_up_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("invoice.csv");
    let mut bytes = head(200, &[], Some(100));
    bytes.extend_from_slice(b"a,b\n");
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let mut sender = Some(sender);
    let save = open(Reply::Hang(bytes)).await.save_to(&path, |_| {
        if let Some(sender) = sender.take() {
            sender.send(()).unwrap();
        }
    });
    tokio::select! {
        _ = save => panic!("the body has no end"),
        _ = receiver => {}
    }
    assert!(names(&directory).is_empty(), "{:?}", names(&directory));
}

/// Wherever it is given up: while the file is created, written or renamed.
#[test]
fn a_download_that_is_given_up_at_any_time_leaves_nothing() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("invoice.csv");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let begun = [head(200, &[], Some(100)), b"a,b\n".to_vec()].concat();
        let server = Server::answering(move |request| {
            Some(if request.line.contains("whole") { answer(200, &[], b"a,b\n") } else { Reply::Hang(begun.clone()) })
        })
        .await;
        for round in 0..240 {
            let mut request = Request::new(&CSV);
            request.query("body", if round % 2 == 0 { "whole" } else { "begun" });
            let body = server.core().bytes(request).await.unwrap().into_inner();
            let wait = async {
                for _ in 0..round % 60 {
                    tokio::task::yield_now().await;
                }
            };
            tokio::select! {
                biased;
                saved = body.save_to(&path, |_| ()) => drop(saved.unwrap()),
                () = wait => {}
            }
        }
    });
    // This waits for the threads that were about to create a file.
    drop(runtime);
    let left = names(&directory).into_iter().filter(|name| name != "invoice.csv").count();
    assert_eq!(left, 0);
    assert!(std::fs::read(&path).is_ok_and(|saved| saved == b"a,b\n") || !path.exists());
}

#[tokio::test]
async fn a_place_that_cannot_be_written() {
    let save = async |path: &str| open(answer(200, &[], b"a")).await.save_to(path, |_| {}).await.unwrap_err();
    let directory = TempDir::new().unwrap();
    for (path, problem) in [
        ("/nowhere/invoice.csv", "cannot create a file beside /nowhere/invoice.csv"),
        ("..", ".. does not name a file"),
        ("", " does not name a file"),
        (directory.path().to_str().unwrap(), "is not a regular file"),
    ] {
        let error = save(path).await;
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.to_string().contains(problem), "{error}");
    }
    assert!(names(&directory).is_empty());
}

/// What file systems allow.
#[tokio::test]
async fn a_name_can_have_255_bytes() {
    let directory = TempDir::new().unwrap();
    let name = "ä".repeat(127) + "x";
    open(answer(200, &[], b"a")).await.save_to(directory.path().join(&name), |_| {}).await.unwrap();
    assert_eq!(names(&directory), [name]);
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_is_replaced_and_not_followed() {
    let directory = TempDir::new().unwrap();
    let (file, link) = (directory.path().join("file"), directory.path().join("link"));
    std::fs::write(&file, "before").unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    open(answer(200, &[], b"a")).await.save_to(&link, |_| {}).await.unwrap();
    assert!(link.symlink_metadata().unwrap().is_file());
    assert_eq!((std::fs::read(&file).unwrap(), std::fs::read(&link).unwrap()), (b"before".to_vec(), b"a".to_vec()));
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_is_not_regular_is_not_replaced() {
    let directory = TempDir::new().unwrap();
    let socket = directory.path().join("socket");
    let _listening = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let error = open(answer(200, &[], b"a")).await.save_to(&socket, |_| {}).await.unwrap_err();
    assert!(error.to_string().ends_with("socket is not a regular file"), "{error}");
    assert_eq!(names(&directory), ["socket"]);
}

#[tokio::test]
async fn rows_of_a_body_cut_short_end_in_an_error() {
    let mut table = Table::new(open(cut("a,b\n1,2\n3,", 100)).await.csv_records());
    assert_eq!(table.try_next().await.unwrap().unwrap().get("b"), Some("2"));
    let error = table.try_next().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(error.to_string().contains("10 of 100 bytes"), "{error}");
    assert!(table.try_next().await.unwrap().is_none());
}

#[tokio::test]
async fn errors_in_rows_name_the_operation() {
    let headers = [("x-request-id", "req-1")];
    let mut table = Table::new(open(answer(200, &headers, b"a,b\n1,\xff\n3,4\n")).await.csv_records());
    assert_eq!(table.read_header().await.unwrap().unwrap().len(), 2);
    insta::assert_snapshot!(
        table.try_next().await.unwrap_err(),
        @"getCsv: unexpected response at line 2, column `b`: the text is not UTF-8 at byte 0 (status 200, request id req-1)"
    );
    insta::assert_snapshot!(
        table.try_next().await.unwrap().unwrap().error("b", "not a name"),
        @r#"getCsv: unexpected response at line 3, column `b`: not a name: "4" (status 200, request id req-1)"#
    );
}

#[tokio::test]
async fn a_compressed_body_is_a_table_too() {
    let data = gzip(b"a,b\n1,2\n");
    let mut table = Table::new(open(answer(200, &[], &data)).await.gzip_csv_records());
    assert_eq!(table.try_next().await.unwrap().unwrap().get("b"), Some("2"));
    assert!(table.try_next().await.unwrap().is_none());
    let mut table = Table::new(open(answer(200, &[], &data[..data.len() - 5])).await.gzip_csv_records());
    while let Ok(row) = table.try_next().await {
        assert!(row.is_some(), "data that ends early is no success");
    }
    let mut table = Table::new(open(answer(200, &[], &data[..12])).await.gzip_csv_records());
    insta::assert_snapshot!(
        table.try_next().await.unwrap_err(),
        @"getCsv: unexpected response: the gzip data ends early or is damaged after 12 bytes (status 200)"
    );
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// Whether a future that always has data at hand lets a timeout of the same task pass before its end.
async fn yields(future: impl Future) -> bool {
    tokio::time::timeout(Duration::ZERO, future).await.is_err()
}

/// A small body that unpacks to a large one is all at hand as soon as it has arrived.
#[tokio::test]
async fn reading_lets_other_tasks_run() {
    let get = async |headers: &[(&str, &str)], body: &[u8]| open(answer(200, headers, &gzip(body))).await;
    let encoded = &[("content-encoding", "gzip")];

    let blank = format!("a,b\n{}", ",\n".repeat(10_000)).into_bytes();
    let mut table = Table::new(get(&[], &blank).await.gzip_csv_records());
    table.read_header().await.unwrap();
    assert!(yields(table.try_next()).await, "blank rows");
    assert!(table.try_next().await.unwrap().is_none());

    let mut records = get(encoded, &blank).await.csv_records();
    records.try_next().await.unwrap();
    assert!(yields(async { while records.try_next().await.unwrap().is_some() {} }).await, "records");

    // 64 KiB at a time are at hand.
    let large = vec![b'x'; 16 * 1024 * 1024];
    let mut records = get(&[], &large).await.gzip_csv_records();
    assert_eq!(records.try_next().await.unwrap_err().kind(), ErrorKind::BodyTooLarge);
    assert!(yields(records.try_next()).await, "the rest of a record that is too long");

    let mut chunks = Gunzip::new(get(&[], &large).await);
    chunk(&mut chunks).await.unwrap().unwrap();
    assert!(yields(async { while chunk(&mut chunks).await.is_some() {} }).await, "chunks of a gzip file");
    let mut chunks = get(encoded, &large).await;
    chunks.next().await.unwrap().unwrap();
    assert!(yields(chunks.bytes(usize::MAX)).await, "chunks of a body");
}

async fn chunk<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    std::future::poll_fn(|cx| std::pin::Pin::new(&mut *stream).poll_next(cx)).await
}

/// An iterator has nobody to hand over to, within a task of tokio neither.
#[tokio::test]
async fn iterators_do_not_end_early_within_a_task() {
    let text = format!("a\n{}", "1\n".repeat(10_000));
    let table = Table::new(Records::new(Gunzip::new(Chunks::new(text.as_bytes()))));
    assert_eq!(table.map(Result::unwrap).count(), 10_000);
}

/// A reader that returns one byte at a time.
struct Slow<'a>(&'a [u8]);

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = buffer.len().min(1);
        self.0.read(&mut buffer[..length])
    }
}

/// The rows of data that may be gzip, read as a whole and byte by byte.
fn rows(data: &[u8]) -> Result<Vec<String>, Error> {
    let read = |records: &mut dyn Iterator<Item = Result<cloud_billing_core::csv::Record, Error>>| {
        records.map(|record| Ok(format!("{:?}", record?))).collect::<Result<Vec<_>, Error>>()
    };
    let whole = read(&mut Records::new(Gunzip::new(Chunks::new(data))));
    let slow = read(&mut Records::new(Gunzip::new(Chunks::new(Slow(data)))));
    match (&whole, &slow) {
        (Ok(whole), Ok(slow)) => assert_eq!(whole, slow),
        (Err(whole), Err(slow)) => assert_eq!(whole.kind(), slow.kind()),
        _ => panic!("{whole:?} and {slow:?}"),
    }
    whole
}

#[test]
fn gzip_is_read_like_text() {
    let text = b"a,b\n1,2\n";
    let expected = ["1: [\"a\", \"b\"]", "2: [\"1\", \"2\"]"];
    assert_eq!(rows(text).unwrap(), expected);
    assert_eq!(rows(&gzip(text)).unwrap(), expected);
    assert_eq!(rows(&[gzip(b"a,b\n1"), gzip(b""), gzip(b",2\n")].concat()).unwrap(), expected);
    assert!(rows(b"").unwrap().is_empty());
    assert!(rows(&gzip(b"")).unwrap().is_empty());
    assert_eq!(rows(b"\x1f").unwrap(), ["1: [\"\\u{1f}\"]"]);
    assert_eq!(rows(b"\x1fa").unwrap(), ["1: [\"\\u{1f}a\"]"]);
}

#[test]
fn gzip_that_ends_early_or_is_damaged_is_an_error() {
    let text: Vec<u8> =
        (0..1000).flat_map(|n: u32| format!("{n},{}\n", n.wrapping_mul(2_654_435_761)).into_bytes()).collect();
    let data = gzip(&text);
    for length in (2..data.len()).step_by(997).chain(data.len() - 9..data.len()) {
        assert_eq!(rows(&data[..length]).unwrap_err().kind(), ErrorKind::Decode, "{length}");
    }
    let mut damaged = data.clone();
    damaged[100] ^= 0x55;
    assert!(rows(&damaged).is_err());
    assert!(rows(&[&data[..], b"garbage"].concat()).is_err());
    insta::assert_snapshot!(
        rows(&data[..20]).unwrap_err(),
        @"unexpected response: the gzip data ends early or is damaged after 20 bytes"
    );
}

#[test]
fn a_bomb_stays_small() {
    // 16 MiB of one letter in about 16 KiB, as one record.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..16 {
        encoder.write_all(&[b'x'; 1024 * 1024]).unwrap();
    }
    let data = encoder.finish().unwrap();
    let mut source = Gunzip::new(Chunks::new(&data[..]));
    let mut largest = 0;
    while let Some(Some(chunk)) =
        cloud_billing_core::file::block(|cx| cloud_billing_core::Stream::poll_next(std::pin::Pin::new(&mut source), cx))
    {
        largest = largest.max(chunk.unwrap().len());
    }
    assert!(largest <= 128 * 1024, "{largest}");
    let mut records = Records::new(Gunzip::new(Chunks::new(&data[..])));
    assert_eq!(records.next().unwrap().unwrap_err().kind(), ErrorKind::BodyTooLarge);
    assert!(records.next().is_none());
}
