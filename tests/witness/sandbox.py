"""Every answer of the sandbox, asked for with plain HTTP, against the specs."""

import csv
import gzip
import http.client
import json
import subprocess
from dataclasses import dataclass
from typing import Any, Iterator
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from openapi_core.testing import MockResponse

from spec import Operation, Spec
from wire import Request, describe

# The variable with the address of each service.
ADDRESSES = {
    "atlas-billing": "MONGODB_ATLAS_BASE_URL",
    "ibm-usage-reports": "USAGE_REPORTS_URL",
    "ibm-enterprise": "ENTERPRISE_USAGE_REPORTS_URL",
}


# The variable of the estate with the value of a parameter.
KNOWN = {
    "orgId": "MONGODB_ATLAS_ORG_ID",
    "invoiceId": "MONGODB_ATLAS_INVOICE_ID",
    "account_id": "USAGE_REPORTS_ACCOUNT_ID",
    "resource_group_id": "USAGE_REPORTS_RESOURCE_GROUP_ID",
    "organization_id": "USAGE_REPORTS_ORG_ID",
    "billingmonth": "USAGE_REPORTS_BILLING_MONTH",
    "month": "USAGE_REPORTS_BILLING_MONTH",
}

# Operations that need one of several parameters, of which the spec requires none: the one that is sent.
ONE_OF = {"get_resource_usage_report": "account_id"}

# A parameter whose value another operation hands out: that operation, and the field.
HANDED_OUT = {
    "token": ("createCostExplorerProcess", "token"),
    "reportId": ("createOrgInvoiceReport", "reportId"),
}

# Operations that change what the others see come last, in this order.
LAST = ["delete_reports_snapshot_config", "create_reports_snapshot_config"]

# An identifier that no record has, by the parameter that takes it.
ABSENT = {"orgId": "f" * 24, "invoiceId": "f" * 24, "skuId": "NO_SUCH_SKU", "token": "f" * 64, "reportId": "f" * 24}


def cursor(page: Any, paging: dict[str, str]) -> str | None:
    """The cursor of the next page: by itself, or in the query of a link."""
    found = page
    for part in paging.get("next-token", paging.get("next-href", "")).split("."):
        found = (found or {}).get(part)
    if found is None or "next-token" in paging:
        return found
    return parse_qs(urlsplit(found).query).get(paging["token"], [None])[0]


# What irregular bills have and specs have not, and what specs require and irregular bills may lack.
UNKNOWN = ("billingSource", "billing_source")
MISSING = ("metric", "rated_cost", 0)


def without_irregular_fields(value: Any) -> Any:
    """A value without its unknown fields, and with those that it lacks."""
    if isinstance(value, list):
        return [without_irregular_fields(item) for item in value]
    if not isinstance(value, dict):
        return value
    value = {name: without_irregular_fields(field) for name, field in value.items() if name not in UNKNOWN}
    marker, name, default = MISSING
    return {name: default, **value} if marker in value else value


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict
    body: bytes

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip()


class Sandbox:
    """A running sandbox and what was asked of it."""

    def __init__(self, binary: str, arguments: list):
        self.label = " ".join(["sandbox", *arguments])
        self.process = subprocess.Popen([binary, "sandbox", "serve", *arguments], stdout=subprocess.PIPE, text=True)
        self.variables = {}
        for line in self.process.stdout:
            if line.startswith("export "):
                name, _, value = line.removeprefix("export ").strip().partition("=")
                self.variables[name] = value
            if line.startswith("# Running"):
                break
        else:
            raise SystemExit(f"{self.label} has ended")
        self.answers = 0
        self.called = set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def ask(self, spec: Spec, method: str, target: str, headers: dict, body: bytes | None) -> Answer:
        """Sends a request and reads the answer."""
        address = urlsplit(self.variables[ADDRESSES[spec.name]])
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
        try:
            connection.request(method.upper(), target, body=body, headers=headers)
            response = connection.getresponse()
            headers = {name.lower(): value for name, value in response.getheaders()}
            # An interim status: the body of the final answer is not awaited.
            content = b"" if response.status < 200 else response.read()
            self.answers += 1
            return Answer(response.status, headers, content)
        finally:
            connection.close()


