"""The operations of the specification, and how one of them is asked."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.contract.company import Company
from tests.contract.requests import REQUESTS, filled

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Operation:
    """One operation of the specification."""

    id: str
    method: str
    path: str
    facts: dict[str, Any]

    @property
    def parameters(self) -> list[str]:
        """The names in its path."""
        return [part[1:-1] for part in self.path.split("/") if part.startswith("{")]


def specification(app: Flask) -> dict[str, Any]:
    """What the application serves as its specification."""
    return FlaskClient(app, app.response_class).get("/api/openapi.json").json


def operations(spec: dict[str, Any]) -> list[Operation]:
    """Every operation of a specification."""
    return [
        Operation(facts["operationId"], method, path, facts)
        for path, item in spec["paths"].items()
        for method, facts in item.items()
        if method in METHODS
    ]


def address(operation: Operation, company: Company, row: dict[str, Any] | None = None) -> str:
    """The operation's path, naming rows that exist (or another `row`)."""
    chosen = filled(row or REQUESTS.get(operation.id, {}).get("path", {}), company.names)
    values = {name: chosen.get(name, company.names.get(name)) for name in operation.parameters}
    return operation.path.format_map(values)


def call(
    client: FlaskClient, operation: Operation, company: Company, who: str, row: dict[str, Any] | None = None
) -> TestResponse:
    """Ask for the operation as one of the company's people."""
    request = filled(REQUESTS.get(operation.id, {}), company.names)
    more: dict[str, Any] = {"headers": company.headers[who], "query_string": request.get("query")}
    if "json" in request:
        more["json"] = request["json"]
    if "form" in request:
        more["data"] = request["form"]
    if "file" in request:
        name, content = request["file"]
        more["data"] = {"file": (BytesIO(content), name)}
    return client.open(address(operation, company, row), method=operation.method.upper(), **more)
