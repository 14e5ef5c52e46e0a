//! Finds fields of an object without decoding the others.

use std::ops::Range;

use super::Reader;

/// Where the values of some fields of a JSON object are in its text. `None` if the JSON is not an object, or is broken;
/// decoding it says why.
pub(crate) fn fields<const N: usize>(json: &str, names: [&str; N]) -> Option<[Option<Range<usize>>; N]> {
    let mut found = [const { None }; N];
    let mut reader = Reader::new(json);
    let read = reader.entries(&mut |key, reader| {
        let start = reader.start();
        reader.skip()?;
        if let Some(index) = names.iter().position(|name| *name == key) {
            found[index] = Some(start..reader.offset());
        }
        Ok(())
    });
    read.and_then(|()| reader.end()).ok()?;
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_an_object() {
        let json = r#"{"a": [1, 2], "b": {"a": 0}, "c": 1.50 }"#;
        let found = fields(json, ["c", "a", "x"]).unwrap();
        assert_eq!(found.map(|range| range.map(|range| &json[range])), [Some("1.50"), Some("[1, 2]"), None]);
        for broken in ["[]", "{", "{\"a\":1}}", ""] {
            assert!(fields(broken, ["a"]).is_none());
        }
    }
}
