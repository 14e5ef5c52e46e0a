//! Responses that are not decoded.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;

use super::Reply;
use crate::error::Error;
use crate::response::Response;

/// The JSON of a response, or a page of a list, as it arrived and not decoded. [`view`](Self::view) decodes it.
#[derive(Clone)]
pub struct RawBody {
    pub(crate) reply: Reply,
}

impl RawBody {
    pub(crate) fn response(self) -> Response<Self> {
        let meta = Arc::clone(self.reply.meta());
        Response::new(self, meta)
    }

    /// Decodes the JSON into a type of your own, with the fields that you need, named as in the vendor's JSON. What it
    /// borrows stays in here.
    ///
    /// A `&str` holds only text without escapes such as `\n` and `\"`, of which it may have any. A `Cow<str>` with
    /// `#[serde(borrow)]` borrows the text where it can, and copies it where it has to; in an `Option` or a `Vec` it needs a
    /// type around it to do so, as below. Money is exact in a [`Decimal`](crate::Decimal) and not in an `f64`. A field that
    /// the service may leave out needs an `Option`.
    ///
    /// ```
    /// use std::borrow::Cow;
    ///
    /// use cloud_billing_core::{Decimal, Error, RawBody};
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize)]
    /// struct Page<'a> {
    ///     #[serde(borrow)]
    ///     resources: Vec<Instance<'a>>,
    /// }
    ///
    /// #[derive(Deserialize)]
    /// struct Instance<'a> {
    ///     #[serde(borrow)]
    ///     resource_instance_name: Option<Text<'a>>,
    ///     #[serde(default)]
    ///     usage: Vec<Metric>,
    /// }
    ///
    /// /// Borrowed, unless it has escapes.
    /// #[derive(Deserialize)]
    /// #[serde(transparent)]
    /// struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
    ///
    /// #[derive(Deserialize)]
    /// struct Metric {
    ///     cost: Decimal,
    /// }
    ///
    /// fn print_costs(page: &RawBody) -> Result<(), Error> {
    ///     let page: Page<'_> = page.view()?;
    ///     for instance in &page.resources {
    ///         let name = instance.resource_instance_name.as_ref().map_or("(no name)", |name| &name.0);
    ///         for metric in &instance.usage {
    ///             println!("{name}: {}", metric.cost);
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Of kind [`Decode`](crate::ErrorKind::Decode), with the path in the JSON and the body, if it does not fit the
    /// type. Pagination goes on all the same.
    pub fn view<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Error> {
        self.reply.view()
    }

    /// The JSON that [`view`](Self::view) decodes: the body, without the envelope if one was asked for.
    pub fn json(&self) -> &str {
        self.reply.json()
    }

    /// The body as it arrived, with the envelope if one was asked for; decompressed if it came with a `Content-Encoding`. A byte that
    /// is not UTF-8 is replaced.
    pub fn bytes(&self) -> &[u8] {
        self.reply.arrived()
    }
}

impl fmt::Debug for RawBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawBody").field("bytes", &self.json().len()).finish_non_exhaustive()
    }
}
