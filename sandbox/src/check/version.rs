//! Version dates in the media types of Atlas.

/// The dates of Atlas's API versions.
const RELEASES: [&str; 10] = [
    "2023-01-01",
    "2023-02-01",
    "2023-10-01",
    "2023-11-15",
    "2024-05-30",
    "2024-08-05",
    "2024-10-23",
    "2024-11-13",
    "2025-02-19",
    "2025-03-12",
];

/// A media type with a version date, as date and format.
fn parts(media: &str) -> Option<(&str, &str)> {
    media.strip_prefix("application/vnd.atlas.")?.split_once('+')
}

/// The declared media type for the requested one: the same, or the newest one of its format with an earlier date, if the
/// requested date is that of an Atlas version.
pub(super) fn declared<'m>(names: impl Iterator<Item = &'m str>, asked: &str) -> Option<&'m str> {
    let asked_parts = parts(asked).filter(|(date, _)| RELEASES.contains(date));
    let serves = |name: &&str| {
        *name == asked
            || parts(name).zip(asked_parts).is_some_and(|((date, format), (asked_date, asked_format))| {
                format == asked_format && RELEASES.contains(&date) && date <= asked_date
            })
    };
    names.filter(serves).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_dates_fall_back() {
        let names = ["application/vnd.atlas.2023-01-01+json", "application/vnd.atlas.2024-08-05+json"];
        let find = |asked: &str| declared(names.into_iter(), &format!("application/vnd.atlas.{asked}"));
        assert_eq!(find("2023-01-01+json"), Some(names[0]));
        assert_eq!(find("2024-05-30+json"), Some(names[0]));
        assert_eq!(find("2025-03-12+json"), Some(names[1]));
        for asked in ["2022-01-01+json", "2025-03-13+json", "2025-03-12+csv", "preview+json", "json"] {
            assert_eq!(find(asked), None, "{asked}");
        }
        assert_eq!(declared(["application/vnd.atlas.preview+json"].into_iter(), names[1]), None);
    }
}
