//! The served data, generated from a fixed seed: the same bytes on every machine and in every run.

use std::fmt::Write;

/// Records per page.
pub const PAGE: usize = 200;

/// The number of different records. Longer lists repeat the pages.
pub const DISTINCT_RECORDS: usize = 20_000;

const INVOICE_PAGES: usize = 100;
const INVOICES_A_PAGE: usize = 20;

const ACCOUNT: &str = "3f1c9e5a7b2d4c6088aa51d7e0b49c12";

/// xorshift64*: it only has to be repeatable.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: u64) -> u64 {
        (self.next() >> 11) % end
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len() as u64) as usize]
    }

    fn uuid(&mut self) -> String {
        let (a, b) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            a >> 32,
            a & 0xffff,
            b >> 48,
            (b >> 32) & 0xffff,
            b & 0xffff_ffff_ffff
        )
    }

    /// A quantity as a metering service computes it, with all digits of a float.
    fn quantity(&mut self) -> f64 {
        (self.below(2_000_000_000) as f64) / 1_000_003.0
    }
}

/// The records of each page, separated by commas, about 2 kB per record.
pub fn pages(records: usize) -> Vec<String> {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut record = || record(&mut random);
    let count = records.div_ceil(PAGE).max(1);
    (0..count)
        .map(|page| {
            let size = PAGE.min(records.saturating_sub(page * PAGE));
            (0..size).map(|_| record()).collect::<Vec<_>>().join(",")
        })
        .collect()
}

/// The text before and after the records of a page. The link to the next page comes after them.
pub fn around_page(path: &str, number: usize, records: usize, last: bool) -> (String, String) {
    let head = format!(
        r#"{{"limit":{PAGE},"count":{records},"first":{{"href":"{path}?_limit={PAGE}&_names=true&_tags=true"}},"resources":["#
    );
    let tail = if last {
        "]}".to_owned()
    } else {
        let next = number + 1;
        format!(
            r#"],"next":{{"offset":"{next}","href":"{path}?_limit={PAGE}&_names=true&_tags=true&_start={next}"}}}}"#
        )
    };
    (head, tail)
}

fn record(random: &mut Random) -> String {
    let (instance, group, plan) = (random.uuid(), random.uuid().replace('-', ""), random.uuid());
    let region = random.pick(&["us-south", "us-east", "eu-de", "eu-gb", "jp-tok", "au-syd"]);
    let service = random.pick(&["cloud-object-storage", "databases-for-postgresql", "containers-kubernetes", "kms"]);
    let stage = random.pick(&["production", "staging", "development", "test"]);
    let crn = format!("crn:v1:bluemix:public:{service}:{region}:a/{ACCOUNT}:{instance}::");
    let since = 1_685_577_600_000 + random.below(86_400) * 1000;
    let mut text = format!(
        r#"{{"account_id":"{ACCOUNT}","resource_instance_id":"{crn}","resource_group_id":"{group}","month":"2026-01","#
    );
    let _ = write!(
        text,
        r#""pricing_country":"USA","billing_country":"USA","currency_code":"USD","plan_id":"{plan}","consumer_id":"{crn}","#
    );
    let _ = write!(
        text,
        r#""resource_id":"{service}","billable":{},"pricing_plan_id":"billable:v4:{plan}::{since}:","#,
        random.below(10) > 0
    );
    let _ = write!(
        text,
        r#""pricing_region":"{region}","region":"{region}","created_at":"2024-{:02}-{:02}T{:02}:{:02}:00.000Z","usage":["#,
        1 + random.below(12),
        1 + random.below(28),
        random.below(24),
        random.below(60)
    );
    for index in 0..=random.below(3) {
        if index > 0 {
            text.push(',');
        }
        metric(&mut text, random);
    }
    let _ = write!(
        text,
        r#"],"currency_rate":1,"tags":["env:{stage}","team:payments"],"service_tags":[],"plan_name":"Standard","resource_name":"Service {service}","#
    );
    let _ = write!(
        text,
        r#""resource_group_name":"group-{stage}","resource_instance_name":"{service}-{stage}-{}"}}"#,
        random.below(1000)
    );
    text
}

