//! Spec text -> [`Document`]: the YAML as JSON, the position of every node, and the OpenAPI version check.
//!
//! `serde_yaml` reads the values; it keeps no positions, so a second pass over the marked events of `saphyr-parser`
//! records where each node begins. Duplicate keys and YAML features that have no JSON counterpart are refused there.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError};
use serde_json::Value;

use crate::Source;
use crate::diagnostic::{Diagnostic, Diagnostics, Position, WIDTH};
use crate::node::Node;
use crate::pointer::Pointer;
use crate::rules;

/// A longer spec is a mistake, and would keep its reader busy for minutes. A thousand operations take 2.5 MB.
const MAX_BYTES: usize = 4 << 20;

/// A spec that was read: its values, and where each of them stands in the text.
#[derive(Debug)]
pub(crate) struct Document {
    value: Value,
    file: String,
    lines: Vec<String>,
    positions: HashMap<Pointer, Position>,
}

impl Document {
    /// Reads the text of a spec.
    pub(crate) fn load(source: Source<'_>) -> Result<Self, Diagnostics> {
        let (value, file) = (Value::Null, source.file.to_owned());
        let mut document = Self { value, file, lines: Vec::new(), positions: HashMap::new() };
        let unreadable = |document: &Self, Fault { position, message, help }: Fault| {
            Diagnostics::from(document.diagnostic(&Pointer::root(), position, "yaml", message, help.to_owned()))
        };
        if source.text.len() > MAX_BYTES {
            let message = format!("the text has {} bytes; the most is {MAX_BYTES}", source.text.len());
            let help = "write down the operations of one service; a vendor's whole document is no spec";
            return Err(unreadable(&document, Fault { position: None, message, help }));
        }
        document.lines = source.text.lines().map(str::to_owned).collect();
        document.positions = positions(source.text).map_err(|fault| unreadable(&document, fault))?;
        document.value = serde_yaml::from_str(source.text).map_err(|error| {
            // It gives no line for a control character.
            let unprintable = find(source.text, 0, |c| c < ' ' && c != '\t');
            let told = error.location().map(|at| Position { line: at.line(), column: at.column() });
            let position = unprintable.or(told);
            let message = format!("the text cannot be read: {error}");
            let help = "a spec has the values of JSON only: maps with text keys, lists, text, finite numbers, booleans \
                        and null";
            unreadable(&document, Fault { position, message, help })
        })?;
        document.check_version()?;
        Ok(document)
    }

    /// Its values.
    pub(crate) fn root(&self) -> Node<'_> {
        Node::root(&self.value)
    }

    /// Where the node at `pointer` begins, or, where that is absent, the nearest node above it.
    fn position(&self, pointer: &Pointer) -> Option<Position> {
        let mut known = pointer.clone();
        while !self.positions.contains_key(&known) && !known.segments().is_empty() {
            known = known.parent();
        }
        self.positions.get(&known).copied()
    }

    /// The line of that place.
    pub(crate) fn line(&self, pointer: &Pointer) -> usize {
        self.position(pointer).map_or(0, |at| at.line)
    }

    /// A finding about that place.
    pub(crate) fn finding(
        &self,
        pointer: &Pointer,
        rule: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Diagnostic {
        self.diagnostic(pointer, self.position(pointer), rule, message.into(), help.into())
    }

    fn diagnostic(
        &self,
        pointer: &Pointer,
        position: Option<Position>,
        rule: &'static str,
        message: String,
        help: String,
    ) -> Diagnostic {
        let (why, pointer, file) = (rules::sentence(&rules::RULES, rule), pointer.to_string(), self.file.clone());
        let line = position.and_then(|at| self.lines.get(at.line.checked_sub(1)?));
        let line = line.map(|line| line.chars().take(WIDTH).collect()).unwrap_or_default();
        Diagnostic { rule, message, why, help, pointer, file, position, line }
    }

    fn check_version(&self) -> Result<(), Diagnostics> {
        let Value::Object(root) = &self.value else {
            let message = "the document is not a map";
            let help = "begin with `openapi: 3.0.3`";
            return Err(self.finding(&Pointer::root(), "openapi-version", message, help).into());
        };
        let place = Pointer::root().join("openapi");
        let (message, help) = match (root.get("openapi"), root.get("swagger")) {
            (Some(Value::String(version)), _) if version.starts_with("3.0.") => return Ok(()),
            (Some(Value::String(version)), _) => (
                format!("OpenAPI {version} is not supported"),
                "write the spec as OpenAPI 3.0.3; the additions of 3.1 (type lists, webhooks, const) have no counterpart there",
            ),
            (Some(other), _) => (format!("`openapi` is {other}, not text"), "quote it: `openapi: \"3.0.3\"`"),
            (None, Some(_)) => ("this is a Swagger 2 document".to_owned(), "write the spec as OpenAPI 3.0.3"),
            (None, None) => ("`openapi` is missing".to_owned(), "begin with `openapi: 3.0.3`"),
        };
        Err(self.finding(&place, "openapi-version", message, help).into())
    }
}

/// Nesting beyond this is a mistake in a spec, and would exhaust the stack of a recursive reader.
const MAX_DEPTH: usize = 100;

