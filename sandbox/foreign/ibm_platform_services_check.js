// IBM's official Node SDK, unmodified, against the sandbox: every operation of its client for Usage Reports, with the calls of
// the Python check. Run by foreign/check.sh.
'use strict';

const assert = require('node:assert').strict;
const UsageReportsV4 = require('@ibm-cloud/platform-services/usage-reports/v4');

const env = process.env;
const accountId = env.USAGE_REPORTS_ACCOUNT_ID;
const billingmonth = env.USAGE_REPORTS_BILLING_MONTH;
const count = Number(env.SANDBOX_INSTANCES);
const month = { accountId, billingmonth };

// The SDK's client, and the names of the operations that were called.
function recorder(client, called) {
  const get = (target, name) => {
    called.add(name);
    return target[name].bind(target);
  };
  return new Proxy(client, { get });
}

// Costs have at most six decimal places.
const micros = (amount) => Math.round(amount * 1e6);
const sum = (amounts) => amounts.reduce((total, amount) => total + amount, 0);

// Costs of instances, and of those that are billed.
function cost(records) {
  const own = (it) => sum(it.usage.filter((metric) => !metric.non_chargeable).map((metric) => micros(metric.cost)));
  return [sum(records.map(own)), sum(records.filter((it) => it.billable).map(own))];
}

// The same of a usage report.
function costs({ resources }) {
  const billable = sum(resources.map((it) => micros(it.billable_cost)));
  return [billable + sum(resources.map((it) => micros(it.non_billable_cost))), billable];
}

const ids = (records) => records.map((it) => it.resource_instance_id).sort();

async function status(call) {
  try {
    return (await call).status;
  } catch (error) {
    assert.ok(error.message && error.status, error);
    return error.status;
  }
}

// The record has these fields.
function expect(record, fields) {
  const own = Object.fromEntries(Object.keys(fields).map((name) => [name, record[name]]));
  assert.deepEqual(own, fields);
}

// Account, resource groups and organizations: each report has the sums of its instances.
async function checkUsage(client) {
  const all = { ...month, names: true, limit: 200 };
  const instances = await new UsageReportsV4.GetResourceUsageAccountPager(client, all).getAll();
  assert.equal(instances.length, count);
  assert.equal(new Set(ids(instances)).size, count);
  for (const record of instances) {
    expect(record, { account_id: accountId, month: billingmonth, currency_code: 'USD' });
    assert.ok(record.resource_instance_name && record.resource_name && record.plan_name, record);
  }

  const summary = (await client.getAccountSummary(month)).result;
  expect(summary, { account_id: accountId, month: billingmonth, billing_currency_code: 'USD' });
  const billable = micros(summary.resources.billable_cost);
  assert.deepEqual([billable + micros(summary.resources.non_billable_cost), billable], cost(instances));
  const usage = (await client.getAccountUsage({ ...month, names: true })).result;
  expect(usage, { account_id: accountId, month: billingmonth, currency_code: 'USD' });
  assert.deepEqual(costs(usage), cost(instances));

  const checkPart = (name, id, report, records) => {
    expect(report, { account_id: accountId, month: billingmonth, [name]: id });
    const own = instances.filter((it) => it[name] === id);
    assert.deepEqual(ids(records), ids(own));
    assert.ok(own.length > 0 && own.length < count, `${own.length}`);
    assert.deepEqual(costs(report), cost(records));
  };
  const groups = new Set(instances.map((it) => it.resource_group_id));
  const organizations = new Set(instances.map((it) => it.organization_id).filter((it) => it !== undefined));
  assert.ok(groups.has(env.USAGE_REPORTS_RESOURCE_GROUP_ID) && organizations.has(env.USAGE_REPORTS_ORG_ID));
  for (const resourceGroupId of groups) {
    const ofGroup = { ...month, resourceGroupId };
    const pager = new UsageReportsV4.GetResourceUsageResourceGroupPager(client, { ...ofGroup, limit: 50 });
    const report = (await client.getResourceGroupUsage(ofGroup)).result;
    checkPart('resource_group_id', resourceGroupId, report, await pager.getAll());
  }
  for (const organizationId of organizations) {
    const ofOrganization = { ...month, organizationId };
    const pager = new UsageReportsV4.GetResourceUsageOrgPager(client, { ...ofOrganization, limit: 7 });
    const report = (await client.getOrgUsage(ofOrganization)).result;
    checkPart('organization_id', organizationId, report, await pager.getAll());
  }

  assert.equal(await status(client.getAccountSummary({ ...month, accountId: 'nobody' })), 404);
  return instances;
}

