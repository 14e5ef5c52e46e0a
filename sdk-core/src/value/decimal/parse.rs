//! Text to number.

use std::fmt;
use std::str::FromStr;

use bigdecimal::BigDecimal;
use bigdecimal::num_bigint::BigInt;

use super::Decimal;
use crate::json::digits;
use crate::text::quote;

/// The most digits that are read before the decimal point, and after it. Bills have up to 12 and, with the residue of
/// floating-point subtraction, 35. An exponent takes a few bytes for any number of digits; with this bound, adding numbers
/// takes no longer than reading them.
const MAX_DIGITS: i64 = 64;

/// A text is not a decimal number, or one out of range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseDecimalError {
    /// Fit for a message.
    text: String,
    problem: Problem,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    Syntax,
    Range,
}

impl fmt::Display for ParseDecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, problem } = self;
        match problem {
            Problem::Syntax => write!(f, "{text} is not a decimal number"),
            Problem::Range => {
                write!(f, "the number {text} has more than {MAX_DIGITS} digits before or after the decimal point")
            }
        }
    }
}

impl std::error::Error for ParseDecimalError {}

impl FromStr for Decimal {
    type Err = ParseDecimalError;

    /// Reads digits with an optional sign, decimal point and exponent: `-12.50`, `.5`, `1e-7`. White space, digit
    /// separators and words (`NaN`, `Infinity`) are refused, and so are numbers with more than 64 digits before or after
    /// the decimal point.
    fn from_str(text: &str) -> Result<Self, ParseDecimalError> {
        if let Some(number) = parse_short(text.as_bytes()) {
            return Ok(number);
        }
        parse(text).map_err(|problem| ParseDecimalError { text: quote(text, 40), problem })
    }
}

/// The most digits that always fit into an `i64`.
const SHORT: usize = 18;

/// Nearly every number there is, in one pass. `None` leaves the text to [`parse`], which would give the same.
pub(super) fn parse_short(text: &[u8]) -> Option<Decimal> {
    match short_number(text, 0)? {
        (number, end) if end == text.len() => Some(number),
        _ => None,
    }
}

/// The number at a position, and where it ends, if it has at most 18 digits, is written as in JSON and has no exponent.
#[inline]
pub(crate) fn short_number(text: &[u8], at: usize) -> Option<(Decimal, usize)> {
    let negative = text.get(at) == Some(&b'-');
    let start = at + usize::from(negative);
    let (mut coefficient, mut end) = digits(text, start, 0);
    let whole = end - start;
    if whole == 0 || (whole > 1 && text.get(start) == Some(&b'0')) {
        return None;
    }
    let mut places = 0;
    if text.get(end) == Some(&b'.') {
        let point = end + 1;
        (coefficient, end) = digits(text, point, coefficient);
        places = end - point;
        if places == 0 {
            return None;
        }
    }
    if whole + places > SHORT || matches!(text.get(end), Some(b'e' | b'E')) {
        return None;
    }
    let coefficient = i64::try_from(coefficient).ok()?;
    let exponent = -i16::try_from(places).ok()?;
    Some((Decimal::small(if negative { -coefficient } else { coefficient }, exponent), end))
}

pub(super) fn parse(text: &str) -> Result<Decimal, Problem> {
    let (mantissa, written_exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
        None => (text, 0),
    };
    let (negative, magnitude) = match mantissa.as_bytes().first() {
        Some(b'-') => (true, &mantissa[1..]),
        Some(b'+') => (false, &mantissa[1..]),
        _ => (false, mantissa),
    };
    let (whole, fraction) = magnitude.split_once('.').unwrap_or((magnitude, ""));
    if whole.is_empty() && fraction.is_empty() {
        return Err(Problem::Syntax);
    }
    if !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        return Err(Problem::Syntax);
    }

    let leading_zeros = whole.bytes().chain(fraction.bytes()).take_while(|b| *b == b'0').count();
    let digits = whole.len() + fraction.len() - leading_zeros;
    let length = |digits: usize| i64::try_from(digits).map_err(|_| Problem::Range);
    let exponent = written_exponent - length(fraction.len())?;
    if exponent < -MAX_DIGITS || exponent > MAX_DIGITS - length(digits)? {
        return Err(Problem::Range);
    }

    let mut coefficient = 0_i128;
    if digits <= 38 {
        for digit in whole.bytes().chain(fraction.bytes()) {
            coefficient = coefficient * 10 + i128::from(digit - b'0');
        }
        return Ok(Decimal::from_parts(if negative { -coefficient } else { coefficient }, exponent));
    }
    let all: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
    let coefficient = BigInt::parse_bytes(&all, 10).ok_or(Problem::Syntax)?;
    let coefficient = if negative { -coefficient } else { coefficient };
    Ok(Decimal::from_big(BigDecimal::new(coefficient, -exponent)))
}

/// The digits after the `e`, with their sign.
fn parse_exponent(text: &str) -> Result<i64, Problem> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Problem::Syntax);
    }
    // Cannot fail but by overflow.
    text.parse::<i32>().map(i64::from).map_err(|_| Problem::Range)
}
