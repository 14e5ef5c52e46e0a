//! Where every node of a YAML text begins.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle};

use crate::diagnostic::Position;
use crate::pointer::Pointer;

/// Nesting beyond this is a mistake in a spec, and would exhaust the stack of a recursive reader.
const MAX_DEPTH: usize = 100;

/// A text that is not the kind of YAML a spec is written in.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) position: Position,
    pub(super) message: String,
    pub(super) help: &'static str,
}

enum Frame {
    Map { place: Pointer, key: Option<String>, keys: HashMap<String, Position> },
    List { place: Pointer, next: usize },
}

/// Positions by pointer. A member of a map stands where its key does, so that a finding points at the name.
pub(super) fn read(text: &str) -> Result<HashMap<Pointer, Position>, Fault> {
    let mut positions = HashMap::new();
    let mut stack: Vec<Frame> = Vec::new();
    let mut documents = 0;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| Fault {
            position: Position { line: error.marker().line(), column: error.marker().col() + 1 },
            message: format!("the text is not YAML: {}", error.info()),
            help: "look for a missing quote, a tab, or a line that is indented differently from its neighbours",
        })?;
        let position = Position { line: span.start.line(), column: span.start.col() + 1 };
        let fault = |message: String, help| Err(Fault { position, message, help });
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

/// The place of the value that begins now.
fn next_place(stack: &mut [Frame]) -> Pointer {
    match stack.last_mut() {
        None => Pointer::root(),
        Some(Frame::Map { place, key, .. }) => place.join(key.take().unwrap_or_default()),
        Some(Frame::List { place, next }) => {
            *next += 1;
            place.join(*next - 1)
        }
    }
}
