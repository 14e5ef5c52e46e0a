//! Thousands of odd bills, made together with what is odd about them. Nothing here is shared with the mapper: amounts are integers
//! and texts until the rows are read back from CSV.

use std::fmt::Write as _;

use cloud_billing_core::{Decimal, json};
use fastrand::Rng;

use super::{Instance, Mapper, Options, Report};
use crate::format::Format;
use crate::reconcile::{Reconciliation, Status};
use crate::{Column, Row};

const BILLS: u64 = 3_000;

/// Amounts are counts of a millionth of a millionth.
const UNIT: i128 = 1_000_000_000_000;

/// A bill as texts, and what is known of it.
#[derive(Debug, Default)]
struct Bill {
    usage: String,
    summary: String,
    instances: Vec<String>,
    plans: bool,
    odd: bool,
    truth: Truth,
}

/// What the maker of a bill knows.
#[derive(Debug, Default)]
struct Truth {
    /// Resource, amount, reason.
    residues: Vec<(String, i128, &'static str)>,
    /// What the rows of records and summary come to.
    items: i128,
    /// What the bill comes to, unless a part is missing.
    stated: i128,
    part_missing: bool,
    record_missing: bool,
    total_missing: bool,
    total_differs: bool,
    other_currency: bool,
    rows: u64,
}

impl Truth {
    fn status(&self) -> Status {
        match self {
            Self { other_currency: true, .. } => Status::Unexplained,
            Self { part_missing: true, .. } | Self { record_missing: true, .. } | Self { total_missing: true, .. } => {
                Status::Unknown
            }
            Self { total_differs: true, .. } => Status::Unexplained,
            Self { residues, .. } if residues.is_empty() => Status::Exact,
            _ => Status::Residue,
        }
    }
}

/// A number in one of the forms of JSON, or in a text.
fn number(rng: &mut Rng, amount: i128) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    let (whole, part) = (amount.abs() / UNIT, amount.abs() % UNIT);
    let plain = format!("{sign}{whole}.{part:012}");
    match rng.u8(0..5) {
        0 => format!("{amount}e-12"),
        1 => format!("\"{plain}\""),
        2 if part == 0 => format!("{sign}{whole}"),
        3 if part != 0 => plain.trim_end_matches('0').to_owned(),
        _ => plain,
    }
}

fn amount(rng: &mut Rng) -> i128 {
    let amount = i128::from(rng.u64(1..2_000_000)) * UNIT / [1, 7, 1_000, 999_983][rng.usize(0..4)];
    match rng.u8(0..10) {
        0 => 0,
        1 => -amount,
        2 => i128::from(rng.u8(1..9)),
        _ => amount,
    }
}

fn one_in(rng: &mut Rng, times: u8) -> bool {
    rng.u8(0..times) == 0
}

/// How odd a bill is: one of three has nothing odd at all.
fn bill(seed: u64) -> Bill {
    let mut rng = Rng::with_seed(seed);
    let odd = !one_in(&mut rng, 3);
    let mut bill = Bill { plans: rng.bool(), odd, ..Bill::default() };
    let mut entries = Vec::new();
    for index in 0..rng.usize(0..6) {
        resource(&mut rng, &mut bill, &mut entries, index, odd);
    }
    rng.shuffle(&mut bill.instances);
    rng.shuffle(&mut entries);
    bill.usage = format!(
        r#"{{"account_id":"a1","month":"2026-10","currency_code":"USD","later":[1],"resources":[{}]}}"#,
        entries.join(",")
    );
    summary(&mut rng, &mut bill, odd);
    bill
}

/// What the records of a resource come to.
#[derive(Default)]
struct Records {
    texts: Vec<String>,
    billed: i128,
    missing: bool,
    rows: u64,
}

