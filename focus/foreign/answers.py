"""The answers to the questions, from the bills themselves. Each function answers the file of its name in `questions`."""

from collections import defaultdict
from decimal import ROUND_DOWN, Decimal
from typing import Any, Callable, Iterable

from charges import Charge

MONTH, BEFORE = "2026-10", "2026-09"
Rows = list[tuple[Any, ...]]


def grouped(charges: Iterable[Charge], key: Callable[[Charge], tuple[Any, ...]]) -> dict[tuple[Any, ...], list[Charge]]:
    groups = defaultdict(list)
    for charge in charges:
        groups[key(charge)].append(charge)
    return groups


def amount(charges: Iterable[Charge]) -> Decimal:
    return sum((charge.amount for charge in charges), Decimal(0))


def usage(charges: Iterable[Charge], month: str = MONTH) -> list[Charge]:
    return [charge for charge in charges if charge.month == month and charge.category == "Usage"]


def ratio(part: Decimal, of: Decimal) -> Decimal | None:
    return (part / of).quantize(Decimal("0.000001"), ROUND_DOWN) if of else None


def ordered(rows: Iterable[tuple[Any, ...]]) -> Rows:
    """As SQL orders by all columns: null comes last."""
    return sorted(rows, key=lambda row: [(value is None, value) for value in row])


def largest(rows: Iterable[tuple[Any, ...]], by: int, then: int) -> Rows:
    return sorted(rows, key=lambda row: (-row[by], row[then] is None, row[then]))


def payable(charges: list[Charge]) -> Rows:
    groups = grouped(charges, lambda it: (it.month, it.issuer, it.account, it.currency))
    return ordered((*key, amount(group)) for key, group in groups.items())


def tax_and_credits(charges: list[Charge]) -> Rows:
    found = (it for it in charges if it.category in ("Tax", "Credit"))
    groups = grouped(found, lambda it: (it.month, it.account, it.currency, it.category, it.kind))
    return ordered((*key, amount(group)) for key, group in groups.items())


def open_and_closed(charges: list[Charge]) -> Rows:
    groups = grouped(charges, lambda it: (it.month, it.issuer, it.currency, it.state))
    return ordered((*key, len({it.invoice for it in group} - {None}), amount(group)) for key, group in groups.items())


def projects(charges: list[Charge]) -> Rows:
    groups = grouped(usage(charges), lambda it: (*(it.project or (None, None, None)), it.currency))
    rows = ((kind, name, id, currency, amount(group)) for (id, name, kind, currency), group in groups.items())
    return largest(rows, by=4, then=2)


def top_resources(charges: list[Charge]) -> Rows:
    found = (it for it in charges if it.month == MONTH and it.resource)
    groups = grouped(found, lambda it: (*it.resource, it.currency))
    return largest(((*key, amount(group)) for key, group in groups.items()), by=4, then=0)[:10]


def unit_costs(charges: list[Charge]) -> Rows:
    groups = grouped((it for it in usage(charges) if it.amount), lambda it: (it.sku, it.unit, it.currency))

    def row(key: tuple[Any, ...], group: list[Charge]) -> tuple[Any, ...]:
        known = [it.quantity for it in group if it.quantity is not None]
        quantity = sum(known, Decimal(0)) if known else None
        return (*key, quantity, amount(group), ratio(amount(group), quantity) if quantity else None)

    return ordered(row(key, group) for key, group in groups.items())


def untagged(charges: list[Charge]) -> Rows:
    rows = []
    for key, group in grouped(usage(charges), lambda it: (it.project and it.project[0], it.currency)).items():
        without = amount(it for it in group if not it.tagged)
        if without:
            rows.append((*key, amount(group), without, ratio(without, amount(group))))
    return largest(rows, by=3, then=0)


def month_over_month(charges: list[Charge]) -> Rows:
    found = [it for it in charges if it.month <= MONTH and it.category in ("Usage", "Purchase")]
    rows = []
    for key, group in grouped(found, lambda it: (it.service, it.currency)).items():
        now, before = (amount(it for it in group if it.month == month) for month in (MONTH, BEFORE))
        rows.append((*key, now, before, now - before))
    return ordered(rows)


def savings(charges: list[Charge]) -> Rows:
    rows = []
    found = [it for it in charges if it.category == "Usage"]
    for key, group in grouped(found, lambda it: (it.month, it.issuer, it.currency)).items():
        full, stated = sum(it.list for it in group), sum(it.stated for it in group)
        rows.append((*key, full, amount(group), full - amount(group), stated))
    return ordered(rows)


def exceptions(charges: list[Charge]) -> Rows:
    kinds = {
        "late": lambda it: it.late and it.amount,
        "unexplained": lambda it: it.kind == "residue" and it.amount,
        "informational": lambda it: it.informational,
    }
    rows = []
    for what, of in kinds.items():
        found = (it for it in charges if of(it))
        for key, group in grouped(found, lambda it: (it.month, it.account, it.currency)).items():
            rows.append((what, *key, len(group), sum(of(it) for it in group)))
    return ordered(rows)
