#!/usr/bin/env python3
"""IBM's official Python SDK, unmodified, against the sandbox: every operation of its client for Usage Reports.

It is configured by the environment variables that the sandbox prints, and by nothing else. It reads every pager to its end,
adds everything up, and takes a snapshot configuration through its states. The Node check makes the same calls. Run by
foreign/check.sh.
"""

import inspect
import os
import sys
from decimal import Decimal

from ibm_cloud_sdk_core import ApiException
from ibm_platform_services.usage_reports_v4 import (
    GetReportsSnapshotPager,
    GetResourceUsageAccountPager,
    GetResourceUsageOrgPager,
    GetResourceUsageResourceGroupPager,
    UsageReportsV4,
)

ACCOUNT = os.environ["USAGE_REPORTS_ACCOUNT_ID"]
GROUP = os.environ["USAGE_REPORTS_RESOURCE_GROUP_ID"]
ORGANIZATION = os.environ["USAGE_REPORTS_ORG_ID"]
MONTH = os.environ["USAGE_REPORTS_BILLING_MONTH"]
INSTANCES = int(os.environ["SANDBOX_INSTANCES"])


class Recorder:
    """The SDK's client, and the names of the operations that were called."""

    def __init__(self, client):
        self.client = client
        self.called = set()

    def __getattr__(self, name):
        self.called.add(name)
        return getattr(self.client, name)


def exact(number):
    """The decimal that stood in the JSON: its shortest spelling has at most 15 digits."""
    return Decimal(repr(number))


def cost(records):
    """Costs of instances, and of those that are billed."""
    total = billable = Decimal(0)
    for record in records:
        own = sum((exact(it["cost"]) for it in record["usage"] if not it.get("non_chargeable")), Decimal(0))
        total += own
        billable += own if record["billable"] else 0
    return total, billable


def costs(report):
    """The same of a usage report."""
    billable = sum((exact(it["billable_cost"]) for it in report["resources"]), Decimal(0))
    return billable + sum((exact(it["non_billable_cost"]) for it in report["resources"]), Decimal(0)), billable


def status(call, **arguments):
    try:
        return call(**arguments).get_status_code()
    except ApiException as error:
        assert error.message, error
        return error.code


def expect(record, **fields):
    """The record has these fields."""
    assert {name: record.get(name) for name in fields} == fields, (record, fields)


def check_usage(client):
    """Account, resource groups and organizations: each report has the sums of its instances."""
    month = {"account_id": ACCOUNT, "billingmonth": MONTH}
    instances = GetResourceUsageAccountPager(client=client, **month, names=True, limit=200).get_all()
    assert len(instances) == INSTANCES, len(instances)
    assert len({it["resource_instance_id"] for it in instances}) == INSTANCES
    for record in instances:
        expect(record, account_id=ACCOUNT, month=MONTH, currency_code="USD")
        assert record["resource_instance_name"] and record["resource_name"] and record["plan_name"], record

    summary = client.get_account_summary(**month).get_result()
    expect(summary, account_id=ACCOUNT, month=MONTH, billing_currency_code="USD")
    resources = summary["resources"]
    billable, free = exact(resources["billable_cost"]), exact(resources["non_billable_cost"])
    assert (billable + free, billable) == cost(instances), (resources, cost(instances))
    usage = client.get_account_usage(**month, names=True).get_result()
    expect(usage, account_id=ACCOUNT, month=MONTH, currency_code="USD")
    assert costs(usage) == cost(instances)

    def check_part(name, identifier, report, records):
        expect(report, account_id=ACCOUNT, month=MONTH, **{name: identifier})
        own = {it["resource_instance_id"] for it in instances if it.get(name) == identifier}
        assert own == {it["resource_instance_id"] for it in records} and len(own) == len(records)
        assert 0 < len(own) < INSTANCES
        assert costs(report) == cost(records)

    groups = {it["resource_group_id"] for it in instances}
    organizations = {it["organization_id"] for it in instances if "organization_id" in it}
    assert GROUP in groups and ORGANIZATION in organizations
    for group in groups:
        of_group = {**month, "resource_group_id": group}
        records = GetResourceUsageResourceGroupPager(client=client, **of_group, limit=50).get_all()
        check_part("resource_group_id", group, client.get_resource_group_usage(**of_group).get_result(), records)
    for organization in organizations:
        of_organization = {**month, "organization_id": organization}
        records = GetResourceUsageOrgPager(client=client, **of_organization, limit=7).get_all()
        check_part("organization_id", organization, client.get_org_usage(**of_organization).get_result(), records)

    assert status(client.get_account_summary, **{**month, "account_id": "nobody"}) == 404
    return instances


