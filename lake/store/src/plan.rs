//! What is read again, and when: a function of the manifest, of what is listed, and of the time.
//!
//! | service | read |
//! |---|---|
//! | Atlas | a pending invoice at each sync; any other when its header differs from the manifest, and 1, 3 and 7 days after its end |
//! | IBM Cloud | once a day (UTC) until the 21st of the next month, then a last time |
//!
//! A unit of either service is also read if one of its files is missing or has another length.
//!
//! Vendors change bills after their months are over: usage of the last days comes late, and IBM Cloud settles accounts in other
//! currencies than the US dollar until the 20th.

use std::fmt;

use cloud_billing_core::Timestamp;

use crate::manifest::Manifest;
use crate::source::Listed;
use crate::unit::Service;

const DAY: i64 = 24 * 60 * 60 * 1_000;

/// The days after its end on which a closed Atlas invoice is read again.
const SETTLING_DAYS: [i64; 3] = [1, 3, 7];

/// The days of the next month on which IBM Cloud may still change a month.
const IBM_DAYS: i64 = 21;

/// Why a unit is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The lake does not have it.
    New,
    /// It still grows.
    Open,
    /// The list has another status, time or amount than when it was read.
    Changed,
    /// It is over, and the vendor may still change it.
    Settling,
    /// The rows had other columns.
    Schema,
    /// By the clock, it was read in the future.
    Clock,
    /// A file of it is missing or has another length.
    Damaged,
    /// Everything was asked for.
    Asked,
}

/// Why a unit is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kept {
    /// Nothing has changed since it was read.
    Same,
    /// It has been read today.
    Today,
    /// The vendor changes it no more.
    Complete,
}

/// Whether a unit is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is.
    Read(Reason),
    /// It is not.
    Keep(Kept),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::New => "new",
            Self::Open => "open",
            Self::Changed => "changed",
            Self::Settling => "settling",
            Self::Schema => "other columns",
            Self::Clock => "read in the future",
            Self::Damaged => "damaged",
            Self::Asked => "asked for",
        })
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Same => "the same",
            Self::Today => "read today",
            Self::Complete => "complete",
        })
    }
}

/// Whether a unit is read now.
#[must_use]
pub fn decide(listed: &Listed, manifest: Option<&Manifest>, schema_id: &str, now: Timestamp) -> Decision {
    let Some(manifest) = manifest else { return Decision::Read(Reason::New) };
    let (now, read) = (now.unix_millis(), manifest.retrieved_at.unix_millis());
    if manifest.schema_id != schema_id {
        return Decision::Read(Reason::Schema);
    }
    if read > now {
        return Decision::Read(Reason::Clock);
    }
    match listed.unit.service {
        Service::Atlas => invoices(listed, manifest, read, now),
        Service::Ibm => month(listed, read, now),
    }
}

fn invoices(listed: &Listed, manifest: &Manifest, read: i64, now: i64) -> Decision {
    if listed.bills.iter().any(|bill| bill.open) {
        return Decision::Read(Reason::Open);
    }
    if !same(listed, manifest) {
        return Decision::Read(Reason::Changed);
    }
    let ends = listed.bills.iter().map(|bill| bill.end.unwrap_or_else(|| listed.unit.end()));
    let due = |end: i64| SETTLING_DAYS.iter().map(move |days| end.saturating_add(days * DAY));
    if ends.flat_map(due).any(|due| read < due && due <= now) {
        return Decision::Read(Reason::Settling);
    }
    Decision::Keep(Kept::Same)
}

/// Whether the bills are those of the manifest, in any order.
fn same(listed: &Listed, manifest: &Manifest) -> bool {
    let sorted = |bills: &[crate::source::Bill]| {
        let mut bills = bills.to_vec();
        bills.sort();
        bills
    };
    sorted(&listed.bills) == sorted(&manifest.bills)
}

fn month(listed: &Listed, read: i64, now: i64) -> Decision {
    let end = listed.unit.end();
    if read >= end + IBM_DAYS * DAY {
        return Decision::Keep(Kept::Complete);
    }
    if read.div_euclid(DAY) == now.div_euclid(DAY) {
        return Decision::Keep(Kept::Today);
    }
    Decision::Read(if now < end { Reason::Open } else { Reason::Settling })
}

