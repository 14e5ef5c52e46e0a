//! The program on a terminal: a pseudo-terminal of a given width is its standard output.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::ffi::OsStringExt as _;
use std::process::{Command, Stdio};

use cloud_billing_sandbox::{Estate, Sandbox};
use rustix::pty::{self, OpenptFlags};
use rustix::termios::{self, Winsize};

const LIST: [&str; 4] = ["atlas", "list-invoices", "--items-per-page", "3"];

async fn sandbox() -> Sandbox {
    Sandbox::builder().estate(Estate::new().organizations(1)).start().await.unwrap()
}

/// What the program wrote.
struct Ran {
    success: bool,
    out: String,
    err: String,
}

/// Runs the program with standard output at a terminal, and standard error in a pipe.
fn run(sandbox: &Sandbox, columns: u16, variables: &[(&str, &str)], arguments: &[&str]) -> Ran {
    let controller = pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    pty::grantpt(&controller).unwrap();
    pty::unlockpt(&controller).unwrap();
    let name = pty::ptsname(&controller, Vec::new()).unwrap();
    let name = std::ffi::OsString::from_vec(name.into_bytes());
    let terminal = OpenOptions::new().read(true).write(true).open(name).unwrap();
    termios::tcsetwinsize(&terminal, Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cloudbill"));
    command
        .args(arguments)
        .env_clear()
        .envs(sandbox.environment())
        .env("TERM", "xterm")
        .envs(variables.iter().copied());
    let mut child = command.stdin(Stdio::null()).stdout(terminal).stderr(Stdio::piped()).spawn().unwrap();
    // It holds the terminal too.
    drop(command);
    let mut out = Vec::new();
    // The end of a terminal is an error.
    let _ = File::from(controller).read_to_end(&mut out);
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    Ran { success: child.wait().unwrap().success(), out: String::from_utf8(out).unwrap().replace("\r\n", "\n"), err }
}

/// The same with standard output in a pipe.
fn piped(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cloudbill"));
    let output = command.args(arguments).env_clear().envs(sandbox.environment()).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn json_is_indented_on_a_terminal_alone() {
    let sandbox = sandbox().await;
    let ran = run(&sandbox, 80, &[], &LIST);
    assert!(ran.success && ran.out.starts_with("{\n  \"links\": [\n") && ran.out.ends_with("\n}\n"), "{}", ran.out);
    let plain = piped(&sandbox, &LIST);
    assert_eq!(plain.lines().count(), 1);
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!(json(&plain), json(&ran.out));
}

#[tokio::test]
async fn tables_are_cut_to_the_terminal() {
    let sandbox = sandbox().await;
    let line = [&LIST[..], &["-o", "table"]].concat();
    let whole = piped(&sandbox, &line);
    assert!(whole.lines().all(|line| line.len() > 200), "{whole}");
    for columns in [40, 80, 200] {
        let ran = run(&sandbox, columns, &[], &line);
        assert!(ran.success && ran.out.lines().count() == 4, "{}", ran.out);
        for (cut, whole) in ran.out.lines().zip(whole.lines()) {
            assert!(cut.len() <= columns.into() && whole.starts_with(cut), "{columns}: {cut}");
        }
        assert_eq!(ran.out.lines().map(str::len).max(), Some(columns.into()));
    }
}

#[tokio::test]
async fn help_fits_the_terminal() {
    let sandbox = sandbox().await;
    for (columns, most) in [(80, 80), (200, 100)] {
        let ran = run(&sandbox, columns, &[("NO_COLOR", "1")], &["atlas", "--help"]);
        let widest = ran.out.lines().map(str::len).max().unwrap();
        assert!(ran.success && widest <= most && widest > most / 2, "{columns}: {widest}");
    }
}

#[tokio::test]
async fn colours() {
    let sandbox = sandbox().await;
    let line = ["atlas", "list-invoices", "--help"];
    let coloured = |variables: &[(&str, &str)], before: &[&str]| {
        let ran = run(&sandbox, 80, variables, &[before, &line].concat());
        assert!(ran.success, "{}", ran.err);
        ran.out.contains('\u{1b}')
    };
    assert!(coloured(&[], &[]));
    assert!(!coloured(&[("NO_COLOR", "1")], &[]));
    assert!(coloured(&[("NO_COLOR", "")], &[]), "an empty variable counts as not set");
    assert!(!coloured(&[("TERM", "dumb")], &[]));
    assert!(!coloured(&[], &["--color", "never"]));
    assert!(!coloured(&[], &["--color=never"]));
    assert!(coloured(&[("NO_COLOR", "1")], &["--color", "always"]));
    assert!(!piped(&sandbox, &line).contains('\u{1b}'));
}

#[tokio::test]
async fn compressed_files_go_to_no_terminal() {
    let sandbox = sandbox().await;
    let ran = run(&sandbox, 80, &[], &["atlas", "generate-invoice-report"]);
    assert!(!ran.success && ran.out.is_empty(), "{}", ran.out);
    assert!(ran.err.contains("standard output a terminal\nhint: write it to a file with --out FILE"), "{}", ran.err);
}

#[tokio::test]
async fn notes_do_not_mix_with_data() {
    let sandbox = sandbox().await;
    let ran = run(&sandbox, 80, &[], &["-vv", "atlas", "list-invoices", "--max-items", "2"]);
    assert!(
        ran.success && ran.out.lines().count() == 2 && ran.out.lines().all(|line| line.starts_with('{')),
        "{}",
        ran.out
    );
    assert!(ran.err.contains("attempt 1: 200") && ran.err.contains("resume: "), "{}", ran.err);
}
