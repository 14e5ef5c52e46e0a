//! Rows against the rules of FOCUS: nulls, values, and what columns demand of each other.
//!
//! Rows of this crate keep them. Rows of others need not: a vendor's export is checked with the same rules.

mod rules;

use std::collections::BTreeMap;
use std::fmt;

use cloud_billing_core::Decimal;

use crate::column::{Form, Level};
use crate::value::{Text, Value};
use crate::{CATEGORIES, Column, Row, Version};

/// A rule that a row breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The column at fault.
    pub column: Column,
    /// The rule, as a short sentence about the column.
    pub rule: &'static str,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.column.definition().name, self.rule)
    }
}

/// Checks the rows of a dataset.
#[derive(Clone, Debug)]
pub struct Checker {
    version: Version,
    /// The category of each service so far.
    categories: BTreeMap<String, String>,
    /// The currency of each invoice so far, by issuer and id.
    currencies: BTreeMap<(String, String), String>,
}

impl Checker {
    /// A checker for files of a version.
    #[must_use]
    pub const fn new(version: Version) -> Self {
        Self { version, categories: BTreeMap::new(), currencies: BTreeMap::new() }
    }

    /// The rules that a row breaks, given the rows before it.
    pub fn check(&mut self, row: &Row<'_>) -> Vec<Violation> {
        let mut found = Found(Vec::new());
        for column in self.version.columns() {
            check_value(*column, row.value(*column), &mut found);
        }
        rules::check(row, &mut found);
        self.check_dataset(row, &mut found);
        found.0
    }

    /// What rows demand of each other.
    fn check_dataset(&mut self, row: &Row<'_>, found: &mut Found) {
        if let (Some(name), Some(category)) = (&row.service_name, &row.service_category) {
            let known =
                self.categories.entry(name.clone().into_owned()).or_insert_with(|| category.as_str().to_owned());
            found.unless(
                known == category.as_str(),
                Column::ServiceCategory,
                "a service has one category in a dataset",
            );
        }
        if let (Some(issuer), Some(id), Some(currency)) =
            (&row.invoice_issuer_name, &row.invoice_id, &row.billing_currency)
        {
            let key = (issuer.clone().into_owned(), id.clone().into_owned());
            let known = self.currencies.entry(key).or_insert_with(|| currency.clone().into_owned());
            found.unless(known == currency, Column::BillingCurrency, "an invoice has one currency");
        }
    }
}

/// The violations so far.
pub(crate) struct Found(Vec<Violation>);

impl Found {
    pub(crate) fn unless(&mut self, holds: bool, column: Column, rule: &'static str) {
        if !holds {
            self.0.push(Violation { column, rule });
        }
    }
}

/// What a column demands of its values.
fn check_value(column: Column, value: Value<'_>, found: &mut Found) {
    let definition = column.definition();
    if value.is_null() {
        found.unless(definition.nullable || definition.level == Level::Own, column, "it is not null");
        return;
    }
    let (holds, rule) = match (definition.form, value) {
        (Form::Price, Value::Decimal(price)) => (!price.is_negative(), "a price is not negative"),
        (Form::Currency, Value::Text(text)) => (is_currency(text), "a currency is three capital letters"),
        (Form::Unit, Value::Text(text)) => (is_unit(text), "a unit is written like `GB-Hours`"),
        (Form::Text, Value::Text(text)) => (!text.is_empty(), "a text is not empty"),
        (Form::Json, Value::Json(text)) => (members(text).is_some(), "it is a JSON object"),
        (Form::Flat, Value::Json(text)) => (is_flat(text), "it is a JSON object of scalars"),
        _ => return,
    };
    found.unless(holds, column, rule);
}

pub(crate) fn is_flat(text: &str) -> bool {
    members(text).is_some_and(|all| all.values().all(|it| !it.is_object() && !it.is_array()))
}

fn members(text: &str) -> Option<serde_json::Map<String, serde_json::Value>> {
    serde_json::from_str(text).ok()
}

pub(crate) fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// Words that begin with a capital letter or a digit, joined by a space, `-` or one `/`.
pub(crate) fn is_unit(text: &str) -> bool {
    let word = |word: &str| word.starts_with(|it: char| it.is_ascii_uppercase() || it.is_ascii_digit());
    text.matches('/').count() <= 1 && text.split([' ', '-', '/']).all(word)
}

/// A unit with capital letters where it must have them: `units` is `Units`.
pub(crate) fn as_unit(text: &str) -> Text<'_> {
    if is_unit(text) {
        return Text::Borrowed(text);
    }
    let mut unit = String::with_capacity(text.len());
    let words = text.split([' ', '-', '/', '_']).filter(|word| !word.is_empty());
    for (index, word) in words.enumerate() {
        unit.push_str(if index == 0 { "" } else { " " });
        let mut letters = word.chars();
        unit.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        unit.push_str(letters.as_str());
    }
    Text::Owned(unit)
}

/// Whether a subcategory belongs to a category.
pub(crate) fn is_of(subcategory: &str, category: &str) -> bool {
    let other = subcategory.strip_prefix("Other (").and_then(|rest| rest.strip_suffix(')'));
    let subcategories = CATEGORIES.iter().find(|(name, _)| *name == category).map(|(_, all)| *all);
    other == Some(category) || subcategories.is_some_and(|all| all.contains(&subcategory))
}

/// Whether a cost is price times quantity, where both are known.
pub(crate) fn is_product(cost: Option<&Decimal>, price: Option<&Decimal>, quantity: Option<&Decimal>) -> bool {
    match (cost, price, quantity) {
        (Some(cost), Some(price), Some(quantity)) => *cost == price * quantity,
        _ => true,
    }
}
