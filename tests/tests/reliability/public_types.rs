//! `Debug` of every public type. A type that can hold a secret is given one and shown. Each other type is in a list with the
//! reason why it holds none. A new type is in neither, and fails the test.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use atlas_billing::Client;
use atlas_billing::types::{CostExplorerToken, InvoiceId, OrganizationId};
use cloud_billing_catalogue::Type;
use cloud_billing_core as core;
use cloud_billing_core::auth::{ClientCredentials, DigestKey, HeaderMap, HeaderValue, Rejection};
use cloud_billing_core::config::{Environment, Misconfigured, Setting, Settings};
use cloud_billing_core::intercept::{Attempt, Body, Call, Interceptor, Outcome, TokenFetch, Wait};
use cloud_billing_core::{
    BearerToken, CallOptions, Core, Error, ErrorKind, Method, Operation, Request, RetryPolicy, Secret, Service, json,
};
use ibm_usage_reports::auth::{ApiKey, AssumedProfile, ComputeResource, InstanceIdentity, Profile};
use workspace_tests::catalogue::properties;
use workspace_tests::root;

use test_support::server::{Reply, Server, answer, json};

const ORG: &str = "4888442a3354817a7320eb61";
const INVOICE: &str = "5f3c1a2b9d8e7f6a5b4c3d2e";

const SERVICE: Service = Service::new("x", "https://example.com");
const SEND: Operation = Operation::new("send", Method::Post, "/things");

macro_rules! no_secret {
    ($($reason:literal: $($type:ty)*;)*) => {
        /// The names of the types that hold no secret, for the reason given there. A type that is gone does not compile.
        fn others() -> BTreeSet<String> {
            BTreeSet::from([$($({
                let _ = size_of::<$type>();
                last(stringify!($type))
            }),*),*])
        }
    };
}

no_secret! {
    "a value of a bill, or the reason why a text is none":
        core::BillingMonth core::Decimal core::DecimalText core::EpochMillis core::Lenient<u8> core::NullableMap<u8>
        core::NullableVec<u8> core::Timestamp core::Date core::Total core::value::Months core::value::ParseDateError
        core::value::ParseDecimalError core::value::ParseMonthError core::value::ParseTimestampError
        core::value::UnknownValue core::value::AllocateError core::value::ConvertDecimalError core::value::ParseIdError
        atlas_billing::money::OwedParts atlas_billing::money::PriceCheck;
    "rows of a bill, and their readers":
        core::Bytes core::csv::Fields core::csv::Header core::csv::Record core::csv::Records<&'static [u8]> core::csv::Row
        core::csv::Table<&'static [u8]> core::file::Chunks<&'static [u8]> core::gzip::Gunzip<&'static [u8]>
        atlas_billing::csv::InvoiceRow atlas_billing::csv::InvoiceRows<&'static [u8]> atlas_billing::csv::Preamble
        atlas_billing::csv::UsageRows<&'static [u8]>;
    "a choice or a number that the program makes":
        core::Constraint core::ErrorKind core::Method core::Operation core::RateLimit core::RetryPolicy core::Rounding
        core::Service core::auth::Phase core::auth::Reaction core::auth::iam::ImsVersion core::auth::iam::Profile
        core::client::Unverified core::config::Platform core::config::ibm::External
        core::file::NewFile core::file::Progress core::json::Keys core::operation::Envelope core::paginate::Decoded core::paginate::Layout
        core::paginate::Next core::paginate::Raw core::poll::Polled<u8> core::poll::Polling core::poll::Polls;
    "a parameter or a place in a list: values that are not for a log are not in them":
        core::Checker core::ResumeToken core::auth::Target<'static> core::operation::BareItem core::paginate::Position;
    "the kind of a credential and the name of its setting, without the value":
        core::config::CredentialSource;
    "a call, whose own output is shown here":
        core::paginate::As<u8, u8>;
    "jobs of the program and what came of them, which are its own":
        core::Fleet<u8> core::fleet::Run<u8, u8> core::fleet::Done<u8, u8>;
    "what a test answers, and of a request that it answers the method and the path":
        core::mock::MockResponse core::mock::MockRequest<'static>;
    "counts and durations":
        core::intercept::Metrics core::intercept::OpenTelemetryMetrics;
    "what interceptors keep, and prints nothing of it":
        core::intercept::Extensions;
    "headers of the program itself, which it can mark as sensitive":
        core::auth::HeaderMap core::auth::HeaderValue;
    "shown by `no_secret_gets_out` in `sdk-core/tests/secrets.rs`, with a proxy's password in it":
        core::HttpClient;
    "where a service is, and how a client connects to it: a client gives it to its credential":
        core::auth::ClientSettings;
}

