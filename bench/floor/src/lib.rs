//! Hand-written types for a page of instance usage.
//!
//! [`owned`] has every documented field in an obvious type: `String`, `f64`, and `Option` for fields that may be
//! missing. [`borrowed`] has five fields and copies nothing.

/// Every field, owned.
pub mod owned {
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    pub struct Page {
        pub limit: Option<i64>,
        pub count: Option<i64>,
        pub first: Option<Link>,
        pub next: Option<Link>,
        pub resources: Vec<Instance>,
    }

    #[derive(Debug, Deserialize)]
    pub struct Link {
        pub href: Option<String>,
        pub offset: Option<String>,
    }

    #[derive(Debug, Deserialize)]
    pub struct Instance {
        pub account_id: String,
        pub resource_instance_id: String,
        pub resource_instance_name: Option<String>,
        pub resource_id: String,
        pub resource_name: Option<String>,
        pub catalog_id: Option<String>,
        pub resource_group_id: Option<String>,
        pub resource_group_name: Option<String>,
        pub organization_id: Option<String>,
        pub organization_name: Option<String>,
        pub space_id: Option<String>,
        pub space_name: Option<String>,
        pub consumer_id: Option<String>,
        pub region: Option<String>,
        pub pricing_region: Option<String>,
        pub pricing_country: String,
        pub billing_country: Option<String>,
        pub currency_code: String,
        pub currency_rate: Option<f64>,
        pub billable: bool,
        pub pending: Option<bool>,
        pub parent_resource_instance_id: Option<String>,
        pub plan_id: String,
        pub plan_name: Option<String>,
        pub pricing_plan_id: Option<String>,
        pub subscription_id: Option<String>,
        pub created_at: Option<String>,
        pub deleted_at: Option<String>,
        pub month: String,
        pub usage: Vec<Metric>,
        #[serde(default)]
        pub tags: Vec<String>,
        #[serde(default)]
        pub service_tags: Vec<String>,
    }

    #[derive(Debug, Deserialize)]
    pub struct Metric {
        pub metric: String,
        pub metric_name: Option<String>,
        pub unit: Option<String>,
        pub unit_name: Option<String>,
        pub quantity: f64,
        pub rateable_quantity: Option<f64>,
        pub cost: f64,
        pub rated_cost: f64,
        pub volume_cost: Option<f64>,
        pub volume_discount: Option<f64>,
        pub non_chargeable: Option<bool>,
        #[serde(default)]
        pub price: Vec<Tier>,
        #[serde(default)]
        pub discounts: Vec<Discount>,
    }

    #[derive(Debug, Deserialize)]
    pub struct Tier {
        pub price: Option<f64>,
        pub quantity_tier: Option<String>,
        pub tier_model: Option<String>,
        #[serde(rename = "unitQuantity")]
        pub unit_quantity: Option<String>,
    }

    #[derive(Debug, Deserialize)]
    pub struct Discount {
        #[serde(rename = "ref")]
        pub reference: String,
        pub name: Option<String>,
        pub display_name: Option<String>,
        pub discount: f64,
    }
}

/// Five fields, borrowed from the body.
pub mod borrowed {
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    pub struct Page<'a> {
        #[serde(borrow)]
        pub next: Option<Link<'a>>,
        #[serde(borrow)]
        pub resources: Vec<Instance<'a>>,
    }

    #[derive(Debug, Deserialize)]
    pub struct Link<'a> {
        pub offset: Option<&'a str>,
    }

    #[derive(Debug, Deserialize)]
    pub struct Instance<'a> {
        pub resource_instance_id: &'a str,
        pub resource_id: &'a str,
        pub region: Option<&'a str>,
        pub billable: bool,
        pub usage: Vec<Metric>,
    }

    #[derive(Debug, Deserialize)]
    pub struct Metric {
        pub cost: f64,
    }
}
