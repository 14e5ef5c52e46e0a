//! The identity of a container.

use std::io::ErrorKind as Io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::options::{IamEndpoint, IamOptions, iam_setters, invalid};
use crate::auth::BoxFuture;
use crate::auth::tokens::{Token, TokenClient, TokenSource, Tokens, token_credential};
use crate::deadline::Deadline;
use crate::error::{Error, ErrorKind};
use crate::secret::Secret;
use crate::small_file;

/// The files in which the platforms store the token. The first one that exists is read.
const TOKEN_FILES: [&str; 3] = [
    "/var/run/secrets/tokens/vault-token",
    "/var/run/secrets/tokens/sa-token",
    "/var/run/secrets/codeengine.cloud.ibm.com/compute-resource-token/token",
];

/// The identity of a container (Kubernetes, OpenShift, Code Engine), exchanged for access tokens of a trusted profile.
///
/// The platform stores the container's own token in a file and replaces it from time to time. Therefore every exchange
/// reads the file again. It must be a regular file of at most 1 MiB that holds one token and nothing else: letters, digits and
/// the characters `-._~+/=`, without white space inside. So no other file is sent by mistake.
#[derive(Debug, Default)]
#[must_use]
pub struct ComputeResource {
    profile_id: Option<String>,
    profile_name: Option<String>,
    token_file: Option<PathBuf>,
    options: IamOptions,
    tokens: Tokens,
}

impl ComputeResource {
    /// Creates a credential without a profile. Set at least one of [`profile_id`](Self::profile_id) and
    /// [`profile_name`](Self::profile_name).
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the id of the trusted profile.
    pub fn profile_id(mut self, id: impl Into<String>) -> Self {
        self.profile_id = Some(id.into());
        self
    }

    /// Sets the name of the trusted profile.
    pub fn profile_name(mut self, name: impl Into<String>) -> Self {
        self.profile_name = Some(name.into());
        self
    }

    /// Sets the path of the container's token file. The default is the first of these files that exists:
    ///
    /// * `/var/run/secrets/tokens/vault-token`
    /// * `/var/run/secrets/tokens/sa-token`
    /// * `/var/run/secrets/codeengine.cloud.ibm.com/compute-resource-token/token`
    pub fn token_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.token_file = Some(path.into());
        self
    }

    fn source(&self) -> Result<Arc<dyn TokenSource>, Error> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let (profile_id, profile_name) = (given(&self.profile_id), given(&self.profile_name));
        if profile_id.is_none() && profile_name.is_none() {
            return Err(invalid("there is no trusted profile; set `profile_id` or `profile_name`"));
        }
        let files = match &self.token_file {
            Some(file) => vec![file.clone()],
            None => TOKEN_FILES.map(PathBuf::from).to_vec(),
        };
        Ok(Arc::new(ComputeResourceSource { profile_id, profile_name, files, iam: IamEndpoint::new(&self.options)? }))
    }

    fn secrets(&self) -> Vec<Secret> {
        self.options.secrets(None)
    }
}

iam_setters!(ComputeResource);
token_credential!(ComputeResource);

struct ComputeResourceSource {
    profile_id: Option<String>,
    profile_name: Option<String>,
    files: Vec<PathBuf>,
    iam: IamEndpoint,
}

/// Returns the token in the first file that exists.
fn first_token(files: &[PathBuf]) -> Result<Zeroizing<String>, Error> {
    for file in files {
        match small_file::read(file) {
            Ok(read) => return token(file, &read.bytes),
            Err(error) if error.kind() == Io::NotFound && files.len() > 1 => {}
            Err(error) => return Err(problem(file, small_file::problem(&error)).with_source(error)),
        }
    }
    let message = "there is no token file in the usual places; run in a container that has one, or set `token_file`";
    Err(Error::new(ErrorKind::Credential, message))
}

fn token(file: &Path, bytes: &[u8]) -> Result<Zeroizing<String>, Error> {
    match std::str::from_utf8(bytes).map(str::trim) {
        Ok("") => Err(problem(file, "is empty")),
        Ok(text) if !text.bytes().all(is_of_token) => {
            Err(problem(file, "does not hold one token and nothing else, so it is not sent"))
        }
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(error) => Err(problem(file, "is not UTF-8").with_source(error)),
    }
}

/// Whether a JSON Web Token or another bearer token (RFC 6750) may have this character.
fn is_of_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte)
}

/// An error about a token file. It shows the path, which is not a secret, so that the user can correct it.
fn problem(file: &Path, problem: &str) -> Error {
    Error::new(ErrorKind::Credential, format!("the token file {file:?} {problem}"))
}

impl TokenSource for ComputeResourceSource {
    fn name(&self) -> &'static str {
        "iam compute resource"
    }

    fn fetch<'a>(&'a self, client: &'a TokenClient, end: Deadline) -> BoxFuture<'a, Result<Token, Error>> {
        Box::pin(async move {
            let files = self.files.clone();
            // Reading a file blocks the thread.
            let text = tokio::task::spawn_blocking(move || first_token(&files))
                .await
                .map_err(|_| Error::new(ErrorKind::Credential, "the token file cannot be read"))??;
            let mut fields =
                vec![("grant_type", "urn:ibm:params:oauth:grant-type:cr-token"), ("cr_token", text.as_str())];
            fields.extend(self.profile_id.as_deref().map(|id| ("profile_id", id)));
            fields.extend(self.profile_name.as_deref().map(|name| ("profile_name", name)));
            self.iam.exchange(client, end, fields).await
        })
    }
}
