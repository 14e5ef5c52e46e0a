//! FOCUS reports: the usage of an invoice, without credits and tax, with all columns of the vendor's reports.

use std::sync::Arc;
use std::time::Duration;

use super::directory::{Atlas, Cluster, Entity, InvoiceKey};
use super::line::{Line, TINY};
use super::products::LineKind;
use crate::answer::Pieces;
use crate::estate::calendar::DAY;
use crate::estate::format::Text;

/// In the order of the vendor's page. `InvoiceIssuer` is the vendor's name of the column.
const HEADER: &str = "BilledCost,BillingAccountId,BillingAccountName,BillingCurrency,BillingPeriodEnd,BillingPeriodStart,\
    ChargeCategory,ChargeDescription,ChargePeriodEnd,ChargePeriodStart,ConsumedQuantity,ConsumedUnit,ContractApplied,\
    ContractedCost,ContractedUnitPrice,EffectiveCost,HostProviderName,InvoiceIssuer,ListCost,ListUnitPrice,PricingCurrency,\
    PricingCurrencyContractedUnitPrice,PricingCurrencyEffectiveCost,PricingCurrencyListUnitPrice,PricingQuantity,PricingUnit,\
    RegionId,RegionName,ResourceName,ServiceCategory,ServiceName,ServiceProviderName,SkuId,SkuMeter,SkuPriceDetails,\
    SkuPriceId,SubAccountId,SubAccountName,Tags,x_AtlasSku,x_BilledDateEnd,x_BilledDateStart,x_PricingCurrencyRate,\
    x_SkuCategory\n";

impl Atlas {
    /// A row for each line of usage; the costs add up to the invoice's subtotal.
    pub(super) fn focus_pieces(self: Arc<Self>, key: InvoiceKey, now: Duration) -> Pieces {
        let mut account = Text::default();
        account.raw(&self.directory.id(Entity::Organization(key.organization))).raw(",");
        account.cell(&self.directory.name(key.organization)).raw(",USD,");
        account.instant(key.month.end()).raw(",").instant(key.month.start());
        let account = account.0;
        let rows = self.row_pieces(key, now, move |atlas, text, line| atlas.write_focus_row(text, key, &account, line));
        Box::new(std::iter::once(HEADER.to_owned()).chain(rows))
    }

    fn write_focus_row(&self, text: &mut Text, key: InvoiceKey, account: &str, line: &Line) {
        let Some(cluster) = line.cluster.filter(|_| line.kind != LineKind::Credit) else { return };
        text.dollars(line.cents)
            .raw(",")
            .raw(account)
            .raw(",Usage,")
            .cell(line.kind.description(cluster.tier))
            .raw(",");
        let used = line.used(key) * DAY;
        text.instant(used + DAY).raw(",").instant(used).raw(",");
        line.write_quantity(text);
        // No contract is applied.
        text.raw(",,");
        line.write_costs(text);
        line.write_quantity(text);
        line.write_product(text);
        let Cluster { organization, project, .. } = cluster;
        text.raw(&self.directory.id(Entity::Project(organization, project))).raw(",");
        text.cell(&self.directory.project_name(organization, project)).raw(",");
        text.cell(&line.tags()).raw(",").raw(line.sku()).raw(",");
        text.instant(line.billed(key) * DAY)
            .raw(",")
            .instant(used)
            .raw(",1,")
            .raw(line.kind.product().service)
            .raw("\n");
    }
}

impl Line {
    fn sku(&self) -> &'static str {
        self.kind.sku(self.provider(), self.tier()).0
    }

    /// The quantity and its unit.
    fn write_quantity(&self, text: &mut Text) {
        match self.quantity {
            Some(quantity) => text.quantity(quantity),
            None => text.raw(TINY),
        };
        text.raw(",").raw(self.kind.product().unit);
    }

    /// `ContractedCost` to `PricingCurrencyListUnitPrice`. An Atlas credit is worth a dollar.
    fn write_costs(&self, text: &mut Text) {
        let (list, quantity) = (self.kind.price(self.tier()), self.quantity.unwrap_or_default());
        let host = ["AWS", "GCP", "Azure", ""][self.provider() as usize];
        // Exact products of price and quantity, which the invoice rounds to cents.
        text.decimal(self.price * quantity, 9).raw(",").decimal(self.price, 6).raw(",").dollars(self.cents).raw(",");
        text.raw(host).raw(",MongoDB,").decimal(list * quantity, 9).raw(",").decimal(list, 6).raw(",Atlas Credits,");
        // The vendor ties the list price in credits to `unitPriceDollars`, which is net of discounts.
        text.decimal(self.price, 6).raw(",").dollars(self.cents).raw(",").decimal(self.price, 6).raw(",");
    }

    /// `RegionId` to `SkuPriceId`, with a comma at both ends.
    fn write_product(&self, text: &mut Text) {
        let (region, unit) = (self.provider().region(), self.kind.product().unit);
        text.raw(",").raw(region).raw(",").raw(&region.replace('_', " ")).raw(",");
        if let Some(cluster) = self.own_cluster() {
            text.raw(&cluster.name());
        }
        text.raw(",Databases,MongoDB Atlas,MongoDB,").raw(self.sku()).raw(",").raw(unit).raw(",");
        if !region.is_empty() {
            text.cell(&format!(r#"{{"region":"{region}"}}"#));
        }
        text.raw(",").raw(self.sku()).raw(":").raw(region).raw(",");
    }

    /// The tags of its cluster as a JSON object.
    fn tags(&self) -> String {
        let Some(cluster) = self.own_cluster() else { return "{}".to_owned() };
        format!(r#"{{"env":"{}","team":"{}"}}"#, cluster.stage(), cluster.teams().join(", "))
    }
}
