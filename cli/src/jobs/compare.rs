//! `compare`: the rows of the vendor's own FOCUS export against ours, cell by cell.

use std::sync::Arc;

use clap::{ArgMatches, Command};
use cloud_billing_core::{BillingMonth, Error};
use cloud_billing_focus::column::Level;
use cloud_billing_focus::vendor::{ColumnDifference, Comparison, Example};
use cloud_billing_focus::{ChargeCategory, Column, Mode, Row};

use super::books::{self, RowSource};
use super::each::each;
use super::payers::{self, Account, Payer, Payers};
use super::sheet::{Sheet, Value, data, shown, table};
use super::{flags, month, vendor};
use crate::context::Context;
use crate::failure::Failure;

/// The exit status if a cost differs, or a row has no partner.
const FAILED: u8 = 20;

/// The most keys of rows without a partner that are shown.
const EXAMPLES: usize = 3;

/// The amounts that both sides must have alike.
const COSTS: [Column; 2] = [Column::BilledCost, Column::EffectiveCost];

/// What a row of Atlas is told by. The column of the vendor's SKU is filled on both sides.
const OF_ATLAS: [Column; 5] =
    [Column::XAtlasSku, Column::SubAccountId, Column::ResourceName, Column::ChargePeriodStart, Column::ChargePeriodEnd];

/// What a row of IBM Cloud is told by. Ids of SKUs differ: the vendor's is that of the plan.
const OF_IBM: [Column; 2] = [Column::ResourceId, Column::SkuMeter];

const ABOUT: &str = "\
Compare the vendor's own FOCUS export of a month with the rows of `export --focus`, cell by cell.

Rows belong together that are of the same SKU, project, cluster and period (Atlas), or instance and metric (IBM Cloud). Tax, credits, adjustments, the minimum charge and charges of the account as a whole are in no export, so they are left out. Each column is counted: the same, different, a value only of theirs, only of ours.

A cost that differs, or a row without a partner, ends with the exit status 20.";

pub(super) fn command() -> Command {
    flags::job("compare", "Compare the vendor's own FOCUS export with the rows of a month, cell by cell")
        .long_about(ABOUT)
        .arg(flags::last_month())
}

/// What came of an organization or account.
#[derive(Clone, Debug)]
struct Compared {
    columns: Vec<ColumnDifference>,
    /// Rows that both sides have, and those that only the vendor or we have.
    rows: [u64; 3],
    /// Keys of rows without a partner.
    examples: Vec<String>,
}

impl Compared {
    fn has_failed(&self) -> bool {
        let differs = |it: &ColumnDifference| it.different + it.only_theirs + it.only_ours > 0;
        let [_, theirs, ours] = self.rows;
        theirs + ours > 0 || self.columns.iter().any(|it| COSTS.contains(&it.column) && differs(it))
    }
}

pub(super) async fn run(matches: &ArgMatches, context: &mut Context) -> Result<u8, Failure> {
    let month = month::of(matches, "month", 1, context)?;
    let Payers { all, mut problems } = payers::find(matches, context).await?;
    let (found, failed) = each(all, "Comparing", Payer::whose, move |payer| read(payer, month), context).await;
    problems.extend(failed);
    if !found.is_empty() || problems.is_empty() {
        print(&found, matches, context)?;
    }
    let failed = found.iter().any(|(_, compared)| compared.has_failed());
    problems.end_with(if failed { FAILED } else { 0 }, context)
}

async fn read(payer: Payer, month: BillingMonth) -> Result<Compared, Error> {
    let key = match payer.account {
        Account::Atlas(..) => OF_ATLAS.to_vec(),
        Account::Ibm(..) => OF_IBM.to_vec(),
    };
    let columns = Column::ALL.iter().copied().filter(|column| column.definition().level != Level::Own).collect();
    let mut both = Comparison::new(key, columns);
    let mut theirs = 0;
    vendor::rows(&payer, month, &mut |mut row| {
        theirs += 1;
        row.x_atlas_sku = row.x_atlas_sku.or_else(|| row.sku_id.clone());
        both.theirs(&row);
    })
    .await?;
    books::read(&payer, month, RowSource::Bill(Mode::Strict), &mut |row| {
        if is_exported(row) {
            let mut row = row.clone();
            row.x_atlas_sku.clone_from(&row.sku_id);
            both.ours(&row);
        }
        Ok::<_, Error>(())
    })
    .await?;
    Ok(compared(&both, theirs))
}

/// Whether the vendors document that their exports have such a row.
fn is_exported(row: &Row<'_>) -> bool {
    let is_item = matches!(row.x_row_kind.as_deref(), Some("line" | "metric"));
    let is_use = matches!(row.charge_category, Some(ChargeCategory::Usage | ChargeCategory::Purchase));
    is_item && is_use && row.sku_id.as_deref() != Some("MINIMUM_CHARGE")
}

fn compared(both: &Comparison, theirs: u64) -> Compared {
    let mut alone = [0, 0];
    let mut examples = Vec::new();
    for (key, theirs, ours) in both.unmatched() {
        alone[0] += theirs as u64;
        alone[1] += ours as u64;
        if examples.len() < EXAMPLES {
            examples.push(format!("{}: {theirs} theirs, {ours} ours", named(key)));
        }
    }
    Compared { columns: both.columns(), rows: [theirs - alone[0], alone[0], alone[1]], examples }
}

/// A key as a text.
fn named(key: &[Arc<str>]) -> String {
    key.iter().map(AsRef::as_ref).filter(|part: &&str| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn print(found: &[(Payer, Compared)], matches: &ArgMatches, context: &mut Context) -> Result<(), Failure> {
    let mut heads = vec![shown("vendor"), data("id"), table("of")];
    heads.extend(["column", "same", "different", "only_theirs", "only_ours"].map(shown));
    heads.extend([table("example"), data("examples")]);
    let mut sheet = Sheet::new(heads, matches)?;
    for (payer, compared) in found {
        let [same, theirs, ours] = compared.rows;
        sheet.row(&row(payer, "(rows)", [same, 0, theirs, ours], &compared.examples), context)?;
        for it in &compared.columns {
            let counts = [it.same, it.different, it.only_theirs, it.only_ours];
            if counts != [0; 4] {
                sheet.row(&row(payer, it.column.definition().name, counts, &examples(it)), context)?;
            }
        }
    }
    sheet.finish(context)
}

fn examples(it: &ColumnDifference) -> Vec<String> {
    let text = |cell: &Option<String>| cell.clone().unwrap_or_else(|| "null".to_owned());
    let example = |it: &Example| format!("{} -> {} ({})", text(&it.theirs), text(&it.ours), named(&it.key));
    it.examples.iter().map(example).collect()
}

fn row(payer: &Payer, column: &str, counts: [u64; 4], examples: &[String]) -> [Value; 10] {
    let [same, different, theirs, ours] = counts.map(Value::Count);
    [
        Value::text(payer.vendor()),
        Value::text(payer.id()),
        Value::text(payer.label()),
        Value::text(column),
        same,
        different,
        theirs,
        ours,
        Value::of(examples.first()),
        if examples.is_empty() { Value::Nothing } else { Value::text(examples.join("; ")) },
    ]
}
