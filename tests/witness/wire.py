"""The requests of the clients, as the wire snapshots show them, against the specs."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator
from urllib.parse import parse_qsl, unquote

from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict

from spec import Operation, Spec


@dataclass(frozen=True)
class Wire:
    """A request of a snapshot."""

    label: str
    method: str
    target: str
    headers: dict
    body: str


class Request:
    """A request in the form that the validator reads."""

    def __init__(self, host: str, method: str, target: str, headers: dict, body: bytes):
        self.host_url = host
        self.method = method.lower()
        self.path, _, query = target.partition("?")
        self.body = body
        self.content_type = headers.get("content-type", "")
        self.query = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(self.query), header=Headers(list(headers.items())), cookie=ImmutableMultiDict()
        )


def read(path: Path) -> Iterator[Wire]:
    """The requests of a snapshot."""
    text = path.read_text(encoding="utf-8").split("\n---\n", 1)[1]
    for section in re.split(r"^# ", text, flags=re.MULTILINE)[1:]:
        name, line, *rest = section.rstrip("\n").split("\n")
        method, target = line.split(" ", 1)
        blank = rest.index("") if "" in rest else len(rest)
        headers = dict(header.split(": ", 1) for header in rest[:blank])
        yield Wire(f"{path.name}, {name}", method, target, headers, "\n".join(rest[blank + 1 :]).strip())


def find(spec: Spec, method: str, target: str) -> Operation | None:
    """The operation that a request is for: a path without parameters comes before one with them."""
    path = target.partition("?")[0]
    found = []
    for operation in spec.operations.values():
        pattern = "".join(
            "[^/]+" if part.startswith("{") else re.escape(part)
            for part in re.split(r"(\{[^}]*\})", operation.path)
        )
        if operation.method == method.lower() and re.fullmatch(pattern, path):
            found.append(operation)
    return min(found, key=lambda operation: operation.path.count("{"), default=None)


def problems(spec: Spec, operation: Operation, wire: Wire) -> Iterator[str]:
    """What the spec does not allow about a request."""
    request = Request(spec.host, wire.method, wire.target, wire.headers, wire.body.encode())
    for error in spec.validator.request_validator.iter_errors(request):
        yield describe(error)
    declared = {(parameter["in"], parameter["name"]) for parameter in operation.parameters}
    for name, _ in request.query:
        if ("query", name) not in declared:
            yield f"the query parameter {name} is not declared"
    if operation.media_types and wire.headers.get("accept") not in operation.media_types:
        yield f"`accept` is {wire.headers.get('accept')}, and the answers are {', '.join(operation.media_types)}"
    if operation.body is None and wire.body:
        yield "it has a body, and the operation takes none"
    if operation.body is not None and wire.headers.get("content-length") != str(len(wire.body.encode())):
        yield "`content-length` is not the length of the body"


def describe(error: Exception) -> str:
    """An error of the validator with what it was caused by."""
    parts = [str(error)[:120]]
    cause = error.__cause__
    while cause is not None:
        inner = getattr(cause, "schema_errors", None)
        if inner:
            parts += [f"{'/'.join(map(str, it.absolute_path))}: {it.message}"[:300] for it in inner]
        else:
            parts.append(str(cause)[:300])
        cause = cause.__cause__
    return ": ".join(parts)


def check(specs: list, directory: Path) -> Iterator[str]:
    """Everything that is wrong with the snapshots, and what they leave out."""
    called: dict = {}
    for path in sorted(directory.glob("*.snap")):
        for wire in read(path):
            for spec in specs:
                operation = find(spec, wire.method, wire.target)
                if operation is None:
                    continue
                called.setdefault((spec.name, operation.id), []).append(wire)
                yield from (f"{wire.label}: {problem}" for problem in problems(spec, operation, wire))
                if not path.name.startswith(f"{operation.id}."):
                    yield f"{wire.label}: this is a request of {operation.id}"
                break
            else:
                yield f"{wire.label}: no spec has an operation {wire.method} {unquote(wire.target)}"
    for spec in specs:
        for operation in spec.operations.values():
            yield from missing(operation, called.get((spec.name, operation.id), []))


def missing(operation: Operation, wires: list) -> Iterator[str]:
    """Media types and parameters of an operation that no snapshot shows."""
    accepted = {wire.headers.get("accept") for wire in wires}
    for media_type in operation.media_types:
        if media_type not in accepted:
            yield f"{operation.id}: no snapshot asks for {media_type}"
    if not wires:
        yield f"{operation.id}: no snapshot calls it"
    sent = {name for wire in wires for name, _ in parse_qsl(wire.target.partition("?")[2], keep_blank_values=True)}
    headers = {name for wire in wires for name in wire.headers}
    for parameter in operation.parameters:
        name = parameter["name"]
        if parameter["in"] == "query" and name not in sent or parameter["in"] == "header" and name.lower() not in headers:
            yield f"{operation.id}: no snapshot sends {name}"
