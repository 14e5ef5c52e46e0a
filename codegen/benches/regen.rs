//! What generation costs, and how the cost grows with the spec: `cargo bench --package codegen`.
//!
//! Generates the clients of this repository's specs, and of synthetic ones of 10 to 1,000 operations. Prints the median of
//! several runs, the time for each operation, and the slope between one size and the next: 1 is linear, 2 quadratic.
//! `cargo xtask regen` is the same code in a debug build, plus reading and comparing the files; the last table times it.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use codegen::Source;

const SIZES: [usize; 5] = [10, 30, 100, 300, 1000];

/// A number as letters: names of groups are words.
fn letters(number: usize) -> String {
    number.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect()
}

/// The spec of a service with so many operations: three kinds in turn, each with types of its own.
fn synthetic(operations: usize) -> String {
    let mut paths = String::new();
    let mut schemas = String::new();
    for n in 0..operations {
        let group = letters(n / 10);
        let head = format!(
            "      x-sdk-group: group-{group}\n      tags: [Group{group}]\n      summary: Operation number {n}\n      \
             description: Does the thing that has the number {n}.\n      externalDocs:\n        \
             url: https://docs.example.com/{n}\n"
        );
        let account = "        - $ref: \"#/components/parameters/AccountId\"\n";
        let answer = format!(
            "      responses:\n        \"200\":\n          description: The answer.\n          content:\n            \
             application/json:\n              schema:\n                $ref: \"#/components/schemas/Answer{n}\"\n              \
             example:\n                items:\n                  - id: a{n}\n                    amount: 1.5\n                    \
             kind: USAGE\n        \"404\":\n          $ref: \"#/components/responses/Problem\"\n"
        );
        let _ = match n % 3 {
            0 => writeln!(
                paths,
                "  /v1/accounts/{{accountId}}/lists{n}:\n    get:\n      operationId: listThings{n}\n{head}      \
                 x-sdk-pagination:\n        style: cursor\n        token: cursor\n        size: limit\n        items: items\n        \
                 next-href: next.href\n        next-token: next.cursor\n      parameters:\n{account}        \
                 - $ref: \"#/components/parameters/Cursor\"\n        - $ref: \"#/components/parameters/Limit\"\n{answer}"
            ),
            1 => writeln!(
                paths,
                "  /v1/accounts/{{accountId}}/gets{n}:\n    get:\n      operationId: getThing{n}\n{head}      \
                 parameters:\n{account}        - name: kind\n          in: query\n          description: The kind to keep.\n          \
                 schema:\n            $ref: \"#/components/schemas/Kind{}\"\n{answer}",
                n - n % 6
            ),
            _ => writeln!(
                paths,
                "  /v1/accounts/{{accountId}}/posts{n}:\n    post:\n      operationId: createThing{n}\n{head}      \
                 parameters:\n{account}      requestBody:\n        required: true\n        content:\n          \
                 application/json:\n            schema:\n              $ref: \"#/components/schemas/New{n}\"\n{answer}"
            ),
        };
        let _ = writeln!(
            schemas,
            "    Answer{n}:\n      type: object\n      description: Answer number {n}.\n      properties:\n        items:\n          \
             type: array\n          description: The items.\n          items:\n            \
             $ref: \"#/components/schemas/Item{n}\"\n        next:\n          description: The page after this one.\n          \
             allOf:\n            - $ref: \"#/components/schemas/Next\"\n    Item{n}:\n      type: object\n      \
             description: Item number {n}.\n      properties:\n        id:\n          type: string\n          description: Its id.\n        \
             amount:\n          type: number\n          format: decimal\n          description: What it costs, in dollars.\n        \
             kind:\n          description: What it is.\n          allOf:\n            - $ref: \"#/components/schemas/Kind{}\"",
            n - n % 6
        );
        for field in 0..8 {
            let _ = writeln!(
                schemas,
                "        field{field}:\n          type: string\n          description: Field number {field}."
            );
        }
        if n % 3 == 2 {
            let _ = writeln!(
                schemas,
                "    New{n}:\n      type: object\n      description: A thing to make, number {n}.\n      required: [name]\n      \
                 properties:\n        name:\n          type: string\n          minLength: 1\n          maxLength: 64\n          \
                 description: Its name.\n        share:\n          type: integer\n          format: int32\n          minimum: 0\n          \
                 maximum: 100\n          description: Its share, in percent."
            );
        }
        if n % 6 == 0 {
            let _ = writeln!(
                schemas,
                "    Kind{n}:\n      type: string\n      description: A kind, number {n}.\n      enum: [USAGE, SUPPORT, TAX, CREDIT, REFUND]"
            );
        }
    }
    let tags: String =
        (0..operations.div_ceil(10)).map(|group| format!("  - name: Group{}\n", letters(group))).collect();
    format!(
        "openapi: 3.0.3\ninfo:\n  title: Synthetic\n  version: \"1\"\nservers:\n  - url: https://api.example.com\n    \
         description: Everywhere\nsecurity:\n  - token: []\ntags:\n{tags}paths:\n{paths}components:\n  securitySchemes:\n    \
         token:\n      type: http\n      scheme: bearer\n  parameters:\n    AccountId:\n      name: accountId\n      in: path\n      \
         required: true\n      description: Id of the account.\n      schema:\n        type: string\n    Cursor:\n      name: cursor\n      \
         in: query\n      description: Where the page begins.\n      schema:\n        type: string\n    Limit:\n      name: limit\n      \
         in: query\n      description: Size of a page, a count of items.\n      schema:\n        type: integer\n        format: int32\n        \
         minimum: 1\n        maximum: 100\n        default: 50\n  responses:\n    Problem:\n      description: What went wrong.\n      \
         content:\n        application/json:\n          schema:\n            $ref: \"#/components/schemas/Problem\"\n  schemas:\n    \
         Problem:\n      type: object\n      description: An error.\n      properties:\n        message:\n          type: string\n          \
         description: What went wrong.\n    Next:\n      type: object\n      description: Where the next page is.\n      properties:\n        \
         href:\n          type: string\n          description: Its address.\n        cursor:\n          type: string\n          \
         description: Its cursor.\n{schemas}"
    )
}

