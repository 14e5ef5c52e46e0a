//! A vendor's row by the rules of FOCUS.
//!
//! A value that its column may not have, alone or beside the others, is put aside: into a column of ours that is for it, else into
//! `x_UnknownFields`. So nothing is lost.

use cloud_billing_core::{Decimal, Timestamp};
use serde_json::{Map, Value as JsonValue};

use crate::check::{is_currency, is_flat, is_of, is_product, is_unit};
use crate::format::write_value;
use crate::value::{Json, Text};
use crate::{ChargeCategory, ChargeFrequency, Column, Row, ServiceCategory, ServiceSubcategory, UseStatus};

/// Our columns for values of FOCUS's.
pub(crate) type Homes = &'static [(Column, Column)];

/// What hangs on the id of a price, in the order in which it is put aside.
const PRICED: [Column; 13] = [
    Column::ConsumedQuantity,
    Column::ConsumedUnit,
    Column::PricingQuantity,
    Column::PricingUnit,
    Column::CommitmentDiscountQuantity,
    Column::CommitmentDiscountUnit,
    Column::ListUnitPrice,
    Column::ContractedUnitPrice,
    Column::PricingCurrencyListUnitPrice,
    Column::PricingCurrencyContractedUnitPrice,
    Column::PricingCategory,
    Column::SkuPriceDetails,
    Column::SkuPriceId,
];

/// What hangs on the id of a commitment.
const COMMITTED: [Column; 7] = [
    Column::CommitmentDiscountCategory,
    Column::CommitmentDiscountName,
    Column::CommitmentDiscountQuantity,
    Column::CommitmentDiscountStatus,
    Column::CommitmentDiscountType,
    Column::CommitmentDiscountUnit,
    Column::CommitmentDiscountId,
];

/// Names, with the ids that they need.
const NAMES: [(Column, Column); 7] = [
    (Column::SubAccountName, Column::SubAccountId),
    (Column::SubAccountType, Column::SubAccountId),
    (Column::ResourceName, Column::ResourceId),
    (Column::ResourceType, Column::ResourceId),
    (Column::InvoiceDetailId, Column::InvoiceId),
    (Column::RegionName, Column::RegionId),
    (Column::SkuPriceId, Column::SkuId),
];

/// Quantities and their units. Neither is there without the other.
const QUANTITIES: [(Column, Column); 3] = [
    (Column::ConsumedQuantity, Column::ConsumedUnit),
    (Column::PricingQuantity, Column::PricingUnit),
    (Column::CommitmentDiscountQuantity, Column::CommitmentDiscountUnit),
];

/// A row that is made to keep the rules.
pub(crate) struct Repair<'r> {
    pub(crate) row: Row<'r>,
    homes: Homes,
    /// Writes a unit as FOCUS does.
    unit: fn(&str) -> Text<'_>,
    aside: Map<String, JsonValue>,
}

impl<'r> Repair<'r> {
    pub(crate) fn new(row: Row<'r>, homes: Homes, unit: fn(&str) -> Text<'_>) -> Self {
        Self { row, homes, unit, aside: Map::new() }
    }

    /// Empties a column.
    pub(crate) fn put_aside(&mut self, column: Column) {
        let Some(text) = self.text(column) else { return };
        // An empty text is null in each column.
        let _ = self.row.set(column, "");
        let fits = |home: &Column| self.text(*home).is_none_or(|there| there == text);
        let home = self.homes.iter().filter(|(from, _)| *from == column).map(|(_, home)| *home).find(|home| fits(home));
        if home.is_none_or(|home| self.row.set(home, &text).is_err()) {
            // The first is what the vendor wrote.
            self.aside.entry(column.definition().name).or_insert_with(|| text.into());
        }
    }

    fn put_aside_if(&mut self, wrong: bool, column: Column) {
        if wrong {
            self.put_aside(column);
        }
    }

    fn text(&self, column: Column) -> Option<String> {
        let value = self.row.value(column);
        let mut text = String::new();
        (!value.is_null()).then(|| write_value(&mut text, value))?;
        Some(text)
    }

    fn has(&self, column: Column) -> bool {
        !self.row.value(column).is_null()
    }

    // ---- Before what is missing is filled in.

    /// Puts values aside that their columns may not have.
    pub(crate) fn values(&mut self) {
        self.enums();
        self.currencies();
        self.periods();
        self.prices();
        self.flat();
    }

