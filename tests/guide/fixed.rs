use atlas_billing::Decimal;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let amount: Decimal = "12835.0312345".parse()?;
    let fixed = rust_decimal::Decimal::try_from(&amount)?;
    assert_eq!(fixed.to_string(), "12835.0312345");
    // And back, which always works.
    assert_eq!(Decimal::from(fixed), amount);
    // Too many digits: round first, and say how.
    let long: Decimal = "0.1234567890123456789012345678901234567".parse()?;
    assert!(rust_decimal::Decimal::try_from(&long).is_err());
    assert!(rust_decimal::Decimal::try_from(&long.round(12)).is_ok());
    Ok(())
}
