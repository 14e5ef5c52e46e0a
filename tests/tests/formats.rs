//! Values in the formats of serde: the table of `docs/values.md`, of which each cell is a test here.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fmt::{Debug, Display};

use atlas_billing::types::{CostExplorerQueryResult, PaginatedApiInvoiceView};
use cloud_billing_core::value::{as_float_lossy, as_number, as_text};
use cloud_billing_core::{BillingMonth, Decimal, DecimalText, EpochMillis, Lenient, json};
use ibm_usage_reports::types::{AccountSummary, InstancesUsage};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use workspace_tests::read;

/// More digits than a float has.
const LONG: &str = "0.1234567890123456789012345";

/// A record without nested values, as any format has them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Row {
    cost: Decimal,
    tax: Option<Decimal>,
    quantity: DecimalText,
    #[serde(default)]
    month: Lenient<BillingMonth>,
    #[serde(default)]
    count: Lenient<i64>,
    at: EpochMillis,
}

fn row() -> Row {
    Row {
        cost: number(LONG),
        tax: Some(number("42.00")),
        quantity: "1.000".parse().unwrap(),
        month: Lenient::new("2026-01".parse().unwrap()),
        count: Lenient::new(3),
        at: EpochMillis(1_687_469_854_342),
    }
}

/// Rows with values that do not have their type.
fn odd_rows() -> Vec<Row> {
    let odd = |month: &str, count: &str| Row {
        month: json::from_str(month).unwrap(),
        count: json::from_str(count).unwrap(),
        ..row()
    };
    vec![odd(r#""""#, r#""many""#), odd("[ 1 ]", "1.5"), odd("null", "null"), odd(r#""null""#, "true")]
}

/// One value, as which a format has anything.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct One<T> {
    cost: T,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct FlatRow {
    #[serde(flatten)]
    row: Row,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Flat {
    #[serde(flatten)]
    row: One<Decimal>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Row(One<Decimal>),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Lossy {
    #[serde(with = "as_float_lossy")]
    cost: Decimal,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct AsNumber {
    #[serde(with = "as_number")]
    cost: Decimal,
}

/// A field in each of the forms that adapters give it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Forms {
    #[serde(with = "as_text")]
    text: Decimal,
    #[serde(with = "as_number")]
    number: Decimal,
    #[serde(with = "as_float_lossy")]
    float: Decimal,
    #[serde(with = "as_number")]
    integer: Option<Decimal>,
    #[serde(with = "as_text", default)]
    none: Option<Decimal>,
}

fn forms() -> Forms {
    let integer = Some(number("42"));
    Forms { text: number(LONG), number: number("12.50"), float: number("0.1"), integer, none: None }
}

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// A document of a service: records in records, lists, and numbers of 16 and 17 digits.
fn payload<T: DeserializeOwned>(path: &str) -> T {
    serde_json::from_str(&read(&format!("tests/payloads/{path}"))).unwrap()
}

/// How a format writes and reads any type. Both with a document of bytes, which may be text.
trait Format {
    fn write<T: Serialize>(value: &T) -> Result<Vec<u8>, String>;
    fn read<T: DeserializeOwned>(document: &[u8]) -> Result<T, String>;
}

/// Writes a value, looks at the document, and reads the value again.
fn round_trip<F: Format, T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) -> String {
    let written = F::write(value).unwrap();
    let text = String::from_utf8_lossy(&written).into_owned();
    assert!(!text.contains("$serde_json"), "{text}");
    assert_eq!(F::read::<T>(&written).unwrap(), *value, "{text}");
    text
}

/// What every format does.
fn rows_are_exact<F: Format>() {
    let text = round_trip::<F, Row>(&row());
    assert!(text.contains(LONG) && text.contains("42.00") && text.contains("1.000"), "{text}");
    round_trip::<F, Row>(&Row { tax: None, ..row() });
    let forms = round_trip::<F, Forms>(&forms());
    assert!(forms.contains(LONG), "{forms}");
}

/// What formats do that have records in records, and say what they have.
fn documents_are_exact<F: Format>() {
    round_trip::<F, InstancesUsage>(&payload("ibm-usage-reports/get_resource_usage_account.json"));
    round_trip::<F, AccountSummary>(&payload("ibm-usage-reports/get_account_summary.json"));
    round_trip::<F, PaginatedApiInvoiceView>(&payload("atlas-billing/listInvoicePending.json"));
    round_trip::<F, CostExplorerQueryResult>(&payload("atlas-billing/getCostExplorerUsage.json"));
    let text = F::write(&One { cost: LONG }).unwrap();
    assert_eq!(F::read::<One<Decimal>>(&text).unwrap().cost.to_string(), LONG);
}

/// What serde buffers on its way.
fn buffered_texts_are_exact<F: Format>() {
    round_trip::<F, Flat>(&Flat { row: One { cost: number(LONG) } });
    round_trip::<F, Untagged>(&Untagged::Row(One { cost: number(LONG) }));
}

/// A format's own numbers are read as far as they are exact.
fn numbers_are_read<F: Format>() {
    let read = |document: Result<Vec<u8>, String>| F::read::<One<Decimal>>(&document.unwrap()).map(|one| one.cost);
    assert_eq!(read(F::write(&One { cost: 12.5 })), Ok(number("12.5")));
    assert_eq!(read(F::write(&One { cost: -42 })), Ok(number("-42")));
    let long = F::write(&One { cost: 0.123_456_789_012_345_68 }).unwrap();
    assert_eq!(F::read::<Lossy>(&long).unwrap(), Lossy { cost: number("0.12345678901234568") });
    assert_eq!(F::read::<Flat>(&F::write(&One { cost: 12.5 }).unwrap()).unwrap().row.cost, number("12.5"));
    let error = F::read::<Flat>(&long).unwrap_err();
    assert!(error.contains("was read as a float") && error.contains("as_float_lossy"), "{error}");
}

fn text<E: Display>(error: E) -> String {
    error.to_string()
}

struct JsonText;

impl Format for JsonText {
    fn write<T: Serialize>(value: &T) -> Result<Vec<u8>, String> {
        serde_json::to_vec(value).map_err(text)
    }

    fn read<T: DeserializeOwned>(document: &[u8]) -> Result<T, String> {
        serde_json::from_slice(document).map_err(text)
    }
}

#[test]
fn json_text() {
    rows_are_exact::<JsonText>();
    documents_are_exact::<JsonText>();
    numbers_are_read::<JsonText>();
    odd_values_return::<JsonText>(&odd_rows());
    let json = JsonText::write(&row()).unwrap();
    let expected =
        format!(r#"{{"cost":{LONG},"tax":42.00,"quantity":"1.000","month":"2026-01","count":3,"at":1687469854342}}"#);
    assert_eq!(String::from_utf8(json).unwrap(), expected);
    let forms = String::from_utf8(JsonText::write(&forms()).unwrap()).unwrap();
    assert_eq!(forms, format!(r#"{{"text":"{LONG}","number":12.50,"float":0.1,"integer":42,"none":null}}"#));
    // Digits that serde's buffer cannot hold are written bare as well.
    let flat = JsonText::write(&Flat { row: One { cost: number(LONG) } }).unwrap();
    assert_eq!(JsonText::read::<One<Decimal>>(&flat).unwrap().cost.to_string(), LONG);
    assert!(JsonText::read::<Flat>(&flat).unwrap_err().contains("was read as a float"));
    // Numbers keep all digits, also behind a deserializer that looks on.
    let json = format!(r#"{{"cost":{LONG}}}"#);
    let one: One<Decimal> = serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(&json)).unwrap();
    assert_eq!(one.cost.to_string(), LONG);
    assert_eq!(serde_json::from_reader::<_, One<Decimal>>(json.as_bytes()).unwrap().cost.to_string(), LONG);
}

/// What is between is a value and no text.
struct JsonValue;

impl Format for JsonValue {
    fn write<T: Serialize>(value: &T) -> Result<Vec<u8>, String> {
        serde_json::to_value(value).map(|value| value.to_string().into_bytes()).map_err(text)
    }

    fn read<T: DeserializeOwned>(document: &[u8]) -> Result<T, String> {
        let value: Value = serde_json::from_slice(document).unwrap();
        serde_json::from_value(value).map_err(text)
    }
}

#[test]
fn json_value() {
    rows_are_exact::<JsonValue>();
    documents_are_exact::<JsonValue>();
    buffered_texts_are_exact::<JsonValue>();
    numbers_are_read::<JsonValue>();
    odd_values_are_written::<JsonValue>();
    let value = serde_json::to_value(row()).unwrap();
    assert_eq!((&value["cost"], &value["tax"], &value["count"]), (&LONG.into(), &"42.00".into(), &3.into()));
    let value = serde_json::to_value(forms()).unwrap();
    assert_eq!((&value["number"], &value["integer"]), (&12.5.into(), &42.into()));
    // A value has rounded a number before anybody can look.
    let one = JsonValue::read::<One<Decimal>>(format!(r#"{{"cost":{LONG}}}"#).as_bytes()).unwrap();
    assert_eq!(one.cost.to_string(), "0.12345678901234568");
    // A number beyond what the value could hold.
    let long = Forms { number: number(LONG), ..forms() };
    let error = serde_json::to_value(long).unwrap_err().to_string();
    assert!(error.contains("has too many digits for a float") && error.contains("`as_text`"), "{error}");
}

struct Csv;

impl Format for Csv {
    fn write<T: Serialize>(value: &T) -> Result<Vec<u8>, String> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.serialize(value).map_err(text)?;
        writer.into_inner().map_err(text)
    }

    fn read<T: DeserializeOwned>(document: &[u8]) -> Result<T, String> {
        csv::Reader::from_reader(document).deserialize().next().unwrap().map_err(text)
    }
}

#[test]
fn csv_table() {
    rows_are_exact::<Csv>();
    odd_values_are_written::<Csv>();
    let table = String::from_utf8(Csv::write(&row()).unwrap()).unwrap();
    assert_eq!(table, format!("cost,tax,quantity,month,count,at\n{LONG},42.00,1.000,2026-01,3,1687469854342\n"));
    // Cells have no type: all their digits are read.
    let one = Csv::read::<One<Decimal>>(format!("cost\n{LONG}\n").as_bytes()).unwrap();
    assert_eq!(one.cost.to_string(), LONG);
    // But serde's buffer has the type that was guessed.
    assert_eq!(Csv::read::<Flat>(b"cost\n12.50\n").unwrap().row.cost, number("12.5"));
    let error = Csv::read::<Flat>(format!("cost\n{LONG}\n").as_bytes()).unwrap_err();
    assert!(error.contains("was read as a float"), "{error}");
}

struct Toml;

impl Format for Toml {
    fn write<T: Serialize>(value: &T) -> Result<Vec<u8>, String> {
        toml::to_string(value).map(String::into_bytes).map_err(text)
    }

    fn read<T: DeserializeOwned>(document: &[u8]) -> Result<T, String> {
        toml::from_slice(document).map_err(text)
    }
}

#[test]
fn toml_document() {
    rows_are_exact::<Toml>();
    documents_are_exact::<Toml>();
    buffered_texts_are_exact::<Toml>();
    numbers_are_read::<Toml>();
    odd_values_are_written::<Toml>();
    let document = String::from_utf8(Toml::write(&row()).unwrap()).unwrap();
    assert!(document.starts_with(&format!("cost = \"{LONG}\"\ntax = \"42.00\"\n")), "{document}");
    let error = Toml::read::<One<Decimal>>(format!("cost = {LONG}").as_bytes()).unwrap_err();
    assert!(error.contains("was read as a float"), "{error}");
}

struct MessagePack;

impl Format for MessagePack {
    fn write<T: Serialize>(value: &T) -> Result<Vec<u8>, String> {
        rmp_serde::to_vec_named(value).map_err(text)
    }

    fn read<T: DeserializeOwned>(document: &[u8]) -> Result<T, String> {
        rmp_serde::from_slice(document).map_err(text)
    }
}

#[test]
fn message_pack() {
    rows_are_exact::<MessagePack>();
    documents_are_exact::<MessagePack>();
    buffered_texts_are_exact::<MessagePack>();
    numbers_are_read::<MessagePack>();
    odd_values_return::<MessagePack>(&odd_rows());
    let error = MessagePack::read::<One<Decimal>>(&MessagePack::write(&One { cost: 1.0 / 3.0 }).unwrap()).unwrap_err();
    assert!(error.contains("was read as a float"), "{error}");
    // A float of 32 bits has 6 digits.
    assert_eq!(
        MessagePack::read::<One<Decimal>>(&MessagePack::write(&One { cost: 0.1_f32 }).unwrap()).unwrap().cost,
        number("0.1")
    );
    assert!(MessagePack::read::<One<Decimal>>(&MessagePack::write(&One { cost: 1.0_f32 / 3.0 }).unwrap()).is_err());
    // In serde's buffer nobody knows that the format is binary.
    for row in odd_rows().into_iter().chain([row()]) {
        round_trip::<MessagePack, FlatRow>(&FlatRow { row });
    }
    // Without the names of fields.
    let bytes = rmp_serde::to_vec(&row()).unwrap();
    assert_eq!(rmp_serde::from_slice::<Row>(&bytes).unwrap(), row());
}

struct Yaml;

impl Format for Yaml {
    fn write<T: Serialize>(value: &T) -> Result<Vec<u8>, String> {
        serde_saphyr::to_string(value).map(String::into_bytes).map_err(text)
    }

    fn read<T: DeserializeOwned>(document: &[u8]) -> Result<T, String> {
        serde_saphyr::from_slice(document).map_err(text)
    }
}

#[test]
fn yaml_document() {
    rows_are_exact::<Yaml>();
    documents_are_exact::<Yaml>();
    buffered_texts_are_exact::<Yaml>();
    numbers_are_read::<Yaml>();
    odd_values_are_written::<Yaml>();
    let document = String::from_utf8(Yaml::write(&row()).unwrap()).unwrap();
    assert!(document.starts_with(&format!("cost: \"{LONG}\"\ntax: \"42.00\"\n")), "{document}");
    // A number without quotes is text too.
    let one = Yaml::read::<One<Decimal>>(format!("cost: {LONG}\n").as_bytes()).unwrap();
    assert_eq!(one.cost.to_string(), LONG);
}

struct Postcard;

impl Format for Postcard {
    fn write<T: Serialize>(value: &T) -> Result<Vec<u8>, String> {
        postcard::to_stdvec(value).map_err(text)
    }

    fn read<T: DeserializeOwned>(document: &[u8]) -> Result<T, String> {
        postcard::from_bytes(document).map_err(text)
    }
}

/// It does not say what it has, so it takes no adapter that writes sometimes this and sometimes that.
#[test]
fn postcard_bytes() {
    let written = round_trip::<Postcard, Row>(&row());
    assert!(written.contains(LONG) && written.contains("42.00"), "{written}");
    round_trip::<Postcard, Row>(&Row { tax: None, ..row() });
    odd_values_return::<Postcard>(&odd_rows());
    let float = Lossy { cost: number("0.1") };
    round_trip::<Postcard, Lossy>(&float);
    let number = Postcard::write(&AsNumber { cost: number("12.50") }).unwrap();
    assert!(Postcard::read::<AsNumber>(&number).is_err());
}

/// Formats that keep the JSON of a value that does not have its type.
fn odd_values_return<F: Format>(rows: &[Row]) {
    for row in rows {
        round_trip::<F, Row>(row);
    }
}

/// Other formats have its text: the content of a string, else the JSON.
fn odd_values_are_written<F: Format>() {
    for row in odd_rows() {
        let written = F::write(&row).unwrap();
        let read: Row = F::read(&written).unwrap();
        assert_eq!((read.cost, read.month.known(), read.count.known()), (row.cost, None, None));
        // What is odd stays odd, and is written alike from then on.
        assert_eq!(F::write(&F::read::<Row>(&written).unwrap()).unwrap(), written);
    }
    let row = Row { month: json::from_str("[ 1 ]").unwrap(), count: json::from_str(r#""many""#).unwrap(), ..row() };
    let text = String::from_utf8(F::write(&row).unwrap()).unwrap();
    assert!(text.contains("[ 1 ]") && text.contains("many"), "{text}");
}