    fn enums(&mut self) {
        macro_rules! known {
            ($($field:ident $column:ident),*) => {
                $(self.put_aside_if(self.row.$field.as_ref().is_some_and(|it| !it.is_known()), Column::$column);)*
            };
        }
        known! {
            capacity_reservation_status CapacityReservationStatus, charge_category ChargeCategory,
            charge_class ChargeClass, charge_frequency ChargeFrequency,
            commitment_discount_category CommitmentDiscountCategory,
            commitment_discount_status CommitmentDiscountStatus, pricing_category PricingCategory,
            service_category ServiceCategory, service_subcategory ServiceSubcategory
        }
    }

    /// What is in units that are no currency, such as credits, stays where one of them is worth one of the bill's currency.
    fn currencies(&mut self) {
        let is_odd = |text: &Option<Text<'_>>| text.as_deref().is_some_and(|text| !is_currency(text));
        self.put_aside_if(is_odd(&self.row.billing_currency), Column::BillingCurrency);
        if !is_odd(&self.row.pricing_currency) {
            return;
        }
        self.put_aside(Column::PricingCurrency);
        let same = match &self.row.x_pricing_currency_rate {
            Some(rate) => *rate == Decimal::from(1),
            None => self.row.pricing_currency_effective_cost == self.row.effective_cost,
        };
        for column in [
            Column::PricingCurrencyEffectiveCost,
            Column::PricingCurrencyListUnitPrice,
            Column::PricingCurrencyContractedUnitPrice,
        ] {
            self.put_aside_if(!same, column);
        }
    }

    fn periods(&mut self) {
        let is_period =
            |start: Option<Timestamp>, end: Option<Timestamp>| start.zip(end).is_some_and(|(start, end)| start < end);
        if !is_period(self.row.billing_period_start, self.row.billing_period_end) {
            self.put_aside(Column::BillingPeriodStart);
            self.put_aside(Column::BillingPeriodEnd);
        }
        if !is_period(self.row.charge_period_start, self.row.charge_period_end) {
            self.put_aside(Column::ChargePeriodStart);
            self.put_aside(Column::ChargePeriodEnd);
        }
    }

    fn prices(&mut self) {
        macro_rules! not_negative {
            ($($field:ident $column:ident),*) => {
                $(self.put_aside_if(self.row.$field.as_ref().is_some_and(Decimal::is_negative), Column::$column);)*
            };
        }
        not_negative! {
            list_unit_price ListUnitPrice, contracted_unit_price ContractedUnitPrice,
            pricing_currency_list_unit_price PricingCurrencyListUnitPrice,
            pricing_currency_contracted_unit_price PricingCurrencyContractedUnitPrice
        }
    }

    /// Members that are objects or arrays become their JSON as texts.
    fn flat(&mut self) {
        if let Some(tags) = self.row.tags.take_if(|tags| !is_flat(&tags.0)) {
            self.row.tags = flattened(&tags);
            self.row.x_tags_raw.get_or_insert(tags);
        }
        for column in [Column::SkuPriceDetails, Column::AllocatedTags] {
            let odd = self.text(column).is_some_and(|text| !is_flat(&text));
            self.put_aside_if(odd, column);
        }
    }

    /// Puts the category of a service aside, if it is known to have another one.
    pub(crate) fn categorise(&mut self, known: Option<&ServiceCategory>) {
        if known.is_some_and(|known| self.row.service_category.as_ref().is_some_and(|category| category != known)) {
            self.put_aside(Column::ServiceCategory);
            self.put_aside(Column::ServiceSubcategory);
        }
    }

    // ---- Afterwards.

