//! Rows written as Parquet and read back with the crate's own reader.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use cloud_billing_core::{Bytes, Decimal};
use cloud_billing_focus::column::Form;
use cloud_billing_focus::value::Value;
use cloud_billing_focus::{Column, Row, Version};
use cloud_billing_lake::parquet::{EXACT, GROUP_ROWS, RowWriter};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::RowGroupMetaData;

fn written(rows: &[Row<'_>]) -> Bytes {
    let mut writer = RowWriter::new(Version::NEWEST, Vec::new()).unwrap();
    for row in rows {
        writer.write(row).unwrap();
    }
    writer.finish().unwrap().into()
}

fn read(file: Bytes) -> Vec<RecordBatch> {
    ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap().map(Result::unwrap).collect()
}

/// A row with a value in each column, different ones in each row.
fn full(number: i64) -> Row<'static> {
    let mut row = Row::default();
    for (at, column) in Version::NEWEST.columns().iter().enumerate() {
        let text = match column.definition().form {
            Form::Decimal | Form::Price => format!("{number}.{at:03}"),
            Form::Time => format!("2026-10-{:02}T00:00:{:02}.250Z", 1 + number.rem_euclid(28), at % 60),
            Form::Bool => (number % 2 == 0).to_string(),
            Form::Json | Form::Flat => format!("{{\"a\":{number}}}"),
            _ => format!("text {number} of {at}, \u{e9}"),
        };
        row.set(*column, &text).unwrap();
    }
    row
}

/// A row with this alone.
fn row(column: Column, text: &str) -> Row<'static> {
    let mut row = Row::default();
    row.set(column, text).unwrap();
    row
}

/// The cell as FOCUS would have it.
fn assert_same(batch: &RecordBatch, at: usize, column: Column, value: Value<'_>) {
    let name = column.definition().name;
    let cells = batch.column_by_name(name).unwrap();
    match value {
        Value::Null => assert!(cells.is_null(at), "{name}"),
        Value::Text(text) | Value::Json(text) => assert_eq!(cells.as_string::<i32>().value(at), text, "{name}"),
        Value::Bool(truth) => assert_eq!(cells.as_boolean().value(at), truth, "{name}"),
        Value::Time(time) => {
            assert_eq!(
                cells.as_primitive::<TimestampMicrosecondType>().value(at),
                time.unix_millis() * 1_000,
                "{name}"
            );
        }
        Value::Decimal(number) => {
            let cells = cells.as_primitive::<Decimal128Type>();
            assert_eq!(cells.data_type(), &DataType::Decimal128(30, 12));
            assert_eq!(cells.value_as_string(at).parse::<Decimal>().unwrap(), *number, "{name}");
        }
        value => panic!("{value:?}"),
    }
}

#[test]
fn every_column_is_read_back() {
    let rows = [full(1), Row::default(), full(-7)];
    let [batch] = <[_; 1]>::try_from(read(written(&rows))).unwrap();
    assert_eq!(batch.num_columns(), Version::NEWEST.columns().len() + 1);
    for (at, row) in rows.iter().enumerate() {
        for column in Version::NEWEST.columns() {
            assert_same(&batch, at, *column, row.value(*column));
        }
        assert!(batch.column_by_name(EXACT).unwrap().is_null(at), "nothing was rounded");
    }
    let mut own: Vec<_> = batch.schema().fields().iter().map(|field| field.name().clone()).collect();
    own.retain(|name| name.starts_with("x_"));
    assert!(own.is_sorted(), "own columns are in the order of FOCUS: {own:?}");
}

#[test]
fn what_is_rounded_is_kept_exactly() {
    let exact = |text: &str| {
        let row = row(Column::BilledCost, text);
        let [batch] = <[_; 1]>::try_from(read(written(&[row]))).unwrap();
        let cell = batch.column_by_name("BilledCost").unwrap().as_primitive::<Decimal128Type>().value_as_string(0);
        let exact = batch.column_by_name(EXACT).unwrap().as_string::<i32>().iter().next().unwrap().map(str::to_owned);
        (cell, exact)
    };
    let none = |cell: &str| (cell.to_owned(), None);
    // The text is the number as it is written everywhere else.
    let some = |cell: &str, text: &str| {
        let number: Decimal = text.parse().unwrap();
        (cell.to_owned(), Some(format!("{{\"BilledCost\":\"{number}\"}}")))
    };
    assert_eq!(exact("12.34"), none("12.340000000000"));
    assert_eq!(exact("0.123456789012"), none("0.123456789012"));
    assert_eq!(exact("1.5000000000000000"), none("1.500000000000"));
    // Half to even.
    assert_eq!(exact("0.0000000000005"), some("0.000000000000", "0.0000000000005"));
    assert_eq!(exact("0.0000000000015"), some("0.000000000002", "0.0000000000015"));
    assert_eq!(exact("-0.0000000000025"), some("-0.000000000002", "-0.0000000000025"));
    assert_eq!(exact("5.551115123125783e-17"), some("0.000000000000", "5.551115123125783e-17"));
    // The largest number that fits.
    assert_eq!(exact("999999999999999999.999999999999"), none("999999999999999999.999999999999"));
}

