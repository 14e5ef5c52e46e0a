//! Instants as milliseconds.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use super::Timestamp;
use crate::json;

/// An instant in milliseconds since 1970-01-01T00:00:00Z, encoded as a JSON integer.
///
/// An integral float is accepted as well (`1687469854342.0`), as older versions of a service wrote it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct EpochMillis(pub i64);

impl EpochMillis {
    /// The instant, or `None` beyond the years that a [`Timestamp`] can express (about 262,000 either way).
    pub fn to_timestamp(self) -> Option<Timestamp> {
        Timestamp::from_unix_millis(self.0)
    }
}

impl From<Timestamp> for EpochMillis {
    /// The instant, cut to whole milliseconds.
    fn from(instant: Timestamp) -> Self {
        Self(instant.unix_millis())
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
        // A binary format may not know what it has, so it is asked for what is written to it.
        if deserializer.is_human_readable() {
            json::deserialize(deserializer)
        } else {
            i64::deserialize(deserializer).map(Self)
        }
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
    fn to_an_instant_and_back() {
        let millis = EpochMillis(1_687_469_854_342);
        let instant = millis.to_timestamp().unwrap();
        assert_eq!(instant.to_string(), "2023-06-22T21:37:34.342Z");
        assert_eq!(EpochMillis::from(instant), millis);
        assert_eq!(EpochMillis(i64::MAX).to_timestamp(), None);
    }
}