class Caller:
    """The calls of one service on one sandbox."""

    def __init__(self, sandbox: Sandbox, spec: Spec, estate: bool):
        self.sandbox = sandbox
        self.spec = spec
        self.values: dict = {}
        self.estate = estate
        self.results: dict = {}

    def value(self, operation: Operation, parameter: dict) -> Any:
        """The value of a required parameter."""
        name = parameter["name"]
        if name in HANDED_OUT:
            source, field = HANDED_OUT[name]
            return self.results[source][field]
        if name == "skuId" and self.estate:
            return self.results["listSkus"]["results"][0]["id"]
        if self.estate and name in KNOWN:
            return self.sandbox.variables[KNOWN[name]]
        return parameter["example"]

    def body(self, operation: Operation) -> dict | None:
        """The body of an operation that has one."""
        account = self.sandbox.variables.get("USAGE_REPORTS_ACCOUNT_ID") if self.estate else "a" * 32
        end = self.sandbox.variables["USAGE_REPORTS_BILLING_MONTH"] if self.estate else "2026-10"
        year, month = map(int, end.split("-"))
        start = f"{year - (month == 1)}-{(month - 2) % 12 + 1:02}"
        return {
            "createCostExplorerProcess": {"startDate": f"{start}-01", "endDate": f"{end}-01"},
            "searchInvoiceLineItems": {},
            "createOrgInvoiceReport": {"reportType": "FOCUS", "reportFormat": "CSV"},
            "generateInvoiceReport": {},
            "create_reports_snapshot_config": {
                "account_id": account,
                "interval": "daily",
                "cos_bucket": "bucket",
                "cos_location": "us-south",
            },
            "update_reports_snapshot_config": {"account_id": account, "cos_bucket": "bucket"},
            "validate_reports_snapshot_config": {"account_id": account},
        }.get(operation.id)

    def call(self, operation: Operation, *, accept: str | None = None, query: dict | None = None,
             replace: dict | None = None, without: str | None = None) -> tuple:
        """Calls an operation with what it requires and these changes. Gives the request and the answer."""
        path, asked = operation.path, dict(query or {})
        for parameter in operation.parameters:
            if not parameter.get("required") and ONE_OF.get(operation.id) != parameter["name"]:
                continue
            value = str((replace or {}).get(parameter["name"]) or self.value(operation, parameter))
            if parameter["in"] == "path":
                path = path.replace("{" + parameter["name"] + "}", quote(value, safe=""))
            elif parameter["in"] == "query":
                asked.setdefault(parameter["name"], value)
        target = path + ("?" + urlencode(asked) if asked else "")
        headers = {"accept": accept or (operation.media_types or ("application/json",))[0], "authorization": "Bearer t"}
        body = self.body(operation)
        data = None
        if body is not None:
            headers["content-type"] = operation.body_types[0]
            data = json.dumps(body).encode()
        if without:
            del headers[without]
        answer = self.sandbox.ask(self.spec, operation.method, target, headers, data)
        # A query or a report may take some polls.
        for _ in range(20):
            if answer.status != 102:
                break
            answer = self.sandbox.ask(self.spec, operation.method, target, headers, data)
        return Request(self.spec.host, operation.method, target, headers, data or b""), answer

    def success(self, operation: Operation) -> Iterator[str]:
        """Every form of a successful answer."""
        declared = {parameter["name"] for parameter in operation.parameters}
        media_types = operation.media_types or (None,)
        for media_type in media_types:
            yield from self.expect_success(operation, media_type, {})
        json_type = next((it for it in media_types if it and it.endswith("json")), None)
        variants = [
            {name: "true" for name in names if name in declared}
            for names in (["pretty"], ["envelope"], ["includeCount"], ["_names", "_tags"])
        ]
        for query in filter(None, variants if json_type else []):
            yield from self.expect_success(operation, json_type, query)
        yield from self.pages(operation, json_type)

    def expect_success(self, operation: Operation, media_type: str | None, query: dict) -> Iterator[str]:
        if operation.id in LAST and query:
            return
        request, answer = self.call(operation, accept=media_type, query=query)
        label = f"{operation.id}, {media_type}, {query}"
        if not 200 <= answer.status < 300:
            yield f"{label}: status {answer.status}: {answer.body[:300]!r}"
            return
        self.sandbox.called.add((operation.id, media_type))
        yield from (f"{label}: {problem}" for problem in self.check(operation, request, answer, "envelope" in query))

    def pages(self, operation: Operation, media_type: str | None) -> Iterator[str]:
        """The second page of a list."""
        paging = operation.raw.get("x-sdk-pagination")
        if paging is None or not self.estate:
            return
        query = {paging["size"]: "1"}
        request, first = self.call(operation, accept=media_type, query=query)
        yield from (f"{operation.id}, first page: {it}" for it in self.check(operation, request, first, False))
        if paging["style"] == "page-number":
            query[paging["page"]] = "2"
        else:
            token = cursor(json.loads(first.body), paging)
            if token is None:
                return
            query[paging["token"]] = token
        request, second = self.call(operation, accept=media_type, query=query)
        if second.status != 200:
            yield f"{operation.id}, second page: status {second.status}: {second.body[:300]!r}"
        yield from (f"{operation.id}, second page: {it}" for it in self.check(operation, request, second, False))

    def errors(self, operation: Operation) -> Iterator[str]:
        """Some refusals: each has the one error schema of the service."""
        calls = [("no credential", 401, {"without": "authorization"}), ("an undeclared parameter", 400, {"query": {"x_y": "1"}})]
        if operation.media_types:
            calls.append(("no such media type", 406, {"accept": "application/xml"}))
        last = operation.path.rsplit("{", 1)[-1].partition("}")[0]
        if self.estate and last in ABSENT:
            calls.append(("no such record", 404, {"replace": {last: ABSENT[last]}}))
        for label, status, change in calls:
            yield from self.expect_error(operation, label, status, change)

    def expect_error(self, operation: Operation, label: str, status: int, change: dict) -> Iterator[str]:
        request, answer = self.call(operation, **change)
        if answer.status != status:
            yield f"{operation.id}, {label}: status {answer.status}, not {status}: {answer.body[:300]!r}"
            return
        # No operation documents the statuses of the protocol, such as 406. Their body must be that of a 401.
        documented = answer.status if str(answer.status) in operation.statuses else 401
        answer = Answer(documented, answer.headers, answer.body)
        yield from (f"{operation.id}, {label}: {it}" for it in self.check(operation, request, answer, False))

    def check(self, operation: Operation, request: Request, answer: Answer, envelope: bool) -> Iterator[str]:
        """What the spec does not allow about an answer."""
        body = answer.body
        if answer.media_type.endswith("json"):
            value = json.loads(body)
            if envelope:
                # A list is its own envelope: its page has the status as well.
                is_page = "results" in self.spec.success_schema(operation).get("properties", {})
                if value.pop("status", None) != answer.status or (not is_page and set(value) != {"content"}):
                    yield f"this is no envelope: {sorted(value)}"
                    return
                value = value if is_page else value["content"]
            bare = self.spec.success_schema(operation).get("x-sdk-bare-item")
            if bare and bare["items"] not in value and any(marker in value for marker in bare["markers"]):
                value = {bare["items"]: [value]}
            if "--irregular" in self.sandbox.label:
                value = without_irregular_fields(value)
            body = json.dumps(value).encode()
            if 200 <= answer.status < 300:
                self.results[operation.id] = value
        elif answer.media_type.endswith(("csv", "gzip")):
            text = gzip.decompress(body) if answer.media_type.endswith("gzip") else body
            rows = list(csv.reader(text.decode("utf-8").splitlines(), strict=True))
            if len(rows) < 2:
                yield f"a table of {len(rows)} rows"
        response = MockResponse(body, answer.status, answer.headers, answer.media_type)
        for error in self.spec.validator.response_validator.iter_errors(request, response):
            yield describe(error)


