//! The manifest of a compacted month: its files, and the bills that they are a copy of.

use std::collections::BTreeMap;
use std::fmt;

use cloud_billing_core::BillingMonth;
use object_store::path::Path;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::draft::hex;
use crate::error::Error;
use crate::manifest::{File, bytes, text};
use crate::table::Table;
use crate::unit::{Service, Unit, is_part, value};

/// The folder of compacted files.
pub(crate) const COMPACT: &str = "compact";

/// The form of files and manifests that this version writes.
const FORMAT: u32 = 1;

/// A month of a service. Its units are compacted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Month {
    /// The service.
    pub service: Service,
    /// The month that the bills begin in.
    pub period: BillingMonth,
}

impl Month {
    /// The month of a unit.
    #[must_use]
    pub const fn of(unit: &Unit) -> Self {
        Self { service: unit.service, period: unit.period }
    }

    /// The manifest.
    #[must_use]
    pub fn manifest(&self) -> Path {
        Path::from(format!("{COMPACT}/state/{}/{}.json", self.service, self.period))
    }

    /// The month of a manifest. `None` for any other path.
    #[must_use]
    pub fn of_manifest(path: &Path) -> Option<Self> {
        let name = path.as_ref().strip_prefix(COMPACT)?.strip_prefix("/state/")?.strip_suffix(".json")?;
        let (service, period) = name.split_once('/')?;
        Some(Self { service: Service::parse(service)?, period: period.parse().ok()? })
    }

    /// The month of a file that a compaction wrote. `None` for any other path.
    #[must_use]
    pub fn of_file(path: &Path) -> Option<Self> {
        let value = |key| value(path, key);
        let service = Service::parse(&value("service=")?)?;
        let month = Self { service, period: value("billing_period=")?.parse().ok()? };
        let name = path.filename().filter(|name| is_part(name))?;
        Table::ALL.iter().any(|table| month.folder(*table).join(name) == *path).then_some(month)
    }

    /// The folder of a table.
    #[must_use]
    pub fn folder(&self, table: Table) -> Path {
        let Self { service, period } = self;
        Path::from(format!("{COMPACT}/{}/service={service}/billing_period={period}", table.folder()))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.service, self.period)
    }
}

/// What is current of a compacted month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Compaction {
    format: u32,
    /// The month.
    pub month: Month,
    /// The [`digest`] of the units.
    pub digest: String,
    /// The number of units.
    pub units: u64,
    /// The files that are current.
    pub files: Vec<File>,
    /// Files that have been replaced and may still be there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub garbage: Vec<String>,
}

impl Compaction {
    /// A compaction without files.
    pub(crate) const fn new(month: Month, digest: String, units: u64) -> Self {
        Self { format: FORMAT, month, digest, units, files: Vec::new(), garbage: Vec::new() }
    }

    /// Reads the manifest of a month.
    ///
    /// # Errors
    ///
    /// If it is none, one of another version, or one that names files of another month.
    pub fn parse(month: &Month, text: &[u8]) -> Result<Self, Error> {
        let path = month.manifest();
        let broken = |why: String| {
            Error::new(format!("{path} is no manifest of a compacted month (delete it, and compact again): {why}"))
        };
        let read: Self = serde_json::from_slice(text).map_err(|error| broken(error.to_string()))?;
        if read.format != FORMAT {
            return Err(broken(format!("it has format {}", read.format)));
        }
        let is_own = |file: &File| Month::of_file(&Path::from(file.path.as_str())) == Some(*month);
        match read.files.iter().find(|file| !is_own(file)) {
            Some(file) => Err(broken(format!("it names {}", file.path))),
            None if read.month != *month => Err(broken(format!("it is that of {}", read.month))),
            None => Ok(read),
        }
    }

    /// The text of the file.
    pub(crate) fn to_json(&self) -> Result<Vec<u8>, Error> {
        text(self)
    }

    /// The charges.
    #[must_use]
    pub fn rows(&self) -> u64 {
        let charges = format!("{COMPACT}/{}/", Table::CostAndUsage.folder());
        let charges = self.files.iter().filter(|file| file.path.starts_with(&charges));
        charges.fold(0, |sum, file| sum.saturating_add(file.rows))
    }

    /// The length of the files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        bytes(&self.files)
    }
}

/// Says what bills a copy was made of: the accounts of a month, each with its current files. Their order does not matter. It changes
/// with every file of a unit, and not with a sync that has found nothing new.
#[must_use]
pub fn digest<'m>(units: impl IntoIterator<Item = (&'m str, &'m [File])>) -> String {
    let units: BTreeMap<_, _> = units.into_iter().collect();
    let mut hash = Sha256::new();
    for unit in units {
        hash.update(serde_json::json!(unit).to_string());
    }
    hex(&hash.finalize())
}
