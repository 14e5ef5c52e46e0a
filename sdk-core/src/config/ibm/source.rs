//! Chooses the source of the configuration.

use std::path::Path;

use super::{External, file, vcap};
use crate::config::{Environment, Setting, Settings, TextFile, invalid};
use crate::error::Error;

/// The name of the credential file in the working directory and the home directory.
const FILE_NAME: &str = "ibm-credentials.env";

/// The properties that are read.
const KNOWN: [&str; 23] = [
    "APIKEY",
    "AUTH_DISABLE_SSL",
    "AUTH_TYPE",
    "AUTH_URL",
    "AUTHTYPE",
    "BEARER_TOKEN",
    "CLIENT_ID",
    "CLIENT_SECRET",
    "CR_TOKEN_FILENAME",
    "DISABLE_SSL",
    "ENABLE_GZIP",
    "ENABLE_RETRIES",
    "IAM_ACCOUNT_ID",
    "IAM_PROFILE_CRN",
    "IAM_PROFILE_ID",
    "IAM_PROFILE_NAME",
    "MAX_RETRIES",
    "PASSWORD",
    "RETRY_INTERVAL",
    "SCOPE",
    "URL",
    "USERNAME",
    "VPC_IMS_VERSION",
];

/// The source in use.
#[derive(Debug, Default)]
pub(super) struct Source {
    /// Its known properties.
    pub(super) settings: Settings,
    /// Its path, if it is a credential file.
    pub(super) file: Option<String>,
    /// Unknown names, in this source and in the skipped ones before it.
    pub(super) ignored: Vec<String>,
}

impl External {
    /// Finds the first source with a property of this service. If there is none, the result is empty.
    pub(super) fn load(self, environment: &Environment) -> Result<Source, Error> {
        let mut source = Source::default();
        if let Some(file) = credential_file(environment)?
            && source.take(self, file::read(self, &file)?)?
        {
            self.warn_of_hidden(environment, &file);
            source.file = Some(file.path().to_owned());
            return Ok(source);
        }
        // Search by stem, so that misspelt names are found too.
        let mut variables = Settings::new(self.prefix());
        for (rest, setting) in Settings::of_variables(environment, self.stem)?.iter() {
            self.refuse_misspelt(setting)?;
            if let Some(name) = rest.strip_prefix('_') {
                variables.insert(name, setting.clone());
            }
        }
        if source.take(self, variables)? {
            return Ok(source);
        }
        if let Some(json) = environment.get(vcap::VARIABLE)? {
            source.take(self, vcap::read(&self.stem.to_ascii_lowercase(), &json)?)?;
        }
        Ok(source)
    }

    /// Warns of variables that a file hides which nobody has named.
    fn warn_of_hidden(self, environment: &Environment, file: &TextFile) {
        let prefix = self.prefix();
        let is_known = |name: &String| name.strip_prefix(&prefix).is_some_and(|name| KNOWN.contains(&name));
        let hidden = environment.names(&prefix).into_iter().find(is_known);
        if let Some(hidden) = hidden.filter(|_| environment.path(super::VARIABLES[0]).is_none()) {
            tracing::warn!(
                target: "cloud_billing_core::config",
                "{} configures this service; environment variables such as `{hidden}` have no effect",
                file.path()
            );
        }
    }

    /// Returns an error for a misspelt name such as `USAGE_REPORTSX_URL`, which no SDK reads.
    pub(super) fn refuse_misspelt(self, setting: &Setting) -> Result<(), Error> {
        let rest = setting.key().strip_prefix(self.stem).filter(|rest| !rest.starts_with('_'));
        let Some(rest) = rest else { return Ok(()) };
        match KNOWN.iter().filter(|known| rest.ends_with(**known)).max_by_key(|known| known.len()) {
            Some(known) => {
                let right = self.prefix() + known;
                Err(setting.invalid(format_args!("is not a property of this service; `{right}` is")))
            }
            None => Ok(()),
        }
    }
}

/// The credential file to read.
fn credential_file(environment: &Environment) -> Result<Option<TextFile>, Error> {
    const VARIABLE: &str = super::VARIABLES[0];
    if let Some(path) = environment.path(VARIABLE) {
        let missing = || {
            let problem = format!("names the file {}, which does not exist; correct or unset it", path.display());
            Setting::new(VARIABLE, "").invalid(problem)
        };
        return environment.read(&path)?.ok_or_else(missing).map(Some);
    }
    let here = Path::new(FILE_NAME);
    if environment.has_file(here) {
        return environment.read(here)?.map(refuse_foreign).transpose();
    }
    match environment.home_dir().map(|home| home.join(FILE_NAME)) {
        Some(path) if environment.has_file(&path) => environment.read(&path),
        _ => Ok(None),
    }
}

/// Refuses a file of the working directory that another user may have put there: it says where secrets are sent.
fn refuse_foreign(file: TextFile) -> Result<TextFile, Error> {
    match file.doubt() {
        None => Ok(file),
        Some(doubt) => Err(invalid(format!(
            "the file {} of the working directory {doubt}, who could choose where secrets are sent; if you trust it, name it \
             by `IBM_CREDENTIALS_FILE`, otherwise delete it or work in another directory",
            file.path()
        ))),
    }
}

impl Source {
    /// Uses the known properties of `found`, unless there are none. Returns whether it did.
    fn take(&mut self, external: External, found: Settings) -> Result<bool, Error> {
        let (known, others) = found.partition(|name| KNOWN.contains(&name));
        for (name, setting) in others.iter() {
            if !external.silent.contains(&name) {
                setting.warn("is unknown and has no effect");
                self.ignored.push(setting.to_string());
            }
        }
        for (name, setting) in known.iter() {
            refuse_quoted(name, setting)?;
        }
        let any = !known.is_empty();
        self.settings = known;
        Ok(any)
    }
}

/// Returns an error for a quoted value, because quotes are not removed. For API key and URL this is the stricter test
/// of IBM's own SDKs, which also covers braces and a quote at one end.
fn refuse_quoted(name: &str, setting: &Setting) -> Result<(), Error> {
    let text = setting.text();
    let odd = matches!(name, "APIKEY" | "URL") && (text.starts_with(['{', '"']) || text.ends_with(['}', '"']));
    if odd || is_quoted(text) {
        return Err(
            setting.invalid("begins or ends with a quote or brace, which would be part of the value; remove it")
        );
    }
    Ok(())
}

/// Whether a value begins and ends with the same quote.
pub(super) fn is_quoted(value: &str) -> bool {
    ['"', '\''].into_iter().any(|quote| value.len() > 1 && value.starts_with(quote) && value.ends_with(quote))
}
