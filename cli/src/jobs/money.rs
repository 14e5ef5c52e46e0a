//! Amounts for people.

use cloud_billing_core::Decimal;

/// An amount to the cent, in groups of three digits: `-1,234.50`.
pub(super) fn money(amount: &Decimal) -> String {
    let text = format!("{amount:.2}");
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let (whole, cents) = digits.split_once('.').unwrap_or((digits, "00"));
    format!("{sign}{}.{cents}", grouped(whole))
}

/// Digits in groups of three.
pub(super) fn grouped(digits: &str) -> String {
    let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(",")
}
