//! Values that know where they were set.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::{Environment, TextFile, invalid};
use crate::error::Error;
use crate::secret::Secret;
use crate::text::{self, shown};
use crate::url::{PlainHttp, check_base};

/// One value of a configuration, with the place where it was set.
///
/// Every value is treated as a secret: `Debug` and the errors of a setting show only its place.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The name as the user wrote it, such as `USAGE_REPORTS_URL`.
    key: String,
    /// The place, such as `line 3 of /home/me/ibm-credentials.env`. `None` for a variable.
    place: Option<String>,
    value: Secret,
}

impl Setting {
    /// Creates a setting from an environment variable, or from any other source in which the name says enough.
    pub fn new(key: impl Into<String>, value: impl Into<Secret>) -> Self {
        Self { key: key.into(), place: None, value: value.into() }
    }

    /// Sets the place, such as `line 3 of /etc/example.env`.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// The name as the user wrote it.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The place. `None` for a variable.
    pub fn place(&self) -> Option<&str> {
        self.place.as_deref()
    }

    /// The value. It may be a secret.
    pub fn text(&self) -> &str {
        self.value.expose()
    }

    /// The value as a secret.
    pub fn secret(&self) -> Secret {
        self.value.clone()
    }

    /// The value as a boolean: `true` or `false` in any case.
    ///
    /// # Errors
    ///
    /// Returns an error for any other value.
    pub fn flag(&self) -> Result<bool, Error> {
        match self.text() {
            text if text.eq_ignore_ascii_case("true") => Ok(true),
            text if text.eq_ignore_ascii_case("false") => Ok(false),
            _ => Err(self.invalid("must be `true` or `false`")),
        }
    }

    /// Parses the value. `what` says in the error what it must be, such as `"a whole number"`.
    ///
    /// # Errors
    ///
    /// Returns an error if the value does not parse.
    pub fn parse<T: FromStr>(&self, what: &str) -> Result<T, Error> {
        self.text().parse().map_err(|_| self.invalid(format_args!("must be {what}")))
    }

    /// The value as a number of seconds, which may have a fraction.
    ///
    /// # Errors
    ///
    /// Returns an error if the value is not a number or is negative.
    pub fn seconds(&self) -> Result<Duration, Error> {
        let what = "a number of seconds, such as `30` or `0.5`";
        let seconds = self.parse(what)?;
        Duration::try_from_secs_f64(seconds).map_err(|_| self.invalid(format_args!("must be {what}")))
    }

    /// The value as a base URL. It must be `https`, or `http` to this machine or to a link-local address (such as that
    /// of a metadata service), and must have no user, query or fragment.
    ///
    /// # Errors
    ///
    /// Returns an error for any other value.
    pub fn url(&self) -> Result<&str, Error> {
        check_base(self.text(), PlainHttp::Local, |problem| self.invalid(problem))?;
        Ok(self.text())
    }

    /// Creates an error of kind [`Configuration`](crate::ErrorKind::Configuration) about this setting: its place, then
    /// `problem`.
    pub fn invalid(&self, problem: impl fmt::Display) -> Error {
        invalid(format!("{self} {problem}"))
    }

    /// Logs a warning about this setting: its place, then `problem`.
    pub fn warn(&self, problem: impl fmt::Display) {
        tracing::warn!(target: "cloud_billing_core::config", "{}", text::message(format!("{self} {problem}")));
    }
}

/// The name and the place, never the value: `` `USAGE_REPORTS_URL` (line 3 of /home/me/ibm-credentials.env) ``.
impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", shown(&self.key))?;
        match &self.place {
            Some(place) => write!(f, " ({})", shown(place)),
            None => Ok(()),
        }
    }
}

/// The settings of one source.
///
/// Names are those of the service's documentation, without the prefix of the source: `APIKEY` for the variable
/// `EXAMPLE_APIKEY`.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    prefix: String,
    place: Option<String>,
    lower_case: bool,
    entries: Vec<(String, Setting)>,
}

