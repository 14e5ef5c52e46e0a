const UsageReportsV4 = require('@ibm-cloud/platform-services/usage-reports/v4');

async function main() {
  const client = UsageReportsV4.newInstance({});
  const { USAGE_REPORTS_ACCOUNT_ID: accountId, USAGE_REPORTS_BILLING_MONTH: billingmonth } = process.env;
  const usage = await client.getAccountUsage({ accountId, billingmonth, names: true });
  for (const resource of usage.result.resources) {
    console.log(resource.resource_name, resource.billable_cost);
  }
  const pager = new UsageReportsV4.GetResourceUsageAccountPager(client, { accountId, billingmonth, limit: 100 });
  console.log((await pager.getAll()).length, 'instances');
}

main();
