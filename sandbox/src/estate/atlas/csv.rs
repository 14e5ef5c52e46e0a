//! Invoices as CSV: a preamble, a blank line, a table.

use std::sync::Arc;
use std::time::Duration;

use super::directory::{Atlas, Entity, InvoiceKey};
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
        let mut head = Text::default();
        head.raw("Invoice Number,");
        self.directory.write_id(&mut head, Entity::Invoice(key.organization, key.month));
        head.raw(",\nBilling Period,\"").raw(&day(key.month)).raw(" - ").raw(&day(key.month.next()));
        head.raw("\",\nOrganization Name,").cell(&self.directory.name(key.organization)).raw(",\nOrganization ID,");
        self.directory.write_id(&mut head, Entity::Organization(key.organization));
        head.raw(",\n\n").raw(HEADER);
        let count = self.line_count(key, self.directory.posted_days(key.month, now));
        let name = self.directory.name(key.organization);
        let rows = self.line_pieces(key, count, move |atlas, lines| {
            let mut text = Text::default();
            lines.iter().for_each(|line| atlas.write_row(&mut text, key, &name, line));
            text.0
        });
        Box::new(std::iter::once(head.0).chain(rows))
    }

    fn write_row(&self, text: &mut Text, key: InvoiceKey, organization: &str, line: &Line) {
        let tier = line.tier();
        text.us_date(line.billed(key)).raw(",").us_date(line.used(key)).raw(",");
        text.cell(line.kind.description(tier)).raw(",");
        text.raw(if line.kind == LineKind::Credit { "Welcome credit," } else { "," });
        text.cell(organization).raw(",");
        self.directory.write_id(text, Entity::Organization(key.organization));
        text.raw(",");
        if let Some(cluster) = &line.cluster {
            self.directory.write_project_name(text, cluster.organization, cluster.project);
            text.raw(",");
            self.directory.write_id(text, Entity::Project(cluster.organization, cluster.project));
        } else {
            text.raw(",");
        }
        text.raw(",").raw(line.kind.sku(line.provider(), tier).1).raw(",").raw(line.provider().region()).raw(",");
        let cluster = line.own_cluster();
        if let Some(cluster) = &cluster {
            cluster.write_name(text);
            text.raw(",");
            cluster.write_replica_set(text);
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
            text.int(percent);
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
