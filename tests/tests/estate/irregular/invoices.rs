//! Irregular invoices of Atlas.

use std::collections::BTreeSet;
use std::time::Duration;

use atlas_billing::types::{BillingInvoice, InvoiceId, InvoiceLineItem, OrganizationId};
use cloud_billing_sandbox::{AtlasInvoice, Estate, Irregularity, Sandbox};
use serde_json::Value;

use super::{name, start};
use crate::ask::atlas;
use crate::atlas::noon;

fn estate(seed: u64) -> Estate {
    Estate::new().seed(seed).organizations(6).line_items(60)
}

async fn invoice(sandbox: &Sandbox, organization: &str, id: &str) -> BillingInvoice {
    let client = atlas_billing::Client::builder().base_url(sandbox.atlas_url()).bearer_token("token").build().unwrap();
    client.get_invoice(OrganizationId::new(organization), InvoiceId::new(id)).send().await.unwrap().into_inner()
}

fn cents(line: &InvoiceLineItem) -> i64 {
    line.total_price_cents.unwrap()
}

fn sku(line: &InvoiceLineItem) -> &str {
    line.sku.as_deref().unwrap_or_default()
}

/// What the header asks for less what the records add up to, by the records alone.
fn difference(invoice: &BillingInvoice) -> Option<i64> {
    let lines: i64 = invoice.line_items.iter().map(cents).sum();
    let in_lines: i64 = invoice.line_items.iter().filter(|line| sku(line) == "CREDIT").map(cents).sum();
    let (credits, tax) = (invoice.credits_cents?.abs(), invoice.sales_tax_cents.unwrap());
    let rows = lines + tax - (credits - in_lines.abs()).max(0);
    Some(invoice.subtotal_cents? - credits + tax - rows)
}

/// Checks that the records show an irregularity of the ledger, with its amount.
#[allow(clippy::too_many_lines, reason = "an arm for each kind")]
fn check(irregularity: &Irregularity, invoice: &BillingInvoice, raw: &Value, expected: &AtlasInvoice) {
    let lines = &invoice.line_items;
    let has = |keep: &dyn Fn(&InvoiceLineItem) -> bool| assert!(lines.iter().any(keep), "{irregularity:?} of {raw}");
    let period = |line: &InvoiceLineItem| {
        (line.start_date.known().unwrap().unix_millis(), line.end_date.known().unwrap().unix_millis())
    };
    let positive: i64 = lines.iter().map(cents).filter(|cents| *cents > 0).sum();
    let in_lines: i64 = -lines.iter().filter(|line| sku(line) == "CREDIT").map(cents).sum::<i64>();
    let credits = invoice.credits_cents.map(i64::abs);
    let (tax, paid) = (invoice.sales_tax_cents.unwrap(), invoice.amount_paid_cents.unwrap());
    let payments: i64 = invoice.payments.iter().filter_map(|payment| payment.amount_paid_cents).sum();
    match irregularity {
        Irregularity::HeaderDiffers { cents } => {
            assert_eq!((invoice.subtotal_cents, expected.difference_cents), (Some(positive + cents), Some(*cents)));
        }
        Irregularity::CreditLines { cents } => assert_eq!(Some(*cents), credits.map(|credits| credits.min(in_lines))),
        Irregularity::HeaderCredits { cents } => assert_eq!(credits, Some(in_lines + cents)),
        Irregularity::CreditsShort { cents } => {
            assert_eq!((credits, expected.difference_cents), (Some(in_lines - cents), Some(*cents)));
        }
        Irregularity::NegativeCredits => assert!(invoice.credits_cents.unwrap() < 0),
        Irregularity::SalesTax { cents } => assert!(*cents > 0 && tax == *cents),
        Irregularity::Refund { cents } => assert_eq!(invoice.refunds[0].amount_cents, Some(*cents)),
        Irregularity::PartPayment { open_cents } => {
            let payable = invoice.subtotal_cents.unwrap() - credits.unwrap() + tax;
            assert!(raw["payments"].as_array().unwrap().iter().any(|it| it["statusName"] == "PARTIAL_PAID"), "{raw}");
            assert_eq!((payable - open_cents, payments), (paid, paid));
        }
        Irregularity::Adjustment { cents: amount, confirmed } => {
            has(&|line| cents(line) == *amount && sku(line) != "CREDIT");
            let payable = invoice.subtotal_cents.unwrap() - credits.unwrap() + tax;
            assert_eq!((payable == invoice.amount_billed_cents.unwrap(), *amount < 0), (*confirmed, true));
            assert!(paid == 0 || (paid == payable) == *confirmed);
        }
        Irregularity::ChangesAfterClosing { .. } => {}
        Irregularity::NoSubtotal => assert!(raw.get("subtotalCents").is_none()),
        Irregularity::NoCredits => assert!(raw.get("creditsCents").is_none()),
        Irregularity::LateLine { cents: total } => {
            let start = invoice.start_date.known().unwrap().unix_millis();
            has(&|line| cents(line) == *total && period(line).1 < start);
        }
        Irregularity::EqualDates { cents: total } => has(&|it| cents(it) == *total && period(it).0 == period(it).1),
        Irregularity::ReversedDates { cents: total } => has(&|it| cents(it) == *total && period(it).0 > period(it).1),
        Irregularity::Discount { cents: amount } => {
            has(&|line| line.discount_cents == Some(*amount) && cents(line) == 7 * amount);
        }
        Irregularity::OddTags => has(&|line| {
            let values = |key: &str| line.tags.get(key).map(|values| values.len());
            values("team") == Some(3) && values("owner") == Some(0)
        }),
        Irregularity::NoTags => assert!(raw["lineItems"].as_array().unwrap().iter().any(|it| it.get("tags").is_none())),
        Irregularity::UnknownFields => {
            let line = raw["lineItems"].as_array().unwrap().iter().any(|it| it["billingSource"].is_object());
            assert!(line && raw["billingSource"].is_object());
        }
        Irregularity::MinimumCharge { cents: total } => {
            has(&|line| cents(line) == *total && sku(line) == "MINIMUM_CHARGE" && line.group_id.is_none());
        }
        Irregularity::Support { cents: total } => {
            has(&|line| cents(line) == *total && sku(line) == "ATLAS_SUPPORT" && line.group_id.is_none());
        }
        Irregularity::Voyage { cents: total } => {
            has(&|line| cents(line) == *total && sku(line).starts_with("VOYAGE_RERANK") && line.cluster_name.is_none());
        }
        Irregularity::AppServices { cents: total } => {
            has(&|line| cents(line) == *total && line.stitch_app_name.as_deref() == Some("order-sync"));
        }
        Irregularity::NoCloudProvider => assert!(lines.iter().all(|line| line.cloud_provider.is_none())),
        other => panic!("{other:?} is of no invoice"),
    }
}

