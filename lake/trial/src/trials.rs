//! The trials, each with its figures.

use std::path::Path;
use std::sync::Arc;

use cloud_billing_core::Timestamp;
use cloud_billing_lake::{Lake, Report};
use object_store::memory::InMemory;

use crate::compare::{content, same};
use crate::disk::{self, undisturbed};
use crate::fake::{Fake, accounts, noon, stopped, time};
use crate::kill::{Program, Random, kill, lake};
use crate::reader::Seen;
use crate::{Error, compacted};

/// How much is tried.
#[derive(Clone, Copy, Debug)]
pub struct Amount {
    /// How many syncs are killed.
    pub kills: u32,
    /// How often two syncs work at once.
    pub pairs: u32,
    /// Of how many calls of a store one fails.
    pub stride: usize,
    /// Where random numbers begin.
    pub seed: u64,
}

/// Tries everything. `print` gets a line of figures for each trial.
///
/// # Errors
///
/// At the first thing that is not as it must be.
pub async fn all(program: &Program, amount: Amount, mut print: impl FnMut(String)) -> Result<(), Error> {
    print(killed(program, amount).await?);
    print(pairs(program, amount).await?);
    print(no_space(program).await?);
    print(failing(amount).await?);
    print(clock().await?);
    print(broken_account().await?);
    print(compacted::failing(amount).await?);
    print(compacted::killed(program, amount).await?);
    Ok(())
}

/// Syncs that are killed.
///
/// # Errors
///
/// If the reader sees half a unit, or the lake does not become what it must be.
pub async fn killed(program: &Program, amount: Amount) -> Result<String, Error> {
    let folder = tempfile::tempdir()?;
    let root = folder.path();
    let killed = kill(program, root, amount.kills, noon(), &mut Random::new(amount.seed)).await?;
    check_state("killed", root, 1_000_000).await?;
    Ok(format!(
        "killed: {} syncs at random points (seed {}; {} more had ended before); a reader saw {} whole units and no other, {} of \
         them replaced while it read",
        killed.killed, amount.seed, killed.ended, killed.seen.units, killed.seen.again
    ))
}

/// A last sync of a lake in a folder, which must come to what an undisturbed lake has; then another one, which must do nothing.
async fn check_state(what: &str, root: &Path, version: u32) -> Result<(), Error> {
    let lake = lake(root)?;
    let report = Fake::new(version).sync(&lake, stopped(noon())).await?;
    if !report.failed.is_empty() {
        return Err(format!("{what}: {report}").into());
    }
    let disturbed = content(&lake).await?;
    same(what, &disturbed, &undisturbed(&[version], noon()).await?)?;
    nothing_changes(what, &Fake::new(version).sync(&lake, stopped(noon())).await?)?;
    // Of what killed syncs left, nothing that is current is collected.
    lake.collect(time("2200-01-01T00:00:00Z")).await?;
    if let Some(left) = std::fs::read_dir(root.join(".tmp"))?.flatten().find(|entry| entry.file_name() != "lock") {
        return Err(format!("{what}: {} is left", left.path().display()).into());
    }
    same(what, &content(&lake).await?, &disturbed)
}

fn nothing_changes(what: &str, report: &Report) -> Result<(), Error> {
    if report.replaced == 0 && report.failed.is_empty() { Ok(()) } else { Err(format!("{what}: {report}").into()) }
}

/// Two syncs at once, of the same state of the source and of two states; some of them are killed.
///
/// # Errors
///
/// As of [`killed`].
pub async fn pairs(program: &Program, amount: Amount) -> Result<String, Error> {
    let folder = tempfile::tempdir()?;
    let (root, lake) = (folder.path(), lake(folder.path())?);
    let (mut seen, mut random) = (Seen::default(), Random::new(amount.seed));
    for pair in 1..=amount.pairs {
        let version = 10 * pair;
        let other = version + u32::from(pair % 3 == 0);
        let mut one = program.command(root, version, noon()).spawn()?;
        let mut two = program.command(root, other, noon()).spawn()?;
        seen.look(&lake).await?;
        if pair % 4 == 0 {
            std::thread::sleep(std::time::Duration::from_millis(random.below(100)));
            one.kill()?;
        }
        let (one, two) = (one.wait()?, two.wait()?);
        if (pair % 4 != 0 && !one.success()) || !two.success() {
            return Err(format!("pair {pair}: {one}, {two}").into());
        }
        seen.look(&lake).await?;
        if pair % 4 == 0 {
            // What the killed one has put belongs to no unit.
            lake.collect(time("2200-01-01T00:00:00Z")).await?;
        }
        if pair % 3 != 0 {
            same(&format!("pair {pair}"), &content(&lake).await?, &undisturbed(&[version], noon()).await?)?;
        }
    }
    check_state("two at once", root, 1_000_000).await?;
    Ok(format!(
        "two at once: {} pairs, a quarter with one of them killed; a reader saw {} whole units and no other",
        amount.pairs, seen.units
    ))
}

