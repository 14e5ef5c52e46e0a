#!/usr/bin/env python3
"""IBM's official Python SDK, unmodified, against the sandbox.

It is configured by the environment variables that the sandbox prints, and by nothing else. Reads every pager to its end, adds
everything up, and takes a snapshot configuration through its states. Run by foreign/check.sh.
"""

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


def total(report):
    return sum((exact(it["billable_cost"]) + exact(it["non_billable_cost"]) for it in report["resources"]), Decimal(0))


def status(call, **arguments):
    try:
        return call(**arguments).get_status_code()
    except ApiException as error:
        assert error.message, error
        return error.code


def main():
    service = UsageReportsV4.new_instance()
    month = {"account_id": ACCOUNT, "billingmonth": MONTH}

    instances = GetResourceUsageAccountPager(client=service, **month, names=True, limit=200).get_all()
    assert len(instances) == INSTANCES, len(instances)
    assert len({it["resource_instance_id"] for it in instances}) == INSTANCES
    every, billable = cost(instances)
    summary = service.get_account_summary(**month).get_result()
    resources = summary["resources"]
    assert exact(resources["billable_cost"]) == billable, (resources, billable)
    assert exact(resources["billable_cost"]) + exact(resources["non_billable_cost"]) == every
    assert total(service.get_account_usage(**month, names=True).get_result()) == every

    group = {**month, "resource_group_id": GROUP}
    in_group = GetResourceUsageResourceGroupPager(client=service, **group, limit=7).get_all()
    assert total(service.get_resource_group_usage(**group).get_result()) == cost(in_group)[0]
    organization = {**month, "organization_id": ORGANIZATION}
    in_organization = GetResourceUsageOrgPager(client=service, **organization, limit=7).get_all()
    assert total(service.get_org_usage(**organization).get_result()) == cost(in_organization)[0]
    assert 0 < len(in_organization) < len(in_group) < INSTANCES

    year, number = MONTH.split("-")
    before = f"{int(year) - 1}-12" if number == "01" else f"{year}-{int(number) - 1:02}"
    snapshots = GetReportsSnapshotPager(client=service, account_id=ACCOUNT, month=before, limit=5).get_all()
    assert 28 <= len(snapshots) <= 31 and all(it["state"] == "completed" for it in snapshots[1:])

    config = {"account_id": ACCOUNT}
    new = {**config, "interval": "daily", "cos_bucket": "mine", "cos_location": "us-south"}
    assert status(service.get_reports_snapshot_config, **config) == 200
    assert status(service.create_reports_snapshot_config, **new) == 409
    assert status(service.delete_reports_snapshot_config, **config) == 204
    assert status(service.get_reports_snapshot_config, **config) == 404
    assert status(service.update_reports_snapshot_config, **config, versioning="overwrite") == 404
    assert status(service.create_reports_snapshot_config, **{**new, "cos_bucket": "no-access"}) == 424
    assert status(service.create_reports_snapshot_config, **new) == 201
    assert status(service.update_reports_snapshot_config, **config, versioning="overwrite") == 200
    assert status(service.validate_reports_snapshot_config, **config) == 200
    print(f"IBM's Python SDK: {len(instances)} instances, {every} {summary['billing_currency_code']}")


if __name__ == "__main__":
    sys.exit(main())
