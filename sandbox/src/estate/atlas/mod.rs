//! The synthetic Atlas: which records answer which operation.

mod cost_explorer;
mod csv;
mod directory;
mod extra;
mod focus;
mod header;
mod invoice;
mod irregular;
mod ledger;
mod line;
mod products;
mod records;
mod search;

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use super::calendar::{Month, parse_day};
use super::stream::{self, Items};
use crate::answer::{Answer, Denial, Pieces};
use crate::examples;
use crate::json::object;
use crate::paging::link;
use crate::refusal::Missing;
use crate::request::Request;
use directory::{Entity, InvoiceKey};
use header::Status;
use products::Sku;
use search::Search;

pub(crate) use directory::Atlas;
pub use ledger::AtlasInvoice;

impl Atlas {
    /// Answers an operation. An operation without records in the estate is answered with its example.
    ///
    /// # Errors
    ///
    /// If an identifier of the request does not exist.
    pub(crate) fn answer(self: &Arc<Self>, request: &Request<'_>) -> Result<Answer, Denial> {
        let (atlas, now) = (Arc::clone(self), request.now);
        match request.operation.id {
            "listOrgs" => self.organizations(request),
            "getOrg" => {
                let organization = self.organization(request)?;
                Ok(Answer::json(&self.organization_record(organization, request.origin)))
            }
            "listSkus" => request.list(products::skus().into_iter(), sku_record),
            "getSku" => sku(request.path_value(0)),
            "listInvoices" => self.invoices(self.organization(request)?, request),
            "listInvoicePending" => self.pending(self.organization(request)?, request),
            "getOrgAssociatedInvoices" => self.associated(self.organization(request)?, request),
            "getInvoice" if !request.wants_csv() => {
                Ok(Answer::pieces(atlas.invoice_pieces(self.invoice_key(request)?, request.origin, now)))
            }
            "getInvoice" | "getInvoiceCsv" => Ok(Answer::pieces(atlas.csv_pieces(self.invoice_key(request)?, now))),
            "searchInvoiceLineItems" => self.found(self.invoice_key(request)?, request),
            "generateInvoiceReport" => {
                Ok(Answer::Bytes(stream::gzip(atlas.focus_pieces(self.invoice_key(request)?, now))))
            }
            _ => examples::answer(request),
        }
    }

    /// The organization of the path.
    ///
    /// # Errors
    ///
    /// If it does not exist.
    pub(crate) fn organization(&self, request: &Request<'_>) -> Result<u32, Denial> {
        let id = request.path_value(0);
        self.directory
            .organization(id)
            .ok_or_else(|| Denial::not_found(Missing::Organization, format!("There is no organization {id}."), &[id]))
    }

    /// Checks that the invoice of the path exists.
    ///
    /// # Errors
    ///
    /// If it does not exist, or belongs to another organization.
    pub(crate) fn check_invoice(&self, request: &Request<'_>) -> Result<(), Denial> {
        self.invoice_key(request).map(drop)
    }

    fn invoice_key(&self, request: &Request<'_>) -> Result<InvoiceKey, Denial> {
        let (organization, id) = (self.organization(request)?, request.path_value(1));
        self.own_key(organization, id, request.now).ok_or_else(|| {
            let text = format!("The organization has no invoice {id}.");
            Denial::not_found(Missing::Invoice, text, &[id, request.path_value(0)])
        })
    }

    /// The invoice with an identifier, if the organization has it.
    fn own_key(&self, organization: u32, id: &str, now: Duration) -> Option<InvoiceKey> {
        let key = match self.directory.entity(id)? {
            Entity::Invoice(owner, month) if owner == organization => InvoiceKey { organization, month },
            _ => return None,
        };
        self.directory.has_invoice(key, now).then_some(key)
    }

    /// An invoice as `getInvoice` answers it, without those of linked organizations.
    pub(in crate::estate) fn own_invoice(
        self: Arc<Self>,
        organization: &str,
        id: &str,
        now: Duration,
    ) -> Option<Pieces> {
        let key = self.own_key(self.directory.organization(organization)?, id, now)?;
        Some(self.invoice_with(key, Vec::new(), "https://cloud.mongodb.com", now))
    }

    /// The rows of a FOCUS report on the invoice with an identifier.
    pub(crate) fn report(self: &Arc<Self>, invoice: &str, now: Duration) -> Option<Pieces> {
        match self.directory.entity(invoice)? {
            Entity::Invoice(organization, month) => {
                Some(Arc::clone(self).focus_pieces(InvoiceKey { organization, month }, now))
            }
            _ => None,
        }
    }

    /// Checks a Cost Explorer query.
    ///
    /// # Errors
    ///
    /// If the organization does not exist, or the query makes no sense.
    pub(crate) fn check_query(&self, request: &Request<'_>) -> Result<(), Denial> {
        self.organization(request)?;
        self.read_query(&request.body).map(drop).map_err(|refusal| Denial::Refused((*refusal).into()))
    }

