"""A `POST` repeated with its key is done once, and answered the same each time."""

from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import func, select, update

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.models import IdempotencyKey
from smartskill.kit.tasks import forget_idempotency_keys
from smartskill.user.models import Team
from tests.kit.conftest import at_once, headers_of


def post(kit_app, headers, key, name="Platform", path="/api/things/"):
    return kit_app.test_client().post(path, json={"name": name}, headers={**headers, "Idempotency-Key": key})


def rows(model):
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model))


def test_five_concurrent_repeats_make_one_row_and_have_one_answer(kit_app, signed_in):
    answers = at_once([lambda: post(kit_app, signed_in, "key-1") for _ in range(5)])
    assert {(answer.status_code, answer.data, answer.headers["Location"]) for answer in answers} == {
        (200, answers[0].data, answers[0].headers["Location"])
    }
    assert sum(answer.headers.get("Idempotency-Replayed") == "true" for answer in answers) == 4
    assert rows(Team) == 1


def test_a_later_repeat_has_the_first_answer_with_its_headers(kit_app, signed_in):
    first = post(kit_app, signed_in, "key-1")
    again = post(kit_app, signed_in, "key-1", path="/api/things")
    assert again.data == first.data
    assert {name: again.headers[name] for name in ("Location", "ETag")} == {
        name: first.headers[name] for name in ("Location", "ETag")
    }


def test_the_key_with_another_body_is_409(kit_app, signed_in):
    post(kit_app, signed_in, "key-1")
    assert post(kit_app, signed_in, "key-1", "Other").status_code == 409
    assert rows(Team) == 1


def test_the_key_of_another_person_is_another_key(kit_app, signed_in):
    assert post(kit_app, signed_in, "key-1").status_code == 200
    assert post(kit_app, headers_of(), "key-1", "Other").status_code == 200


def test_the_key_on_another_route_is_another_key(kit_app, signed_in):
    post(kit_app, signed_in, "key-1")
    answer = kit_app.test_client().post("/api/things/wide", json={}, headers={**signed_in, "Idempotency-Key": "key-1"})
    assert answer.status_code == 200


def test_a_refused_request_does_not_use_up_its_key(kit_app, signed_in):
    assert post(kit_app, signed_in, "key-1", "").status_code == 400
    assert post(kit_app, signed_in, "key-1").status_code == 200
    assert post(kit_app, signed_in, "key-2").status_code == 409  # the name is taken
    assert post(kit_app, signed_in, "key-2", "Other").status_code == 200


def test_a_refusal_that_is_answered_keeps_its_rows_and_not_its_key(kit_app, signed_in):
    headers = {**signed_in, "Idempotency-Key": "key-1", "X-Request-ID": "request-1"}
    assert kit_app.test_client().post("/api/things/refused", headers=headers).status_code == 409
    assert (rows(Team), rows(IdempotencyKey)) == (1, 0)


def test_a_refusal_that_is_raised_keeps_nothing(kit_app, signed_in):
    headers = {**signed_in, "Idempotency-Key": "key-1", "X-Request-ID": "request-1", "X-Raise": "1"}
    assert kit_app.test_client().post("/api/things/refused", headers=headers).status_code == 409
    assert (rows(Team), rows(IdempotencyKey)) == (0, 0)


@pytest.mark.parametrize("key", ["", "x" * 256, "ключ".encode().decode("latin-1")])
def test_a_key_that_is_none_is_400(kit_app, signed_in, key):
    answer = post(kit_app, signed_in, key)
    assert (answer.status_code, list(answer.json["errors"])) == (400, ["Idempotency-Key"])


def test_without_a_key_each_post_is_its_own(kit_app, signed_in):
    send = kit_app.test_client().post
    assert [send("/api/things/", json={"name": name}, headers=signed_in).status_code for name in "ab"] == [200, 200]
    assert rows(IdempotencyKey) == 0


def test_a_file_sent_again_is_the_same_request(kit_app, signed_in):
    def upload(content):
        data = {"file": (BytesIO(content), "a.txt")}
        return kit_app.test_client().post(
            "/api/things/upload", data=data, headers={**signed_in, "Idempotency-Key": "k"}
        )

    first = upload(b"twelve bytes")
    assert first.json["bytes"] == 12
    assert upload(b"twelve bytes").data == first.data
    assert upload(b"other").status_code == 409


def test_keys_are_forgotten_after_a_day(kit_app, signed_in):
    for key in ("old", "new"):
        post(kit_app, signed_in, key, key)
    db.session.execute(
        update(IdempotencyKey).where(IdempotencyKey.key == "old").values(created_at=now() - timedelta(hours=25))
    )
    db.session.commit()
    assert forget_idempotency_keys() == 1
    assert db.session.scalars(select(IdempotencyKey.key)).all() == ["new"]