def in_order(spec: Spec) -> list:
    """The operations, those last that change what others see."""
    return sorted(spec.operations.values(), key=lambda it: LAST.index(it.id) if it.id in LAST else -1)


def check(specs: list, binary: str) -> Iterator[str]:
    """Everything that is wrong with the answers, and what was not answered."""
    estate = ["--size", "40", "--processing", "0"]
    # What is irregular about a bill depends on the seed.
    irregular = [[*estate, "--irregular", "--seed", str(seed)] for seed in range(1, 7)]
    for arguments in (["--examples"], [*estate, "--seed", "5"], *irregular):
        with Sandbox(binary, arguments) as sandbox:
            for spec in specs:
                caller = Caller(sandbox, spec, estate="--examples" not in arguments)
                for operation in in_order(spec):
                    for problem in [*caller.success(operation), *caller.errors(operation)]:
                        yield f"{sandbox.label}: {problem}"
                for operation in spec.operations.values():
                    for media_type in operation.media_types or (None,):
                        if (operation.id, media_type) not in sandbox.called:
                            yield f"{sandbox.label}: {operation.id} has no answer in {media_type}"
            print(f"{sandbox.label}: {sandbox.answers} answers of {len(sandbox.called)} operations by media type")
    # An error that the service makes for every operation.
    with Sandbox(binary, ["--examples", "--fault", "500:every=1"]) as sandbox:
        for spec in specs:
            caller = Caller(sandbox, spec, estate=False)
            caller.results = {"createCostExplorerProcess": {"token": "f" * 64}, "createOrgInvoiceReport": {"reportId": "f" * 24}}
            for operation in spec.operations.values():
                for problem in caller.expect_error(operation, "a fault", 500, {}):
                    yield f"{sandbox.label}: {problem}"
        print(f"{sandbox.label}: {sandbox.answers} answers")
