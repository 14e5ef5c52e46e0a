//! What goes over the wire for each operation: with nothing but what is required, and with every parameter set. The
//! sandbox accepts all of it, so the snapshots are what the specs allow; they are there for a reviewer to see.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::fmt::Write as _;
use std::future::Future;

use atlas_billing::types::{
    ApiPublicUsageDetailsQueryRequest, BillingService, ClusterId, CostExplorerFilterRequestBody, CostExplorerGrouping,
    CostExplorerToken, InvoiceId, InvoiceReportId, InvoiceReportRequest, InvoiceSortField, InvoiceStatus,
    LineItemSortField, LineItemSortOrder, ProjectId, ReportGenerationRequest, SkuId, SortDirection,
    UsageDetailsFilterRequest,
};
use cloud_billing_core::Error;
use cloud_billing_sandbox::{RecordedRequest, Sandbox};
use ibm_usage_reports::types::{
    CreateReportsSnapshotConfigRequest, PlanId, ReportType, ResourceGroupId, ResourceId, ResourceInstanceId,
    SnapshotInterval, SnapshotVersioning, UpdateReportsSnapshotConfigRequest, ValidateReportsSnapshotConfigRequest,
};
use ibm_usage_reports::{BillingMonth, EpochMillis};
use workspace_tests::clients::{atlas, ibm, ibm_enterprise};
use workspace_tests::gate;

const ORG: &str = "4888442a3354817a7320eb61";
const INVOICE: &str = "5f3c1a2b9d8e7f6a5b4c3d2e";
const GROUP: &str = "32b6e34b3d91647abb20e7b8";
const TOKEN: &str = "4ABBE973862346D40F3AE859D4BE96E0F895764EB14EAB039E7B82F9D638C05C";

/// Identifiers with characters that a URL has to escape.
const ACCOUNT: &str = "987d4cfd77b04e9b9e1a6a0cc8612340";
const CF_ORG: &str = "us-south:54257f98-83f0-4eca-ae04-9ea35277a538";
const SLASHED: &str = "a/987d4cfd/2 %?#é";

fn month() -> BillingMonth {
    "2023-05".parse().unwrap()
}

type Call<'a, T> = std::pin::Pin<Box<dyn Future<Output = Result<T, Error>> + 'a>>;

/// The calls of one operation, minimal and full, as text; and the requests, for the checks below.
struct Recorder<'a> {
    sandbox: &'a Sandbox,
    seen: Vec<RecordedRequest>,
}

