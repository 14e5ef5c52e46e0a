//! Calls that need a token: how long each waits, and whether it fails.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use crate::{ACCOUNT, Result, ibm};
use ibm_usage_reports::types::AccountId;

/// The duration of a call, and whether it succeeded.
type Waited = (f64, bool);

pub(crate) async fn run(mode: &str, url: &str, number: u64) -> Result<()> {
    let client = ibm(url)?;
    let mut waits = match mode {
        "burst" => at_once(&client, number).await?,
        "warm" | "void" => {
            call(&client).await?.1.then_some(()).ok_or("the first call failed")?;
            if mode == "void" {
                tell(url, "/void")?;
            }
            at_once(&client, number).await?
        }
        "first" => vec![call(&client).await?],
        _ => {
            if call(&client).await?.1 {
                return Err("the load source gave a token nevertheless".into());
            }
            tell(url, "/heal")?;
            vec![call(&client).await?]
        }
    };
    waits.sort_by(|one, other| one.0.total_cmp(&other.0));
    let failed = waits.iter().filter(|(_, succeeded)| !succeeded).count();
    let (median, max) = (waits[waits.len() / 2].0, waits[waits.len() - 1].0);
    println!("failed={failed} median_ms={median:.1} max_ms={max:.1}");
    Ok(())
}

/// Makes this many concurrent calls with one client. Each duration starts when all calls are created, even if no thread
/// is free yet.
async fn at_once(client: &ibm_usage_reports::Client, number: u64) -> Result<Vec<Waited>> {
    let started = Instant::now();
    let calls: Vec<_> = (0..number)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { call_since(started, &client).await.map_err(|error| error.to_string()) })
        })
        .collect();
    let mut waits = Vec::new();
    for call in calls {
        waits.push(call.await??);
    }
    Ok(waits)
}

async fn call(client: &ibm_usage_reports::Client) -> Result<Waited> {
    call_since(Instant::now(), client).await
}

async fn call_since(started: Instant, client: &ibm_usage_reports::Client) -> Result<Waited> {
    let request = client.get_account_summary(AccountId::new(ACCOUNT), "2026-01".parse()?);
    let succeeded = request.send().await.is_ok();
    Ok((started.elapsed().as_secs_f64() * 1000.0, succeeded))
}

/// Sends a command to the load source.
fn tell(url: &str, path: &str) -> Result<()> {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://"))?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: bench\r\n\r\n")?;
    stream.shutdown(std::net::Shutdown::Write)?;
    stream.read_to_end(&mut Vec::new())?;
    Ok(())
}