/// The last part of the path of a type.
fn last(path: &str) -> String {
    let path = path.split('<').next().unwrap();
    path.rsplit("::").next().unwrap().to_owned()
}

#[derive(Default)]
struct Shown(BTreeSet<String>);

impl Shown {
    fn show<T: Debug>(&mut self, value: &T) {
        let text = format!("{value:?}{value:#?}");
        let name = last(std::any::type_name::<T>());
        assert!(!text.contains("hush"), "{name}: {text}");
        self.0.insert(name);
    }

    fn credentials(&mut self) {
        self.show(&Secret::new("hush"));
        self.show(&BearerToken::new("hush"));
        self.show(&DigestKey::new("public", "hush"));
        self.show(&ClientCredentials::new("https://me:hush@x/?key=hush", "id", "hush"));
        self.show(&atlas_billing::auth::ServiceAccount::new("id", "hush"));
        self.show(&ApiKey::new("hush").client("id", "hush").url("https://me:hush@x"));
        self.show(&AssumedProfile::new("hush", Profile::Id("p".to_owned())).url("https://me:hush@x"));
        self.show(&ComputeResource::new().profile_id("p").url("https://me:hush@x"));
        self.show(&InstanceIdentity::new().url("http://me:hush@169.254.169.254"));
        let mut headers = HeaderMap::new();
        headers.insert("www-authenticate", HeaderValue::from_static("Digest nonce=hush"));
        let sent = HeaderValue::from_static("Bearer hush");
        self.show(&Rejection::new(Some(&sent), &headers));
        self.show(&json::Reader::new("hush"));
        self.show(&json::from_str::<Secret>(r#"["hush"]"#).unwrap_err());
    }

    fn settings(&mut self) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "X_APIKEY=hush\n").unwrap();
        let environment = Environment::empty().variable("X_APIKEY", "hush").variable("X_URL", "https://me:hush@x");
        self.show(&environment.read(file.path()).unwrap().unwrap());
        let setting = Setting::new("X_APIKEY", "hush").at("a file");
        self.show(&setting);
        let error = setting.invalid("no key");
        self.show(&Misconfigured::new(&error));
        self.show(&error);
        let mut settings = Settings::of_variables(&environment, "X_").unwrap();
        settings.insert("APIKEY", setting);
        self.show(&settings);
        self.show(&environment);
    }

    async fn clients(&mut self) -> Result<(), Error> {
        let server = Server::start(|request| match request.target() {
            target if target.ends_with("/csv") => Reply::Send(answer(200, &[("set-cookie", "hush")], b"a,b\n")),
            target if target.contains("/reports") => Reply::Send(json(
                if request.line.starts_with("POST") { 201 } else { 200 },
                r#"{"reportId":"r","state":"SUCCEEDED","downloadUrl":"https://example.com/?signature=hush"}"#,
            )),
            _ => Reply::Send(answer(
                200,
                &[("content-type", "application/json"), ("set-cookie", "hush"), ("x-session", "hush")],
                br#"{"results":[{"id":"1"}]}"#,
            )),
        })
        .await;
        let builder = || Client::builder().base_url(&server.url).bearer_token("hush");
        self.show(&builder());
        let options = CallOptions::new().header("x-gateway-key", "hush");
        self.show(&options);
        let views = Views::default();
        let account = ClientCredentials::new(format!("{}/hush/token", server.url), "id", "hush");
        let watched = Client::builder().base_url(&server.url).credential(account).interceptor(views.clone()).build()?;
        watched.list_invoices(OrganizationId::new(ORG)).options(options.clone()).await.unwrap_err();
        let quick = RetryPolicy::new().backoff(Duration::ZERO, Duration::ZERO);
        let watched = builder().interceptor(Broken).interceptor(views.clone()).retry(quick).build()?;
        watched.list_invoices(OrganizationId::new(ORG)).options(options).await?;
        self.0.append(&mut views.0.lock().unwrap().0);
        let client = builder().build()?;
        self.show(&client);
        let core = Core::builder(&SERVICE).bearer_token("hush").build()?;
        self.show(&core);
        let mut request = Request::new(&SEND);
        request.query("token", "hush").header("x-token", "hush").json(&serde_json::json!({"password": "hush"}));
        self.show(&request);

        self.show(&client.list_invoices(OrganizationId::new(ORG)).items());
        self.show(&client.list_invoices(OrganizationId::new(ORG)).pages());
        self.show(&client.list_invoices(OrganizationId::new(ORG)).pages().raw());
        if let Some(page) = client.list_invoices(OrganizationId::new(ORG)).pages().raw().try_next().await? {
            self.show(&page);
            self.show(&*page);
        }
        self.show(&client.get_invoice(OrganizationId::new(ORG), InvoiceId::new(INVOICE)).send().await?);
        self.show(
            &client.get_invoice_csv(OrganizationId::new(ORG), InvoiceId::new(INVOICE)).send().await?.into_inner(),
        );
        self.show(
            &client
                .get_invoice_csv(OrganizationId::new(ORG), InvoiceId::new(INVOICE))
                .await?
                .into_inner()
                .into_async_read(),
        );
        let new = client.invoice_report(OrganizationId::new(ORG), InvoiceId::new(INVOICE));
        self.show(&new);
        let report = new.start().await?;
        self.show(&report);
        self.show(&report.wait().await?);
        let days = ["2024-01-01", "2024-02-01"].map(|day| day.parse().unwrap());
        let [start, end] = days;
        let filter = atlas_billing::types::CostExplorerFilterRequestBody::new(start, end);
        self.show(&client.cost_explorer(OrganizationId::new(ORG), filter));
        self.show(&atlas_billing::cost_explorer::CostExplorerQuery::resume(
            &client,
            OrganizationId::new(ORG),
            CostExplorerToken::new("t"),
        ));
        Ok(())
    }
}

