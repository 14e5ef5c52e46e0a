//! All accounts of a service, many at once.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use cloud_billing_core::config::shown;
use cloud_billing_core::{Fleet, Timestamp};

use crate::draft::Draft;
use crate::error::Error;
use crate::lake::{Commit, Current, Lake};
use crate::manifest::{Manifest, Stamp};
use crate::plan::{Decision, Kept, Reason, complete, decide};
use crate::random;
use crate::source::{Bill, Listed, Source};
use crate::unit::Unit;

/// How often a unit is tried again when its manifest is replaced by a sweep meanwhile.
const TRIES: u32 = 8;

/// What time it is.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How a sync works.
#[derive(Clone)]
#[non_exhaustive]
pub struct Options {
    /// How many units are under way at once.
    pub concurrency: usize,
    /// How many units of one account are under way at once.
    pub per_account: usize,
    /// Whether bodies are kept as they came.
    pub keep_raw: bool,
    /// Whether all bills are read, also those that have not changed. Files with another content than they had are then written
    /// anew.
    pub everything: bool,
    /// Whether it only says what it would read.
    pub dry_run: bool,
    /// What time it is. The system's clock unless set otherwise.
    pub clock: Clock,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            concurrency: 8,
            per_account: 2,
            keep_raw: false,
            everything: false,
            dry_run: false,
            clock: Arc::new(now),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { concurrency, per_account, keep_raw, everything, dry_run, .. } = self;
        f.debug_struct("Options")
            .field("concurrency", concurrency)
            .field("per_account", per_account)
            .field("keep_raw", keep_raw)
            .field("everything", everything)
            .field("dry_run", dry_run)
            .finish_non_exhaustive()
    }
}

/// The system's clock.
fn now() -> Timestamp {
    let now = Timestamp::from_system_time(std::time::SystemTime::now());
    // A clock beyond the years that there are: what was read then is read again.
    now.or_else(|| Timestamp::from_unix_millis(0)).unwrap_or_else(|| unreachable!("1970 is a year"))
}

/// What came of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It was read, and its files are others than before.
    Replaced(Reason),
    /// It was read, and nothing had changed.
    Unchanged(Reason),
    /// It was not read.
    Kept(Kept),
    /// Another sync has replaced it meanwhile.
    Overtaken,
    /// It would be read.
    Would(Reason),
    /// The lake has it, and the service does not list it any more: its bill was taken back, or is now one of another month. It stays
    /// until its manifest is deleted.
    Gone,
    /// It could not be read or written.
    Failed(String),
}

/// A unit that is done.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Done {
    /// The unit.
    pub unit: Unit,
    /// What came of it.
    pub outcome: Outcome,
    /// How its rows compare with the bills, if the lake has it.
    pub reconciliation: Option<String>,
}

/// What came of a sync.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// Its id, which manifests have.
    pub run_id: String,
    /// Units whose files are others than before.
    pub replaced: u64,
    /// Units that were read without a change.
    pub unchanged: u64,
    /// Units that were not read.
    pub kept: u64,
    /// Units that another sync has replaced.
    pub overtaken: u64,
    /// Units that would be read.
    pub would: u64,
    /// Units that the service does not list any more.
    pub gone: u64,
    /// What failed, an account or a unit, and why.
    pub failed: Vec<(String, String)>,
    /// How many units are `exact`, `residue`, `unexplained` or `unknown`.
    pub reconciliation: BTreeMap<String, u64>,
}

impl Report {
    /// Units that do not add up to their bills or are not listed any more, and what failed.
    #[must_use]
    pub fn not_exact(&self) -> u64 {
        let count = |status| self.reconciliation.get(status).copied().unwrap_or_default();
        count("unexplained") + count("unknown") + self.gone + self.failed.len() as u64
    }

    /// The status that a program exits with: [`not_exact`](Self::not_exact), 100 at most.
    #[must_use]
    pub fn exit_status(&self) -> u8 {
        u8::try_from(self.not_exact().min(100)).unwrap_or(100)
    }

