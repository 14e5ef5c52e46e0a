//! `IBMCLOUD_API_KEY`: an API key as IBM's own command-line program takes it, for the services of IBM that have no other
//! credential.

use std::path::Path;

use cloud_billing_core::config::Environment;
use cloud_billing_core::{Core, Error, ErrorKind, Secret};
use serde_json::Value;

use crate::attempts::Attempts;
use crate::context::Context;
use crate::generated::SERVICES;

/// The variable. Its value is a key, or `@` and the file with one.
pub(crate) const VARIABLE: &str = "IBMCLOUD_API_KEY";

/// Gives the key to the services of IBM without a credential. The key does not complete a source of theirs that is
/// incomplete: its error stays.
pub(crate) fn complete(context: &mut Context) {
    match key(&context.environment) {
        Ok(None) => {}
        Ok(Some(key)) => {
            for service in SERVICES.iter().filter(|service| service.command.starts_with("ibm")) {
                let environment = context.environment.clone();
                let setting = format!("{}_APIKEY", service.variables);
                let completed = environment.variable(setting.as_str(), key.clone());
                let connect = |environment| service.connect(environment, Attempts::silent());
                if is_without(&connect(&context.environment)) && connect(&completed).is_ok() {
                    context.environment = completed;
                    context.of_ibmcloud.push(setting);
                }
            }
        }
        Err(problem) => context.note(&format!("note: {VARIABLE} is not used: {problem}")),
    }
}

/// Says that a file of the working directory has the credential, which may be news to the user: it comes before variables.
pub(crate) fn note_file(core: &Core, context: &mut Context) {
    const FILE: &str = "ibm-credentials.env";
    let is_here =
        context.environment.path("IBM_CREDENTIALS_FILE").is_none() && context.environment.has_file(Path::new(FILE));
    let Some(source) = core.credential_source().filter(|_| is_here) else { return };
    if let Some(place) = source.place().filter(|place| place.ends_with(FILE)) {
        context.note(&format!("note: the credential is that of {place}, in the working directory"));
    }
}

fn is_without<T>(connected: &Result<T, Error>) -> bool {
    connected.as_ref().is_err_and(|error| error.kind() == ErrorKind::Configuration)
}

fn key(environment: &Environment) -> Result<Option<Secret>, String> {
    let value = environment.get(VARIABLE).map_err(|error| error.to_string())?;
    let Some(value) = value.filter(|_| environment.path("VCAP_SERVICES").is_none()) else { return Ok(None) };
    let Some(path) = value.expose().strip_prefix('@') else { return Ok(Some(value)) };
    let file = environment.read(Path::new(path)).map_err(|error| error.to_string())?;
    let file = file.ok_or_else(|| format!("the file {path} does not exist"))?;
    let text = file.text().trim();
    if !text.starts_with('{') {
        return Ok(Some(Secret::from(text)));
    }
    // As `ibmcloud iam api-key-create --file` writes it.
    let json = serde_json::from_str::<Value>(text).unwrap_or_default();
    let key = json.get("apikey").and_then(Value::as_str).map(Secret::from);
    key.map(Some).ok_or_else(|| format!("the file {path} has no `apikey`"))
}
