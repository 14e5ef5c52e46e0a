//! What a page says about the next one, without decoding its items.

use std::collections::BTreeMap;

use serde_json::value::{RawValue, to_raw_value};

use super::{Next, Paginate, Position};

/// The fields of a page, as text.
type Fields<'a> = BTreeMap<String, &'a RawValue>;

/// The position behind a page, as [`following`](super::following) has it for the decoded page. `None` if it takes the
/// decoded page to tell.
///
/// What is decoded is the page without the elements of its arrays. Where it takes their number, the array with the items
/// is the one that makes a page with one item of its first element.
pub(super) fn following<P: Paginate>(call: &P, position: &Position, json: &[u8]) -> Option<Option<Position>> {
    let fields: Fields<'_> = serde_json::from_slice(json).ok()?;
    let empty = to_raw_value::<[(); 0]>(&[]).ok()?;
    let is_array = |value: &RawValue| value.get().starts_with('[');
    let mut arrays: Vec<&String> = fields.iter().filter(|(_, value)| is_array(value)).map(|(name, _)| name).collect();
    let mut bare = fields.clone();
    bare.values_mut().filter(|value| is_array(value)).for_each(|value| *value = &empty);

    let page = decode::<P>(&bare)?;
    if let next @ Next::Cursor { .. } = P::next(&page) {
        return Some(super::following(call, position, next, 0));
    }
    // The items are most of the page.
    arrays.sort_by_key(|name| std::cmp::Reverse(fields[*name].get().len()));
    for name in arrays {
        // What is `null` among the elements of a list is no item.
        let elements: Vec<Option<&RawValue>> = serde_json::from_str(fields[name].get()).ok()?;
        let count = elements.iter().flatten().count();
        let Some(first) = elements.into_iter().flatten().next() else { continue };
        let one = to_raw_value(&[first]).ok()?;
        if P::count(&decode::<P>(&with(&bare, name, &one))?) == 1 {
            let page = decode::<P>(&with(&fields, name, &empty))?;
            return Some(super::following(call, position, P::next(&page), count));
        }
    }
    None
}

/// The same fields but for one.
fn with<'a>(fields: &Fields<'a>, name: &str, value: &'a RawValue) -> Fields<'a> {
    let mut fields = fields.clone();
    fields.insert(name.to_owned(), value);
    fields
}

fn decode<P: Paginate>(fields: &Fields<'_>) -> Option<P::Page> {
    serde_json::from_str(&serde_json::to_string(fields).ok()?).ok()
}
