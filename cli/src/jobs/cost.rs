//! `cost`: asks the Cost Explorer of Atlas and waits for its result.

use std::time::Duration;

use atlas_billing::types::{
    BillingService, ClusterId, CostExplorerFilterRequestBody, CostExplorerGrouping, CostExplorerUsageRow,
    OrganizationId, ProjectId,
};
use clap::{ArgMatches, Command};
use cloud_billing_core::BillingMonth;

use super::each::each;
use super::flags::{self, value};
use super::payers::{self, Account, Payer, asked};
use super::sheet::{Sheet, Value, data, shown, table};
use super::{atlas, trend};
use crate::context::Context;
use crate::failure::Failure;

pub(super) fn command() -> Command {
    let repeated =
        |name: &'static str, of: &'static str| value(name, of).action(clap::ArgAction::Append).value_delimiter(',');
    Command::new("cost")
        .about("Ask the Cost Explorer of Atlas, and wait for its result")
        .args(flags::payers().into_iter().filter(|arg| ["org", "all-orgs"].contains(&arg.get_id().as_str())))
        .arg(trend::months())
        .arg(flags::month("month", "The last month: this (default), last, -2, or such as 2026-10"))
        .arg(
            value("by", "WHAT")
                .value_parser(["service", "organization", "project", "cluster"])
                .default_value("service")
                .help("What to add up by"),
        )
        .arg(repeated("only", "SERVICE").help("Only these services [default: all]"))
        .arg(repeated("project", "ID").help("Only these projects; --by project needs them"))
        .arg(repeated("cluster", "ID").help("Only these clusters; --by cluster needs them"))
        .arg(flags::timeout())
        .args(flags::output())
}

/// A question, without its organization.
#[derive(Clone)]
struct Question {
    by: String,
    first: BillingMonth,
    last: BillingMonth,
    services: Vec<BillingService>,
    projects: Vec<ProjectId>,
    clusters: Vec<ClusterId>,
}

impl Question {
    fn new(matches: &ArgMatches, context: &Context) -> Result<Self, Failure> {
        let (first, last) = trend::range(matches, context)?;
        let by = matches.get_one::<String>("by").cloned().unwrap_or_default();
        let ids = |flag: &str| asked(matches, flag);
        if ["project", "cluster"].contains(&by.as_str()) && ids(&by).is_empty() {
            return Err(Failure::usage(format!("--by {by} needs --{by} ID: the service adds up what is named")));
        }
        let mut services: Vec<BillingService> = ids("only").into_iter().map(BillingService::from).collect();
        if services.is_empty() {
            services.extend(BillingService::KNOWN.iter().cloned());
        }
        let projects = ids("project").into_iter().map(ProjectId::new).collect();
        let clusters = ids("cluster").into_iter().map(ClusterId::new).collect();
        Ok(Self { by, first, last, services, projects, clusters })
    }

    fn body(self, organization: &OrganizationId) -> CostExplorerFilterRequestBody {
        let body = atlas::question(organization, self.first, self.last).services(self.services);
        let body = body.projects(self.projects).clusters(self.clusters);
        body.group_by(match self.by.as_str() {
            "organization" => CostExplorerGrouping::Organizations,
            "project" => CostExplorerGrouping::Projects,
            "cluster" => CostExplorerGrouping::Clusters,
            _ => CostExplorerGrouping::Services,
        })
    }

    /// What a row is about.
    fn name(&self, row: &CostExplorerUsageRow) -> Value {
        let extra = |name: &str| row.extra.get(name).and_then(|value| value.as_str()).map(str::to_owned);
        let name = match self.by.as_str() {
            "organization" => row.organization_name.clone(),
            "project" => extra("projectName").or(extra("projectId")),
            "cluster" => extra("clusterName").or(extra("clusterId")),
            _ => row.service.clone(),
        };
        Value::of(name)
    }
}

pub(super) async fn run(matches: &ArgMatches, context: &mut Context) -> Result<u8, Failure> {
    let question = Question::new(matches, context)?;
    let client = atlas_billing::Client::from_environment(&context.environment)?;
    let organizations = payers::organizations(client, matches, context).await?;
    let deadline = flags::deadline(matches);
    let asking = question.clone();
    let read = move |payer: Payer| {
        let question = asking.clone();
        async move {
            let Account::Atlas(client, id) = payer.account else { return Ok(Vec::new()) };
            let query = client.cost_explorer(&id, question.body(&id)).first_wait(Duration::from_millis(250));
            Ok(query.deadline(deadline).run().await?.usage_details.into_iter().collect::<Vec<_>>())
        }
    };
    let (found, problems) = each(organizations, "Waiting for the Cost Explorer", Payer::whose, read, context).await;
    if !found.is_empty() || problems.is_empty() {
        sheet(&question, &found, matches, context)?.end(&problems, context)?;
    }
    problems.end(0, context)
}

fn sheet(
    question: &Question,
    found: &[(Payer, Vec<CostExplorerUsageRow>)],
    matches: &ArgMatches,
    context: &mut Context,
) -> Result<Sheet, Failure> {
    let mut heads = vec![data("id"), data("invoice"), table("of"), shown("month")];
    heads.extend([shown(&question.by), shown("amount"), shown("currency")]);
    let mut sheet = Sheet::new(heads, matches)?;
    for (payer, rows) in found {
        for row in rows {
            let month = row.usage_date.known().and_then(|date| BillingMonth::containing(*date).ok());
            let values = [
                Value::of(row.organization_id.as_ref()),
                Value::of(row.invoice_id.as_ref()),
                Value::text(payer.label()),
                Value::of(month),
                question.name(row),
                Value::amount(row.usage_amount.clone()),
                Value::text(atlas::CURRENCY),
            ];
            sheet.row(&values, context)?;
        }
    }
    Ok(sheet)
}
