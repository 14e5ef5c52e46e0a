//! The text of an invoice: its header, and its lines one by one.

use std::fmt;
use std::ops::Range;

use atlas_billing::types::{
    BillingInvoice, BillingInvoiceMetadata, BillingPayment, BillingRefund, InvoiceId, InvoiceLineItem, InvoiceStatus,
    Link, OrganizationId,
};
use cloud_billing_core::json::{self, Decode, JsonError, Reader};
use cloud_billing_core::{Lenient, NullableVec, Timestamp, record};

use crate::source::Kept;

/// A record with fields of another one; its other fields are empty.
macro_rules! copied {
    ($from:ident => $to:ty: $($field:ident),*) => {{
        let mut to = <$to>::default();
        $(to.$field = $from.$field;)*
        to
    }};
}

/// An invoice in its text: the header is decoded, the lines are not yet.
///
/// Nothing of the text is copied but the header. Invoices of linked organizations are skipped: they are bills of their own.
pub struct Invoice<'t> {
    text: &'t str,
    header: BillingInvoice,
    unknown: Option<String>,
    lines: Range<usize>,
}

impl<'t> Invoice<'t> {
    /// Reads the header, and skips the lines.
    ///
    /// `text` is the body of `getInvoice`, or one invoice of `listInvoicePending`.
    ///
    /// # Errors
    ///
    /// If the text is not JSON, or a field of the header does not have its type.
    pub fn read(text: &'t str) -> Result<Self, JsonError> {
        let header: Kept<Header<Span>> = json::from_str(text)?;
        let unknown = header.unknown();
        let mut header = header.record;
        let Range { start, end } = std::mem::take(&mut header.line_items).0.unwrap_or_default();
        let list = text.get(start..end).unwrap_or_default().trim_ascii_end();
        Ok(Self { text, header: header.into(), unknown, lines: start..start + list.len() })
    }

    /// The invoice without its lines and without those of linked organizations: `line_items` and `linked_invoices` are empty.
    #[must_use]
    pub const fn header(&self) -> &BillingInvoice {
        &self.header
    }

    /// Whether it is the invoice that was asked for, by its organization and its id: a service or a proxy may answer with another.
    #[must_use]
    pub fn is_of(&self, organization: &str, id: &str) -> bool {
        let is = |stated: Option<&str>, asked: &str| stated.is_some_and(|stated| stated.eq_ignore_ascii_case(asked));
        is(self.header.org_id.as_deref(), organization) && is(self.header.id.as_deref(), id)
    }

    /// The header as a line of the list of invoices, to be compared with the one that the list has.
    #[must_use]
    pub fn as_listed(&self) -> BillingInvoiceMetadata {
        let header = self.header.clone();
        copied!(header => BillingInvoiceMetadata:
            amount_billed_cents, amount_paid_cents, created, credits_cents, end_date, id, org_id,
            sales_tax_cents, start_date, starting_balance_cents, status_name, subtotal_cents, updated
        )
    }

    /// Whether it has another status or amount than its line of the list states: one of the two is out of date.
    #[must_use]
    pub fn differs_from(&self, listed: &BillingInvoiceMetadata) -> bool {
        let own = self.as_listed();
        let amounts = |of: &BillingInvoiceMetadata| {
            [
                of.amount_billed_cents,
                of.amount_paid_cents,
                of.credits_cents,
                of.sales_tax_cents,
                of.starting_balance_cents,
                of.subtotal_cents,
            ]
        };
        listed.status_name.is_some() && listed.status_name != own.status_name
            || amounts(listed).into_iter().zip(amounts(&own)).any(|(listed, own)| listed.is_some() && listed != own)
    }

    /// Whether it bills the period of its line of the list. That of an open invoice may still change its end.
    #[must_use]
    pub fn is_of_period(&self, listed: &BillingInvoiceMetadata) -> bool {
        let is = |listed: &Lenient<Timestamp>, own: &Lenient<Timestamp>| {
            let millis = |of: &Lenient<Timestamp>| of.known().map(|time| time.unix_millis());
            millis(listed).is_none_or(|listed| millis(own) == Some(listed))
        };
        let is_open = listed.is_final() == Some(false);
        is(&listed.start_date, &self.header.start_date) && (is_open || is(&listed.end_date, &self.header.end_date))
    }

