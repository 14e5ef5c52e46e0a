//! Which source counts.

use std::path::Path;

use cloud_billing_core::Error;
use cloud_billing_core::config::{Environment, Setting, Settings, TextFile};

use super::{file, vcap};

/// What the names of this service's properties begin with.
pub(super) const PREFIX: &str = "USAGE_REPORTS_";

/// [`PREFIX`] without the underscore: what a name begins with that may have been meant for this service.
pub(super) const STEM: &str = "USAGE_REPORTS";

/// The credential file in the working and the home directory.
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

/// The properties that are for others: IBM's live tests use them.
const FOR_TESTS: [&str; 8] = [
    "ACCOUNT_ID",
    "BILLING_MONTH",
    "COS_BUCKET",
    "COS_LOCATION",
    "DATE_FROM",
    "DATE_TO",
    "ORG_ID",
    "RESOURCE_GROUP_ID",
];

/// The source that counts.
#[derive(Debug, Default)]
pub(super) struct Source {
    /// Its properties, as far as they are known.
    pub(super) settings: Settings,
    /// The file it is, if it is one.
    pub(super) file: Option<String>,
    /// The names that mean nothing, in this source and in those that do not count for it.
    pub(super) ignored: Vec<String>,
}

/// Finds the first source with a property of this service. There may be none.
pub(super) fn load(environment: &Environment) -> Result<Source, Error> {
    let mut source = Source::default();
    if let Some(file) = credential_file(environment)?
        && source.take(file::read(&file)?)?
    {
        source.file = Some(file.path().to_owned());
        return Ok(source);
    }
    // With STEM, so that the names that only look like this service's are seen.
    let mut variables = Settings::new(PREFIX);
    for (rest, setting) in Settings::of_variables(environment, STEM)?.iter() {
        refuse_similar(setting)?;
        if let Some(name) = rest.strip_prefix('_') {
            variables.insert(name, setting.clone());
        }
    }
    if source.take(variables)? {
        return Ok(source);
    }
    if let Some(json) = environment.get(vcap::VARIABLE)? {
        source.take(vcap::read(&json)?)?;
    }
    Ok(source)
}

/// An error about a name like `USAGE_REPORTSX_URL`, which no client reads and which nobody writes on purpose.
pub(super) fn refuse_similar(setting: &Setting) -> Result<(), Error> {
    let Some(rest) = setting.key().strip_prefix(STEM).filter(|rest| !rest.starts_with('_')) else { return Ok(()) };
    match KNOWN.iter().filter(|known| rest.ends_with(**known)).max_by_key(|known| known.len()) {
        Some(known) => Err(setting.invalid(format_args!("is not a property of this service; `{PREFIX}{known}` is"))),
        None => Ok(()),
    }
}

/// The credential file that applies.
fn credential_file(environment: &Environment) -> Result<Option<TextFile>, Error> {
    const VARIABLE: &str = "IBM_CREDENTIALS_FILE";
    if let Some(path) = environment.path(VARIABLE) {
        let missing = || {
            let problem = format!("names the file {}, which does not exist; correct or unset it", path.display());
            Setting::new(VARIABLE, "").invalid(problem)
        };
        return environment.read(&path)?.ok_or_else(missing).map(Some);
    }
    let here = Path::new(FILE_NAME);
    if environment.has_file(here) {
        return environment.read(here);
    }
    match environment.home_dir().map(|home| home.join(FILE_NAME)) {
        Some(path) if environment.has_file(&path) => environment.read(&path),
        _ => Ok(None),
    }
}

impl Source {
    /// Takes the known properties of `found` over, unless there are none. Says whether it did.
    fn take(&mut self, found: Settings) -> Result<bool, Error> {
        let (known, others) = found.partition(|name| KNOWN.contains(&name));
        for (name, setting) in others.iter() {
            if !FOR_TESTS.contains(&name) {
                setting.warn("is not known and has no effect");
                self.ignored.push(setting.to_string());
            }
        }
        for (name, setting) in known.iter() {
            refuse_quotes(name, setting)?;
        }
        let any = !known.is_empty();
        self.settings = known;
        Ok(any)
    }
}

/// An error about a value in quotes, which are not taken off. API key and URL get the test of IBM's own clients, which is
/// on either end and on braces too.
fn refuse_quotes(name: &str, setting: &Setting) -> Result<(), Error> {
    let text = setting.text();
    let quoted = |quote: char| text.len() > 1 && text.starts_with(quote) && text.ends_with(quote);
    let odd = matches!(name, "APIKEY" | "URL") && (text.starts_with(['{', '"']) || text.ends_with(['}', '"']));
    if odd || quoted('"') || quoted('\'') {
        return Err(
            setting.invalid("begins or ends with a quote or brace, which would be part of the value; remove it")
        );
    }
    Ok(())
}