    /// Fills in what is missing, and puts values aside that may not stand beside others.
    pub(crate) fn fill(mut self, base: Row<'r>) -> Row<'r> {
        let subcategory = base.service_subcategory.clone();
        self.row = self.row.or(base);
        let (sub, category) = (self.text(Column::ServiceSubcategory), self.text(Column::ServiceCategory));
        if sub.zip(category).is_some_and(|(sub, category)| !is_of(&sub, &category)) {
            self.put_aside(Column::ServiceSubcategory);
            self.row.service_subcategory = subcategory;
        }
        if self.row.region_name.is_none() {
            self.row.region_name.clone_from(&self.row.region_id);
        }
        self.charge();
        for (name, id) in NAMES {
            self.put_aside_if(!self.has(id), name);
        }
        self.consumed();
        self.priced();
        self.committed();
        self.units();
        self.finish()
    }

    fn charge(&mut self) {
        let billed = self.row.billed_cost.clone();
        match self.row.charge_category {
            Some(ChargeCategory::Tax) => {
                self.put_aside(Column::PricingCategory);
                self.put_aside(Column::SkuId);
                self.put_aside_if(self.row.effective_cost != billed, Column::EffectiveCost);
                self.row.effective_cost = billed;
            }
            Some(ChargeCategory::Credit) => {
                for column in [Column::EffectiveCost, Column::ListCost, Column::ContractedCost] {
                    let differs = self.row.value(column) != self.row.value(Column::BilledCost);
                    self.put_aside_if(differs, column);
                }
                self.row.effective_cost.clone_from(&billed);
                self.row.list_cost.clone_from(&billed);
                self.row.contracted_cost = billed;
            }
            Some(ChargeCategory::Purchase) if self.row.charge_frequency == Some(ChargeFrequency::UsageBased) => {
                self.put_aside(Column::ChargeFrequency);
                self.row.charge_frequency = Some(ChargeFrequency::Recurring);
            }
            _ => {}
        }
    }

    fn consumed(&mut self) {
        let row = &self.row;
        let used = row.charge_category == Some(ChargeCategory::Usage)
            && row.commitment_discount_status != Some(UseStatus::Unused);
        self.put_aside_if(!used, Column::ConsumedQuantity);
        self.put_aside_if(!used, Column::ConsumedUnit);
    }

    /// An id of a price has unit prices. A quantity beside them is what they are multiplied with.
    fn priced(&mut self) {
        let row = &self.row;
        let is_priced =
            row.sku_price_id.is_some() && row.list_unit_price.is_some() && row.contracted_unit_price.is_some();
        if !is_priced {
            PRICED.into_iter().for_each(|column| self.put_aside(column));
            return;
        }
        let quantity = row.pricing_quantity.as_ref();
        let fits = is_product(row.list_cost.as_ref(), row.list_unit_price.as_ref(), quantity)
            && is_product(row.contracted_cost.as_ref(), row.contracted_unit_price.as_ref(), quantity);
        self.put_aside_if(!fits, Column::PricingQuantity);
        self.put_aside_if(!fits, Column::PricingUnit);
    }

    fn committed(&mut self) {
        let row = &self.row;
        let is_whole = row.commitment_discount_id.is_some()
            && row.commitment_discount_category.is_some()
            && row.commitment_discount_type.is_some();
        if !is_whole {
            COMMITTED.into_iter().for_each(|column| self.put_aside(column));
        }
    }

    fn units(&mut self) {
        for (_, column) in QUANTITIES {
            let Some(text) = self.text(column).filter(|text| !is_unit(text)) else { continue };
            self.put_aside(column);
            let written = (self.unit)(&text);
            if is_unit(&written) {
                // A text is a value of each column of units.
                let _ = self.row.set(column, &written);
            }
        }
        for (quantity, unit) in QUANTITIES {
            self.put_aside_if(!self.has(unit), quantity);
            self.put_aside_if(!self.has(quantity), unit);
        }
    }

    fn finish(self) -> Row<'r> {
        let Self { mut row, mut aside, .. } = self;
        if aside.is_empty() {
            return row;
        }
        let known = row.x_unknown_fields.as_ref().and_then(|json| serde_json::from_str::<Map<_, _>>(&json.0).ok());
        aside.extend(known.into_iter().flatten());
        row.x_unknown_fields = Some(Json(JsonValue::Object(aside).to_string().into()));
        row
    }
}

/// The subcategory of a category of which nothing more is known.
pub(crate) fn other(category: &ServiceCategory) -> ServiceSubcategory {
    ServiceSubcategory::from(format!("Other ({})", category.as_str()).as_str())
}

fn flattened(json: &Json<'_>) -> Option<Json<'static>> {
    let mut members: Map<String, JsonValue> = serde_json::from_str(&json.0).ok()?;
    for value in members.values_mut().filter(|value| value.is_object() || value.is_array()) {
        *value = JsonValue::from(value.to_string());
    }
    Some(Json(JsonValue::Object(members).to_string().into()))
}
