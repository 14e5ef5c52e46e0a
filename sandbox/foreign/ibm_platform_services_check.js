// IBM's official Node SDK, unmodified, against the sandbox: as the Python check, in short. Run by foreign/check.sh.
'use strict';

const assert = require('node:assert');
const UsageReportsV4 = require('@ibm-cloud/platform-services/usage-reports/v4');

const env = process.env;
const month = { accountId: env.USAGE_REPORTS_ACCOUNT_ID, billingmonth: env.USAGE_REPORTS_BILLING_MONTH };

// Costs have at most six decimal places.
const micros = (amount) => Math.round(amount * 1e6);
const cost = (records) =>
  records.flatMap((it) => it.usage.filter((metric) => !metric.non_chargeable)).reduce((sum, it) => sum + micros(it.cost), 0);
const total = (report) =>
  report.resources.reduce((sum, it) => sum + micros(it.billable_cost) + micros(it.non_billable_cost), 0);

async function main() {
  const service = UsageReportsV4.newInstance({});
  const pager = new UsageReportsV4.GetResourceUsageAccountPager(service, { ...month, names: true, limit: 100 });
  const instances = await pager.getAll();
  assert.strictEqual(instances.length, Number(env.SANDBOX_INSTANCES));
  const summary = (await service.getAccountSummary(month)).result;
  const { billable_cost: billable, non_billable_cost: free } = summary.resources;
  assert.strictEqual(micros(billable) + micros(free), cost(instances));
  assert.strictEqual(total((await service.getAccountUsage(month)).result), cost(instances));
  const unknown = service.getAccountSummary({ ...month, accountId: 'nobody' });
  await assert.rejects(unknown, (error) => error.status === 404);
  console.log(`IBM's Node SDK: ${instances.length} instances, ${cost(instances) / 1e6} USD`);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
