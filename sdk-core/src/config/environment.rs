//! The sources of configuration.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::invalid;
use crate::error::Error;
use crate::secret::Secret;
use crate::small_file::{self, SmallFile};
use crate::text::shown;

/// The environment variables and directories from which configuration is read.
///
/// [`process`](Self::process) is the real environment. Tests start from [`empty`](Self::empty), so that they neither
/// depend on the machine nor change the environment of other tests:
///
/// ```
/// use cloud_billing_core::config::Environment;
///
/// let environment = Environment::empty().variable("EXAMPLE_URL", "https://billing.example.com");
/// assert_eq!(environment.get("EXAMPLE_URL")?.unwrap().expose(), "https://billing.example.com");
/// assert!(environment.get("PATH")?.is_none());
/// # Ok::<(), cloud_billing_core::Error>(())
/// ```
///
/// Every value is treated as a secret: `Debug` prints only the names.
#[derive(Clone)]
#[must_use]
pub struct Environment {
    variables: Variables,
    directory: Option<PathBuf>,
    home: Option<PathBuf>,
    platform: Platform,
}

#[derive(Clone)]
enum Variables {
    /// Read on demand. A copy would hold secrets of other programs.
    Process,
    Fixed(BTreeMap<String, Secret>),
}

/// The platform, which determines the user's configuration directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Platform {
    /// Linux and the other systems with the XDG directories.
    Unix,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
}

impl Platform {
    /// The platform that this program was compiled for.
    pub const fn current() -> Self {
        if cfg!(windows) {
            Self::Windows
        } else if cfg!(target_vendor = "apple") {
            Self::MacOs
        } else {
            Self::Unix
        }
    }
}

/// An environment with these variables and without directories.
impl<Name: Into<String>, Value: Into<Secret>> FromIterator<(Name, Value)> for Environment {
    fn from_iter<I: IntoIterator<Item = (Name, Value)>>(variables: I) -> Self {
        variables.into_iter().fold(Self::empty(), |all, (name, value)| all.variable(name, value))
    }
}

impl Environment {
    /// The environment of this process. Variables are read on demand.
    pub fn process() -> Self {
        Self {
            variables: Variables::Process,
            directory: Some(PathBuf::new()),
            home: std::env::home_dir().filter(|home| !home.as_os_str().is_empty()),
            platform: Platform::current(),
        }
    }

    /// An environment without variables and directories.
    pub fn empty() -> Self {
        Self {
            variables: Variables::Fixed(BTreeMap::new()),
            directory: None,
            home: None,
            platform: Platform::current(),
        }
    }

