//! The synthetic Atlas.

mod catalogue;
mod cost_explorer;
mod csv;
mod focus;
mod invoice;
mod json;
mod ledger;
mod line;
mod organization;
mod search;

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::Estate;
use super::answer::{Answer, Asked, Missing, Pieces};
use super::cache::Cache;
use super::calendar::{Month, parse_day};
use super::text::Text;
use crate::dice::Dice;
use cost_explorer::Query;
use invoice::{Bill, Status, Sums};
use organization::{Directory, Thing};
use search::Search;

pub use ledger::AtlasInvoice;

/// Atlas: everything follows from the directory, the number of lines and the time.
#[derive(Debug)]
pub(crate) struct Atlas {
    directory: Directory,
    /// By invoice, and by how many of its days are on it.
    sums: Cache<(Bill, u64), Sums>,
}

impl Atlas {
    pub(super) fn new(estate: Arc<Estate>, dice: Dice, current: Month) -> Self {
        Self { directory: Directory::new(estate, dice, current), sums: Cache::new(4_096) }
    }

    /// Answers an operation. None if the estate has no part in it.
    pub(super) fn answer(self: &Arc<Self>, asked: &Asked<'_>) -> Result<Answer, Missing> {
        let path = |index: usize| asked.path_values.get(index).map(String::as_str).unwrap_or_default();
        let answer = match asked.operation.id.as_str() {
            "listOrgs" => self.organizations(asked),
            "listSkus" => skus(asked),
            "getSku" => {
                let skus = catalogue::skus();
                let (id, description) = skus.iter().find(|(id, _)| *id == path(0)).ok_or_else(|| sku(path(0)))?;
                Answer::json(format!("{{\"id\":\"{id}\",\"description\":\"{description}\"}}"))
            }
            _ => {
                let organization = self.directory.organization(path(0)).ok_or_else(|| organization(path(0)))?;
                self.of_organization(organization, path(1), asked)?
            }
        };
        Ok(answer)
    }

    fn of_organization(self: &Arc<Self>, organization: u32, id: &str, asked: &Asked<'_>) -> Result<Answer, Missing> {
        let now = asked.now;
        Ok(match asked.operation.id.as_str() {
            "getOrg" => {
                let mut text = Text::default();
                self.write_organization(&mut text, organization, asked.origin);
                Answer::json(text.0)
            }
            "listInvoices" => self.invoices(organization, asked),
            "getOrgAssociatedInvoices" => self.associated(organization, asked),
            "listInvoicePending" => self.pending(organization, asked)?,
            "createCostExplorerProcess" => match self.read_query(&asked.body) {
                Ok(_) => Answer::AsUsual,
                Err(refusal) => Answer::Refused((*refusal).into()),
            },
            "getCostExplorerUsage" => Answer::AsUsual,
            _ => {
                let bill = self.bill(organization, id, now)?;
                match asked.operation.id.as_str() {
                    "getInvoice" if asked.wants_csv() => Answer::Pieces(Arc::clone(self).csv_pieces(bill, now)),
                    "getInvoice" => Answer::Pieces(Arc::clone(self).invoice_pieces(bill, asked.origin, now)),
                    "getInvoiceCsv" => Answer::Pieces(Arc::clone(self).csv_pieces(bill, now)),
                    "searchInvoiceLineItems" => self.found(bill, asked),
                    "generateInvoiceReport" => Answer::Chunks(super::gzip::compressed(self.report(bill, now))),
                    _ => Answer::AsUsual,
                }
            }
        })
    }

    /// The rows of a report on an invoice.
    fn report(self: &Arc<Self>, bill: Bill, now: Duration) -> Pieces {
        Arc::clone(self).focus_pieces(bill, now)
    }

    /// The rows of a report on the invoice with an identifier.
    pub(crate) fn report_of(self: &Arc<Self>, invoice: &str, now: Duration) -> Option<Pieces> {
        match self.directory.thing(invoice)? {
            Thing::Invoice(organization, month) => Some(self.report(Bill { organization, month }, now)),
            _ => None,
        }
    }

    /// The result of a query that was accepted, as JSON or CSV.
    pub(crate) fn query_result(&self, organization: &str, body: &Value, csv: bool, now: Duration) -> Option<String> {
        let (organization, query) = (self.directory.organization(organization)?, self.read_query(body).ok()?);
        let write: fn(&Self, u32, &Query, Duration) -> String = if csv { Self::query_csv } else { Self::query_json };
        Some(write(self, organization, &query, now))
    }

    fn bill(&self, organization: u32, id: &str, now: Duration) -> Result<Bill, Missing> {
        match self.directory.thing(id) {
            Some(Thing::Invoice(owner, month)) if owner == organization => {
                Some(Bill { organization, month }).filter(|bill| self.directory.has_bill(*bill, now))
            }
            _ => None,
        }
        .ok_or_else(|| Missing {
            code: "INVOICE_NOT_FOUND",
            text: format!("The organization has no invoice {id}."),
            name: id.to_owned(),
        })
    }

    fn organizations(&self, asked: &Asked<'_>) -> Answer {
        let prefix = asked.query.first("name").unwrap_or_default().to_lowercase();
        let all = 0..self.directory.estate.organizations;
        let matches = |it: &u32| prefix.is_empty() || self.directory.name(*it).to_lowercase().starts_with(&prefix);
        let matching = all.filter(matches);
        asked.list(matching, |text, organization| self.write_organization(text, *organization, asked.origin))
    }