/// Syncs to a lake that is empty: several states of the source, two syncs at once, a repeat; with a reader.
///
/// # Errors
///
/// As of [`killed`].
pub async fn any_store(lake: &Lake) -> Result<String, Error> {
    let mut seen = Seen::default();
    for round in 0..8 {
        let (version, other) = (round * 10 + 1, round * 10 + 1 + round % 2);
        let sync = |version| Fake::new(version).sync(lake, stopped(noon()));
        let (one, two, looked) = tokio::join!(sync(version), sync(other), seen.look(lake));
        looked?;
        for report in [one?, two?] {
            if !report.failed.is_empty() {
                return Err(format!("round {round}: {report}").into());
            }
        }
    }
    let report = Fake::new(100).sync(lake, stopped(noon())).await?;
    if report.replaced == 0 || !report.failed.is_empty() {
        return Err(format!("the last sync: {report}").into());
    }
    seen.look(lake).await?;
    same("the store", &content(lake).await?, &undisturbed(&[100], noon()).await?)?;
    nothing_changes("a repeat", &Fake::new(100).sync(lake, stopped(noon())).await?)?;
    Ok(format!("any store: 8 pairs of syncs at once; a reader saw {} whole units and no other", seen.units))
}

/// No space for files, and none for the report.
///
/// # Errors
///
/// As of [`killed`].
pub async fn no_space(program: &Program) -> Result<String, Error> {
    let folder = tempfile::tempdir()?;
    let root = folder.path();
    let (failed, syncs) = disk::limits(program, root, 1, noon())?;
    let (failed_again, again) = disk::limits(program, root, 50, noon())?;
    let (failed, syncs) = (failed + failed_again, syncs + again);
    disk::full_device(program, root, 80, noon())?;
    Seen::default().look(&lake(root)?).await?;
    check_state("no space", root, 90).await?;
    Ok(format!(
        "no space: {failed} of {syncs} syncs under limits on the length of files failed and said so, as did one whose report went \
         to a full device"
    ))
}

/// A store that fails at each call in turn.
///
/// # Errors
///
/// As of [`killed`].
pub async fn failing(amount: Amount) -> Result<String, Error> {
    let failed = disk::each_call(noon(), amount.stride).await?;
    Ok(format!(
        "failing store: {} syncs, each with another call that failed or whose answer was lost; {} said so, {} made up for it",
        failed.calls,
        failed.reported,
        failed.calls - failed.reported
    ))
}

/// A clock that jumps years ahead, back, and before the lake.
///
/// # Errors
///
/// As of [`killed`].
pub async fn clock() -> Result<String, Error> {
    let lake = Lake::new(Arc::new(InMemory::new()));
    let times = ["2026-11-25T12:00:00Z", "2036-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2026-11-02T00:00:00Z"];
    let mut syncs = 0;
    for (version, at) in (1..).zip(times.into_iter().cycle().take(12)) {
        let at: Timestamp = time(at);
        let report = Fake::new(version).sync(&lake, stopped(at)).await?;
        if !report.failed.is_empty() {
            return Err(format!("clock at {at}: {report}").into());
        }
        syncs += 1;
    }
    let report = Fake::new(100).sync(&lake, stopped(noon())).await?;
    if !report.failed.is_empty() {
        return Err(format!("clock: {report}").into());
    }
    same("clock", &content(&lake).await?, &undisturbed(&[100], noon()).await?)?;
    Ok(format!("clock: {syncs} syncs at times from 1970 to 2036"))
}

/// An account that cannot be read.
///
/// # Errors
///
/// If it stops another one, or leaves anything of its own.
pub async fn broken_account() -> Result<String, Error> {
    let lake = Lake::new(Arc::new(InMemory::new()));
    let broken = accounts().swap_remove(2);
    let mut fake = Fake::new(1);
    fake.broken = Some(broken.clone());
    let report = fake.sync(&lake, stopped(noon())).await?;
    let months = Fake::new(1).months as u64;
    let others = (accounts().len() as u64 - 1) * months;
    if report.failed.len() as u64 != months || report.replaced != others || u64::from(report.exit_status()) != months {
        return Err(format!("an account that fails: {report}").into());
    }
    let there = content(&lake).await?;
    if let Some(path) = there.files.keys().find(|path| path.contains(&broken)) {
        return Err(format!("a unit that failed left {path}").into());
    }
    Fake::new(1).sync(&lake, stopped(noon())).await?;
    same("an account that failed", &content(&lake).await?, &undisturbed(&[1], noon()).await?)?;
    Ok(format!("an account that fails: its {months} units, and none of the other {others}"))
}
