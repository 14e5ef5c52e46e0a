//! Bodies that are made while they are sent.

use std::io::Write;
use std::iter;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;

use crate::answer::{Chunks, Pieces};
use crate::json::to_json;

/// The items of an array. Each piece of text is one item or several, separated by commas.
pub(super) type Items = Box<dyn Iterator<Item = Pieces> + Send>;

/// A JSON object: the fields of `head`, then arrays by their names, then the fields of `tail`. Only the arrays may be
/// long; each of their items is made when it is sent. Neither `head` nor `tail` may be empty.
pub(super) fn object<const N: usize>(
    head: &impl Serialize,
    arrays: [(&'static str, Items); N],
    tail: &impl Serialize,
) -> Pieces {
    let (mut head, tail) = (to_json(head), to_json(tail));
    head.pop();
    let tail = tail.strip_prefix('{').map(|fields| format!(",{fields}")).unwrap_or(tail);
    let arrays = arrays.into_iter().flat_map(|(name, items)| array(name, items));
    Box::new(iter::once(head).chain(arrays).chain(iter::once(tail)))
}

fn array(name: &str, items: Items) -> impl Iterator<Item = String> + Send + use<> {
    let items = items.enumerate().flat_map(|(index, item)| {
        let comma = (index > 0).then(|| ",".to_owned());
        comma.into_iter().chain(item)
    });
    iter::once(format!(",\"{name}\":[")).chain(items).chain(iter::once("]".to_owned()))
}

/// The pieces, compressed. Bytes that the encoder holds back come with a later piece, or at the end.
pub(super) fn gzip(mut pieces: Pieces) -> Chunks {
    let mut encoder = Some(GzEncoder::new(Vec::new(), Compression::default()));
    Box::new(iter::from_fn(move || {
        loop {
            let Some(piece) = pieces.next() else { return encoder.take()?.finish().ok() };
            let open = encoder.as_mut()?;
            open.write_all(piece.as_bytes()).ok()?;
            let ready = std::mem::take(open.get_mut());
            if !ready.is_empty() {
                return Some(ready);
            }
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Head {
        a: u32,
    }

    #[test]
    fn arrays_stand_between_the_fields() {
        let item = |text: &str| -> Pieces { Box::new(iter::once(text.to_owned())) };
        let items: Items = Box::new([item("1,2"), item("3")].into_iter());
        let body = object(&Head { a: 1 }, [("b", items), ("c", Box::new(iter::empty()))], &Head { a: 2 });
        assert_eq!(body.collect::<String>(), r#"{"a":1,"b":[1,2,3],"c":[],"a":2}"#);
    }
}