/// Lets each first attempt fail.
struct Broken;

impl Interceptor for Broken {
    fn before_attempt(&self, call: &mut Call<'_>) -> Result<(), Error> {
        if call.attempts() == 1 { Err(Error::new(ErrorKind::Transport, "injected")) } else { Ok(()) }
    }
}

/// Shows what interceptors see.
#[derive(Clone, Default)]
struct Views(Arc<Mutex<Shown>>);

impl Interceptor for Views {
    fn after_attempt(&self, call: &mut Call<'_>, attempt: &Attempt<'_>) {
        let mut shown = self.0.lock().unwrap();
        shown.show(call);
        shown.show(attempt);
    }

    fn before_wait(&self, _: &mut Call<'_>, wait: &Wait<'_>) {
        self.0.lock().unwrap().show(wait);
    }

    fn after_call(&self, _: &mut Call<'_>, outcome: &Outcome<'_>) {
        self.0.lock().unwrap().show(outcome);
    }

    fn after_body(&self, body: &Body) {
        self.0.lock().unwrap().show(body);
    }

    fn after_token(&self, token: &TokenFetch<'_>) {
        self.0.lock().unwrap().show(token);
    }
}

async fn shown() -> BTreeSet<String> {
    let mut shown = Shown::default();
    shown.credentials();
    shown.settings();
    shown.clients().await.unwrap();
    shown.0
}

#[tokio::test]
pub(crate) async fn debug_of_every_public_type() {
    assert!(shown().await.is_disjoint(&others()), "a type is shown, and said to hold no secret");
}

/// The names of the public types below a folder of documentation, but for generated ones: rustdoc writes a page for each.
fn documented(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        let page = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            if !["operations", "types"].contains(&page) {
                documented(&path, found);
            }
        } else if let Some(name) = page.strip_prefix("struct.").or(page.strip_prefix("enum.")) {
            found.insert(name.trim_end_matches(".html").to_owned());
        }
    }
}

/// Every public type is either shown or said to hold no secret. The gate runs this after `cargo doc`.
#[tokio::test]
#[ignore = "reads the documentation of the workspace"]
async fn no_public_type_is_left_out() {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into);
    let mut public = BTreeSet::new();
    for package in ["cloud_billing_core", "atlas_billing", "ibm_usage_reports", "ibm_enterprise"] {
        documented(&target.join("doc").join(package), &mut public);
    }
    let known: BTreeSet<String> = shown().await.union(&others()).cloned().collect();
    let unknown: Vec<&String> = public.difference(&known).collect();
    assert!(unknown.is_empty(), "show these, or say why they hold no secret: {unknown:?}");
}

/// A property of a body that holds a secret has the format that becomes `Secret`.
#[test]
pub(crate) fn secrets_in_answers_are_hidden() {
    let words = ["token", "secret", "password", "credential", "apikey", "api_key", "url", "signature"];
    let mut found = BTreeSet::new();
    for property in cloud_billing_catalogue::SERVICES.iter().flat_map(|service| properties(service)) {
        if words.iter().any(|word| property.name.to_lowercase().contains(word)) {
            let Type::Text(text) = property.schema.ty else { panic!("{} is no text", property.name) };
            found.insert((property.name, text.format));
        }
    }
    // The token of a query of the Cost Explorer is its identifier, and a part of the address of its result. The addresses of
    // IBM's accounts and of the next page of a listing grant nothing.
    let plain = [("next_url", ""), ("token", ""), ("url", "")];
    let hidden: Vec<_> = found.into_iter().filter(|property| !plain.contains(property)).collect();
    assert_eq!(hidden, [("downloadUrl", "password")]);
}