const KINDS: [&str; 25] = [
    "Adjustment",
    "AppServices",
    "ChangesAfterClosing",
    "CreditLines",
    "CreditsShort",
    "Discount",
    "EqualDates",
    "HeaderCredits",
    "HeaderDiffers",
    "LateLine",
    "MinimumCharge",
    "NegativeCredits",
    "NoCloudProvider",
    "NoCredits",
    "NoSubtotal",
    "NoTags",
    "OddTags",
    "PartPayment",
    "Refund",
    "ReversedDates",
    "SalesTax",
    "Support",
    "UnknownFields",
    "Voyage",
    "",
];

#[tokio::test]
async fn every_irregularity_of_an_invoice_occurs_and_is_in_the_ledger() {
    for seed in [1, 2, u64::MAX] {
        let sandbox = start(estate(seed)).await;
        let ledger = sandbox.estate().unwrap();
        // A regular invoice counts as a kind too, and so does each variant of a kind.
        let (mut kinds, mut variants) = (BTreeSet::new(), BTreeSet::new());
        for organization in ledger.atlas_organizations() {
            for expected in ledger.atlas_invoices(&organization) {
                let invoice = invoice(&sandbox, &organization, &expected.id).await;
                let path = format!("/api/atlas/v2/orgs/{organization}/invoices/{}", expected.id);
                let raw = atlas(&sandbox, &path).send().await.json();
                assert_eq!(difference(&invoice), expected.difference_cents, "{expected:?}");
                assert_eq!(invoice.line_items.len() as u64, expected.line_items);
                assert_eq!(invoice.amount_paid_cents, Some(expected.amount_paid_cents));
                for irregularity in &expected.irregularities {
                    check(irregularity, &invoice, &raw, &expected);
                    kinds.insert(name(irregularity));
                    variants.extend(match irregularity {
                        Irregularity::Adjustment { confirmed, .. } => Some(("confirmed", *confirmed)),
                        Irregularity::PartPayment { open_cents } => Some(("paid", *open_cents == 0)),
                        Irregularity::HeaderDiffers { cents } => Some(("more", *cents > 0)),
                        _ => None,
                    });
                }
                if expected.irregularities.is_empty() {
                    kinds.insert(String::new());
                }
            }
        }
        assert_eq!(kinds, KINDS.map(str::to_owned).into(), "seed {seed}");
        assert_eq!(variants.len(), 6, "seed {seed}: {variants:?}");
    }
}

#[tokio::test]
async fn closed_invoices_change_once() {
    let sandbox = start(estate(3)).await;
    // The first days of December: the invoices of November are closed and not yet changed.
    sandbox.advance(Duration::from_secs(21 * 86_400));
    let changing: Vec<_> = {
        let ledger = sandbox.estate().unwrap();
        let invoices = ledger.atlas_organizations().flat_map(|organization| {
            let invoices = ledger.atlas_invoices(&organization);
            invoices.into_iter().filter(|it| it.month == "2026-11").map(move |it| (organization.clone(), it))
        });
        let changes = |it: &Irregularity| match it {
            Irregularity::ChangesAfterClosing { cents, at } => Some((*cents, *at)),
            _ => None,
        };
        invoices
            .filter_map(|(of, it)| it.irregularities.iter().find_map(changes).map(|change| (of, it, change)))
            .collect()
    };
    assert!(!changing.is_empty());
    let (organization, _, (cents, at)) = changing[0].clone();
    let id = &changing[0].1.id;
    let before = invoice(&sandbox, &organization, id).await;
    let wait = at.duration_since(noon() + Duration::from_secs(21 * 86_400)).unwrap();
    sandbox.advance(wait - Duration::from_secs(1));
    assert_eq!(invoice(&sandbox, &organization, id).await.subtotal_cents, before.subtotal_cents);
    sandbox.advance(Duration::from_secs(1));
    let after = invoice(&sandbox, &organization, id).await;
    assert_eq!(after.subtotal_cents, before.subtotal_cents.map(|subtotal| subtotal + cents));
    assert_eq!((difference(&before), difference(&after)), (Some(0), Some(0)));
    assert!(after.updated.known().unwrap().unix_millis() > before.updated.known().unwrap().unix_millis());
    // Only amounts change: there are as many lines, and what was paid stays.
    assert_eq!((after.line_items.len(), &after.payments), (before.line_items.len(), &before.payments));
    sandbox.advance(Duration::from_secs(90 * 86_400));
    let later = invoice(&sandbox, &organization, id).await;
    assert!(later.line_items == after.line_items && later.updated == after.updated);
}
