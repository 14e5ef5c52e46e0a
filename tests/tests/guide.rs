//! The code blocks of README.md and of the guides in `docs`. Each Rust block is a file in `tests/guide`, word for word, which
//! is compiled and run here. `follow_the_guides` does what they say in an empty folder; it builds a project of its own, so
//! the gate runs it apart: `cargo test -p workspace-tests --test guide -- --ignored --exact follow_the_guides`.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::process::{Command, Output};
use std::time::Duration;

use cloud_billing_core::Decimal;
use cloud_billing_sandbox::{Estate, Sandbox};
use workspace_tests::{read, root};

/// What is read from its beginning to its end, and followed, in this order.
const FOLLOWED: [&str; 15] = [
    "README.md",
    "docs/testing.md",
    "docs/authentication.md",
    "docs/pagination.md",
    "docs/fleet.md",
    "docs/retries.md",
    "docs/errors.md",
    "docs/money.md",
    "docs/databases.md",
    "docs/cost-explorer.md",
    "docs/migrating.md",
    "docs/interceptors.md",
    "docs/http-client.md",
    "docs/observability.md",
    // Last: it begins another project.
    "docs/values.md",
];

/// The blocks of this language before this heading of the README are commands of its own folder, which the gate runs.
const INSTALLATION: &str = "\n## Installation\n";

/// Programs of the guides in other languages. `sandbox/foreign/check.sh` and `focus/foreign/check.sh` run them.
const FOREIGN: [&str; 3] = ["sandbox/foreign/guide.py", "sandbox/foreign/guide.js", "focus/foreign/polars_guide.py"];

/// Programs, run by [`each_program_runs`] in processes with the environment of a sandbox.
macro_rules! programs {
    ($($name:ident)*) => {
        $(mod $name {
            include!(concat!("../guide/", stringify!($name), ".rs"));

            #[test]
            #[ignore = "needs the environment that `each_program_runs` gives it"]
            fn program() {
                main().unwrap();
            }
        })*
        const PROGRAMS: &[&str] = &[$(stringify!($name)),*];
    };
}

/// Test files, whose tests are tests here.
macro_rules! tests {
    ($($name:ident)*) => {$(
        mod $name {
            #[allow(unused_imports, reason = "some of them test it")]
            use super::bills;
            include!(concat!("../guide/", stringify!($name), ".rs"));
        }
    )*};
}

programs!(
    atlas atlas_credentials cost_explorer errors fixed fleet ibm ibm_credentials money pagination pending retries rows saved
    traces usage
);
tests!(faults interceptors mock one_fails requests totals);

#[allow(unreachable_pub, reason = "it is a library where it is from")]
mod bills {
    include!("../guide/bills.rs");
}

mod time {
    include!("../guide/time.rs");
}

/// Functions, which other tests run, or which are only compiled. `postgres.rs` is compiled in `tests/postgres`.
#[allow(dead_code, unreachable_pub, reason = "a part of a program")]
mod parts {
    mod client_certificate {
        include!("../guide/client_certificate.rs");
    }
    mod metrics {
        include!("../guide/metrics.rs");
    }
    mod one_instance {
        include!("../guide/one_instance.rs");
    }
    mod options {
        include!("../guide/options.rs");
    }
    mod root_certificates {
        include!("../guide/root_certificates.rs");
    }
    mod service_accounts {
        include!("../guide/service_accounts.rs");
    }
    mod trace_context {
        include!("../guide/trace_context.rs");
    }
}

/// A fenced block of a Markdown file.
struct Block {
    /// File and line.
    place: String,
    language: String,
    text: String,
}

fn blocks(path: &str, markdown: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = markdown.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let Some(language) = line.strip_prefix("```") else { continue };
        let inside: Vec<&str> = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
        let place = format!("{path}:{}", number + 1);
        blocks.push(Block { place, language: language.to_owned(), text: inside.join("\n") + "\n" });
    }
    blocks
}

/// The files of `tests/guide`.
fn sources() -> BTreeMap<String, String> {
    let files = fs::read_dir(root().join("tests/guide")).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(&path).unwrap()))
        .collect()
}

