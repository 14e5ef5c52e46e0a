//! What SKUs measure, by words of their names.

use super::service::{AI, ATLAS, SUPPORT, Service};

/// What the SKUs with certain words measure.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Meter {
    /// Words of the SKU, joined by `_`.
    pub(super) words: &'static str,
    pub(super) name: &'static str,
    pub(super) service: &'static Service,
}

const fn meter(words: &'static str, name: &'static str) -> Meter {
    Meter { words, name, service: &ATLAS }
}

const fn support(words: &'static str, name: &'static str) -> Meter {
    Meter { words, name, service: &SUPPORT }
}

const fn ai(words: &'static str, name: &'static str) -> Meter {
    Meter { words, name, service: &AI }
}

/// The first one that fits counts, so the special ones stand before the general ones.
pub(super) static METERS: &[Meter] = &[
    // What is no technical resource.
    meter("CREDIT", "Credit"),
    meter("COUPON", "Coupon"),
    meter("MINIMUM_CHARGE", "Minimum Charge"),
    meter("FLEX_CONSULTING", "Consulting"),
    meter("CLOUD_MANAGER", "Cloud Manager Plan"),
    support("SUPPORT", "Support"),
    // Models.
    ai("PIXELS_AUTOEMBED", "Automated Embedding Pixels"),
    ai("AUTOEMBED", "Automated Embedding Tokens"),
    ai("PIXELS_API", "Embedding Pixels"),
    ai("VOYAGE_EMBEDDING", "Embedding Tokens"),
    ai("VOYAGE_RERANK", "Reranking Tokens"),
    // Backup from before Atlas.
    meter("CLASSIC_BACKUP_OPLOG", "Legacy Backup Oplog"),
    meter("CLASSIC_BACKUP_SNAPSHOT_CREATE", "Legacy Backup Snapshot Creation"),
    meter("CLASSIC_BACKUP_DAILY_MINIMUM", "Legacy Backup Daily Minimum"),
    meter("CLASSIC_BACKUP", "Legacy Backup Storage"),
    // Stream processing.
    meter("STREAM_PROCESSING_INSTANCE", "Stream Processing Instance"),
    meter("STREAM_PROCESSING_DATA_TRANSFER", "Stream Processing Data Transfer"),
    meter("STREAM_PROCESSING_VPC_PEERING", "Stream Processing VPC Peering"),
    meter("STREAM_PROCESSING_PRIVATELINK", "Stream Processing Private Link"),
    // Serverless instances and flex clusters.
    meter("SERVERLESS_RPU", "Serverless Read Units"),
    meter("SERVERLESS_WPU", "Serverless Write Units"),
    meter("SERVERLESS_STORAGE", "Serverless Storage"),
    meter("SERVERLESS_CONTINUOUS_BACKUP", "Serverless Backup"),
    meter("SERVERLESS_BACKUP_RESTORE_VM", "Serverless Backup Restore"),
    meter("SERVERLESS_DATA_TRANSFER", "Serverless Data Transfer"),
    meter("FLEX", "Flex Cluster Hours"),
    meter("USAGE_HOURS", "Cluster Usage Hours"),
    // Applications and charts.
    meter("REALM_APP_REQUESTS", "App Requests"),
    meter("REALM_APP_COMPUTE", "App Compute"),
    meter("REALM_APP_SYNC", "App Sync"),
    meter("REALM_APP_DATA_TRANSFER", "App Data Transfer"),
    meter("STITCH_COMPUTE", "App Compute"),
    meter("STITCH_DATA_DOWNLOADED", "App Data Transfer"),
    meter("CHARTS_DATA_DOWNLOADED", "Charts Data Transfer"),
    // Data lake, federation, archive.
    meter("DATA_LAKE_STORAGE_ACCESS", "Data Lake Storage Access"),
    meter("DATA_LAKE_STORAGE", "Data Lake Storage"),
    meter("DATA_SCANNED", "Federated Data Scanned"),
    meter("DATA_RETURNED", "Federated Data Returned"),
    meter("DATA_TRANSFERRED", "Federated Data Transfer"),
    meter("OBJECT_STORAGE_ACCESS", "Object Storage Access"),
    meter("OBJECT_STORAGE", "Object Storage"),
    meter("ARCHIVE_ACCESS", "Archive Access"),
    // Backup.
    meter("SNAPSHOT_COPY", "Snapshot Copy"),
    meter("SNAPSHOT_EXPORT_UPLOAD", "Snapshot Export Upload"),
    meter("EXPORT_VM_STORAGE", "Snapshot Export Storage"),
    meter("SNAPSHOT_EXPORT", "Snapshot Export Compute"),
    meter("PIT_RESTORE_STORAGE", "Point-in-Time Restore Storage"),
    meter("BACKUP_SNAPSHOT_STORAGE", "Snapshot Storage"),
    meter("BACKUP_DOWNLOAD_VM_STORAGE", "Backup Download Storage"),
    meter("BACKUP_DOWNLOAD", "Backup Download Compute"),
    meter("BACKUP_EXPORT", "Backup Export"),
    meter("BACKUP_STORAGE", "Backup Storage"),
    // Network.
    meter("PRIVATE_ENDPOINT_CAPACITY_UNITS", "Private Endpoint Capacity Units"),
    meter("PRIVATE_ENDPOINT", "Private Endpoint"),
    meter("PRIVATE_NETWORKING", "Private Networking"),
    meter("DATA_TRANSFER", "Data Transfer"),
    // Clusters.
    meter("SEARCH_INSTANCE", "Search Instance"),
    meter("PAUSED", "Paused Instance"),
    meter("INSTANCE", "Instance"),
    meter("STORAGE_IOPS", "Storage IOPS"),
    meter("STANDARD_IOPS", "Storage IOPS"),
    meter("STORAGE", "Storage"),
    // Features.
    meter("BI_CONNECTOR", "BI Connector"),
    meter("ADVANCED_SECURITY", "Advanced Security"),
    meter("ENTERPRISE_AUDITING", "Auditing"),
];
