// src/main.rs
use atlas_billing::json::{self, JsonError};
use atlas_billing::types::BillingInvoice;

fn main() -> Result<(), JsonError> {
    let text = r#"{
        "id": "5f3c1a2b9d8e7f6a5b4c3d2e", "statusName": "PAID", "subtotalCents": 4366,
        "lineItems": [{"sku": "ATLAS_AWS_INSTANCE_M10", "quantity": 720.5, "totalPriceCents": 4366}]
    }"#;
    let invoice: BillingInvoice = json::from_str(text)?;
    for line in &invoice.line_items {
        println!("{:?} {:?} {:?} cents", line.sku, line.quantity, line.total_price_cents);
    }
    let total = invoice.line_items_total();
    println!("{:?}: {} dollars, {} lines without an amount", invoice.id, total.sum, total.missing);
    assert_eq!(total.sum.to_string(), "43.66");
    Ok(())
}
