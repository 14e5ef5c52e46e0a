//! Credential files.

use super::External;
use super::source::is_quoted;
use crate::config::{Setting, Settings, TextFile};
use crate::error::{Error, ErrorKind};

/// Reads the properties of this service.
pub(super) fn read(external: External, file: &TextFile) -> Result<Settings, Error> {
    let (stem, prefix) = (external.stem, external.prefix());
    let mut settings = Settings::in_file(prefix.as_str(), file);
    // A carriage return ends a line, too. As part of a value it would be a wrong key.
    for (index, line) in file.text().lines().flat_map(|line| line.split('\r')).enumerate() {
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
        if has_comment(value) {
            return Err(invalid(
                "has a `#` where a comment may begin, and IBM's SDKs differ on whether it is part of the value; write a comment on \
                 a line of its own, and such a value in environment variables",
            ));
        }
        let setting = Setting::new(key, value).at(place);
        external.refuse_misspelt(&setting)?;
        if let Some(name) = key.strip_prefix(&prefix) {
            settings.insert(name, setting);
        }
    }
    Ok(settings)
}

/// Whether a comment may begin within a value. It does not within quotes, for which there is an error of their own.
fn has_comment(value: &str) -> bool {
    !is_quoted(value)
        && value.match_indices('#').any(|(at, _)| value[..at].chars().next_back().is_none_or(char::is_whitespace))
}