/// A text that is not the kind of YAML a spec is written in.
#[derive(Debug)]
struct Fault {
    /// Where known.
    position: Option<Position>,
    message: String,
    help: &'static str,
}

enum Frame {
    Map { place: Pointer, key: Option<String>, keys: HashMap<String, Position> },
    List { place: Pointer, next: usize },
}

impl Frame {
    fn place(&self) -> &Pointer {
        let (Self::Map { place, .. } | Self::List { place, .. }) = self;
        place
    }
}

/// Positions by pointer. A member of a map stands where its key does, so that a finding points at the name.
fn positions(text: &str) -> Result<HashMap<Pointer, Position>, Fault> {
    let mut positions = HashMap::new();
    let mut stack: Vec<Frame> = Vec::new();
    let mut documents = 0;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| Fault {
            position: Some(mistake(text, &error, stack.last().and_then(|open| positions.get(open.place())))),
            message: format!("the text is not YAML: {}", error.info()),
            help: "look for a missing quote, a tab, or a line that is indented differently from its neighbours",
        })?;
        let position = Position { line: span.start.line(), column: span.start.col() + 1 };
        let fault = |message: String, help| Err(Fault { position: Some(position), message, help });
        let scalar = match &event {
            Event::Scalar(value, style, _, _) => Some((value.to_string(), *style)),
            _ => None,
        };
        match event {
            Event::DocumentStart(_) => {
                documents += 1;
                if documents > 1 {
                    return fault("a second YAML document begins here".into(), "keep one document a file");
                }
            }
            Event::Alias(_) => {
                return fault(
                    "a YAML alias (`*name`) is used".into(),
                    "use `$ref`, which readers and tools understand",
                );
            }
            Event::Scalar(..) | Event::MappingStart(..) | Event::SequenceStart(..) => {
                if let Some(Frame::Map { place, key: key @ None, keys }) = stack.last_mut() {
                    let Some((name, style)) = scalar else {
                        return fault("a map key is not text".into(), "write keys as plain or quoted words");
                    };
                    if name == "<<" && style == ScalarStyle::Plain {
                        return fault("a YAML merge key (`<<`) is used".into(), "write the members out, or use `$ref`");
                    }
                    if let Some(first) = keys.insert(name.clone(), position) {
                        let message =
                            format!("the key `{name}` is given twice; it was first given in line {}", first.line);
                        return fault(message, "keep one of them");
                    }
                    positions.insert(place.join(&name), position);
                    *key = Some(name);
                    continue;
                }
                let infinite =
                    |text: &str| matches!(text.to_ascii_lowercase().trim_start_matches(['+', '-']), ".inf" | ".nan");
                if scalar.is_some_and(|(text, style)| style == ScalarStyle::Plain && infinite(&text)) {
                    return fault("a number that JSON does not have".into(), "quote it if text is meant");
                }
                let place = next_place(&mut stack);
                positions.entry(place.clone()).or_insert(position);
                match event {
                    Event::MappingStart(..) => stack.push(Frame::Map { place, key: None, keys: HashMap::new() }),
                    Event::SequenceStart(..) => stack.push(Frame::List { place, next: 0 }),
                    _ => {}
                }
                if stack.len() > MAX_DEPTH {
                    return fault(format!("more than {MAX_DEPTH} levels of nesting"), "a spec is never this deep");
                }
            }
            Event::MappingEnd | Event::SequenceEnd => {
                stack.pop();
            }
            _ => {}
        }
    }
    Ok(positions)
}

/// The place of a mistake, which the parser may notice elsewhere: a key without a colon in the line behind it, a tab where
/// the value before it begins, a bracket that stays `open` where the next key is.
fn mistake(text: &str, error: &ScanError, open: Option<&Position>) -> Position {
    let (line, column) = (error.marker().line(), error.marker().col() + 1);
    let place = match error.info() {
        info if info.contains("expect ':'") => {
            let above = text.lines().take(line.saturating_sub(1)).enumerate();
            let last = above.filter(|(_, line)| !line.trim().is_empty()).last();
            last.and_then(|(at, _)| find(text, at, |c| !c.is_whitespace()))
        }
        info if info.contains("found a tab") => find(text, line, |c| c == '\t'),
        info if info.contains("flow") || info.contains("illegal placement") => open.copied(),
        _ => None,
    };
    place.unwrap_or(Position { line, column })
}

/// The first of some characters behind so many lines.
fn find(text: &str, behind: usize, wanted: impl Fn(char) -> bool) -> Option<Position> {
    let mut lines = text.lines().enumerate().skip(behind);
    lines.find_map(|(line, text)| Some(Position { line: line + 1, column: text.chars().position(&wanted)? + 1 }))
}

/// The place of the value that begins now.
fn next_place(stack: &mut [Frame]) -> Pointer {
    match stack.last_mut() {
        None => Pointer::root(),
        Some(Frame::Map { place, key, .. }) => place.join(&key.take().unwrap_or_default()),
        Some(Frame::List { place, next }) => {
            *next += 1;
            place.join(&(*next - 1))
        }
    }
}
