//! The summary of an account as it is read, with the fields that its types do not know.

use std::sync::LazyLock;

use cloud_billing_core::NullableVec;
use cloud_billing_core::json::{self, Decode, JsonError, Keys, Reader, Record as Fields};
use ibm_usage_reports::types::{AccountSummary, Offer, SupportSummary};

use super::record::index_of;
use crate::source::Kept;

/// The response of `get_account_summary`. Without access to it, the default does.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    kept: Kept<AccountSummary>,
    pub(super) support: NullableVec<Kept<SupportSummary>>,
    pub(super) offers: NullableVec<Kept<Offer>>,
}

impl Summary {
    /// Reads the JSON text of the response.
    ///
    /// # Errors
    ///
    /// If it is not JSON, or a field does not have its type.
    pub fn read(text: &str) -> Result<Self, JsonError> {
        json::from_str(text)
    }

    /// The summary, without its `support` and `offers`.
    #[must_use]
    pub const fn summary(&self) -> &AccountSummary {
        &self.kept.record
    }

    pub(super) fn unknown(&self) -> Option<String> {
        self.kept.unknown()
    }
}

impl Fields for Summary {
    fn keys(&self) -> &'static Keys {
        self.kept.keys()
    }

    fn field(&mut self, index: usize, reader: &mut Reader<'_>) -> Result<(), JsonError> {
        static LISTS: LazyLock<[usize; 2]> = LazyLock::new(|| ["support", "offers"].map(index_of::<AccountSummary>));
        match LISTS.iter().position(|list| *list == index) {
            Some(0) => reader.field(&mut self.support),
            Some(_) => reader.field(&mut self.offers),
            None => self.kept.field(index, reader),
        }
    }

    fn unknown(&mut self, key: &str, reader: &mut Reader<'_>) -> Result<(), JsonError> {
        Fields::unknown(&mut self.kept, key, reader)
    }
}

impl Decode for Summary {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        reader.record()
    }
}
