use atlas_billing::types::OrganizationId;
use atlas_billing::{Client, Decimal, Rounding, config, money};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let organization: OrganizationId = config::variable("MONGODB_ATLAS_ORG_ID")?.parse()?;
    let atlas = Client::from_env()?;
    let invoices = atlas.list_invoices(organization).items().collect_all(1_000).await?;

    let billed = money::total(invoices.iter().map(|invoice| invoice.amount_billed_cents));
    println!("{} dollars on {} invoices, {} of them without an amount", billed.sum, billed.counted, billed.missing);

    // 0.1 + 0.2 is 0.3.
    let sum = "0.1".parse::<Decimal>()? + "0.2".parse::<Decimal>()?;
    assert_eq!(sum, "0.3".parse()?);
    assert_eq!(money::cents(&sum), Some(30));

    // A third of the bill for each of three teams; no cent is lost.
    let teams = billed.sum.allocate(&[Decimal::from(1), Decimal::from(1), Decimal::from(1)], 2)?;
    assert_eq!(teams.iter().sum::<Decimal>(), billed.sum);
    let share = teams[0].as_percent_of(&billed.sum, 1, Rounding::HalfEven);
    println!("{teams:?}, the first of them {share:?} percent");
    Ok(())
}
