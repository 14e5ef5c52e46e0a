//! Where in a JSON text an error is.

use crate::value::not_a_number;

/// The path to where decoding a text failed, such as `results[0].amount`; `None` for the text as a whole.
///
/// The path is found from line and column of the error, by one look at the text before that place. So nothing needs to know
/// the types: decoding once more through a deserializer that keeps count of where it is would say as much, but makes every
/// program carry the decoding of every type twice.
///
/// Line and column are where decoding stopped, which can be some way behind the value that is at fault; see [`at_fault`].
pub(crate) fn path(json: &str, error: &serde_json::Error) -> Option<String> {
    let mut place = Place::default();
    // What breaks the syntax is not part of the place.
    let end = offset(json, error)?.saturating_sub(usize::from(error.is_syntax()));
    place.read(&json.as_bytes()[..end]);
    let message = error.to_string();
    if error.is_data() {
        place.at_fault(&message);
    } else if message.starts_with("trailing characters") {
        place.too_long();
    }
    Some(place.display()).filter(|path| !path.is_empty())
}

/// How many bytes of the text had been read. `None` if the error does not say.
fn offset(json: &str, error: &serde_json::Error) -> Option<usize> {
    let lines_before = error.line().checked_sub(1)?;
    let start: usize = json.split_inclusive('\n').take(lines_before).map(str::len).sum();
    Some((start + error.column()).min(json.len()))
}

/// How deep the objects and arrays are that a path leads into: as deep as serde_json decodes. What is passed over may be
/// deeper by far.
const MAX_DEPTH: usize = 128;

/// A place in a text: the objects and arrays that are open there.
#[derive(Default)]
struct Place<'a> {
    open: Vec<Open<'a>>,
    /// Where each of them begins.
    starts: Vec<usize>,
    /// How many more are open within the last of these.
    deeper: usize,
    /// What was closed by the last byte but for white space, and its text.
    closed: Option<(Open<'a>, &'a [u8])>,
    /// The last byte but for white space.
    last: u8,
}

#[derive(Clone, Copy)]
enum Open<'a> {
    /// An object, and the last name in it, with its quotes.
    Object(Option<&'a [u8]>),
    /// An array, and the index of the element that was last begun.
    Array(Option<usize>),
}

impl<'a> Place<'a> {
    /// Reads the beginning of a text. It was found to be JSON before, as far as it goes.
    fn read(&mut self, json: &'a [u8]) {
        let mut at = 0;
        while let Some(&byte) = json.get(at) {
            let token = if byte == b'"' { text(&json[at..]) } else { &json[at..=at] };
            at += token.len();
            if byte.is_ascii_whitespace() {
                continue;
            }
            self.closed = None;
            self.last = byte;
            match byte {
                b'{' => self.open(Open::Object(None), at - 1),
                b'[' => self.open(Open::Array(None), at - 1),
                b'}' | b']' if self.deeper > 0 => self.deeper -= 1,
                b'}' | b']' => {
                    let start = self.starts.pop().unwrap_or_default();
                    self.closed = self.open.pop().map(|open| (open, &json[start..at]));
                }
                _ if self.deeper == 0 => self.proceed(token),
                _ => {}
            }
        }
    }

    fn open(&mut self, open: Open<'a>, start: usize) {
        if self.deeper > 0 || self.open.len() == MAX_DEPTH {
            self.deeper += 1;
        } else {
            self.begin_element();
            self.open.push(open);
            self.starts.push(start);
        }
    }

    /// Takes a token within the innermost object or array.
    fn proceed(&mut self, token: &'a [u8]) {
        match (token, self.open.last_mut()) {
            (b",", Some(Open::Object(name))) => *name = None,
            (b",", Some(Open::Array(index))) => *index = index.map(|index| index + 1),
            // A text that is cut off is no name.
            ([b'"', .., b'"'], Some(Open::Object(name @ None))) => *name = Some(token),
            _ => self.begin_element(),
        }
    }

