//! FOCUS reports: the usage of an invoice, without credits and tax.

use std::sync::Arc;
use std::time::Duration;

use super::Atlas;
use super::catalogue::Kind;
use super::invoice::Bill;
use super::organization::Thing;
use crate::estate::answer::Pieces;
use crate::estate::calendar::DAY;
use crate::estate::text::Text;

const HEADER: &str = "BillingAccountId,BillingAccountName,BillingPeriodStart,BillingPeriodEnd,SubAccountId,SubAccountName,\
    ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,SkuId,RegionId,ConsumedQuantity,ConsumedUnit,BilledCost,\
    BillingCurrency\n";

impl Atlas {
    /// A row for each line of usage; the costs add up to the invoice's subtotal.
    pub(super) fn focus_pieces(self: Arc<Self>, bill: Bill, now: Duration) -> Pieces {
        let count = self.line_count(bill, self.directory.posted_days(bill.month, now));
        let mut account = Text::default();
        self.directory.write_id(&mut account, Thing::Organization(bill.organization));
        account.raw(",").cell(&self.directory.name(bill.organization)).raw(",");
        account.instant(bill.month.start()).raw(",").instant(bill.month.end()).raw(",");
        let account = account.0;
        let rows = self.pieces_of_lines(bill, count, move |atlas, text, line| {
            let Some(cluster) = line.cluster.filter(|_| line.kind != Kind::Credit) else { return };
            text.raw(&account);
            atlas.directory.write_id(text, Thing::Project(cluster.organization, cluster.project));
            text.raw(",");
            atlas.directory.write_project_name(text, cluster.organization, cluster.project);
            let used = line.used(bill) * DAY;
            text.raw(",Usage,").instant(used).raw(",").instant(used + DAY).raw(",").raw(line.kind.service());
            text.raw(",").raw(line.kind.sku(line.provider(), cluster.tier).0).raw(",").raw(line.provider().region());
            text.raw(",");
            super::json::write_quantity(text, line);
            text.raw(",").raw(line.kind.unit()).raw(",").dollars(line.cents).raw(",USD\n");
        });
        Box::new(std::iter::once(HEADER.to_owned()).chain(rows))
    }
}