    /// The fields of the header that this version does not know, as a JSON object. The first row has them
    /// in `x_BillUnknownFields`.
    #[must_use]
    pub fn unknown(&self) -> Option<&str> {
        self.unknown.as_deref()
    }

    /// The lines, each decoded when it is asked for. The iterator ends after an error.
    #[must_use]
    pub fn lines(&self) -> Lines<'t> {
        // Without the brackets.
        let Range { start, end } = self.lines;
        Lines { text: self.text, at: start.saturating_add(1), end: end.saturating_sub(1) }
    }
}

impl fmt::Debug for Invoice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invoice").field("header", &self.header).field("lines", &self.lines).finish_non_exhaustive()
    }
}

/// A line of an invoice.
#[derive(Clone, Debug, PartialEq)]
pub struct Line<'t> {
    /// The line with the fields that its type does not know.
    pub item: Kept<InvoiceLineItem>,
    /// Its JSON as it came.
    pub text: &'t str,
}

/// The lines of an invoice. Only one of them is in memory.
#[derive(Clone)]
pub struct Lines<'t> {
    text: &'t str,
    at: usize,
    end: usize,
}

impl<'t> Lines<'t> {
    /// Reads an element of the list and the comma after it. `None` is `null`, which stands for no line.
    fn element(&mut self) -> Result<Option<Line<'t>>, JsonError> {
        let rest = self.text.get(self.at..self.end).unwrap_or_default();
        let mut reader = Reader::new(rest);
        let start = reader.start();
        let item = Option::<Kept<InvoiceLineItem>>::decode(&mut reader)?;
        let end = reader.start();
        self.at += end.saturating_add(1);
        let text = rest.get(start..end).unwrap_or_default().trim_ascii_end();
        Ok(item.map(|item| Line { item, text }))
    }
}

impl<'t> Iterator for Lines<'t> {
    type Item = Result<Line<'t>, JsonError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.text.get(self.at..self.end).is_some_and(|rest| !rest.trim_ascii_start().is_empty()) {
            match self.element() {
                Ok(None) => {}
                Ok(Some(line)) => return Some(Ok(line)),
                Err(error) => {
                    self.at = self.end;
                    return Some(Err(placed(self.text, error)));
                }
            }
        }
        None
    }
}

impl fmt::Debug for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines").field("at", &self.at).field("end", &self.end).finish_non_exhaustive()
    }
}

/// The error of a line with its place in the whole text. The first line at fault is found again.
#[cold]
fn placed(text: &str, error: JsonError) -> JsonError {
    json::from_str::<Header<Vec<Checked>>>(text).err().unwrap_or(error)
}

/// Where a list is in the text, the white space after it included.
#[derive(Default)]
struct Span(Option<Range<usize>>);

impl Decode for Span {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        let start = reader.start();
        if reader.null()? {
            return Ok(Self(None));
        }
        Vec::<Skipped>::decode(reader)?;
        // With the white space after it.
        let end = reader.start();
        Ok(Self(Some(start..end)))
    }

    fn is_decoded(&self) -> bool {
        self.0.is_some()
    }
}

/// A value that is not decoded.
#[derive(Default)]
struct Skipped;

impl Decode for Skipped {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        reader.skip().map(|()| Self)
    }
}

/// A line that is decoded and not kept.
struct Checked;

impl Decode for Checked {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        Option::<Kept<InvoiceLineItem>>::decode(reader).map(|_| Self)
    }
}

/// The fields of an invoice. Those of linked organizations are not looked at.
#[derive(Default)]
struct Header<L> {
    amount_billed_cents: Option<i64>,
    amount_paid_cents: Option<i64>,
    created: Lenient<Timestamp>,
    credits_cents: Option<i64>,
    end_date: Lenient<Timestamp>,
    id: Option<InvoiceId>,
    line_items: L,
    linked_invoices: Skipped,
    links: NullableVec<Link>,
    org_id: Option<OrganizationId>,
    payments: NullableVec<BillingPayment>,
    refunds: NullableVec<BillingRefund>,
    sales_tax_cents: Option<i64>,
    start_date: Lenient<Timestamp>,
    starting_balance_cents: Option<i64>,
    status_name: Option<InvoiceStatus>,
    subtotal_cents: Option<i64>,
    updated: Lenient<Timestamp>,
}