/// Whether the vendor changes nothing any more of what is read at this time.
#[must_use]
pub fn complete(listed: &Listed, read: Timestamp) -> bool {
    let (read, end) = (read.unix_millis(), listed.unit.end());
    match listed.unit.service {
        Service::Ibm => read >= end + IBM_DAYS * DAY,
        Service::Atlas => {
            let settled = |end: i64| SETTLING_DAYS.iter().all(|days| read >= end.saturating_add(days * DAY));
            listed.bills.iter().all(|bill| !bill.open && settled(bill.end.unwrap_or(end)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Stamp;
    use crate::source::Bill;
    use crate::unit::Unit;

    fn at(text: &str) -> Timestamp {
        let text = if text.contains('T') { format!("{text}Z") } else { format!("{text}T12:00:00Z") };
        text.parse().unwrap()
    }

    fn october(service: Service, bills: &[Bill]) -> Listed {
        Listed { unit: Unit::new(service, "acc", "2026-10".parse().unwrap()).unwrap(), bills: bills.to_vec() }
    }

    fn bill(status: &str, updated: &str) -> Bill {
        Bill {
            id: "1".into(),
            status: status.into(),
            updated: Some(updated.into()),
            open: status == "PENDING",
            ..Bill::default()
        }
    }

    fn decided(listed: &Listed, had: &[Bill], read: &str, now: &str) -> String {
        let stamp = Stamp::new("r".into(), at(read), false, had.to_vec());
        let manifest = Manifest::first(listed.unit.clone(), stamp, "s".into());
        match decide(listed, Some(&manifest), "s", at(now)) {
            Decision::Read(reason) => format!("read: {reason}"),
            Decision::Keep(kept) => format!("keep: {kept}"),
        }
    }

    #[test]
    fn invoices_of_atlas() {
        let (pending, closed, paid) = (bill("PENDING", "a"), bill("CLOSED", "b"), bill("PAID", "c"));
        for (had, has, read, now, outcome) in [
            (&pending, &pending, "2026-10-05", "2026-10-05", "read: open"),
            (&pending, &closed, "2026-10-31", "2026-11-01", "read: changed"),
            (&closed, &closed, "2026-11-01", "2026-11-01T23:00:00", "keep: the same"),
            (&closed, &closed, "2026-11-01", "2026-11-02T00:00:00", "read: settling"),
            (&closed, &closed, "2026-11-02", "2026-11-03", "keep: the same"),
            (&closed, &closed, "2026-11-02", "2026-11-04T00:00:00", "read: settling"),
            (&closed, &closed, "2026-11-04", "2026-11-07", "keep: the same"),
            (&closed, &closed, "2026-11-04", "2026-11-08", "read: settling"),
            // Nobody synced for a month: once is enough.
            (&closed, &closed, "2026-11-01", "2026-12-01", "read: settling"),
            (&closed, &closed, "2026-12-01", "2027-12-01", "keep: the same"),
            (&closed, &paid, "2026-12-01", "2027-12-01", "read: changed"),
            // The clock went back.
            (&closed, &closed, "2027-11-01", "2026-11-01", "read: read in the future"),
        ] {
            let listed = october(Service::Atlas, std::slice::from_ref(has));
            assert_eq!(decided(&listed, std::slice::from_ref(had), read, now), outcome, "{read} {now}");
        }
    }

    #[test]
    fn invoices_in_another_order_are_the_same() {
        let (one, two) = (bill("PAID", "a"), bill("PAID", "b"));
        let listed = october(Service::Atlas, &[one.clone(), two.clone()]);
        assert_eq!(decided(&listed, &[two, one.clone()], "2026-12-01", "2026-12-02"), "keep: the same");
        assert_eq!(decided(&listed, &[one], "2026-12-01", "2026-12-02"), "read: changed");
    }

    #[test]
    fn months_of_ibm() {
        let listed = october(Service::Ibm, &[]);
        for (read, now, outcome) in [
            ("2026-10-05", "2026-10-05T23:59:59", "keep: read today"),
            ("2026-10-05", "2026-10-06T00:00:00", "read: open"),
            ("2026-10-31", "2026-11-01T00:00:00", "read: settling"),
            ("2026-11-20", "2026-11-21T23:59:59", "read: settling"),
            ("2026-11-21", "2026-11-22T00:00:00", "read: settling"),
            ("2026-11-22", "2026-11-22", "keep: complete"),
            ("2026-11-22", "2027-11-22", "keep: complete"),
            ("2026-11-03", "2027-11-22", "read: settling"),
            ("2027-11-03", "2026-11-22", "read: read in the future"),
        ] {
            assert_eq!(decided(&listed, &[], read, now), outcome, "{read} {now}");
        }
    }

    #[test]
    fn what_is_not_there_or_has_other_columns_is_read() {
        let listed = october(Service::Ibm, &[]);
        let now = at("2026-11-22");
        assert_eq!(decide(&listed, None, "s", now), Decision::Read(Reason::New));
        let manifest = Manifest::first(listed.unit.clone(), Stamp::new("r".into(), now, true, Vec::new()), "s".into());
        assert_eq!(decide(&listed, Some(&manifest), "t", now), Decision::Read(Reason::Schema));
    }

    #[test]
    fn when_a_unit_is_complete() {
        let paid = october(Service::Atlas, &[bill("PAID", "a")]);
        assert!(!complete(&paid, at("2026-11-07")));
        assert!(complete(&paid, at("2026-11-08")));
        assert!(!complete(&october(Service::Atlas, &[bill("PENDING", "a")]), at("2026-12-08")));
        let month = october(Service::Ibm, &[]);
        assert!(!complete(&month, at("2026-11-21")));
        assert!(complete(&month, at("2026-11-22")));
    }
}
