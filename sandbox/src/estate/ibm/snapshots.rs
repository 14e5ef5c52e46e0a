//! Report snapshots, and the configuration that has them taken.

use std::sync::{Mutex, PoisonError};

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::{Ibm, Month, missing};
use crate::estate::answer::{Answer, Asked, Missing};
use crate::estate::calendar::DAY;
use crate::estate::text::Text;
use crate::paging::Links;

/// How the name of a bucket begins that billing may not write to.
pub(super) const CLOSED_BUCKET: &str = "no-access";

/// How many earlier versions of a configuration are kept.
const HISTORY: usize = 100;

/// Fields that a request can set.
const SETTINGS: [&str; 6] =
    ["interval", "cos_bucket", "cos_location", "cos_reports_folder", "report_types", "versioning"];

/// The configuration of the account, and when it had one.
#[derive(Debug)]
pub(super) struct Snapshots {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    config: Option<Config>,
    /// From when, and until when there was a configuration, in milliseconds since the epoch.
    times: Vec<(u64, Option<u64>)>,
}

#[derive(Clone, Debug)]
struct Config {
    settings: Map<String, Value>,
    created: u64,
    updated: u64,
    /// Earlier versions with their beginnings and ends.
    history: Vec<(Map<String, Value>, u64, u64)>,
}

impl Snapshots {
    pub(super) fn new(configured: bool, first: Month) -> Self {
        let mut state = State::default();
        if configured {
            let request = json!({
                "interval": "daily",
                "cos_bucket": "billing-exports-demo",
                "cos_location": "us-south",
                "report_types": ["account_summary", "account_resource_instance_usage"],
            });
            state.create(&request, first.start() * 1000);
        }
        Self { state: Mutex::new(state) }
    }

    /// No change is ever half done, so a panic elsewhere leaves the state sound.
    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    fn create(&mut self, request: &Value, now: u64) {
        let mut settings = Map::from_iter([
            ("cos_reports_folder".to_owned(), "IBMCloud-Billing-Reports".into()),
            ("versioning".to_owned(), "new".into()),
        ]);
        set(&mut settings, request);
        self.config = Some(Config { settings, created: now, updated: now, history: Vec::new() });
        self.times.push((now, None));
    }

    /// Whether there was a configuration at a time.
    fn was_on(&self, at: u64) -> bool {
        self.times.iter().any(|(from, to)| *from <= at && to.is_none_or(|to| at < to))
    }
}

fn set(settings: &mut Map<String, Value>, request: &Value) {
    for name in SETTINGS {
        if let Some(value) = request.get(name) {
            settings.insert(name.to_owned(), value.clone());
        }
    }
}

fn is_closed(bucket: &Value) -> bool {
    bucket.as_str().is_some_and(|bucket| bucket.starts_with(CLOSED_BUCKET))
}

fn problem(status: StatusCode, code: &'static str, text: &str) -> Answer {
    Answer::Problem { status, code, text: text.to_owned() }
}

fn closed() -> Answer {
    let text = "Billing is not authorized to write to the bucket.";
    problem(StatusCode::FAILED_DEPENDENCY, "bucket_not_writable", text)
}

impl Config {
    /// One version as an object.
    fn version(&self, settings: &Map<String, Value>, account: &str) -> Map<String, Value> {
        let mut version = settings.clone();
        let location = settings.get("cos_location").and_then(Value::as_str).unwrap_or("us-south");
        let endpoint = format!("https://s3.{location}.cloud-object-storage.appdomain.cloud");
        for (name, value) in [
            ("account_id", account),
            ("state", "enabled"),
            ("account_type", "account"),
            ("compression", "GZIP"),
            ("content_type", "text/csv"),
            ("cos_endpoint", endpoint.as_str()),
        ] {
            version.insert(name.to_owned(), value.into());
        }
        version
    }

