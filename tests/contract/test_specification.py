"""The specification names every route, and says of each what a client needs to know."""

import re

import pytest

from smartskill.kit.blueprint import Blueprint
from tests.contract.calling import METHODS, operations, specification


@pytest.fixture(scope="module")
def spec(app):
    return specification(app)


def routes(app):
    """Method and path of every route of a feature, as the specification writes them."""
    blueprints = {blueprint.name for blueprint in app.blueprints.values() if isinstance(blueprint, Blueprint)}
    for rule in app.url_map.iter_rules():
        if rule.endpoint.rpartition(".")[0] in blueprints:
            path = re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", r"{\1}", rule.rule)
            yield from ((method.lower(), path) for method in rule.methods if method.lower() in METHODS)


def test_the_routes_are_those_of_the_specification(app, spec):
    assert sorted(routes(app)) == sorted((operation.method, operation.path) for operation in operations(spec))


def test_it_is_valid(spec):
    pytest.importorskip("openapi_spec_validator", reason="in requirements-dev.txt").validate(spec)


def test_every_operation_has_an_id_of_its_own_a_summary_and_a_tag(spec):
    found = operations(spec)
    assert len({operation.id for operation in found}) == len(found)
    assert [operation.id for operation in found if not operation.facts.get("summary", "").strip()] == []
    tags = {tag["name"] for tag in spec["tags"] if tag["description"].strip()}
    assert {tag for operation in found for tag in operation.facts["tags"]} <= tags


def test_every_operation_declares_its_errors(spec):
    for operation in operations(spec):
        assert {"400", "406", "429", "503", "default"} <= set(operation.facts["responses"]), operation.id
        if operation.facts.get("security") != []:
            assert {"401", "403"} <= set(operation.facts["responses"]), operation.id


def bodies(spec):
    """Operation and schema of every JSON body."""
    for operation in operations(spec):
        content = operation.facts.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            yield operation.id, resolved(spec, content["application/json"]["schema"])


def resolved(spec, schema):
    while "$ref" in schema:
        schema = spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def leaves(spec, schema, path=()):
    """Every value that a schema describes, with its place."""
    schema = resolved(spec, schema)
    if "items" in schema:
        yield path, schema
        yield from leaves(spec, schema["items"], (*path, "0"))
    elif "properties" in schema:
        for name, inner in schema["properties"].items():
            yield from leaves(spec, inner, (*path, name))
    else:
        yield path, schema


def kinds(schema):
    given = schema.get("type", [])
    return {given} if isinstance(given, str) else set(given)


def test_everything_a_client_sends_has_a_ceiling(spec):
    unbounded = []
    for operation_id, schema in bodies(spec):
        for path, leaf in leaves(spec, schema):
            if leaf.get("readOnly") or "enum" in leaf or "const" in leaf:
                continue
            if "string" in kinds(leaf) and not {"maxLength", "format", "pattern"} & set(leaf):
                unbounded.append((operation_id, path))
            if "array" in kinds(leaf) and "maxItems" not in leaf:
                unbounded.append((operation_id, path))
            if kinds(leaf) & {"integer", "number"} and not {"minimum", "maximum"} <= set(leaf):
                unbounded.append((operation_id, path))
    assert unbounded == []


def test_every_body_has_an_example(spec):
    without = [
        operation_id
        for operation_id, schema in bodies(spec)
        if "example" not in schema and not any("example" in leaf for _, leaf in leaves(spec, schema))
    ]
    assert without == []


def test_a_planted_gap_is_seen(spec):
    planted = {"paths": {"/x": {"post": {
        "operationId": "planted",
        "requestBody": {"content": {"application/json": {"schema": {"properties": {"name": {"type": "string"}}}}}},
    }}}, "components": {"schemas": {}}}  # fmt: skip
    assert [path for _, schema in bodies(planted) for path, _ in leaves(planted, schema)] == [("name",)]
    with pytest.raises(AssertionError):
        test_everything_a_client_sends_has_a_ceiling(planted)
    with pytest.raises(AssertionError):
        test_every_body_has_an_example(planted)
