//! The code that the good corpus specs become, compiled. The files are the snapshots of `corpus.rs`: what is reviewed is
//! what is built here.
#![allow(dead_code, unused_imports, missing_docs, unreachable_pub, clippy::all, clippy::pedantic, clippy::restriction)]

use cloud_billing_core::json;
use serde_json::json;

macro_rules! client {
    ($($name:ident: $path:literal),*) => { $(
        mod $name {
            include!($path);

            #[derive(Clone, Debug)]
            pub struct Client {
                pub(crate) core: ::cloud_billing_core::Core,
            }

            impl Client {
                pub(crate) fn core(&self) -> &::cloud_billing_core::Core {
                    &self.core
                }
            }
        }
    )* };
}

client! {
    formats: "corpus/snapshots/good/formats_code.snap.rs",
    ids: "corpus/snapshots/good/ids_code.snap.rs",
    links: "corpus/snapshots/good/links_code.snap.rs",
    marks: "corpus/snapshots/good/marks_code.snap.rs",
    media_types: "corpus/snapshots/good/media_types_code.snap.rs",
    named: "corpus/snapshots/good/named_code.snap.rs",
    objects: "corpus/snapshots/good/objects_code.snap.rs",
    parameters: "corpus/snapshots/good/parameters_code.snap.rs",
    request_bodies: "corpus/snapshots/good/request_bodies_code.snap.rs"
}

/// Every good spec is compiled here.
#[test]
fn all_are_listed() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/good");
    let here = include_str!("compiled.rs");
    for entry in std::fs::read_dir(directory).unwrap() {
        let name = entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned();
        assert!(here.contains(&format!("{name}_code.snap.rs")), "{name} is not in the list");
    }
}