macro_rules! header_records {
    ($($lines:ty),*) => {$(
        record! {
            Header<$lines> {
                amount_billed_cents: "amountBilledCents",
                amount_paid_cents: "amountPaidCents",
                created: "created",
                credits_cents: "creditsCents",
                end_date: "endDate",
                id: "id",
                line_items: "lineItems",
                linked_invoices: "linkedInvoices",
                links: "links",
                org_id: "orgId",
                payments: "payments",
                refunds: "refunds",
                sales_tax_cents: "salesTaxCents",
                start_date: "startDate",
                starting_balance_cents: "startingBalanceCents",
                status_name: "statusName",
                subtotal_cents: "subtotalCents",
                updated: "updated",
            }
        }
    )*};
}

header_records!(Span, Vec<Checked>);

impl<L> From<Header<L>> for BillingInvoice {
    fn from(header: Header<L>) -> Self {
        copied!(header => Self:
            amount_billed_cents, amount_paid_cents, created, credits_cents, end_date, id, links, org_id,
            payments, refunds, sales_tax_cents, start_date, starting_balance_cents, status_name,
            subtotal_cents, updated
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skus(text: &str) -> Vec<String> {
        let invoice = Invoice::read(text).unwrap();
        invoice.lines().map(|line| line.unwrap().item.record.sku.unwrap().to_string()).collect()
    }

    #[test]
    fn lines_come_one_by_one() {
        assert_eq!(skus(r#"{"lineItems":[{"sku":"A"},{"sku":"B"}],"id":"1"}"#), ["A", "B"]);
        assert_eq!(
            skus("{ \"lineItems\" : [ {\"sku\":\"A\"} , null, {\"sku\":\"B\"}\n ] , \"id\" : null }"),
            ["A", "B"]
        );
        for none in ["{}", r#"{"lineItems": null}"#, r#"{"lineItems": []}"#, r#"{"lineItems": [ ]  }"#] {
            assert_eq!(Invoice::read(none).unwrap().lines().count(), 0, "{none}");
        }
    }

    #[test]
    fn a_line_has_its_own_text() {
        let invoice = Invoice::read("{\"lineItems\": [ {\"sku\": \"A\", \"x\": [1]} , {} ]}").unwrap();
        let lines: Vec<Line<'_>> = invoice.lines().map(Result::unwrap).collect();
        assert_eq!(lines.iter().map(|line| line.text).collect::<Vec<_>>(), ["{\"sku\": \"A\", \"x\": [1]}", "{}"]);
        assert_eq!(lines[0].item.unknown().as_deref(), Some(r#"{"x":[1]}"#));
    }

    #[test]
    fn the_header_comes_without_the_lines_of_others() {
        let text = r#"{"linkedInvoices": [{"id": 5, "lineItems": [{"sku": "X"}]}], "id": "a", "new": 1, "subtotalCents": 5.0}"#;
        let invoice = Invoice::read(text).unwrap();
        assert_eq!(invoice.header().id.as_deref(), Some("a"));
        assert_eq!(invoice.header().subtotal_cents, Some(5));
        assert_eq!(invoice.unknown(), Some(r#"{"new":1}"#));
        assert!(invoice.lines().next().is_none() && invoice.header().linked_invoices.is_empty());
    }

    #[test]
    fn errors_name_the_place_in_the_whole_text() {
        let text = r#"{"id": "a", "lineItems": [{"sku": "X"}, {"quantity": [1]}, {"sku": 5}]}"#;
        let mut lines = Invoice::read(text).unwrap().lines();
        assert!(lines.next().unwrap().is_ok());
        let error = lines.next().unwrap().unwrap_err();
        assert_eq!(error.path(text).as_deref(), Some("lineItems[1].quantity"));
        assert!(lines.next().is_none());
        for (text, path) in [
            (r#"{"lineItems": {}}"#, Some("lineItems")),
            (r#"{"lineItems": [{]}"#, Some("lineItems[0]")),
            (r#"{"lineItems": [], "lineItems": []}"#, Some("lineItems")),
            (r#"{"subtotalCents": 1.5}"#, Some("subtotalCents")),
            ("[]", None),
        ] {
            assert_eq!(Invoice::read(text).unwrap_err().path(text).as_deref(), path, "{text}");
        }
    }
}
