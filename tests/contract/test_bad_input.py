"""Whatever a client sends, the answer is never a 5xx: every field, parameter and body of every operation is tried.

The fields and parameters are read from the specification, so a new one is tried by itself. `THOROUGH=1` tries more.
"""

import copy
import json
import os
from urllib.parse import quote

import pytest

from smartskill.extensions import db
from tests.contract.access import expected
from tests.contract.calling import address, operations, specification
from tests.contract.company import found_company
from tests.contract.requests import REQUESTS, filled
from tests.contract.test_specification import leaves

THOROUGH = bool(os.environ.get("THOROUGH"))
NUL, LONE, RTL = "a\0b", "\ud800", "‮שלום‬ \u200f٣"
VALUES = (
    NUL, LONE, RTL, "", "x" * 100_000, "\r\nBcc: a@example.com", "9999-12-31", "１２３", 10**20, 2**31, -1, 0.1, True,
    None, [], {}, [None],
)  # fmt: skip
MORE_VALUES = (
    " ", "😀" * 5_000, "'; DROP TABLE users; --", "../../etc/passwd", "${7*7}", "%00", "2026-02-30", "0000-00-00",
    "null", -(10**20), 2**63, 0, 1e300, -0.0, [[]], {"$ne": 1}, ["x"] * 1_000,
)  # fmt: skip
BODIES = (
    b"", b"{", b"null", b"[]", b"1e400", b'{"a":NaN}', b"\xff\xfe", b"\x00", b"[" * 5_000, b'{"a":' * 3_000,
    b"[" * 60 + b"]" * 60, b'{"a":1,"a":2}', b'{"\\ud800":1}', b"[" + b"{}," * 5_000 + b"{}]",
)  # fmt: skip
MORE_BODIES = (
    b'"x"', b'{"a":-Infinity}', b'{"a":' * 200 + b"1" + b"}" * 200, b'{"' + b"k" * 100_000 + b'":1}',
    b"[" + b"{}," * 50_000 + b"{}]", b"{" + b",".join(b'"k%d":1' % number for number in range(20_000)) + b"}",
)  # fmt: skip
TEXTS = (NUL, LONE, RTL, "", "x" * 5_000, "1" * 30, "-1", "1e400", "9999-12-31", "２", "me\n", "%")
MORE_TEXTS = ("NaN", "[]", "{}", "true", "me", "'", "\\", "*", "0", "null", "..", "<script>")
PART = b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n\0\r\n--x--'
HEADERS = (("If-Match", '"\xff'), ("If-Match", "W/"), ("Idempotency-Key", "x" * 5_000), ("Accept", ";;;"))
if THOROUGH:
    VALUES, BODIES, TEXTS = (*VALUES, *MORE_VALUES), (*BODIES, *MORE_BODIES), (*TEXTS, *MORE_TEXTS)
EXPECTED = expected()


@pytest.fixture(scope="module")
def spec(app):
    return specification(app)


@pytest.fixture(scope="module")
def known(spec):
    return {operation.id: operation for operation in operations(spec)}


OPERATIONS = [name for name in EXPECTED if ":" not in name]
WITH_JSON = [name for name in OPERATIONS if "json" in REQUESTS.get(name, {})]
WITH_BODY = [name for name in OPERATIONS if {"json", "form", "file"} & set(REQUESTS.get(name, {}))]


class Attack:
    """Sends what one operation should refuse, each time to the same rows, and notes what was answered with a 5xx."""

    def __init__(self, client, operation):
        self.client, self.operation, self.company = client, operation, found_company()
        row = EXPECTED[operation.id]
        who = next((who for who in ("own", "hr", "admin") if row.get(who) in (200, 202)), "own")
        self.headers = self.company.headers[who]
        self.connection, self.broken = db.engine, []

    def send(self, what, *, path=None, headers=None, **more):
        db.session.commit()
        point = self.connection.begin_nested()
        answer = self.client.open(
            path or address(self.operation, self.company),
            method=self.operation.method.upper(),
            headers={**self.headers, **(headers or {})},
            **more,
        )
        db.session.rollback()
        db.session.expire_all()
        point.rollback()
        if answer.status_code >= 500:
            self.broken.append((what, answer.status_code))
        return answer


def put_at(body, path, value):
    """A copy of the body with a value at a place, which is made if it is not there."""
    changed = copy.deepcopy(body)
    place = changed
    for number, part in enumerate(path):
        key = int(part) if isinstance(place, list) else part
        if number == len(path) - 1:
            place[key] = value
        elif isinstance(place, list):
            place = place[key]
        else:
            place = place.setdefault(key, [{}] if path[number + 1].isdigit() else {})
    return changed


def test_every_operation_that_takes_a_body_is_tried(known):
    bodies = {
        name: operation.facts["requestBody"]["content"]
        for name, operation in known.items()
        if "requestBody" in operation.facts
    }
    assert set(WITH_BODY) == set(bodies)
    assert set(WITH_JSON) == {name for name, content in bodies.items() if "application/json" in content}


@pytest.mark.parametrize("name", WITH_JSON)
def test_no_field_of_the_body_breaks_it(client, spec, known, name):
    operation = known[name]
    attack = Attack(client, operation)
    body = filled(REQUESTS[name]["json"], attack.company.names)
    schema = operation.facts["requestBody"]["content"]["application/json"]["schema"]
    for path, leaf in leaves(spec, schema):
        if leaf.get("readOnly"):
            continue
        for value in VALUES:
            sent = put_at(body, path, value) if path else value
            what = (".".join(path), str(value)[:40])
            answer = attack.send(what, data=json.dumps(sent), content_type="application/json")
            if value in (NUL, LONE):
                assert answer.status_code in (400, 403, 409), (path, value, answer.status_code)
    assert attack.broken == []


@pytest.mark.parametrize("name", WITH_BODY)
def test_no_body_breaks_it(client, known, name):
    attack = Attack(client, known[name])
    for raw in BODIES:
        answer = attack.send(raw[:40], data=raw, content_type="application/json")
        assert answer.status_code < 300 or answer.mimetype in ("application/problem+json", "text/html")
    for kind in ("text/plain", "application/xml", "multipart/form-data", "multipart/form-data; boundary=x", "x", ""):
        attack.send(kind, data=PART, content_type=kind)
    for header, value in HEADERS:
        attack.send(header, data=b"{}", content_type="application/json", headers={header: value})
    assert attack.broken == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_no_parameter_breaks_it(client, known, name):
    operation = known[name]
    attack = Attack(client, operation)
    right = address(operation, attack.company)
    parameters = [part["name"] for part in operation.facts.get("parameters", []) if part["in"] == "query"]
    for parameter in [*parameters, "unheard_of"]:
        for text in TEXTS:
            query = f"{quote(parameter)}={quote(text, errors='surrogatepass')}"
            attack.send((parameter, text[:40]), path=f"{right}?{query}")
        attack.send((parameter, "twice"), path=f"{right}?{parameter}=1&{parameter}=2")
    for parameter in operation.parameters:
        for text in TEXTS:
            values = {**attack.company.names, parameter: quote(text, safe="", errors="surrogatepass") or "x"}
            path = operation.path.format_map({name: values.get(name) for name in operation.parameters})
            attack.send((parameter, text[:40]), path=path)
    assert attack.broken == []
