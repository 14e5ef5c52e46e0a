//! What a program with several threads needs of the clients: each of these compiles. Nothing is run but the test that says so.
#![allow(clippy::unwrap_used, missing_docs)]

use atlas_billing::csv::InvoiceRows;
use atlas_billing::types::{
    ApiPublicUsageDetailsQueryRequest, CostExplorerFilterRequestBody, InvoiceId, OrganizationId,
};
use cloud_billing_core::body::BodyReader;
use cloud_billing_core::csv::Records;
use cloud_billing_core::fleet::Run;
use cloud_billing_core::{CallOptions, Core, Error, Fleet, HttpClient, RawBody, Response, RetryPolicy, Stream};
use ibm_usage_reports::BillingMonth;
use ibm_usage_reports::types::AccountId;

/// Can be kept in a state that threads share.
fn shared<T: Send + Sync + 'static>() {}

fn cloned<T: Clone + Send + Sync + 'static>() {}

/// Can be moved to another thread, and to a task of its own.
fn sent<T: Send + 'static>(_: T) {}

/// Can be moved to another thread with what it borrows.
fn moved<T: Send>(_: T) {}

/// Is a stream whose errors are those of calls.
fn streamed<S: Stream<Item = Result<T, Error>>, T>(stream: S) -> S {
    stream
}

#[test]
fn types_are_shared_between_threads() {
    cloned::<atlas_billing::Client>();
    cloned::<ibm_usage_reports::Client>();
    cloned::<ibm_enterprise::Client>();
    cloned::<Core>();
    cloned::<HttpClient>();
    cloned::<CallOptions>();
    cloned::<RawBody>();
    cloned::<RetryPolicy>();
    cloned::<Response<RawBody>>();
    cloned::<atlas_billing::operations::ListInvoices>();
    cloned::<ibm_usage_reports::operations::GetResourceUsageAccount>();
    shared::<Error>();
    let _: fn(&atlas_billing::Client) = futures_of_atlas;
    let _: fn(atlas_billing::Client) = streams_of_atlas;
    let _: fn(&ibm_usage_reports::Client) = futures_of_ibm;
    let _: fn(Fleet<String>) = fleet;
}

fn futures_of_atlas(atlas: &atlas_billing::Client) {
    sent(atlas.list_invoices(OrganizationId::new("")).send());
    sent(atlas.list_invoices(OrganizationId::new("")).send_raw());
    sent(IntoFuture::into_future(atlas.list_invoices(OrganizationId::new(""))));
    sent(atlas.get_invoice_csv(OrganizationId::new(""), InvoiceId::new("")).send());
    sent(
        atlas
            .search_invoice_line_items(
                OrganizationId::new(""),
                InvoiceId::new(""),
                ApiPublicUsageDetailsQueryRequest::default(),
            )
            .send(),
    );
    sent(atlas.list_skus().items().collect_all(1));
    let [start, end] = ["2024-01-01", "2024-02-01"].map(|day| day.parse().unwrap());
    let query = || atlas.cost_explorer(OrganizationId::new(""), CostExplorerFilterRequestBody::new(start, end));
    sent(query());
    sent(query().run());
    sent(query().start());
    sent(atlas.invoice_report(OrganizationId::new(""), InvoiceId::new("")).run());
    sent(atlas.invoice_report(OrganizationId::new(""), InvoiceId::new("")).start());
    moved(atlas.pending_invoices(OrganizationId::new("")));
}

fn streams_of_atlas(atlas: atlas_billing::Client) {
    let mut items = atlas.list_invoices(OrganizationId::new("")).items();
    moved(items.next());
    moved(items.try_next());
    sent(streamed(items));
    let mut pages = atlas.list_invoices(OrganizationId::new("")).pages();
    moved(pages.next());
    sent(streamed(pages));
    sent(atlas.list_invoices(OrganizationId::new("")).pages().raw());
    sent(async move {
        let mut body = atlas.get_invoice_csv(OrganizationId::new(""), InvoiceId::new("")).await?.into_inner();
        moved(body.next());
        sent(body.save_to("file", |_| ()));
        let body = atlas.get_invoice_csv(OrganizationId::new(""), InvoiceId::new("")).await?.into_inner();
        sent::<BodyReader>(body.into_async_read());
        let rows = InvoiceRows::new(Records::new(
            atlas.get_invoice_csv(OrganizationId::new(""), InvoiceId::new("")).await?.into_inner(),
        ));
        sent(streamed(rows));
        Ok::<(), Error>(())
    });
}

fn futures_of_ibm(ibm: &ibm_usage_reports::Client) {
    sent(ibm.get_account_usage(AccountId::new(""), BillingMonth::current()).send());
    sent(IntoFuture::into_future(ibm.get_account_usage(AccountId::new(""), BillingMonth::current())));
    sent(ibm.get_resource_usage_account(AccountId::new(""), BillingMonth::current()).items());
    sent(ibm.get_resource_usage_account(AccountId::new(""), BillingMonth::current()).pages().raw());
}

fn fleet(fleet: Fleet<String>) {
    let mut run: Run<String, ()> = fleet.run(|_| async { Ok(()) });
    moved(run.next());
    sent(run);
}
