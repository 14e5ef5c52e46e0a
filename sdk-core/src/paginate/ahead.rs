//! The cursor of the next page, read before the page itself.

use crate::json::fields;

use super::cursor;

/// How much of the end of a page is looked at. IBM's cursors have up to 700 characters, and a page has each twice.
const TAIL: usize = 8 * 1024;

/// Where the cursor of the next page stands in the JSON of a page: in an object of the page itself.
///
/// With it the next page is asked for before the page is decoded. It is a short cut: what the decoded page says decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CursorAt {
    /// The query parameter of the link that has the cursor.
    pub parameter: &'static str,
    /// The field of the page with the object.
    pub object: &'static str,
    /// The field of the object with the link.
    pub href: &'static str,
    /// The field of the object with the cursor by itself.
    pub token: &'static str,
}

impl CursorAt {
    /// The cursor, if it stands near the end of the page, where services put it.
    pub(super) fn read(&self, page: &[u8]) -> Option<String> {
        let key = format!("\"{}\"", self.object);
        let tail = page.len().saturating_sub(TAIL);
        let start = tail + page[tail..].windows(key.len()).rposition(|window| window == key.as_bytes())?;
        if start > 0 && page[start - 1] == b'\\' {
            return None;
        }
        // If this is a field of the page, an object that begins with it ends where the page does. If it is a field of
        // something in the page, there is something left over.
        let rest = [b"{", &page[start..]].concat();
        let object = fields(&rest, &[self.object])?[0]?;
        let found = fields(object.get().as_bytes(), &[self.href, self.token])?;
        let text = |field: usize| found[field].and_then(|text| serde_json::from_str::<String>(text.get()).ok());
        cursor(self.parameter, text(0).as_deref(), text(1).as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: CursorAt = CursorAt { parameter: "_start", object: "next", href: "href", token: "offset" };

    #[test]
    fn the_cursor_at_the_end_of_a_page() {
        let long = format!(r#"{{"items":["{}"],"next":{{"offset":"a"}}}}"#, "x".repeat(2 * TAIL));
        for (page, found) in [
            (r#"{"items":[1],"next":{"href":"/v4?_limit=2&_start=a%2Fb","offset":"c"}}"#, Some("a/b")),
            (r#"{"items":[1],"next":{"href":"/v4?_limit=2","offset":"c"},"count":1}"#, Some("c")),
            (r#"{ "items" : [ ] , "next" : { "offset" : "\u0061" , "more" : [ {} ] } } "#, Some("a")),
            (r#"{"items":[{"next":{"offset":"no"}}],"next":{"href":null,"offset":"c"}}"#, Some("c")),
            (r#"{"next":{"offset":"c"},"items":[1]}"#, Some("c")),
            (&long, Some("a")),
        ] {
            assert_eq!(AT.read(page.as_bytes()).as_deref(), found, "{page}");
        }
    }

    #[test]
    fn what_is_no_cursor_of_the_page() {
        let far = format!(r#"{{"next":{{"offset":"a"}},"items":["{}"]}}"#, "x".repeat(2 * TAIL));
        for page in [
            r#"{"items":[{"next":{"offset":"no"}}]}"#,
            r#"{"items":{"next":{"offset":"no"}}}"#,
            r#"{"items":["next"]}"#,
            r#"{"items":"next"}"#,
            r#"{"next":null}"#,
            r#"{"next":{}}"#,
            r#"{"next":{"offset":7}}"#,
            r#"{"next":"c"}"#,
            r#"{"next":["c"]}"#,
            r#"{"a\"next":{"offset":"no"}}"#,
            r#"{"items":[1],"next":{"offset":"cut"}"#,
            r#"{"items":[1],"next":{"off"#,
            "\"next\"",
            "next",
            "",
            &far,
        ] {
            assert_eq!(AT.read(page.as_bytes()), None, "{page}");
        }
    }
}
