//! Measures the size that a client adds to a program: stripped bytes, and crates.
//!
//! The programs make one call and print one field. Each is its own crate in `target/weight`, so that it has exactly the
//! features that it asks for.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::run::{cargo, run, target, workspace};

/// A program to measure: its name, its dependencies, and its `main.rs`.
struct Program {
    name: &'static str,
    dependencies: String,
    source: &'static str,
}

const BARE: &str = r#"
#[derive(serde::Deserialize)]
struct Summary {
    account_id: Option<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).ok_or("where?")?;
    let client = reqwest::Client::new();
    let answer = client.get(format!("{url}/v4/accounts/a/summary/2026-01")).bearer_auth("token").send().await?;
    let summary: Summary = serde_json::from_slice(&answer.error_for_status()?.bytes().await?)?;
    println!("{:?}", summary.account_id);
    Ok(())
}
"#;

const OURS: &str = r#"
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).ok_or("where?")?;
    let ibm = ibm_usage_reports::Client::builder().base_url(url).bearer_token("token").build()?;
    let summary = ibm.get_account_summary(ibm_usage_reports::types::AccountId::new("a"), "2026-01".parse()?).send().await?;
    println!("{:?}", summary.account_id);
    Ok(())
}
"#;

const PLAIN: &str = r#"
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).ok_or("where?")?;
    let mut headers = reqwest::header::HeaderMap::new();
    headers.insert("authorization", "Bearer token".parse()?);
    let http = reqwest::Client::builder().default_headers(headers).build()?;
    let client = plain::ibm::Client::new_with_client(&url, http);
    let summary = client.get_account_summary(&"3f1c9e5a7b2d4c6088aa51d7e0b49c12".parse()?, "2026-01", None).await?;
    println!("{:?}", summary.account_id);
    Ok(())
}
"#;

/// TLS with ring and the system's trust store, as in this project's default. reqwest's own default uses another
/// library, written in C.
const BARE_TLS: &str = r#"
#[derive(serde::Deserialize)]
struct Summary {
    account_id: Option<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).ok_or("where?")?;
    rustls::crypto::ring::default_provider().install_default().map_err(|_| "twice")?;
    let client = reqwest::Client::new();
    let answer = client.get(format!("{url}/v4/accounts/a/summary/2026-01")).bearer_auth("token").send().await?;
    let summary: Summary = serde_json::from_slice(&answer.error_for_status()?.bytes().await?)?;
    println!("{:?}", summary.account_id);
    Ok(())
}
"#;

const PLAIN_TLS: &str = r#"
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).ok_or("where?")?;
    rustls::crypto::ring::default_provider().install_default().map_err(|_| "twice")?;
    let mut headers = reqwest::header::HeaderMap::new();
    headers.insert("authorization", "Bearer token".parse()?);
    let http = reqwest::Client::builder().default_headers(headers).build()?;
    let client = plain::ibm::Client::new_with_client(&url, http);
    let summary = client.get_account_summary(&"3f1c9e5a7b2d4c6088aa51d7e0b49c12".parse()?, "2026-01", None).await?;
    println!("{:?}", summary.account_id);
    Ok(())
}
"#;

/// Row 13: sizes and crates, without TLS and with rustls over ring.
pub(crate) fn weight() -> Result<(), String> {
    for tls in [false, true] {
        println!("\nOne call, one field, {}", if tls { "TLS by rustls and ring" } else { "no TLS" });
        println!("{:<28}{:>12}{:>9}{:>9}", "", "bytes", "ratio", "crates");
        let mut bare: Option<(u64, BTreeSet<String>)> = None;
        for program in programs(tls)? {
            let folder = write(&program)?;
            let size = stripped(&folder, program.name)?;
            let crates = crates(&folder)?;
            let (first, known) = bare.get_or_insert_with(|| (size, crates.clone()));
            let ratio = size as f64 / *first as f64;
            println!("{:<28}{size:>12}{ratio:>9.3}{:>9}", program.name, crates.len());
            let added: Vec<&str> = crates.difference(known).map(String::as_str).collect();
            if !added.is_empty() {
                println!("    {} above bare: {}", added.len(), added.join(", "));
            }
        }
    }
    Ok(())
}

