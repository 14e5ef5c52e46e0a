//! Pages, and the ways to decode them.

/// The types of the strict copies.
pub mod closed {
    /// A list that must not be null.
    pub type NullableVec<T> = Vec<T>;
    /// A map that must not be null.
    pub type NullableMap<V> = std::collections::BTreeMap<String, V>;
    /// A value that must have its type.
    pub type Lenient<T> = T;

    #[allow(warnings)]
    pub mod ibm {
        include!(concat!(env!("OUT_DIR"), "/ibm-usage-reports.rs"));
    }

    #[allow(warnings)]
    pub mod atlas {
        include!(concat!(env!("OUT_DIR"), "/atlas-billing.rs"));
    }
}

/// An enum as serde derives it.
#[macro_export]
macro_rules! closed_enum {
    ($(#[$attribute:meta])* pub enum $name:ident { $($(#[$inner:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$attribute])*
        #[derive(Clone, Debug, PartialEq, ::serde::Deserialize, ::serde::Serialize)]
        pub enum $name { $($(#[$inner])* #[serde(rename = $text)] $variant,)+ }

        impl $name {
            fn as_str(&self) -> &str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl ::cloud_billing_core::ParamValue for $name {
            fn param(&self) -> ::cloud_billing_core::__private::Param<'_> {
                ::cloud_billing_core::__private::Param::text(self.as_str())
            }
        }
    };
}

/// A page of 200 instance records.
pub fn ibm_page() -> Vec<u8> {
    let (head, tail) = data::around_page("/v4/accounts/a/resource_instances/usage/2026-01", 0, 20_000, false);
    format!("{head}{}{tail}", data::pages(data::PAGE)[0]).into_bytes()
}

/// A page of 20 invoices.
pub fn atlas_page() -> Vec<u8> {
    data::invoices()[0].clone().into_bytes()
}

/// The ways to decode, by name. Each returns the number of records.
///
/// The clients' types and the strict copies are decoded as the runtime does it; the others with
/// `serde_json::from_slice`, as reqwest and progenitor do it.
pub const WAYS: &[(&str, fn(&[u8]) -> usize)] = &[
    ("ibm-ours", |body| ours::<ibm_usage_reports::types::InstancesUsage>(body).resources.len()),
    ("ibm-closed", |body| ours::<closed::ibm::InstancesUsage>(body).resources.len()),
    ("ibm-plain", |body| slice::<plain::ibm::types::InstancesUsage>(body).resources.len()),
    ("ibm-floor", |body| slice::<floor::owned::Page>(body).resources.len()),
    ("ibm-borrowed", |body| slice::<floor::borrowed::Page<'_>>(body).resources.len()),
    ("atlas-ours", |body| ours::<atlas_billing::types::PaginatedApiInvoiceMetadataView>(body).results.len()),
    ("atlas-closed", |body| ours::<closed::atlas::PaginatedApiInvoiceMetadataView>(body).results.len()),
    ("atlas-plain", |body| slice::<plain::atlas::types::PaginatedApiInvoiceMetadataView>(body).results.len()),
];

/// The page for a way of decoding.
pub fn page(way: &str) -> Vec<u8> {
    if way.starts_with("ibm") { ibm_page() } else { atlas_page() }
}

fn slice<'a, T: serde::Deserialize<'a>>(body: &'a [u8]) -> T {
    serde_json::from_slice(body).expect("it decodes")
}

fn ours<T: serde::de::DeserializeOwned>(body: &[u8]) -> T {
    // The body is validated as UTF-8 once, as the runtime does it.
    cloud_billing_core::__private::from_str(std::str::from_utf8(body).expect("it is UTF-8")).expect("it decodes")
}
