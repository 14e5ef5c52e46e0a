"""Lists records with IBM's Python SDK, unmodified: its IAM authenticator, its pager, its default without retries."""

import sys
import time

from ibm_cloud_sdk_core.authenticators import IAMAuthenticator
from ibm_platform_services.usage_reports_v4 import GetResourceUsageAccountPager, UsageReportsV4

ACCOUNT = "3f1c9e5a7b2d4c6088aa51d7e0b49c12"


def main(url):
    started = time.perf_counter()
    service = UsageReportsV4(authenticator=IAMAuthenticator("key", url=url))
    service.set_service_url(url)
    pager = GetResourceUsageAccountPager(
        client=service, account_id=ACCOUNT, billingmonth="2026-01", names=True, tags=True, limit=200
    )
    records = checksum = 0
    while pager.has_next():
        for record in pager.get_next():
            records += 1
            checksum += len(record["resource_instance_id"])
    seconds = time.perf_counter() - started
    with open("/proc/self/status") as status:
        peak = next(line.split()[1] for line in status if line.startswith("VmHWM:"))
    print(f"records={records} checksum={checksum} seconds={seconds:.6f} hwm_kb={peak}")


main(sys.argv[1])