impl Settings {
    /// Creates an empty set. Names in the source begin with `prefix`, which may be empty.
    pub fn new(prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into(), ..Self::default() }
    }

    /// Creates an empty set for the settings of a file.
    #[must_use]
    pub fn in_file(prefix: impl Into<String>, file: &TextFile) -> Self {
        Self::new(prefix).at(file.path())
    }

    /// Sets the place that messages about missing settings show.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// Declares that this source writes names in lower case. Lookups still use the documented names.
    #[must_use]
    pub fn lower_case(mut self) -> Self {
        self.lower_case = true;
        self
    }

    /// Collects the environment variables that begin with `prefix` and are not empty.
    ///
    /// # Errors
    ///
    /// Returns an error if a value is not Unicode.
    pub fn of_variables(environment: &Environment, prefix: &str) -> Result<Self, Error> {
        let mut settings = Self::new(prefix);
        for key in environment.names(prefix) {
            if let Some(value) = environment.get(&key)? {
                let name = key.strip_prefix(prefix).unwrap_or(&key).to_owned();
                settings.insert(name, Setting::new(key, value));
            }
        }
        Ok(settings)
    }

    /// Adds a setting. It replaces an earlier one with the same name; an empty value only removes that one.
    pub fn insert(&mut self, name: impl Into<String>, setting: Setting) {
        let name = name.into();
        self.entries.retain(|(other, _)| *other != name);
        if !setting.text().is_empty() {
            self.entries.push((name, setting));
        }
    }

    /// The setting called `name`.
    pub fn get(&self, name: &str) -> Option<&Setting> {
        self.entries.iter().find(|(other, _)| other == name).map(|(_, setting)| setting)
    }

    /// The settings with their names, in the order of the source.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Setting)> {
        self.entries.iter().map(|(name, setting)| (name.as_str(), setting))
    }

    /// Splits the settings into those whose names are wanted and the others.
    #[must_use]
    pub fn partition(self, wanted: impl Fn(&str) -> bool) -> (Self, Self) {
        let (entries, others) = self.entries.into_iter().partition(|(name, _)| wanted(name));
        let rest = Self { prefix: self.prefix.clone(), place: self.place.clone(), entries: others, ..self };
        (Self { entries, ..self }, rest)
    }

    /// Whether there are no settings.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The spelling of `name` in this source: `` `EXAMPLE_APIKEY` ``, or `` `apikey` in /etc/example.toml ``.
    pub fn spelled(&self, name: &str) -> String {
        let name = if self.lower_case { name.to_ascii_lowercase() } else { name.to_owned() };
        match &self.place {
            Some(place) => format!("`{}{name}` in {}", self.prefix, shown(place)),
            None => format!("`{}{name}`", self.prefix),
        }
    }

    /// Returns two settings that belong together, or `None` if both are missing.
    ///
    /// # Errors
    ///
    /// Returns an error if only one of them is set.
    pub fn pair(&self, first: &str, second: &str) -> Result<Option<(&Setting, &Setting)>, Error> {
        let (set, missing) = match (self.get(first), self.get(second)) {
            (Some(first), Some(second)) => return Ok(Some((first, second))),
            (None, None) => return Ok(None),
            (Some(set), None) => (set, second),
            (None, Some(set)) => (set, first),
        };
        Err(set.invalid(format_args!("is set without {}; set both or neither", self.spelled(missing))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &str) -> Setting {
        Setting::new("X_A", value).at("line 3 of /x.env")
    }

    #[test]
    fn values_are_read_and_refused_without_showing_them() {
        assert!(of("TRUE").flag().unwrap() && !of("False").flag().unwrap());
        assert_eq!(of("4").parse::<u32>("a whole number").unwrap(), 4);
        assert_eq!(of("0.5").seconds().unwrap(), Duration::from_millis(500));
        let mut errors = vec![of("hush").parse::<u32>("a whole number").unwrap_err()];
        errors.extend(["hush", "1", "yes", ""].map(|text| of(text).flag().unwrap_err()));
        errors.extend(["hush", "-1", "NaN", "inf", "1e300"].map(|text| of(text).seconds().unwrap_err()));
        for error in errors {
            let text = format!("{error} {error:?}");
            assert!(text.contains("`X_A` (line 3 of /x.env) must be") && !text.contains("hush"), "{text}");
        }
        assert!(!format!("{:?}", of("hush")).contains("hush"));
    }

    #[test]
    fn urls() {
        for good in ["https://iam.example.com", "https://h:1/p/", "http://127.0.0.1:9", "http://169.254.169.254"] {
            assert_eq!(of(good).url().unwrap(), good);
        }
        for (bad, problem) in [
            ("hush.example.com", "is not a URL"),
            ("https://me:hush@example.com", "has a user or password"),
            ("https://example.com?key=hush", "has a query or fragment"),
            ("http://hush.example.com", "is plain http to another machine"),
            ("ftp://hush.example.com", "is not a URL of https"),
        ] {
            let error = of(bad).url().unwrap_err();
            let text = format!("{error} {error:?}");
            assert!(text.contains(problem) && !text.contains("hush"), "{text}");
        }
    }

    #[test]
    fn the_later_one_counts_and_an_empty_one_removes() {
        let mut settings = Settings::new("X_");
        settings.insert("A", of("1"));
        settings.insert("A", of("2"));
        assert_eq!(settings.get("A").unwrap().text(), "2");
        settings.insert("A", of(""));
        assert!(settings.is_empty() && settings.iter().next().is_none());
    }

    #[test]
    fn pairs() {
        let environment = Environment::empty().variable("X_ID", "i").variable("X_SECRET", "").variable("XY", "no");
        let mut settings = Settings::of_variables(&environment, "X_").unwrap();
        insta::assert_snapshot!(
            settings.pair("ID", "SECRET").unwrap_err(),
            @"invalid configuration: `X_ID` is set without `X_SECRET`; set both or neither"
        );
        assert!(settings.pair("A", "B").unwrap().is_none());
        settings.insert("SECRET", Setting::new("X_SECRET", "s"));
        assert!(settings.pair("ID", "SECRET").unwrap().is_some());
    }
}
