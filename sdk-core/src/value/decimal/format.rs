//! Number to text.

use std::fmt;

use super::{Decimal, Repr};

/// From this power of ten of the leading digit on, numbers that end in zeros which are no digits of theirs are written in
/// scientific notation. The same as JavaScript's.
const LARGE: i64 = 21;

/// Below this power of ten of the leading digit, numbers are written in scientific notation. The same as JavaScript's.
const SMALL: i64 = -6;

impl fmt::Display for Decimal {
    /// Writes the number so that parsing gives an equal number (if it is within the bounds of parsing): in plain notation with the scale kept, or, for very
    /// large and very small numbers, in scientific notation (`5.5e-17`). Either is a JSON number.
    ///
    /// With a precision (`{:.2}`) it is rounded half to even, or padded, to exactly that many decimal places and always
    /// written in plain notation. Width, fill and sign flags apply as for integers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (negative, text) = match f.precision() {
            Some(places) => {
                let rounded = self.round(u32::try_from(places).unwrap_or(u32::MAX));
                let (digits, exponent) = rounded.digits();
                (rounded.is_negative(), plain(&digits, exponent, places))
            }
            None => {
                let (digits, exponent) = self.digits();
                (self.is_negative(), natural(&digits, exponent))
            }
        };
        f.pad_integral(!negative, "", &text)
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decimal({self})")
    }
}

impl Decimal {
    /// What is displayed, for a number of few digits. To know it of others takes division, which no program that only reads
    /// numbers should have to carry.
    pub(in crate::value) fn short_text(&self) -> Option<String> {
        let Repr::Small { coefficient, exponent } = &self.0 else { return None };
        let text = natural(&coefficient.unsigned_abs().to_string(), i64::from(*exponent));
        Some(if *coefficient < 0 { format!("-{text}") } else { text })
    }

    /// The digits of the coefficient, without sign, and the exponent.
    pub(super) fn digits(&self) -> (String, i64) {
        match &self.0 {
            Repr::Small { coefficient, exponent } => (coefficient.unsigned_abs().to_string(), i64::from(*exponent)),
            Repr::Big(big) => {
                let (digits, scale) = big.as_bigint_and_scale();
                (digits.magnitude().to_string(), -scale)
            }
        }
    }
}

/// Plain notation where it is short, else scientific.
fn natural(digits: &str, exponent: i64) -> String {
    let leading = digits.len() as i64 - 1 + exponent;
    if leading >= SMALL && (leading < LARGE || exponent <= 0) {
        return plain(digits, exponent, 0);
    }
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    format!("{first}{point}{rest}e{leading}")
}

/// Plain notation with at least `places` decimal places.
fn plain(digits: &str, exponent: i64, places: usize) -> String {
    let mut text = String::new();
    // How many of the digits stand after the point; as many zeros before them as are missing.
    let fraction = usize::try_from(-exponent).unwrap_or(0);
    if exponent > 0 {
        text.push_str(digits);
        text.extend(std::iter::repeat_n('0', usize::try_from(exponent).unwrap_or(0)));
    } else {
        let padded = format!("{digits:0>width$}", width = fraction + 1);
        text.push_str(&padded);
        if fraction > 0 {
            text.insert(text.len() - fraction, '.');
        }
    }
    if fraction < places {
        if fraction == 0 {
            text.push('.');
        }
        text.extend(std::iter::repeat_n('0', places - fraction));
    }
    text
}
