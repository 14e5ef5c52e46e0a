//! What the estate answers, before it becomes a reply.

use std::fmt;
use std::time::Duration;

use axum::http::StatusCode;
use serde_json::Value;

use super::text::Text;
use crate::paging::{self, Links, Window};
use crate::query::Query;
use crate::refusal::Refused;
use crate::reply::Chunks;
use crate::spec::{Media, Operation};

/// A body that is made while it is sent.
pub(crate) type Pieces = Box<dyn Iterator<Item = String> + Send>;

/// What a request that the spec allows is answered with.
pub(crate) enum Answer {
    /// A body, whole. The flag says whether it is a list, which an envelope does not wrap.
    Whole { text: String, is_list: bool },
    /// A body, piece by piece.
    Pieces(Pieces),
    /// A list, piece by piece.
    List(Pieces),
    /// Bytes, piece by piece.
    Chunks(Chunks),
    /// No body.
    Nothing,
    /// The spec allows the request, and the service does not.
    Refused(Refused),
    /// The request is right, and at odds with the state of things.
    Problem { status: StatusCode, code: &'static str, text: String },
    /// Whatever the rest of the sandbox says.
    AsUsual,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Whole { .. } => "Whole",
            Self::Pieces(_) => "Pieces",
            Self::List(_) => "List",
            Self::Chunks(_) => "Chunks",
            Self::Nothing => "Nothing",
            Self::Refused(_) => "Refused",
            Self::Problem { .. } => "Problem",
            Self::AsUsual => "AsUsual",
        })
    }
}

impl Answer {
    pub(crate) fn json(text: String) -> Self {
        Self::Whole { text, is_list: false }
    }
}

/// Something that an identifier does not stand for.
#[derive(Debug)]
pub(crate) struct Missing {
    /// Atlas's code. IBM has none.
    pub(crate) code: &'static str,
    pub(crate) text: String,
    /// The identifier.
    pub(crate) name: String,
}

/// A request that the spec allows.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) operation: &'a Operation,
    pub(crate) query: &'a Query,
    pub(crate) path: &'a str,
    /// Scheme and authority for links that have them.
    pub(crate) origin: &'a str,
    pub(crate) path_values: &'a [String],
    /// Null if there is none.
    pub(crate) body: Value,
    pub(crate) media: Option<&'a Media>,
    /// Since the epoch.
    pub(crate) now: Duration,
    /// Whether a page is to be followed by itself.
    pub(crate) repeats: bool,
}

impl<'a> Asked<'a> {
    pub(crate) fn wants_csv(&self) -> bool {
        self.media.is_some_and(|media| media.name.ends_with("+csv"))
    }

    fn paging(&self) -> paging::Asked<'a> {
        let Self { operation, query, path, origin, repeats, .. } = *self;
        paging::Asked { operation, query, path, origin, repeats }
    }

    /// Answers with a part of a list, if there is such a part.
    pub(super) fn window(&self, answer: impl FnOnce(Window) -> Answer) -> Answer {
        match self.operation.paging.as_ref().map(|paging| paging.window(self.paging())) {
            Some(Ok(window)) => answer(window),
            Some(Err(refused)) => Answer::Refused(refused),
            None => Answer::AsUsual,
        }
    }

    pub(super) fn links(&self, window: Window, next: Option<usize>) -> Option<Links> {
        Some(self.operation.paging.as_ref()?.links(self.paging(), window, next))
    }

    /// A page of a list that is numbered.
    pub(super) fn page<T>(
        &self,
        window: Window,
        items: &[T],
        total: u64,
        mut write: impl FnMut(&mut Text, &T),
    ) -> Answer {
        let end = window.start.saturating_add(window.size);
        let mut text = Text::with_capacity(1024 + 512 * items.len());
        text.raw("{\"links\":[");
        if let Some(Links::Numbered(links)) = self.links(window, (total > end as u64).then_some(end)) {
            for (index, (rel, href)) in links.iter().enumerate() {
                text.raw(if index > 0 { ",{" } else { "{" });
                text.raw("\"href\":").string(href).raw(",\"rel\":\"").raw(rel).raw("\"}");
            }
        }
        text.raw("],\"results\":[");
        for (index, item) in items.iter().enumerate() {
            text.raw(if index > 0 { "," } else { "" });
            write(&mut text, item);
        }
        text.raw("]");
        if self.query.flag("includeCount").unwrap_or(true) {
            text.raw(",\"totalCount\":").int(i64::try_from(total).unwrap_or(i64::MAX));
        }
        text.raw("}");
        Answer::Whole { text: text.0, is_list: true }
    }

    /// The page that is asked for of a list of values.
    pub(crate) fn values(&self, all: Vec<Value>) -> Answer {
        self.list(all.into_iter(), |text, value| {
            text.raw(&value.to_string());
        })
    }

    /// The page that is asked for of a list that is numbered.
    pub(super) fn list<T>(&self, all: impl Iterator<Item = T>, write: impl FnMut(&mut Text, &T)) -> Answer {
        self.window(|window| {
            let mut total = 0;
            let end = window.start.saturating_add(window.size);
            let mut items = Vec::new();
            for item in all {
                if (window.start..end).contains(&total) {
                    items.push(item);
                }
                total += 1;
            }
            self.page(window, &items, total as u64, write)
        })
    }
}
