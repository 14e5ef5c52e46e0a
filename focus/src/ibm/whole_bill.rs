//! A bill as a whole, and a record with all that a record can have.

use cloud_billing_core::json;

use super::{End, Instance, Mapper, Options};
use crate::format::Format;
use crate::reconcile::Status;
use crate::{Mode, Version};

const USAGE: &str = include_str!("bill/usage.json");
const SUMMARY: &str = include_str!("bill/summary.json");
const INSTANCES: &str = include_str!("bill/instances.jsonl");

fn mapped(instances: &str, options: &Options) -> (String, End) {
    let (usage, summary) = (json::from_str(USAGE).unwrap(), json::from_str(SUMMARY).unwrap());
    let mut mapper = Mapper::new(&usage, &summary, options).unwrap();
    let format = Format::new(Version::NEWEST);
    let mut file = format.csv_header();
    for text in instances.lines() {
        let instance = Instance::read(text).unwrap();
        mapper.rows(&instance).unwrap().for_each(|row| format.csv(&row, &mut file));
    }
    let end = mapper.finish();
    end.rows.iter().for_each(|row| format.csv(row, &mut file));
    (file, end)
}

/// Each row as the columns that it has.
fn listed(csv: &str) -> String {
    let mut reader = ::csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().unwrap().clone();
    let row = |record: ::csv::StringRecord| {
        let cells = header.iter().zip(&record).filter(|(_, cell)| !cell.is_empty());
        cells.map(|(name, cell)| format!("{name}: {cell}\n")).collect::<String>()
    };
    reader.records().map(|record| row(record.unwrap())).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_small_bill() {
    let (csv, end) = mapped(INSTANCES, &Options::new().mode(Mode::Derived));
    insta::assert_snapshot!("small_bill", listed(&csv));
    insta::assert_debug_snapshot!("small_bill_reconciliation", end.reconciliation);
    insta::assert_snapshot!("small_bill_csv", mapped(INSTANCES, &Options::new()).0);
    assert_eq!(end.reconciliation.status, Status::Residue);
}

#[test]
fn no_field_of_a_record_is_lost() {
    let texts = [
        "resource_instance_name",
        "resource_id",
        "catalog_id",
        "resource_name",
        "resource_group_id",
        "resource_group_name",
        "organization_id",
        "organization_name",
        "space_id",
        "space_name",
        "consumer_id",
        "region",
        "pricing_region",
        "pricing_country",
        "billing_country",
        "parent_resource_instance_id",
        "plan_id",
        "plan_name",
        "pricing_plan_id",
        "subscription_id",
        "resource_instance_id",
        "unknown",
    ];
    let metric_texts = ["metric", "metric_name", "unit", "unit_name", "unknown"];
    let metric_numbers = ["quantity", "rateable_quantity", "cost", "rated_cost", "volume_cost", "volume_discount"];
    let text = |prefix: &str, name: &&str| format!(r#""{name}":"<{prefix}{name}>""#);
    let mut marks: Vec<String> = texts.iter().map(|name| format!("<{name}>")).collect();
    marks.extend(metric_texts.iter().map(|name| format!("<m-{name}>")));
    marks.extend((0..metric_numbers.len()).map(|index| format!("12345.{index}7")));
    marks.extend(
        ["<tag>", "<service_tag>", "<price>", "<discount>", "2020-01-02T03:04:05Z", "<deleted>", "77.5"]
            .map(str::to_owned),
    );
    let numbers = metric_numbers.iter().enumerate().map(|(index, name)| format!(r#""{name}":12345.{index}7"#));
    let metric = metric_texts.iter().map(|name| text("m-", name)).chain(numbers).collect::<Vec<_>>().join(",");
    for billable in ["true", "false", "null"] {
        let record = format!(
            r#"{{{},"billable":{billable},"pending":true,"currency_rate":77.5,"tags":["<tag>"],"service_tags":["a:<service_tag>"],
            "created_at":"2020-01-02T03:04:05Z","deleted_at":"<deleted>","usage":[{{{metric},"price":["<price>"],"discounts":["<discount>"]}}]}}"#,
            texts.iter().map(|name| text("", name)).collect::<Vec<_>>().join(",")
        );
        let (csv, _) = mapped(&record.replace('\n', " "), &Options::new());
        let row = csv.lines().nth(1).unwrap();
        for mark in &marks {
            assert!(row.contains(mark.as_str()), "{mark} is lost if billable is {billable}: {row}");
        }
    }
}
