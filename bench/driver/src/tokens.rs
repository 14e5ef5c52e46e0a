//! Row 8: the number of token requests, and the time that calls wait for them.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::run::{Server, build, median, number, report};

/// The latency of a token request.
const TOKEN_MS: f64 = 200.0;

/// The number of concurrent calls.
const CALLS: &str = "1000";

pub(crate) fn tokens(rounds: usize) -> Result<(), String> {
    build(&["ours"])?;
    allow_many_files()?;
    let late = [format!("token-ms={TOKEN_MS}")];
    let failing = |requests: u64| [late[0].clone(), format!("token-fail={requests}")];
    println!("\nTokens, which take {TOKEN_MS} ms each; {rounds} rounds, medians, and the most of all rounds");

    let burst = rounds_of(rounds, &late, &["burst"])?;
    let bound = TOKEN_MS + 50.0;
    line("1,000 first calls at once: fetches", burst.tokens, "1");
    line("  failed calls", burst.failed, "0");
    // A thousand concurrent connections take time even with a cached token.
    let warm = rounds_of(rounds, &late, &["warm"])?;
    line("  median of a call, ms", burst.median_ms, "");
    line("  the same with a cached token, ms", warm.median_ms, "");
    line("  added by the token request, ms", burst.median_ms - warm.median_ms, &format!("at most {bound}"));
    line("  longest call, ms", burst.max_ms, "");

    let void = rounds_of(rounds, &late, &["void"])?;
    // The program fetches one token before that is revoked.
    line("1,000 calls with a voided token: fetches", void.tokens - 1.0, "1");
    line("  failed calls", void.failed, "0");
    line("  median of a call, ms", void.median_ms, "");

    let once = rounds_of(rounds, &failing(1), &["first"])?;
    line("first request for a token fails: requests for tokens", once.tokens, "2");
    line("  failed calls", once.failed, "0");
    line("  wait for the next try, ms", once.max_ms - 2.0 * TOKEN_MS, "at most 1000");

    let healed = rounds_of(rounds, &failing(1_000_000), &["healed"])?;
    line("after a fetch that gave up, next call: failed calls", healed.failed, "0");
    line("  wait for the next try, ms", healed.max_ms - TOKEN_MS, "at most 1000");
    Ok(())
}

/// The figures of several rounds: medians, except for counts and the longest wait, which are maxima.
struct Figures {
    tokens: f64,
    failed: f64,
    median_ms: f64,
    max_ms: f64,
}

fn rounds_of(rounds: usize, settings: &[String], mode: &[&str]) -> Result<Figures, String> {
    let mut kept = Vec::new();
    for _ in 0..rounds {
        let server = Server::start(settings)?;
        let text = report("ours", &[mode, &[&server.url, CALLS]].concat())?;
        let tokens = server.stats()?.tokens as f64;
        let (failed, median_ms, max_ms) =
            (number(&text, "failed")?, number(&text, "median_ms")?, number(&text, "max_ms")?);
        kept.push(Figures { tokens, failed, median_ms, max_ms });
    }
    let most = |of: fn(&Figures) -> f64| kept.iter().map(of).fold(0.0, f64::max);
    Ok(Figures {
        tokens: most(|figures| figures.tokens),
        failed: most(|figures| figures.failed),
        median_ms: median(kept.iter().map(|figures| figures.median_ms)),
        max_ms: most(|figures| figures.max_ms),
    })
}

fn line(name: &str, figure: f64, goal: &str) {
    let goal = if goal.is_empty() { String::new() } else { format!("   goal {goal}") };
    println!("{name:<54}{figure:>8.0}{goal}");
}

/// Raises the limit on open files, because a thousand connections exceed the default. Child processes inherit it.
fn allow_many_files() -> Result<(), String> {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).map_err(|error| error.to_string())?;
    setrlimit(Resource::RLIMIT_NOFILE, most, most).map_err(|error| error.to_string())
}
