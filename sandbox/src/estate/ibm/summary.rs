//! The summary of a month: what the account owes, and what credits take off it.

use std::time::Duration;

use super::Ibm;
use super::instance::Span;
use super::usage::Costs;
use crate::estate::calendar::Month;
use crate::estate::text::Text;

/// The offer's credits in each month, in millionths of a dollar.
const OFFER: i64 = 120_000_000;

/// What support costs in each month, in millionths of a dollar.
const SUPPORT: i64 = 200_000_000;

impl Ibm {
    /// Charges, and what offers and the subscription take off. The subscription is one of a year's credits, which are
    /// used up month after month.
    pub(super) fn summary(&self, month: Month, span: Option<Span>, now: Duration) -> String {
        let costs = span.map(|span| self.account_costs(span)).unwrap_or_default();
        let offer = OFFER.min(costs.billable);
        let (total, before) = self.term(month, now);
        let due = costs.billable - offer;
        let used = due.min(total - before);
        let term_start = month.0 + 1 - month.number();
        let (start, end) =
            (Month(term_start).start() * 1000, (Month(term_start + 12).start() * 1000).saturating_sub(1));
        let mut text = Text::default();
        text.raw("{\"account_id\":\"").raw(self.account()).raw("\",\"month\":\"").raw(&month.to_string());
        text.raw(
            "\",\"billing_country_code\":\"USA\",\"billing_currency_code\":\"USD\",\"resources\":{\"billable_cost\":",
        );
        text.decimal(costs.billable, 6).raw(",\"non_billable_cost\":").decimal(costs.non_billable, 6);
        text.raw("},\"offers\":[{\"offer_id\":\"offer-7d20c4\",\"credits_total\":").decimal(OFFER, 6);
        text.raw(",\"offer_template\":\"\",\"valid_from\":\"").instant_millis(month.start() * 1000);
        text.raw("\",\"created_by_email_id\":\"cloud-offers@example.com\",\"expires_on\":\"");
        text.instant_millis((month.end() * 1000).saturating_sub(1))
            .raw("\",\"is_recurring\":true,\"credits\":{\"starting_balance\":");
        text.decimal(OFFER, 6).raw(",\"used\":").decimal(offer, 6).raw(",\"balance\":").decimal(OFFER - offer, 6);
        text.raw("}}],\"support\":[{\"cost\":").decimal(SUPPORT, 6);
        text.raw(",\"type\":\"ADVANCED\",\"overage\":0}],\"support_resources\":[],\"subscription\":{\"overage\":");
        text.decimal(due - used, 6).raw(",\"subscriptions\":[{\"subscription_id\":\"sub-b81f36\",");
        text.raw("\"charge_agreement_number\":\"0098127\",\"type\":\"SUBSCRIPTION\",\"subscription_amount\":");
        text.decimal(total / 12, 6).raw(",\"start\":\"").instant_millis(start).raw("\",\"end\":\"").instant_millis(end);
        text.raw("\",\"credits_total\":").decimal(total, 6).raw(",\"terms\":[{\"start\":\"").instant_millis(start);
        text.raw("\",\"end\":\"").instant_millis(end).raw("\",\"credits\":{\"total\":").decimal(total, 6);
        text.raw(",\"starting_balance\":").decimal(total - before, 6).raw(",\"used\":").decimal(used, 6);
        text.raw(",\"balance\":").decimal(total - before - used, 6).raw("}}]}]}}");
        text.0
    }

    fn account_costs(&self, span: Span) -> Costs {
        let sums = self.sums(span);
        self.costs(self.plans.iter().zip(&sums.account).map(|((_, plan), sums)| (*plan, sums)))
    }

    /// The credits of the year that a month is in, and how many of them the months before it have used.
    fn term(&self, month: Month, now: Duration) -> (i64, i64) {
        let dollars = i64::try_from(self.estate.instances).unwrap_or(i64::MAX / 2_000_000_000).saturating_mul(1_200);
        let total = dollars.saturating_mul(1_000_000);
        let first = month.0 + 1 - month.number();
        let spans = (first..month.0).filter_map(|month| self.span(Month(month), now));
        let used = spans.fold(0, |used: i64, span| {
            let due = (self.account_costs(span).billable - OFFER).max(0);
            used + due.min(total - used)
        });
        (total, used)
    }
}