const TOO_LARGE: [&str; 4] = ["1000000000000000000", "-1e18", "999999999999999999.9999999999995", "1e63"];

#[test]
fn what_is_too_large_is_null_and_kept_exactly() {
    for column in [Column::XQuantity, Column::XTierUpperBound, Column::XPercentDiscount, Column::ListCost] {
        for text in TOO_LARGE {
            let [batch] = <[_; 1]>::try_from(read(written(&[row(column, text)]))).unwrap();
            let name = column.definition().name;
            assert!(batch.column_by_name(name).unwrap().is_null(0), "{name}");
            let exact: serde_json::Value =
                serde_json::from_str(batch.column_by_name(EXACT).unwrap().as_string::<i32>().value(0)).unwrap();
            let number: Decimal = exact[name].as_str().unwrap().parse().unwrap();
            assert_eq!(number, text.parse().unwrap());
        }
    }
}

#[test]
fn a_cost_of_the_bill_that_is_too_large_is_an_error_that_says_where() {
    for (column, name) in [(Column::BilledCost, "BilledCost"), (Column::EffectiveCost, "EffectiveCost")] {
        for text in TOO_LARGE {
            let mut writer = RowWriter::new(Version::NEWEST, Vec::new()).unwrap();
            writer.write(&Row::default()).unwrap();
            let error = writer.write(&row(column, text)).unwrap_err().to_string();
            assert!(error.starts_with(&format!("row 2, column {name}: ")), "{error}");
            assert!(error.ends_with("has more than 18 digits before the point"), "{error}");
        }
    }
}

#[test]
fn the_same_rows_make_the_same_bytes_and_row_groups_have_their_size() {
    let count = GROUP_ROWS + 10;
    let rows = |service: &'static str, count: usize| {
        let mut writer = RowWriter::new(Version::NEWEST, Vec::new()).unwrap();
        for number in 0..count {
            let mut row = row(Column::XService, service);
            row.billed_cost = Some(Decimal::from_cents(i64::try_from(number).unwrap()));
            writer.write(&row).unwrap();
        }
        Bytes::from(writer.finish().unwrap())
    };
    assert_eq!(rows("atlas", 5_000), rows("atlas", 5_000));
    assert_ne!(rows("atlas", 5_000), rows("ibm", 5_000));
    let file = rows("atlas", count);
    let metadata = ParquetRecordBatchReaderBuilder::try_new(file.clone()).unwrap().metadata().clone();
    let groups: Vec<_> = metadata.row_groups().iter().map(RowGroupMetaData::num_rows).collect();
    assert_eq!(groups, [i64::try_from(GROUP_ROWS).unwrap(), 10]);
    let batches = read(file);
    let cells =
        batches.iter().map(|batch| batch.column_by_name("BilledCost").unwrap().as_primitive::<Decimal128Type>());
    let sum: i128 = cells.flat_map(|cells| cells.values().to_vec()).sum();
    let cents = i128::try_from(count * (count - 1) / 2).unwrap();
    assert_eq!(sum, cents * 10_i128.pow(10));
}

#[test]
fn instants_are_in_utc() {
    let row = row(Column::ChargePeriodStart, "2026-10-01T02:00:00+02:00");
    let [batch] = <[_; 1]>::try_from(read(written(&[row]))).unwrap();
    let cells = batch.column_by_name("ChargePeriodStart").unwrap();
    assert_eq!(cells.data_type().to_string(), "Timestamp(µs, \"UTC\")");
    assert_eq!(
        cells.as_primitive::<TimestampMicrosecondType>().value_as_datetime(0).unwrap().to_string(),
        "2026-10-01 00:00:00"
    );
}

#[test]
fn long_texts_are_not_held_until_there_are_many_rows() {
    // Texts that compression and dictionaries make no shorter.
    let mut state = 1_u64;
    let mut letters = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'!' + u8::try_from((state >> 33) % 90).unwrap())
    };
    let rows: Vec<Row<'_>> = (0..72)
        .map(|_| {
            let mut row = Row::default();
            row.charge_description = Some((0..1 << 20).map(|_| letters()).collect::<String>().into());
            row
        })
        .collect();
    let metadata = ParquetRecordBatchReaderBuilder::try_new(written(&rows)).unwrap().metadata().clone();
    let groups: Vec<_> = metadata.row_groups().iter().map(RowGroupMetaData::num_rows).collect();
    assert!(groups.len() > 1 && groups.iter().sum::<i64>() == 72, "{groups:?}");
}
