//! Writes clients of synthetic specs, to see how their compile time grows: `growth DIRECTORY OPERATIONS...` makes the sources of
//! the crates `ours-N` and `plain-N` below the directory.

#[path = "../../../codegen/benches/synthetic/mod.rs"]
mod synthetic;

use std::error::Error;
use std::path::Path;

use codegen::Source;
use synthetic::synthetic;

const OURS: &str = "mod client;\nmod generated;\n\npub use client::Client;\npub use generated::{operations, types};\npub use sdk_core::*;\n";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().ok_or("usage: growth DIRECTORY OPERATIONS...")?;
    for argument in arguments {
        let spec = synthetic(argument.parse()?);
        let source = Source { file: "synthetic.yaml", text: &spec, command: "growth" };
        let client = codegen::generate(source).map_err(|diagnostics| diagnostics.to_string())?;
        let ours = Path::new(&directory).join(format!("ours-{argument}/src"));
        for file in &client.files {
            put(&ours.join("generated").join(&file.path), &file.text)?;
        }
        put(&ours.join("lib.rs"), OURS)?;
        // What a new service's crate begins with.
        let template = include_str!("../../../xtask/src/add_service/template/client.rs.txt");
        let constants = "pub const DEFAULT_BASE_URL: &str = \"https://api.example.com\";\n";
        put(&ours.join("client.rs"), &template.replace("{constants}", constants).replace("{name}", "synthetic"))?;

        let plain = Path::new(&directory).join(format!("plain-{argument}/src/lib.rs"));
        let allow = "#![allow(clippy::all, unused, mismatched_lifetime_syntaxes, missing_docs)]\n";
        put(&plain, &format!("{allow}{}", plain_spec::client(&spec, false)))?;
    }
    Ok(())
}

fn put(path: &Path, text: &str) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(path.parent().ok_or("no directory")?)?;
    Ok(std::fs::write(path, text)?)
}
