//! Syncs as processes of their own, to kill them.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cloud_billing_core::Timestamp;
use cloud_billing_lake::{Lake, Report};

use crate::Error;
use crate::fake::{Fake, spread, stopped};
use crate::reader::Seen;

/// Parts of files are small in the trials, so that files are put in several.
pub const PART: usize = 4 << 10;

/// Random numbers that are the same in each run.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The numbers of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = spread(&format!("random {}", self.0));
        // The low bits of FNV are poor.
        (self.0 >> 16) % limit.max(1)
    }
}

/// The lake of a folder, as trials open it.
///
/// # Errors
///
/// If the folder cannot be created.
pub fn lake(root: &Path) -> Result<Lake, Error> {
    Ok(Lake::folder(root)?.part_size(PART))
}

/// What a child does: a sync of the made-up source to a folder.
///
/// # Errors
///
/// If nothing could be done.
pub async fn child(root: &Path, version: u32, at: Timestamp) -> Result<Report, Error> {
    Ok(Fake::new(version).sync(&lake(root)?, stopped(at)).await?)
}

/// A program whose arguments `child ROOT VERSION TIME` do [`child`], and `compact ROOT` a compaction.
#[derive(Clone, Debug)]
pub struct Program(PathBuf);

impl Program {
    /// A program by its path.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The command of a sync.
    #[must_use]
    pub fn command(&self, root: &Path, version: u32, at: Timestamp) -> Command {
        let mut command = Command::new(&self.0);
        command.arg("child").arg(root).arg(version.to_string()).arg(at.to_string());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// The command of a compaction: `compact ROOT`.
    #[must_use]
    pub fn compaction(&self, root: &Path) -> Command {
        let mut command = Command::new(&self.0);
        command.arg("compact").arg(root);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// The same as [`command`](Self::command), with a limit on the length of files, in blocks of the shell.
    #[must_use]
    pub fn limited(&self, blocks: u64, root: &Path, version: u32, at: Timestamp) -> Command {
        let plain = self.command(root, version, at);
        let mut command = Command::new("sh");
        // Without the signal, a write beyond the limit is an error.
        command.arg("-c").arg(format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\""));
        command.arg(plain.get_program()).args(plain.get_args());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

/// What killing came to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Killed {
    /// Processes that were killed while they worked.
    pub killed: u32,
    /// Processes that ended before.
    pub ended: u32,
    /// What a reader saw meanwhile and afterwards.
    pub seen: Seen,
}

/// Kills so many syncs, each of a later state of the source, at random times within that of a whole one, while a reader looks on.
///
/// # Errors
///
/// If a process cannot be started, or the reader sees anything but whole units.
pub async fn kill(
    program: &Program,
    root: &Path,
    times: u32,
    at: Timestamp,
    random: &mut Random,
) -> Result<Killed, Error> {
    let mut killed = Killed::default();
    let lake = lake(root)?;
    let whole = whole(program, at)?;
    let mut version = 0;
    while killed.killed < times {
        version += 1;
        let mut child = program.command(root, version, at).spawn()?;
        let wait = Duration::from_micros(random.below(u64::try_from(whole.as_micros())?));
        let deadline = Instant::now() + wait;
        killed.seen.look(&lake).await?;
        std::thread::sleep(deadline.saturating_duration_since(Instant::now()));
        if end(&mut child)? {
            killed.killed += 1;
        } else {
            killed.ended += 1;
        }
        if killed.ended > 20 * times.max(10) {
            return Err("nearly all syncs ended before they were killed".into());
        }
        killed.seen.look(&lake).await?;
    }
    Ok(killed)
}

/// How long a sync takes that writes everything.
fn whole(program: &Program, at: Timestamp) -> Result<Duration, Error> {
    let folder = tempfile::tempdir()?;
    let start = Instant::now();
    program.command(folder.path(), 1, at).status()?;
    Ok(start.elapsed())
}

/// Kills a process (SIGKILL). Says whether it was still there.
fn end(child: &mut Child) -> Result<bool, Error> {
    if child.try_wait()?.is_some() {
        return Ok(false);
    }
    child.kill()?;
    // It may have ended in between.
    Ok(!child.wait()?.success())
}
