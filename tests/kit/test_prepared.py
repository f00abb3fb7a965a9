"""Statements that a connection plans once: right values, once only, and never more of them than it may remember."""

import pytest
from sqlalchemy import ARRAY, Integer, any_, bindparam, func, literal, select, text
from sqlalchemy.exc import DBAPIError

from smartskill.extensions import db
from smartskill.kit import prepared
from smartskill.kit.prepared import Prepared
from smartskill.skills.models.catalogue import Skill
from tests.factories import make_skill


def by_ids() -> Prepared:
    wanted = bindparam("ids", type_=ARRAY(Integer))
    named = select(Skill.id, (Skill.name + literal("%:!")).label("called")).where(Skill.id == any_(wanted))
    return Prepared(named.order_by(Skill.id).limit(bindparam("size", type_=Integer)))


def known() -> int:
    return db.session.scalar(text("SELECT count(*) FROM pg_prepared_statements"))


def test_each_run_gets_its_own_values_and_plans_once(app):
    one, other = make_skill("Ada"), make_skill("Borneo")
    statement, before = by_ids(), known()
    rows = statement.execute({"ids": [one.id, other.id], "size": 5, "unused": 1}).all()
    assert [(row.id, row.called) for row in rows] == [(one.id, "Ada%:!"), (other.id, "Borneo%:!")]
    assert [row.id for row in by_ids().execute({"ids": [other.id, one.id], "size": 1})] == [one.id]
    assert statement.execute({"ids": [], "size": 5}).all() == []
    assert known() == before + 1


def test_it_outlives_a_transaction_that_failed(app):
    one, statement = make_skill("Ada"), by_ids()
    with db.session.begin_nested() as part:
        statement.execute({"ids": [one.id], "size": 1})
        part.rollback()
    with pytest.raises(DBAPIError), db.session.begin_nested():
        Prepared(select(1 / func.nullif(bindparam("zero", type_=Integer), 1))).execute({"zero": 0})
    assert statement.execute({"ids": [one.id], "size": 1}).one().id == one.id


def test_a_connection_forgets_when_it_knows_too_many(app, monkeypatch):
    monkeypatch.setattr(prepared, "MOST", 3)
    for number in range(8):
        asked = select((bindparam("given", type_=Integer) + literal(1)).label(f"sum_{number}"))
        assert Prepared(asked).execute({"given": number}).scalar() == number + 1
        assert known() <= 3
