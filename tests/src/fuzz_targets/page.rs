//! Pages of lists: their items one by one, and the place of the next page.

use std::any::type_name;
use std::collections::{BTreeMap, BTreeSet};

use atlas_billing::types::{ApiPublicUsageDetailsQueryRequest, InvoiceId, OrganizationId};
use cloud_billing_core::__private::each_item;
use cloud_billing_core::{BillingMonth, Pages, Paginate};
use ibm_usage_reports::types::AccountId;
use serde::Serialize;
use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::agree::{Input, NOT_UTF8, has_its_place, written};
use super::{ORG, Rig, with_rig};

/// Pages of every list of both services.
pub fn page(data: &[u8]) {
    let input = Input::new(data);
    let (organization, invoice) = (OrganizationId::new(ORG), InvoiceId::new(ORG));
    let (account, month) = (AccountId::new("a"), BillingMonth::current());
    let query = ApiPublicUsageDetailsQueryRequest::new();
    with_rig(|Rig { atlas, ibm, enterprise, .. }| {
        items(&atlas.list_invoices(&organization), &input.text);
        items(&atlas.list_orgs(), &input.text);
        items(&atlas.list_skus(), &input.text);
        items(&atlas.list_org_invoice_reports(&organization, &invoice), &input.text);
        items(&atlas.search_invoice_line_items(&organization, &invoice, query), &input.text);
        items(&ibm.get_reports_snapshot(&account, month), &input.text);
        items(&ibm.get_resource_usage_account(&account, month), &input.text);
        items(&enterprise.get_resource_usage_report(), &input.text);
        items(&enterprise.list_accounts(), &input.text);
    });
}

/// Why the items of a page cannot be taken, although they and the page can be decoded.
const REFUSED: [&str; 6] = [
    // The list, and the fields that lead on, may come once, even if they are `null`.
    "the object has this field twice",
    // An item is within the levels of the page.
    "nested more than 128 levels",
    // The fields that lead on are kept whole, with what the type of the page skips.
    "bytes of memory",
    "half a character",
    "not UTF-8",
    "out of range",
];

/// The items of a page are those of the decoded page, and those that are decoded one by one from the list that serde_json
/// finds.
fn items<P: Paginate<Page: Serialize, Item: Serialize>>(list: &P, text: &str) {
    if has_a_key_twice(text) {
        return drop(each_item::<P::Item>(text, list.layout(), |_| {}));
    }
    let mut taken = Vec::new();
    let read = each_item(text, list.layout(), |item: P::Item| taken.push(written(&item)));
    let whole = cloud_billing_core::json::from_str::<P::Page>(text).ok();
    let whole = whole.map(|page| listed(&written(&page), list.layout().items));
    let single = (!text.contains(NOT_UTF8)).then(|| singly(list, text));
    match read {
        Ok(()) => {
            assert!(whole.is_none_or(|items| items.as_ref() == Some(&taken)), "{}", type_name::<P>());
            assert!(single.is_none_or(|items| items.as_ref() == Some(&taken)), "{}", type_name::<P>());
        }
        Err(error) => {
            has_its_place(&error, text);
            let message = error.to_string();
            let meant = REFUSED.iter().any(|says| message.contains(*says));
            let refused = whole.is_none() && single.flatten().is_none();
            assert!(meant || refused, "{}: {error}", type_name::<P>());
        }
    }
}

/// Whether an object has a key twice. The last one counts for serde_json; a client refuses the first that does not fit.
fn has_a_key_twice(text: &str) -> bool {
    struct Keys;

    impl<'de> Visitor<'de> for Keys {
        type Value = bool;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
            let (mut keys, mut twice) = (BTreeSet::new(), false);
            while let Some((key, IgnoredAny)) = map.next_entry::<String, IgnoredAny>()? {
                twice |= !keys.insert(key);
            }
            Ok(twice)
        }
    }

    serde_json::Deserializer::from_str(text).deserialize_map(Keys).unwrap_or(false)
}

/// The items of a page that was written.
fn listed(page: &str, list: &str) -> Option<Vec<String>> {
    let page: BTreeMap<&str, &RawValue> = serde_json::from_str(page).ok()?;
    let Some(list) = page.get(list) else { return Some(Vec::new()) };
    let items: Vec<&RawValue> = serde_json::from_str(list.get()).ok()?;
    Some(items.into_iter().map(|item| item.get().to_owned()).collect())
}

/// The items of a page, decoded one by one.
fn singly<P: Paginate<Item: Serialize>>(paged: &P, page: &str) -> Option<Vec<String>> {
    let page: BTreeMap<String, &RawValue> = serde_json::from_str(page).ok()?;
    let list: Option<Vec<&RawValue>> =
        page.get(paged.layout().items).map_or(Ok(None), |list| serde_json::from_str(list.get())).ok()?;
    let items = list.unwrap_or_default().into_iter().filter(|item| item.get() != "null");
    items
        .map(|item| cloud_billing_core::json::from_str::<P::Item>(item.get()).ok().map(|item| written(&item)))
        .collect()
}