    /// The result of a Cost Explorer query, as JSON or CSV.
    ///
    /// # Errors
    ///
    /// The same as for [`check_query`](Self::check_query).
    pub(crate) fn query_result(&self, request: &Request<'_>, query: &Value) -> Result<Answer, Denial> {
        let organization = self.organization(request)?;
        let query = self.read_query(query).map_err(|refusal| Denial::Refused((*refusal).into()))?;
        Ok(Answer::text(match request.wants_csv() {
            true => self.query_csv(organization, &query, request.now),
            false => self.query_json(organization, &query, request.now),
        }))
    }

    fn organizations(&self, request: &Request<'_>) -> Result<Answer, Denial> {
        let prefix = request.query.first("name").unwrap_or_default().to_lowercase();
        let all = 0..self.directory.estate.organizations;
        let matching = all.filter(|organization| {
            prefix.is_empty() || self.directory.name(*organization).to_lowercase().starts_with(&prefix)
        });
        request.list(matching, |organization| self.organization_record(organization, request.origin))
    }

    fn invoices(&self, organization: u32, request: &Request<'_>) -> Result<Answer, Denial> {
        let statuses = request.query.values("statusNames");
        let day = |name: &str| request.query.first(name).and_then(parse_day);
        let (from, to) = (day("fromDate").unwrap_or(0), day("toDate").unwrap_or(u64::MAX));
        let keys = self.directory.invoices(organization, request.now);
        let keys = keys.filter(|key| key.month.first_day() >= from && key.month.next().first_day() <= to);
        let status = |key: &InvoiceKey| self.invoice(*key, request.now).status.name();
        let keys = keys.filter(|key| statuses.is_empty() || statuses.contains(&status(key)));
        // Each month has one invoice, so both sort fields give the same order.
        let keys: Box<dyn Iterator<Item = InvoiceKey>> =
            if request.query.first("orderBy") == Some("asc") { Box::new(keys) } else { Box::new(keys.rev()) };
        let linked = request.query.flag("viewLinkedInvoices").unwrap_or(true);
        request.list(keys, |key| self.invoice_summary(key, linked, request))
    }

    /// The pending invoices, each with its lines.
    fn pending(self: &Arc<Self>, organization: u32, request: &Request<'_>) -> Result<Answer, Denial> {
        let keys = self.directory.invoices(organization, request.now).rev();
        let pending: Vec<InvoiceKey> =
            keys.take_while(|key| self.invoice(*key, request.now).status == Status::Pending).collect();
        if pending.is_empty() {
            let id = self.directory.id(Entity::Organization(organization));
            let text = format!("The organization {id} has no pending invoice.");
            return Err(Denial::not_found(Missing::PendingInvoice, text, &[&id]));
        }
        let head = object! { "links": [link("self", format!("{}{}", request.origin, request.path))], };
        let tail = object! { "totalCount": pending.len(), };
        let (atlas, origin, now) = (Arc::clone(self), request.origin.to_owned(), request.now);
        let invoices: Items =
            Box::new(pending.into_iter().map(move |key| Arc::clone(&atlas).invoice_pieces(key, &origin, now)));
        Ok(Answer::Text { pieces: stream::object(&head, [("results", invoices)], &tail), is_list: true })
    }

    fn associated(&self, organization: u32, request: &Request<'_>) -> Result<Answer, Denial> {
        let current = Month::of(request.now);
        let number =
            |name: &str, default: u32| request.query.first(name).and_then(|text| text.parse().ok()).unwrap_or(default);
        let (year, number) = (number("year", current.year()), number("month", current.number()));
        let own = Month::new(year, number).map(|month| InvoiceKey { organization, month });
        let own = own.filter(|key| self.directory.has_invoice(*key, request.now));
        let with_linked = request.query.flag("includeLinkedOrgs").unwrap_or(false);
        let linked = own.filter(|_| with_linked).map(|key| self.directory.linked_invoices(key, request.now));
        let keys = own.into_iter().chain(linked.into_iter().flatten());
        let associated = keys.map(|InvoiceKey { organization, month }| {
            object! {
                "invoiceId": self.directory.id(Entity::Invoice(organization, month)),
                "orgId": self.directory.id(Entity::Organization(organization)),
            }
        });
        Ok(Answer::json(&object! {
            "associatedInvoices": associated.collect::<Vec<_>>(),
            "month": format!("{number:02}"),
            "year": format!("{year:04}"),
        }))
    }

    fn found(&self, key: InvoiceKey, request: &Request<'_>) -> Result<Answer, Denial> {
        let search = Search::read(self, key, &request.body);
        let window = request.window()?;
        let part = self.search(key, &search, window.start as u64, window.size as u64, request.now);
        let next = (part.total > window.end() as u64).then_some(window.end());
        let records = part.lines.iter().map(|line| self.found_line(key, line));
        Ok(request.page(window, records, part.total, next))
    }
}

fn sku(id: &str) -> Result<Answer, Denial> {
    let known = products::skus().into_iter().find(|(known, _)| *known == id);
    let known = known.ok_or_else(|| Denial::not_found(Missing::Other, format!("There is no SKU {id}."), &[id]))?;
    Ok(Answer::json(&sku_record(known)))
}

fn sku_record((id, description): Sku) -> impl Serialize {
    object! { "id": id, "description": description, }
}