impl Recorder<'_> {
    async fn record<T>(
        &mut self,
        name: &str,
        minimal: impl Future<Output = Result<T, Error>>,
        full: impl Future<Output = Result<T, Error>>,
    ) {
        let mut text = String::new();
        let calls: [(&str, Call<'_, T>); 2] = [("minimal", Box::pin(minimal)), ("full", Box::pin(full))];
        for (what, call) in calls {
            self.sandbox.clear_requests();
            let result = call.await.map(drop);
            let request = self.sandbox.requests().pop().unwrap();
            assert!(result.is_ok(), "{name}, {what}: {:?} {:?}", result, request.refusals);
            let _ = writeln!(text, "# {what}\n{} {}", request.method, page_token(&request.target));
            for (header, value) in request.headers.iter().filter(|(header, _)| header != "host") {
                let _ = writeln!(text, "{header}: {}", shown(header, value));
            }
            if !request.body.is_empty() {
                let _ = writeln!(text, "\n{}", String::from_utf8(request.body.clone()).unwrap());
            }
            text.push('\n');
            self.seen.push(request);
        }
        insta::with_settings!({ prepend_module_to_snapshot => false, snapshot_path => "snapshots/wire", omit_expression => true }, {
            insta::assert_snapshot!(name, text);
        });
    }
}

/// A page token is the sandbox's own and long.
fn page_token(target: &str) -> String {
    for parameter in ["_start=", "offset=", "next_docid="] {
        if let Some((before, after)) = target.split_once(parameter) {
            let rest = after.split_once('&').map_or(String::new(), |(_, rest)| format!("&{rest}"));
            return format!("{before}{parameter}[token]{rest}");
        }
    }
    target.to_owned()
}

/// Versions change with each release, and no credential belongs into a snapshot.
fn shown(header: &str, value: &str) -> String {
    match (header, value.split_once(['/', ' '])) {
        ("user-agent", Some((name, _))) => format!("{name}/[version]"),
        ("authorization", Some((scheme, _))) => format!("{scheme} [redacted]"),
        _ => value.to_owned(),
    }
}

macro_rules! record {
    ($recorder:ident, $($name:literal: $minimal:expr, $full:expr;)*) => {
        $( $recorder.record($name, $minimal.send(), $full.send()).await; )*
    };
}

#[tokio::test]
async fn atlas_operations() {
    let sandbox = Sandbox::start().await.unwrap();
    let a = atlas(&sandbox);
    let mut r = Recorder { sandbox: &sandbox, seen: Vec::new() };
    let (from, to) = ("2024-01-01".parse().unwrap(), "2024-02-01".parse().unwrap());
    record!(r,
        "listOrgs": a.list_orgs(), a.list_orgs().envelope(false).include_count(true).items_per_page(500).page_num(1)
            .pretty(true).name("North & West");
        "getOrg": a.get_org(atlas_billing::types::OrganizationId::new(ORG)), a.get_org(atlas_billing::types::OrganizationId::new(ORG)).envelope(true).pretty(false);
        "createCostExplorerProcess":
            a.create_cost_explorer_process(atlas_billing::types::OrganizationId::new(ORG), CostExplorerFilterRequestBody::new(from, to)),
            a.create_cost_explorer_process(atlas_billing::types::OrganizationId::new(ORG), CostExplorerFilterRequestBody::new(from, to)
                .group_by(CostExplorerGrouping::Services).organizations([atlas_billing::types::OrganizationId::new(ORG)]).projects([ProjectId::new(GROUP)]).clusters([ClusterId::new(INVOICE)])
                .services([BillingService::Clusters, BillingService::CloudManagerStandardPremium])
                .include_partial_matches(true)).envelope(true);
        "getCostExplorerUsage": a.get_cost_explorer_usage(atlas_billing::types::OrganizationId::new(ORG), CostExplorerToken::new(TOKEN)), a.get_cost_explorer_usage(atlas_billing::types::OrganizationId::new(ORG), CostExplorerToken::new(TOKEN)).envelope(true);
        "listInvoices": a.list_invoices(atlas_billing::types::OrganizationId::new(ORG)), a.list_invoices(atlas_billing::types::OrganizationId::new(ORG)).envelope(true).include_count(false).items_per_page(1)
            .page_num(1).pretty(true).view_linked_invoices(false)
            .status_names([InvoiceStatus::Pending, InvoiceStatus::Closed]).from_date(from).to_date(to)
            .sort_by(InvoiceSortField::StartDate).order_by(SortDirection::Asc);
        "getInvoice": a.get_invoice(atlas_billing::types::OrganizationId::new(ORG), InvoiceId::new(INVOICE)), a.get_invoice(atlas_billing::types::OrganizationId::new(ORG), InvoiceId::new(INVOICE)).envelope(true).pretty(true);
        "listInvoicePending": a.list_invoice_pending(atlas_billing::types::OrganizationId::new(ORG)), a.list_invoice_pending(atlas_billing::types::OrganizationId::new(ORG)).envelope(true).pretty(true);
        "searchInvoiceLineItems":
            a.search_invoice_line_items(atlas_billing::types::OrganizationId::new(ORG), InvoiceId::new(INVOICE), ApiPublicUsageDetailsQueryRequest::new()),
            a.search_invoice_line_items(atlas_billing::types::OrganizationId::new(ORG), InvoiceId::new(INVOICE), ApiPublicUsageDetailsQueryRequest::new()
                .sort_field(LineItemSortField::TotalPriceCents).sort_order(LineItemSortOrder::Ascending)
                .filters(UsageDetailsFilterRequest::new().bill_start_date(from).bill_end_date(to)
                    .usage_start_date(from).usage_end_date(to).cluster_ids([ClusterId::new(INVOICE)]).group_ids([ProjectId::new(GROUP)])
                    .sku_services(["Atlas Stream Processing"]).include_zero_cent_line_items(true)))
                .envelope(true).items_per_page(500).page_num(1);
        "getOrgAssociatedInvoices": a.get_org_associated_invoices(atlas_billing::types::OrganizationId::new(ORG)),
            a.get_org_associated_invoices(atlas_billing::types::OrganizationId::new(ORG)).month(12).year(2025).include_linked_orgs(true);
        "listOrgInvoiceReports": a.list_org_invoice_reports(atlas_billing::types::OrganizationId::new(ORG), InvoiceId::new(INVOICE)), a.list_org_invoice_reports(atlas_billing::types::OrganizationId::new(ORG), InvoiceId::new(INVOICE))
            .envelope(true).include_count(true).items_per_page(100).page_num(1).pretty(true);
        "createOrgInvoiceReport":
            a.create_org_invoice_report(atlas_billing::types::OrganizationId::new(ORG), InvoiceId::new(INVOICE), InvoiceReportRequest::new("FOCUS", "CSV")),
            a.create_org_invoice_report(atlas_billing::types::OrganizationId::new(ORG), InvoiceId::new(INVOICE), InvoiceReportRequest::new("FOCUS", "CSV").format_spec_version("1.3"));
        "getOrgInvoiceReport": a.get_org_invoice_report(atlas_billing::types::OrganizationId::new(ORG), InvoiceId::new(INVOICE), InvoiceReportId::new(GROUP)), a.get_org_invoice_report(atlas_billing::types::OrganizationId::new(ORG), InvoiceId::new(INVOICE), InvoiceReportId::new(GROUP));
        "listSkus": a.list_skus(), a.list_skus().envelope(true).include_count(true).items_per_page(100).page_num(1).pretty(true);
        "getSku": a.get_sku(SkuId::new("ATLAS_AWS_INSTANCE_M10")), a.get_sku(SkuId::new("ATLAS AWS/M10")).envelope(true).pretty(true);
        "getInvoice.csv": a.get_invoice_as_csv(atlas_billing::types::OrganizationId::new(ORG), InvoiceId::new(INVOICE)), a.get_invoice_as_csv(atlas_billing::types::OrganizationId::new(ORG), InvoiceId::new(INVOICE)).pretty(true).envelope(false);
        "getInvoiceCsv": a.get_invoice_csv(atlas_billing::types::OrganizationId::new(ORG), InvoiceId::new(INVOICE)), a.get_invoice_csv(atlas_billing::types::OrganizationId::new(ORG), InvoiceId::new(INVOICE)).pretty(true).envelope(false);
        "getCostExplorerUsage.csv": a.get_cost_explorer_usage_as_csv(atlas_billing::types::OrganizationId::new(ORG), CostExplorerToken::new(TOKEN)),
            a.get_cost_explorer_usage_as_csv(atlas_billing::types::OrganizationId::new(ORG), CostExplorerToken::new(TOKEN)).envelope(false);
        "generateInvoiceReport": a.generate_invoice_report(atlas_billing::types::OrganizationId::new(ORG), InvoiceId::new(INVOICE), ReportGenerationRequest::new()),
            a.generate_invoice_report(atlas_billing::types::OrganizationId::new(ORG), InvoiceId::new(INVOICE), ReportGenerationRequest::new()
                .report_type("FOCUS").report_format("CSV").version("1.3"));
    );
    complete(&r.seen, "atlas-billing");
}

#[tokio::test]
async fn ibm_operations() {
    let sandbox = Sandbox::start().await.unwrap();
    let i = ibm(&sandbox);
    // A page token holds for the call that handed it out, with all its filters.
    macro_rules! second_page {
        ($call:expr) => {{
            let call = $call;
            let first = call.clone().send().await.unwrap();
            let token = first.next.as_ref().and_then(|next| next.offset.clone()).expect("a second page");
            call.start(token)
        }};
    }
    let by_account = second_page!(
        i.get_resource_usage_account(ibm_usage_reports::types::AccountId::new(ACCOUNT), month())
            .names(true)
            .tags(false)
            .accept_language("en")
            .limit(1)
            .resource_group_id(ResourceGroupId::new("g"))
            .organization_id(ibm_usage_reports::types::OrganizationId::new(CF_ORG))
            .resource_instance_id(ResourceInstanceId::new("crn:v1:bluemix:public:x:us-south:a/1:2::"))
            .resource_id(ResourceId::new("r"))
            .plan_id(PlanId::new("p"))
            .region("us-south")
    );
    let by_group = second_page!(
        i.get_resource_usage_resource_group(
            ibm_usage_reports::types::AccountId::new(ACCOUNT),
            ResourceGroupId::new("g"),
            month()
        )
        .names(true)
        .tags(true)
        .accept_language("en")
        .limit(1)
        .resource_instance_id(ResourceInstanceId::new("cloud-foundry-application:1"))
        .resource_id(ResourceId::new("r"))
        .plan_id(PlanId::new("p"))
        .region("eu-gb")
    );
    let by_org = second_page!(
        i.get_resource_usage_org(
            ibm_usage_reports::types::AccountId::new(ACCOUNT),
            ibm_usage_reports::types::OrganizationId::new(CF_ORG),
            month()
        )
        .names(true)
        .tags(true)
        .accept_language("en")
        .limit(1)
        .resource_instance_id(ResourceInstanceId::new("cloud-foundry-application:1"))
        .resource_id(ResourceId::new("r"))
        .plan_id(PlanId::new("p"))
        .region("eu-gb")
    );
    let snapshots = second_page!(
        i.get_reports_snapshot(ibm_usage_reports::types::AccountId::new(ACCOUNT), month())
            .date_from(EpochMillis(1_675_209_600_000))
            .date_to(EpochMillis(1_675_987_200_000))
            .limit(1)
    );

    let mut r = Recorder { sandbox: &sandbox, seen: Vec::new() };
    record!(r,
        "get_account_summary": i.get_account_summary(ibm_usage_reports::types::AccountId::new(ACCOUNT), month()), i.get_account_summary(ibm_usage_reports::types::AccountId::new(SLASHED), month());
        "get_account_usage": i.get_account_usage(ibm_usage_reports::types::AccountId::new(ACCOUNT), month()),
            i.get_account_usage(ibm_usage_reports::types::AccountId::new(ACCOUNT), month()).names(true).accept_language("de, en;q=0.5");
        "get_resource_group_usage": i.get_resource_group_usage(ibm_usage_reports::types::AccountId::new(ACCOUNT), ResourceGroupId::new("g"), month()),
            i.get_resource_group_usage(ibm_usage_reports::types::AccountId::new(ACCOUNT), ResourceGroupId::new(SLASHED), month()).names(false).accept_language("English");
        "get_resource_usage_account": i.get_resource_usage_account(ibm_usage_reports::types::AccountId::new(ACCOUNT), month()), by_account;
        "get_resource_usage_resource_group": i.get_resource_usage_resource_group(ibm_usage_reports::types::AccountId::new(ACCOUNT), ResourceGroupId::new("g"), month()), by_group;
        "get_resource_usage_org": i.get_resource_usage_org(ibm_usage_reports::types::AccountId::new(ACCOUNT), ibm_usage_reports::types::OrganizationId::new(CF_ORG), month()), by_org;
        "get_org_usage": i.get_org_usage(ibm_usage_reports::types::AccountId::new(ACCOUNT), ibm_usage_reports::types::OrganizationId::new(CF_ORG), month()),
            i.get_org_usage(ibm_usage_reports::types::AccountId::new(ACCOUNT), ibm_usage_reports::types::OrganizationId::new(CF_ORG), month()).names(true).accept_language("en");
        "create_reports_snapshot_config":
            i.create_reports_snapshot_config(CreateReportsSnapshotConfigRequest::new(ibm_usage_reports::types::AccountId::new(ACCOUNT), "daily", "bucket", "us-south")),
            i.create_reports_snapshot_config(CreateReportsSnapshotConfigRequest::new(ibm_usage_reports::types::AccountId::new(ACCOUNT), "daily", "bucket", "us-south")
                .cos_reports_folder("Reports").versioning(SnapshotVersioning::New)
                .report_types([ReportType::AccountSummary, ReportType::AccountResourceInstanceUsage]));
        "get_reports_snapshot_config": i.get_reports_snapshot_config(ibm_usage_reports::types::AccountId::new(ACCOUNT)), i.get_reports_snapshot_config(ibm_usage_reports::types::AccountId::new(SLASHED));
        "update_reports_snapshot_config":
            i.update_reports_snapshot_config(UpdateReportsSnapshotConfigRequest::new(ibm_usage_reports::types::AccountId::new(ACCOUNT))),
            i.update_reports_snapshot_config(UpdateReportsSnapshotConfigRequest::new(ibm_usage_reports::types::AccountId::new(ACCOUNT))
                .interval(SnapshotInterval::Daily).cos_bucket("b").cos_location("eu-de").cos_reports_folder("f")
                .report_types(["account_summary"]).versioning("overwrite"));
        "delete_reports_snapshot_config": i.delete_reports_snapshot_config(ibm_usage_reports::types::AccountId::new(ACCOUNT)), i.delete_reports_snapshot_config(ibm_usage_reports::types::AccountId::new(SLASHED));
        "validate_reports_snapshot_config":
            i.validate_reports_snapshot_config(ValidateReportsSnapshotConfigRequest::new(ibm_usage_reports::types::AccountId::new(ACCOUNT))),
            i.validate_reports_snapshot_config(ValidateReportsSnapshotConfigRequest::new(ibm_usage_reports::types::AccountId::new(ACCOUNT))
                .interval(SnapshotInterval::Daily).cos_bucket("b").cos_location("eu-de").cos_reports_folder("f")
                .report_types(["enterprise_summary"]).versioning("new"));
        "get_reports_snapshot": i.get_reports_snapshot(ibm_usage_reports::types::AccountId::new(ACCOUNT), month()), snapshots;
        "get_account_summary.csv": i.account_summary_csv(ibm_usage_reports::types::AccountId::new(ACCOUNT), month()), i.account_summary_csv(ibm_usage_reports::types::AccountId::new(SLASHED), month());
        "get_resource_usage_account.csv": i.instances_csv(ibm_usage_reports::types::AccountId::new(ACCOUNT), month()),
            i.instances_csv(ibm_usage_reports::types::AccountId::new(ACCOUNT), month()).names(true).tags(true).region("eu-gb");
        "get_resource_usage_account_focus": i.get_resource_usage_account_focus(ibm_usage_reports::types::AccountId::new(ACCOUNT), month()),
            i.get_resource_usage_account_focus(ibm_usage_reports::types::AccountId::new(ACCOUNT), month()).format("json").limit(250).start("7").x_focus_version("1.2");
        "get_resource_usage_account_focus.csv": i.focus_csv(ibm_usage_reports::types::AccountId::new(ACCOUNT), month()), i.focus_csv(ibm_usage_reports::types::AccountId::new(SLASHED), month()).x_focus_version("1.2");
    );
    complete(&r.seen, "ibm-usage-reports");
}

#[tokio::test]
async fn ibm_enterprise_operations() {
    let sandbox = Sandbox::start().await.unwrap();
    let i = ibm_enterprise(&sandbox);
    let report = i
        .get_resource_usage_report()
        .enterprise_id(ibm_enterprise::types::EnterpriseId::new("e"))
        .account_group_id(ibm_enterprise::types::AccountGroupId::new("g"))
        .account_id(ibm_enterprise::types::AccountId::new(SLASHED))
        .children(true)
        .month(month())
        .billing_unit_id(ibm_enterprise::types::BillingUnitId::new("b"));
    // The example has two reports, so a page of one has a link to the second.
    let first = report.clone().limit(1).send().await.unwrap();
    let link = first.next.as_ref().and_then(|next| next.href.as_deref()).expect("a second page");
    let (_, second) = link.split_once("offset=").unwrap();

    let mut r = Recorder { sandbox: &sandbox, seen: Vec::new() };
    record!(r,
        "get_resource_usage_report": i.get_resource_usage_report(), report.limit(1).offset(second);
        "list_accounts": i.list_accounts(), i.list_accounts().enterprise_id(ibm_enterprise::types::EnterpriseId::new("e")).account_group_id(ibm_enterprise::types::AccountGroupId::new("g"))
            .parent("crn:v1:bluemix:public:enterprise::a/1::account-group:g").next_docid(FIRST).limit(100).include_deleted(true);
        "list_account_groups": i.list_account_groups(), i.list_account_groups().enterprise_id(ibm_enterprise::types::EnterpriseId::new("e"))
            .parent_account_group_id(ibm_enterprise::types::AccountGroupId::new("g")).parent("crn").next_docid(FIRST).limit(0).include_deleted(false);
        "list_enterprises": i.list_enterprises(), i.list_enterprises().enterprise_account_id(ibm_enterprise::types::AccountId::new("a")).account_group_id(ibm_enterprise::types::AccountGroupId::new("g"))
            .account_id(ibm_enterprise::types::AccountId::new("b")).next_docid(FIRST).limit(1);
    );
    complete(&r.seen, "ibm-enterprise");
}

/// The token of the spec's example, which the sandbox takes for that of the first page.
const FIRST: &str = "g1AAAAFteJzLY";

/// Every operation was called for every media type, and its full call had every parameter of the spec.
fn complete(seen: &[RecordedRequest], service: &str) {
    assert_eq!(gate::uncalled(seen, cloud_billing_catalogue::service(service).unwrap()), [""; 0]);
}
