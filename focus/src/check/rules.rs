//! What the columns of a row demand of each other.

use super::{Found, is_of, is_product};
use crate::{ChargeCategory, ChargeFrequency, Column, Row, UseStatus};

/// All rules of one row.
pub(super) fn check(row: &Row<'_>, found: &mut Found) {
    values(row, found);
    periods(row, found);
    names(row, found);
    prices(row, found);
    costs(row, found);
    categories(row, found);
    commitments(row, found);
}

/// Values that are not listed.
fn values(row: &Row<'_>, found: &mut Found) {
    let rule = "it is one of the values of FOCUS";
    macro_rules! known {
        ($($field:ident $column:ident),*) => {
            $(found.unless(row.$field.as_ref().is_none_or(|it| it.is_known()), Column::$column, rule);)*
        };
    }
    known! {
        capacity_reservation_status CapacityReservationStatus, charge_category ChargeCategory, charge_class ChargeClass,
        charge_frequency ChargeFrequency, commitment_discount_category CommitmentDiscountCategory,
        commitment_discount_status CommitmentDiscountStatus, pricing_category PricingCategory,
        service_category ServiceCategory, service_subcategory ServiceSubcategory
    }
}

fn periods(row: &Row<'_>, found: &mut Found) {
    let rule = "a period ends after its start";
    for (start, end, column) in [
        (row.billing_period_start, row.billing_period_end, Column::BillingPeriodEnd),
        (row.charge_period_start, row.charge_period_end, Column::ChargePeriodEnd),
    ] {
        found.unless(start.zip(end).is_none_or(|(start, end)| start < end), column, rule);
    }
}

/// A name needs its id, a unit its quantity.
fn names(row: &Row<'_>, found: &mut Found) {
    macro_rules! needs {
        ($rule:literal: $($field:ident $column:ident $other:ident),*) => {
            $(found.unless(row.$field.is_none() || row.$other.is_some(), Column::$column, $rule);)*
        };
    }
    needs! { "it is null without its id":
        sub_account_name SubAccountName sub_account_id, sub_account_type SubAccountType sub_account_id,
        resource_name ResourceName resource_id, resource_type ResourceType resource_id,
        invoice_detail_id InvoiceDetailId invoice_id, region_name RegionName region_id
    }
    needs! { "a unit has a quantity":
        consumed_unit ConsumedUnit consumed_quantity, pricing_unit PricingUnit pricing_quantity,
        commitment_discount_unit CommitmentDiscountUnit commitment_discount_quantity
    }
    needs! { "a quantity has a unit":
        consumed_quantity ConsumedQuantity consumed_unit, pricing_quantity PricingQuantity pricing_unit,
        commitment_discount_quantity CommitmentDiscountQuantity commitment_discount_unit
    }
    needs! { "a region has a name": region_id RegionId region_name }
}

/// What hangs on the id of the price.
fn prices(row: &Row<'_>, found: &mut Found) {
    macro_rules! demand {
        ($with:ident $rule:literal: $($field:ident $column:ident),*) => {
            $(found.unless(row.sku_price_id.$with() || row.$field.is_some() == row.sku_price_id.is_some(), Column::$column, $rule);)*
        };
    }
    demand! { is_some "it is null without SkuPriceId":
        list_unit_price ListUnitPrice, contracted_unit_price ContractedUnitPrice, pricing_category PricingCategory,
        pricing_quantity PricingQuantity, consumed_quantity ConsumedQuantity, sku_price_details SkuPriceDetails,
        pricing_currency_list_unit_price PricingCurrencyListUnitPrice,
        pricing_currency_contracted_unit_price PricingCurrencyContractedUnitPrice,
        commitment_discount_quantity CommitmentDiscountQuantity
    }
    demand! { is_none "it is not null beside SkuPriceId":
        sku_id SkuId, list_unit_price ListUnitPrice, contracted_unit_price ContractedUnitPrice
    }
}