    fn write_organization(&self, text: &mut Text, organization: u32, origin: &str) {
        let id = self.directory.id(Thing::Organization(organization));
        text.raw("{\"id\":\"").raw(&id).raw("\",\"name\":").string(&self.directory.name(organization));
        text.raw(",\"isDeleted\":").raw(if self.directory.is_deleted(organization) { "true" } else { "false" });
        text.raw(",\"skipDefaultAlertsSettings\":false,\"links\":[{\"href\":\"").raw(origin);
        text.raw("/api/atlas/v2/orgs/").raw(&id).raw("\",\"rel\":\"self\"}]}");
    }

    fn invoices(&self, organization: u32, asked: &Asked<'_>) -> Answer {
        let statuses = asked.query.values("statusNames");
        let day = |name: &str| asked.query.first(name).and_then(parse_day);
        let (from, to) = (day("fromDate").unwrap_or(0), day("toDate").unwrap_or(u64::MAX));
        let bills = self.directory.bills(organization, asked.now);
        let bills = bills.filter(|bill| bill.month.first_day() >= from && bill.month.next().first_day() <= to);
        let status = |bill: &Bill| self.invoice(*bill, asked.now).status.name();
        let bills = bills.filter(|bill| statuses.is_empty() || statuses.contains(&status(bill)));
        // An invoice is a month, so both fields to sort by give the same order.
        let bills: Box<dyn Iterator<Item = Bill>> =
            if asked.query.first("orderBy") == Some("asc") { Box::new(bills) } else { Box::new(bills.rev()) };
        let linked = asked.query.flag("viewLinkedInvoices").unwrap_or(true);
        asked.list(bills, |text, bill| self.write_metadata(text, *bill, linked, asked.origin, asked.now))
    }

    /// Whole invoices in a list, one after the other.
    fn pending(self: &Arc<Self>, organization: u32, asked: &Asked<'_>) -> Result<Answer, Missing> {
        let bills = self.directory.bills(organization, asked.now).rev();
        let pending = bills.take_while(|bill| self.invoice(*bill, asked.now).status == Status::Pending);
        let pending: Vec<Bill> = pending.collect();
        if pending.is_empty() {
            let id = self.directory.id(Thing::Organization(organization));
            let text = format!("The organization {id} has no pending invoice.");
            return Err(Missing { code: "PENDING_INVOICE_NOT_FOUND", text, name: id });
        }
        let total = pending.len();
        let head =
            format!("{{\"links\":[{{\"href\":\"{}{}\",\"rel\":\"self\"}}],\"results\":[", asked.origin, asked.path);
        let (atlas, origin, now) = (Arc::clone(self), asked.origin.to_owned(), asked.now);
        let invoices = pending.into_iter().enumerate().flat_map(move |(index, bill)| {
            let before = if index > 0 { "," } else { "" };
            std::iter::once(before.to_owned()).chain(Arc::clone(&atlas).invoice_pieces(bill, &origin, now))
        });
        let tail = format!("],\"totalCount\":{total}}}");
        Ok(Answer::List(Box::new(std::iter::once(head).chain(invoices).chain(std::iter::once(tail)))))
    }

    fn associated(&self, organization: u32, asked: &Asked<'_>) -> Answer {
        let current = Month::of(asked.now);
        let number =
            |name: &str, default: u32| asked.query.first(name).and_then(|text| text.parse().ok()).unwrap_or(default);
        let (year, number) = (number("year", current.year()), number("month", current.number()));
        let own = Month::new(year, number).map(|month| Bill { organization, month });
        let own = own.filter(|bill| self.directory.has_bill(*bill, asked.now));
        let with_linked = asked.query.flag("includeLinkedOrgs").unwrap_or(false);
        let linked = own.filter(|_| with_linked).map(|bill| self.linked_bills(bill, asked.now));
        let mut text = Text::default();
        text.raw("{\"associatedInvoices\":[");
        for (index, bill) in own.into_iter().chain(linked.into_iter().flatten()).enumerate() {
            text.raw(if index > 0 { ",{" } else { "{" }).raw("\"invoiceId\":\"");
            self.directory.write_id(&mut text, Thing::Invoice(bill.organization, bill.month));
            text.raw("\",\"orgId\":\"");
            self.directory.write_id(&mut text, Thing::Organization(bill.organization));
            text.raw("\"}");
        }
        text.raw("],\"month\":\"").padded(u64::from(number), 2).raw("\",\"year\":\"").padded(u64::from(year), 4);
        text.raw("\"}");
        Answer::json(text.0)
    }

    fn found(&self, bill: Bill, asked: &Asked<'_>) -> Answer {
        let search = Search::read(self, bill, &asked.body);
        asked.window(|window| {
            let part = self.search(bill, &search, window.start as u64, window.size as u64, asked.now);
            let write = |text: &mut Text, line: &line::Line| self.write_found(text, bill, line);
            asked.page(window, &part.lines, part.total, write)
        })
    }
}

fn skus(asked: &Asked<'_>) -> Answer {
    asked.list(catalogue::skus().into_iter(), |text, (id, description)| {
        text.raw("{\"id\":\"").raw(id).raw("\",\"description\":\"").raw(description).raw("\"}");
    })
}

fn organization(id: &str) -> Missing {
    let text = format!("There is no organization {id}.");
    Missing { code: "ORG_NOT_FOUND", text, name: id.to_owned() }
}

fn sku(id: &str) -> Missing {
    let text = format!("There is no SKU {id}.");
    Missing { code: "RESOURCE_NOT_FOUND", text, name: id.to_owned() }
}