    fn add(&mut self, done: &Done) {
        match &done.outcome {
            Outcome::Replaced(_) => self.replaced += 1,
            Outcome::Unchanged(_) => self.unchanged += 1,
            Outcome::Kept(_) => self.kept += 1,
            Outcome::Overtaken => self.overtaken += 1,
            Outcome::Would(_) => self.would += 1,
            Outcome::Gone => self.gone += 1,
            Outcome::Failed(why) => self.failed.push((done.unit.to_string(), why.clone())),
        }
        if let Some(status) = &done.reconciliation {
            *self.reconciliation.entry(status.clone()).or_default() += 1;
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { replaced, unchanged, kept, overtaken, would, gone, failed, .. } = self;
        write!(f, "{replaced} replaced, {unchanged} read and unchanged, {kept} not read again")?;
        if *overtaken > 0 {
            write!(f, ", {overtaken} replaced by another sync")?;
        }
        if *would > 0 {
            write!(f, ", {would} would be read")?;
        }
        if *gone > 0 {
            write!(f, ", {gone} not listed any more")?;
        }
        write!(f, ", {} failed", failed.len())?;
        let mut verdicts = self.reconciliation.iter();
        if let Some((status, count)) = verdicts.next() {
            write!(f, "; bills: {count} {status}")?;
            verdicts.try_for_each(|(status, count)| write!(f, ", {count} {status}"))?;
        }
        for (what, why) in failed {
            write!(f, "\n{what}: {why}")?;
        }
        Ok(())
    }
}

/// Brings the units of these accounts up to date, the newest month first. `progress` sees each unit that is done.
///
/// The failure of an account or of a unit stops nothing else and is in the report. A sync that is dropped or killed leaves
/// whole units, and the next one goes on from there: the manifests are its only state.
///
/// # Errors
///
/// If the description of the columns cannot be written, so that nothing can.
pub async fn sync(
    lake: &Lake,
    source: Arc<dyn Source>,
    accounts: Vec<String>,
    options: Options,
    mut progress: impl FnMut(&Done),
) -> Result<Report, Error> {
    let run_id = random();
    let mut report = Report { run_id: run_id.clone(), ..Report::default() };
    if !options.dry_run {
        lake.describe((options.clock)()).await?;
    }
    let (concurrency, per_account) = (options.concurrency, options.per_account);
    let worker = Arc::new(Worker { lake: lake.clone(), source, options, run_id });
    let (units, failed) = list(&worker, accounts, |done| {
        report.add(&done);
        progress(&done);
    })
    .await;
    report.failed.extend(failed);
    let fleet = Fleet::new(units).concurrency(concurrency).scope(|listed| listed.unit.account.clone(), per_account);
    let mut run = fleet.run(move |listed| {
        let worker = Arc::clone(&worker);
        async move { Ok(worker.unit(&listed).await) }
    });
    while let Some(done) = run.next().await {
        // A panic of the source is the failure of its unit.
        let done = done.result.unwrap_or_else(|error| Done {
            unit: done.job.unit,
            outcome: Outcome::Failed(error.to_string()),
            reconciliation: None,
        });
        report.add(&done);
        progress(&done);
    }
    report.failed.sort();
    Ok(report)
}

/// What is to be read of all accounts: the newest month first, and within it one account after the other; and the accounts that could
/// not be listed. `done` gets what is kept or gone: of all bills, only those that are read are held at once.
async fn list(
    worker: &Arc<Worker>,
    accounts: Vec<String>,
    mut done: impl FnMut(Done),
) -> (Vec<Listed>, Vec<(String, String)>) {
    let fleet = Fleet::new(accounts).concurrency(worker.options.concurrency);
    let worker = Arc::clone(worker);
    let mut run = fleet.run(move |account| {
        let worker = Arc::clone(&worker);
        async move { Ok(worker.account(&account).await) }
    });
    let (mut units, mut failed) = (Vec::new(), Vec::new());
    while let Some(ended) = run.next().await {
        match ended.result.map_err(Error::from).flatten() {
            Ok((listed, others)) => {
                units.extend(listed);
                others.into_iter().for_each(&mut done);
            }
            Err(error) => failed.push((shown(&ended.job), error.to_string())),
        }
    }
    units.sort_by(|a: &Listed, b: &Listed| b.unit.period.cmp(&a.unit.period).then_with(|| a.unit.cmp(&b.unit)));
    (units, failed)
}

/// What the jobs of a sync share.
struct Worker {
    lake: Lake,
    source: Arc<dyn Source>,
    options: Options,
    run_id: String,
}

impl Worker {
    /// What is to be read of an account, and what is not: what has not changed, and what the lake has and the service does not list.
    async fn account(&self, account: &str) -> Result<(Vec<Listed>, Vec<Done>), Error> {
        let source = self.source.as_ref();
        let listed = source.list(account, (self.options.clock)()).await?;
        let mut others = Vec::new();
        if let Some(since) = source.since() {
            let mut gone = self.lake.account(source.service(), account).await?;
            gone.retain(|unit| unit.period >= since && listed.iter().all(|it| it.unit != *unit));
            gone.sort();
            let gone = gone.into_iter().map(|unit| Done { unit, outcome: Outcome::Gone, reconciliation: None });
            others.extend(gone);
        }
        let mut units = Vec::new();
        for listed in listed {
            match self.kept(&listed).await {
                Some(done) => others.push(done),
                None => units.push(listed),
            }
        }
        Ok((units, others))
    }

