//! The summary of a month: the charges of the account, and the credits that pay for them.

use std::time::Duration;

use serde::Serialize;

use super::Account;
use super::irregular::SUPPORT_OVERAGE;
use crate::answer::{Answer, Denial};
use crate::estate::calendar::Month;
use crate::estate::format::{Micros, instant_millis};
use crate::json::{Fields, Object, object};

/// The credits of the offer in each month, in millionths of a dollar.
const OFFER: i64 = 120_000_000;

/// The cost of support in each month, in millionths of a dollar.
const SUPPORT: i64 = 200_000_000;

/// The state of credits, in millionths of a dollar.
fn credits(starting_balance: i64, used: i64) -> Object<impl Fields> {
    object! {
        "starting_balance": Micros(starting_balance),
        "used": Micros(used),
        "balance": Micros(starting_balance - used),
    }
}

/// The offer, or two of half its size.
fn offers(month: Month, used: i64, two: bool) -> Vec<impl Serialize> {
    let offer = |id: &'static str, total: i64, used: i64| {
        object! {
            "offer_id": id,
            "credits_total": Micros(total),
            "offer_template": "",
            "valid_from": instant_millis(month.start() * 1000),
            "created_by_email_id": "cloud-offers@example.com",
            "expires_on": instant_millis((month.end() * 1000).saturating_sub(1)),
            "is_recurring": true,
            "credits": credits(total, used),
        }
    };
    if two {
        let first = used.min(OFFER / 2);
        return vec![offer("offer-7d20c4", OFFER / 2, first), offer("offer-91ae3b", OFFER / 2, used - first)];
    }
    vec![offer("offer-7d20c4", OFFER, used)]
}

/// The support plan, or one more, with overage.
fn support(two: bool) -> Vec<impl Serialize> {
    let plan = |cost: i64, name: &'static str, overage: i64| {
        object! { "cost": Micros(cost), "type": name, "overage": Micros(overage), }
    };
    let more = two.then(|| plan(75_500_000, "PREMIUM", SUPPORT_OVERAGE));
    std::iter::once(plan(SUPPORT, "ADVANCED", 0)).chain(more).collect()
}

impl Account {
    /// What the offer pays of a cost.
    pub(super) fn offer_used(&self, billable: i64) -> i64 {
        OFFER.min(billable)
    }

    /// The charges, and the credits of the offer and of the subscription. A subscription has the credits of a year, and
    /// each month uses some of them.
    pub(super) fn summary(&self, month: Month, now: Duration) -> Result<Answer, Denial> {
        let costs = self.span(month, now).map(|span| self.account_costs(span)).unwrap_or_default();
        let offer = self.offer_used(costs.billable);
        let off = self.summary_off(month, costs.billable);
        let more = self.has_more_support(month);
        Ok(Answer::json(&object! {
            "account_id": &self.account,
            "month": month.to_string(),
            "billing_country_code": self.currency.country,
            "billing_currency_code": self.currency.code,
            "resources": object! {
                "billable_cost": Micros(costs.billable + off),
                "non_billable_cost": Micros(costs.non_billable),
            },
            "offers": offers(month, offer, more),
            "support": support(more),
            "support_resources": [(); 0],
            "subscription": self.subscription(month, costs.billable - offer, now),
        }))
    }

    fn subscription(&self, month: Month, due: i64, now: Duration) -> impl Serialize + use<> {
        let (total, before) = self.term(month, now);
        let used = due.min(total - before);
        let first = month.0 + 1 - month.number();
        let start = instant_millis(Month(first).start() * 1000);
        let end = instant_millis((Month(first + 12).start() * 1000).saturating_sub(1));
        object! {
            "overage": Micros(due - used),
            "subscriptions": [object! {
                "subscription_id": "sub-b81f36",
                "charge_agreement_number": "0098127",
                "type": "SUBSCRIPTION",
                "subscription_amount": Micros(total / 12),
                "start": start.clone(),
                "end": end.clone(),
                "credits_total": Micros(total),
                "terms": [object! {
                    "start": start,
                    "end": end,
                    "credits": object! { "total": Micros(total), ..credits(total - before, used), },
                }],
            }],
        }
    }

    /// The credits of the year of a month, and how many of them the earlier months have used.
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
