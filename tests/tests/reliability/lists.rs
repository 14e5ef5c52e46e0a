//! Lists of 20,000 records in 100 pages, with faults of sixteen kinds at every tenth page, and at every k-th request.
//! What survives has every record once, in order, for as many requests as there are pages and faults.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cloud_billing_core::{Error, ErrorKind};
use ibm_usage_reports::types::AccountId;
use ibm_usage_reports::{BillingMonth, Client, ClientBuilder, ResumeToken};

use crate::figures::{self, Figure};
use crate::kinds::{IDLE, KINDS, Kind, Kind::*, MIXED};
use test_support::server::{Reply, Request, Server, json};
use test_support::trace;

const PAGES: usize = 100;
const PAGE: usize = 200;
const RECORDS: usize = PAGES * PAGE;

/// A page by its number, from 0.
fn page(number: usize) -> String {
    let mut text = String::with_capacity(PAGE * 40);
    text.push('{');
    if number + 1 < PAGES {
        write!(text, r#""next":{{"href":"https://elsewhere.example.com/?_start=p{0}","offset":"p{0}"}},"#, number + 1)
            .unwrap();
    }
    text.push_str(r#""resources":["#);
    for record in number * PAGE..(number + 1) * PAGE {
        let comma = if record % PAGE == 0 { "" } else { "," };
        write!(text, r#"{comma}{{"resource_instance_id":"r{record}","billable":true}}"#).unwrap();
    }
    text.push_str("]}");
    text
}

/// The service and its token endpoint.
struct Service {
    state: Mutex<State>,
    /// Whether a request is to be spoilt: by its number, from 1, and the page.
    plan: Box<dyn Fn(usize, usize) -> Option<Kind> + Send + Sync>,
    /// Whether a token request is to be spoilt, by its number, from 1.
    token_plan: fn(usize) -> Option<Kind>,
}

#[derive(Default)]
struct State {
    pages: usize,
    faults: usize,
    tokens: usize,
    token_requests: usize,
    token_faults: usize,
    /// Whether the token that was issued last is refused.
    void: bool,
    /// What is left of a fault that spoils several requests in a row.
    running: Option<(Kind, usize)>,
    /// No faults any more.
    repaired: bool,
    asked: u64,
}

impl Service {
    fn answer(&self, request: &Request) -> Reply {
        let mut state = self.state.lock().unwrap();
        if request.target() == "/identity/token" {
            state.token_requests += 1;
            if let Some(kind) = (self.token_plan)(state.token_requests) {
                state.token_faults += 1;
                return kind.spoil("{}");
            }
            state.tokens += 1;
            state.void = false;
            let token = format!(r#"{{"access_token":"hush{}","expires_in":3600}}"#, state.tokens);
            return Reply::Send(json(200, &token));
        }
        let token = format!("Bearer hush{}", state.tokens);
        if state.void || request.header("authorization") != Some(&token) {
            return Reply::Send(json(401, "{}"));
        }
        let cursor = request.target().split_once("_start=p").map(|(_, rest)| rest.split('&').next().unwrap());
        let number: usize = cursor.map_or(0, |cursor| cursor.parse().unwrap());
        let body = page(number);
        state.pages += 1;
        let kind = match state.running.take() {
            _ if state.repaired => None,
            Some((kind, left @ 1..)) => {
                state.running = Some((kind, left - 1));
                Some(kind)
            }
            // The page that a run of faults was about comes.
            Some(_) => None,
            None => {
                let kind = (self.plan)(state.pages, number);
                state.running = kind.filter(|kind| kind.length() > 1).map(|kind| (kind, kind.length() - 1));
                kind
            }
        };
        let Some(kind) = kind else { return Reply::Send(json(200, &body)) };
        state.faults += usize::from(!kind.delivers());
        state.asked += kind.asks();
        state.void = kind == VoidToken;
        kind.spoil(&body)
    }
}

/// A list that is read, and what came of it.
struct Reading {
    service: Arc<Service>,
    client: Client,
    ids: Vec<String>,
    waits: Vec<Duration>,
    /// How many pages are fetched ahead, if not as many as by default.
    prefetch: Option<usize>,
}

impl Reading {
    async fn new(
        plan: impl Fn(usize, usize) -> Option<Kind> + Send + Sync + 'static,
        limits: impl FnOnce(ClientBuilder) -> ClientBuilder,
    ) -> Self {
        Self::with_tokens(plan, |_| None, limits).await
    }

    async fn with_tokens(
        plan: impl Fn(usize, usize) -> Option<Kind> + Send + Sync + 'static,
        token_plan: fn(usize) -> Option<Kind>,
        limits: impl FnOnce(ClientBuilder) -> ClientBuilder,
    ) -> Self {
        let service = Arc::new(Service { state: Mutex::default(), plan: Box::new(plan), token_plan });
        let answering = Arc::clone(&service);
        let server = Server::start(move |request| answering.answer(request)).await;
        let key = ibm_usage_reports::auth::ApiKey::new("hush").url(&server.url);
        let client = limits(Client::builder().base_url(&server.url).credential(key)).build().unwrap();
        Self { service, client, ids: Vec::new(), waits: Vec::new(), prefetch: None }
    }

    /// Reads on from a resume token, as another process would: from its text.
    async fn go(&mut self, from: Option<String>) -> Result<(), (Error, String)> {
        let month: BillingMonth = "2026-05".parse().unwrap();
        let mut usage = self.client.get_resource_usage_account(AccountId::new("a"), month).limit(200).items();
        if let Some(pages) = self.prefetch {
            usage = usage.prefetch(pages);
        }
        if let Some(text) = from {
            usage = usage.resume(text.parse::<ResumeToken>().unwrap()).unwrap();
        }
        let ids = &mut self.ids;
        let rest = async {
            while let Some(record) = usage.try_next().await? {
                ids.push(record.resource_instance_id.unwrap().to_string());
            }
            Ok(())
        };
        let (result, waits) = trace::simulate(rest).await;
        self.waits.extend(waits);
        result.map_err(|error| (error, usage.resume_token().unwrap().to_string()))
    }

    /// Every record once, in order; and a request for each page and each fault.
    fn assert_whole(&self, what: &str) {
        assert_eq!(self.ids.len(), RECORDS, "{what}");
        let strange = self.ids.iter().enumerate().find(|(number, id)| **id != format!("r{number}"));
        assert_eq!(strange, None, "{what}");
        let state = self.service.state.lock().unwrap();
        assert_eq!(state.pages, PAGES + state.faults, "{what}");
    }
}

#[tokio::test]
pub(crate) async fn sixteen_kinds_of_fault_at_every_tenth_page() {
    trace::keep_on();
    let (mut table, mut survived) =
        (String::from("| fault | survived | pages | faults | tokens |\n|---|---|---|---|---|\n"), 0);
    for (kind, name) in KINDS {
        // Each tenth page meets the fault when it is asked for first.
        let met = Mutex::new(VecDeque::new());
        let plan = move |_, number: usize| {
            let mut met = met.lock().unwrap();
            let strikes = number % 10 == 9 && !met.contains(&number);
            strikes.then(|| met.push_back(number));
            strikes.then_some(kind)
        };
        let mut reading = Reading::new(plan, |builder| match kind {
            Stall => builder.idle_timeout(IDLE),
            _ => builder,
        })
        .await;
        let mut result = match kind {
            // The stalled body takes the time that it takes, and the rest is quick.
            Stall => stalled(&mut reading).await,
            _ => reading.go(None).await,
        };
        let outcome = match &result {
            Ok(()) => {
                survived += 1;
                "yes".to_owned()
            }
            Err((error, _)) => {
                format!("{:?} after {} attempts, then from the same cursor", error.kind(), error.attempts())
            }
        };
        // Pagination that could not go on does so once the service is in order; nothing is lost and nothing doubled.
        while let Err((error, from)) = result {
            assert!(error.is_retryable() && error.attempts() == 5, "{name}: {error}");
            assert!(from.contains(r#""cursor":"p"#), "{from}");
            reading.service.state.lock().unwrap().repaired |= kind == Stall;
            result = reading.go(Some(from)).await;
        }
        reading.assert_whole(name);
        let waited: Duration = reading.waits.iter().sum();
        let state = reading.service.state.lock().unwrap();
        if state.asked > 0 {
            let (asked, waited) = (state.asked as f64, waited.as_secs_f64());
            assert!(asked - 0.1 <= waited && waited <= asked * 1.2, "{name}: {waited} s of {asked} s");
        }
        figures::add(Figure::Faults, state.faults);
        figures::add(Figure::Survived, if outcome == "yes" { state.faults } else { 0 });
        figures::add(Figure::Records, reading.ids.len());
        writeln!(table, "| {name} | {outcome} | {PAGES} | {} | {} |", state.faults, state.tokens).unwrap();
    }
    figures::say(format!(
        "16 kinds of fault: {survived} survived by default, {} typed errors with a resume token",
        16 - survived
    ));
    figures::say(format!("{} records of {} lists: 0 lost, 0 doubled", 16 * RECORDS, 16));
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("sixteen-kinds", table);
    });
}

/// Reads on the real clock until the error: the body stalls at each attempt, up to the idle limit.
async fn stalled(reading: &mut Reading) -> Result<(), (Error, String)> {
    let month: BillingMonth = "2026-05".parse().unwrap();
    let mut usage = reading.client.get_resource_usage_account(AccountId::new("a"), month).limit(200).items();
    loop {
        match usage.try_next().await {
            Ok(Some(record)) => reading.ids.push(record.resource_instance_id.unwrap().to_string()),
            Ok(None) => return Ok(()),
            Err(error) => {
                assert_eq!((error.kind(), error.status()), (ErrorKind::Timeout, Some(200)));
                return Err((error, usage.resume_token().unwrap().to_string()));
            }
        }
    }
}

/// The first request of a list, and the last one, which nobody waits for any more once its records are there.
#[tokio::test]
pub(crate) async fn faults_at_the_first_and_the_last_page() {
    trace::keep_on();
    for (kind, name) in KINDS.into_iter().filter(|(kind, _)| ![Six503, Stall].contains(kind)) {
        let met = Mutex::new(Vec::new());
        let plan = move |_, number: usize| {
            let mut met = met.lock().unwrap();
            let strikes = [0, PAGES - 1].contains(&number) && !met.contains(&number);
            strikes.then(|| met.push(number));
            strikes.then_some(kind)
        };
        let mut reading = Reading::new(plan, |builder| builder).await;
        reading.go(None).await.unwrap_or_else(|(error, _)| panic!("{name}: {error}"));
        reading.assert_whole(name);
        let faults = reading.service.state.lock().unwrap().faults;
        figures::add(Figure::Faults, faults);
        figures::add(Figure::Survived, faults);
        figures::add(Figure::Records, reading.ids.len());
    }
}

/// The service voids tokens and fails, and so does its token endpoint meanwhile.
#[tokio::test]
pub(crate) async fn faults_of_the_service_and_of_its_token_endpoint() {
    trace::keep_on();
    let plan =
        |request: usize, _| request.is_multiple_of(5).then(|| [VoidToken, Bare503, ResetInBody][request / 5 % 3]);
    let token_plan = |request: usize| [Some(Bare503), Some(ResetBeforeHead), None][request % 3];
    let mut reading = Reading::with_tokens(plan, token_plan, |builder| builder).await;
    reading.go(None).await.unwrap();
    reading.assert_whole("faults of both");
    let state = reading.service.state.lock().unwrap();
    assert!(state.faults >= PAGES / 5 && state.token_faults >= 10, "{} {}", state.faults, state.token_faults);
    figures::add(Figure::Faults, state.faults + state.token_faults);
    figures::add(Figure::Survived, state.faults + state.token_faults);
    figures::add(Figure::Records, reading.ids.len());
}

#[tokio::test]
pub(crate) async fn faults_at_every_kth_request() {
    trace::keep_on();
    let mut by_prefetch = Vec::new();
    for prefetch in [0, 8, 64] {
        let mut faults = 0;
        for k in [2, 3, 7, 50] {
            let plan = move |request: usize, _| request.is_multiple_of(k).then(|| MIXED[request / k % MIXED.len()]);
            let mut reading = Reading::new(plan, |builder| builder).await;
            reading.prefetch = Some(prefetch);
            reading.go(None).await.unwrap();
            reading.assert_whole(&format!("k = {k}, prefetch {prefetch}"));
            let state = reading.service.state.lock().unwrap();
            assert!(state.faults >= PAGES / k, "k = {k}: {}", state.faults);
            faults += state.faults;
            figures::add(Figure::Faults, state.faults);
            figures::add(Figure::Survived, state.faults);
            figures::add(Figure::Records, reading.ids.len());
            let waited: Duration = reading.waits.iter().sum();
            figures::say(format!(
                "a fault at every {k}th request, {prefetch} pages ahead: {} faults, {} records in order, {:.0} s of waits \
                 simulated",
                state.faults,
                reading.ids.len(),
                waited.as_secs_f64()
            ));
        }
        by_prefetch.push(format!("{faults} with {prefetch} pages ahead"));
    }
    figures::state(format!("faults in lists with cursors, all survived: {}", by_prefetch.join(", ")));
}

/// A call with little time does not wait for a service that asks for much.
#[tokio::test]
pub(crate) async fn a_deadline_holds_against_retry_after() {
    trace::keep_on();
    let mut reading = Reading::new(
        |_, number| (number == 3).then_some(RetryAfter45),
        |builder| builder.overall_timeout(Duration::from_secs(10)),
    )
    .await;
    let (error, from) = reading.go(None).await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.attempts()), (ErrorKind::Api, Some(429), 1));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(45)));
    // It was not waited for at all, since there was no time for it.
    assert_eq!(reading.waits, []);
    assert_eq!(reading.ids.len(), 3 * PAGE);
    reading.service.state.lock().unwrap().repaired = true;
    reading.go(Some(from)).await.unwrap();
    reading.assert_whole("a deadline");
}
