//! The metadata of FOCUS beside a dataset: who made it, its columns, how recent it is.

use std::fmt::Write as _;

use cloud_billing_core::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::column::Form;
use crate::{Column, Version};

/// The program that made the rows.
const GENERATOR: &str = concat!("cloud-billing-focus ", env!("CARGO_PKG_VERSION"));

/// The digits of a number in formats that limit them, such as Parquet. CSV has all digits.
const PRECISION: u8 = 30;

/// The digits after the point.
const SCALE: u8 = 12;

/// What there is to say of a dataset.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Dataset {
    /// Its id, such as the name of the file.
    pub id: String,
    /// Its name, for people.
    pub name: String,
    /// The version of its columns.
    pub version: Version,
    /// When it was made.
    pub made: Timestamp,
    /// The periods that it covers.
    pub periods: Vec<Period>,
}

/// A billing period of a dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Period {
    /// The first instant.
    pub start: Timestamp,
    /// The first instant after it.
    pub end: Timestamp,
    /// Whether its rows are final.
    pub complete: bool,
}

impl Period {
    /// A period from its first instant to the first one after it.
    #[must_use]
    pub const fn new(start: Timestamp, end: Timestamp, complete: bool) -> Self {
        Self { start, end, complete }
    }
}

impl Dataset {
    /// A dataset without periods.
    pub fn new(id: impl Into<String>, name: impl Into<String>, version: Version, made: Timestamp) -> Self {
        Self { id: id.into(), name: name.into(), version, made, periods: Vec::new() }
    }

    /// Adds a period.
    #[must_use]
    pub fn period(mut self, period: Period) -> Self {
        self.periods.push(period);
        self
    }

    /// The metadata as a JSON text.
    ///
    /// 1.2 knows the generator and the schema; from 1.3 there are the dataset and its recency as well.
    #[must_use]
    pub fn to_json(&self) -> String {
        let generator = json!({ "DataGenerator": GENERATOR });
        let all = if self.version < Version::V1_3 {
            json!({ "DataGenerator": generator, "Schema": self.schema() })
        } else {
            json!({
                "DataGenerator": generator,
                "DatasetInstance": [{
                    "DatasetInstanceId": self.id,
                    "DatasetInstanceName": self.name,
                    "FocusDatasetId": "CostAndUsage",
                }],
                "Schema": [self.schema()],
                "Recency": [self.recency()],
            })
        };
        format!("{all:#}")
    }

    fn schema(&self) -> Value {
        let columns = self.version.columns();
        let mut schema = json!({
            "SchemaId": schema_id(self.version),
            "FocusVersion": self.version.as_str(),
            "CreationDate": self.made.to_string(),
            "DataGeneratorVersion": env!("CARGO_PKG_VERSION"),
            "ColumnDefinition": columns.iter().map(|column| definition(*column)).collect::<Vec<_>>(),
        });
        if self.version >= Version::V1_3 {
            schema["DatasetInstanceId"] = json!(self.id);
        }
        schema
    }

    fn recency(&self) -> Value {
        let sector = |period: &Period| {
            json!({
                "TimeSectorStart": period.start.to_string(),
                "TimeSectorEnd": period.end.to_string(),
                "TimeSectorLastUpdated": self.made.to_string(),
                "TimeSectorComplete": period.complete,
            })
        };
        json!({
            "DatasetInstanceId": self.id,
            "DatasetInstanceComplete": self.periods.iter().all(|period| period.complete),
            "DatasetInstanceLastUpdated": self.made.to_string(),
            "RecencyLastUpdated": self.made.to_string(),
            "TimeSectors": self.periods.iter().map(sector).collect::<Vec<_>>(),
        })
    }
}

/// The id of the columns of a version. It changes when they do.
#[must_use]
pub fn schema_id(version: Version) -> String {
    let mut hash = Sha256::new();
    for column in version.columns() {
        let definition = column.definition();
        hash.update(format!("{} {:?}\n", definition.name, definition.form));
    }
    let mut id = format!("focus-{}-", version.as_str());
    for byte in hash.finalize().iter().take(8) {
        // A string takes all.
        let _ = write!(id, "{byte:02x}");
    }
    id
}

fn definition(column: Column) -> Value {
    let name = column.definition().name;
    match column.definition().form {
        Form::Decimal | Form::Price => {
            json!({ "ColumnName": name, "DataType": "DECIMAL", "NumericPrecision": PRECISION, "NumberScale": SCALE })
        }
        Form::Time => json!({ "ColumnName": name, "DataType": "DATETIME" }),
        Form::Bool => json!({ "ColumnName": name, "DataType": "BOOLEAN" }),
        Form::Json | Form::Flat if column == Column::Tags => {
            json!({ "ColumnName": name, "DataType": "JSON", "StringEncoding": "UTF-8", "ProviderTagPrefixes": ["ibm/"] })
        }
        Form::Json | Form::Flat => json!({ "ColumnName": name, "DataType": "JSON", "StringEncoding": "UTF-8" }),
        Form::Text | Form::Currency | Form::Unit | Form::Enum => {
            json!({ "ColumnName": name, "DataType": "STRING", "StringEncoding": "UTF-8" })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(version: Version) -> Value {
        let instant = |text: &str| text.parse::<Timestamp>().unwrap();
        let (start, end) = (instant("2026-10-01T00:00:00Z"), instant("2026-11-01T00:00:00Z"));
        let dataset = Dataset::new("d", "October", version, instant("2026-11-05T00:00:00Z"));
        let text = dataset.period(Period::new(start, end, true)).to_json();
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn each_version_has_its_parts() {
        let old = metadata(Version::V1_2);
        assert_eq!(old["Schema"]["FocusVersion"], "1.2");
        assert_eq!(old.as_object().unwrap().len(), 2);

        let new = metadata(Version::NEWEST);
        assert_eq!(new["Schema"][0]["DatasetInstanceId"], new["Recency"][0]["DatasetInstanceId"]);
        assert_eq!(new["Recency"][0]["TimeSectors"][0]["TimeSectorEnd"], "2026-11-01T00:00:00Z");
        let columns = new["Schema"][0]["ColumnDefinition"].as_array().unwrap();
        assert_eq!(columns.len(), Version::NEWEST.columns().len());
        let billed =
            json!({ "ColumnName": "BilledCost", "DataType": "DECIMAL", "NumericPrecision": 30, "NumberScale": 12 });
        assert!(columns.contains(&billed));
    }

    #[test]
    fn other_columns_have_another_id() {
        assert_ne!(schema_id(Version::V1_3), schema_id(Version::V1_4));
        assert_eq!(schema_id(Version::V1_4), schema_id(Version::V1_4));
    }
}
