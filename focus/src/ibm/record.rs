//! Records of usage as they are read, with the fields that their types do not know.

use std::sync::LazyLock;

use cloud_billing_core::NullableVec;
use cloud_billing_core::json::{self, Decode, JsonError, Keys, Reader, Record as Fields};
use ibm_usage_reports::types::{AccountUsage, InstanceUsage, Metric, Plan, Resource};

use super::tags::Tags;
use crate::source::Kept;

/// One record of `get_resource_usage_account`: an instance and its metrics.
#[derive(Clone, Debug)]
pub struct Instance {
    node: Node<InstanceUsage, Meter>,
    pub(super) tags: Tags,
}

impl Instance {
    /// Reads the JSON text of a record.
    ///
    /// # Errors
    ///
    /// If it is not JSON, or a field does not have its type.
    pub fn read(text: &str) -> Result<Self, JsonError> {
        json::from_str(text)
    }

    /// The record, without its `usage`.
    #[must_use]
    pub fn usage(&self) -> &InstanceUsage {
        &self.node.kept.record
    }

    pub(super) fn meters(&self) -> &[Meter] {
        &self.node.children
    }

    pub(super) fn unknown(&self) -> Option<String> {
        let record = self.usage();
        let odd = [("created_at", record.created_at.json_text()), ("deleted_at", record.deleted_at.json_text())];
        let odd = odd.iter().filter_map(|(key, value)| Some(format!("\"{key}\":{}", (*value)?)));
        join(odd.collect(), self.node.kept.unknown().as_deref())
    }
}

/// So that a list can be read as these: `Items::new(As::<_, Instance>::new(call))`.
impl Decode for Instance {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        let node: Node<InstanceUsage, Meter> = Node::decode(reader)?;
        let tags = Tags::of(&node.kept.record);
        Ok(Self { node, tags })
    }
}

/// The response of `get_account_usage`. Its plans can be handed out as rows, for accounts whose instances cannot be read.
#[derive(Clone, Debug)]
pub struct Report(Node<AccountUsage, Node<Resource, Node<Plan, Meter>>>);

impl Report {
    /// Reads the JSON text of the response.
    ///
    /// # Errors
    ///
    /// If it is not JSON, or a field does not have its type.
    pub fn read(text: &str) -> Result<Self, JsonError> {
        json::from_str(text)
    }

    /// The report, without its `resources`.
    #[must_use]
    pub fn usage(&self) -> &AccountUsage {
        &self.0.kept.record
    }

    /// The plans, in the order of the report.
    pub fn plans(&self) -> impl Iterator<Item = PlanUsage<'_>> {
        self.0
            .children
            .iter()
            .flat_map(|resource| resource.children.iter().map(move |plan| PlanUsage { resource, plan }))
    }

    /// The resources without their plans.
    pub(super) fn resources(&self) -> impl Iterator<Item = &Kept<Resource>> {
        self.0.children.iter().map(|resource| &resource.kept)
    }

    pub(super) fn unknown(&self) -> Option<String> {
        self.0.kept.unknown()
    }
}

impl Decode for Report {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        Node::decode(reader).map(Self)
    }
}

/// The usage of a plan of a resource by the whole account.
#[derive(Clone, Copy, Debug)]
pub struct PlanUsage<'r> {
    resource: &'r Node<Resource, Node<Plan, Meter>>,
    plan: &'r Node<Plan, Meter>,
}

impl<'r> PlanUsage<'r> {
    pub(super) fn resource(&self) -> &'r Resource {
        &self.resource.kept.record
    }

    pub(super) fn plan(&self) -> &'r Plan {
        &self.plan.kept.record
    }

    pub(super) fn meters(&self) -> &'r [Meter] {
        &self.plan.children
    }

    pub(super) fn unknown(&self) -> Option<String> {
        self.plan.kept.unknown()
    }
}

/// A JSON object of some members and those of another object.
pub(super) fn join(mut members: Vec<String>, object: Option<&str>) -> Option<String> {
    members.extend(object.and_then(inner).map(str::to_owned));
    (!members.is_empty()).then(|| format!("{{{}}}", members.join(",")))
}

/// The members of an object.
fn inner(object: &str) -> Option<&str> {
    object.strip_prefix('{')?.strip_suffix('}')
}

/// A metric, with its lists as texts: they are handed on as they came.
#[derive(Clone, Debug, Default)]
pub(super) struct Meter {
    pub(super) kept: Kept<Metric>,
    pub(super) prices: Option<List>,
    pub(super) discounts: Option<List>,
}

impl Fields for Meter {
    fn keys(&self) -> &'static Keys {
        self.kept.keys()
    }

    fn field(&mut self, index: usize, reader: &mut Reader<'_>) -> Result<(), JsonError> {
        static LISTS: LazyLock<[usize; 2]> = LazyLock::new(|| ["price", "discounts"].map(index_of::<Metric>));
        match LISTS.iter().position(|list| *list == index) {
            Some(0) => reader.field(&mut self.prices),
            Some(_) => reader.field(&mut self.discounts),
            None => self.kept.field(index, reader),
        }
    }

    fn unknown(&mut self, key: &str, reader: &mut Reader<'_>) -> Result<(), JsonError> {
        Fields::unknown(&mut self.kept, key, reader)
    }
}

