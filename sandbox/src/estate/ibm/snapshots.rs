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

/// How many versions of configurations are kept.
const HISTORY: usize = 100;

/// Fields that a request can set.
const SETTINGS: [&str; 6] =
    ["interval", "cos_bucket", "cos_location", "cos_reports_folder", "report_types", "versioning"];

/// The configuration of the account, and those that it had before.
#[derive(Debug)]
pub(super) struct Snapshots {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// How many configurations were made.
    made: u64,
    /// Oldest first. The last one is in force if it has no end.
    versions: Vec<Version>,
}

/// A configuration between two changes. Times are milliseconds since the epoch.
#[derive(Clone, Debug)]
struct Version {
    /// The number of the configuration, and when that was created.
    config: u64,
    created: u64,
    settings: Map<String, Value>,
    from: u64,
    to: Option<u64>,
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
        self.made += 1;
        self.push(Version { config: self.made, created: now, settings, from: now, to: None });
    }

    fn push(&mut self, version: Version) {
        self.versions.push(version);
        let surplus = self.versions.len().saturating_sub(HISTORY);
        self.versions.drain(..surplus);
    }

    /// What is in force, if the account has a configuration.
    fn current(&self) -> Option<&Version> {
        self.versions.last().filter(|version| version.to.is_none())
    }

    /// Ends what is in force, if there is something.
    fn end(&mut self, now: u64) -> Option<Version> {
        let current = self.versions.last_mut().filter(|version| version.to.is_none())?;
        current.to = Some(now);
        Some(current.clone())
    }

    /// What was in force at a time.
    fn at(&self, time: u64) -> Option<&Version> {
        self.versions.iter().find(|it| it.from <= time && it.to.is_none_or(|to| time < to))
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

impl Version {
    fn json(&self, account: &str) -> Map<String, Value> {
        let mut json = self.settings.clone();
        let endpoint = format!("https://s3.{}.cloud-object-storage.appdomain.cloud", self.text("cos_location"));
        for (name, value) in [
            ("account_id", account),
            ("state", "enabled"),
            ("account_type", "account"),
            ("compression", "GZIP"),
            ("content_type", "text/csv"),
            ("cos_endpoint", endpoint.as_str()),
        ] {
            json.insert(name.to_owned(), value.into());
        }
        json
    }

    fn text(&self, setting: &str) -> &str {
        self.settings.get(setting).and_then(Value::as_str).unwrap_or_default()
    }

    /// The reports of a snapshot: those that are asked for, or those of an account.
    fn reports(&self) -> Vec<&str> {
        let asked = self.settings.get("report_types").and_then(Value::as_array);
        let asked: Vec<&str> = asked.into_iter().flatten().filter_map(Value::as_str).collect();
        if asked.is_empty() { vec!["account_summary", "account_resource_instance_usage"] } else { asked }
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
                if state.current().is_some() {
                    let text = "The account has a snapshot configuration already.";
                    return problem(StatusCode::CONFLICT, "conflict", text);
                }
                if is_closed(&bucket) {
                    return closed();
                }
                state.create(&asked.body, now);
                self.configured(state)
            })),
            "get_reports_snapshot_config" => self.snapshots.with(|state| match state.current() {
                Some(_) => Ok(self.configured(state)),
                None => Err(none()),
            }),
            "update_reports_snapshot_config" => self.snapshots.with(|state| {
                let current = state.current().ok_or_else(none)?;
                if is_closed(&bucket) {
                    return Ok(closed());
                }
                let mut settings = current.settings.clone();
                set(&mut settings, &asked.body);
                let changes = SETTINGS.iter().any(|name| asked.body.get(name).is_some());
                if changes && settings == current.settings {
                    return Ok(problem(StatusCode::CONFLICT, "conflict", "The configuration is like that already."));
                }
                if changes && let Some(replaced) = state.end(now) {
                    state.push(Version { settings, from: now, to: None, ..replaced });
                }
                Ok(self.configured(state))
            }),
            "delete_reports_snapshot_config" => self.snapshots.with(|state| {
                state.end(now).ok_or_else(none)?;
                Ok(Answer::Nothing)
            }),
            "validate_reports_snapshot_config" => self.snapshots.with(|state| {
                let stored = state.current().map(|version| &version.settings);
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

    /// The configuration, with its history: the versions that were replaced, and the one that is in force.
    fn configured(&self, state: &State) -> Answer {
        let Some(current) = state.current() else { return Answer::Nothing };
        let mut config = current.json(&self.account);
        config.insert("created_at".to_owned(), current.created.into());
        config.insert("last_updated_at".to_owned(), current.from.into());
        let history = state.versions.iter().filter(|version| version.config == current.config).map(|version| {
            let mut entry = version.json(&self.account);
            entry.insert("start_time".to_owned(), version.from.into());
            entry.insert("updated_by".to_owned(), "IBMid-000EXAMPLE".into());
            if let Some(to) = version.to {
                entry.insert("end_time".to_owned(), to.into());
            }
            Value::from(entry)
        });
        config.insert("history".to_owned(), history.collect::<Vec<_>>().into());
        Answer::json(Value::from(config).to_string())
    }

    /// A snapshot for each day of the month, newest first. It is taken some minutes after its day; until then it is
    /// pending. What it holds and where it goes is what the configuration said when it was due.
    fn list_snapshots(&self, asked: &Asked<'_>, now: u64) -> Answer {
        let month = asked.query.first("month").and_then(Month::parse);
        let number = |name: &str| asked.query.first(name).and_then(|text| text.parse::<i64>().ok());
        let window = number("date_from").unwrap_or(i64::MIN)..=number("date_to").unwrap_or(i64::MAX);
        let days = month.map_or(0..0, |month| month.first_day() + 1..month.next().first_day() + 1).rev();
        let in_window = |due: u64| i64::try_from(due).is_ok_and(|due| window.contains(&due));
        let due = days.map(|day| day * DAY * 1000).filter(|due| *due <= now + DAY * 1000 && in_window(*due));
        let due: Vec<(u64, Version)> =
            self.snapshots.with(|state| due.filter_map(|due| Some((due, state.at(due)?.clone()))).collect());
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
            for (index, (due, version)) in due[window.start.min(end)..end].iter().enumerate() {
                text.raw(if index > 0 { "," } else { "" });
                self.write_snapshot(&mut text, month.unwrap_or(self.first), (*due, version), now);
            }
            text.raw("]}");
            Answer::Whole { text: text.0, is_list: true }
        })
    }

    fn write_snapshot(&self, text: &mut Text, month: Month, (due, version): (u64, &Version), now: u64) {
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
            let reports = version.reports();
            text.raw(",\"snapshot_id\":\"")
                .int(signed(taken))
                .raw("\",\"charset\":\"UTF-8\",\"compression\":\"GZIP\",");
            text.raw("\"content_type\":\"text/csv\",\"bucket\":").string(version.text("cos_bucket"));
            text.raw(",\"version\":\"1.0\",\"created_on\":\"").instant_millis(taken).raw("\",\"report_types\":[");
            for (index, report) in reports.iter().enumerate() {
                text.raw(if index > 0 { "," } else { "" });
                text.raw("{\"type\":\"").raw(report).raw("\",\"version\":\"1.0\"}");
            }
            text.raw("],\"files\":[");
            let folder = version.text("cos_reports_folder");
            for (index, report) in reports.iter().enumerate() {
                let file = report
                    .strip_prefix("account_resource_")
                    .map_or_else(|| report.replace('_', "-"), |_| "resource-instances-usage".to_owned());
                text.raw(if index > 0 { "," } else { "" });
                text.raw("{\"report_type\":\"").raw(report).raw("\",\"location\":");
                let account = &self.account;
                text.string(&format!("{folder}/{month}/{taken}/{month}-{file}-{account}.csv.gz"));
                text.raw(",\"account_id\":\"").raw(account).raw("\"}");
            }
            text.raw("],\"processed_at\":").int(signed(processed));
        }
        text.raw("}");
    }
}
