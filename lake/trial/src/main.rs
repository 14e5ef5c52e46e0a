//! Tries what a lake survives, and prints the figures: `lake-trial [KILLS [SEED]]`; or an empty lake in a store, whose settings are
//! in the environment: `lake-trial store ADDRESS`.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use cloud_billing_lake::Lake;
use lake_trial::Error;
use lake_trial::compacted::compacted;
use lake_trial::kill::{PART, Program, child, lake};
use lake_trial::trials::{Amount, all, any_store};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments).await {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            eprintln!("lake-trial: {error}");
            ExitCode::from(101)
        }
    }
}

async fn run(arguments: &[String]) -> Result<u8, Error> {
    let mut out = std::io::stdout();
    if let [word, root, version, at] = arguments
        && word == "child"
    {
        let report = child(Path::new(root), version.parse()?, at.parse()?).await?;
        writeln!(out, "{report}")?;
        return Ok(report.exit_status());
    }
    if let [word, root] = arguments
        && word == "compact"
    {
        writeln!(out, "{} months compacted", compacted(&lake(Path::new(root))?).await?)?;
        return Ok(0);
    }
    if let [word, address] = arguments
        && word == "store"
    {
        let lake = Lake::open(address, std::env::vars())?.part_size(PART);
        writeln!(out, "{}", any_store(&lake).await?)?;
        return Ok(0);
    }
    let number = |at: usize, default: u64| arguments.get(at).map_or(Ok(default), |text| text.parse());
    let (kills, seed) = (u32::try_from(number(0, 200)?)?, number(1, 23)?);
    let amount = Amount { kills, pairs: (kills / 8).max(4), stride: if kills < 200 { 17 } else { 1 }, seed };
    let program = Program::new(std::env::current_exe()?);
    all(&program, amount, |line| println!("{line}")).await?;
    Ok(0)
}
