//! Report snapshots, and their configuration.

use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::answer::{Answer, Denial};
use crate::estate::calendar::{DAY, Month};
use crate::estate::format::instant_millis;
use crate::json::object;
use crate::lock::Lock;
use crate::refusal::Missing;
use crate::request::Request;
use crate::rng::Rng;

/// The prefix of bucket names that billing may not write to.
const CLOSED_BUCKET: &str = "no-access";

/// How many versions of configurations are kept.
const HISTORY: usize = 100;

/// The fields that a request can set.
const SETTINGS: [&str; 6] =
    ["interval", "cos_bucket", "cos_location", "cos_reports_folder", "report_types", "versioning"];

/// The configuration of the account, and its earlier versions.
#[derive(Debug)]
pub(super) struct Snapshots {
    state: Lock<State>,
}

#[derive(Debug, Default)]
struct State {
    /// How many configurations were created.
    made: u64,
    /// Oldest first. The last one is current if it has no end.
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
        Self { state: Lock::new(state) }
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock())
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

    /// The current version, if the account has a configuration.
    fn current(&self) -> Option<&Version> {
        self.versions.last().filter(|version| version.to.is_none())
    }

    /// Ends the current version, if there is one.
    fn end(&mut self, now: u64) -> Option<Version> {
        let current = self.versions.last_mut().filter(|version| version.to.is_none())?;
        current.to = Some(now);
        Some(current.clone())
    }

    /// The version that was current at a time.
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

fn check_bucket(bucket: &Value) -> Result<(), Denial> {
    match bucket.as_str() {
        Some(name) if name.starts_with(CLOSED_BUCKET) => Err(Denial::Failed {
            status: StatusCode::FAILED_DEPENDENCY,
            code: "bucket_not_writable",
            text: "Billing is not authorized to write to the bucket.",
        }),
        _ => Ok(()),
    }
}

/// The account has no configuration.
fn not_configured(account: &str) -> Denial {
    let text = format!("The account {account} has no snapshot configuration.");
    Denial::not_found(Missing::Other, text, &[account])
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

    /// The types of reports in a snapshot: those of the configuration, or the default ones.
    fn reports(&self) -> Vec<&str> {
        let asked = self.settings.get("report_types").and_then(Value::as_array);
        let asked: Vec<&str> = asked.into_iter().flatten().filter_map(Value::as_str).collect();
        if asked.is_empty() { vec!["account_summary", "account_resource_instance_usage"] } else { asked }
    }
}

/// The time of a request in milliseconds since the epoch.
fn time(request: &Request<'_>) -> u64 {
    u64::try_from(request.now.as_millis()).unwrap_or(u64::MAX)
}

impl Snapshots {
    pub(super) fn create(&self, account: &str, request: &Request<'_>) -> Result<Answer, Denial> {
        let now = time(request);
        self.with(|state| {
            if state.current().is_some() {
                let text = "The account has a snapshot configuration already.";
                return Err(Denial::Failed { status: StatusCode::CONFLICT, code: "conflict", text });
            }
            check_bucket(&request.body["cos_bucket"])?;
            state.create(&request.body, now);
            state.answer(account)
        })
    }

    pub(super) fn get(&self, account: &str) -> Result<Answer, Denial> {
        self.with(|state| state.answer(account))
    }

    pub(super) fn update(&self, account: &str, request: &Request<'_>) -> Result<Answer, Denial> {
        let now = time(request);
        self.with(|state| {
            let current = state.current().ok_or_else(|| not_configured(account))?;
            check_bucket(&request.body["cos_bucket"])?;
            let mut settings = current.settings.clone();
            set(&mut settings, &request.body);
            // Equal values change nothing: IBM's own integration tests send them and expect 200.
            if settings != current.settings
                && let Some(replaced) = state.end(now)
            {
                state.push(Version { settings, from: now, to: None, ..replaced });
            }
            state.answer(account)
        })
    }

    pub(super) fn delete(&self, account: &str, request: &Request<'_>) -> Result<Answer, Denial> {
        let now = time(request);
        self.with(|state| state.end(now)).map(|_| Answer::Empty).ok_or_else(|| not_configured(account))
    }

