//! The columns of the cost model: `focus/columns.yaml` as code. It shares only the printing with the rest.

mod emit;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::{File, Source, naming};

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Model {
    versions: Vec<String>,
    columns: Vec<Column>,
    own: Vec<Own>,
    enums: BTreeMap<String, Enum>,
    categories: BTreeMap<String, Vec<String>>,
}

/// A column of FOCUS.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Column {
    name: String,
    form: Form,
    level: Level,
    #[serde(default)]
    nullable: bool,
    since: String,
    until: Option<String>,
    copies: Option<String>,
    condition: Option<String>,
    values: Option<String>,
    text: String,
}

/// A column of our own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    name: String,
    form: Form,
    text: String,
}

/// The values of a column.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Enum {
    text: String,
    values: Vec<String>,
}

/// What a value is like.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Form {
    Decimal,
    Price,
    Text,
    Currency,
    Unit,
    Time,
    Bool,
    Enum,
    Json,
    Flat,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Mandatory,
    Conditional,
    Recommended,
}

/// The files of the cost model's crate.
///
/// # Errors
/// What is wrong with the data, with its line where the YAML is wrong.
pub fn files(source: Source<'_>) -> Result<Vec<File>, String> {
    let fail = |message: String| format!("{}: {message}", source.file);
    let model: Model = serde_yaml::from_str(source.text).map_err(|error| fail(error.to_string()))?;
    check(&model).map_err(fail)?;
    emit::files(&model, source)
}

/// What the types do not hold.
fn check(model: &Model) -> Result<(), String> {
    let mut names = BTreeSet::new();
    let all = model.columns.iter().map(|column| &column.name).chain(model.own.iter().map(|own| &own.name));
    for name in all.chain(model.enums.keys()) {
        if !naming::is_identifier(name) {
            return Err(format!("`{name}` is no name"));
        }
        if model.enums.contains_key(name) {
            continue;
        }
        if !names.insert(name) {
            return Err(format!("two columns have the name `{name}`"));
        }
    }
    if let Some(own) = model.own.iter().find(|own| !own.name.starts_with("x_") || own.name.len() > 50) {
        return Err(format!("`{}`: a column of our own begins with `x_` and has at most 50 characters", own.name));
    }
    if let Some(own) = model.own.iter().find(|own| own.form == Form::Enum) {
        return Err(format!("`{}`: a column of our own has no fixed values", own.name));
    }
    model.columns.iter().try_for_each(|column| check_column(column, model, &names))
}

fn check_column(column: &Column, model: &Model, names: &BTreeSet<&String>) -> Result<(), String> {
    let name = &column.name;
    let values = column.values.as_ref();
    if (column.form == Form::Enum) != values.is_some() || values.is_some_and(|values| !known(values, model)) {
        return Err(format!("`{name}`: `values` names one of `enums` where `form` is enum, and only there"));
    }
    if column.until.is_some() != column.copies.is_some() {
        return Err(format!("`{name}`: a column with `until` has `copies`, and only it"));
    }
    if column.until.as_ref().is_some_and(|until| !model.versions.contains(until)) {
        return Err(format!("`{name}`: `until` is one of `versions`"));
    }
    if column.copies.as_ref().is_some_and(|other| !names.contains(other)) {
        return Err(format!("`{name}`: `copies` is the name of a column"));
    }
    if matches!(column.level, Level::Conditional) && column.condition.is_none() {
        return Err(format!("`{name}`: a conditional column has a condition"));
    }
    version(&column.since).map(|_| ()).ok_or_else(|| format!("`{name}`: `since` is a version such as \"1.4\""))
}

/// The categories of services are enums, too.
fn known(values: &String, model: &Model) -> bool {
    model.enums.contains_key(values) || ["ServiceCategory", "ServiceSubcategory"].contains(&values.as_str())
}

/// A version as two numbers, in their order.
fn version(text: &str) -> Option<(u8, u8)> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATA: &str = include_str!("../../../focus/columns.yaml");

    fn error_of(text: &str) -> String {
        files(Source { file: "columns.yaml", text, command: "regen" }).err().unwrap_or_default()
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(error_of(DATA), "");
        for (from, to, message) in [
            ("name: AvailabilityZone", "name: BilledCost", "two columns have the name `BilledCost`"),
            ("values: ChargeClass", "values: Nothing", "`values` names one of `enums`"),
            ("name: x_Note", "name: Note", "begins with `x_`"),
            ("copies: ServiceProviderName", "copies: Nobody", "`copies` is the name of a column"),
            ("since: \"1.4\"", "since: newest", "`since` is a version"),
            ("    form: decimal", "    form: float", "unknown variant `float`"),
        ] {
            let error = error_of(&DATA.replacen(from, to, 1));
            assert!(error.contains(message), "{error}");
        }
    }

    /// A new version of FOCUS is a change of the data alone.
    #[test]
    fn a_further_version_has_its_columns() {
        let column = "columns:\n  - {name: Carbon, form: decimal, level: mandatory, nullable: true, since: \"1.5\", text: Emissions.}\n";
        let data = DATA.replacen("\"1.4\"]", "\"1.4\", \"1.5\"]", 1).replacen("columns:\n", column, 1);
        let files = files(Source { file: "columns.yaml", text: &data, command: "regen" }).unwrap();
        let all: String = files.iter().map(|file| file.text.as_str()).collect();
        assert!(all.contains("V1_5") && all.contains("pub carbon: Option<Decimal>"));
    }
}
