//! Lines as rows.

use std::borrow::Cow;

use atlas_billing::money::dollars;
use atlas_billing::types::{CloudProvider, InvoiceLineItem};
use cloud_billing_core::{Decimal, Lenient, Timestamp};

use super::context::{Context, MONGODB, NO_HOST, borrowed, given, time};
use super::line_id::LineIds;
use super::price::{Price, focus_unit};
use super::sku::{Sku, Skus, provider};
use super::sums::Sums;
use super::texts::{Texts, bound, project, resource};
use super::{End, IncompleteInvoice, Invoice, Line, Options};
use crate::value::{Json, Text};
use crate::{ChargeCategory, Mode, PricingCategory, Row};

/// Makes rows of the lines of one invoice, and adds them up.
///
/// It keeps 9 to 18 bytes for each line, to tell lines that are the same from each other (`x_LineId`), and what it knows of each
/// SKU. Nothing else grows with the invoice.
#[derive(Debug)]
pub struct Mapper<'i> {
    pub(super) context: Context<'i>,
    pub(super) skus: Skus,
    line_ids: LineIds,
    texts: Texts,
    pub(super) sums: Sums,
    pub(super) odd_periods: u64,
    not_derived: u64,
    /// The fields of the header that its type does not know, until a row has them.
    unknown: Option<&'i str>,
    /// Who sends the bill by the vendor's own report.
    pub(super) issuer: Option<String>,
}

impl<'i> Mapper<'i> {
    /// A mapper of the lines of an invoice.
    ///
    /// # Errors
    ///
    /// If the invoice does not have what each row needs: an organization, an id, a billing period.
    pub fn new(invoice: &'i Invoice<'_>, options: &'i Options) -> Result<Self, IncompleteInvoice> {
        let context = Context::new(invoice, options)?;
        Ok(Self {
            skus: Skus::default(),
            line_ids: LineIds::new(context.invoice),
            texts: Texts::default(),
            sums: Sums::default(),
            odd_periods: 0,
            not_derived: 0,
            unknown: invoice.unknown(),
            issuer: None,
            context,
        })
    }