    /// With its history: the versions that were replaced, and the one that is in force.
    fn json(&self, account: &str) -> Value {
        let mut config = self.version(&self.settings, account);
        config.insert("created_at".to_owned(), self.created.into());
        config.insert("last_updated_at".to_owned(), self.updated.into());
        let entry = |settings: &Map<String, Value>, from: u64, to: Option<u64>| {
            let mut version = self.version(settings, account);
            version.insert("start_time".to_owned(), from.into());
            version.insert("updated_by".to_owned(), "IBMid-000EXAMPLE".into());
            if let Some(to) = to {
                version.insert("end_time".to_owned(), to.into());
            }
            Value::from(version)
        };
        let replaced = self.history.iter().map(|(settings, from, to)| entry(settings, *from, Some(*to)));
        let history: Vec<Value> = replaced.chain([entry(&self.settings, self.updated, None)]).collect();
        config.insert("history".to_owned(), history.into());
        config.into()
    }
}

impl Ibm {
    pub(super) fn snapshot_answer(&self, asked: &Asked<'_>) -> Result<Answer, Missing> {
        let in_body = asked.body.get("account_id").and_then(Value::as_str);
        self.check_account(in_body.or_else(|| asked.query.first("account_id")).unwrap_or_default())?;
        let now = u64::try_from(asked.now.as_millis()).unwrap_or(u64::MAX);
        let none = || missing(&self.account);
        let bucket = asked.body.get("cos_bucket").cloned().unwrap_or_default();
        match asked.operation.id.as_str() {
            "create_reports_snapshot_config" => Ok(self.snapshots.with(|state| {
                if state.config.is_some() {
                    let text = "The account has a snapshot configuration already.";
                    return problem(StatusCode::CONFLICT, "conflict", text);
                }
                if is_closed(&bucket) {
                    return closed();
                }
                state.create(&asked.body, now);
                self.configured(state)
            })),
            "get_reports_snapshot_config" => self.snapshots.with(|state| match state.config {
                Some(_) => Ok(self.configured(state)),
                None => Err(none()),
            }),
            "update_reports_snapshot_config" => self.snapshots.with(|state| {
                let config = state.config.as_mut().ok_or_else(none)?;
                if is_closed(&bucket) {
                    return Ok(closed());
                }
                let mut settings = config.settings.clone();
                set(&mut settings, &asked.body);
                let changes = SETTINGS.iter().any(|name| asked.body.get(name).is_some());
                if changes && settings == config.settings {
                    return Ok(problem(StatusCode::CONFLICT, "conflict", "The configuration is like that already."));
                }
                if changes {
                    let replaced = std::mem::replace(&mut config.settings, settings);
                    config.history.push((replaced, config.updated, now));
                    let surplus = config.history.len().saturating_sub(HISTORY);
                    config.history.drain(..surplus);
                    config.updated = now;
                }
                Ok(self.configured(state))
            }),
            "delete_reports_snapshot_config" => self.snapshots.with(|state| {
                state.config.take().ok_or_else(none)?;
                if let Some((_, end)) = state.times.last_mut() {
                    *end = Some(now);
                }
                Ok(Answer::Nothing)
            }),
            "validate_reports_snapshot_config" => self.snapshots.with(|state| {
                let stored = state.config.as_ref().map(|config| &config.settings);
                let setting =
                    |name: &str| asked.body.get(name).or_else(|| stored.and_then(|stored| stored.get(name))).cloned();
                let bucket = setting("cos_bucket").ok_or_else(none)?;
                if is_closed(&bucket) {
                    return Ok(closed());
                }
                let mut body = json!({ "account_id": self.account, "cos_bucket": bucket });
                if let Some(location) = setting("cos_location") {
                    body["cos_location"] = location;
                }
                Ok(Answer::json(body.to_string()))
            }),
            _ => Ok(self.list_snapshots(asked, now)),
        }
    }

    fn configured(&self, state: &State) -> Answer {
        state.config.as_ref().map_or(Answer::Nothing, |config| Answer::json(config.json(&self.account).to_string()))
    }