    fn begin_element(&mut self) {
        if let Some(Open::Array(index @ None)) = self.open.last_mut() {
            *index = Some(0);
        }
    }

    /// Goes back from where decoding stopped to the value at fault. What is of the wrong type is noticed before it if it is a
    /// list or an object, and otherwise behind it. serde_json then reads on for the end of what it is in, or the next
    /// element.
    fn at_fault(&mut self, message: &str) {
        let begins = |starts: [&str; 2]| starts.iter().any(|start| message.starts_with(start));
        if begins(["invalid type: map", "invalid type: sequence"]) {
            self.begin_element();
        } else if let Some((closed, text)) = self.closed {
            // Only these are about the whole of what was closed.
            let whole = begins(["missing field", "invalid length"])
                || message.starts_with(&not_a_number(&String::from_utf8_lossy(text)));
            if !whole {
                self.open.push(closed);
            }
        } else if let (b',', Some(Open::Array(Some(index)))) = (self.last, self.open.last_mut()) {
            *index = index.saturating_sub(1);
        }
    }

    /// A list in place of an object is read as its fields, in order, and has too many: the list is at fault.
    fn too_long(&mut self) {
        if let Some(Open::Array(index)) = self.open.last_mut() {
            *index = None;
        }
    }

    fn display(&self) -> String {
        let mut path = String::new();
        for open in &self.open {
            match open {
                Open::Object(Some(name)) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(&unquoted(name));
                }
                Open::Array(Some(index)) => path.push_str(&format!("[{index}]")),
                Open::Object(None) | Open::Array(None) => {}
            }
        }
        path
    }
}

/// A name without its quotes; as it is written, if it is the name that is broken.
fn unquoted(name: &[u8]) -> String {
    let name = String::from_utf8_lossy(name);
    serde_json::from_str(&name).unwrap_or_else(|_| name.trim_matches('"').to_owned())
}