def check_snapshots(client):
    """The snapshots of the last full month: one a day."""
    config = client.get_reports_snapshot_config(account_id=ACCOUNT).get_result()
    expect(config, account_id=ACCOUNT, state="enabled", interval="daily")
    year, number = MONTH.split("-")
    before = f"{int(year) - 1}-12" if number == "01" else f"{year}-{int(number) - 1:02}"
    snapshots = GetReportsSnapshotPager(client=client, account_id=ACCOUNT, month=before, limit=5).get_all()
    assert 28 <= len(snapshots) <= 31, len(snapshots)
    assert len({it["expected_processed_at"] for it in snapshots}) == len(snapshots)
    for snapshot in snapshots:
        expect(snapshot, account_id=ACCOUNT, month=before)
    for snapshot in snapshots[1:]:
        expect(snapshot, state="completed")
        assert len(snapshot["files"]) == len(snapshot["report_types"]) > 0, snapshot


def check_snapshot_config(client):
    """A configuration from its removal to its second version."""
    account = {"account_id": ACCOUNT}
    settings = {
        "interval": "daily",
        "cos_bucket": "mine",
        "cos_location": "us-south",
        "cos_reports_folder": "bills",
        "report_types": ["account_summary", "account_resource_instance_usage"],
        "versioning": "new",
    }
    assert status(client.create_reports_snapshot_config, **account, **settings) == 409
    assert status(client.delete_reports_snapshot_config, **account) == 204
    assert status(client.delete_reports_snapshot_config, **account) == 404
    assert status(client.get_reports_snapshot_config, **account) == 404
    assert status(client.update_reports_snapshot_config, **account, versioning="overwrite") == 404
    assert status(client.validate_reports_snapshot_config, **account) == 404
    assert status(client.create_reports_snapshot_config, **account, **{**settings, "cos_bucket": "no-access"}) == 424

    created = client.create_reports_snapshot_config(**account, **settings)
    assert created.get_status_code() == 201
    expect(created.get_result(), **account, **settings, state="enabled")
    # Equal values change nothing, and are no conflict.
    equal = client.update_reports_snapshot_config(**account, **settings)
    assert (equal.get_status_code(), equal.get_result()) == (200, created.get_result())
    updated = client.update_reports_snapshot_config(**account, versioning="overwrite").get_result()
    expect(updated, **account, **{**settings, "versioning": "overwrite"})
    assert [it["versioning"] for it in updated["history"]] == ["new", "overwrite"], updated
    assert client.get_reports_snapshot_config(**account).get_result() == updated
    valid = client.validate_reports_snapshot_config(**account).get_result()
    assert valid == {**account, "cos_bucket": "mine", "cos_location": "us-south"}, valid
    assert status(client.validate_reports_snapshot_config, **account, cos_bucket="no-access") == 424


def main():
    client = Recorder(UsageReportsV4.new_instance())
    instances = check_usage(client)
    check_snapshots(client)
    check_snapshot_config(client)
    operations = {name for name, _ in inspect.getmembers(UsageReportsV4, inspect.isfunction)}
    operations &= {name for name in vars(UsageReportsV4) if not name.startswith("_")}
    assert client.called == operations, client.called ^ operations
    print(f"IBM's Python SDK: {len(operations)} operations, {len(instances)} instances, {cost(instances)[0]} USD")


if __name__ == "__main__":
    sys.exit(main())
