//! `cargo xtask bench`: the figures of docs/performance.md.

mod build;
mod counts;
mod focus;
mod lists;
mod peers;
mod run;
mod server;
mod tokens;
mod weight;

use std::process::ExitCode;
use std::time::Duration;

const HELP: &str = "\
cargo xtask bench [BENCH...] [--rounds N]

  instructions   instructions per record of a list, by callgrind: ours, plain progenitor, the floors      (row 1, 15)
  decode         instructions of decoding alone, by callgrind: our types by pages and items, the peers      (row 10)
  call           instructions and allocations of one small call                                           (row 14)
  focus          instructions of rows of FOCUS by callgrind, against decoding; memory of a million of them (row 18)
  list           wall, CPU and memory of whole-process lists, in alternation                              (row 2)
  latency        the same with 20 ms a page                                                               (row 4)
  numbered       numbered pages, several in flight, with 20 ms a page                                     (row 5)
  csv            memory and throughput of 2 GiB of CSV                                                    (row 6)
  memory         memory of a list of a million records                                                    (row 7)
  tokens         tokens: a thousand first calls at once, a burst of 401s, after a failed fetch            (row 8)
  weight         stripped sizes of a program that makes one call, and the crates in it                   (row 13)

Without a name all of these run, one after the other. By name only:

  peers          the list by IBM's SDKs for Python, Node and Go, fetched from their registries           (row 3)
  build          times of building the clients, cold and after a change, against plain progenitor's      (row 12)
  growth         the same of clients with 13 and with 200 operations                                     (row 12)
  gate           instructions of a list against the floor, and fail beyond the limit: what CI runs
  serve          only the load source, for a look by hand";

fn main() -> ExitCode {
    let mut rounds = 7;
    let mut names = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "serve" => return serve(arguments),
            "--rounds" => match arguments.next().and_then(|text| text.parse().ok()) {
                Some(number) => rounds = number,
                None => return fail("`--rounds` needs a number"),
            },
            "--help" | "-h" | "help" => {
                println!("{HELP}");
                return ExitCode::SUCCESS;
            }
            name => names.push(name.to_owned()),
        }
    }
    if names.is_empty() {
        names = [
            "instructions",
            "decode",
            "call",
            "list",
            "latency",
            "numbered",
            "csv",
            "memory",
            "tokens",
            "weight",
            "focus",
        ]
        .map(Into::into)
        .into();
    }
    for name in names {
        let result = match name.as_str() {
            "instructions" => counts::list(),
            "decode" => counts::decode(),
            "call" => counts::call(),
            "gate" => counts::gate(),
            "focus" => focus::focus(),
            "list" => lists::list(rounds),
            "latency" => lists::latency(rounds),
            "numbered" => lists::numbered(rounds),
            "csv" => lists::csv(rounds),
            "memory" => lists::memory(),
            "tokens" => tokens::tokens(rounds),
            "build" => build::build(rounds),
            "growth" => build::growth(rounds),
            "weight" => weight::weight(),
            "peers" => peers::peers(rounds),
            other => Err(format!("there is no bench `{other}`; see `cargo xtask bench --help`")),
        };
        if let Err(message) = result {
            return fail(&message);
        }
    }
    ExitCode::SUCCESS
}

fn fail(message: &str) -> ExitCode {
    eprintln!("{message}");
    ExitCode::FAILURE
}

/// Runs the load source in its own process.
fn serve(arguments: impl Iterator<Item = String>) -> ExitCode {
    let mut options = server::Options::default();
    for argument in arguments {
        let (name, value) = argument.split_once('=').unwrap_or((&argument, ""));
        let Ok(number) = value.parse::<u64>() else { return fail(&format!("`{argument}` is not NAME=NUMBER")) };
        match name {
            "records" => options.records = usize::try_from(number).unwrap_or(usize::MAX),
            "latency-ms" => options.latency = Duration::from_millis(number),
            "csv-bytes" => options.csv_bytes = number,
            "drip-ms" => options.drip = Duration::from_millis(number),
            "cut" => options.cut = Some(number),
            "token-ms" => options.token_time = Duration::from_millis(number),
            "token-fail" => options.token_fail = number,
            other => return fail(&format!("unknown setting `{other}`")),
        }
    }
    match server::serve(options, |address| println!("{address}")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error.to_string()),
    }
}
