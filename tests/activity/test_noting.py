"""Looks are written after the answer, many at once, and only of people who allowed it when they looked."""

import logging
import os
import time
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from smartskill.activity.models import InteractionEvent
from smartskill.activity.services import noting
from smartskill.activity.services.consent import set_consents
from smartskill.activity.services.noting import Notebook, note, notebook
from smartskill.extensions import db
from tests.factories import make_skill, make_user, sign_in


@pytest.fixture(autouse=True)
def empty(app):
    notebook().waiting.clear()


def written() -> list[InteractionEvent]:
    notebook().write()
    return list(db.session.scalars(select(InteractionEvent).order_by(InteractionEvent.id)))


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
    monkeypatch.setattr(noting, "MOST", 2)
    user = make_user()
    for _ in range(5):
        note(user.id, "search")
    assert len(written()) == 2
    assert "3 looks were not recorded" in caplog.text


def test_a_thread_of_its_own_writes_within_the_time_given(app, committed, monkeypatch):
    user = make_user()
    db.session.commit()
    book = Notebook(app)
    book.seconds = 0.05
    monkeypatch.setitem(app.extensions, "notebook", book)
    note(user.id, "search")
    assert book._process == os.getpid()
    deadline = time.monotonic() + 30
    while not db.session.scalar(select(InteractionEvent.id)) and time.monotonic() < deadline:
        db.session.rollback()
        time.sleep(0.05)
    [row] = db.session.scalars(select(InteractionEvent))
    assert row.occurred_at < row.received_at + timedelta(seconds=1)
    book._close()


def test_a_database_that_refuses_costs_the_looks_and_nothing_else(app, committed, monkeypatch, caplog):
    def refuse(notes):
        raise RuntimeError("away")

    monkeypatch.setattr(noting, "write_notes", refuse)
    note(1, "search")
    notebook()._write_all()
    assert "looks were not recorded" in caplog.text
    assert not notebook().waiting
