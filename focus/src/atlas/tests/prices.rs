//! Prices in rows.

use super::*;

const COLUMNS: [Column; 9] = [
    Column::SkuPriceId,
    Column::ListUnitPrice,
    Column::ContractedUnitPrice,
    Column::PricingQuantity,
    Column::PricingUnit,
    Column::ConsumedQuantity,
    Column::ConsumedUnit,
    Column::PricingCategory,
    Column::SkuPriceDetails,
];

const LINE: &str = r#"{"sku": "ATLAS_AWS_INSTANCE_M40_NVME", "unit": "hours", "unitPriceDollars": 0.09, "quantity": 10.25,
    "tierLowerBound": 0.0, "tierUpperBound": 100.0, "totalPriceCents": 92}"#;

fn derived(line: &str, columns: &[Column]) -> Vec<String> {
    line_with(&Options::new().mode(Mode::Derived), line, columns)
}

#[test]
fn strict_rows_have_no_price() {
    assert_eq!(line(LINE, &COLUMNS), [""; 9]);
    assert_eq!(line(LINE, &COSTS), ["0.92"; 4]);
    assert_eq!(end("", LINE).not_derived, 0);
}

#[test]
fn derived_rows_have_a_price_whose_product_is_the_cost() {
    assert_eq!(
        derived(LINE, &COLUMNS),
        [
            "ATLAS_AWS_INSTANCE_M40_NVME/hours/0.09/0",
            "0.09",
            "0.09",
            "10.25",
            "Hours",
            "10.25",
            "Hours",
            "Standard",
            r#"{"InstanceType":"M40","x_TierLowerBound":0,"x_TierUpperBound":100}"#,
        ]
    );
    // What is invoiced stays in cents.
    assert_eq!(derived(LINE, &COSTS), ["0.92", "0.92", "0.9225", "0.9225"]);
    assert_eq!(derived(LINE, &[Column::XSkuPriceIdDerived, Column::PricingCurrencyListUnitPrice]), ["true", "0.09"]);
}

#[test]
fn what_a_price_does_not_explain_stays_strict_and_is_counted() {
    let differs = LINE.replace("92}", "94}");
    let discounted = LINE.replace("92}", "92, \"percentDiscount\": 0}");
    let nameless = LINE.replace("ATLAS_AWS_INSTANCE_M40_NVME", "");
    for line in [&differs, &discounted, &nameless] {
        assert_eq!(derived(line, &COLUMNS), [""; 9], "{line}");
    }
    let credit = r#"{"sku": "CREDIT", "unit": "credit", "unitPriceDollars": 1, "quantity": 1, "totalPriceCents": 100}"#;
    assert_eq!(derived(credit, &COLUMNS), [""; 9]);
    let lines = [LINE, &differs, credit, &nameless].join(",");
    assert_eq!(end_with(&Options::new().mode(Mode::Derived), "", &lines).not_derived, 2);
}

#[test]
fn a_purchase_consumes_nothing() {
    let support =
        r#"{"sku": "ATLAS_SUPPORT", "unit": "months", "unitPriceDollars": 5, "quantity": 1, "totalPriceCents": 500}"#;
    let cells = derived(support, &COLUMNS);
    assert_eq!(cells, ["ATLAS_SUPPORT/months/5", "5.0", "5.0", "1.0", "Months", "", "", "Standard", ""]);
}
