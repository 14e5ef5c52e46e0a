//! Writes clients of synthetic specs, to measure the growth of their compile time. `growth DIRECTORY OPERATIONS...`
//! writes the crates `ours-N` and `plain-N` to the directory, and `ours-N-calls` and `plain-N-calls`, which call each
//! operation: generic and asynchronous code of a client is compiled in the crate that calls it.

use std::error::Error;
use std::path::Path;

use codegen::Source;
use test_support::synthetic::synthetic;

const OURS: &str = "mod client;\nmod generated;\n\npub use client::Client;\npub use generated::{operations, types};\npub use cloud_billing_core::*;\n";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().ok_or("usage: growth DIRECTORY OPERATIONS...")?;
    for argument in arguments {
        let operations = argument.parse()?;
        let spec = synthetic(operations);
        let source = Source { file: "synthetic.yaml", text: &spec, command: "growth" };
        let client = codegen::generate(source).map_err(|diagnostics| diagnostics.to_string())?;
        let ours = Path::new(&directory).join(format!("ours-{argument}/src"));
        for file in &client.files {
            put(&ours.join("generated").join(&file.path), &file.text)?;
        }
        put(&ours.join("lib.rs"), OURS)?;
        // The `client.rs` of a new service.
        let template = include_str!("../../../xtask/src/add_service/template/client.rs.txt");
        let constants = "pub const DEFAULT_BASE_URL: &str = \"https://api.example.com\";\n";
        put(&ours.join("client.rs"), &template.replace("{constants}", constants).replace("{name}", "synthetic"))?;

        let plain = Path::new(&directory).join(format!("plain-{argument}/src/lib.rs"));
        let allow = "#![allow(clippy::all, unused, mismatched_lifetime_syntaxes, missing_docs)]\n";
        put(&plain, &format!("{allow}{}", plain_spec::client(&spec, false)))?;

        for (kind, call) in [("ours", our_call as fn(usize) -> Call), ("plain", plain_call)] {
            let path = Path::new(&directory).join(format!("{kind}-{argument}-calls/src/lib.rs"));
            put(&path, &calls(&format!("{kind}_{argument}"), operations, call))?;
        }
    }
    Ok(())
}

/// A call of an operation: the type of its body, if any, and the expression.
type Call = (Option<String>, String);

fn our_call(operation: usize) -> Call {
    match operation % 3 {
        0 => (None, format!("list_things{operation}(\"a\").send()")),
        1 => (None, format!("get_thing{operation}(\"a\").send()")),
        _ => (Some(format!("New{operation}")), format!("create_thing{operation}(\"a\", body).send()")),
    }
}

fn plain_call(operation: usize) -> Call {
    match operation % 3 {
        0 => (None, format!("list_things{operation}(\"a\", None, None)")),
        1 => (None, format!("get_thing{operation}(\"a\", None)")),
        _ => (Some(format!("New{operation}")), format!("create_thing{operation}(\"a\", &body)")),
    }
}

/// A crate that calls each operation and only counts the responses.
fn calls(client: &str, operations: usize, call: fn(usize) -> Call) -> String {
    let mut text = format!(
        "use {client}::{{Client, types}};\n\npub type Answered<'a> = std::pin::Pin<Box<dyn Future<Output = bool> + 'a>>;\n"
    );
    for operation in 0..operations {
        let (body, call) = call(operation);
        let body = body.map(|body| format!(", body: types::{body}")).unwrap_or_default();
        text.push_str(&format!(
            "\npub fn call{operation}(client: &Client{body}) -> Answered<'_> {{\n    Box::pin(async move {{ \
             client.{call}.await.is_ok() }})\n}}\n"
        ));
    }
    text
}

fn put(path: &Path, text: &str) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(path.parent().ok_or("no directory")?)?;
    Ok(std::fs::write(path, text)?)
}
