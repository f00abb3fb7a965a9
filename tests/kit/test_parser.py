"""What is wrong in itself is refused with 400, every field named; nothing that a client sends is a 5xx."""

import json
from io import BytesIO

import pytest
from marshmallow import ValidationError

from tests.factories import make_user, sign_in
from tests.kit.things import WideSchema

WIDE = "/api/things/wide"


@pytest.fixture
def headers(app):
    """Those of someone signed in."""
    return sign_in(make_user())


def send(quick, body, kind="application/json", **more):
    return quick.post(WIDE, data=body, content_type=kind, **more)


def test_an_absent_body_is_an_empty_object(quick):
    assert quick.post(WIDE).json == {}


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "[1",
        "NaN",
        '{"share": NaN}',
        '{"share": Infinity}',
        '{"share": 1e400}',
        '{"text": "\\ud800"}',
        '{"text": "\\udc00\\ud800"}',
        b'{"text": "\xed\xa0\x80"}',
        b'{"text": "\xff"}',
        b"\xef\xbb\xbf{}",
        b"\x00",
        "[" * 5_000,
        '{"a":' * 200 + "1" + "}" * 200,
        "1" * 5_000,
        '{"text": "a", "text": "b"}',
        '{"parts": [{"level": 1, "level": 2}]}',
        "[]",
        "null",
        '"text"',
        "7",
    ],
)
def test_broken_json_is_400(quick, body):
    answer = send(quick, body)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert answer.json["errors"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", "a\0b"),
        ("text", ""),
        ("text", " \t\n"),
        ("text", "x" * 21),
        ("text", 7),
        ("text", None),
        ("text", ["a"]),
        ("whole", 11),
        ("whole", -1),
        ("whole", 2.5),
        ("whole", "3"),
        ("whole", True),
        ("whole", 10**20),
        ("whole", -(10**300)),
        ("share", 1.1),
        ("share", "0.5"),
        ("share", False),
        ("flag", 1),
        ("flag", "true"),
        ("day", "2026-02-30"),
        ("day", "1899-12-31"),
        ("day", "20260101"),
        ("day", "２０２６-01-01"),
        ("day", "2026-01-01T00:00:00"),
        ("instant", "2026-01-01T00:00:00"),
        ("instant", "0001-01-01T00:00:00+14:00"),
        ("instant", "9999-12-31T23:59:59-14:00"),
        ("start", "2026-13"),
        ("start", "2026\n"),
        ("start", "1066"),
        ("start", "２０２６"),
        ("start", 2026),
        ("parts", {}),
        ("parts", [{"level": 1}] * 11),
        ("parts", [None]),
    ],
)
def test_a_wrong_value_is_400_and_named(quick, field, value):
    answer = send(quick, json.dumps({field: value}))
    assert answer.status_code == 400
    assert all(name.split(".")[0] == field for name in answer.json["errors"])


@pytest.mark.parametrize(
    ("given", "answered"),
    [
        ({"text": "  a  "}, {"text": "a"}),
        ({"blank": ""}, {"blank": ""}),
        ({"text": "‮שלום‬ 😀"}, {"text": "‮שלום‬ 😀"}),
        ({"whole": 3.0}, {"whole": 3}),
        ({"share": 1}, {"share": 1.0}),
        ({"instant": "2026-06-01T12:00:00+02:00"}, {"instant": "2026-06-01T10:00:00Z"}),
        ({"start": "2026-05"}, {"start": "2026-05"}),
        ({"day": "2024-02-29"}, {"day": "2024-02-29"}),
        ({"parts": [{"level": 5}]}, {"parts": [{"level": 5}]}),
    ],
)
def test_a_right_value_is_taken(quick, given, answered):
    assert send(quick, json.dumps(given)).json == answered


def test_the_place_of_an_error_is_its_path(quick):
    answer = send(quick, '{"parts": [{"level": 1}, {"level": 9}, {}]}')
    assert set(answer.json["errors"]) == {"parts.1.level", "parts.2.level"}