    /// A unit that is not read. An error is found again when it is.
    async fn kept(&self, listed: &Listed) -> Option<Done> {
        let base = self.swept(listed).await.ok()??;
        match self.decide(listed, Some(&base.manifest), (self.options.clock)()).await.ok()? {
            Decision::Keep(kept) => {
                let (unit, reconciliation) = (listed.unit.clone(), Some(base.manifest.reconciliation));
                Some(Done { unit, outcome: Outcome::Kept(kept), reconciliation })
            }
            Decision::Read(_) => None,
        }
    }

    async fn unit(&self, listed: &Listed) -> Done {
        let (outcome, reconciliation) = match self.try_unit(listed).await {
            Ok(done) => done,
            Err(error) => (Outcome::Failed(error.to_string()), None),
        };
        Done { unit: listed.unit.clone(), outcome, reconciliation }
    }

    async fn try_unit(&self, listed: &Listed) -> Result<(Outcome, Option<String>), Error> {
        let mut tried: Option<(u64, Reason)> = None;
        for _ in 0..TRIES {
            let mut base = self.swept(listed).await?;
            let generation = base.as_ref().map_or(0, |base| base.manifest.generation);
            let verdict = base.as_ref().map(|base| base.manifest.reconciliation.clone());
            if let Some((seen, reason)) = tried
                && generation > seen
            {
                // Ours, if the answer to the put was lost.
                let ours = base.is_some_and(|base| base.manifest.run_id == self.run_id);
                return Ok((if ours { Outcome::Replaced(reason) } else { Outcome::Overtaken }, verdict));
            }
            let now = (self.options.clock)();
            let reason = match self.decide(listed, base.as_ref().map(|base| &base.manifest), now).await? {
                Decision::Keep(kept) => return Ok((Outcome::Kept(kept), verdict)),
                Decision::Read(reason) if self.options.dry_run => return Ok((Outcome::Would(reason), verdict)),
                Decision::Read(reason) => reason,
            };
            tried = Some((generation, reason));
            if let Some(base) = base.as_mut().filter(|_| self.options.everything) {
                self.forget_damaged(&mut base.manifest).await?;
            }
            let mut draft = Draft::new().keep_raw(self.options.keep_raw).open(listed.is_open(now));
            self.source.read(listed, &mut draft).await?;
            let read = draft.finish()?;
            let verdict = read.status.as_str().to_owned();
            let own = |bill: &Bill| read.differing.iter().find(|own| own.id == bill.id).unwrap_or(bill).clone();
            let bills = listed.bills.iter().map(own).collect();
            let is_complete = complete(listed, now) && read.differing.is_empty();
            let stamp = Stamp::new(self.run_id.clone(), now, is_complete, bills);
            if let Commit::Done { changed } = self.lake.commit(&listed.unit, base, read, stamp).await? {
                let outcome = if changed { Outcome::Replaced(reason) } else { Outcome::Unchanged(reason) };
                return Ok((outcome, Some(verdict)));
            }
        }
        Err(Error::new("others replace its manifest again and again"))
    }

    /// The manifest, without garbage that a killed sync has left.
    async fn swept(&self, listed: &Listed) -> Result<Option<Current>, Error> {
        let current = self.lake.load(&listed.unit).await?;
        match current {
            Some(current) if !self.options.dry_run && !current.manifest.garbage.is_empty() => {
                self.lake.sweep(current).await?;
                self.lake.load(&listed.unit).await
            }
            other => Ok(other),
        }
    }

    async fn decide(&self, listed: &Listed, manifest: Option<&Manifest>, now: Timestamp) -> Result<Decision, Error> {
        Ok(match (decide(listed, manifest, self.lake.schema_id(), now), manifest) {
            (Decision::Keep(_), _) if self.options.everything => Decision::Read(Reason::Asked),
            (Decision::Keep(_), Some(manifest)) if self.lake.damaged(manifest).await?.is_some() => {
                Decision::Read(Reason::Damaged)
            }
            (decision, _) => decision,
        })
    }

    /// Takes files with another content than they had off what is known, so that they are written anew.
    async fn forget_damaged(&self, known: &mut Manifest) -> Result<(), Error> {
        for file in std::mem::take(&mut known.files) {
            if self.lake.is_whole(&file).await? {
                known.files.push(file);
            }
        }
        Ok(())
    }
}
