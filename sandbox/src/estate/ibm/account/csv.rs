//! The CSV forms of the summary and of the instances: sections, each a header and rows, with a blank line between them.

use std::sync::Arc;

use super::irregular::Currency;
use super::usage::metric_number;
use super::{Account, Span};
use crate::answer::Answer;
use crate::estate::calendar::Month;
use crate::estate::format::{Text, instant_millis};
use crate::request::Request;

const METADATA: &str = "Account Owner ID,Account Name,Billing Month,Currency Rate,Created Time,Version\n";

const SUMMARY: &str = "\nAccount ID,Month,Country Code,Currency Code,Billable Cost,Non Billable Cost\n";

/// Layout 1.4.1, and a column for each key of a tag.
const INSTANCES: &str = "\nService Name,Service ID,Instance Name,Instance ID,Plan Name,Plan ID,Region,Consumer ID,\
    Resource Group Name,Resource Group ID,CF Org,Org ID,CF Space,Space ID,Currency,Billable,Usage Metric,Usage Unit,\
    Usage Quantity,Original Cost,Volume Discount,Volume Cost,Cost,Pending,Discount (%),Discount ID,Subscription ID,\
    Non Chargeable,Classic Infrastructure Product ID,Classic Infrastructure Package ID,Created At,Deleted At,\
    Parent Resource Instance ID,Profile,Other Tags,cost-center,env\n";

impl Account {
    fn metadata(&self, month: Month, request: &Request<'_>, version: &str) -> String {
        let created = instant_millis(u64::try_from(request.now.as_millis()).unwrap_or_default());
        let mut text = Text(format!("{METADATA}IBMid-000EXAMPLE,Sandbox,{month},"));
        text.decimal(self.currency.rate, 6).raw(&format!(",{created},{version}\n"));
        text.0
    }

    /// The metadata and the usage of the account. The sections about credits and support are not there.
    pub(super) fn summary_csv(&self, month: Month, request: &Request<'_>) -> Answer {
        let costs = self.span(month, request.now).map(|span| self.account_costs(span)).unwrap_or_default();
        let mut text = Text(self.metadata(month, request, "1.3"));
        let Currency { country, code, .. } = self.currency;
        text.raw(SUMMARY).raw(&self.account).raw(&format!(",{month},{country},{code},"));
        text.decimal(costs.billable, 6).raw(",").decimal(costs.non_billable, 6).raw("\n");
        Answer::text(text.0)
    }

    /// A row for each instance and metric.
    pub(super) fn instances_csv(self: &Arc<Self>, month: Month, request: &Request<'_>) -> Answer {
        let (account, span) = (Arc::clone(self), self.span(month, request.now));
        let numbers = 0..span.map_or(0, |_| self.estate.instances);
        let rows = numbers.filter_map(move |index| Some(account.instance_rows(index, span?)));
        let head = [self.metadata(month, request, "1.4.1"), INSTANCES.to_owned()];
        Answer::pieces(Box::new(head.into_iter().chain(rows)))
    }

    fn instance_rows(&self, index: u64, span: Span) -> String {
        let instance = self.instance(index);
        let (resource, plan) = self.plan_of(&instance);
        let mut head = Text::default();
        head.cell(resource.name).raw(",").raw(resource.id).raw(",").raw(&instance.name()).raw(",");
        head.cell(&self.instance_id(&instance))
            .raw(",")
            .cell(plan.name)
            .raw(",")
            .raw(plan.id)
            .raw(",")
            .raw(instance.region);
        head.raw(",,");
        if let Some(group) = instance.group {
            head.raw(&self.group_name(group)).raw(",").raw(&self.groups[group as usize]);
        } else {
            head.raw(",");
        }
        head.raw(",");
        if let Some(organization) = instance.organization {
            head.raw(&self.organization_name(organization)).raw(",").raw(&self.organizations[organization as usize]);
        } else {
            head.raw(",");
        }
        head.raw(",,,").raw(self.currency.code).raw(if plan.billable { ",true," } else { ",false," });
        let tags = instance.tags();
        let with = |key: &str| tags.iter().find_map(|tag| tag.strip_prefix(key)?.strip_prefix(':')).unwrap_or_default();
        let other: Vec<&str> = tags.iter().copied().filter(|tag| !tag.contains(':')).collect();
        let mut text = Text::default();
        for (metric, number) in plan.metrics.iter().zip(0..) {
            let used = instance.used(number, metric, span);
            text.raw(&head.0).raw(metric.id).raw(",").raw(metric.unit.0).raw(",");
            text.raw(&metric_number(metric, used.quantity)).raw(",").decimal(used.rated, 6).raw(",,,");
            text.decimal(used.cost, 6).raw(if plan.pending { ",true," } else { ",false," });
            if metric.permille > 0 {
                text.decimal(metric.permille, 1);
            }
            text.raw(",,").raw(plan.subscription.unwrap_or_default());
            text.raw(if metric.non_chargeable { ",true," } else { ",false," });
            text.raw(",,").raw(&instant_millis(instance.created())).raw(",,,,").raw(&other.join(";")).raw(",");
            text.raw(with("cost-center")).raw(",").raw(with("env")).raw("\n");
        }
        text.0
    }
}
