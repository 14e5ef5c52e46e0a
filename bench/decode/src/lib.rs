//! Pages, and the ways to decode them.

use cloud_billing_core::json;
use cloud_billing_core::paginate::{Layout, Next};

/// A page of 200 instance records.
pub fn ibm_page() -> Vec<u8> {
    let (head, tail) = data::around_page("/v4/accounts/a/resource_instances/usage/2026-01", 0, 20_000, false);
    format!("{head}{}{tail}", data::pages(data::PAGE)[0]).into_bytes()
}

/// A page of 20 invoices.
pub fn atlas_page() -> Vec<u8> {
    data::invoices()[0].clone().into_bytes()
}

const IBM: Layout = Layout {
    items: "resources",
    next: Next::Cursor { parameter: "_start", href: &["next", "href"], token: &["next", "offset"] },
};

const ATLAS: Layout =
    Layout { items: "results", next: Next::Number { links: "links", relations: &["next"], total: "totalCount" } };

/// The ways to decode, by name. Each returns the number of records.
///
/// The clients' types are decoded as the runtime does it, as whole pages and record by record; the others with
/// `serde_json::from_slice`, as reqwest and progenitor do it.
pub const WAYS: &[(&str, fn(&[u8]) -> usize)] = &[
    ("ibm-ours", |body| ours::<ibm_usage_reports::types::InstancesUsage>(body).resources.len()),
    ("ibm-items", |body| items::<ibm_usage_reports::types::InstanceUsage>(body, IBM)),
    ("ibm-plain", |body| slice::<plain::ibm::types::InstancesUsage>(body).resources.len()),
    ("ibm-floor", |body| slice::<floor::owned::Page>(body).resources.len()),
    ("ibm-borrowed", |body| slice::<floor::borrowed::Page<'_>>(body).resources.len()),
    ("atlas-ours", |body| ours::<atlas_billing::types::PaginatedApiInvoiceMetadataView>(body).results.len()),
    ("atlas-items", |body| items::<atlas_billing::types::BillingInvoiceMetadata>(body, ATLAS)),
    ("atlas-plain", |body| slice::<plain::atlas::types::PaginatedApiInvoiceMetadataView>(body).results.len()),
];

/// The page for a way of decoding.
pub fn page(way: &str) -> Vec<u8> {
    if way.starts_with("ibm") { ibm_page() } else { atlas_page() }
}

fn slice<'a, T: serde::Deserialize<'a>>(body: &'a [u8]) -> T {
    serde_json::from_slice(body).expect("it decodes")
}

fn ours<T: json::Decode>(body: &[u8]) -> T {
    json::from_str(text(body)).expect("it decodes")
}

fn items<T: json::Decode>(body: &[u8], layout: Layout) -> usize {
    let mut count = 0;
    let each = |item: T| {
        std::hint::black_box(&item);
        count += 1;
    };
    cloud_billing_core::__private::each_item(text(body), layout, each).expect("it decodes");
    count
}

/// The body is validated as UTF-8 once, as the runtime does it.
fn text(body: &[u8]) -> &str {
    std::str::from_utf8(body).expect("it is UTF-8")
}
