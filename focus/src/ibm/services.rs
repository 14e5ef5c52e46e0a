//! What IBM Cloud's services are for, where its regions are, and how FOCUS writes its units: tables, kept as texts.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::check::as_unit;
use crate::value::Text;
use crate::{ServiceCategory, ServiceSubcategory};

/// Where a service belongs in FOCUS.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Service {
    pub(super) category: ServiceCategory,
    pub(super) subcategory: ServiceSubcategory,
}

impl Service {
    /// The place of a resource, by its id. `Other` if the table does not have it.
    pub(super) fn of(resource: Option<&str>) -> &'static Self {
        resource.and_then(|id| SERVICES.get(id)).unwrap_or(&OTHER)
    }
}

/// Where a service belongs that is in no table.
pub(super) static OTHER: Service =
    Service { category: ServiceCategory::Other, subcategory: ServiceSubcategory::OtherOther };

/// Where support belongs.
pub(super) static SUPPORT: Service =
    Service { category: ServiceCategory::ManagementAndGovernance, subcategory: ServiceSubcategory::Support };

static SERVICES: LazyLock<HashMap<&str, Service>> = LazyLock::new(|| {
    let place = |place: &'static str| {
        let (category, subcategory) = place.split_once(" / ").unwrap_or((place, ""));
        Service { category: category.into(), subcategory: subcategory.into() }
    };
    lines(include_str!("services.txt")).map(|(id, text)| (id, place(text))).collect()
});

static REGIONS: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| lines(include_str!("regions.txt")).collect());

static UNITS: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| lines(include_str!("units.txt")).collect());

/// The name of a region; its id if the table does not have it.
pub(super) fn region(id: &str) -> &str {
    REGIONS.get(id).copied().unwrap_or(id)
}

/// A unit as FOCUS writes it; with capital letters if the table does not have it.
pub(super) fn unit(unit: &str) -> Text<'_> {
    UNITS.get(unit).map_or_else(|| as_unit(unit), |known| Text::Borrowed(known))
}

/// The entries of a table: a key and what is behind its first `=`.
fn lines(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('=')).map(|(key, value)| (key.trim(), value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CATEGORIES;

    #[test]
    fn each_service_has_a_place_that_focus_has() {
        assert!(SERVICES.len() > 60);
        for (id, service) in SERVICES.iter().chain([(&"", &OTHER), (&"", &SUPPORT)]) {
            let (category, subcategory) = (service.category.as_str(), service.subcategory.as_str());
            let found = CATEGORIES.iter().find(|(name, _)| *name == category);
            let places = found.unwrap_or_else(|| panic!("{id}: no category {category}")).1;
            assert!(places.contains(&subcategory), "{id}: {category} has no {subcategory}");
        }
    }

    #[test]
    fn tables_say_each_key_once() {
        for table in [include_str!("services.txt"), include_str!("regions.txt"), include_str!("units.txt")] {
            let mut keys: Vec<_> = lines(table).map(|(key, _)| key).collect();
            assert!(keys.is_sorted(), "{keys:?}");
            let all = keys.len();
            keys.dedup();
            assert_eq!(keys.len(), all);
            assert_eq!(all, table.lines().filter(|line| !line.starts_with('#')).count(), "a line without `=`");
        }
    }

    #[test]
    fn what_no_table_has() {
        assert_eq!(Service::of(Some("kms")).subcategory, ServiceSubcategory::SecretManagement);
        assert_eq!(Service::of(Some("new-thing")), &OTHER);
        assert_eq!(Service::of(None), &OTHER);
        assert_eq!((region("eu-de"), region("xx-1")), ("Frankfurt", "xx-1"));
        assert_eq!(["GB-HOURS", "WIDGETS", "odd_ones"].map(unit), ["GB-Hours", "WIDGETS", "Odd Ones"]);
    }
}
