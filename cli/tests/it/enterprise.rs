//! Jobs over all accounts of an enterprise, which its own listing names.

use std::collections::BTreeSet;

use cloud_billing_core::config::Environment;
use cloud_billing_sandbox::{Estate, Fault, Sandbox};

use crate::jobs::{environment, good, ibm, rows, run, sandbox, sum};

/// More accounts than a page of the listing has, and than one place of the enterprise.
async fn started() -> Sandbox {
    sandbox(Estate::new().line_items(20).instances(10).ibm_accounts(6)).start().await.unwrap()
}

/// The variables without those of `USAGE_REPORTS_ACCOUNT_ID`.
fn without_account(sandbox: &Sandbox) -> Environment {
    sandbox.environment().into_iter().filter(|(name, _)| *name != "USAGE_REPORTS_ACCOUNT_ID").collect()
}

#[tokio::test]
async fn each_job_finds_the_accounts() {
    let sandbox = started().await;
    let ledger = sandbox.estate().unwrap();
    let enterprise = ledger.ibm_enterprise();
    let accounts: BTreeSet<String> = ledger.ibm_accounts().map(str::to_owned).collect();
    for (line, month) in [
        ("bill --month last", Some(("amount", "2026-10"))),
        ("trend --months 1 --month last", Some(("amount", "2026-10"))),
        ("diff", Some(("2026-10", "2026-10"))),
        ("check", None),
        ("export", None),
    ] {
        let csv = good(&sandbox, &format!("{line} -o csv --service ibm --enterprise {enterprise}")).await;
        let found: BTreeSet<String> = rows(&csv).into_iter().map(|row| row[1].clone()).collect();
        assert_eq!(found, accounts, "{line}");
        for account in &accounts {
            let Some((column, month)) = month else { continue };
            assert_eq!(sum(&csv, column, &["ibm", account]), ibm(ledger, account, month), "{line}");
        }
    }
    let page = good(&sandbox, &format!("html --months 2 --month last --service ibm --enterprise {enterprise}")).await;
    let total: cloud_billing_core::Decimal = accounts.iter().map(|account| ibm(ledger, account, "2026-10")).sum();
    assert!(page.replace(',', "").contains(&format!(">{total:.2}<")), "{total}");
}

#[tokio::test]
async fn an_account_counts_before_an_enterprise_and_a_flag_before_a_variable() {
    let sandbox = started().await;
    let ledger = sandbox.estate().unwrap();
    let count = async |environment, line: &str| {
        let ran = run(environment, &format!("bill -o csv --by account --service ibm{line}")).await;
        assert_eq!((ran.status, ran.err.as_str()), (0, ""));
        rows(&ran.out).len()
    };
    assert_eq!(count(environment(&sandbox), "").await, 1);
    assert_eq!(count(without_account(&sandbox), "").await, 6);
    assert_eq!(count(environment(&sandbox), &format!(" --enterprise {}", ledger.ibm_enterprise())).await, 6);
    assert_eq!(count(without_account(&sandbox), &format!(" --account {}", ledger.ibm_account())).await, 1);
    let both = run(environment(&sandbox), "bill --account a --enterprise e").await;
    assert!(both.status == 2 && both.err.contains("cannot be used with"), "{both:?}");
}

/// Accounts are listed twice when they move while they are listed.
#[tokio::test]
async fn an_account_is_billed_once_and_one_that_cannot_be_is_told_of() {
    let sandbox = started().await;
    let ledger = sandbox.estate().unwrap();
    let line =
        format!("bill -o csv --by account --service ibm --enterprise {}", ledger.ibm_enterprise().to_uppercase());
    let before = run(environment(&sandbox), &line).await;
    assert_eq!((before.status, before.err.as_str()), (0, ""));
    let edit = |body: &mut serde_json::Value| {
        let list = body["resources"].as_array_mut().unwrap();
        list.push(list[0].clone());
        list.push(serde_json::json!({"name": "without an id", "enterprise_id": list[0]["enterprise_id"]}));
        list.push(serde_json::json!({"name": "without an enterprise", "id": "b"}));
    };
    sandbox.inject(Fault::edit(edit).on("list_accounts").always()).unwrap();
    let after = run(environment(&sandbox), &line).await;
    assert_eq!((after.status, after.out), (0, before.out));
    assert_eq!(
        after.err,
        "note: ibm: 2 accounts are left out, because the service states no id or no enterprise for them\n"
    );
}

#[tokio::test]
async fn names_of_accounts_are_shown() {
    let sandbox = started().await;
    let line = format!("bill --by account --service ibm --enterprise {}", sandbox.estate().unwrap().ibm_enterprise());
    let table = good(&sandbox, &line).await;
    assert!(table.contains("storefront") && table.contains("checkout"), "{table}");
}

#[tokio::test]
async fn the_failure_of_an_account_does_not_hide_the_others() {
    let sandbox = started().await;
    let ledger = sandbox.estate().unwrap();
    let refused = ledger.ibm_accounts().nth(2).unwrap();
    sandbox.inject(Fault::status(403).always().on("get_account_summary").target(refused)).unwrap();
    for line in ["bill", "check", "whoami"] {
        let line = format!("{line} -o csv --service ibm --enterprise {}", ledger.ibm_enterprise());
        let ran = run(environment(&sandbox), &line).await;
        assert!(ran.status == 4 && ran.err.starts_with(&format!("error: ibm {refused}")), "{ran:?}");
        assert_eq!(ran.err.lines().filter(|line| line.starts_with("error")).count(), 1, "{ran:?}");
        for account in ledger.ibm_accounts() {
            assert_eq!(ran.out.contains(account), account != refused, "{ran:?}");
        }
    }
}

#[tokio::test]
async fn what_hinders_the_listing_is_named() {
    let sandbox = started().await;
    let ran = run(environment(&sandbox), "bill -o csv --enterprise nowhere").await;
    assert!(ran.status == 6 && ran.out.contains("\natlas,"), "{ran:?}");
    assert!(
        ran.err.starts_with("error: ibm: the credential can see no account of the enterprise nowhere\nhint: "),
        "{ran:?}"
    );
    let no_key = sandbox.environment().into_iter().filter(|(name, _)| !name.starts_with("ENTERPRISE")).collect();
    let ran = run(no_key, "bill --service ibm --enterprise e").await;
    assert!(ran.status == 3 && ran.err.contains("ENTERPRISE_USAGE_REPORTS_APIKEY"), "{ran:?}");
    sandbox.inject(Fault::status(403).always().on("list_accounts")).unwrap();
    let ran = run(environment(&sandbox), "bill --service ibm --enterprise e").await;
    assert!(ran.status == 4 && ran.err.starts_with("error: ibm: list_accounts: "), "{ran:?}");
}
