"""Each parameter of each reading operation does what it says when it is right: alone, and all of them together."""

import pytest

from smartskill.extensions import db
from tests.contract.access import expected
from tests.contract.calling import address, operations, specification
from tests.contract.company import found_company
from tests.contract.requests import REQUESTS, filled

READING = [
    name
    for name, row in expected().items()
    if name.startswith(("list", "get")) and ":" not in name and row.get("own") == 200
]
ASKERS = ("own", "boss", "hr")


@pytest.fixture(scope="module")
def known(app):
    return {operation.id: operation for operation in operations(specification(app))}


def right_values(parameter, names):
    """Values that a parameter must take, by its description."""
    name, schema = parameter["name"], parameter["schema"]
    kinds = {schema.get("type")} | {choice.get("type") for choice in schema.get("anyOf", [])}
    if "enum" in schema:
        return schema["enum"]
    if "enum" in schema.get("items", {}):
        return schema["items"]["enum"]
    if name in names:
        return [names[name], *(["me"] if name == "user_id" else [])]
    if "boolean" in kinds:
        return ["true", "false"]
    if kinds & {"integer", "number"}:
        return sorted({schema.get("minimum", 1), max(schema.get("minimum", 1), min(schema.get("maximum", 1), 2))})
    if schema.get("format") == "date":
        return ["2024-05-01", "2030-01-31"]
    return ["engineer", "a%_\\b", "Ä ö"]


@pytest.mark.parametrize("name", READING)
def test_every_right_parameter_is_answered(app, client, known, name):
    operation, company = known[name], found_company()
    db.session.commit()
    names = {**company.names, "parent_id": company.names["category_id"], "manager_id": company.ids["boss"]}
    names |= filled(REQUESTS.get(name, {}).get("query", {}), company.names)
    parameters = [part for part in operation.facts.get("parameters", []) if part["in"] == "query"]
    choices = {part["name"]: right_values(part, names) for part in parameters}
    queries = [{key: value} for key, values in choices.items() for value in values]
    queries.append({key: values[0] for key, values in choices.items()})
    refused = [
        (who, query, answer.status_code, answer.json.get("errors"))
        for who in ASKERS
        if expected()[name].get(who, 200) == 200
        for query in queries
        if (
            answer := client.get(address(operation, company), query_string=query, headers=company.headers[who])
        ).status_code
        != 200
    ]
    assert refused == []
