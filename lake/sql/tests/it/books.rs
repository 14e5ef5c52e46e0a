//! Answers, and what the sandbox's own books say.

use std::collections::BTreeMap;

use cloud_billing_core::Decimal;
use cloud_billing_lake_sql::questions;
use cloud_billing_sandbox::Estate;

use crate::world::{filled, rows, sandbox, session};

#[tokio::test]
async fn sums_are_those_of_the_books() {
    let sandbox = sandbox(Estate::new().organizations(3).ibm_accounts(2)).await;
    let session = session(&filled(&sandbox).await);
    let ledger = sandbox.estate().unwrap();
    let mut bills = BTreeMap::new();
    for organization in ledger.atlas_organizations() {
        for invoice in ledger.atlas_invoices(&organization) {
            let cents = invoice.subtotal_cents - invoice.credits_cents + invoice.sales_tax_cents;
            bills.insert((format!("a-{organization}"), invoice.month.clone()), Decimal::from_cents(cents));
        }
    }
    let sums = "SELECT account, billing_period, sum(BilledCost) FROM focus WHERE service = 'atlas' GROUP BY ALL";
    for row in rows(&session, sums).await {
        let [account, period, sum] = <[String; 3]>::try_from(row).unwrap();
        let bill = bills.remove(&(account, period)).unwrap();
        assert_eq!(sum.parse::<Decimal>().unwrap(), bill);
    }
    assert!(bills.is_empty(), "{bills:?}");

    // All tables of a query are of the same bills.
    let stated = "SELECT f.InvoiceId, f.cost, r.Expected FROM reconciliation r
        JOIN (SELECT InvoiceId, sum(BilledCost) AS cost FROM focus GROUP BY ALL) f ON f.InvoiceId = r.InvoiceId";
    let stated = rows(&session, stated).await;
    assert_eq!(stated.len(), 15);
    for row in stated {
        assert_eq!(row[1].parse::<Decimal>().unwrap(), row[2].parse::<Decimal>().unwrap(), "{row:?}");
    }
}

/// `focus/foreign/check.sh` compares the answers with those of the bills; here each question has one.
#[tokio::test]
async fn each_question_is_answered() {
    let sandbox = sandbox(Estate::new().organizations(3).ibm_accounts(2).irregular(true)).await;
    let session = session(&filled(&sandbox).await);
    for question in questions::ALL {
        assert!(question.about().ends_with(['?', '.']), "{}", question.about());
        let rows = rows(&session, question.sql).await;
        assert!(!rows.is_empty(), "{}", question.name);
    }
}