fn median(runs: usize, mut run: impl FnMut() -> Result<(), String>) -> Result<Duration, String> {
    let mut times = Vec::new();
    for _ in 0..runs {
        let start = Instant::now();
        run()?;
        times.push(start.elapsed());
    }
    times.sort();
    Ok(times[runs / 2])
}

fn generation(file: &str, text: &str, runs: usize) -> Result<Duration, String> {
    median(runs, || {
        codegen::generate(Source { file, text, command: "x" }).map(drop).map_err(|diagnostics| diagnostics.to_string())
    })
}

fn run() -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("no workspace")?;
    println!("{:<28} {:>10} {:>12} {:>8} {:>7}", "spec", "lines", "median ms", "ms/op", "slope");
    let mut specs: Vec<_> = std::fs::read_dir(root.join("specs"))
        .map_err(|error| error.to_string())?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    specs.sort();
    for path in specs {
        let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let ms = generation(&name, &text, 5)?.as_secs_f64() * 1e3;
        println!("{name:<28} {:>10} {ms:>12.1}", text.lines().count());
    }
    let mut before: Option<(f64, f64)> = None;
    for size in SIZES {
        let text = synthetic(size);
        let ms = generation("synthetic.yaml", &text, if size < 300 { 5 } else { 3 })?.as_secs_f64() * 1e3;
        let count = f64::from(u32::try_from(size).unwrap_or(u32::MAX));
        let slope = before.map_or(String::new(), |(n, t)| format!("{:.2}", (ms / t).ln() / (count / n).ln()));
        let name = format!("synthetic, {size} operations");
        println!("{name:<28} {:>10} {ms:>12.1} {:>8.2} {slope:>7}", text.lines().count(), ms / count);
        before = Some((count, ms));
    }
    let command = |arguments: &[&str]| {
        let status =
            Command::new(env!("CARGO")).args(arguments).current_dir(root).output().map_err(|e| e.to_string())?;
        if status.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&status.stderr).into_owned()) }
    };
    command(&["xtask", "regen", "--check"])?;
    let whole = median(5, || command(&["xtask", "regen", "--check"]))?;
    println!("{:<28} {:>10} {:>12.1}", "cargo xtask regen --check", "", whole.as_secs_f64() * 1e3);
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
