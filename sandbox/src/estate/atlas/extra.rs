//! The lines that only irregular invoices have. They are last in the JSON of an invoice; search, CSV and reports have none.

use std::ops::Range;

use serde::Serialize;

use super::directory::{Atlas, Entity, InvoiceKey};
use super::products::LineKind;
use crate::estate::calendar::{DAY, Month};
use crate::estate::format::{double, instant};
use crate::json::object;

/// What an additional line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExtraKind {
    /// A credit that the header does not repeat.
    Credit,
    /// Negative, and no credit.
    Adjustment,
    /// Its total changes after the invoice was closed.
    Changing,
    Late,
    EqualDates,
    ReversedDates,
    Discounted,
    OddTags,
    NoTags,
    UnknownFields,
    MinimumCharge,
    Support,
    Voyage,
    App,
    /// No line of its invoice has a provider.
    NoProvider,
}

/// A line in addition to those of usage. It has one unit, whose price is its total.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extra {
    pub(super) kind: ExtraKind,
    pub(super) cents: i64,
}

impl ExtraKind {
    /// The SKU, if it is not that of data transfer of the first cluster.
    const fn sku(self) -> Option<&'static str> {
        match self {
            Self::Credit => Some("CREDIT"),
            Self::MinimumCharge => Some("MINIMUM_CHARGE"),
            Self::Support => Some("ATLAS_SUPPORT"),
            Self::Voyage => Some("VOYAGE_RERANK_2_5_API"),
            Self::App => Some("REALM_APP_REQUESTS"),
            _ => None,
        }
    }

    const fn has_project(self) -> bool {
        !matches!(self, Self::Credit | Self::MinimumCharge | Self::Support)
    }

    const fn note(self) -> Option<&'static str> {
        match self {
            Self::Credit => Some("Credit for an outage"),
            Self::Adjustment => Some("Adjustment of an earlier charge"),
            _ => None,
        }
    }

    /// First and last instant of use, in seconds since the epoch.
    fn used(self, month: Month) -> Range<u64> {
        let start = month.start();
        match self {
            // From seven to six days before the month.
            Self::Late => start.saturating_sub(7 * DAY)..start.saturating_sub(6 * DAY),
            Self::EqualDates => start..start,
            Self::ReversedDates => start + DAY..start,
            _ => start..start + DAY,
        }
    }

    /// A key with several values, and one with an empty list.
    fn tags(self) -> impl Serialize {
        let several = self == Self::OddTags;
        object! { "team"?: several.then_some(["web", "data", "data"]), "owner"?: several.then_some([(); 0]), }
    }
}

/// A field that no spec has.
pub(super) fn billing_source() -> impl Serialize {
    object! { "system": "metering-2", "batch": 417, "flags": ["late", "manual"], }
}

impl Extra {
    /// What its discount takes off: an eighth of the price before it.
    pub(super) const fn discount(&self) -> i64 {
        self.cents / 7
    }
}

impl Atlas {
    pub(super) fn extra_line(&self, key: InvoiceKey, extra: Extra, with_provider: bool) -> impl Serialize + use<> {
        let Extra { kind, cents } = extra;
        let cluster = self.directory.cluster(key.organization, 0);
        let project = kind.has_project().then_some(cluster.project);
        let used = kind.used(key.month);
        let discounted = kind == ExtraKind::Discounted;
        let provider = if kind.sku().is_some() { "ATLAS" } else { cluster.provider.name() };
        object! {
            "sku": kind.sku().unwrap_or_else(|| LineKind::Internet.sku(cluster.provider, cluster.tier).0),
            "cloudProvider"?: with_provider.then_some(provider),
            "groupId"?: project.map(|project| self.directory.id(Entity::Project(key.organization, project))),
            "groupName"?: project.map(|project| self.directory.project_name(key.organization, project)),
            "clusterName"?: kind.sku().is_none().then(|| cluster.name()),
            "stitchAppName"?: (kind == ExtraKind::App).then_some("order-sync"),
            "note"?: kind.note(),
            "startDate": instant(used.start),
            "endDate": instant(used.end),
            "created": instant(key.month.start() + DAY + 3 * 3_600),
            "unit": if kind.sku().is_some() { "units" } else { "GB" },
            "quantity": 1.0,
            "unitPriceDollars": double(cents, 100),
            "percentDiscount"?: discounted.then_some(12.5),
            "discountCents"?: discounted.then_some(extra.discount()),
            "totalPriceCents": cents,
            "billingSource"?: (kind == ExtraKind::UnknownFields).then(billing_source),
            "tags"?: (kind != ExtraKind::NoTags).then(|| kind.tags()),
        }
    }
}