#[tokio::test]
async fn each_block_is_held_to_something() {
    let sandbox = Sandbox::builder().estate(Estate::new()).start().await.unwrap();
    let variables: Vec<&str> = sandbox.environment().into_iter().map(|(name, _)| name).collect();
    let (sources, gate, foreign) = (sources(), read(".ci/gate/main"), FOREIGN.map(read));
    let printed = ["the_table_of_last_month", "the_trend_of_a_year", "books_that_add_up"];
    let printed = printed.map(|name| read(&format!("cli/tests/it/snapshots/it__jobs__{name}.snap")));
    let mut unseen: Vec<&str> = sources.keys().map(String::as_str).collect();
    for path in FOLLOWED {
        let markdown = read(path);
        let first_steps = markdown.find(INSTALLATION).map_or(0, |end| blocks(path, &markdown[..end]).len());
        for (index, Block { place, language, text }) in blocks(path, &markdown).into_iter().enumerate() {
            match language.as_str() {
                "rust" => {
                    let file = sources.iter().find(|(_, source)| **source == text);
                    let file = file.unwrap_or_else(|| panic!("{place}: no file of tests/guide has this text:\n{text}"));
                    unseen.retain(|name| name != file.0);
                }
                "sh" if index < first_steps => {
                    for command in text.lines() {
                        assert!(gate.contains(command), "{place}: the gate does not run `{command}`");
                    }
                }
                // `follow_the_guides` runs it.
                "sh" => {}
                // Variables to set.
                "text" if text.contains("=...") => {
                    for name in text.lines().filter_map(|line| line.split('=').next()) {
                        assert!(variables.contains(&name), "{place}: the sandbox does not set {name}");
                    }
                }
                // What `trend` prints.
                "text" => {
                    assert!(printed.iter().any(|it| it.contains(&text)), "{place}: the program does not print this");
                }
                // Programs in other languages, which the checks with foreign programs run.
                "python" | "javascript" => {
                    assert!(foreign.contains(&text), "{place}: none of {FOREIGN:?} has this text:\n{text}");
                }
                // Of others, and run by nobody here: the guides say so.
                "go" | "java" | "yaml" => {}
                // Commands for a machine that is set up; `our_commands_exist` in the tests of the program knows ours.
                "console" => assert!(text.lines().all(|line| line.starts_with("$ ")), "{place}: a line is no command"),
                other => panic!("{place}: nothing tests blocks of `{other}`"),
            }
        }
    }
    assert!(unseen.is_empty(), "in tests/guide, and in no guide: {unseen:?}");
}

/// Guides that nobody follows have no code that nobody runs.
#[test]
fn other_guides_have_no_code() {
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let path = format!("docs/{}", entry.unwrap().file_name().to_str().unwrap());
        if path.ends_with(".md") && !FOLLOWED.contains(&path.as_str()) {
            let code = blocks(&path, &read(&path)).into_iter().find(|block| block.language.starts_with("rust"));
            assert!(code.is_none(), "{}: this block is not run", code.map(|block| block.place).unwrap_or_default());
        }
    }
}

/// The table of limits has the defaults of the runtime.
#[test]
fn the_limits_are_the_defaults() {
    use cloud_billing_core::{client, fleet, paginate, retry};
    let guide = read("docs/retries.md");
    let seconds = |time: Duration| format!("{} s", time.as_secs_f64());
    let minutes = |time: Duration| format!("{} min", time.as_secs() / 60);
    for (limit, number) in [
        ("attempts of a call", retry::DEFAULT_MAX_ATTEMPTS.to_string()),
        ("wait before the first retry", seconds(retry::DEFAULT_BACKOFF_BASE)),
        ("wait before any retry", seconds(retry::DEFAULT_BACKOFF_CAP)),
        ("longest `Retry-After`", seconds(retry::DEFAULT_MAX_RETRY_AFTER)),
        ("retries of all calls", retry::DEFAULT_RETRY_BUDGET.to_string()),
        ("a new connection", seconds(client::DEFAULT_CONNECT_TIMEOUT)),
        ("one attempt", seconds(client::DEFAULT_ATTEMPT_TIMEOUT)),
        ("a body without any byte", seconds(client::DEFAULT_IDLE_TIMEOUT)),
        ("the whole call", minutes(client::DEFAULT_OVERALL_TIMEOUT)),
        ("JSON of a response", format!("{} MiB", client::DEFAULT_BODY_LIMIT >> 20)),
        ("pages fetched ahead", format!("{}, at most 64", paginate::DEFAULT_PREFETCH)),
        ("jobs of a fleet", fleet::DEFAULT_CONCURRENCY.to_string()),
    ] {
        let row = guide.lines().find(|line| line.starts_with(&format!("| {limit}"))).unwrap_or_default();
        assert_eq!(row.split(" | ").nth(1), Some(number.as_str()), "{limit}");
    }
}

/// The figures of the README are those of the benchmarks.
#[test]
fn the_figures_are_measured() {
    let (readme, measured) = (read("README.md"), read("docs/performance.md"));
    for figure in ["6.2 ×", "7.6 ×", "9.9 MB", "11.5 MB", "8.3 MB", "7.2 MB", "1.145 ×", "18 crates", "15.4 MB"] {
        assert!(readme.contains(figure) && measured.contains(figure), "{figure}");
    }
}

