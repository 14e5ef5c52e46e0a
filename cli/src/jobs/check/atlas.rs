//! The invoices of an organization against their lines, and the Cost Explorer against both.

use atlas_billing::Client;
use atlas_billing::money::{self, PriceCheck};
use atlas_billing::types::{BillingInvoice, OrganizationId};
use cloud_billing_core::{BillingMonth, Decimal, Error};

use super::{Books, Finding, floating_point};
use crate::jobs::atlas::{self, CURRENCY};

pub(super) async fn books(client: &Client, organization: &OrganizationId, month: BillingMonth) -> Result<Books, Error> {
    let invoices = atlas::invoices(client, organization, month, month).await?;
    let mut books = Books::default();
    let (mut lines, mut is_open) = (Some(Decimal::ZERO), false);
    for invoice in &invoices {
        books.bill.extend(atlas::bill(invoice).map(|amount| (CURRENCY.to_owned(), amount)));
        let invoice = atlas::whole(client, organization, invoice).await?;
        books.findings.extend([subtotal(&invoice), credits(&invoice), prices(&invoice)]);
        lines = lines.zip(invoice.line_items_total().complete()).map(|(sum, lines)| &sum + lines);
        is_open |= invoice.is_final() == Some(false);
    }
    if !invoices.is_empty() {
        let services = atlas::services(client, organization, month, month).await?;
        let explorer = services.values().sum();
        let explain = |difference: &Decimal| {
            let later = is_open.then_some("the month is not over, and the two are not updated at once");
            floating_point(difference).or(later)
        };
        books.findings.push(Finding::new("lines and Cost Explorer", (lines, Some(explorer)), CURRENCY, explain));
    }
    Ok(books)
}

fn subtotal(invoice: &BillingInvoice) -> Finding {
    let stated = invoice.subtotal_cents.map(money::dollars);
    let computed = invoice.charges_total().complete().cloned();
    Finding::new("subtotal and lines", (stated, computed), CURRENCY, |_| None)
}

fn credits(invoice: &BillingInvoice) -> Finding {
    let stated = invoice.credits_cents.map(|cents| money::dollars(cents).abs());
    let computed = invoice.credits_total().complete().map(Decimal::abs);
    // The vendor does not say that each negative line is a credit.
    Finding::new("credits and lines", (stated, computed), CURRENCY, |difference| {
        (!difference.is_negative()).then_some("negative lines need not be credits")
    })
}

/// The totals of the lines against their unit prices and quantities.
fn prices(invoice: &BillingInvoice) -> Finding {
    let (mut stated, mut computed, mut plain) = (Decimal::ZERO, Decimal::ZERO, 0_usize);
    let mut discounted = false;
    for line in &invoice.line_items {
        let (Some(total), Some(price), Some(quantity)) =
            (line.total_price_cents, &line.unit_price_dollars, &line.quantity)
        else {
            continue;
        };
        stated += money::dollars(total);
        computed += price * quantity;
        if matches!(line.check_price(), PriceCheck::Differs { .. }) {
            let has_discount = line.discount_cents.is_some() || line.percent_discount.is_some();
            discounted |= has_discount;
            plain += usize::from(!has_discount);
        }
    }
    Finding::new("totals and unit prices", (Some(stated), Some(computed)), CURRENCY, |_| match (plain, discounted) {
        (0, false) => Some("each line is rounded to a cent"),
        (0, true) => Some("the unit prices have no discounts"),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use atlas_billing::json;

    use super::super::Verdict;
    use super::*;

    /// The verdicts on subtotal, credits and prices.
    fn verdicts(text: &str) -> [Verdict; 3] {
        let invoice: BillingInvoice = json::from_str(text).unwrap();
        [subtotal(&invoice), credits(&invoice), prices(&invoice)].map(|finding| finding.verdict)
    }

    #[test]
    fn what_an_invoice_says_of_itself() {
        let lines = r#""lineItems": [
            {"totalPriceCents": 150, "unitPriceDollars": 0.75, "quantity": 2}, {"totalPriceCents": -50}]"#;
        let invoice = |subtotal: i64, credits: i64| {
            format!(r#"{{"subtotalCents": {subtotal}, "creditsCents": {credits}, {lines}}}"#)
        };
        assert_eq!(verdicts(&invoice(150, 50)), [Verdict::Agrees; 3]);
        assert_eq!(verdicts(&invoice(150, -50)), [Verdict::Agrees; 3]);
        assert_eq!(verdicts(&invoice(151, 51))[..2], [Verdict::Differs; 2]);
        assert!(matches!(verdicts(&invoice(150, 20))[1], Verdict::Explained(_)));
        assert_eq!(verdicts("{}"), [Verdict::Unknown, Verdict::Unknown, Verdict::Agrees]);
        let line = |rest: &str| {
            let text = format!(
                r#"{{"lineItems": [{{"totalPriceCents": 100, "unitPriceDollars": 2, "quantity": 1 {rest}}}]}}"#
            );
            verdicts(&text)[2]
        };
        assert_eq!(line(""), Verdict::Differs);
        assert_eq!(line(r#", "percentDiscount": 50.0"#), Verdict::Explained("the unit prices have no discounts"));
    }
}
