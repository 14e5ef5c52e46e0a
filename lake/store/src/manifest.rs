//! The manifest of a unit: what is current, and the checkpoint of a sync.

use std::collections::BTreeMap;

use cloud_billing_core::Timestamp;
use object_store::path::Path;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::source::Bill;
use crate::unit::Unit;

/// The form of manifests that this version writes.
const FORMAT: u32 = 1;

/// What is current of a unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Manifest {
    format: u32,
    /// The unit.
    pub unit: Unit,
    /// How often it has been replaced.
    pub generation: u64,
    /// The sync that wrote it.
    pub run_id: String,
    /// When the unit was read.
    pub retrieved_at: Timestamp,
    /// The columns of its charges, by the id of their description.
    pub schema_id: String,
    /// Whether the vendor changes nothing any more.
    pub complete: bool,
    /// The bills as their list had them when the unit was read.
    pub bills: Vec<Bill>,
    /// The bodies that it was made of.
    pub bodies: Vec<Body>,
    /// The files that are current, by path.
    pub files: Vec<File>,
    /// The sum of `BilledCost` of each currency, exact.
    pub totals: BTreeMap<String, String>,
    /// Whether the rows add up to the bills: `exact`, `residue`, `unexplained` or `unknown`. A residue of a closed bill for another
    /// reason than free allowances or rounding is `unexplained`.
    pub reconciliation: String,
    /// Files that have been replaced and may still be there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub garbage: Vec<String>,
}

/// A file of a unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Its path from the root of the lake.
    pub path: String,
    /// Its rows.
    pub rows: u64,
    /// Its length.
    pub bytes: u64,
    /// The hash of its content.
    pub sha256: String,
}

/// A body of a response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// The operation that it answered.
    pub operation: String,
    /// Its hash. With this name it is below `raw`, if bodies are kept.
    pub sha256: String,
}

/// What a commit adds to what was read.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Stamp {
    /// The sync.
    pub run_id: String,
    /// When reading began.
    pub retrieved_at: Timestamp,
    /// Whether the vendor changes nothing any more.
    pub complete: bool,
    /// The bills as their list has them.
    pub bills: Vec<Bill>,
}

impl Stamp {
    /// A stamp.
    #[must_use]
    pub const fn new(run_id: String, retrieved_at: Timestamp, complete: bool, bills: Vec<Bill>) -> Self {
        Self { run_id, retrieved_at, complete, bills }
    }
}

impl Manifest {
    /// The manifest of a unit's first commit, without files.
    pub(crate) fn first(unit: Unit, stamp: Stamp, schema_id: String) -> Self {
        let Stamp { run_id, retrieved_at, complete, bills } = stamp;
        let reconciliation = String::new();
        let (bodies, files, garbage) = (Vec::new(), Vec::new(), Vec::new());
        let (format, generation, totals) = (FORMAT, 1, BTreeMap::new());
        Self {
            format,
            unit,
            generation,
            run_id,
            retrieved_at,
            schema_id,
            complete,
            bills,
            bodies,
            files,
            totals,
            reconciliation,
            garbage,
        }
    }

    /// Reads a manifest.
    ///
    /// # Errors
    ///
    /// If it is none, or one of a newer version. The text says what to do.
    pub fn parse(path: &str, text: &[u8]) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let broken =
            |error| Error::with(format!("{path} is no manifest (delete it, and the unit is read anew)"), error);
        let Format { format } = serde_json::from_slice(text).map_err(broken)?;
        if format != FORMAT {
            return Err(Error::new(format!("{path} has format {format}, which another version of this program wrote")));
        }
        serde_json::from_slice(text).map_err(broken)
    }

    /// The files of the unit. Others can change a manifest, and files of another unit would be rows of this one.
    ///
    /// # Errors
    ///
    /// If one is of another unit.
    pub fn own_files(&self) -> Result<&[File], Error> {
        let is_own = |path: &str| Unit::of_file(&Path::from(path)).as_ref() == Some(&self.unit);
        match self.files.iter().find(|file| !is_own(&file.path)) {
            Some(file) => {
                let (manifest, path) = (self.unit.manifest(), &file.path);
                Err(Error::new(format!("{manifest} names {path}, which is no file of its unit")))
            }
            None => Ok(&self.files),
        }
    }

    /// The text of the file.
    ///
    /// # Errors
    ///
    /// Never, unless a value of it cannot be written as JSON.
    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        text(self)
    }

    /// The charges of the unit.
    #[must_use]
    pub fn rows(&self) -> u64 {
        let charges = self.files.iter().filter(|file| file.path.starts_with("focus/"));
        charges.fold(0, |sum, file| sum.saturating_add(file.rows))
    }

    /// The length of the files of the unit.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        bytes(&self.files)
    }
}

/// The text of a manifest.
pub(crate) fn text(manifest: &impl Serialize) -> Result<Vec<u8>, Error> {
    let mut text =
        serde_json::to_vec_pretty(manifest).map_err(|error| Error::with("cannot write a manifest", error))?;
    text.push(b'\n');
    Ok(text)
}

/// The length of files.
pub(crate) fn bytes(files: &[File]) -> u64 {
    files.iter().fold(0, |sum, file| sum.saturating_add(file.bytes))
}
