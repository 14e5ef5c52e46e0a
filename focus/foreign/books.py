"""The bills of the sandbox, asked for with plain HTTP. Amounts are exact: no number becomes a float."""

import json
import os
import urllib.request
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Iterator

ATLAS = "application/vnd.atlas.2025-03-12+json"


@dataclass
class Month:
    """A month of an account of IBM Cloud."""

    month: str
    account: str
    usage: dict[str, Any]
    summary: dict[str, Any]
    instances: list[dict[str, Any]]


@dataclass
class Books:
    invoices: list[dict[str, Any]]
    months: list[Month]


def get(variable: str, path: str, accept: str = "application/json") -> dict[str, Any]:
    headers = {"Accept": accept, "Authorization": "Bearer of-the-check"}
    request = urllib.request.Request(os.environ[variable] + path, headers=headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer, parse_float=Decimal)


def read(accounts: list[str], months: list[str]) -> Books:
    invoices = [invoice for invoice in all_invoices() if invoice["startDate"][:7] in months]
    return Books(invoices, [read_month(account, month) for account in accounts for month in months])


def all_invoices() -> Iterator[dict[str, Any]]:
    for organization in get("MONGODB_ATLAS_BASE_URL", "/api/atlas/v2/orgs", ATLAS)["results"]:
        invoices = f"/api/atlas/v2/orgs/{organization['id']}/invoices"
        for invoice in get("MONGODB_ATLAS_BASE_URL", f"{invoices}?itemsPerPage=500", ATLAS)["results"]:
            yield get("MONGODB_ATLAS_BASE_URL", f"{invoices}/{invoice['id']}", ATLAS)


def read_month(account: str, month: str) -> Month:
    base = f"/v4/accounts/{account}"
    usage = get("USAGE_REPORTS_URL", f"{base}/usage/{month}?_names=true")
    instances = []
    page = f"{base}/resource_instances/usage/{month}?_names=true&_tags=true&_limit=200"
    while page:
        answer = get("USAGE_REPORTS_URL", page)
        instances += answer["resources"]
        page = answer.get("next", {}).get("href")
    return Month(month, account, usage, get("USAGE_REPORTS_URL", f"{base}/summary/{month}"), instances)


def accounts(month: str) -> list[str]:
    """All accounts below the enterprise."""
    found, parents = [], [f"enterprise_id={os.environ['ENTERPRISE_USAGE_REPORTS_ENTERPRISE_ID']}"]
    while parents:
        query = f"/v1/resource-usage-reports?{parents.pop()}&children=true&month={month}&limit=100"
        for child in get("ENTERPRISE_USAGE_REPORTS_URL", query)["reports"]:
            if child["entity_type"] == "account":
                found.append(child["entity_id"])
            else:
                parents.append(f"account_group_id={child['entity_id']}")
    return sorted(found)