/// The SQL of the guide on costs is what `focus/foreign/check.sh` asks, word for word.
#[test]
fn each_question_is_asked() {
    let path = "docs/focus.md";
    let folder = root().join("focus/foreign/questions");
    let mut asked: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap()).collect();
    let mut shown: Vec<String> = blocks(path, &read(path))
        .into_iter()
        .filter_map(|block| (block.language == "sql").then_some(block.text))
        .collect();
    asked.sort();
    shown.sort();
    assert_eq!(shown, asked);
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test]
async fn each_program_runs() {
    let sandbox = Sandbox::builder().estate(Estate::new()).strict_credentials(true).start().await.unwrap();
    for name in PROGRAMS {
        let mut program = Command::new(env::current_exe().unwrap());
        program.args([&format!("{name}::program"), "--exact", "--ignored", "--nocapture"]).envs(sandbox.environment());
        let output = program.output().unwrap();
        let text = text(&output);
        assert!(output.status.success() && text.contains("1 passed"), "{name}: {text}");
        // What the quick starts print is right.
        let ledger = sandbox.estate().unwrap();
        let (organization, months) = (ledger.atlas_organizations().next().unwrap(), ledger.months());
        match *name {
            "atlas" => {
                let month = &months[months.len() - 2];
                let invoices =
                    ledger.atlas_invoices(&organization).into_iter().filter(|invoice| invoice.month == *month);
                let cents: i64 = invoices.map(|it| it.subtotal_cents - it.credits_cents + it.sales_tax_cents).sum();
                let line = format!("{month}: {} USD, 0 amounts are missing\n", Decimal::from_cents(cents));
                assert!(text.contains(&line), "{line}: {text}");
            }
            "fleet" => {
                let month = &months[months.len() - 2];
                for organization in ledger.atlas_organizations() {
                    let invoices = ledger.atlas_invoices(&organization);
                    let invoice = invoices.iter().find(|invoice| invoice.month == *month).unwrap();
                    let billed =
                        Decimal::from_cents(invoice.subtotal_cents - invoice.credits_cents + invoice.sales_tax_cents);
                    let line = format!("atlas,{organization},USD,{billed}\n");
                    assert!(text.contains(&line), "{line}: {text}");
                }
                assert_eq!(text.lines().filter(|line| line.starts_with("ibm,")).count(), 1, "{text}");
            }
            "ibm" => {
                let month = &months[months.len() - 2];
                let shown = text.lines().find_map(|line| line.strip_prefix(&format!("{month}: "))).unwrap_or(&text);
                let total: Decimal = shown.strip_suffix(" USD, 0 amounts are missing").unwrap().parse().unwrap();
                // With 200 dollars of support, less 120 of credits.
                let expected = ledger.ibm_month(month).unwrap().billable_micros + 80_000_000;
                assert_eq!(total * Decimal::from(1_000_000), Decimal::from(expected), "{month}");
            }
            _ => assert!(!text.contains("secret\"") && !text.contains("\"api-key\""), "{text}"),
        }
    }
}

/// A program whose variable was forgotten says which one it is, and what to do, although its `main` only returns the error.
#[test]
fn a_forgotten_variable_is_named() {
    for (name, variable) in [("atlas", "MONGODB_ATLAS_ORG_ID"), ("ibm", "USAGE_REPORTS_ACCOUNT_ID")] {
        let mut program = Command::new(env::current_exe().unwrap());
        program.args([&format!("{name}::program"), "--exact", "--ignored"]).env_remove(variable);
        // The credential is there.
        program.env("MONGODB_ATLAS_ACCESS_TOKEN", "token").env("USAGE_REPORTS_APIKEY", "key");
        let text = text(&program.output().unwrap());
        let told = format!("the environment variable {variable} is not set; set it and run the program again");
        assert!(text.contains(&told), "{text}");
    }
}

/// Does in an empty folder, beside a link to this one, what README.md and the guides say to do there.
#[test]
#[ignore = "builds a project of its own"]
fn follow_the_guides() {
    // The same place each time, for this checkout: cargo then builds over what it has built before.
    let mut place = DefaultHasher::new();
    root().hash(&mut place);
    let folder = env::temp_dir().join(format!("billing-guides-{:x}", place.finish()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir(&folder).unwrap();
    std::os::unix::fs::symlink(root(), folder.join("billing")).unwrap();
    let mut script = "set -eux\n".to_owned();
    for path in FOLLOWED {
        let markdown = read(path);
        let start = markdown.find(INSTALLATION).unwrap_or(0);
        for Block { language, text, .. } in blocks(path, &markdown[start..]) {
            match (language.as_str(), text.lines().next().and_then(|line| line.strip_prefix("// "))) {
                ("sh", _) => script += &text,
                ("rust", Some(file)) => {
                    script += &format!("mkdir -p $(dirname {file})\ncat >{file} <<'END'\n{text}END\n");
                }
                _ => {}
            }
        }
    }
    let mut shell = Command::new("bash");
    shell.arg("-c").arg(script).current_dir(&folder);
    // Only to save time: what both projects depend on is built once.
    shell.env("CARGO_TARGET_DIR", root().join("target")).env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only");
    // A newcomer has none of what cargo tells a test.
    for (name, _) in
        env::vars().filter(|(name, _)| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST"))
    {
        shell.env_remove(name);
    }
    let output = shell.output().unwrap();
    let text = text(&output);
    assert!(output.status.success(), "{text}");
    println!("{text}");
    fs::remove_dir_all(&folder).unwrap();
}