fn costs(row: &Row<'_>, found: &mut Found) {
    let quantity = row.pricing_quantity.as_ref();
    let rule = "it is unit price times quantity";
    let list = is_product(row.list_cost.as_ref(), row.list_unit_price.as_ref(), quantity);
    found.unless(list, Column::ListCost, rule);
    let contracted = is_product(row.contracted_cost.as_ref(), row.contracted_unit_price.as_ref(), quantity);
    found.unless(contracted, Column::ContractedCost, rule);
}

/// What the kind of a charge demands.
fn categories(row: &Row<'_>, found: &mut Found) {
    match row.charge_category {
        Some(ChargeCategory::Tax) => {
            let rule = "it is null for tax";
            found.unless(row.pricing_category.is_none(), Column::PricingCategory, rule);
            found.unless(row.sku_id.is_none(), Column::SkuId, rule);
            found.unless(row.effective_cost == row.billed_cost, Column::EffectiveCost, "it is BilledCost for tax");
        }
        Some(ChargeCategory::Credit) => {
            let rule = "it is BilledCost for a credit";
            found.unless(row.effective_cost == row.billed_cost, Column::EffectiveCost, rule);
            found.unless(row.list_cost == row.billed_cost, Column::ListCost, rule);
            found.unless(row.contracted_cost == row.billed_cost, Column::ContractedCost, rule);
        }
        Some(ChargeCategory::Purchase) => {
            let frequency = row.charge_frequency != Some(ChargeFrequency::UsageBased);
            found.unless(frequency, Column::ChargeFrequency, "a purchase is not by usage");
        }
        _ => {}
    }
    if let (Some(sub), Some(category)) = (&row.service_subcategory, &row.service_category) {
        let belongs = is_of(sub.as_str(), category.as_str());
        found.unless(belongs, Column::ServiceSubcategory, "it belongs to ServiceCategory");
    }
    let used =
        row.charge_category == Some(ChargeCategory::Usage) && row.commitment_discount_status != Some(UseStatus::Unused);
    found.unless(used || row.consumed_quantity.is_none(), Column::ConsumedQuantity, "only usage is consumed");
}

