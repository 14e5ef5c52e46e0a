//! Texts of a line's row that are put together. Their memory is used again for the next line.

use std::fmt::Write as _;

use atlas_billing::types::InvoiceLineItem;
use cloud_billing_core::Decimal;

use super::Line;
use super::context::given;
use super::sku::instance_type;
use crate::source::Kept;

/// The texts of the current line. One that is not used is empty.
#[derive(Debug, Default)]
pub(super) struct Texts {
    pub(super) line_id: String,
    /// SKU and note, if there are both.
    pub(super) description: String,
    /// Project and cluster or application, if there are both.
    pub(super) resource_id: String,
    pub(super) tags: String,
    pub(super) raw_tags: String,
    /// What has no column.
    pub(super) unknown: String,
    pub(super) price_id: String,
    pub(super) price_details: String,
}

impl Texts {
    /// Puts together what does not depend on options. The id of the line is left as it is.
    pub(super) fn write(&mut self, line: &Line<'_>, sku: Option<&str>) {
        let item = &line.item.record;
        join(&mut self.description, sku, " / ", given(item.note.as_deref()));
        join(&mut self.resource_id, project(item), "/", resource(item).map(|(name, _)| name));
        self.write_tags(item);
        write_unknown(&mut self.unknown, &line.item);
        self.price_id.clear();
        self.price_details.clear();
    }

    /// One value of a tag is a text, none is `true`, several are the JSON of their list as a text. The list itself is kept beside
    /// it then.
    fn write_tags(&mut self, item: &InvoiceLineItem) {
        self.tags.clear();
        self.raw_tags.clear();
        if item.tags.is_absent() {
            return;
        }
        for (key, values) in &item.tags {
            start_entry(&mut self.tags, key);
            match values.as_slice() {
                [] => self.tags.push_str("true"),
                [value] => push_text(&mut self.tags, value),
                values => push_text(&mut self.tags, &list(values)),
            }
        }
        end_object(&mut self.tags);
        if item.tags.iter().any(|(_, values)| values.len() != 1) {
            for (key, values) in &item.tags {
                start_entry(&mut self.raw_tags, key);
                self.raw_tags.push_str(&list(values));
            }
            end_object(&mut self.raw_tags);
        }
    }

    /// The id of a price is made of SKU, unit, price, and the tier's lower bound if there is one.
    pub(super) fn write_price(&mut self, item: &InvoiceLineItem, sku: &str, unit: &str, price: &Decimal) {
        let (lower, upper) = (bound(item.tier_lower_bound), bound(item.tier_upper_bound));
        let _ = write!(self.price_id, "{sku}/{unit}/{price}");
        if let Some(lower) = &lower {
            let _ = write!(self.price_id, "/{lower}");
        }
        if let Some(size) = instance_type(sku) {
            start_entry(&mut self.price_details, "InstanceType");
            push_text(&mut self.price_details, size);
        }
        for (key, bound) in [("x_TierLowerBound", lower), ("x_TierUpperBound", upper)] {
            if let Some(bound) = bound {
                start_entry(&mut self.price_details, key);
                let _ = write!(self.price_details, "{bound}");
            }
        }
        if !self.price_details.is_empty() {
            end_object(&mut self.price_details);
        }
    }
}

/// The project, by its id.
pub(super) fn project(item: &InvoiceLineItem) -> Option<&str> {
    given(item.group_id.as_deref())
}

/// The name and the type of what is charged for.
pub(super) fn resource(item: &InvoiceLineItem) -> Option<(&str, &'static str)> {
    let cluster = given(item.cluster_name.as_deref()).map(|name| (name, "Cluster"));
    cluster.or_else(|| given(item.stitch_app_name.as_deref()).map(|name| (name, "App Services App")))
}

/// A bound of a tier. `None` also for one that is beyond all decimals: it bounds nothing.
pub(super) fn bound(bound: Option<f64>) -> Option<Decimal> {
    bound.and_then(|bound| Decimal::try_from(bound).ok())
}

/// Puts two texts together, if there are both.
fn join(to: &mut String, first: Option<&str>, with: &str, second: Option<&str>) {
    to.clear();
    if let (Some(first), Some(second)) = (first, second) {
        to.extend([first, with, second]);
    }
}

/// The fields that have no column: unknown ones, and known ones with values that their columns cannot hold.
fn write_unknown(to: &mut String, line: &Kept<InvoiceLineItem>) {
    to.clear();
    let item = &line.record;
    if let Some(created) = item.created.json_text() {
        start_entry(to, "created");
        to.push_str(created);
    }
    if let Some(name) = given(item.group_name.as_deref()).filter(|_| project(item).is_none()) {
        start_entry(to, "groupName");
        push_text(to, name);
    }
    for (key, value) in [("tierLowerBound", item.tier_lower_bound), ("tierUpperBound", item.tier_upper_bound)] {
        if let Some(value) = value.filter(|value| bound(Some(*value)).is_none()) {
            start_entry(to, key);
            let _ = write!(to, "{value:e}");
        }
    }
    if let Some(unknown) = line.unknown() {
        // An object of its own, with at least one entry.
        to.push(if to.is_empty() { '{' } else { ',' });
        to.push_str(unknown.get(1..).unwrap_or_default());
    } else if !to.is_empty() {
        end_object(to);
    }
}

// ---- JSON

fn start_entry(object: &mut String, key: &str) {
    object.push(if object.is_empty() { '{' } else { ',' });
    push_text(object, key);
    object.push(':');
}

fn end_object(object: &mut String) {
    object.push_str(if object.is_empty() { "{}" } else { "}" });
}

fn push_text(to: &mut String, text: &str) {
    if text.bytes().any(|byte| matches!(byte, b'"' | b'\\' | 0..b' ')) {
        to.push_str(&serde_json::Value::from(text).to_string());
    } else {
        to.extend(["\"", text, "\""]);
    }
}

fn list(values: &[String]) -> String {
    serde_json::Value::from(values).to_string()
}
