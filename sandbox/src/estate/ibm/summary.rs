//! The summary of a month: the charges of the account, and the credits that pay for them.

use std::time::Duration;

use serde::Serialize;

use super::account::Ibm;
use crate::answer::{Answer, Denial};
use crate::estate::calendar::Month;
use crate::estate::format::{instant_millis, micros};

/// The credits of the offer in each month, in millionths of a dollar.
const OFFER: i64 = 120_000_000;

/// The cost of support in each month, in millionths of a dollar.
const SUPPORT: i64 = 200_000_000;

#[derive(Serialize)]
struct Summary<'a> {
    account_id: &'a str,
    month: String,
    billing_country_code: &'static str,
    billing_currency_code: &'static str,
    resources: ResourceCosts,
    offers: [Offer; 1],
    support: [Support; 1],
    support_resources: [(); 0],
    subscription: Subscription,
}

#[derive(Serialize)]
struct ResourceCosts {
    #[serde(serialize_with = "micros")]
    billable_cost: i64,
    #[serde(serialize_with = "micros")]
    non_billable_cost: i64,
}

#[derive(Serialize)]
struct Offer {
    offer_id: &'static str,
    #[serde(serialize_with = "micros")]
    credits_total: i64,
    offer_template: &'static str,
    valid_from: String,
    created_by_email_id: &'static str,
    expires_on: String,
    is_recurring: bool,
    credits: Credits,
}

#[derive(Serialize)]
struct Credits {
    #[serde(serialize_with = "micros")]
    starting_balance: i64,
    #[serde(serialize_with = "micros")]
    used: i64,
    #[serde(serialize_with = "micros")]
    balance: i64,
}

impl Credits {
    fn new(starting_balance: i64, used: i64) -> Self {
        Self { starting_balance, used, balance: starting_balance - used }
    }
}

#[derive(Serialize)]
struct Support {
    #[serde(serialize_with = "micros")]
    cost: i64,
    r#type: &'static str,
    overage: i64,
}

#[derive(Serialize)]
struct Subscription {
    #[serde(serialize_with = "micros")]
    overage: i64,
    subscriptions: [Agreement; 1],
}

#[derive(Serialize)]
struct Agreement {
    subscription_id: &'static str,
    charge_agreement_number: &'static str,
    r#type: &'static str,
    #[serde(serialize_with = "micros")]
    subscription_amount: i64,
    start: String,
    end: String,
    #[serde(serialize_with = "micros")]
    credits_total: i64,
    terms: [Term; 1],
}

#[derive(Serialize)]
struct Term {
    start: String,
    end: String,
    credits: TermCredits,
}

#[derive(Serialize)]
struct TermCredits {
    #[serde(serialize_with = "micros")]
    total: i64,
    #[serde(flatten)]
    credits: Credits,
}

impl Ibm {
    /// The charges, and the credits of the offer and of the subscription. A subscription has the credits of a year, and
    /// each month uses some of them.
    pub(super) fn summary(&self, month: Month, now: Duration) -> Result<Answer, Denial> {
        let costs = self.span(month, now).map(|span| self.account_costs(span)).unwrap_or_default();
        let offer = OFFER.min(costs.billable);
        let due = costs.billable - offer;
        Ok(Answer::json(&Summary {
            account_id: &self.account,
            month: month.to_string(),
            billing_country_code: "USA",
            billing_currency_code: "USD",
            resources: ResourceCosts { billable_cost: costs.billable, non_billable_cost: costs.non_billable },
            offers: [Offer {
                offer_id: "offer-7d20c4",
                credits_total: OFFER,
                offer_template: "",
                valid_from: instant_millis(month.start() * 1000),
                created_by_email_id: "cloud-offers@example.com",
                expires_on: instant_millis((month.end() * 1000).saturating_sub(1)),
                is_recurring: true,
                credits: Credits::new(OFFER, offer),
            }],
            support: [Support { cost: SUPPORT, r#type: "ADVANCED", overage: 0 }],
            support_resources: [],
            subscription: self.subscription(month, due, now),
        }))
    }

    fn subscription(&self, month: Month, due: i64, now: Duration) -> Subscription {
        let (total, before) = self.term(month, now);
        let used = due.min(total - before);
        let first = month.0 + 1 - month.number();
        let start = instant_millis(Month(first).start() * 1000);
        let end = instant_millis((Month(first + 12).start() * 1000).saturating_sub(1));
        Subscription {
            overage: due - used,
            subscriptions: [Agreement {
                subscription_id: "sub-b81f36",
                charge_agreement_number: "0098127",
                r#type: "SUBSCRIPTION",
                subscription_amount: total / 12,
                start: start.clone(),
                end: end.clone(),
                credits_total: total,
                terms: [Term {
                    start,
                    end,
                    credits: TermCredits { total, credits: Credits::new(total - before, used) },
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