fn commitments(row: &Row<'_>, found: &mut Found) {
    let has = row.commitment_discount_id.is_some();
    let rule = "it is null exactly without CommitmentDiscountId";
    let (category, kind) = (row.commitment_discount_category.is_some(), row.commitment_discount_type.is_some());
    found.unless(category == has, Column::CommitmentDiscountCategory, rule);
    found.unless(kind == has, Column::CommitmentDiscountType, rule);
    let alone = "it is null without CommitmentDiscountId";
    found.unless(has || row.commitment_discount_name.is_none(), Column::CommitmentDiscountName, alone);
    found.unless(has || row.commitment_discount_status.is_none(), Column::CommitmentDiscountStatus, alone);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::Checker;
    use super::*;
    use crate::Version;

    /// A row without a fault, and changes to it with the columns that are at fault then.
    const GOOD: &[(&str, &str)] = &[
        ("BilledCost", "1.50"),
        ("BillingAccountId", "a"),
        ("BillingAccountType", "Organization"),
        ("BillingCurrency", "USD"),
        ("BillingPeriodEnd", "2026-11-01T00:00:00Z"),
        ("BillingPeriodStart", "2026-10-01T00:00:00Z"),
        ("ChargeCategory", "Usage"),
        ("ChargeFrequency", "Usage-Based"),
        ("ChargePeriodEnd", "2026-10-02T00:00:00Z"),
        ("ChargePeriodStart", "2026-10-01T00:00:00Z"),
        ("ContractedCost", "1.5"),
        ("ContractedUnitPrice", "0.5"),
        ("EffectiveCost", "1.5"),
        ("InvoiceIssuerName", "MongoDB"),
        ("InvoiceId", "i"),
        ("ListCost", "1.5"),
        ("ListUnitPrice", "0.5"),
        ("PricingCategory", "Standard"),
        ("PricingCurrency", "USD"),
        ("PricingCurrencyEffectiveCost", "1.5"),
        ("PricingQuantity", "3"),
        ("PricingUnit", "GB-Hours"),
        ("ServiceCategory", "Databases"),
        ("ServiceName", "MongoDB Atlas"),
        ("ServiceProviderName", "MongoDB"),
        ("ServiceSubcategory", "NoSQL Databases"),
        ("SkuId", "s"),
        ("SkuPriceId", "p"),
        ("Tags", r#"{"a":"b","c":true}"#),
    ];

    fn row(changes: &[(&str, &str)]) -> Row<'static> {
        let mut row = Row::default();
        for (name, text) in GOOD.iter().chain(changes) {
            let column = Column::ALL.iter().find(|column| column.definition().name == *name).unwrap();
            row.set(*column, text).unwrap();
        }
        row
    }

    /// The columns at fault.
    fn faults(changes: &[(&str, &str)]) -> Vec<&'static str> {
        let found = Checker::new(Version::NEWEST).check(&row(changes));
        let columns: BTreeSet<&str> = found.iter().map(|it| it.column.definition().name).collect();
        columns.into_iter().collect()
    }

    #[test]
    fn each_rule_finds_its_fault() {
        assert_eq!(faults(&[]), [""; 0]);
        for (column, text, expected) in [
            ("BilledCost", "", "BilledCost"),
            ("BillingCurrency", "usd", "BillingCurrency"),
            ("PricingUnit", "gb", "PricingUnit"),
            ("Tags", r#"{"a":["b"]}"#, "Tags"),
            ("ChargeCategory", "Gift", "ChargeCategory"),
            ("ServiceCategory", "Storage", "ServiceSubcategory"),
            ("ServiceSubcategory", "Other (Databases)", ""),
            ("ServiceSubcategory", "Other (Storage)", "ServiceSubcategory"),
            ("ChargePeriodEnd", "2026-10-01T00:00:00Z", "ChargePeriodEnd"),
            ("BillingPeriodEnd", "2026-09-01T00:00:00Z", "BillingPeriodEnd"),
            ("SubAccountName", "n", "SubAccountName"),
            ("ResourceType", "t", "ResourceType"),
            ("RegionId", "r", "RegionId"),
            ("InvoiceId", "", ""),
            ("PricingUnit", "", "PricingQuantity"),
            ("SkuId", "", "SkuId"),
            ("ListUnitPrice", "-0.5", "ListCost ListUnitPrice"),
            ("ListCost", "1.51", "ListCost"),
            ("ContractedCost", "1.4999999999999999999", "ContractedCost"),
            ("SkuPriceId", "", "ContractedUnitPrice ListUnitPrice PricingCategory PricingQuantity"),
            ("ChargeCategory", "Tax", "PricingCategory SkuId"),
            ("ChargeCategory", "Purchase", "ChargeFrequency"),
            ("CommitmentDiscountName", "n", "CommitmentDiscountName"),
            ("CommitmentDiscountId", "i", "CommitmentDiscountCategory CommitmentDiscountType"),
        ] {
            let expected: Vec<&str> = expected.split(' ').filter(|it| !it.is_empty()).collect();
            assert_eq!(faults(&[(column, text)]), expected, "{column} = {text}");
        }
        let credit = [("ChargeCategory", "Credit"), ("EffectiveCost", "0")];
        assert_eq!(faults(&credit), ["EffectiveCost"]);
        let consumed = [("ChargeCategory", "Adjustment"), ("ConsumedQuantity", "1"), ("ConsumedUnit", "GB")];
        assert_eq!(faults(&consumed), ["ConsumedQuantity"]);
    }

    #[test]
    fn rows_are_compared_with_those_before() {
        let mut checker = Checker::new(Version::V1_4);
        assert!(checker.check(&row(&[])).is_empty());
        let other =
            row(&[("ServiceCategory", "Other"), ("ServiceSubcategory", "Other (Other)"), ("BillingCurrency", "EUR")]);
        let found: Vec<String> = checker.check(&other).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "ServiceCategory: a service has one category in a dataset",
                "BillingCurrency: an invoice has one currency"
            ]
        );
    }
}
