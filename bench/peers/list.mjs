// Lists records with IBM's Node SDK, unmodified: its IAM authenticator, its pager, its default without retries. With
// `keep-alive` the connection is reused, which the SDK only does if it is given an agent.

import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { createRequire } from 'node:module';

// The folder of its packages, because modules are not looked up with NODE_PATH.
const [url, packages, mode] = process.argv.slice(2);
const require = createRequire(`${packages}/`);
const UsageReportsV4 = require('@ibm-cloud/platform-services/usage-reports/v4');
const { IamAuthenticator } = require('@ibm-cloud/platform-services/auth');

const started = performance.now();
const service = new UsageReportsV4({
  authenticator: new IamAuthenticator({ apikey: 'key', url }),
  serviceUrl: url,
  ...(mode === 'keep-alive' ? { httpAgent: new Agent({ keepAlive: true }) } : {}),
});
const pager = new UsageReportsV4.GetResourceUsageAccountPager(service, {
  accountId: '3f1c9e5a7b2d4c6088aa51d7e0b49c12',
  billingmonth: '2026-01',
  names: true,
  tags: true,
  limit: 200,
});
let records = 0;
let checksum = 0;
while (pager.hasNext()) {
  for (const record of await pager.getNext()) {
    records += 1;
    checksum += record.resource_instance_id.length;
  }
}
const seconds = (performance.now() - started) / 1000;
const peak = /VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1];
console.log(`records=${records} checksum=${checksum} seconds=${seconds.toFixed(6)} hwm_kb=${peak}`);
