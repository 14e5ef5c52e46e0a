//! Queries that read from the services.

use cloud_billing_core::Decimal;
use cloud_billing_lake::{Lake, Service};
use cloud_billing_lake_sql::{Api, Apis, Session};
use cloud_billing_sandbox::{Estate, Failure, Fault, Sandbox};
use futures_util::TryStreamExt;

use crate::world::{
    accounts, atlas_source, ibm_source, lines, memory, options, organizations, refused, rows, sandbox, session,
};

fn over(lake: &Lake, sandbox: &Sandbox) -> Session {
    let atlas = Api::new(Service::Atlas, organizations(sandbox), atlas_source(sandbox));
    let ibm = Api::new(Service::Ibm, accounts(sandbox), ibm_source(sandbox));
    session(lake).over(Apis::new(vec![atlas, ibm], options()))
}

async fn units(lake: &Lake) -> Vec<String> {
    let mut units: Vec<_> = lake.units().map_ok(|unit| unit.to_string()).try_collect().await.unwrap();
    units.sort();
    units
}

fn requests(sandbox: &Sandbox) -> usize {
    sandbox.requests().len()
}

#[tokio::test]
async fn what_is_asked_for_is_fetched_once_and_nothing_else() {
    let sandbox = sandbox(Estate::new().organizations(3).ibm_accounts(2)).await;
    let lake = memory();
    let session = over(&lake, &sandbox);
    let organization = organizations(&sandbox)[1].clone();
    let sum = format!(
        "SELECT sum(BilledCost), (SELECT count(*) FROM invoices
            WHERE billing_period = '2026-10' AND account = 'a-{organization}')
        FROM focus WHERE billing_period IN ('2026-10') AND account = 'a-{organization}'"
    );
    let answer = rows(&session, &sum).await;
    let ledger = sandbox.estate().unwrap();
    let invoices = ledger.atlas_invoices(&organization);
    let invoice = invoices.iter().find(|invoice| invoice.month == "2026-10").unwrap();
    let cents = invoice.subtotal_cents - invoice.credits_cents + invoice.sales_tax_cents;
    assert_eq!(answer[0][0].parse::<Decimal>().unwrap(), Decimal::from_cents(cents));
    assert_eq!(answer[0][1], "1");
    assert_eq!(units(&lake).await, [format!("atlas {organization} 2026-10")]);

    // A closed invoice is not fetched again: its list alone is asked for.
    let before = requests(&sandbox);
    assert_eq!(rows(&session, &sum).await, answer);
    assert_eq!(requests(&sandbox), before + 1);

    // And it is in the lake for queries without the services.
    let all = "SELECT sum(BilledCost), (SELECT count(*) FROM invoices) FROM focus";
    assert_eq!(rows(&crate::world::session(&lake), all).await, answer);
}

#[tokio::test]
async fn both_services_and_several_months() {
    let sandbox = sandbox(Estate::new().organizations(1).ibm_accounts(1)).await;
    let lake = memory();
    let session = over(&lake, &sandbox);
    let (organization, account) = (organizations(&sandbox)[0].clone(), accounts(&sandbox)[0].clone());
    let sql = format!(
        "SELECT service, billing_period, count(*) > 0 FROM focus
        WHERE (billing_period = '2026-09' OR billing_period = '2026-10') AND account IN ('a-{organization}', 'a-{account}')
        GROUP BY ALL ORDER BY service, billing_period"
    );
    let expected = ["atlas 2026-09 true", "atlas 2026-10 true", "ibm 2026-09 true", "ibm 2026-10 true"];
    assert_eq!(lines(&session, &sql).await, expected);
    // A month before the account has bills.
    let early = format!("SELECT count(*) FROM focus WHERE billing_period = '2020-01' AND account = 'a-{organization}'");
    assert_eq!(lines(&session, &early).await, ["0"]);
}

#[tokio::test]
async fn a_query_without_bounds_asks_for_nothing() {
    let sandbox = sandbox(Estate::new().organizations(1).ibm_accounts(1)).await;
    let lake = memory();
    let session = over(&lake, &sandbox);
    let organization = organizations(&sandbox)[0].clone();
    let before = requests(&sandbox);
    for (filter, problem) in [
        (String::new(), "names neither month nor account"),
        ("WHERE service = 'atlas'".to_owned(), "names neither month nor account"),
        (format!("WHERE account = 'a-{organization}'"), "names no month"),
        (format!("WHERE account = 'a-{organization}' AND billing_period >= '2026-09'"), "names no month"),
        (format!("WHERE account = 'a-{organization}' AND billing_period <> '2026-09'"), "names no month"),
        (format!("WHERE account = 'a-{organization}' OR billing_period = '2026-09'"), "names neither"),
        ("WHERE billing_period = '2026-09'".to_owned(), "names no account"),
        ("WHERE billing_period = '2026-09' AND account = '62410c52'".to_owned(), "no credential reads the account"),
        (format!("WHERE billing_period = 'October' AND account = 'a-{organization}'"), "billing_period `October`"),
    ] {
        let error = refused(&session, &format!("SELECT sum(BilledCost) FROM focus {filter}")).await;
        assert!(error.contains(problem), "{filter}: {error}");
    }
    assert_eq!((requests(&sandbox), units(&lake).await.len()), (before, 0));
}

#[tokio::test]
async fn a_service_that_fails_is_an_error() {
    let sandbox = sandbox(Estate::new().organizations(1).ibm_accounts(1)).await;
    sandbox.inject(Fault::failure(Failure::new(403)).on("getInvoice")).unwrap();
    let session = over(&memory(), &sandbox);
    let organization = organizations(&sandbox)[0].clone();
    let sql = format!("SELECT count(*) FROM focus WHERE billing_period = '2026-10' AND account = 'a-{organization}'");
    let error = refused(&session, &sql).await;
    assert!(error.starts_with(&format!("atlas {organization} 2026-10: ")) && error.contains("403"), "{error}");
}

/// What a service took back is not shown, although the lake still has it.
#[tokio::test]
async fn a_bill_that_is_not_listed_any_more_is_not_shown() {
    let sandbox = sandbox(Estate::new().organizations(1).ibm_accounts(1)).await;
    let lake = memory();
    let organization = organizations(&sandbox)[0].clone();
    let sql =
        format!("SELECT count(*) > 0 FROM focus WHERE billing_period = '2026-10' AND account = 'a-{organization}'");
    assert_eq!(lines(&over(&lake, &sandbox), &sql).await, ["true"]);
    let nothing = |list: &mut serde_json::Value| {
        list["results"] = serde_json::json!([]);
        list["totalCount"] = 0.into();
    };
    sandbox.inject(Fault::edit(nothing).on("listInvoices")).unwrap();
    assert_eq!(lines(&over(&lake, &sandbox), &sql).await, ["false"]);
    assert_eq!(lines(&session(&lake), &sql).await, ["true"]);
}
