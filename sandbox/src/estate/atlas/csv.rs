//! Invoices as CSV: a preamble, a blank line, a table.

use std::sync::Arc;
use std::time::Duration;

use super::directory::{Atlas, Cluster, Entity, InvoiceKey};
use super::line::{Line, TINY};
use super::products::LineKind;
use crate::answer::Pieces;
use crate::estate::calendar::{Month, date};
use crate::estate::format::Text;

const HEADER: &str = "Date,Usage Date,Description,Note,Organization Name,Organization ID,Project,Project ID,SKU,Region,\
    Cluster,Replica Set,Config Server,Application,Unit,Unit Price,Quantity,Discount Percent,Amount,Tag/env,Tag/team\n";

impl Atlas {
    /// The same lines as in JSON, in the same order.
    pub(super) fn csv_pieces(self: Arc<Self>, key: InvoiceKey, now: Duration) -> Pieces {
        let invoice = self.directory.id(Entity::Invoice(key.organization, key.month));
        let id = self.directory.id(Entity::Organization(key.organization));
        let mut name = Text::default();
        name.cell(&self.directory.name(key.organization));
        let (name, from, to) = (name.0, day(key.month), day(key.month.next()));
        let head = format!(
            "Invoice Number,{invoice},\nBilling Period,\"{from} - {to}\",\nOrganization Name,{name},\n\
             Organization ID,{id},\n\n{HEADER}"
        );
        let organization = format!("{name},{id},");
        let rows = self.row_pieces(key, now, move |atlas, text, line| atlas.write_row(text, key, &organization, line));
        Box::new(std::iter::once(head).chain(rows))
    }

    fn write_row(&self, text: &mut Text, key: InvoiceKey, organization: &str, line: &Line) {
        let (tier, directory) = (line.tier(), &self.directory);
        text.us_date(line.billed(key)).raw(",").us_date(line.used(key)).raw(",");
        text.cell(line.kind.description(tier)).raw(",");
        text.raw(if line.kind == LineKind::Credit { "Welcome credit," } else { "," }).raw(organization);
        if let Some(Cluster { organization, project, .. }) = line.cluster {
            text.raw(&directory.project_name(organization, project)).raw(",");
            text.raw(&directory.id(Entity::Project(organization, project)));
        } else {
            text.raw(",");
        }
        text.raw(",").raw(line.kind.sku(line.provider(), tier).1).raw(",").raw(line.provider().region()).raw(",");
        let cluster = line.own_cluster();
        if let Some(cluster) = &cluster {
            text.raw(&cluster.name()).raw(",").raw(&cluster.replica_set());
        } else {
            text.raw(",");
        }
        // There are no config servers: no cluster is sharded.
        text.raw(if line.kind == LineKind::App { ",,price-triggers," } else { ",,," });
        text.raw(line.kind.product().unit).raw(",").decimal(line.price, 6).raw(",");
        match line.quantity {
            Some(quantity) => text.decimal(quantity, 3),
            None => text.raw(TINY),
        };
        text.raw(",");
        if let Some((percent, _)) = line.discount {
            text.raw(&percent.to_string());
        }
        text.raw(",").dollars(line.cents).raw(",");
        if let Some(cluster) = &cluster {
            text.raw(cluster.stage()).raw(",").cell(&cluster.teams().join(", "));
        } else {
            text.raw(",");
        }
        text.raw("\n");
    }
}

/// The first of a month in words.
fn day(month: Month) -> String {
    date(month.first_day()).format("%B %-d, %Y").to_string()
}
