//! The units that a lake is made of, and their places.

use std::fmt;

use cloud_billing_core::{BillingMonth, Timestamp};
use object_store::path::Path;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::table::Table;

/// A vendor's service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// MongoDB Atlas.
    Atlas,
    /// IBM Cloud.
    Ibm,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Atlas, Self::Ibm];

    /// As it is written in files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Atlas => "atlas",
            Self::Ibm => "ibm",
        }
    }

    /// The service of this name. `None` for any other text.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.as_str() == name)
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What one account is billed for one month.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Unit {
    /// The service.
    pub service: Service,
    /// The organization or account.
    pub account: String,
    /// The month that the bill begins in.
    pub period: BillingMonth,
}

impl Unit {
    /// A unit.
    ///
    /// # Errors
    ///
    /// If the account is no plain id, which becomes part of a path: up to 128 letters, digits, `-` and `_`.
    pub fn new(service: Service, account: &str, period: BillingMonth) -> Result<Self, Error> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if account.is_empty() || account.len() > 128 || !account.bytes().all(plain) {
            let start: String = account.chars().take(40).flat_map(char::escape_default).collect();
            return Err(Error::new(format!("`{start}` is no id of an account: letters, digits, - and _")));
        }
        Ok(Self { service, account: account.to_owned(), period })
    }

    /// The manifest.
    #[must_use]
    pub fn manifest(&self) -> Path {
        Path::from(format!("state/{}/{}/{}.json", self.service, self.account, self.period))
    }

    /// The unit of a manifest. `None` for any other path.
    #[must_use]
    pub fn of_manifest(path: &Path) -> Option<Self> {
        let text = path.as_ref().strip_prefix("state/")?.strip_suffix(".json")?;
        let [service, account, period] = text.split('/').collect::<Vec<_>>().try_into().ok()?;
        Self::new(Service::parse(service)?, account, period.parse().ok()?).ok()
    }

    /// The unit of a file that a sync wrote: `part-<hash>-<random>.parquet`, or as earlier versions named it with
    /// another number or none behind the hash, directly in the folder of a table. `None` for any other path.
    #[must_use]
    pub fn of_file(path: &Path) -> Option<Self> {
        let value = |key| value(path, key);
        let service = Service::parse(&value("service=")?)?;
        let unit = Self::new(service, &value("account=a-")?, value("billing_period=")?.parse().ok()?).ok()?;
        let name = path.filename().filter(|name| is_part(name))?;
        Table::ALL.iter().any(|table| unit.folder(*table).join(name) == *path).then_some(unit)
    }

    /// The folder of a table. The account has a letter before it: readers take folders whose names are digits for numbers.
    #[must_use]
    pub fn folder(&self, table: Table) -> Path {
        self.partition(table.folder())
    }

    /// The folder of the bodies as they came.
    #[must_use]
    pub fn raw(&self) -> Path {
        self.partition("raw")
    }

    fn partition(&self, root: &str) -> Path {
        let Self { service, account, period } = self;
        Path::from(format!("{root}/service={service}/billing_period={period}/account=a-{account}"))
    }

    /// The first instant after the month, in milliseconds.
    #[must_use]
    pub fn end(&self) -> i64 {
        start_of(self.period.next())
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.service, self.account, self.period)
    }
}

/// The value that a folder of a path has for a key, such as `service=`.
pub(crate) fn value(path: &Path, key: &str) -> Option<String> {
    path.parts().find_map(|part| part.as_ref().strip_prefix(key).map(str::to_owned))
}

/// Whether a name is one that syncs give to files.
pub(crate) fn is_part(name: &str) -> bool {
    let Some(name) = name.strip_prefix("part-").and_then(|name| name.strip_suffix(".parquet")) else { return false };
    let (hash, number) = name.split_once('-').unwrap_or((name, "1"));
    let is_hex = |text: &str| (1..=16).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    hash.len() == 16 && is_hex(hash) && is_hex(number)
}

/// The first instant of a month, in milliseconds.
#[must_use]
pub fn start_of(month: BillingMonth) -> i64 {
    let start = format!("{}T00:00:00Z", month.first_day()).parse::<Timestamp>();
    // The first day of a month is a date.
    start.map_or(0, Timestamp::unix_millis)
}
