"""Planning for many people asks the database as often as for few."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from smartskill.engagement.insights import planning, scoring
from smartskill.engagement.services.people import IdRange
from smartskill.engagement.services.slots import Window
from smartskill.extensions import db
from tests.engagement.planned import settled
from tests.engagement.samples import MONDAY, act, make_endorsement, make_model, make_return_model, make_stale_skill
from tests.engagement.test_stages import with_matured
from tests.factories import make_user


@pytest.fixture
def count(app):
    """Count the statements that a function sends, those of COPY aside."""

    def counted(function, *args) -> int:
        sent = []

        def note(connection, cursor, statement, parameters, context, executemany):
            sent.append(statement)

        target = db.session.connection().engine
        event.listen(target, "before_cursor_execute", note)
        try:
            function(*args)
        finally:
            event.remove(target, "before_cursor_execute", note)
        return len(sent)

    return counted


def crowd(number: int) -> IdRange:
    """People of whom each has something to be told, and may or may not be."""
    people = [settled(make_user()) for _ in range(number)]
    for one in people:
        make_stale_skill(one)
        act(one, MONDAY - timedelta(days=9))
    make_endorsement(people[0], people[1], MONDAY - timedelta(days=1))
    return IdRange(people[0].id, people[-1].id)


def plan(people: IdRange) -> None:
    moment = planning.Moment(MONDAY, Window.after(None, MONDAY), is_forced=True)
    made = planning.make_plan(people, moment, 0.0)
    assert planning.write_plan(made, MONDAY, None)["mails"] > 0


@pytest.mark.parametrize("is_learned", [False, True])
def test_a_chunk_asks_as_often_however_many_people_it_holds(count, is_learned):
    if is_learned:
        make_model()
        make_return_model("shadow")
        with_matured(1000)
    plan(crowd(12))  # what is asked for once is asked for here; of fewer, all may be drawn to get nothing
    few, many = count(plan, crowd(12)), count(plan, crowd(80))
    assert many == few
    assert 10 <= few <= 40  # seven kinds, each with what it and its gates need to know


def test_scoring_asks_as_often_however_many_people_it_scores(count):
    make_model()
    scoring.score_people(crowd(3), MONDAY)
    few, many = count(scoring.score_people, crowd(5), MONDAY), count(scoring.score_people, crowd(60), MONDAY)
    assert 3 <= many == few <= 12
