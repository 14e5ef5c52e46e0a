"""A spec, read without any code of this workspace: what it declares, and the validator that holds messages to it."""

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Iterator

import yaml
from openapi_core import Config, OpenAPI

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

# What each extension means for a message. One that is not here stops the check.
EXTENSIONS = {
    "x-sdk-envelope": "the body is wrapped when the parameter is true",
    "x-sdk-bare-item": "a success body may be one item without its list",
    "x-sdk-lenient": "a value may have any type",
    "x-sdk-pagination": "names parameters and fields of a list: they must exist",
    "x-sdk-methods": "names the method of each media type: only the media types must exist",
    "x-sdk-quota": "names the path parameter that it is counted for: it must exist",
    "x-sdk-group": None,
    "x-sdk-idempotent": None,
    "x-sdk-stability": None,
    "x-sdk-role": None,
    "x-sdk-iam-action": None,
    "x-sdk-audit-event": None,
    "x-sdk-aliases": None,
    "x-sdk-id": None,
    "x-sdk-name": None,
    "x-sdk-guaranteed": None,
    "x-sdk-enum-names": None,
}


class Loader(yaml.SafeLoader):
    """YAML as OpenAPI documents use it: an unquoted date is a string."""


Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _integer(bits: int):
    return lambda value: isinstance(value, int) and -(2 ** (bits - 1)) <= value < 2 ** (bits - 1)


def _decimal(value: Any) -> bool:
    try:
        return Decimal(str(value)).is_finite()
    except InvalidOperation:
        return False