    /// A snapshot for each day of the month, newest first. It is taken some minutes after its day; until then it is
    /// pending.
    fn list_snapshots(&self, asked: &Asked<'_>, now: u64) -> Answer {
        let month = asked.query.first("month").and_then(Month::parse);
        let number = |name: &str| asked.query.first(name).and_then(|text| text.parse::<i64>().ok());
        let window = number("date_from").unwrap_or(i64::MIN)..=number("date_to").unwrap_or(i64::MAX);
        let days = month.map_or(0..0, |month| month.first_day() + 1..month.next().first_day() + 1).rev();
        let in_window = |due: u64| i64::try_from(due).is_ok_and(|due| window.contains(&due));
        let due = days.map(|day| day * DAY * 1000).filter(|due| *due <= now + DAY * 1000 && in_window(*due));
        let due: Vec<u64> = self.snapshots.with(|state| due.filter(|due| state.was_on(*due)).collect());
        asked.window(|window| {
            let end = window.start.saturating_add(window.size).min(due.len());
            let mut text = Text::default();
            text.raw("{\"count\":").int(i64::try_from(due.len()).unwrap_or(i64::MAX));
            if let Some(Links::Cursor { first, next }) = asked.links(window, (end < due.len()).then_some(end)) {
                text.raw(",\"first\":{\"href\":").string(&first).raw("}");
                if let Some((href, token)) = next {
                    text.raw(",\"next\":{\"href\":").string(&href).raw(",\"offset\":\"").raw(&token).raw("\"}");
                }
            }
            text.raw(",\"snapshots\":[");
            for (index, due) in due[window.start.min(end)..end].iter().enumerate() {
                text.raw(if index > 0 { "," } else { "" });
                self.write_snapshot(&mut text, month.unwrap_or(self.first), *due, now);
            }
            text.raw("]}");
            Answer::Whole { text: text.0, is_list: true }
        })
    }

    fn write_snapshot(&self, text: &mut Text, month: Month, due: u64, now: u64) {
        let chance = self.dice.at(6).at(due);
        let taken = due + 300_000 + chance.below(300_000);
        let processed = taken + 60_000;
        let signed = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        text.raw("{\"account_id\":\"").raw(&self.account).raw("\",\"month\":\"").raw(&month.to_string());
        text.raw("\",\"account_type\":\"account\",\"expected_processed_at\":").int(signed(due));
        text.raw(",\"state\":\"").raw(if processed <= now { "completed" } else { "pending" });
        text.raw("\",\"billing_period\":{\"start\":\"").instant_millis(month.start() * 1000);
        text.raw("\",\"end\":\"").instant_millis(month.end() * 1000 - 1).raw("\"}");
        if processed <= now {
            let reports = ["account_summary", "account_resource_instance_usage"];
            text.raw(",\"snapshot_id\":\"")
                .int(signed(taken))
                .raw("\",\"charset\":\"UTF-8\",\"compression\":\"GZIP\",");
            text.raw("\"content_type\":\"text/csv\",\"bucket\":\"billing-exports-demo\",\"version\":\"1.0\",");
            text.raw("\"created_on\":\"").instant_millis(taken).raw("\",\"report_types\":[");
            for (index, report) in reports.iter().enumerate() {
                text.raw(if index > 0 { "," } else { "" });
                text.raw("{\"type\":\"").raw(report).raw("\",\"version\":\"1.0\"}");
            }
            text.raw("],\"files\":[");
            for (index, (report, file)) in
                reports.iter().zip(["account-summary", "resource-instances-usage"]).enumerate()
            {
                text.raw(if index > 0 { "," } else { "" });
                text.raw("{\"report_type\":\"").raw(report).raw("\",\"location\":\"IBMCloud-Billing-Reports/");
                text.raw(&month.to_string()).raw("/").int(signed(taken)).raw("/").raw(&month.to_string());
                text.raw("-").raw(file).raw("-").raw(&self.account).raw(".csv.gz\",\"account_id\":\"");
                text.raw(&self.account).raw("\"}");
            }
            text.raw("],\"processed_at\":").int(signed(processed));
        }
        text.raw("}");
    }
}
