//! Credential files.

use super::External;
use crate::config::{Setting, Settings, TextFile};
use crate::error::{Error, ErrorKind};

/// Reads the properties of this service.
pub(super) fn read(external: External, file: &TextFile) -> Result<Settings, Error> {
    let (stem, prefix) = (external.stem, external.prefix());
    let mut settings = Settings::in_file(prefix.as_str(), file);
    for (index, line) in file.text().lines().enumerate() {
        let place = format!("line {} of {}", index + 1, file.path());
        let invalid = |problem: &str| Error::new(ErrorKind::Configuration, format!("{place} {problem}"));
        let line = line.trim();
        if let Some(exported) = line.strip_prefix("export")
            && exported.trim_start().starts_with(stem)
        {
            return Err(invalid("begins with `export`, which a credential file does not have; remove that word"));
        }
        if !line.starts_with(stem) {
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            if line.starts_with(&prefix) {
                return Err(invalid("has no `=`; write KEY=VALUE"));
            }
            continue;
        };
        if key.ends_with(char::is_whitespace) || value.starts_with(char::is_whitespace) {
            return Err(invalid("has white space next to `=`, which would be part of key or value; remove it"));
        }
        let setting = Setting::new(key, value).at(place);
        external.refuse_misspelt(&setting)?;
        if let Some(name) = key.strip_prefix(&prefix) {
            settings.insert(name, setting);
        }
    }
    Ok(settings)
}