/// A component that is a list or a scalar stands for its type.
#[test]
fn named_lists_and_scalars_are_read() {
    let list: cloud_billing_core::NullableVec<named::types::Thing> =
        json::from_str(r#"[{"id":"t1","parents":["t0"],"size":3}]"#).unwrap();
    assert_eq!(list[0].id.as_deref(), Some("t1"));
    assert_eq!((list[0].parents.to_vec(), list[0].size), (vec!["t0".to_owned()], Some(3)));
}

/// The cursor of a list that only links to its next page is the one in the link, and nothing else is.
#[test]
fn a_link_alone_leads_to_the_next_page() {
    use cloud_billing_core::paginate::{Layout, Next};
    use cloud_billing_core::{Core, Paginate, Service};
    let next = Next::Cursor { parameter: "start", href: &["next_url"], token: &[] };
    static SERVICE: Service = Service::new("links", "https://links.example");
    let client = links::Client { core: Core::builder(&SERVICE).no_credential().build().unwrap() };
    let list = client.list_things();
    assert_eq!(list.layout(), Layout { items: "things", next });
}

/// A field of a body that can be null is left out, cleared, or set.
#[test]
fn null_is_sent_only_when_it_is_asked_for() {
    let body = || request_bodies::types::NewThing::new("n", ["a1"], "2024-01-31".parse().unwrap());
    let cleared = body().colour_null().owners_null().label_null();
    let written = serde_json::to_value(&cleared).unwrap();
    let expected = json!({
        "name": "n", "parts": ["a1"], "from": "2024-01-31", "colour": null, "owners": null, "label": null
    });
    assert_eq!(written, expected);
    assert_eq!(serde_json::from_value::<request_bodies::types::NewThing>(written).unwrap(), cleared);
    let set = serde_json::to_value(body().colour("red").owners(["me"])).unwrap();
    assert_eq!((&set["colour"], &set["owners"], set.get("label")), (&json!("red"), &json!(["me"]), None));
}

/// The checks of a field that can be null are those of its value.
#[test]
fn a_value_in_place_of_null_is_checked() {
    use cloud_billing_core::{Check, Checker};
    let body = || request_bodies::types::NewThing::new("n", ["a1"], "2024-01-31".parse().unwrap());
    let problems = |body: &request_bodies::types::NewThing| {
        let mut checker = Checker::default();
        body.check(&mut checker);
        format!("{checker:?}")
    };
    assert!(problems(&body().colour("ultramarine")).contains("`colour`"));
    assert!(!problems(&body().colour_null()).contains("`colour`"));
}

/// An id of a response is an argument of the next call. Its rules are checked there, those of the place as well.
#[test]
fn an_id_goes_from_a_response_into_a_call() {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use cloud_billing_core::{Core, Service};
    use ids::types::{Move, OwnerId, Thing, ThingId};
    static SERVICE: Service = Service::new("ids", "https://ids.example");
    let client = ids::Client { core: Core::builder(&SERVICE).no_credential().build().unwrap() };
    let text = r#"{"id":"t","owner":"12ab","former":["34cd"],"parts":{"a":"t2"},"likeness":7}"#;
    let thing: Thing = json::from_str(text).unwrap();
    assert_eq!((&thing.id, thing.owner.as_deref()), (&ThingId::new("t"), Some("12ab")));
    assert_eq!((thing.former[0].as_str(), thing.likeness.json_text().as_deref()), ("34cd", Some("7")));
    assert_eq!(serde_json::from_str::<Thing>(text).unwrap(), thing);

    let body = Move::new(&*thing.former).after(thing.parts.get("a").unwrap());
    assert_eq!(serde_json::to_value(&body).unwrap(), json!({ "to": ["34cd"], "after": "t2" }));
    let owner = OwnerId::new("zz");
    let call = client.move_thing(&owner, &thing.id, body.after(ThingId::new("123456789"))).except([&owner]);
    // It is refused before anything is sent, so nothing is waited for.
    let Poll::Ready(Err(error)) = pin!(call.send()).poll(&mut Context::from_waker(Waker::noop())) else { panic!() };
    for name in ["`ownerId` must match", "`thingId` must have at least 2", "`except[0]`", "`after` must have at most 8"]
    {
        assert!(error.to_string().contains(name), "{name}: {error}");
    }
    assert!("zz".parse::<OwnerId>().is_err() && "t".parse::<ThingId>().is_ok());
}

#[test]
fn what_does_not_fit_is_kept() {
    let text = r#"{"prices":[{"amount":1.50,"tier":"x"},"on request",7],"price":null,"self":"me","odd name":"o","size":7,"grid":[["a"],[]],"tags":{}}"#;
    let thing: objects::types::Thing = json::from_str(text).unwrap();
    assert_eq!(serde_json::from_str::<objects::types::Thing>(text).unwrap(), thing);
    assert_eq!(thing.prices.len(), 3);
    assert_eq!(thing.prices[0].known().unwrap().extra["tier"], "x");
    assert!(thing.prices[1].known().is_none());
    let written = serde_json::to_string(&thing).unwrap();
    // Only the null is gone: it says what an absent field says.
    let expected = r#"{"grid":[["a"],[]],"odd name":"o","prices":[{"amount":1.50,"tier":"x"},"on request",7],"self":"me","size":7,"tags":{}}"#;
    assert_eq!(written, expected);
}

#[test]
fn a_guaranteed_field_is_no_option() {
    let thing: formats::types::Thing = json::from_str(r#"{"count": 3}"#).unwrap();
    let count: i32 = thing.count;
    assert_eq!(count, 3);
    for missing in ["{}", r#"{"count": null}"#] {
        let error = json::from_str::<formats::types::Thing>(missing).unwrap_err();
        assert_eq!(error.to_string(), "the object has no field `count` at byte 0");
    }
}

#[test]
fn arguments_of_a_constructor_stand_as_the_spec_lists_them() {
    let body = request_bodies::types::NewThing::new("n", ["a1"], "2024-01-31".parse().unwrap()).state("A-B").share(101);
    let json = serde_json::to_value(&body).unwrap();
    assert_eq!(json, json!({ "name": "n", "parts": ["a1"], "from": "2024-01-31", "state": "A-B", "share": 101 }));
    assert_eq!(body.state, Some(request_bodies::types::State::ADashB));
}