impl Decode for Meter {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        reader.record()
    }
}

/// A list as the text of a JSON object, `{"Elements":[…]}`, which columns of FOCUS need. An empty list is the empty text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct List(String);

impl List {
    /// The object, unless the list is empty.
    pub(super) fn object(&self) -> Option<&str> {
        (!self.0.is_empty()).then_some(&*self.0)
    }
}

impl Decode for List {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        let text = reader.raw()?;
        let content = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
        let empty = content.is_some_and(|content| content.trim().is_empty());
        Ok(Self(if empty { String::new() } else { format!("{{\"Elements\":{text}}}") }))
    }
}

/// A record, and those of a list in it.
#[derive(Clone, Debug, Default)]
struct Node<T, C> {
    kept: Kept<T>,
    children: NullableVec<C>,
}

impl<T: Parent, C: Decode> Fields for Node<T, C> {
    fn keys(&self) -> &'static Keys {
        self.kept.keys()
    }

    fn field(&mut self, index: usize, reader: &mut Reader<'_>) -> Result<(), JsonError> {
        if index == T::list() { reader.field(&mut self.children) } else { self.kept.field(index, reader) }
    }

    fn unknown(&mut self, key: &str, reader: &mut Reader<'_>) -> Result<(), JsonError> {
        Fields::unknown(&mut self.kept, key, reader)
    }
}

impl<T: Parent, C: Decode + Default> Decode for Node<T, C> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        reader.record()
    }
}

/// A record with a list of records.
trait Parent: Fields + Default {
    /// The index of the list among the keys.
    fn list() -> usize;
}

macro_rules! parents {
    ($($type:ty: $list:literal,)*) => {$(
        impl Parent for $type {
            fn list() -> usize {
                static INDEX: LazyLock<usize> = LazyLock::new(|| index_of::<$type>($list));
                *INDEX
            }
        }
    )*};
}

parents! {
    AccountUsage: "resources",
    Resource: "plans",
    Plan: "usage",
    InstanceUsage: "usage",
}

/// The index of a key of a type. Beyond all keys if it has no such key.
pub(super) fn index_of<T: Fields + Default>(key: &str) -> usize {
    let mut probe = Probe { keys: T::default().keys(), index: usize::MAX };
    let found = Reader::new(&format!("{{\"{key}\":0}}")).object(&mut probe);
    debug_assert!(found.is_ok(), "the text is an object");
    probe.index
}

/// Sees the index of a key.
struct Probe {
    keys: &'static Keys,
    index: usize,
}

impl Fields for Probe {
    fn keys(&self) -> &'static Keys {
        self.keys
    }

    fn field(&mut self, index: usize, reader: &mut Reader<'_>) -> Result<(), JsonError> {
        self.index = index;
        reader.skip()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_level_keeps_what_its_type_does_not_know() {
        let instance = r#"{"new": 1, "usage": [{"metric": "A", "odd": [1.50], "price": [ ], "discounts": [{"x": 1}]}, null],
            "created_at": "soon", "billable": true}"#;
        let instance = Instance::read(instance).unwrap();
        assert_eq!(instance.unknown().as_deref(), Some(r#"{"created_at":"soon","new":1}"#));
        assert_eq!(instance.usage().billable, Some(true));
        let [meter] = instance.meters() else { panic!("{:?}", instance.meters()) };
        assert_eq!(meter.kept.record.metric.as_deref(), Some("A"));
        assert_eq!(meter.kept.unknown().as_deref(), Some(r#"{"odd":[1.50]}"#));
        assert_eq!(meter.prices.as_ref().map(List::object), Some(None));
        assert_eq!(meter.discounts.as_ref().and_then(List::object), Some(r#"{"Elements":[{"x": 1}]}"#));
    }

    #[test]
    fn plans_of_a_report_with_their_resource() {
        let report = r#"{"month": "2026-10", "resources": [{"resource_id": "kms", "r": 1, "plans":
            [{"plan_id": "p", "q": 2, "usage": [{"metric": "A"}]}, {"plan_id": "s"}]}, {"resource_id": "b", "plans": null}]}"#;
        let report = Report::read(report).unwrap();
        assert_eq!(report.resources().count(), 2);
        let plans: Vec<_> = report.plans().collect();
        assert_eq!(plans.len(), 2);
        assert_eq!(plans[0].meters().len(), 1);
        assert_eq!(plans[0].unknown().as_deref(), Some(r#"{"q":2}"#));
        assert_eq!(plans[1].resource().resource_id.as_ref().map(AsRef::<str>::as_ref), Some("kms"));
    }

    #[test]
    fn an_error_says_where() {
        let text = r#"{"usage": [{"cost": 1}, {"cost": true}]}"#;
        let error = Instance::read(text).unwrap_err();
        assert_eq!(error.path(text).as_deref(), Some("usage[1].cost"));
    }
}
