//! Every operation with every parameter is reachable, and is sent as the typed clients send it: the requests of the wire
//! snapshots become command lines, and their requests are the same again.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use cloud_billing_catalogue::{Operation, Place, SERVICES, Service, Type};
use cloud_billing_sandbox::{RecordedRequest, Sandbox};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::program::{Ran, run, run_in};

/// A request of a snapshot.
struct Request {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Request {
    fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut lines = head.lines();
        let (method, target) = lines.next().unwrap().split_once(' ').unwrap();
        let headers = lines.map(|line| line.split_once(": ").unwrap()).map(|(name, value)| (name.into(), value.into()));
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: headers.collect(),
            body: body.trim_end().to_owned(),
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The values of a query parameter.
    fn query(&self, name: &str) -> Vec<String> {
        let (_, query) = self.target.split_once('?').unwrap_or((&self.target, ""));
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(own, _)| *own == name).map(|(_, value)| decoded(value)).collect()
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8().unwrap().into_owned()
}

/// The operation of a request, with the values of its path.
fn route(request: &Request) -> (&'static Service, &'static Operation, Vec<(&'static str, String)>) {
    let (path, _) = request.target.split_once('?').unwrap_or((&request.target, ""));
    let all = SERVICES.iter().flat_map(|service| service.operations.iter().map(|operation| (*service, operation)));
    let fitting =
        all.filter(|(_, operation)| operation.http_method == request.method).filter_map(|(service, operation)| {
            let (own, asked): (Vec<_>, Vec<_>) = (operation.path.split('/').collect(), path.split('/').collect());
            let is_media = |name: &str| operation.success.content.iter().any(|media| media.name == name);
            let answers = operation.success.content.is_empty() || request.header("accept").is_none_or(is_media);
            (own.len() == asked.len() && answers).then_some(())?;
            let values: Vec<_> =
                own.iter().zip(&asked).map(|(own, asked)| segment(own, asked)).collect::<Option<_>>()?;
            Some((service, operation, values.into_iter().flatten().collect::<Vec<_>>()))
        });
    // A fixed segment goes before a parameter.
    let found = fitting.min_by_key(|(_, _, values)| values.len());
    found.unwrap_or_else(|| panic!("no operation for {} {}", request.method, request.target))
}

/// Whether a segment of a path fits one of a template, and the value if that is a parameter.
fn segment(own: &'static str, asked: &str) -> Option<Option<(&'static str, String)>> {
    match own.strip_prefix('{').and_then(|own| own.split_once('}')) {
        Some((name, rest)) => Some(Some((name, decoded(asked.strip_suffix(rest)?)))),
        None => (own == asked).then_some(None),
    }
}

/// The command line of a request. Flags have the vendor's names, or ours.
fn arguments(request: &Request, page: Option<&str>, wire_names: bool) -> Vec<String> {
    let (service, operation, path) = route(request);
    let command = match service.name {
        "atlas-billing" => "atlas",
        "ibm-usage-reports" => "ibm",
        name => name,
    };
    let mut line: Vec<String> =
        vec![command.into(), if wire_names { operation.id.into() } else { kebab(operation.id) }];
    let mut flag = |name: String, values: &[String]| {
        line.extend(values.iter().map(|value| format!("--{name}={value}")));
    };
    for parameter in operation.parameters {
        let values = match parameter.place {
            Place::Path => path.iter().filter(|(name, _)| *name == parameter.name).map(|(_, it)| it.clone()).collect(),
            Place::Query => request.query(parameter.name),
            Place::Header => request.header(parameter.name).map(str::to_owned).into_iter().collect(),
        };
        let values: Vec<String> =
            values.into_iter().map(|value| if value == "[token]" { page.unwrap().to_owned() } else { value }).collect();
        let name = if wire_names { parameter.name.to_owned() } else { kebab(parameter.argument) };
        flag(name, &values);
    }
    if operation.body.is_some() {
        leaves(&serde_json::from_str(&request.body).unwrap(), "", &mut |path, values| {
            let path =
                if wire_names { path.to_owned() } else { path.split('.').map(kebab).collect::<Vec<_>>().join(".") };
            flag(path, values);
        });
    }
    if request.header("accept").is_some_and(|accept| accept.ends_with("csv")) && operation.methods.len() > 1 {
        line.extend(["-o".into(), "csv".into()]);
    }
    line
}

/// Calls a function with the path and the values of each value of a body.
fn leaves(body: &Value, path: &str, each: &mut dyn FnMut(&str, &[String])) {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match body {
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            leaves(value, &if path.is_empty() { name.clone() } else { format!("{path}.{name}") }, each);
        }),
        Value::Array(items) => each(path, &items.iter().map(text).collect::<Vec<_>>()),
        value => each(path, &[text(value)]),
    }
}

fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for c in name.trim_start_matches('_').chars() {
        if c.is_ascii_uppercase() {
            kebab.push('-');
        }
        kebab.push(if c == '_' { '-' } else { c.to_ascii_lowercase() });
    }
    kebab.replace("--", "-")
}

