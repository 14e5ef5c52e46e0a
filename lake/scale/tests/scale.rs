//! A small lake of invented invoices.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::path::Path;
use std::sync::Arc;

use cloud_billing_lake::status::status;
use cloud_billing_lake::{Lake, Options, Report, sync};
use lake_scale::{Made, files};

async fn filled(root: &Path, organizations: u32, months: u32) -> (Report, u64) {
    let made = Arc::new(Made::new(organizations, months, 30).unwrap());
    let now = made.now().unwrap();
    let mut options = Options::default();
    options.clock = Arc::new(move || now);
    let lake = Lake::folder(root).unwrap();
    let report = sync(&lake, Arc::clone(&made) as Arc<_>, made.accounts(), options, |_| {}).await.unwrap();
    assert!(report.failed.is_empty(), "{report}");
    (report, made.rows())
}

#[tokio::test]
async fn a_lake_grows_by_organizations_and_months_and_keeps_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let mut rows = 0;
    for (organizations, months, replaced, kept) in [(3, 2, 6, 0), (5, 2, 4, 6), (5, 3, 5, 10), (5, 3, 0, 15)] {
        let (report, written) = filled(folder.path(), organizations, months).await;
        assert_eq!((report.replaced, report.kept), (replaced, kept));
        assert!(written >= replaced * 30, "{written} rows");
        rows += written;
    }
    let lake = Lake::folder(folder.path()).unwrap();
    let now = Made::new(5, 3, 30).unwrap().now().unwrap();
    let periods = status(&lake, now).await.periods;
    assert_eq!(periods.values().map(|period| (period.units, period.open)).collect::<Vec<_>>(), [(5, 0); 3]);
    assert_eq!(periods.values().map(|period| period.rows).sum::<u64>(), rows);
    // A manifest of each bill, charges of each, and the description of their columns.
    assert_eq!((files(&folder.path().join("state")).0, files(&folder.path().join("focus")).0), (15, 16));
}
