//! Compactions that are disturbed. They must harm nothing of the units, and what is current of them must be whole.

use std::collections::BTreeMap;
use std::path::Path as FilePath;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cloud_billing_lake::compact::{Options, Outcome, compact};
use cloud_billing_lake::{Compaction, Lake, Month};
use futures_util::TryStreamExt;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use crate::Error;
use crate::compare::{common, content, hash, same};
use crate::failing::{Failing, When};
use crate::fake::{Fake, noon, stopped, time};
use crate::kill::{Program, Random, lake};
use crate::trials::Amount;

/// Of all months, with several files of a table.
#[must_use]
pub fn options() -> Options {
    let mut options = Options::default();
    (options.all, options.target) = (true, 8_000);
    options
}

/// Compacts all months, of which none may fail. Returns how many have new files.
///
/// # Errors
///
/// If one fails.
pub async fn compacted(lake: &Lake) -> Result<usize, Error> {
    let done = compact(lake, options()).await?;
    if let Some((month, outcome)) = done.iter().find(|(_, outcome)| matches!(outcome, Outcome::Failed(_))) {
        return Err(format!("{month}: {outcome:?}").into());
    }
    Ok(done.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Compacted(_))).count())
}

/// The hashes of the current files, by path but for the number that no other file has.
///
/// # Errors
///
/// If one is missing, or has other bytes than its manifest says.
pub async fn copies(lake: &Lake) -> Result<BTreeMap<String, String>, Error> {
    let mut files = BTreeMap::new();
    let all: Vec<Compaction> = lake.compactions().try_collect().await?;
    for file in all.iter().flat_map(|it| &it.files) {
        let bytes = lake.store().get(&Path::from(file.path.as_str())).await?.bytes().await?;
        if hash(&bytes) != file.sha256 || bytes.len() as u64 != file.bytes {
            return Err(format!("{} has other bytes than its manifest says", file.path).into());
        }
        files.insert(common(&file.path), file.sha256.clone());
    }
    Ok(files)
}

/// How many files compactions wrote that are there, current or not.
async fn there(lake: &Lake) -> Result<usize, Error> {
    let listed: Vec<_> = lake.store().list(Some(&Path::from("compact"))).try_collect().await?;
    Ok(listed.iter().filter(|meta| Month::of_file(&meta.location).is_some()).count())
}

/// The current files of a lake that nothing disturbed.
async fn undisturbed(version: u32) -> Result<BTreeMap<String, String>, Error> {
    let lake = Lake::new(Arc::new(InMemory::new()));
    Fake::new(version).sync(&lake, stopped(noon())).await?;
    compacted(&lake).await?;
    copies(&lake).await
}

/// A last compaction, which must come to what an undisturbed one does, and a repeat, which must do nothing.
async fn check_state(what: &str, lake: &Lake, undisturbed: &BTreeMap<String, String>) -> Result<(), Error> {
    compacted(lake).await?;
    lake.collect(time("2200-01-01T00:00:00Z")).await?;
    let files = copies(lake).await?;
    if files != *undisturbed || there(lake).await? != files.len() {
        return Err(format!("{what}: the compacted files are others than of an undisturbed lake").into());
    }
    match compacted(lake).await? {
        0 => Ok(()),
        changed => Err(format!("{what}: a repeat has replaced {changed} months").into()),
    }
}

/// Lets each call of a compaction fail in turn, before it is done and after it.
///
/// # Errors
///
/// If that harms a unit, or the next compaction does not come to the same as an undisturbed one.
pub async fn failing(amount: Amount) -> Result<String, Error> {
    let prepared = Arc::new(InMemory::new());
    let lake = Lake::new(Arc::clone(&prepared) as Arc<dyn ObjectStore>);
    Fake::new(1).sync(&lake, stopped(noon())).await?;
    compacted(&lake).await?;
    Fake::new(3).sync(&lake, stopped(noon())).await?;
    let before = content(&lake).await?;
    let counting = Arc::new(Failing::new(Arc::new(prepared.fork()), 0, When::Before));
    compacted(&Lake::new(Arc::clone(&counting) as Arc<dyn ObjectStore>)).await?;
    let undisturbed = undisturbed(3).await?;
    let (mut failed, mut reported) = (0, 0);
    for when in [When::Before, When::After] {
        for call in (1..=counting.calls()).step_by(amount.stride) {
            let store: Arc<dyn ObjectStore> = Arc::new(prepared.fork());
            let lake = Lake::new(Arc::clone(&store));
            failed += 1;
            reported += u32::from(compacted(&Lake::new(Arc::new(Failing::new(store, call, when)))).await.is_err());
            let what = format!("after call {call} of a compaction failed ({when:?})");
            copies(&lake).await.map_err(|error| format!("{what}: {error}"))?;
            check_state(&what, &lake, &undisturbed).await?;
            same(&what, &content(&lake).await?, &before)?;
        }
    }
    Ok(format!(
        "compaction on a failing store: {failed} of them, each with another call that failed or whose answer was lost; {reported} said so"
    ))
}

/// Compactions that are killed, each after a sync of a later state of the source.
///
/// # Errors
///
/// As of [`failing`].
pub async fn killed(program: &Program, amount: Amount) -> Result<String, Error> {
    let folder = tempfile::tempdir()?;
    let lake = lake(folder.path())?;
    let (mut random, mut version, mut whole) = (Random::new(amount.seed), 0, Duration::from_secs(1));
    let (mut killed, mut ended) = (0, 0);
    while killed < amount.kills && ended < 20 * amount.kills {
        version += 3;
        Fake::new(version).sync(&lake, stopped(noon())).await?;
        let before = content(&lake).await?;
        let is_killed = kill(program, folder.path(), &mut whole, version == 3, &mut random)?;
        (killed, ended) = (killed + u32::from(is_killed), ended + u32::from(!is_killed));
        copies(&lake).await?;
        same("a compaction that was killed", &content(&lake).await?, &before)?;
    }
    check_state("compactions that were killed", &lake, &undisturbed(version).await?).await?;
    Ok(format!("killed: {killed} compactions at random points ({ended} more had ended before)"))
}

/// Kills a compaction within the time of a whole one, which is measured first. Says whether it was still there.
fn kill(
    program: &Program,
    root: &FilePath,
    whole: &mut Duration,
    is_first: bool,
    random: &mut Random,
) -> Result<bool, Error> {
    let start = Instant::now();
    let mut child = program.compaction(root).spawn()?;
    if is_first {
        child.wait()?;
        *whole = start.elapsed();
        return Ok(false);
    }
    std::thread::sleep(Duration::from_micros(random.below(u64::try_from(whole.as_micros())?)));
    // One that has ended cannot be killed any more.
    Ok(child.try_wait()?.is_none() && child.kill().is_ok() && !child.wait()?.success())
}
