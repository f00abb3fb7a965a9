"""The table of who may do what holds, over HTTP and on real rows; an operation without a row in it fails."""

import pytest

from smartskill.extensions import db
from tests.contract.access import ROWS, expected
from tests.contract.calling import call, operations, specification
from tests.contract.company import found_company

EXPECTED = expected()


@pytest.fixture(scope="module")
def known(app):
    """The operations of the specification by their ids."""
    return {operation.id: operation for operation in operations(specification(app))}


def test_every_operation_has_a_row_and_every_row_an_operation(known):
    assert {name.partition(":")[0] for name in EXPECTED} == set(known)
    assert {name for name in EXPECTED if ":" in name} == set(ROWS)


@pytest.mark.parametrize("name", EXPECTED)
def test_the_row_holds(app, client, known, name):
    company, connection = found_company(), db.engine
    answered = {}
    for who in EXPECTED[name]:
        db.session.commit()
        point = connection.begin_nested()  # each asks of the same company
        answered[who] = call(client, known[name.partition(":")[0]], company, who, row=ROWS.get(name)).status_code
        db.session.rollback()
        db.session.expire_all()
        point.rollback()
    assert answered == EXPECTED[name]


def test_the_hidden_and_the_missing_look_the_same(app, client, known):
    company = found_company()
    for hidden in ("getExperience:hidden", "getQualification:hidden"):
        operation = known[hidden.partition(":")[0]]
        missing = dict.fromkeys(operation.parameters, 2000000000)
        one, other = (call(client, operation, company, "other", row=row) for row in (ROWS.get(hidden), missing))
        assert one.status_code == other.status_code == 404
        assert {**one.json, "request_id": ""} == {**other.json, "request_id": ""}
