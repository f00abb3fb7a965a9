"""Looks are written after the answer, many at once, and only of people who allowed it when they looked."""

import logging
import os
import time
from datetime import timedelta

from sqlalchemy import event, select

from smartskill.activity.models import InteractionEvent
from smartskill.activity.services.consent import set_consents
from smartskill.activity.services.noting import LOOKS, note, write_looks
from smartskill.extensions import db
from smartskill.kit import later as waiting
from smartskill.kit.later import Later, later
from tests.factories import make_skill, make_user, sign_in


def written() -> list[InteractionEvent]:
    later(LOOKS).write()
    in_order = InteractionEvent.occurred_at  # not ids: rows of one INSERT ... SELECT come as its join gives them
    return list(db.session.scalars(select(InteractionEvent).order_by(in_order)))


def test_reading_writes_nothing_before_the_answer(app, client):
    skill, reader = make_skill("Python"), make_user()
    headers = sign_in(reader)
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    assert client.get(f"/api/skills/{skill.id}", headers=headers).status_code == 200
    assert client.get("/api/skills/?q=python", headers=headers).status_code == 200
    assert client.get(f"/api/users/{make_user().id}", headers=headers).status_code == 200
    assert not [one for one in statements if "INSERT INTO interaction_events" in one]
    rows = written()
    assert [(row.kind, row.user_id) for row in rows] == [
        ("skill_viewed", reader.id), ("search", reader.id), ("profile_viewed", reader.id),
    ]  # fmt: skip
    assert rows[1].props == {"result_count": 1, "view": "list"}
    assert [one for one in statements if "INSERT INTO interaction_events" in one]


def test_who_withdrew_or_agreed_only_after_looking_is_not_recorded(app):
    withdrew, agreed, silent, gone = (make_user() for _ in range(4))
    set_consents(agreed.id, {"tracking": False, "prediction": False})
    for user in (withdrew, agreed, silent, gone):
        note(user.id, "search")
    set_consents(withdrew.id, {"tracking": False})
    set_consents(agreed.id, {"tracking": True})
    db.session.delete(gone)
    db.session.flush()
    assert [row.user_id for row in written()] == [silent.id]


def test_what_is_not_in_the_closed_lists_is_not_noted(app, caplog):
    with caplog.at_level(logging.ERROR):
        note(make_user().id, "gazed_at_clouds")
    assert written() == []
    assert "gazed_at_clouds" in caplog.text


def test_one_note_too_many_is_dropped_and_counted(app, monkeypatch, caplog):
    monkeypatch.setattr(waiting, "MOST", 2)
    user = make_user()
    for _ in range(5):
        note(user.id, "search")
    assert len(written()) == 2
    assert "3 looks were dropped" in caplog.text


def test_a_thread_of_its_own_writes_within_the_time_given(app, committed, monkeypatch):
    user = make_user()
    db.session.commit()
    looks = Later(app, LOOKS, write_looks, seconds=0.05)
    monkeypatch.setitem(app.extensions["later"], LOOKS, looks)
    note(user.id, "search")
    assert looks.process == os.getpid()
    deadline = time.monotonic() + 30
    while not db.session.scalar(select(InteractionEvent.id)) and time.monotonic() < deadline:
        db.session.rollback()
        time.sleep(0.05)
    [row] = db.session.scalars(select(InteractionEvent))
    assert row.occurred_at < row.received_at + timedelta(seconds=1)
    looks.close()


def test_a_database_that_refuses_costs_the_looks_and_nothing_else(app, committed, caplog):
    def refuse(things):
        raise RuntimeError("away")

    looks = Later(app, LOOKS, refuse, seconds=0)
    looks.add({})
    looks.write_all()
    assert "looks were not written" in caplog.text
    assert not looks.waiting
