//! The services that Atlas charges for.

use crate::{ServiceCategory, ServiceSubcategory};

/// A service, by the names of FOCUS.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Service {
    pub(super) name: &'static str,
    pub(super) category: ServiceCategory,
    pub(super) subcategory: ServiceSubcategory,
}

/// The database, and what belongs to it.
pub(super) static ATLAS: Service = Service {
    name: "MongoDB Atlas",
    category: ServiceCategory::Databases,
    subcategory: ServiceSubcategory::NoSqlDatabases,
};

/// Support of the database.
pub(super) static SUPPORT: Service = Service {
    name: "MongoDB Atlas Support",
    category: ServiceCategory::ManagementAndGovernance,
    subcategory: ServiceSubcategory::Support,
};

/// Models of artificial intelligence.
pub(super) static AI: Service = Service {
    name: "MongoDB Atlas AI Models",
    category: ServiceCategory::AiAndMachineLearning,
    subcategory: ServiceSubcategory::GenerativeAi,
};
