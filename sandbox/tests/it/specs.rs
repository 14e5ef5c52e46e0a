//! The specs once more, read without the sandbox's help.

use cloud_billing_sandbox::Service;
use serde_json::Value;

/// An operation, and a request of it made from the examples of its parameters.
pub(crate) struct Case {
    pub(crate) service: Service,
    pub(crate) id: String,
    pub(crate) method: String,
    /// The path, with examples for its parameters.
    pub(crate) path: String,
    /// Names of the path's parameters with their examples.
    pub(crate) path_examples: Vec<(String, String)>,
    /// Required query parameters.
    pub(crate) required: Vec<(String, String)>,
    /// Other query parameters that have an example or a default.
    pub(crate) optional: Vec<(String, String)>,
    /// Media type and example of the request body.
    pub(crate) body: Option<(String, Value)>,
    pub(crate) status: u16,
    /// Media types and examples of the success response.
    pub(crate) content: Vec<(String, Value)>,
    /// Headers of the success response and their examples.
    pub(crate) headers: Vec<(String, String)>,
    /// The example of the 404.
    pub(crate) not_found: Option<Value>,
}

impl Case {
    /// Path and query with what is required.
    pub(crate) fn target(&self) -> String {
        with_query(&self.path, &self.required)
    }

    /// Path and query with all there is.
    pub(crate) fn full_target(&self) -> String {
        with_query(&self.path, &[self.required.as_slice(), &self.optional].concat())
    }
}

fn with_query(path: &str, pairs: &[(String, String)]) -> String {
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

fn escape(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

/// Every operation of both specs.
pub(crate) fn cases() -> Vec<Case> {
    Service::ALL.into_iter().flat_map(cases_of).collect()
}

/// Every operation of one spec.
pub(crate) fn cases_of(service: Service) -> Vec<Case> {
    let path = format!("{}/../specs/{service}.yaml", env!("CARGO_MANIFEST_DIR"));
    let root: Value = serde_yaml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut cases = Vec::new();
    for (path, item) in root["paths"].as_object().unwrap() {
        for method in ["get", "put", "post", "patch", "delete"] {
            if let Some(operation) = item.get(method) {
                cases.push(case(service, &root, path, method, operation));
            }
        }
    }
    cases
}

fn case(service: Service, root: &Value, path: &str, method: &str, operation: &Value) -> Case {
    let mut case = Case {
        service,
        id: operation["operationId"].as_str().unwrap().to_owned(),
        method: method.to_uppercase(),
        path: path.to_owned(),
        path_examples: Vec::new(),
        required: Vec::new(),
        optional: Vec::new(),
        body: None,
        status: 0,
        content: Vec::new(),
        headers: Vec::new(),
        not_found: None,
    };
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let parameter = resolve(root, parameter);
        let name = parameter["name"].as_str().unwrap().to_owned();
        let schema = resolve(root, &parameter["schema"]);
        let Some(example) = parameter.get("example").or_else(|| schema.get("default")).map(text) else { continue };
        match parameter["in"].as_str().unwrap() {
            "path" => {
                case.path = case.path.replace(&format!("{{{name}}}"), &escape(&example));
                case.path_examples.push((name, example));
            }
            "query" if parameter["required"] == true => case.required.push((name, example)),
            "query" => case.optional.push((name, example)),
            _ => {}
        }
    }
    if let Some(content) = operation["requestBody"]["content"].as_object() {
        let (media, value) = content.iter().next().unwrap();
        case.body = Some((media.clone(), value["example"].clone()));
    }
    for (status, response) in operation["responses"].as_object().unwrap() {
        let response = resolve(root, response);
        if status == "404" {
            case.not_found = Some(response["content"]["application/json"]["example"].clone());
        }
        if !status.starts_with('2') {
            continue;
        }
        case.status = status.parse().unwrap();
        for (media, value) in response["content"].as_object().into_iter().flatten() {
            case.content.push((media.clone(), value["example"].clone()));
        }
        for (name, header) in response["headers"].as_object().into_iter().flatten() {
            case.headers.push((name.clone(), text(&resolve(root, header)["example"])));
        }
    }
    case
}

fn resolve<'v>(root: &'v Value, value: &'v Value) -> &'v Value {
    match value["$ref"].as_str() {
        Some(reference) => root.pointer(reference.strip_prefix('#').unwrap()).unwrap(),
        None => value,
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