fn resource(rng: &mut Rng, bill: &mut Bill, entries: &mut Vec<String>, index: usize, odd: bool) {
    let id = if index == 5 { String::new() } else { format!("service-{index}") };
    let records = records(rng, bill.plans, odd, &id);
    bill.truth.rows += records.rows;
    bill.truth.items += records.billed;
    bill.truth.record_missing |= records.missing;
    let stated = stated(rng, &mut bill.truth, &records, &id, odd, bill.plans);
    let mut plans = if bill.plans { format!(r#","plans":[{}]"#, records.texts.join(",")) } else { String::new() };
    for stated in stated {
        let cost = stated.map(|stated| format!(r#","billable_cost":{}"#, number(rng, stated))).unwrap_or_default();
        entries.push(format!(r#"{{{}"non_billable_cost":0{cost}{plans}}}"#, field("resource_id", &id)));
        plans.clear();
    }
    if !bill.plans {
        bill.instances.extend(records.texts);
    }
}

fn field(name: &str, value: &str) -> String {
    if value.is_empty() { String::new() } else { format!(r#""{name}":"{value}","#) }
}

fn records(rng: &mut Rng, plans: bool, odd: bool, id: &str) -> Records {
    let mut records = Records::default();
    for _ in 0..rng.u8(0..4) {
        let billable = [Some(true), Some(true), Some(false), if odd { None } else { Some(true) }][rng.usize(0..4)];
        let metrics = (0..rng.u8(0..4)).map(|_| metric(rng, &mut records, billable, odd)).collect::<Vec<_>>().join(",");
        let billable = billable.map(|billable| format!(r#""billable":{billable},"#)).unwrap_or_default();
        let owner = if plans { String::new() } else { field("resource_id", id) + r#""month":"2026-10","# };
        records.texts.push(format!(r#"{{{owner}{billable}"extra":{{"a":1}},"usage":[{metrics}]}}"#));
    }
    records
}

fn metric(rng: &mut Rng, records: &mut Records, billable: Option<bool>, odd: bool) -> String {
    let informs = one_in(rng, 6);
    let cost = (!odd || !one_in(rng, 12)).then(|| amount(rng));
    records.rows += 1;
    if !informs && billable != Some(false) {
        match (billable, cost) {
            (Some(_), Some(cost)) => records.billed += cost,
            _ => records.missing = true,
        }
    }
    let mut text = format!(r#"{{"metric":"M{}""#, records.rows);
    if informs {
        text.push_str(r#","non_chargeable":true"#);
    }
    if let Some(cost) = cost {
        write!(text, r#","cost":{}"#, number(rng, cost)).unwrap();
    }
    text + "}"
}

/// What the report states of a resource: entries, each with a cost or without. The truth learns what does not fit.
fn stated(rng: &mut Rng, truth: &mut Truth, records: &Records, id: &str, odd: bool, plans: bool) -> Vec<Option<i128>> {
    let billed = records.billed;
    match if odd { rng.u8(0..8) } else { 9 } {
        0 if !plans && !records.texts.is_empty() => {
            if billed != 0 {
                truth.residues.push((id.to_owned(), -billed, "not-in-account-usage"));
            }
            return Vec::new();
        }
        1 => {
            truth.part_missing = true;
            return if rng.bool() { vec![None] } else { vec![Some(billed), None] };
        }
        2 | 3 => {
            let part = (billed / i128::from(rng.u8(1..90)) + 1) * if rng.bool() { 1 } else { -1 };
            let reason = match records {
                Records { missing: true, .. } => "cost-missing",
                Records { rows: 0, .. } => "no-records",
                _ if part > 0 => "free-tier-or-rounding",
                _ => "more-than-records",
            };
            truth.residues.push((id.to_owned(), -part, reason));
            truth.stated += billed - part;
            return vec![Some(billed - part)];
        }
        // The service's floating point, at most a billionth.
        4 if billed.abs() > UNIT => {
            let error = billed / i128::from(rng.u64(2_000_000_000..90_000_000_000));
            truth.stated += billed + error;
            return vec![Some(billed + error)];
        }
        _ => {}
    }
    truth.stated += billed;
    let part = amount(rng);
    if one_in(rng, 4) { vec![Some(part), Some(billed - part)] } else { vec![Some(billed)] }
}

fn summary(rng: &mut Rng, bill: &mut Bill, odd: bool) {
    let truth = &mut bill.truth;
    let mut members = vec![r#""account_id":"a1","new":true"#.to_owned()];
    truth.other_currency = odd && one_in(rng, 12);
    if truth.other_currency || rng.bool() {
        let currency = if truth.other_currency { "EUR" } else { "USD" };
        members.push(format!(r#""billing_currency_code":"{currency}""#));
    }
    match if odd { rng.u8(0..8) } else { 9 } {
        0 => truth.total_missing = true,
        1 => {
            truth.total_differs = true;
            let other = truth.stated + truth.stated / 1_000 + 1;
            members.push(format!(r#""resources":{{"billable_cost":{}}}"#, number(rng, other)));
        }
        _ => members.push(format!(r#""resources":{{"billable_cost":{}}}"#, number(rng, truth.stated))),
    }
    let support: Vec<_> = (0..rng.u8(0..3)).map(|_| support(rng, truth, odd)).collect();
    members.push(format!(r#""support":[{}]"#, support.join(",")));
    let offers: Vec<_> = (0..rng.u8(0..3)).map(|_| offer(rng, truth, odd)).collect();
    members.push(format!(r#""offers":[{}]"#, offers.join(",")));
    bill.summary = format!("{{{}}}", members.join(","));
}

fn support(rng: &mut Rng, truth: &mut Truth, odd: bool) -> String {
    let mut members = vec![r#""type":"PREMIUM""#.to_owned()];
    if odd && one_in(rng, 12) {
        truth.part_missing |= !truth.other_currency;
    } else {
        let cost = amount(rng);
        truth.charge(cost, 1);
        members.push(format!(r#""cost":{}"#, number(rng, cost)));
    }
    if rng.bool() {
        let overage = amount(rng);
        truth.charge(overage, u64::from(overage != 0));
        members.push(format!(r#""overage":{}"#, number(rng, overage)));
    }
    format!("{{{}}}", members.join(","))
}

fn offer(rng: &mut Rng, truth: &mut Truth, odd: bool) -> String {
    if odd && one_in(rng, 12) {
        truth.part_missing |= !truth.other_currency;
        return r#"{"offer_id":"o","credits":{"balance":7}}"#.to_owned();
    }
    let used = amount(rng);
    truth.charge(-used, u64::from(used != 0));
    format!(
        r#"{{"offer_id":"o","created_by_email_id":"person@example.com","credits":{{"used":{}}}}}"#,
        number(rng, used)
    )
}

impl Truth {
    /// A charge of the summary, which is on the bill if it is in the bill's currency.
    fn charge(&mut self, amount: i128, rows: u64) {
        self.rows += rows;
        if !self.other_currency {
            self.items += amount;
            self.stated += amount;
        }
    }
}

/// The rows as CSV, and the verdict.
fn mapped(bill: &Bill) -> (String, Reconciliation) {
    let columns = [
        Column::BilledCost,
        Column::BillingCurrency,
        Column::ServiceName,
        Column::XRowKind,
        Column::XReconciliationReason,
    ];
    let format = Format::of(columns.to_vec());
    let mut file = format.csv_header();
    let mut write = |row: &Row<'_>| format.csv(row, &mut file);
    let summary = json::from_str(&bill.summary).unwrap();
    let report = Report::read(&bill.usage).unwrap();
    let mut mapper = Mapper::new(&report, &summary, &Options::new()).unwrap();
    for plan in report.plans() {
        mapper.rows(plan).unwrap().for_each(|row| write(&row));
    }
    for text in &bill.instances {
        let instance = Instance::read(text).unwrap();
        mapper.rows(&instance).unwrap().for_each(|row| write(&row));
    }
    let end = mapper.finish();
    end.rows.iter().for_each(write);
    (file, end.reconciliation)
}

fn decimal(amount: i128) -> Decimal {
    format!("{amount}e-12").parse().unwrap()
}

/// Sum of the rows in the bill's currency, number of rows, and residues.
fn read_back(csv: &str) -> (Decimal, u64, Vec<(String, Decimal, String)>) {
    let (mut sum, mut rows, mut residues) = (Decimal::ZERO, 0, Vec::new());
    for record in ::csv::Reader::from_reader(csv.as_bytes()).into_records() {
        let record = record.unwrap();
        rows += 1;
        if record[0].is_empty() || &record[1] != "USD" {
            continue;
        }
        let cost: Decimal = record[0].parse().unwrap();
        sum += &cost;
        if &record[3] == "residue" {
            residues.push((record[2].to_owned(), cost, record[4].to_owned()));
        }
    }
    (sum, rows, residues)
}

#[test]
fn what_is_odd_about_a_bill_is_found_and_nothing_else() {
    let mut seen = [0_u32; 4];
    for seed in 0..BILLS {
        let bill = bill(seed);
        let (csv, found) = mapped(&bill);
        let (sum, rows, mut residues) = read_back(&csv);
        let truth = &bill.truth;
        let told = format!("bill {seed}: {bill:#?}\n{csv}\n{found:#?}");

        assert_eq!(found.status, truth.status(), "{told}");
        let residue = (!truth.part_missing).then(|| truth.stated - truth.items);
        assert_eq!(found.residue, residue.map(decimal), "{told}");
        assert_eq!(sum, found.rows_total, "{told}");
        assert_eq!((rows, found.rows), (found.rows, truth.rows + residues.len() as u64), "{told}");
        if !bill.odd {
            assert_eq!((found.status, found.residue.clone()), (Status::Exact, Some(Decimal::ZERO)), "{told}");
        }
        if found.status == Status::Exact {
            assert!(
                (truth.stated - truth.items).abs() * 1_000_000_000 <= truth.stated.abs().max(truth.items.abs()) * 8,
                "{told}"
            );
        }

        let known =
            truth.residues.iter().map(|(id, amount, reason)| (id.clone(), decimal(*amount), (*reason).to_owned()));
        let mut known: Vec<_> = known.collect();
        known.sort();
        residues.sort();
        assert_eq!(residues, known, "{told}");
        seen[found.status as usize] += 1;
    }
    assert!(seen.iter().all(|count| *count > 100), "each verdict is tried often: {seen:?}");
}