/// The second page's token, from the first page.
async fn token(sandbox: &Sandbox, request: &Request) -> Option<String> {
    let (before, after) = request.target.split_once("=[token]")?;
    let name = before.rsplit(['?', '&']).next().unwrap();
    let first = Request {
        target: format!("{}{after}", before.strip_suffix(name).unwrap().trim_end_matches(['?', '&'])),
        method: request.method.clone(),
        headers: request.headers.clone(),
        body: request.body.clone(),
    };
    let line = arguments(&first, None, false);
    let Ran { out, err, status } = run(sandbox, &line.iter().map(String::as_str).collect::<Vec<_>>()).await;
    assert_eq!(status, 0, "{line:?}: {err}");
    // The example of accounts has one page, and its token.
    let found = out.split_once(&format!("{name}=")).map(|(_, rest)| rest.split(['"', '&']).next().unwrap().to_owned());
    Some(decoded(&found.unwrap_or_else(|| "g1AAAAFteJzLY".to_owned())))
}

/// A request as the snapshots have it.
fn shown(request: &RecordedRequest, expected: &Request) -> String {
    let mut text = format!("{} ", request.method);
    let (before, after) = expected.target.split_once("[token]").unwrap_or((&expected.target, ""));
    let is_paged =
        expected.target.contains("[token]") && request.target.starts_with(before) && request.target.ends_with(after);
    text += if is_paged { &expected.target } else { &request.target };
    for (name, value) in request.headers.iter().filter(|(name, _)| name != "host") {
        let value = match (name.as_str(), value.split_once(['/', ' '])) {
            ("user-agent", Some((name, _))) => format!("{name}/[version]"),
            ("authorization", Some((scheme, _))) => format!("{scheme} [redacted]"),
            _ => value.clone(),
        };
        let _ = write!(text, "\n{name}: {value}");
    }
    if !request.body.is_empty() {
        let _ = write!(text, "\n\n{}", String::from_utf8_lossy(&request.body));
    }
    text
}

#[tokio::test]
async fn commands_send_what_the_typed_clients_send() {
    let sandbox = Sandbox::builder().exact_versions(true).start().await.unwrap();
    let snapshots = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/tests/snapshots/wire");
    let mut reached: BTreeSet<(String, String)> = BTreeSet::new();
    let mut sent: BTreeSet<(String, String)> = BTreeSet::new();
    let mut files: Vec<_> = fs::read_dir(snapshots).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let (_, both) = text.split_once("# minimal\n").unwrap();
        let (minimal, full) = both.split_once("# full\n").unwrap();
        for (text, wire_names) in [(minimal, false), (full, false), (full, true)] {
            let expected = Request::parse(text.trim_end());
            let page = token(&sandbox, &expected).await;
            let line = arguments(&expected, page.as_deref(), wire_names);
            sandbox.clear_requests();
            let words: Vec<&str> = line.iter().map(String::as_str).collect();
            let Ran { status, err, .. } = run(&sandbox, &words).await;
            assert_eq!(status, 0, "{}: {line:?}: {err}", file.display());
            let request = sandbox.requests().pop().unwrap();
            assert_eq!(shown(&request, &expected), text.trim_end(), "{}: {line:?}", file.display());
            let (_, operation, _) = route(&expected);
            reached.insert((operation.id.to_owned(), request.header("accept").unwrap_or_default().to_owned()));
            sent.extend(
                operation
                    .parameters
                    .iter()
                    .filter(|it| {
                        line.iter().any(|word| {
                            word.starts_with(&format!("--{}=", it.name))
                                || word.starts_with(&format!("--{}=", kebab(it.argument)))
                        })
                    })
                    .map(|it| (operation.id.to_owned(), it.name.to_owned())),
            );
            leaves(&serde_json::from_str(&expected.body).unwrap_or_default(), "", &mut |path, _| {
                sent.insert((operation.id.to_owned(), path.to_owned()));
            });
        }
    }
    for operation in SERVICES.iter().flat_map(|service| service.operations) {
        for media in operation.success.content {
            assert!(
                reached.contains(&(operation.id.to_owned(), media.name.to_owned())),
                "{} {}",
                operation.id,
                media.name
            );
        }
        for parameter in operation.parameters {
            let is_sent = sent.contains(&(operation.id.to_owned(), parameter.name.to_owned()));
            assert!(is_sent || parameter.name == "format", "{}: --{} is not sent", operation.id, parameter.name);
        }
        let Some(Type::Object(body)) = operation.body.map(|body| body.schema.ty) else { continue };
        for property in body.properties.iter().filter(|property| !matches!(property.schema.ty, Type::Object(_))) {
            let is_sent = sent.contains(&(operation.id.to_owned(), property.name.to_owned()));
            assert!(is_sent || property.schema.read_only.is_some(), "{}: {} is not sent", operation.id, property.name);
        }
    }
}

/// Every name that a vendor gave to an operation leads to its command, in both forms of the Atlas CLI too.
#[tokio::test]
async fn every_name_leads_to_its_operation() {
    for (service, command) in SERVICES.iter().zip(["atlas", "ibm", "ibm-enterprise"]) {
        for operation in service.operations {
            for name in [operation.id].iter().chain(operation.aliases) {
                for line in [
                    vec![command, name],
                    vec![command, "api", operation.group, name],
                    vec!["api", command, name],
                    vec!["api", operation.group, name],
                ] {
                    let Ran { status, out, err } =
                        run_in(cloud_billing_core::config::Environment::empty(), &[&line[..], &["--help"]].concat())
                            .await;
                    assert_eq!(status, 0, "{line:?}: {err}");
                    // Long lines are wrapped.
                    let solid = |text: &str| text.split_whitespace().collect::<String>();
                    let route = solid(&format!("\n{} {}\n", operation.http_method, operation.path));
                    assert!(solid(&out).contains(&route), "{line:?}: {out}");
                }
            }
        }
    }
}
