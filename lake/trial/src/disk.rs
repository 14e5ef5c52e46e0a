//! No space, in three forms: a limit on the length of files, a device that is full, and a store that fails at each call in turn.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use cloud_billing_core::Timestamp;
use cloud_billing_lake::Lake;
use object_store::ObjectStore;
use object_store::memory::InMemory;

use crate::Error;
use crate::compare::{Content, content, same};
use crate::failing::{Failing, When};
use crate::fake::{Fake, stopped};
use crate::kill::Program;
use crate::reader::Seen;

/// Limits on the length of files, from nothing to plenty, in blocks of the shell (512 bytes or 1 KiB).
const LIMITS: [u64; 12] = [0, 1, 2, 4, 8, 16, 32, 64, 96, 128, 192, 4_096];

/// Syncs under limits on the length of files. Returns how many failed, and of how many.
///
/// # Errors
///
/// If a process cannot be started, a sync ends well under a limit that lets it write nothing, or fails under one that does not matter.
pub fn limits(program: &Program, root: &Path, version: u32, at: Timestamp) -> Result<(u32, usize), Error> {
    let mut failed = 0;
    for blocks in LIMITS {
        let status = program.limited(blocks, root, version, at).status()?;
        failed += u32::from(!status.success());
        if status.success() != (blocks == 4_096) && [0, 4_096].contains(&blocks) {
            return Err(format!("a sync with files of {blocks} blocks at most: {status}").into());
        }
    }
    Ok((failed, LIMITS.len()))
}

/// A sync whose report goes to a device that is full.
///
/// # Errors
///
/// If it says that all is well.
pub fn full_device(program: &Program, root: &Path, version: u32, at: Timestamp) -> Result<(), Error> {
    let full = File::options().write(true).open("/dev/full")?;
    if program.command(root, version, at).stdout(full).status()?.success() {
        return Err("a sync that cannot print its report says that all is well".into());
    }
    Ok(())
}

/// What failing at each call in turn came to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Failed {
    /// The calls that failed, one in each sync.
    pub calls: u64,
    /// The syncs that said so.
    pub reported: u64,
}

/// Lets each call of a sync fail in turn, before it is done and after it. After each failure the reader looks, and a sync without
/// failures must come to the same as an undisturbed one.
///
/// # Errors
///
/// If it does not.
pub async fn each_call(at: Timestamp, stride: usize) -> Result<Failed, Error> {
    let undisturbed = undisturbed(&[1, 2], at).await?;
    let mut failed = Failed::default();
    for when in [When::Before, When::After] {
        let calls = calls(at).await?;
        for call in (1..=calls).step_by(stride) {
            let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
            let lake = Lake::new(Arc::clone(&store));
            Fake::new(1).sync(&lake, stopped(at)).await?;
            let failing = Lake::new(Arc::new(Failing::new(Arc::clone(&store), call, when)));
            let report = Fake::new(2).sync(&failing, stopped(at)).await;
            failed.calls += 1;
            failed.reported += u64::from(report.is_err() || report.is_ok_and(|report| !report.failed.is_empty()));
            Seen::default().look(&lake).await?;
            let report = Fake::new(2).sync(&lake, stopped(at)).await?;
            if !report.failed.is_empty() {
                return Err(format!("after call {call} failed: {report}").into());
            }
            same(&format!("after call {call} failed ({when:?})"), &content(&lake).await?, &undisturbed)?;
        }
    }
    Ok(failed)
}

/// How many calls a sync makes that replaces units.
async fn calls(at: Timestamp) -> Result<u64, Error> {
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    Fake::new(1).sync(&Lake::new(Arc::clone(&store)), stopped(at)).await?;
    let counting = Arc::new(Failing::new(store, 0, When::Before));
    Fake::new(2).sync(&Lake::new(Arc::clone(&counting) as Arc<dyn ObjectStore>), stopped(at)).await?;
    Ok(counting.calls())
}

/// What an undisturbed lake has after syncs of these states of the source.
///
/// # Errors
///
/// If a sync fails.
pub async fn undisturbed(versions: &[u32], at: Timestamp) -> Result<Content, Error> {
    let lake = Lake::new(Arc::new(InMemory::new()));
    for version in versions {
        Fake::new(*version).sync(&lake, stopped(at)).await?;
    }
    content(&lake).await
}
