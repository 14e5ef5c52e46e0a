//! Every type of every service, from any JSON.

use std::any::Any;

use cloud_billing_core::json::{self, JsonError};

use super::agree::{Input, agree, round_trip};

macro_rules! decoded {
    ($($service:ident: $($type:ident)*, requests: $($request:ident)*;)*) => {
        /// The types that [`decode`] reads: service and name.
        pub const DECODED: &[(&str, &str)] = &[
            $($((stringify!($service), stringify!($type)),)* $((stringify!($service), stringify!($request)),)*)*
        ];

        /// Decodes a text as the type of a response with this name in its spec, if there is one.
        #[must_use]
        pub fn decode_as(service: &str, name: &str, text: &str) -> Option<Result<Box<dyn Any>, JsonError>> {
            fn boxed<T: Any>(value: T) -> Box<dyn Any> {
                Box::new(value)
            }
            $($(
                if service == stringify!($service) && name.eq_ignore_ascii_case(stringify!($type)) {
                    return Some(json::from_str::<$service::types::$type>(text).map(boxed));
                }
            )*)*
            None
        }

        /// Every type of every service. Those of responses are decoded by the clients' decoder and by serde.
        pub fn decode(data: &[u8]) {
            let input = Input::new(data);
            $(
                $(agree::<$service::types::$type>(&input);)*
                $(round_trip::<$service::types::$request>(&input);)*
            )*
        }
    };
}

decoded! {
    atlas_billing:
        AdditionalData
        ApiError
        AssociatedInvoice
        AtlasOrganization
        BadRequestDetail
        BillingInvoice
        BillingInvoiceMetadata
        BillingPayment
        BillingRefund
        BillingService
        CloudProvider
        CostExplorerFilterResponseView
        CostExplorerGrouping
        CostExplorerQueryResult
        CostExplorerUsageRow
        ErrorCode
        FieldViolation
        InvoiceLineItem
        InvoiceReportFormat
        InvoiceReportResponse
        InvoiceReportState
        InvoiceReportType
        InvoiceSortField
        InvoiceStatus
        LineItemSortField
        LineItemSortOrder
        Link
        OrgAssociatedInvoiceResponse
        PaginatedApiInvoiceMetadataView
        PaginatedApiInvoiceView
        PaginatedApiSkuView
        PaginatedInvoiceReportView
        PaginatedOrganizationView
        PaginatedPublicApiUsageDetailsLineItemView
        PaymentStatus
        PublicApiUsageDetailsLineItemView
        SkuResponse
        SortDirection
        , requests:
        ApiPublicUsageDetailsQueryRequest
        CostExplorerFilterRequestBody
        InvoiceReportRequest
        ReportGenerationRequest
        UsageDetailsFilterRequest
    ;
    ibm_usage_reports:
        AccountSummary
        AccountType
        AccountUsage
        Discount
        ErrorResponse
        FocusReport
        FocusRow
        InstanceUsage
        InstancesUsage
        InstancesUsageFirst
        InstancesUsageNext
        Metric
        Offer
        OfferCredits
        OrgUsage
        Plan
        PriceTier
        ReportFormat
        ReportType
        Resource
        ResourceGroupUsage
        ResourcesSummary
        SnapshotConfig
        SnapshotConfigHistoryItem
        SnapshotConfigState
        SnapshotConfigValidateResponse
        SnapshotInterval
        SnapshotList
        SnapshotListFirst
        SnapshotListNext
        SnapshotListSnapshotsItem
        SnapshotListSnapshotsItemBillingPeriod
        SnapshotListSnapshotsItemFilesItem
        SnapshotListSnapshotsItemReportTypesItem
        SnapshotState
        SnapshotVersioning
        Subscription
        SubscriptionSummary
        SubscriptionTerm
        SubscriptionTermCredits
        SupportSummary
        , requests:
        CreateReportsSnapshotConfigRequest
        UpdateReportsSnapshotConfigRequest
        ValidateReportsSnapshotConfigRequest
    ;
    ibm_enterprise:
        Account
        AccountGroup
        AccountGroupList
        AccountList
        Enterprise
        EnterpriseList
        EntityType
        ErrorResponse
        Link
        MetricUsage
        PlanUsage
        Reports
        ResourceUsage
        ResourceUsageReport
        , requests:
    ;
}
