//! Files and variables that a program reads its credentials from, and places where it saves a download.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::channel;

use atlas_billing::config::Environment;
use atlas_billing::types::{InvoiceId, OrganizationId};

use super::{HANG, INVOICE, ORG, assert_table, atlas, figures};
use crate::figures::Figure;
use crate::outcome;
use test_support::server::{Reply, Server, answer};

/// What a client makes of an environment. It does not wait for what is no file.
fn client(environment: Environment) -> String {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let client = ibm_usage_reports::Client::from_environment(&environment);
        sender.send(outcome(client, |_| "a client".to_owned()))
    });
    let text = receiver.recv_timeout(HANG).expect("it hangs");
    assert!(!text.contains("hush") && text.len() < 2000, "{text}");
    text
}

const KEY: &str = "USAGE_REPORTS_APIKEY=hush\n";

/// Makes a thing that is no plain file at a path.
type Make = fn(&Path);

#[test]
pub(crate) fn credential_files() {
    let line = format!("USAGE_REPORTS_APIKEY={}\n", "hush".repeat(250_000));
    let large = format!("{KEY}#{}", "x".repeat(2 * 1024 * 1024));
    let utf16: Vec<u8> = KEY.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let files: Vec<(&str, Vec<u8>)> = vec![
        ("a sound file", KEY.into()),
        ("a byte order mark", format!("\u{feff}{KEY}").into()),
        ("line ends of Windows", KEY.replace('\n', "\r\n").into()),
        ("quotes", "USAGE_REPORTS_APIKEY=\"hush\"\n".into()),
        ("a quote that is never closed", "USAGE_REPORTS_APIKEY=\"hush\n".into()),
        ("an export of a shell", format!("export {KEY}").into()),
        ("spaces", "  USAGE_REPORTS_APIKEY = hush \n".into()),
        ("a comment after the key", "USAGE_REPORTS_APIKEY=hush # comment\n".into()),
        ("line ends of old", KEY.replace('\n', "\r").repeat(2).into()),
        ("nothing", Vec::new()),
        ("NUL", "USAGE_REPORTS_APIKEY=hu\0sh\n".into()),
        ("Latin-1", b"USAGE_REPORTS_APIKEY=hush\xe4\n".to_vec()),
        ("UTF-16", [&b"\xff\xfe"[..], &utf16].concat()),
        ("UTF-16 without a mark", utf16),
        ("a line of a megabyte", line.into()),
        ("2 MiB", large.into()),
        ("a million lines", "\n".repeat(1_000_000).into()),
        ("no equals sign", "USAGE_REPORTS_APIKEY hush\n".into()),
        ("the same name twice", KEY.repeat(2).into()),
        ("escapes of a terminal in a value", "USAGE_REPORTS_APIKEY=hush\nUSAGE_REPORTS_AUTH_TYPE=\u{1b}[31m\n".into()),
    ];
    let others: [(&str, Make); 5] = [
        ("a folder", |path| std::fs::create_dir(path).unwrap()),
        ("no file", |_| {}),
        ("a pipe", |path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success())),
        ("a link to itself", |path| std::os::unix::fs::symlink(path, path).unwrap()),
        ("a device without end", |path| std::os::unix::fs::symlink("/dev/zero", path).unwrap()),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("credentials.env");
    let environment = || Environment::empty().variable("IBM_CREDENTIALS_FILE", path.to_str().unwrap());
    let mut table = String::new();
    figures(files.len() + others.len());
    for (name, bytes) in files {
        std::fs::write(&path, bytes).unwrap();
        let text = client(environment()).replace(path.to_str().unwrap(), "[file]");
        writeln!(table, "{name}\n    {text}").unwrap();
    }
    std::fs::remove_file(&path).unwrap();
    for (name, make) in others {
        make(&path);
        let text = client(environment()).replace(path.to_str().unwrap(), "[file]");
        writeln!(table, "{name}\n    {text}").unwrap();
        let _ = std::fs::remove_file(&path).or_else(|_| std::fs::remove_dir(&path));
    }
    assert_table!("credential-files", table);
}

/// The services of Cloud Foundry, with so many lists in them.
#[test]
pub(crate) fn variables_nested_deep() {
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let variables = [
        deep(100_000),
        "[".repeat(100_000),
        format!(r#"{{"usage_reports":{}}}"#, deep(100_000)),
        format!(r#"{{"usage_reports":[{{"credentials":{}}}]}}"#, deep(100_000)),
        format!(r#"{{"usage_reports":[{{"credentials":{{"apikey":{}}}}}]}}"#, deep(100_000)),
        format!(r#"{}1{}"#, r#"{"usage_reports":"#.repeat(100_000), "}".repeat(100_000)),
    ];
    for variable in variables {
        let text = client(Environment::empty().variable("VCAP_SERVICES", variable));
        assert!(text.starts_with("Configuration: ") && text.contains("VCAP_SERVICES"), "{text}");
        figures::add(Figure::Hostile, 1);
    }
}

async fn download(server: &Server, path: &Path, progress: impl FnMut(u64) + Send) -> String {
    let body = atlas(server)
        .get_invoice_csv(OrganizationId::new(ORG), InvoiceId::new(INVOICE))
        .send()
        .await
        .unwrap()
        .into_inner();
    let mut progress = progress;
    let saved = body.save_to(path, move |so_far| progress(so_far.received)).await;
    outcome(saved, |_| "saved".to_owned())
}

/// Nothing is left where a download cannot be saved, and nothing that was there is lost.
#[tokio::test]
pub(crate) async fn places_of_downloads() {
    let reply = answer(200, &[("content-type", "text/csv")], &b"a,b\n".repeat(50_000));
    let server = Server::start(move |_| Reply::Send(reply.clone())).await;
    let folder = tempfile::tempdir().unwrap();
    let names =
        || std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    std::fs::write(folder.path().join("file"), "before").unwrap();
    for name in ["folder", "folder/..", ".", "file/invoice.csv", "none/invoice.csv"] {
        let text = download(&server, &folder.path().join(name), |_| ()).await;
        assert!(text.starts_with("Io: "), "{name}: {text}");
        assert_eq!(names().len(), 2, "{name}");
        figures::add(Figure::Hostile, 1);
    }
    assert!(download(&server, Path::new(""), |_| ()).await.starts_with("Io: "));
    let path = folder.path().join("file");
    let ends = tokio::spawn(async move { download(&server, &path, |_| panic!("no more")).await }).await;
    assert!(ends.unwrap_err().is_panic());
    // It is removed by the thread that has it open.
    while names().len() > 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(std::fs::read(folder.path().join("file")).unwrap(), b"before");
    figures::add(Figure::Hostile, 2);
}