/// Where pagination goes on after a page, by cursor and by number: the same as a reading of the whole page says.
pub fn next(data: &[u8]) {
    let Ok(page @ Value::Object(_)) = serde_json::from_slice(data) else { return };
    if std::str::from_utf8(data).is_ok_and(has_a_key_twice) {
        return;
    }
    let href = page["next"]["href"].as_str().unwrap_or_default();
    if href.contains('\u{fffd}') || href.to_ascii_lowercase().contains("%ef%bf%bd") {
        // The other parser has this character for what is not UTF-8, too.
        return;
    }
    let head = format!("HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", data.len());
    with_rig(|rig| {
        rig.answer(&[head.as_bytes(), data].concat());
        let month: BillingMonth = "2026-05".parse().expect("a month");
        let cursors = rig.ibm.get_resource_usage_account(AccountId::new("a"), month).limit(2);
        let numbers = rig.atlas.list_invoices(OrganizationId::new(ORG)).items_per_page(2);
        let (by_cursor, by_number) = rig.runtime.block_on(async { (after(cursors).await, after(numbers).await) });
        agrees(
            by_cursor,
            &page["resources"],
            cursor(&page).map(|cursor| cursor.map(|cursor| json!({"cursor": cursor}))),
        );
        agrees(by_number, &page["results"], Ok(leads_on(&page).then(|| json!({"page": 2}))));
    });
}

/// Where a list goes on after its first page: the cursor or the number in its resume token.
async fn after<P: Paginate>(call: P) -> Result<Option<Value>, String> {
    let mut pages = Pages::new(call).raw().prefetch(0);
    pages.try_next().await.map_err(|error| format!("{error:?}"))?;
    let Some(token) = pages.resume_token() else { return Ok(None) };
    let token: Value = serde_json::from_str(&token.to_string()).expect("a token is JSON");
    match (token.get("cursor"), token.get("page")) {
        (Some(cursor), _) => Ok(Some(json!({ "cursor": cursor }))),
        (_, Some(page)) if page != 1 => Ok(Some(json!({ "page": page }))),
        // It still stands at the first page, since the cursor cannot be used.
        _ => match pages.next().await {
            Some(Err(error)) => Err(format!("{error:?}")),
            other => panic!("it goes on with the first page: {other:?}"),
        },
    }
}

fn agrees(found: Result<Option<Value>, String>, list: &Value, expected: Result<Option<Value>, &str>) {
    let has_list = list.is_array() || list.is_null();
    match (found, expected) {
        (Ok(found), Ok(expected)) => assert_eq!(found, expected),
        (Ok(found), Err(why)) => panic!("{why}, and yet it goes on with {found:?}"),
        (Err(error), expected) => {
            let meant = REFUSED.iter().any(|says| error.contains(*says));
            assert!(meant || expected.is_err() || !has_list, "{error}, not {expected:?}");
        }
    }
}

/// The cursor in a page.
fn cursor(page: &Value) -> Result<Option<String>, &'static str> {
    let next = &page["next"];
    if !next.is_object() && !next.is_null() {
        return Err("`next` is not an object");
    }
    let text = |value: &Value| match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        _ => Err("a cursor is not a text"),
    };
    let (href, offset) = (text(&next["href"])?, text(&next["offset"])?);
    let leads_on = href.as_ref().is_some_and(|href| !href.trim().is_empty());
    let cursor = href.and_then(|href| start(&href)).or(offset).filter(|cursor| !cursor.is_empty());
    if cursor.is_none() && leads_on { Err("a link has no cursor") } else { Ok(cursor) }
}

/// The parameter `_start` of a link.
fn start(href: &str) -> Option<String> {
    let (_, query) = href.split('#').next()?.split_once('?')?;
    let mut parameters = form_urlencoded::parse(query.as_bytes());
    let (_, value) = parameters.find(|(name, _)| name == "_start")?;
    // What is not UTF-8 is no cursor.
    Some(value.into_owned()).filter(|value| !value.is_empty() && !value.contains('\u{fffd}'))
}

/// Whether a numbered page of two items is followed by another one.
fn leads_on(page: &Value) -> bool {
    let items = page["results"].as_array().map_or(0, |items| items.iter().filter(|item| !item.is_null()).count());
    let links = page["links"].as_array().filter(|links| !links.is_empty());
    let relation = |link: &Value| matches!(link["rel"].as_str(), Some("next" | "http://mms.mongodb.com/next"));
    // A total above what came so far is not trusted, but looked after.
    let more = page["totalCount"].as_u64().is_some_and(|total| total > 2);
    items > 0 && links.map_or(items >= 2, |links| links.iter().any(relation) || (items >= 2 && more))
}
