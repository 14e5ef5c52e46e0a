use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use bigdecimal::BigDecimal;
use bigdecimal::num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;

use super::*;

pub(super) fn number(text: &str) -> Decimal {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

/// A power of ten that no text gives.
pub(super) fn power(exponent: i64) -> Decimal {
    Decimal::from_coefficient(1.into(), exponent)
}

pub(super) fn is_small(number: &Decimal) -> bool {
    matches!(number.0, Repr::Small { .. })
}

fn hash(number: &Decimal) -> u64 {
    let mut hasher = DefaultHasher::new();
    number.hash(&mut hasher);
    hasher.finish()
}

#[test]
fn it_takes_sixteen_bytes() {
    assert_eq!(size_of::<Decimal>(), 16);
    assert_eq!(size_of::<Option<Decimal>>(), 16);
}

#[test]
fn text_keeps_the_scale() {
    for text in [
        "0",
        "42",
        "42.0",
        "-1.500",
        "0.00",
        "0.000001",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "100000000000000000000",
        "5.551115123125783e-17",
        "1.244433224201202e-7",
        "1000000000000000000000",
        "1e21",
        "1.50e30",
        "123456789012345678901234567890.123456789012345678901234567890",
        "1e63",
        "-1e-64",
    ] {
        assert_eq!(number(text).to_string(), text);
    }
}

#[test]
fn other_spellings_of_the_same_number() {
    for (text, written) in [
        ("+5", "5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("-0", "0"),
        ("-0.00", "0.00"),
        ("0e3", "0"),
        ("0.0e-9", "0e-10"),
        ("007", "7"),
        ("1E3", "1000"),
        ("1.5e+2", "150"),
        ("1.0E-4", "0.00010"),
        ("0.0000001", "1e-7"),
    ] {
        assert_eq!(number(text).to_string(), written, "{text}");
        assert_eq!(number(text), number(written), "{text}");
    }
}

#[test]
fn what_is_no_number() {
    for text in
        ["", "-", ".", "e5", "1e", "1e+", "1e5.0", "--1", "1_000", "1,5", " 1", "1 ", "NaN", "Infinity", "0x1", "١"]
    {
        let error = text.parse::<Decimal>().unwrap_err().to_string();
        assert!(error.ends_with("is not a decimal number"), "{text}: {error}");
    }
    let long = "x".repeat(1000).parse::<Decimal>().unwrap_err().to_string();
    assert_eq!(long, format!("\"{}\"… is not a decimal number", "x".repeat(40)));
}

#[test]
fn what_is_out_of_range() {
    let (ones, more) = ("1".repeat(64), "1".repeat(65));
    for text in [
        "1e64",
        "10e63",
        "0.1e65",
        "1e-65",
        "0.1e-64",
        "0e65",
        "0e-65",
        "1e4096",
        "1e99999999999999999999",
        "1e-9223372036854775808",
        &more,
        &format!("0.{more}"),
        &format!("1.{}", "0".repeat(65)),
    ] {
        let error = text.parse::<Decimal>().unwrap_err().to_string();
        let problem = " has more than 64 digits before or after the decimal point";
        assert!(error.starts_with("the number \"") && error.ends_with(problem), "{error}");
    }
    for text in [format!("{ones}.{ones}"), format!("1e{}", 63), format!("{ones}e-64"), format!("1e-{}", 64)] {
        assert!(text.parse::<Decimal>().is_ok(), "{text}");
    }
    // Leading zeros are no digits.
    assert_eq!(number(&format!("{}7", "0".repeat(5000))), number("7"));
}

/// Whatever the exponents, a sum has about as many digits as there are places.
#[test]
fn sums_of_what_is_read_have_few_digits() {
    let texts = [&*"9".repeat(64), "-1e63", "1e-64", &format!("0.{}", "9".repeat(64)), "5e-17", "9e63"];
    let sum: Decimal = texts.iter().cycle().take(60_000).map(|text| number(text)).sum();
    assert!(sum.digits().0.len() <= 64 + 64 + 5, "{sum}");
}

#[test]
fn equality_and_hash_are_numeric() {
    for (a, b) in [
        ("1", "1.0"),
        ("0", "-0.000"),
        ("100", "1e2"),
        ("1", "1.000000000000000000000000000000"),
        ("1e20", "100000000000000000000"),
        ("12345678901234567890123.0", "12345678901234567890123"),
    ] {
        assert_eq!(number(a), number(b), "{a} {b}");
        assert_eq!(hash(&number(a)), hash(&number(b)), "{a} {b}");
        assert_eq!(number(a).cmp(&number(b)), std::cmp::Ordering::Equal, "{a} {b}");
    }
    assert_ne!(number("1"), number("1.0000000000000000000000000001"));
}

#[test]
fn order() {
    let ascending = [
        "-1e63",
        "-123456789012345678901234567890",
        "-9223372036854775808",
        "-1.5",
        "-1e-64",
        "0",
        "1e-64",
        "0.1",
        "0.10000000000000000000000000000001",
        "9",
        "9.0000000000000000000000000000000000001",
        "10",
        "9223372036854775807",
        "1e19",
        "1e30",
        "1.000000000000000000000000000000001e30",
        "1e63",
    ];
    for (i, a) in ascending.iter().enumerate() {
        for (j, b) in ascending.iter().enumerate() {
            assert_eq!(number(a).cmp(&number(b)), i.cmp(&j), "{a} {b}");
        }
    }
}

#[test]
fn sums_of_money_are_exact() {
    let tenth = number("0.1");
    let sum: Decimal = std::iter::repeat_n(&tenth, 1000).sum();
    assert_eq!(sum.to_string(), "100.0");
    assert_eq!((number("0.1") + number("0.2")).to_string(), "0.3");
    assert_eq!((&number("1.10") - &number("1.1")).to_string(), "0.00");
    assert_eq!((number("1.5") * &number("0.30")).to_string(), "0.450");
    let mut total = Decimal::default();
    total += &number("2.50");
    total -= number("1");
    total *= number("2");
    assert_eq!(total.to_string(), "3.00");
    assert_eq!(Decimal::from_cents(-1).to_string(), "-0.01");
}

#[test]
fn arithmetic_leaves_and_enters_the_small_form() {
    let max = Decimal::from(i64::MAX);
    let more = &max + &Decimal::from(1);
    assert!(!is_small(&more));
    assert_eq!(more.to_string(), "9223372036854775808");
    assert!(is_small(&(more - Decimal::from(1))));
    assert_eq!((-Decimal::from(i64::MIN)).to_string(), "9223372036854775808");
    assert_eq!(Decimal::from(i64::MIN).abs(), -Decimal::from(i64::MIN));
    assert_eq!((&max * &max).to_string(), "85070591730234615847396907784232501249");
    assert_eq!(number("1e63") + number("1e-64") - number("1e63"), number("1e-64"));
}

#[test]
fn extreme_exponents_do_not_panic() {
    let (mut tiny, mut huge) = (number("1e-64"), number("-1e63"));
    for _ in 0..12 {
        (tiny, huge) = (&tiny * &tiny, &huge * &huge.abs());
    }
    assert_eq!(tiny.to_string(), "1e-262144");
    assert!(!is_small(&tiny));
    assert!(tiny < number("1e-64") && tiny > Decimal::ZERO);
    assert_eq!(tiny.round(2), Decimal::ZERO);
    assert_eq!(tiny.to_f64(), 0.0);
    assert_eq!(tiny.to_i64(), None);
    assert_eq!(format!("{tiny:.2}"), "0.00");
    assert!((Decimal::ZERO * &tiny).is_zero());
    assert_eq!(huge.to_f64(), f64::NEG_INFINITY);
}

#[test]
fn rounding_is_half_to_even() {
    for (text, places, rounded) in [
        ("0.5", 0, "0"),
        ("1.5", 0, "2"),
        ("2.5", 0, "2"),
        ("-2.5", 0, "-2"),
        ("-3.5", 0, "-4"),
        ("2.51", 0, "3"),
        ("0.05", 1, "0.0"),
        ("0.15", 1, "0.2"),
        ("99.995", 2, "100.00"),
        ("12.3", 2, "12.3"),
        ("1e3", 0, "1000"),
        ("0.9", 0, "1"),
        ("1e-64", 3, "0.000"),
        ("9223372036854775807e-19", 0, "1"),
        ("5000000000000000000e-19", 0, "0"),
        ("5000000000000000001e-19", 0, "1"),
        ("0.00000000000000000000000000000000005", 34, "0e-34"),
        ("0.123456789012345678901234567895", 29, "0.12345678901234567890123456790"),
        ("0.123456789012345678901234567885", 29, "0.12345678901234567890123456788"),
        ("99999999999999999999999999.5", 0, "100000000000000000000000000"),
    ] {
        assert_eq!(number(text).round(places).to_string(), rounded, "{text} {places}");
    }
}

#[test]
fn formatting_honours_the_flags() {
    assert_eq!(format!("{:.2}", number("3")), "3.00");
    assert_eq!(format!("{:.2}", number("0.005")), "0.00");
    assert_eq!(format!("{:.2}", number("-0.005")), "0.00");
    assert_eq!(format!("{:.2}", number("0.015")), "0.02");
    assert_eq!(format!("{:.0}", number("1.5")), "2");
    assert_eq!(format!("{:.3}", number("1e3")), "1000.000");
    assert_eq!(format!("{:.1}", number("1e21")), "1000000000000000000000.0");
    assert_eq!(
        format!("{:>8.2}|{:<8}|{:+}|{:08.1}", number("1.5"), number("1.5"), number("1.5"), number("-1.5")),
        "    1.50|1.5     |+1.5|-00001.5"
    );
    assert_eq!(format!("{:?}", number("1.50")), "Decimal(1.50)");
}

#[test]
fn conversions() {
    assert_eq!(number("42.0").to_i64(), Some(42));
    assert_eq!(number("42.5").to_i64(), None);
    assert_eq!(number("1e3").to_i64(), Some(1000));
    assert_eq!(number("1e19").to_i64(), None);
    assert_eq!(number("0e64").to_i64(), Some(0));
    assert_eq!(number("7.0000000000000000000000000000000").to_i64(), Some(7));
    assert_eq!(number("-9223372036854775808.00").to_i64(), Some(i64::MIN));
    assert_eq!(number("9223372036854775808").to_i64(), None);
    assert_eq!(number("1e-60").to_i64(), None);
    assert_eq!(number("0.1").to_f64(), 0.1);
    assert_eq!(number("1.5e60").to_f64(), 1.5e60);
    assert!(number("-0.1").is_negative() && !number("0").is_negative() && number("0.0").is_zero());
}

#[test]
fn json_numbers_keep_their_text() {
    for json in ["42.0", "-0.10", "5.551115123125783e-17", "123456789012345678901234567890.5", "1e21"] {
        let number: Decimal = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&number).unwrap(), json);
    }
    let list: Vec<Option<Decimal>> = serde_json::from_str("[1.10, null , 2]").unwrap();
    assert_eq!(serde_json::to_string(&list).unwrap(), "[1.10,null,2]");
}