    /// Sets a variable. If this is the environment of the process, all of the process's variables are dropped first.
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<Secret>) -> Self {
        let (name, value) = (name.into(), value.into());
        match &mut self.variables {
            Variables::Fixed(variables) => drop(variables.insert(name, value)),
            Variables::Process => self.variables = Variables::Fixed(BTreeMap::from([(name, value)])),
        }
        self
    }

    /// Sets the directory for relative paths.
    pub fn directory(mut self, path: impl Into<PathBuf>) -> Self {
        self.directory = Some(path.into());
        self
    }

    /// Sets the user's home directory.
    pub fn home(mut self, path: impl Into<PathBuf>) -> Self {
        self.home = Some(path.into());
        self
    }

    /// Sets the platform that [`config_dir`](Self::config_dir) follows. The default is [`Platform::current`].
    pub fn platform(mut self, platform: Platform) -> Self {
        self.platform = platform;
        self
    }

    /// Returns the value of a variable. An empty value counts as not set.
    ///
    /// # Errors
    ///
    /// Returns an error if the value is not Unicode.
    pub fn get(&self, name: &str) -> Result<Option<Secret>, Error> {
        let value = match &self.variables {
            Variables::Fixed(variables) => variables.get(name).cloned(),
            Variables::Process => std::env::var_os(name).map(|value| unicode(name, value)).transpose()?,
        };
        Ok(value.filter(|value| !value.expose().is_empty()))
    }

    /// Returns the value of a variable that contains a path. A path need not be Unicode.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        let value = match &self.variables {
            Variables::Fixed(variables) => variables.get(name).map(|value| OsString::from(value.expose())),
            Variables::Process => std::env::var_os(name),
        };
        value.filter(|value| !value.is_empty()).map(PathBuf::from)
    }

    /// Returns the variable names that begin with `prefix`, sorted. The comparison is case-sensitive.
    pub fn names(&self, prefix: &str) -> Vec<String> {
        let mut names: Vec<String> = match &self.variables {
            Variables::Fixed(variables) => variables.keys().filter(|name| name.starts_with(prefix)).cloned().collect(),
            Variables::Process => std::env::vars_os()
                .filter_map(|(name, _)| name.into_string().ok())
                .filter(|name| name.starts_with(prefix))
                .collect(),
        };
        names.sort_unstable();
        names
    }

    /// The user's home directory.
    pub fn home_dir(&self) -> Option<&Path> {
        self.home.as_deref()
    }

    /// The directory for the user's configuration files: `$XDG_CONFIG_HOME` or `~/.config`; on macOS
    /// `~/Library/Application Support`; on Windows `%AppData%`. Returns `None` if the required variables are not set,
    /// or if `$XDG_CONFIG_HOME` is relative, which its specification forbids.
    pub fn config_dir(&self) -> Option<PathBuf> {
        match self.platform {
            Platform::Windows => self.path("AppData"),
            Platform::MacOs => Some(self.home.as_ref()?.join("Library").join("Application Support")),
            Platform::Unix => match self.path("XDG_CONFIG_HOME") {
                Some(path) => Some(path).filter(|path| path.is_absolute()),
                None => Some(self.home.as_ref()?.join(".config")),
            },
        }
    }

    /// Whether there is a file at `path`.
    pub fn has_file(&self, path: &Path) -> bool {
        self.locate(path).is_some_and(|path| path.is_file())
    }

    /// Reads a text file, or returns `None` if it does not exist. A byte order mark is removed. If every user of the
    /// machine can write the file, there is a warning in the trace (on Unix).
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read, is not a regular file, is larger than 1 MiB or is not UTF-8. The error
    /// names the file.
    pub fn read(&self, path: &Path) -> Result<Option<TextFile>, Error> {
        let Some(located) = self.locate(path) else { return Ok(None) };
        let shown = shown(&located.display().to_string());
        let SmallFile { bytes, is_writable_by_all, owner } = match small_file::read(&located) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                let problem = small_file::problem(&error);
                return Err(invalid(format!("the file {shown} {problem}")).with_source(error));
            }
        };
        if is_writable_by_all {
            tracing::warn!(
                target: "cloud_billing_core::config",
                "every user of this machine can write the file {shown} and so choose where its secrets are sent; remove that permission"
            );
        }
        match std::str::from_utf8(&bytes) {
            Ok(text) => Ok(Some(TextFile {
                path: shown,
                text: text.strip_prefix('\u{feff}').unwrap_or(text).into(),
                is_writable_by_all,
                is_of_another_user: owner.is_some_and(|owner| self.is_another_user(owner)),
            })),
            Err(error) => {
                let good = bytes.iter().take(error.valid_up_to());
                let line = 1 + good.filter(|byte| **byte == b'\n').count();
                Err(invalid(format!("line {line} of {shown} is not UTF-8")))
            }
        }
    }

    /// Whether it is the id neither of this user nor of root. If it is not known who this user is, it is not.
    fn is_another_user(&self, id: u32) -> bool {
        // Who runs a process owns its folder. Where there is no such folder, the home directory tells.
        let own = [Some(Path::new("/proc/self")), self.home.as_deref()];
        let own = own.into_iter().flatten().filter_map(|path| small_file::owner(&std::fs::metadata(path).ok()?));
        let mut own = own.peekable();
        id != 0 && own.peek().is_some() && own.all(|user| user != id)
    }

    fn locate(&self, path: &Path) -> Option<PathBuf> {
        if path.is_absolute() { Some(path.to_owned()) } else { Some(self.directory.as_ref()?.join(path)) }
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Environment");
        match &self.variables {
            Variables::Process => out.field("variables", &format_args!("of the process")),
            Variables::Fixed(variables) => out.field("variables", &variables.keys()),
        };
        out.field("directory", &self.directory).field("home", &self.home).field("platform", &self.platform).finish()
    }
}

/// A text file with its path.
///
/// `Debug` prints only the path.
#[derive(Clone)]
pub struct TextFile {
    path: String,
    text: Secret,
    is_writable_by_all: bool,
    is_of_another_user: bool,
}

impl TextFile {
    /// The path, for messages.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The text. It may contain secrets.
    pub fn text(&self) -> &str {
        self.text.expose()
    }

    /// Why another user of this machine may have written it, for messages. `None` if none can, or that is not known.
    pub(super) fn doubt(&self) -> Option<&'static str> {
        match () {
            () if self.is_of_another_user => Some("belongs to another user of this machine"),
            () if self.is_writable_by_all => Some("can be written by every user of this machine"),
            () => None,
        }
    }
}

impl fmt::Debug for TextFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextFile").field("path", &self.path).finish_non_exhaustive()
    }
}