def test_an_unknown_field_is_told_its_likely_name(quick):
    answer = send(quick, '{"organization": "Acme", "zzz": 1, "parts": [{"levell": 1}]}')
    assert answer.json["errors"] == {
        "organization": ["Unknown field: did you mean `organisation`?"],
        "zzz": ["Unknown field."],
        "parts.0.level": ["Missing data for required field."],
        "parts.0.levell": ["Unknown field: did you mean `level`?"],
    }


def test_a_read_only_field_is_refused_as_such(quick):
    assert send(quick, '{"made_at": "2026-01-01T00:00:00Z"}').json["errors"] == {
        "made_at": ["This field is read-only."]
    }


def test_a_thousand_unknown_fields_are_answered_briefly(quick):
    body = {f"{'x' * 1_000}{number}": 1 for number in range(500)}
    answer = send(quick, json.dumps(body))
    assert answer.status_code == 400
    assert len(answer.data) < 20_000


def test_many_repeated_keys_cost_little(quick):
    body = "{" + ",".join(f'"k{number}":1' for number in [*range(40_000), *range(40_000)]) + "}"
    answer = send(quick, body)
    assert answer.status_code == 400
    assert len(answer.json["errors"]) <= 100


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/json", ""]
)
def test_another_content_type_is_415(quick, kind):
    assert send(quick, "{}", kind).status_code == 415


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "application/merge-patch+json"])
def test_json_of_any_kind_is_taken(quick, kind):
    assert send(quick, "{}", kind).status_code == 200


def test_a_body_above_the_ceiling_is_413(quick, kit_app):
    body = json.dumps({"text": "x" * kit_app.config["MAX_BODY_BYTES"]})
    assert send(quick, body).status_code == 413
    stream, ended = BytesIO(body.encode()), {"wsgi.input_terminated": True}  # as a server gives a chunked body
    assert send(quick, None, input_stream=stream, environ_overrides=ended).status_code == 413
    assert send(quick, "x" * (kit_app.config["MAX_CONTENT_LENGTH"] + 1)).status_code == 413


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("page=0", {"page"}),
        ("page=1.5", {"page"}),
        ("page=100000000000000000000", {"page"}),
        ("page=%D9%A3", {"page"}),
        ("page=1&page=2", {"page"}),
        ("page_size=101", {"page_size"}),
        ("pages=2", {"pages"}),
        ("sort=nmae", {"sort"}),
        ("sort=--name", {"sort"}),
        ("sort=name%0A", {"sort"}),
        ("q=a%00b", {"q"}),
        ("ids=0", {"ids.0"}),
        ("ids=1&ids=x", {"ids.1"}),
    ],
)
def test_a_wrong_query_is_400_and_named(quick, headers, query, fields):
    answer = quick.get(f"/api/things/?{query}", headers=headers)
    assert answer.status_code == 400
    assert set(answer.json["errors"]) == fields


def test_a_list_in_a_query_is_a_repeated_key(quick, headers):
    assert quick.get("/api/things/?ids=1&ids=2&sort=-id", headers=headers).status_code == 200


def test_an_operation_without_a_query_takes_none(quick, headers):
    answer = quick.get("/api/things/1?verbose=1", headers=headers)
    assert (answer.status_code, answer.json["errors"]) == (400, {"verbose": ["Unknown field."]})


@pytest.mark.parametrize("thing_id", ["0", "-1", "2147483648", "1" * 50, "x", "1.5", "%00", "%D9%A3"])
def test_a_path_that_names_no_id_is_404(quick, headers, thing_id):
    answer = quick.get(f"/api/things/{thing_id}", headers=headers)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_a_patch_may_leave_out_fields_but_not_inside_of_others():
    assert WideSchema(partial=True).load({}) == {}
    with pytest.raises(ValidationError) as caught:
        WideSchema(partial=True).load({"parts": [{"level": 1}, {}]})
    assert caught.value.messages == {"parts": {1: {"level": ["Missing data for required field."]}}}
