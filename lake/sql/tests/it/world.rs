//! A sandbox, its sources, and what a query answers as texts.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use cloud_billing_core::{BillingMonth, Timestamp};
use cloud_billing_focus::{atlas, ibm};
use cloud_billing_lake::atlas::Atlas;
use cloud_billing_lake::ibm::Ibm;
use cloud_billing_lake::{Lake, Options, Report, Source, sync};
use cloud_billing_lake_sql::{Session, output};
use cloud_billing_sandbox::{Estate, Sandbox};
use lake_trial::fake::{Fake, noon, stopped, time};
use object_store::memory::InMemory;

const NOW: &str = "2026-11-10T12:00:00Z";

pub(crate) async fn sandbox(estate: Estate) -> Sandbox {
    let now: Timestamp = time(NOW);
    let now = UNIX_EPOCH + Duration::from_millis(now.unix_millis().unsigned_abs());
    Sandbox::builder().now(now).estate(estate.months(4).line_items(40).instances(30)).start().await.unwrap()
}

pub(crate) fn memory() -> Lake {
    Lake::new(Arc::new(InMemory::new()))
}

pub(crate) fn month(text: &str) -> BillingMonth {
    text.parse().unwrap()
}

/// A lake of made-up bills in this state.
pub(crate) async fn made_up(version: u32) -> Lake {
    let lake = memory();
    Fake::new(version).sync(&lake, stopped(noon())).await.unwrap();
    lake
}

pub(crate) fn options() -> Options {
    let mut options = Options::default();
    options.clock = stopped(time(NOW));
    options
}

pub(crate) fn atlas_source(sandbox: &Sandbox) -> impl Fn(BillingMonth) -> Arc<dyn Source> + use<> {
    let client = atlas_billing::Client::builder().base_url(sandbox.atlas_url()).bearer_token("token").build().unwrap();
    move |since| Arc::new(Atlas::new(client.clone(), since, atlas::Options::new()))
}

pub(crate) fn ibm_source(sandbox: &Sandbox) -> impl Fn(BillingMonth) -> Arc<dyn Source> + use<> {
    let client =
        ibm_usage_reports::Client::builder().base_url(sandbox.ibm_url()).bearer_token("token").build().unwrap();
    move |since| Arc::new(Ibm::new(client.clone(), since, ibm::Options::new()))
}

pub(crate) fn organizations(sandbox: &Sandbox) -> Vec<String> {
    sandbox.estate().unwrap().atlas_organizations().collect()
}

pub(crate) fn accounts(sandbox: &Sandbox) -> Vec<String> {
    sandbox.estate().unwrap().ibm_accounts().map(str::to_owned).collect()
}

/// A lake with all bills of a sandbox.
pub(crate) async fn filled(sandbox: &Sandbox) -> Lake {
    let lake = memory();
    let since = month("2026-07");
    let synced = async |source: Arc<dyn Source>, accounts| -> Report {
        let report = sync(&lake, source, accounts, options(), |_| {}).await.unwrap();
        assert_eq!(report.failed.len(), 0, "{report}");
        report
    };
    synced(atlas_source(sandbox)(since), organizations(sandbox)).await;
    synced(ibm_source(sandbox)(since), accounts(sandbox)).await;
    lake
}

pub(crate) fn session(lake: &Lake) -> Session {
    Session::new(lake.clone(), month("2026-10"))
}

/// The rows of an answer.
pub(crate) async fn rows(session: &Session, sql: &str) -> Vec<Vec<String>> {
    let answer = session.query(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    answer.batches.iter().flat_map(|batch| output::texts(batch).unwrap()).collect()
}

/// The rows of an answer, each as one text.
pub(crate) async fn lines(session: &Session, sql: &str) -> Vec<String> {
    rows(session, sql).await.iter().map(|row| row.join(" ")).collect()
}

/// Why there is no answer.
pub(crate) async fn refused(session: &Session, sql: &str) -> String {
    let error = session.query(sql).await.map(|answer| answer.batches).unwrap_err().to_string();
    assert_eq!(error.lines().count(), 1, "{error}");
    error
}