    /// The row of the next line. It borrows its texts; [`Row::into_owned`] keeps them.
    ///
    /// A line without a price has no cost in its row, and the invoice is not known to be right.
    pub fn row<'r>(&'r mut self, line: &'r Line<'_>) -> Row<'r> {
        let item = &line.item.record;
        let id = given(item.sku.as_deref());
        let sku = id.map_or(Sku::NONE, |id| self.skus.get(id));
        let cost = item.total_price_cents.map(dollars);
        let category = sku.kind.category(cost.as_ref().is_some_and(Decimal::is_negative));
        self.sums.add(&category, cost.as_ref());
        self.odd_periods += u64::from(period(item).is_none());
        let described = id.map(|id| self.context.options.descriptions.get(id).map_or(id, String::as_str));
        self.texts.write(line, described);
        if self.context.options.line_ids {
            self.line_ids.write(line.text, &mut self.texts.line_id);
        }
        let price = self.price(item, &category);
        if let (Some(price), Some(id)) = (&price, id) {
            self.texts.write_price(item, id, price.unit, price.unit_price);
        }
        let unknown = self.bill_unknown();
        let row = self.line_row(item, sku, described, category, cost);
        let row = Row { x_bill_unknown_fields: unknown, ..row };
        match price {
            Some(price) => self.with_price(row, price),
            None => row,
        }
    }

    /// The unknown fields of the header, for the first row that asks. In each row they would make a file that is longer than the
    /// invoice many times over.
    pub(super) fn bill_unknown(&mut self) -> Option<Json<'i>> {
        self.unknown.take().and_then(borrowed).map(Json)
    }

    /// Ends the invoice: the rows of its header, and whether all rows add up.
    #[must_use]
    pub fn finish(mut self) -> End {
        let mut end = End::new(&self.context, &self.sums, self.odd_periods, self.not_derived);
        if let Some(row) = end.rows.first_mut() {
            row.x_bill_unknown_fields = self.unknown.take().map(|fields| Json(Cow::Owned(fields.to_owned())));
        }
        if let Some(issuer) = self.issuer {
            end.rows.iter_mut().for_each(|row| row.invoice_issuer_name = Some(issuer.clone().into()));
        }
        end
    }

    /// The price of a line that explains its cost, if prices are to be derived.
    fn price<'r>(&mut self, item: &'r InvoiceLineItem, category: &ChargeCategory) -> Option<Price<'r>> {
        let priced = matches!(category, ChargeCategory::Usage | ChargeCategory::Purchase);
        if self.context.options.mode != Mode::Derived || !priced {
            return None;
        }
        let price = Price::of(item).filter(|_| given(item.sku.as_deref()).is_some());
        self.not_derived += u64::from(price.is_none());
        price
    }

    fn line_row<'r>(
        &'r self,
        item: &'r InvoiceLineItem,
        sku: Sku,
        described: Option<&'r str>,
        category: ChargeCategory,
        cost: Option<Decimal>,
    ) -> Row<'r> {
        let texts = &self.texts;
        let note = given(item.note.as_deref());
        let (host, derived) = host(item, &sku);
        let period = period(item);
        let odd = period.is_none();
        let (start, end) = period.unwrap_or((self.context.start, self.context.end));
        let resource = resource(item);
        let list_cost = self.list_cost(item, &category, cost.as_ref());
        Row {
            charge_description: borrowed(&texts.description).or_else(|| described.or(note).and_then(borrowed)),
            charge_frequency: Some(sku.frequency),
            charge_period_start: Some(start),
            charge_period_end: Some(end),
            host_provider_name: borrowed(host),
            list_cost,
            resource_id: borrowed(&texts.resource_id).or_else(|| resource.and_then(|(name, _)| borrowed(name))),
            resource_name: resource.and_then(|(name, _)| borrowed(name)),
            resource_type: resource.and_then(|(_, kind)| borrowed(kind)),
            service_category: Some(sku.service.category.clone()),
            service_name: borrowed(sku.service.name),
            service_subcategory: Some(sku.service.subcategory.clone()),
            sku_id: text(item.sku.as_deref()),
            sku_meter: sku.meter,
            sub_account_id: project(item).and_then(borrowed),
            sub_account_name: project(item).and(item.group_name.as_deref()).and_then(borrowed),
            sub_account_type: project(item).and(borrowed("Project")),
            tags: json(&texts.tags),
            x_cloud_provider: item.cloud_provider.as_ref().and_then(|provider| borrowed(provider.as_str())),
            x_discount_cents: item.discount_cents.map(Decimal::from),
            x_host_provider_derived: derived.then_some(true),
            x_line_created: time(&item.created),
            x_line_end: odd.then(|| as_it_came(&item.end_date)).flatten(),
            x_line_id: borrowed(&texts.line_id),
            x_line_start: odd.then(|| as_it_came(&item.start_date)).flatten(),
            x_note: note.and_then(borrowed),
            x_percent_discount: item.percent_discount.clone(),
            x_quantity: item.quantity.clone(),
            x_resource_id_derived: resource.map(|_| true),
            x_row_kind: borrowed("line"),
            x_stitch_app_name: text(item.stitch_app_name.as_deref()),
            x_tags_raw: json(&texts.raw_tags),
            x_tier_lower_bound: bound(item.tier_lower_bound),
            x_tier_upper_bound: bound(item.tier_upper_bound),
            x_unit: text(item.unit.as_deref()),
            x_unit_price_dollars: item.unit_price_dollars.clone(),
            x_unknown_fields: json(&texts.unknown),
            ..self.context.row(category, cost)
        }
    }

    fn list_cost(&self, item: &InvoiceLineItem, category: &ChargeCategory, cost: Option<&Decimal>) -> Option<Decimal> {
        let includes = self.context.options.list_cost_includes_discount && *category != ChargeCategory::Credit;
        let discount = item.discount_cents.filter(|_| includes).map(dollars);
        discount.map_or_else(|| cost.cloned(), |discount| cost.map(|cost| cost + discount))
    }

    /// Fills the columns that depend on an id of the price.
    fn with_price<'r>(&'r self, row: Row<'r>, price: Price<'r>) -> Row<'r> {
        let quantity = || Some(price.quantity.clone());
        let unit_price = || Some(price.unit_price.clone());
        let unit = || Some(focus_unit(price.unit));
        let is_usage = row.charge_category == Some(ChargeCategory::Usage);
        Row {
            consumed_quantity: quantity().filter(|_| is_usage),
            consumed_unit: unit().filter(|_| is_usage),
            contracted_cost: Some(price.cost.clone()),
            contracted_unit_price: unit_price(),
            list_unit_price: unit_price(),
            list_cost: Some(price.cost),
            pricing_category: Some(PricingCategory::Standard),
            pricing_currency_contracted_unit_price: unit_price(),
            pricing_currency_list_unit_price: unit_price(),
            pricing_quantity: quantity(),
            pricing_unit: unit(),
            sku_price_details: json(&self.texts.price_details),
            sku_price_id: borrowed(&self.texts.price_id),
            x_sku_price_id_derived: Some(true),
            ..row
        }
    }
}

/// On whose cloud the line's service runs, and whether that was read out of the SKU.
fn host<'r>(item: &'r InvoiceLineItem, sku: &Sku) -> (&'r str, bool) {
    match (&item.cloud_provider, sku.host) {
        (Some(CloudProvider::Atlas), _) => (MONGODB, false),
        (Some(stated), _) if !stated.as_str().is_empty() => {
            (provider(stated.as_str()).unwrap_or(stated.as_str()), false)
        }
        (_, Some(host)) => (host, true),
        (_, None) => (NO_HOST, false),
    }
}

/// The period of a line, if its start is before its end.
fn period(item: &InvoiceLineItem) -> Option<(Timestamp, Timestamp)> {
    let period = item.start_date.known().zip(item.end_date.known());
    period.filter(|(start, end)| start < end).map(|(start, end)| (*start, *end))
}

/// A time as the text that it came as, or its JSON if it is no text.
fn as_it_came(time: &Lenient<Timestamp>) -> Option<Text<'_>> {
    match time.known() {
        Some(time) => Some(Cow::Owned(time.to_string())),
        None => time.json_text().map(Cow::Borrowed),
    }
}

fn text(text: Option<&str>) -> Option<Text<'_>> {
    text.and_then(borrowed)
}

fn json(text: &str) -> Option<Json<'_>> {
    borrowed(text).map(Json)
}
