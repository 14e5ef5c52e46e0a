//! `Debug` of every public type. Those that may hold a secret are given one and shown; of each other one it is said why it
//! holds none. A type that is new is in neither list, and fails the test.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::path::Path;

use atlas_billing::Client;
use cloud_billing_core::auth::{ClientCredentials, DigestKey, HeaderMap, HeaderValue, Rejection};
use cloud_billing_core::config::{Environment, Misconfigured, Setting, Settings};
use cloud_billing_core::{BearerToken, Core, Error, Method, Operation, Request, Secret, Service};
use ibm_usage_reports::auth::{ApiKey, AssumedProfile, ComputeResource, InstanceIdentity, Profile};
use workspace_tests::{read, root};

use test_support::server::{Reply, Server, answer, json};

const ORG: &str = "4888442a3354817a7320eb61";
const INVOICE: &str = "5f3c1a2b9d8e7f6a5b4c3d2e";

const SERVICE: Service = Service::new("x", "https://example.com");
const SEND: Operation = Operation::new("send", Method::Post, "/things");

/// Types that hold no secret, and why.
const OTHERS: [(&str, &[&str]); 6] = [
    (
        "a value of a bill, or why a text is none",
        &[
            "BillingMonth",
            "Decimal",
            "DecimalText",
            "NullableMap",
            "EpochMillis",
            "NullableVec",
            "Lenient",
            "Months",
            "OwedParts",
            "ParseDecimalError",
            "ParseMonthError",
            "ParseTimestampError",
            "PriceCheck",
            "Timestamp",
            "Total",
            "UnknownValue",
        ],
    ),
    (
        "rows of a bill, and what reads them",
        &[
            "Chunks",
            "Fields",
            "Gunzip",
            "Header",
            "InvoiceRow",
            "InvoiceRows",
            "Preamble",
            "Record",
            "Records",
            "Row",
            "Table",
            "UsageRows",
        ],
    ),
    (
        "a choice or a number that the program makes",
        &[
            "Constraint",
            "CursorAt",
            "Envelope",
            "ErrorKind",
            "ImsVersion",
            "Method",
            "Operation",
            "Platform",
            "Polled",
            "Polling",
            "Polls",
            "Profile",
            "Progress",
            "RateLimit",
            "RetryPolicy",
            "Service",
            "Unverified",
        ],
    ),
    (
        "a parameter or a place in a list: what is not for a log is not sent by it",
        &["BareItem", "Checker", "Continuation", "Next", "Param", "Position", "Scalar", "Target"],
    ),
    ("shown by `no_secret_gets_out` in `sdk-core/tests/secrets.rs`, with a proxy's password in it", &["HttpClient"]),
    ("where a service is, and how it is talked to; a client gives it to its credential", &["ClientSettings"]),
];

#[derive(Default)]
struct Shown(BTreeSet<String>);

impl Shown {
    fn show<T: Debug>(&mut self, value: &T) {
        let path = std::any::type_name::<T>().split('<').next().unwrap();
        self.0.insert(path.rsplit("::").next().unwrap().to_owned());
        let text = format!("{value:?}{value:#?}");
        assert!(!text.contains("hush"), "{path}: {text}");
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
        let client = builder().build()?;
        self.show(&client);
        let core = Core::builder(&SERVICE).bearer_token("hush").build()?;
        self.show(&core);
        let mut request = Request::new(&SEND);
        request.query("token", "hush").header("x-token", "hush").json(&serde_json::json!({"password": "hush"}));
        self.show(&request);

        self.show(&client.list_invoices(ORG).items());
        self.show(&client.list_invoices(ORG).pages());
        self.show(&client.list_invoices(ORG).pages().raw());
        if let Some(page) = client.list_invoices(ORG).pages().raw().try_next().await? {
            self.show(&page);
            self.show(&*page);
        }
        self.show(&client.get_invoice(ORG, INVOICE).send().await?);
        self.show(&client.get_invoice_csv(ORG, INVOICE).send().await?.into_inner());
        let new = client.invoice_report(ORG, INVOICE);
        self.show(&new);
        let report = new.start().await?;
        self.show(&report);
        self.show(&report.wait().await?);
        let days = ["2024-01-01", "2024-02-01"].map(|day| day.parse().unwrap());
        let [start, end] = days;
        let filter = atlas_billing::types::CostExplorerFilterRequestBody::new(start, end);
        self.show(&client.cost_explorer(ORG, filter));
        self.show(&atlas_billing::cost_explorer::CostExplorerQuery::resume(&client, ORG, "t"));
        Ok(())
    }
}

/// The texts of the files below a directory, but for generated ones.
fn texts(directory: &Path, found: &mut String) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true if path.ends_with("generated") => {}
            true => texts(&path, found),
            false => found.push_str(&std::fs::read_to_string(&path).unwrap()),
        }
    }
}

#[tokio::test]
pub(crate) async fn debug_of_every_public_type() {
    let mut shown = Shown::default();
    shown.credentials();
    shown.settings();
    shown.clients().await.unwrap();

    let mut text = String::new();
    for directory in ["sdk-core/src", "atlas-billing/src", "ibm-usage-reports/src"] {
        texts(&root().join(directory), &mut text);
    }
    let public: BTreeSet<&str> = text
        .lines()
        .filter_map(|line| {
            let line = line.trim_start();
            let rest = line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub enum "))?;
            rest.split(|c: char| !c.is_alphanumeric()).next().filter(|name| !name.is_empty())
        })
        .collect();
    assert!(public.len() > 80, "{public:?}");
    let others: BTreeSet<&str> = OTHERS.iter().flat_map(|(_, names)| *names).copied().collect();
    let known: BTreeSet<&str> = others.iter().copied().chain(shown.0.iter().map(String::as_str)).collect();
    let unknown: Vec<&&str> = public.difference(&known).collect();
    assert!(unknown.is_empty(), "show these, or say why they hold no secret: {unknown:?}");
    let gone: Vec<&&str> = others.difference(&public).collect();
    assert!(gone.is_empty(), "there are no such types: {gone:?}");
}

/// A field of a generated type that holds a secret is of the type that hides it.
#[test]
pub(crate) fn secrets_in_answers_are_hidden() {
    let mut fields = BTreeSet::new();
    for service in ["atlas-billing", "ibm-usage-reports"] {
        for entry in std::fs::read_dir(root().join(service).join("src/generated/types")).unwrap() {
            let text = read(entry.unwrap().path().to_str().unwrap());
            fields.extend(text.lines().filter_map(|line| line.trim().strip_prefix("pub ")).filter_map(|field| {
                let name = field.split_once(": ")?.0.to_lowercase();
                let words = ["token", "secret", "password", "credential", "apikey", "api_key", "url", "signature"];
                words.iter().any(|word| name.contains(word)).then(|| field.trim_end_matches(',').to_owned())
            }));
        }
    }
    // The token of a query to the Cost Explorer is its name, and a part of the address that it is polled by.
    assert_eq!(fields.into_iter().collect::<Vec<_>>(), ["download_url: Option<Secret>", "token: Option<String>"]);
}