/// The text in quotes that the JSON begins with, up to its end or that of the JSON.
fn text(json: &[u8]) -> &[u8] {
    let mut escaped = false;
    let end = json.iter().skip(1).position(|byte| {
        let end = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        end
    });
    end.map_or(json, |end| &json[..end + 2])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;
    use crate::value::{Decimal, DecimalText, EpochMillis, Lenient, NullableMap, NullableVec};

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Page {
        #[serde(rename = "a")]
        _amounts: NullableVec<Decimal>,
        #[serde(rename = "p")]
        _pages: NullableVec<Page>,
        #[serde(rename = "o")]
        _page: Option<Box<Page>>,
        #[serde(rename = "t")]
        _tags: NullableMap<NullableVec<String>>,
        #[serde(rename = "n", deserialize_with = "crate::de::int")]
        _number: Option<i32>,
        #[serde(rename = "e")]
        _at: Option<EpochMillis>,
        #[serde(rename = "x")]
        _text: Option<DecimalText>,
        #[serde(rename = "c")]
        _cost: Option<Decimal>,
        #[serde(rename = "l")]
        _loose: Option<Lenient<Needs>>,
        #[serde(rename = "r")]
        _needs: NullableVec<Needs>,
    }

    #[derive(Debug, Deserialize)]
    struct Needs {
        #[serde(rename = "n")]
        _number: i64,
    }

    fn found(json: &str) -> Option<String> {
        path(json, &serde_json::from_str::<Page>(json).unwrap_err())
    }

    /// What the way that knows the types finds.
    fn expected(json: &str) -> Option<String> {
        let deserializer = &mut serde_json::Deserializer::from_str(json);
        let error = serde_path_to_error::deserialize::<_, Page>(deserializer).unwrap_err();
        Some(error.path().to_string()).filter(|path| path != ".")
    }

    #[test]
    fn values_that_do_not_fit() {
        for (json, path) in [
            (r#"{"a":[true]}"#, "a[0]"),
            (r#"{"a":[true , 1]}"#, "a[0]"),
            (r#"{"a":[1, true]}"#, "a[1]"),
            (r#"{"a":[1,[2],3]}"#, "a[1]"),
            (r#"{"a":[1,{},3]}"#, "a[1]"),
            (r#"{"a":7}"#, "a"),
            (r#"{"a":"]"}"#, "a"),
            (r#"{"a":{"b":1}}"#, "a"),
            (r#"{"p":[{},{"o":{"x":"y"}}],"n":1}"#, "p[1].o.x"),
            ("{\"p\":[{},\n\n{\"o\":{\n\"x\":\n\"y\"\n}\n}]}", "p[1].o.x"),
            (r#"{"t":{"one":[],"two":["ä\"]",1]}}"#, "t.two[1]"),
            (r#"{"t":{"\u0061b.c":[1]}}"#, "t.ab.c[0]"),
            (r#"{"n":3000000000}"#, "n"),
            (r#"{"o":{"n":3000000000},"n":1}"#, "o.n"),
            (r#"{"r":[{"n":1},{}]}"#, "r[1]"),
            (r#"{"r":[{"n":1},{"x":{"n":1}}]}"#, "r[1]"),
            (r#"{"r":[{"n":1},{"n":"1"}]}"#, "r[1].n"),
            (r#"{"r":[[1],[1, 2]]}"#, "r[1]"),
            (r#"{"l":{},"e":1.5}"#, "e"),
            (r#"{"c":[1],"n":1}"#, "c"),
            (r#"{"o":{"c":{}},"n":1}"#, "o.c"),
        ] {
            assert_eq!(found(json).as_deref(), Some(path), "{json}");
        }
    }

    #[test]
    fn broken_json() {
        for (json, path) in [
            (r#"{"p":[{"n":1},{"n":"#, Some("p[1].n")),
            (r#"{"p":[{"n":1},{"n"#, Some("p[1]")),
            (r#"{"p":[{"n":1},{"x":"abc"#, Some("p[1].x")),
            (r#"{"p":[{"n":01}]}"#, Some("p[0].n")),
            (r#"{"p":[{"n":-}]}"#, Some("p[0].n")),
            (r#"{"p":["#, Some("p")),
            (r#"{"p":[{},"#, Some("p[1]")),
            (r#"{"t":{"\ud800":[]}}"#, Some("t")),
            ("{} {}", None),
            ("{}}", None),
            ("7", None),
            ("", None),
        ] {
            assert_eq!(found(json).as_deref(), path, "{json}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let path = found(&format!(r#"{{"x":{}"#, "[".repeat(100_000))).unwrap();
        assert!(path.starts_with("x[0][0]") && path.len() < 1000, "{path}");
        let deep = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(found(&format!(r#"{{"x":{},"n":true}}"#, deep(1000)).replace('x', "y")).as_deref(), Some("n"));
    }

    /// JSON that is somewhat like a page.
    fn anything() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("1".to_owned()),
            Just("-2.50".to_owned()),
            Just("3000000000".to_owned()),
            Just("null".to_owned()),
            Just("true".to_owned()),
            Just(r#""1.0""#.to_owned()),
            Just(r#""a\"b]\\""#.to_owned()),
        ];
        let space = || prop_oneof![3 => Just(""), 1 => Just(" "), 1 => Just("\n")];
        leaf.prop_recursive(4, 40, 4, move |inner| {
            let name = prop::sample::select(vec!["a", "c", "p", "o", "t", "n", "e", "x", "r", "q"]);
            let element = (space(), inner.clone(), space()).prop_map(|(a, value, b)| format!("{a}{value}{b}"));
            let fields = prop::collection::btree_map(name, element.clone(), 0..4).prop_map(|fields| {
                let fields: Vec<_> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                format!("{{{}}}", fields.join(","))
            });
            let list = prop::collection::vec(element, 0..4).prop_map(|list| format!("[{}]", list.join(",")));
            prop_oneof![2 => fields, 1 => list]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn the_path_is_that_of_the_way_that_knows_the_types(json in anything()) {
            if serde_json::from_str::<Page>(&json).is_err() {
                prop_assert_eq!(found(&json), expected(&json), "{}", json);
            }
        }
    }
}
