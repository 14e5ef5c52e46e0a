import os

from ibm_platform_services import UsageReportsV4
from ibm_platform_services.usage_reports_v4 import GetResourceUsageAccountPager

client = UsageReportsV4.new_instance()
month = {"account_id": os.environ["USAGE_REPORTS_ACCOUNT_ID"], "billingmonth": os.environ["USAGE_REPORTS_BILLING_MONTH"]}
usage = client.get_account_usage(**month, names=True).get_result()
for resource in usage["resources"]:
    print(resource["resource_name"], resource["billable_cost"])
instances = GetResourceUsageAccountPager(client=client, **month, limit=100).get_all()
print(len(instances), "instances")
