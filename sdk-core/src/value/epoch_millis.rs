//! Instants as milliseconds.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};

use crate::json;

/// An instant in milliseconds since 1970-01-01T00:00:00Z, encoded as a JSON integer.
///
/// An integral float is accepted as well (`1687469854342.0`), as older versions of a service wrote it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct EpochMillis(pub i64);

impl EpochMillis {
    /// The instant in UTC, or `None` beyond the years that chrono can express (about 262,000 either way).
    pub fn to_utc(self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_millis(self.0)
    }

    /// The instant, cut to whole milliseconds.
    pub fn from_utc(instant: DateTime<Utc>) -> Self {
        Self(instant.timestamp_millis())
    }
}

impl From<DateTime<Utc>> for EpochMillis {
    fn from(instant: DateTime<Utc>) -> Self {
        Self::from_utc(instant)
    }
}

impl fmt::Display for EpochMillis {
    /// The number, as it stands in a query.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for EpochMillis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_and_integral_floats() {
        for json in ["1687469854342", "1687469854342.0", "1.687469854342e12"] {
            let instant: EpochMillis = serde_json::from_str(json).unwrap();
            assert_eq!(instant, EpochMillis(1_687_469_854_342));
            assert_eq!(serde_json::to_string(&instant).unwrap(), "1687469854342");
        }
        for json in ["1.5", r#""1687469854342""#, "null"] {
            assert!(serde_json::from_str::<EpochMillis>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn to_utc_and_back() {
        let instant = EpochMillis(1_687_469_854_342);
        let utc = instant.to_utc().unwrap();
        assert_eq!(utc.to_rfc3339(), "2023-06-22T21:37:34.342+00:00");
        assert_eq!(EpochMillis::from_utc(utc), instant);
        assert_eq!(EpochMillis(i64::MAX).to_utc(), None);
    }
}
