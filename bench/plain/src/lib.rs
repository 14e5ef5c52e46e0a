//! The clients that plain progenitor generates for Usage Reports and Atlas (positional interface, its default).

#[allow(clippy::all, unused, mismatched_lifetime_syntaxes, missing_docs)]
pub mod ibm {
    include!(concat!(env!("OUT_DIR"), "/ibm-usage-reports.rs"));
}

#[allow(clippy::all, unused, mismatched_lifetime_syntaxes, missing_docs)]
pub mod atlas {
    include!(concat!(env!("OUT_DIR"), "/atlas-billing.rs"));
}