fn programs(tls: bool) -> Result<[Program; 4], String> {
    let workspace = workspace().canonicalize().map_err(|error| error.to_string())?;
    let root = workspace.parent().ok_or("no workspace")?;
    let common = "tokio = { version = \"1\", default-features = false, features = [\"rt\", \"macros\"] }\n";
    let serde = "serde = { version = \"1\", features = [\"derive\"] }\nserde_json = \"1\"\n";
    let rustls =
        "rustls = { version = \"0.23\", default-features = false, features = [\"ring\", \"std\", \"tls12\"] }\n";
    let reqwest = |features: &str| {
        let tls_feature = if tls { "\"rustls-no-provider\"" } else { "" };
        let features = [features, tls_feature].iter().filter(|text| !text.is_empty()).copied().collect::<Vec<_>>();
        let ring = if tls { rustls } else { "" };
        format!(
            "reqwest = {{ version = \"0.13.5\", default-features = false, features = [{}] }}\n{ring}",
            features.join(", ")
        )
    };
    let path = |name: &str, under: &Path, rest: &str| format!("{name} = {{ path = {:?}{rest} }}\n", under.join(name));
    let feature = format!(", default-features = false, features = [\"{}\"]", if tls { "rustls" } else { "client" });
    let (bare, plain) = if tls { (BARE_TLS, PLAIN_TLS) } else { (BARE, PLAIN) };
    Ok([
        // The bare program supports the same protocols: HTTP/2 is enabled.
        Program {
            name: if tls { "bare-http2-tls" } else { "bare-http2" },
            dependencies: format!("{common}{serde}{}", reqwest("\"http2\"")),
            source: bare,
        },
        Program {
            name: if tls { "bare-http1-tls" } else { "bare-http1" },
            dependencies: format!("{common}{serde}{}", reqwest("")),
            source: bare,
        },
        Program {
            name: if tls { "ours-tls" } else { "ours" },
            dependencies: format!("{common}{}", path("ibm-usage-reports", root, &feature)),
            source: OURS,
        },
        Program {
            name: if tls { "plain-progenitor-tls" } else { "plain-progenitor" },
            dependencies: format!("{common}{}{}", reqwest("\"http2\""), path("plain", &workspace, "")),
            source: plain,
        },
    ])
}

/// Writes a crate with the versions in the benches' lock file.
fn write(program: &Program) -> Result<PathBuf, String> {
    let folder = target()?.join("weight").join(program.name);
    let Program { name, dependencies, source } = program;
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[profile.release]\nstrip = \
         true\n\n[dependencies]\n{dependencies}"
    );
    let files = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder.join("src"))?;
        std::fs::write(folder.join("src/main.rs"), source)?;
        std::fs::write(folder.join("Cargo.toml"), manifest)?;
        std::fs::copy(workspace().join("Cargo.lock"), folder.join("Cargo.lock")).map(drop)
    };
    files().map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

/// The size of the program, built with `cargo build --release` and stripped.
fn stripped(folder: &Path, name: &str) -> Result<u64, String> {
    let built = target()?.join("weight/target");
    run(cargo().args(["build", "--release", "--quiet", "--target-dir"]).arg(&built).current_dir(folder))?;
    let file = built.join("release").join(name);
    std::fs::metadata(&file).map(|file| file.len()).map_err(|error| format!("{}: {error}", file.display()))
}

/// The names of the crates in a program, without the program itself.
fn crates(folder: &Path) -> Result<BTreeSet<String>, String> {
    let arguments = ["tree", "--edges", "normal", "--prefix", "none", "--format", "{p}", "--no-dedupe"];
    let tree = run(cargo().args(arguments).current_dir(folder))?;
    // A line has a name, a version and possibly a path. The first line is the program itself.
    let name = |line: &str| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    Ok(tree.lines().skip(1).filter(|line| !line.is_empty()).map(name).collect())
}