def _billing_month(value: Any) -> bool:
    return bool(re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", str(value)))


def _date(value: Any) -> bool:
    try:
        return len(value) == 10 and date.fromisoformat(value) is not None
    except ValueError:
        return False


def _date_time(value: Any) -> bool:
    try:
        datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return False
    return bool(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", value))


# Every format of the specs. One that is not here stops the check.
FORMATS = {
    "decimal": _decimal,
    "billing-month": _billing_month,
    "epoch-millis": _integer(64),
    "int32": _integer(32),
    "int64": _integer(64),
    "double": lambda value: isinstance(value, (int, float)),
    "date": _date,
    "date-time": _date_time,
    "password": lambda value: isinstance(value, str),
    "binary": lambda value: isinstance(value, (bytes, str)),
}


@dataclass(frozen=True)
class Operation:
    """An operation of the spec, its references resolved."""

    id: str
    method: str
    path: str
    parameters: list
    media_types: tuple
    statuses: tuple
    body: dict | None
    body_types: tuple
    raw: dict


class Spec:
    """A spec and its validator."""

    def __init__(self, path: Path):
        self.name = path.stem
        self.document = yaml.load(path.read_text(encoding="utf-8"), Loader)
        self.problems = list(self._unknown_words(self.document, "#"))
        self.host = self.document["servers"][0]["url"]
        self.operations = {operation.id: operation for operation in self._operations()}
        self.problems += self._dangling_names()
        media_types = {
            media_type
            for operation in self.document["paths"].values()
            for media_type in _media_types(operation)
            if media_type != "application/json"
        }
        config = Config(
            extra_format_validators=FORMATS,
            extra_media_type_deserializers={it: _json if it.endswith("json") else _text for it in media_types},
        )
        self.validator = OpenAPI.from_dict(_strict(self.document), config=config)

    def resolve(self, value: Any) -> Any:
        """What a value is, or refers to."""
        while isinstance(value, dict) and "$ref" in value:
            reference, value = value["$ref"], self.document
            for part in reference.removeprefix("#/").split("/"):
                value = value[part.replace("~1", "/").replace("~0", "~")]
        return value

    def schema(self, value: Any) -> dict:
        """A schema, through references and through `allOf` around one of them."""
        value = self.resolve(value)
        while "allOf" in value:
            value = self.resolve(value["allOf"][0])
        return value

    def success(self, operation: Operation) -> dict:
        """The documented response of a successful call, resolved."""
        status = next(status for status in operation.statuses if status.startswith("2"))
        return self.resolve(operation.raw["responses"][status])

    def success_schema(self, operation: Operation) -> dict:
        """The JSON schema of that, or an empty one."""
        for media_type, content in self.success(operation).get("content", {}).items():
            if media_type.endswith("json"):
                return self.schema(content["schema"])
        return {}

    def body_fields(self, schema: Any) -> int:
        """How many fields a request body has: its own, and those of the objects in it."""
        schema = self.schema(schema)
        if "items" in schema:
            return self.body_fields(schema["items"])
        properties = schema.get("properties", {})
        return sum(1 + self.body_fields(field) for field in properties.values())

    def counts(self) -> Iterator[str]:
        """What is counted, a line for each operation, in the order of their identifiers."""
        total = [0, 0]
        for operation in sorted(self.operations.values(), key=lambda operation: operation.id):
            fields = self.body_fields(operation.body) if operation.body else 0
            total = [total[0] + len(operation.parameters), total[1] + fields]
            yield f"{self.name} {operation.id} parameters {len(operation.parameters)} body-fields {fields}"
        yield f"{self.name} operations {len(self.operations)} parameters {total[0]} body-fields {total[1]}"

    def _operations(self) -> Iterator[Operation]:
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method not in item:
                    continue
                raw = item[method]
                parameters = [self.resolve(it) for it in item.get("parameters", []) + raw.get("parameters", [])]
                body = self.resolve(raw.get("requestBody"))
                content = body["content"] if body else {}
                responses = {status: self.resolve(response) for status, response in raw["responses"].items()}
                good = next(response for status, response in responses.items() if status.startswith("2"))
                yield Operation(
                    id=raw["operationId"],
                    method=method,
                    path=path,
                    parameters=parameters,
                    media_types=tuple(good.get("content", {})),
                    statuses=tuple(raw["responses"]),
                    body=next(iter(content.values()))["schema"] if content else None,
                    body_types=tuple(content),
                    raw=raw,
                )

    def _unknown_words(self, value: Any, place: str) -> Iterator[str]:
        if isinstance(value, list):
            for number, item in enumerate(value):
                yield from self._unknown_words(item, f"{place}/{number}")
        if not isinstance(value, dict):
            return
        for key, inner in value.items():
            if key in ("example", "examples", "default", "enum"):
                continue
            if isinstance(key, str) and key.startswith("x-") and key not in EXTENSIONS:
                yield f"{self.name} {place}: the extension {key} is unknown here: add it to EXTENSIONS"
            if key == "format" and isinstance(inner, str) and inner not in FORMATS:
                yield f"{self.name} {place}: the format {inner} is unknown here: add it to FORMATS"
            yield from self._unknown_words(inner, f"{place}/{key}")

    def _dangling_names(self) -> Iterator[str]:
        for operation in self.operations.values():
            names = {parameter["name"] for parameter in operation.parameters}
            paging = operation.raw.get("x-sdk-pagination", {})
            for key in ("token", "page", "size"):
                if key in paging and paging[key] not in names:
                    yield f"{operation.id}: x-sdk-pagination.{key} names no parameter: {paging[key]}"
            for key in ("items", "next-href", "next-token", "links"):
                schema = self.success_schema(operation)
                for part in paging.get(key, "").split(".") if key in paging else []:
                    schema = self.schema(schema.get("properties", {}).get(part, {}))
                    if not schema:
                        yield f"{operation.id}: x-sdk-pagination.{key} names no field: {paging[key]}"
            path_names = {parameter["name"] for parameter in operation.parameters if parameter["in"] == "path"}
            scope = operation.raw.get("x-sdk-quota", {}).get("scope")
            if scope is not None and scope not in path_names:
                yield f"{operation.id}: x-sdk-quota.scope names no path parameter: {scope}"
            for media_type in operation.raw.get("x-sdk-methods", {}):
                if media_type not in operation.media_types:
                    yield f"{operation.id}: x-sdk-methods names no media type of the response: {media_type}"


def _media_types(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _media_types(item)
    elif isinstance(value, dict):
        if isinstance(value.get("content"), dict):
            yield from value["content"]
        for inner in value.values():
            yield from _media_types(inner)


def _json(body: bytes, **_: str) -> Any:
    return json.loads(body)


def _text(body: bytes, **_: str) -> str:
    """The body of a media type without a structure. Of bytes, each is a character."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("latin-1")


def _strict(value: Any) -> Any:
    """The document with two changes: an object has no field that its schema does not name, and a value that is read
    leniently may be of any type."""
    if isinstance(value, list):
        return [_strict(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("x-sdk-lenient"):
        return {"description": value.get("description", ""), "nullable": True}
    strict = {key: inner if key in ("example", "default", "enum") else _strict(inner) for key, inner in value.items()}
    if value.get("type") == "object" and isinstance(value.get("properties"), dict):
        strict.setdefault("additionalProperties", False)
    return strict
