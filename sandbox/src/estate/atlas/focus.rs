//! FOCUS reports: the usage of an invoice, without credits and tax.

use std::sync::Arc;
use std::time::Duration;

use super::directory::{Atlas, Cluster, Entity, InvoiceKey};
use super::line::{Line, TINY};
use super::products::LineKind;
use crate::answer::Pieces;
use crate::estate::calendar::DAY;
use crate::estate::format::Text;

const HEADER: &str = "BillingAccountId,BillingAccountName,BillingPeriodStart,BillingPeriodEnd,SubAccountId,SubAccountName,\
    ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,SkuId,RegionId,ConsumedQuantity,ConsumedUnit,BilledCost,\
    BillingCurrency\n";

impl Atlas {
    /// A row for each line of usage; the costs add up to the invoice's subtotal.
    pub(super) fn focus_pieces(self: Arc<Self>, key: InvoiceKey, now: Duration) -> Pieces {
        let mut account = Text::default();
        account.raw(&self.directory.id(Entity::Organization(key.organization)));
        account.raw(",").cell(&self.directory.name(key.organization)).raw(",");
        account.instant(key.month.start()).raw(",").instant(key.month.end()).raw(",");
        let account = account.0;
        let rows = self.row_pieces(key, now, move |atlas, text, line| atlas.write_focus_row(text, key, &account, line));
        Box::new(std::iter::once(HEADER.to_owned()).chain(rows))
    }

    fn write_focus_row(&self, text: &mut Text, key: InvoiceKey, account: &str, line: &Line) {
        let Some(cluster) = line.cluster.filter(|_| line.kind != LineKind::Credit) else { return };
        let Cluster { organization, project, .. } = cluster;
        text.raw(account).raw(&self.directory.id(Entity::Project(organization, project))).raw(",");
        text.raw(&self.directory.project_name(organization, project));
        let used = line.used(key) * DAY;
        text.raw(",Usage,").instant(used).raw(",").instant(used + DAY).raw(",").raw(line.kind.product().service);
        text.raw(",").raw(line.kind.sku(line.provider(), cluster.tier).0).raw(",").raw(line.provider().region());
        text.raw(",");
        match line.quantity {
            Some(quantity) => text.quantity(quantity),
            None => text.raw(TINY),
        };
        text.raw(",").raw(line.kind.product().unit).raw(",").dollars(line.cents).raw(",USD\n");
    }
}
