//! Profiles of the Atlas CLI.

use std::collections::BTreeMap;

use cloud_billing_core::config::{Environment, Setting, Settings, TextFile, shown};
use cloud_billing_core::{Error, ErrorKind};
use toml::de::{DeTable, DeValue};

/// The keys of a profile that are read, spelled like the variables.
const KNOWN: [&str; 10] = [
    "ACCESS_TOKEN",
    "AUTH_TYPE",
    "BASE_URL",
    "CLIENT_ID",
    "CLIENT_SECRET",
    "OPS_MANAGER_URL",
    "ORG_ID",
    "PRIVATE_API_KEY",
    "PUBLIC_API_KEY",
    "SERVICE",
];

/// The result of looking for a profile.
#[derive(Debug)]
pub(super) enum Lookup {
    /// The profile is not needed and was not read.
    NotNeeded,
    /// There is no file, or the file has no profile.
    Nothing,
    /// There are several profiles, and none was chosen.
    Ambiguous {
        path: String,
        names: Vec<String>,
    },
    Found(Profile),
}

#[derive(Debug)]
pub(super) struct Profile {
    /// The profile in messages: ``profile `default` of /home/me/.config/atlascli/config.toml``.
    pub(super) title: String,
    pub(super) settings: Settings,
}

impl Lookup {
    pub(super) fn settings(&self) -> Option<&Settings> {
        match self {
            Self::Found(profile) => Some(&profile.settings),
            _ => None,
        }
    }
}

/// Reads the profile that `variables` choose, or else the default one.
pub(super) fn load(environment: &Environment, variables: &Settings) -> Result<Lookup, Error> {
    let chosen = variables.get("PROFILE");
    let Some(path) = environment.config_dir().map(|dir| dir.join("atlascli").join("config.toml")) else {
        return match chosen {
            Some(chosen) => Err(chosen.invalid(
                "names a profile, but where the files of the Atlas CLI are is not known; set `HOME`, or an absolute \
                 `XDG_CONFIG_HOME`, or on Windows `AppData`",
            )),
            None => Ok(Lookup::Nothing),
        };
    };
    let Some(file) = environment.read(&path)? else {
        return match chosen {
            Some(chosen) => {
                Err(chosen.invalid(format!("names a profile, but the file {} does not exist", path.display())))
            }
            None => Ok(Lookup::Nothing),
        };
    };
    let mut profiles = parse(&file)?;
    let name = match chosen {
        Some(chosen) => {
            let name = chosen.text().to_lowercase();
            if !profiles.contains_key(&name) {
                let problem = format!("names a profile that {} does not have; it has {}", file.path(), list(&profiles));
                return Err(chosen.invalid(problem));
            }
            name
        }
        None if profiles.len() == 1 => profiles.keys().next().cloned().unwrap_or_default(),
        None => "default".to_owned(),
    };
    Ok(match profiles.remove(&name) {
        Some(table) => Lookup::Found(Profile::new(&name, &file, table)),
        None if profiles.is_empty() => Lookup::Nothing,
        None => Lookup::Ambiguous { path: file.path().to_owned(), names: profiles.into_keys().collect() },
    })
}

/// The profiles by their names, which become lower case.
type Profiles<'a> = BTreeMap<String, DeTable<'a>>;

/// Parses the tables of the file.
fn parse(file: &TextFile) -> Result<Profiles<'_>, Error> {
    let entries = DeTable::parse(file.text()).map_err(|error| {
        // The error's own text may quote a secret.
        let before = error.span().and_then(|span| file.text().get(..span.start));
        let line = before.map(|text| format!("line {} of ", 1 + text.matches('\n').count())).unwrap_or_default();
        Error::new(ErrorKind::Configuration, format!("{line}{} is not valid TOML; correct the file", file.path()))
    })?;
    let tables = entries.into_inner().into_iter().filter_map(|(name, value)| match value.into_inner() {
        DeValue::Table(table) => Some((name.into_inner().to_lowercase(), table)),
        _ => None,
    });
    Ok(tables.collect())
}

fn list(profiles: &Profiles<'_>) -> String {
    let names: Vec<String> = profiles.keys().map(|name| format!("`{}`", shown(name))).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

impl Profile {
    fn new(name: &str, file: &TextFile, table: DeTable<'_>) -> Self {
        let title = format!("profile `{}` of {}", shown(name), file.path());
        let mut settings = Settings::new("").at(title.as_str()).lower_case();
        for (key, value) in table {
            let name = key.get_ref().to_ascii_uppercase();
            if let DeValue::String(text) = value.into_inner()
                && KNOWN.contains(&name.as_str())
            {
                settings.insert(name, Setting::new(key.into_inner(), text.into_owned()).at(title.as_str()));
            }
        }
        Self { title, settings }
    }
}
