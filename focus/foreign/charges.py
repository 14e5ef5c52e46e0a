"""What the bills charge, by our own reading of them: this file shares nothing with the crate, so that both must be right to agree."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Iterator

from books import Books, Month

CENT = Decimal("0.01")
NOTHING = Decimal(0)

# What each service of the sandbox is, by the categories of FOCUS.
CATEGORIES = {
    "Block Storage (classic)": "Storage",
    "Cloud Object Storage": "Storage",
    "Databases for PostgreSQL": "Databases",
    "Key Protect": "Security",
    "Kubernetes Service": "Compute",
    # Its id is one that no list has.
    "Machine Learning": "Other",
    "Node.js runtime": "Web",
    "Virtual Server for VPC": "Compute",
}
CREDITS = ("CREDIT", "CLASSIC_COUPON")
PURCHASES = ("ATLAS_SUPPORT", "ATLAS_FREE_SUPPORT", "FLEX_CONSULTING", "MINIMUM_CHARGE")


@dataclass(kw_only=True)
class Charge:
    month: str
    issuer: str
    account: str
    currency: str
    kind: str
    category: str
    amount: Decimal
    list: Decimal
    stated: Decimal = NOTHING
    informational: Decimal = NOTHING
    service: str = ""
    invoice: str | None = None
    state: str = "not stated"
    project: tuple[str, str | None, str] | None = None
    resource: tuple[str, str | None, str] | None = None
    sku: str | None = None
    unit: str | None = None
    quantity: Decimal | None = None
    tagged: bool = False
    late: bool = False


def read(books: Books) -> list[Charge]:
    found = [charge for invoice in books.invoices for charge in of_invoice(invoice)]
    return found + [charge for month in books.months for charge in of_month(month)]


def of_invoice(invoice: dict[str, Any]) -> Iterator[Charge]:
    common = {
        "month": invoice["startDate"][:7],
        "issuer": "MongoDB",
        "account": invoice["orgId"],
        "currency": "USD",
        "invoice": invoice["id"],
        "state": "open" if invoice["statusName"] == "PENDING" else "closed",
    }

    def charge(kind: str, category: str, cents: int | Decimal, **more: Any) -> Charge:
        return Charge(kind=kind, category=category, amount=cents * CENT, list=cents * CENT, **common, **more)

    for line in invoice["lineItems"]:
        yield charge("line", category(line), line["totalPriceCents"], **details(line, invoice))
    tax, extra, rest = header(invoice)
    for kind, of, cents in [("tax", "Tax", tax), ("credit", "Credit", extra), ("residue", "Adjustment", rest)]:
        if cents:
            yield charge(kind, of, cents)


def category(line: dict[str, Any]) -> str:
    if line["sku"] in CREDITS:
        return "Credit"
    if line["sku"] in PURCHASES or line["sku"].startswith("CLOUD_MANAGER_"):
        return "Purchase"
    return "Adjustment" if line["totalPriceCents"] < 0 else "Usage"


def details(line: dict[str, Any], invoice: dict[str, Any]) -> dict[str, Any]:
    project, cluster, app = line.get("groupId"), line.get("clusterName"), line.get("stitchAppName")
    is_period = line["startDate"] < line["endDate"]
    return {
        "service": "AI and Machine Learning" if line["sku"].startswith("VOYAGE_") else "Databases",
        "project": project and (project, line.get("groupName"), "Project"),
        "resource": (f"{project}/{cluster}", cluster, "Cluster") if cluster else app and (app, app, "App Services App"),
        "sku": line["sku"],
        "unit": line.get("unit"),
        "quantity": quantity(line),
        "stated": line.get("discountCents", 0) * CENT,
        "tagged": "env" in line.get("tags", {}),
        "late": is_period and line["startDate"] < invoice["startDate"],
    }


def quantity(record: dict[str, Any]) -> Decimal | None:
    """As the table of the questions keeps it. Some have a rest of floating-point arithmetic at the vendor."""
    if "quantity" not in record:
        return None
    return Decimal(record["quantity"]).quantize(Decimal("1e-12"), ROUND_HALF_UP)


def header(invoice: dict[str, Any]) -> tuple[int, int, int]:
    """What the header has beside the lines, in cents: tax, credits that are no lines, and what nothing explains."""
    lines = [(category(line), line["totalPriceCents"]) for line in invoice["lineItems"]]
    total = sum(cents for _, cents in lines)
    credit_lines = -sum(cents for of, cents in lines if of == "Credit")
    tax, credits = invoice.get("salesTaxCents", 0), abs(invoice.get("creditsCents", 0))
    extra = -max(credits - credit_lines, 0)
    if "subtotalCents" not in invoice or "creditsCents" not in invoice:
        return tax, extra, 0
    payable = invoice["subtotalCents"] - credits + tax
    # The subtotal leaves out reductions: whether the invoice does is said by what was billed or paid.
    paid = sum(payment["amountPaidCents"] for payment in invoice.get("payments", []))
    if any(of == "Adjustment" for of, _ in lines) and payable not in (invoice.get("amountBilledCents"), paid):
        return tax, extra, 0
    return tax, extra, payable - total - tax - extra


def of_month(month: Month) -> Iterator[Charge]:
    common = {
        "month": month.month,
        "issuer": "IBM",
        "account": month.account,
        "currency": month.usage["currency_code"],
    }
    sums: dict[str, Decimal] = {}
    for instance in month.instances:
        for metric in instance["usage"]:
            charge = of_metric(instance, metric, common)
            sums[instance["resource_id"]] = sums.get(instance["resource_id"], NOTHING) + charge.amount
            yield charge

    def charge(kind: str, category: str, amount: Decimal, **more: Any) -> Charge:
        return Charge(kind=kind, category=category, amount=amount, list=amount, **common, **more)

    for resource in month.usage["resources"]:
        rest = resource["billable_cost"] - sums.get(resource["resource_id"], NOTHING)
        if rest:
            yield charge("residue", "Adjustment", rest)
    for support in month.summary["support"]:
        yield charge("support", "Purchase", Decimal(support["cost"]), service="Management and Governance")
        if support["overage"]:
            yield charge("overage", "Usage", Decimal(support["overage"]), service="Management and Governance")
    for offer in month.summary["offers"]:
        if offer["credits"]["used"]:
            yield charge("offer", "Credit", -Decimal(offer["credits"]["used"]))


def of_metric(instance: dict[str, Any], metric: dict[str, Any], common: dict[str, Any]) -> Charge:
    billed = instance["billable"] and not metric.get("non_chargeable")
    cost = Decimal(metric["cost"])
    group, organization = instance.get("resource_group_id"), instance.get("organization_id")
    if group:
        project = (group, instance.get("resource_group_name"), "Resource Group")
    else:
        project = organization and (organization, instance.get("organization_name"), "Cloud Foundry Organization")
    return Charge(
        kind="metric",
        category="Usage",
        amount=cost if billed else NOTHING,
        list=Decimal(metric.get("rated_cost", cost)) if billed else NOTHING,
        informational=NOTHING if billed else cost,
        service=CATEGORIES[instance["resource_name"]],
        project=project,
        resource=(instance["resource_instance_id"], instance.get("resource_instance_name"), instance["resource_id"]),
        sku=f"{instance['plan_id']}/{metric['metric']}",
        unit=metric.get("unit"),
        quantity=quantity(metric),
        tagged=any(tag.split(":")[0] == "env" for tag in instance.get("tags", [])),
        **common,
    )