fn metric(text: &mut String, random: &mut Random) {
    let name = random.pick(&["GIGABYTE_HOURS_PER_MONTH", "STANDARD_API_CALLS", "VIRTUAL_PROCESSOR_CORE_HOURS"]);
    let unit = random.pick(&["GIGABYTE_HOURS", "API_CALLS", "CORE_HOURS"]);
    let (quantity, price) = (random.quantity(), random.below(100_000) as f64 / 10_000.0);
    let rated = quantity * price / 1000.0;
    let cost = rated * 0.9;
    let _ = write!(
        text,
        r#"{{"metric":"{name}","unit":"{unit}","quantity":{quantity},"rateable_quantity":{quantity},"cost":{cost},"rated_cost":{rated},"price":["#
    );
    for tier in 0..=random.below(2) {
        let comma = if tier > 0 { "," } else { "" };
        let from = if tier > 0 { "499999" } else { "1" };
        let _ = write!(
            text,
            r#"{comma}{{"unitQuantity":"1000","tier_model":"Granular Tier","price":{price},"quantity_tier":"{from}"}}"#
        );
    }
    let discount = random.uuid();
    let _ = write!(
        text,
        r#"],"discounts":[{{"name":"volume-discount","display_name":"Volume discount","ref":"Discount-{discount}","discount":10}}],"metric_name":"{name}","unit_name":"{unit}"}}"#
    );
}

/// Complete pages of invoices, with links to the next page.
pub fn invoices() -> Vec<String> {
    let mut random = Random(0xd1b5_4a32_d192_ed03);
    (1..=INVOICE_PAGES)
        .map(|number| {
            let results: Vec<_> = (0..INVOICES_A_PAGE).map(|index| invoice(&mut random, number, index)).collect();
            let next = if number < INVOICE_PAGES {
                format!(r#",{{"href":"https://cloud.mongodb.com/api/atlas/v2/orgs/o/invoices?pageNum={}","rel":"next"}}"#, number + 1)
            } else {
                String::new()
            };
            format!(
                r#"{{"links":[{{"href":"https://cloud.mongodb.com/api/atlas/v2/orgs/o/invoices","rel":"self"}}{next}],"results":[{}],"totalCount":{}}}"#,
                results.join(","),
                INVOICE_PAGES * INVOICES_A_PAGE
            )
        })
        .collect()
}

fn invoice(random: &mut Random, page: usize, index: usize) -> String {
    let billed = random.below(10_000_000);
    let status = random.pick(&["PENDING", "PAID", "CLOSED", "FREE", "INVOICED"]);
    format!(
        r#"{{"amountBilledCents":{billed},"amountPaidCents":{billed},"created":"2026-01-{:02}T04:29:37Z","creditsCents":0,"endDate":"2026-02-01T00:00:00Z","id":"{:024x}","linkedInvoices":[],"links":[{{"href":"https://cloud.mongodb.com/api/atlas/v2/orgs/o","rel":"self"}}],"orgId":"4888442a3354817a7320eb61","salesTaxCents":0,"startDate":"2026-01-01T00:00:00Z","startingBalanceCents":0,"statusName":"{status}","subtotalCents":{billed},"updated":"2026-02-01T04:29:37Z"}}"#,
        1 + random.below(28),
        page * INVOICES_A_PAGE + index
    )
}

/// Complete lines of an invoice's CSV, about 1 MB, to be repeated.
pub fn csv_block() -> Vec<u8> {
    let mut random = Random(0x1234_5678_9abc_def1);
    let mut text = String::new();
    while text.len() < 1 << 20 {
        let (sku, cluster) =
            (random.pick(&["ATLAS_AWS_INSTANCE_M10", "ATLAS_AWS_DATA_TRANSFER_SAME_REGION"]), random.uuid());
        let (quantity, price) = (random.quantity(), random.below(1000));
        let _ = writeln!(
            text,
            r#"2026-01-{:02},2026-01-01T00:00:00Z,2026-02-01T00:00:00Z,4888442a3354817a7320eb61,"Payments, Europe",cluster-{cluster},{sku},{quantity},{price},{}"#,
            1 + random.below(28),
            random.below(1_000_000)
        );
    }
    text.into_bytes()
}