    pub(super) fn validate(&self, account: &str, request: &Request<'_>) -> Result<Answer, Denial> {
        let stored = self.with(|state| state.current().map(|version| version.settings.clone())).unwrap_or_default();
        let setting = |name: &str| request.body.get(name).or_else(|| stored.get(name)).cloned();
        let bucket = setting("cos_bucket").ok_or_else(|| not_configured(account))?;
        check_bucket(&bucket)?;
        let mut body = json!({ "account_id": account, "cos_bucket": bucket });
        if let Some(location) = setting("cos_location") {
            body["cos_location"] = location;
        }
        Ok(Answer::json(&body))
    }

    /// A snapshot for each day of the month, newest first. A snapshot is due at the end of its day and taken some minutes
    /// later; until then it is pending. It uses the configuration that was current when it was due.
    pub(super) fn list(&self, account: &str, rng: Rng, request: &Request<'_>) -> Result<Answer, Denial> {
        let now = time(request);
        let Some(month) = request.query.first("month").and_then(Month::parse) else {
            return request.list(std::iter::empty::<()>(), |none| none);
        };
        let number = |name: &str| request.query.first(name).and_then(|text| text.parse::<i64>().ok());
        let range = number("date_from").unwrap_or(i64::MIN)..=number("date_to").unwrap_or(i64::MAX);
        let days = (month.first_day() + 1..month.next().first_day() + 1).rev();
        let in_range = |due: u64| i64::try_from(due).is_ok_and(|due| range.contains(&due));
        let due = days.map(|day| day * DAY * 1000).filter(|due| *due <= now + DAY * 1000 && in_range(*due));
        let due: Vec<(u64, Version)> =
            self.with(|state| due.filter_map(|due| Some((due, state.at(due)?.clone()))).collect());
        request.list(due.iter(), |(due, version)| snapshot(account, rng.at(*due), month, *due, version, now))
    }
}

impl State {
    /// The current configuration with its history: the versions that were replaced, and the current one.
    fn answer(&self, account: &str) -> Result<Answer, Denial> {
        let current = self.current().ok_or_else(|| not_configured(account))?;
        let mut config = current.json(account);
        config.insert("created_at".to_owned(), current.created.into());
        config.insert("last_updated_at".to_owned(), current.from.into());
        let history = self.versions.iter().filter(|version| version.config == current.config).map(|version| {
            let mut entry = version.json(account);
            entry.insert("start_time".to_owned(), version.from.into());
            entry.insert("updated_by".to_owned(), "IBMid-000EXAMPLE".into());
            if let Some(to) = version.to {
                entry.insert("end_time".to_owned(), to.into());
            }
            Value::from(entry)
        });
        config.insert("history".to_owned(), history.collect::<Vec<_>>().into());
        Ok(Answer::json(&config))
    }
}

fn snapshot(account: &str, rng: Rng, month: Month, due: u64, version: &Version, now: u64) -> impl Serialize {
    let taken = due + 300_000 + rng.below(300_000);
    let processed_at = taken + 60_000;
    let done = processed_at <= now;
    let file = |report: &str| {
        let name = match report.starts_with("account_resource_") {
            true => "resource-instances-usage".to_owned(),
            false => report.replace('_', "-"),
        };
        let folder = version.text("cos_reports_folder");
        let location = format!("{folder}/{month}/{taken}/{month}-{name}-{account}.csv.gz");
        json!({ "report_type": report, "location": location, "account_id": account })
    };
    let reports = version.reports();
    object! {
        "account_id": account.to_owned(),
        "month": month.to_string(),
        "account_type": "account",
        "expected_processed_at": due,
        "state": if done { "completed" } else { "pending" },
        "billing_period": object! {
            "start": instant_millis(month.start() * 1000),
            "end": instant_millis(month.end() * 1000 - 1),
        },
        "snapshot_id"?: done.then(|| taken.to_string()),
        "charset"?: done.then_some("UTF-8"),
        "compression"?: done.then_some("GZIP"),
        "content_type"?: done.then_some("text/csv"),
        "bucket"?: done.then(|| version.text("cos_bucket").to_owned()),
        "version"?: done.then_some("1.0"),
        "created_on"?: done.then(|| instant_millis(taken)),
        "report_types"?: done.then(|| reports.iter().map(|name| json!({ "type": name, "version": "1.0" })).collect::<Vec<_>>()),
        "files"?: done.then(|| reports.iter().map(|name| file(name)).collect::<Vec<_>>()),
        "processed_at"?: done.then_some(processed_at),
    }
}