// The snapshots of the last full month: one a day.
async function checkSnapshots(client) {
  const config = (await client.getReportsSnapshotConfig({ accountId })).result;
  expect(config, { account_id: accountId, state: 'enabled', interval: 'daily' });
  const [year, number] = billingmonth.split('-').map(Number);
  const before = number === 1 ? `${year - 1}-12` : `${year}-${String(number - 1).padStart(2, '0')}`;
  const pager = new UsageReportsV4.GetReportsSnapshotPager(client, { accountId, month: before, limit: 5 });
  const snapshots = await pager.getAll();
  assert.ok(snapshots.length >= 28 && snapshots.length <= 31, `${snapshots.length}`);
  assert.equal(new Set(snapshots.map((it) => it.expected_processed_at)).size, snapshots.length);
  snapshots.forEach((it) => expect(it, { account_id: accountId, month: before }));
  for (const snapshot of snapshots.slice(1)) {
    expect(snapshot, { state: 'completed' });
    assert.ok(snapshot.files.length > 0, snapshot);
    assert.equal(snapshot.files.length, snapshot.report_types.length);
  }
}

// A configuration from its removal to its second version.
async function checkSnapshotConfig(client) {
  const settings = {
    interval: 'daily',
    cosBucket: 'mine',
    cosLocation: 'us-south',
    cosReportsFolder: 'bills',
    reportTypes: ['account_summary', 'account_resource_instance_usage'],
    versioning: 'new',
  };
  const answered = {
    account_id: accountId,
    interval: 'daily',
    cos_bucket: 'mine',
    cos_location: 'us-south',
    cos_reports_folder: 'bills',
    report_types: ['account_summary', 'account_resource_instance_usage'],
    versioning: 'new',
  };
  assert.equal(await status(client.createReportsSnapshotConfig({ accountId, ...settings })), 409);
  assert.equal(await status(client.deleteReportsSnapshotConfig({ accountId })), 204);
  assert.equal(await status(client.deleteReportsSnapshotConfig({ accountId })), 404);
  assert.equal(await status(client.getReportsSnapshotConfig({ accountId })), 404);
  assert.equal(await status(client.updateReportsSnapshotConfig({ accountId, versioning: 'overwrite' })), 404);
  assert.equal(await status(client.validateReportsSnapshotConfig({ accountId })), 404);
  const closed = { accountId, ...settings, cosBucket: 'no-access' };
  assert.equal(await status(client.createReportsSnapshotConfig(closed)), 424);

  const created = await client.createReportsSnapshotConfig({ accountId, ...settings });
  assert.equal(created.status, 201);
  expect(created.result, { ...answered, state: 'enabled' });
  // Equal values change nothing, and are no conflict.
  const equal = await client.updateReportsSnapshotConfig({ accountId, ...settings });
  assert.deepEqual([equal.status, equal.result], [200, created.result]);
  const updated = (await client.updateReportsSnapshotConfig({ accountId, versioning: 'overwrite' })).result;
  expect(updated, { ...answered, versioning: 'overwrite' });
  assert.deepEqual(updated.history.map((it) => it.versioning), ['new', 'overwrite']);
  assert.deepEqual((await client.getReportsSnapshotConfig({ accountId })).result, updated);
  const valid = (await client.validateReportsSnapshotConfig({ accountId })).result;
  assert.deepEqual(valid, { account_id: accountId, cos_bucket: 'mine', cos_location: 'us-south' });
  assert.equal(await status(client.validateReportsSnapshotConfig({ accountId, cosBucket: 'no-access' })), 424);
}

async function main() {
  const called = new Set();
  const client = recorder(UsageReportsV4.newInstance({}), called);
  const instances = await checkUsage(client);
  await checkSnapshots(client);
  await checkSnapshotConfig(client);
  const operations = Object.getOwnPropertyNames(UsageReportsV4.prototype).filter((name) => name !== 'constructor');
  assert.deepEqual([...called].sort(), operations.sort());
  console.log(`IBM's Node SDK: ${operations.length} operations, ${instances.length} instances, ${cost(instances)[0] / 1e6} USD`);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