fn unicode(name: &str, value: OsString) -> Result<Secret, Error> {
    // Drop the original value: the error must not contain it.
    value.into_string().map(Secret::new).map_err(|_| invalid(format!("`{}` is not valid Unicode", shown(name))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_values_are_none_and_debug_shows_names_only() {
        let environment = Environment::empty().variable("A_KEY", "hush").variable("A_URL", "").variable("B", "x");
        assert!(environment.get("A_URL").unwrap().is_none() && environment.path("A_URL").is_none());
        assert_eq!(environment.names("A_"), ["A_KEY", "A_URL"]);
        let debug = format!("{environment:?}");
        assert!(debug.contains("A_KEY") && !debug.contains("hush"), "{debug}");
        let collected: Environment = [("A_KEY", "hush"), ("A_URL", ""), ("B", "x")].into_iter().collect();
        assert_eq!(format!("{collected:?}"), debug);
    }

    #[test]
    fn the_process_is_asked_for_its_variables() {
        let environment = Environment::process();
        assert!(environment.get("CARGO_PKG_NAME").unwrap().is_some_and(|name| name.expose() == "cloud-billing-core"));
        assert!(environment.names("CARGO_PKG_").iter().any(|name| name == "CARGO_PKG_NAME"));
        assert!(environment.has_file(Path::new("Cargo.toml")));
        assert!(environment.variable("ONE", "1").get("CARGO_PKG_NAME").unwrap().is_none());
    }

    #[test]
    #[cfg(unix)]
    fn what_is_not_unicode_is_refused_without_showing_it() {
        use std::os::unix::ffi::OsStringExt;

        let error = unicode("A_KEY", OsString::from_vec(b"hush\xff".to_vec())).unwrap_err();
        assert_eq!(error.to_string(), "invalid configuration: `A_KEY` is not valid Unicode");
        assert!(!format!("{error:?}").contains("hush"));
    }

    #[test]
    #[cfg(unix)]
    fn configuration_directories() {
        let at = |platform| Environment::empty().home("/home/me").platform(platform);
        let dir = |environment: Environment| environment.config_dir().map(|path| path.display().to_string());
        assert_eq!(dir(at(Platform::Unix)).unwrap(), "/home/me/.config");
        assert_eq!(dir(at(Platform::Unix).variable("XDG_CONFIG_HOME", "/cfg")).unwrap(), "/cfg");
        assert_eq!(dir(at(Platform::Unix).variable("XDG_CONFIG_HOME", "")).unwrap(), "/home/me/.config");
        assert_eq!(dir(at(Platform::Unix).variable("XDG_CONFIG_HOME", "cfg")), None);
        assert_eq!(dir(at(Platform::MacOs)).unwrap(), "/home/me/Library/Application Support");
        assert_eq!(dir(at(Platform::Windows)), None);
        assert_eq!(dir(at(Platform::Windows).variable("AppData", "/roaming")).unwrap(), "/roaming");
        assert_eq!(dir(Environment::empty().platform(Platform::Unix)), None);
    }

    #[test]
    fn files() {
        let dir = tempfile::tempdir().unwrap();
        let environment = Environment::empty().directory(dir.path());
        let write = |name: &str, bytes: &[u8]| std::fs::write(dir.path().join(name), bytes).unwrap();
        let read = |name: &str| environment.read(Path::new(name));

        write("good", "\u{feff}a=b".as_bytes());
        let file = read("good").unwrap().unwrap();
        assert_eq!(file.text(), "a=b");
        assert!(!format!("{file:?}").contains("a=b"));

        assert!(read("none").unwrap().is_none());
        assert!(Environment::empty().read(Path::new("good")).unwrap().is_none());

        write("latin", b"a\nhush\xe4");
        write("large", &vec![b'x'; 1024 * 1024 + 1]);
        std::fs::create_dir(dir.path().join("folder")).unwrap();
        for (name, problem) in
            [("latin", "line 2 of "), ("large", "larger than 1 MiB"), ("folder", "not a regular file")]
        {
            let error = read(name).unwrap_err();
            let text = format!("{error} {error:?}");
            assert!(text.contains(problem) && text.contains(name) && !text.contains("hush"), "{text}");
        }
        assert!(environment.has_file(Path::new("good")) && !environment.has_file(Path::new("folder")));
        assert!(cfg!(windows) || environment.read(Path::new("/dev/zero")).is_err());
    }
    #[test]
    #[cfg(unix)]
    fn a_file_that_everybody_can_write_is_warned_of() {
        use std::os::unix::fs::PermissionsExt;

        test_support::trace::keep_on();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.env");
        std::fs::write(&path, "hush").unwrap();
        for (mode, warns) in [(0o600, false), (0o664, false), (0o666, true), (0o602, true)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let recorder = test_support::trace::Recorder::default();
            let read = tracing::subscriber::with_default(recorder.clone(), || Environment::empty().read(&path));
            assert_eq!(read.unwrap().unwrap().text(), "hush");
            let traced = recorder.everything();
            assert_eq!(traced.contains("WARN") && traced.contains("a.env"), warns, "{mode:o}: {traced}");
            assert!(!traced.contains("hush"), "{traced}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn who_is_another_user() {
        use std::os::unix::fs::MetadataExt;

        let own = tempfile::tempfile().unwrap().metadata().unwrap().uid();
        let home = tempfile::tempdir().unwrap();
        let environment = Environment::empty().home(home.path());
        assert_eq!([own, 0, own + 1].map(|user| environment.is_another_user(user)), [false, false, true]);
    }
}