#[test]
fn json_strings_and_values_decode_too() {
    assert_eq!(serde_json::from_str::<Decimal>(r#""1.000""#).unwrap().to_string(), "1.000");
    assert_eq!(serde_json::from_str::<Decimal>(r#""\u0031.5""#).unwrap().to_string(), "1.5");
    assert_eq!(serde_json::from_value::<Decimal>(serde_json::json!(1.5)).unwrap(), number("1.5"));
    assert_eq!(serde_json::from_value::<Decimal>(serde_json::json!("1.50")).unwrap(), number("1.5"));
    assert_eq!(serde_json::from_reader::<_, Decimal>(&b"1.50"[..]).unwrap().to_string(), "1.50");
}

#[test]
fn it_decodes_beside_a_flattened_map() {
    #[derive(::serde::Serialize, ::serde::Deserialize)]
    struct Item {
        price: Option<Decimal>,
        #[serde(flatten)]
        extra: std::collections::BTreeMap<String, serde_json::Value>,
    }

    let json = r#"{"price":1.10,"unit":"GB"}"#;
    let item: Item = serde_json::from_str(json).unwrap();
    assert_eq!(serde_json::to_string(&item).unwrap(), json);
}

#[test]
fn json_errors_name_the_text() {
    for (json, message) in [
        (r#"" 1\n""#, r#"" 1\n" is not a decimal number"#),
        (r#""""#, r#""" is not a decimal number"#),
        ("1e64", r#"the number "1e64" has more than 64 digits before or after the decimal point"#),
        ("null", "expected a number, found null"),
        ("true", "expected a number, found a boolean"),
        (r#"{"a": 1}"#, "expected a number, found an object"),
    ] {
        let error = serde_json::from_str::<Decimal>(json).unwrap_err().to_string();
        assert!(error.contains(message), "{json}: {error}");
    }
}

/// Digits on both sides of the point, few to many, and an exponent near and far.
pub(super) fn texts() -> impl Strategy<Value = String> {
    let mantissa = prop_oneof![
        1 => "-?0(\\.0{1,30})?",
        4 => "-?[0-9]{1,19}(\\.[0-9]{1,6})?",
        2 => "-?[0-9]{1,30}\\.[0-9]{1,40}",
        1 => "-?0\\.0{0,20}[0-9]{1,4}0{0,20}",
    ];
    let exponent = prop_oneof![4 => Just(String::new()), 1 => "e-?[0-9]", 1 => "E[+-](1[0-9]|20)"];
    (mantissa, exponent).prop_map(|(mantissa, exponent)| mantissa + &exponent)
}

fn oracle(text: &str) -> BigDecimal {
    BigDecimal::from_str(text).unwrap()
}

/// The number as a fraction of whole numbers, made of the digits of the text by nothing that [`Decimal`] is made of.
pub(super) fn fraction(text: &str) -> BigRational {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: BigInt = format!("{whole}{decimals}").parse().unwrap();
    let exponent = exponent.parse::<i32>().unwrap() - i32::try_from(decimals.len()).unwrap();
    let power = BigInt::from(10).pow(exponent.unsigned_abs());
    if exponent < 0 { BigRational::new(digits, power) } else { BigRational::from(digits * power) }
}

proptest! {
    #[test]
    fn sums_and_products_are_those_of_fractions(texts in prop::collection::vec(texts(), 0..20)) {
        let numbers: Vec<Decimal> = texts.iter().map(|text| number(text)).collect();
        let sum: Decimal = numbers.iter().sum();
        prop_assert_eq!(fraction(&sum.to_string()), texts.iter().map(|text| fraction(text)).sum::<BigRational>());
        for (pair, expected) in numbers.windows(2).zip(texts.windows(2)) {
            let product = &pair[0] * &pair[1];
            prop_assert_eq!(fraction(&product.to_string()), fraction(&expected[0]) * fraction(&expected[1]));
            let difference = &pair[0] - &pair[1];
            prop_assert_eq!(fraction(&difference.to_string()), fraction(&expected[0]) - fraction(&expected[1]));
        }
    }

    #[test]
    fn a_number_in_json_is_written_as_it_was_read(text in texts()) {
        // JSON has no leading zeros (RFC 8259, section 6).
        let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
        let bare = digits.trim_start_matches('0');
        let zero = if bare.starts_with(|first: char| first.is_ascii_digit()) { "" } else { "0" };
        let json = format!("{sign}{zero}{bare}");
        let read: Decimal = serde_json::from_str(&json).unwrap();
        let written = serde_json::to_string(&read).unwrap();
        prop_assert_eq!(fraction(&written), fraction(&json));
        // To the letter, unless the one or the other has an exponent; but a zero has no sign.
        let json = if read == Decimal::ZERO { json.trim_start_matches('-') } else { &json };
        if !json.contains(['e', 'E']) && !written.contains('e') {
            prop_assert_eq!(written, json);
        }
    }

    #[test]
    fn parsing_agrees_with_the_oracle(text in texts()) {
        prop_assert_eq!(number(&text).to_big(), oracle(&text));
    }

    #[test]
    fn text_round_trips(text in texts()) {
        let read = number(&text);
        let written = read.to_string();
        prop_assert_eq!(&number(&written), &read);
        prop_assert_eq!(number(&written).to_string(), written.clone());
        // Also as JSON, and by way of another parser.
        prop_assert_eq!(&serde_json::from_str::<Decimal>(&written).unwrap(), &read);
        prop_assert_eq!(oracle(&written), oracle(&text));
    }

    #[test]
    fn arithmetic_agrees_with_the_oracle(a in texts(), b in texts()) {
        let (x, y) = (number(&a), number(&b));
        prop_assert_eq!((&x + &y).to_big(), oracle(&a) + oracle(&b));
        prop_assert_eq!((&x - &y).to_big(), oracle(&a) - oracle(&b));
        prop_assert_eq!((&x * &y).to_big(), oracle(&a) * oracle(&b));
        prop_assert_eq!((-&x).to_big(), -oracle(&a));
    }

    #[test]
    fn sums_agree_with_the_oracle(texts in prop::collection::vec(texts(), 0..20)) {
        let sum: Decimal = texts.iter().map(|text| number(text)).sum();
        let expected: BigDecimal = texts.iter().map(|text| oracle(text)).sum();
        prop_assert_eq!(sum.to_big(), expected);
    }

    #[test]
    fn comparison_agrees_with_the_oracle(a in texts(), b in texts()) {
        let (x, y) = (number(&a), number(&b));
        prop_assert_eq!(x.cmp(&y), oracle(&a).cmp(&oracle(&b)));
        prop_assert_eq!(x == y, oracle(&a) == oracle(&b));
        // The same number at another scale.
        let padded = &x * &number("1.0000000000000000000000");
        prop_assert_eq!(&padded, &x);
        prop_assert_eq!(hash(&padded), hash(&x));
    }

    #[test]
    fn rounding_agrees_with_integer_division(text in texts(), places in 0_u32..12) {
        let value = number(&text);
        let rounded = value.round(places);
        let (digits, scale) = value.to_big().into_bigint_and_scale();
        let excess = scale - i64::from(places);
        if excess <= 0 {
            prop_assert_eq!(rounded.to_string(), value.to_string());
        } else {
            let divisor = BigInt::from(10).pow(u32::try_from(excess).unwrap());
            let (quotient, remainder) = (&digits / &divisor, &digits % &divisor);
            let twice = (&remainder * 2_i32).magnitude().clone();
            let odd = &quotient % 2_i32 != BigInt::from(0);
            let up = twice > *divisor.magnitude() || (twice == *divisor.magnitude() && odd);
            let step = if digits < BigInt::from(0) { -1 } else { 1 };
            let expected = if up { quotient + step } else { quotient };
            prop_assert_eq!(rounded.to_big(), BigDecimal::new(expected, i64::from(places)));
        }
    }

    #[test]
    fn a_precision_gives_that_many_places(text in texts(), places in 0_usize..12) {
        let written = format!("{:.*}", places, number(&text));
        prop_assert_eq!(written.split_once('.').map_or(0, |(_, fraction)| fraction.len()), places);
        // It may have more digits than we read.
        prop_assert_eq!(oracle(&written), number(&text).round(u32::try_from(places).unwrap()).to_big());
    }

    #[test]
    fn the_nearest_float(digits in any::<i64>(), exponent in -40..40) {
        let value: f64 = format!("{digits}e{exponent}").parse().unwrap();
        prop_assert_eq!(number(&format!("{value:e}")).to_f64(), value);
    }

    #[test]
    fn the_short_way_gives_what_the_long_way_does(text in "-?[0-9]{0,20}(\\.[0-9]{0,20})?|[-+.0-9/:e]{0,19}") {
        if let Some(short) = super::parse::parse_short(text.as_bytes()) {
            let long = super::parse::parse(&text);
            prop_assert!(matches!(&long, Ok(long) if long.digits() == short.digits() && long == &short), "{text}");
        }
    }

    #[test]
    fn short_numbers_take_the_short_way(whole in 0_u32.., places in 0_usize..9, negative in any::<bool>()) {
        let text = format!("{}{}.{:0places$}", if negative { "-" } else { "" }, whole, 7);
        prop_assert!(super::parse::parse_short(text.as_bytes()).is_some(), "{text}");
    }

    #[test]
    fn no_text_panics(text in "[-+.eE0-9 ]{0,12}|.{0,12}") {
        if let Ok(value) = text.parse::<Decimal>() {
            let _ = (value.to_string(), value.to_i64(), value.to_f64(), value.round(2));
        }
    }
}
