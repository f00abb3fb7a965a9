"""A team out of more people than are solved exactly, over HTTP."""

import pytest
from sqlalchemy import insert, text

from ml.composing.compose import EXACT_PEOPLE
from smartskill.extensions import db
from smartskill.skills.models.levels import UserSkill
from smartskill.skills.services.projection import today
from tests.factories import make_skill
from tests.planning.crew import Crew, say
from tests.planning.test_composing import compose, names, needs


@pytest.fixture
def fleet(app):
    """Ada welds and ties knots, Ben dives and ties knots; thousands weld or dive, and tie none."""
    fleet = Crew()
    fleet.welding, fleet.knots, fleet.diving = make_skill("Welding"), make_skill("Knots"), make_skill("Diving")
    ada, ben = fleet.hire("Ada"), fleet.hire("Ben")
    for person, skill in ((ada, fleet.welding), (ada, fleet.knots), (ben, fleet.diving), (ben, fleet.knots)):
        say(person, skill, 4, rater=fleet.boss)
    hire_many(fleet, EXACT_PEOPLE)
    return fleet


def hire_many(fleet, count):
    made = db.session.scalars(
        text("INSERT INTO users (email, full_name, verified_at) SELECT 'h' || n || '@example.com', 'Hand ' || n, now() "
             "FROM generate_series(1, :count) n RETURNING id"), {"count": count},
    ).all()  # fmt: skip
    rows = [
        {"user_id": one, "skill_id": (fleet.welding if place % 2 else fleet.diving).id, "level": 4,
         "last_confirmed_on": today(), "voices": [[0.4, today().isoformat()]]}
        for place, one in enumerate(made)
    ]  # fmt: skip
    db.session.execute(insert(UserSkill), rows)


def test_a_pool_too_large_for_the_best_answer_gets_a_good_one_that_says_how_good(client, fleet):
    body = needs((fleet.welding, 3, 1), (fleet.knots, 3, 2), (fleet.diving, 3, 1))
    result = compose(client, fleet.hr, body)
    # two heads that tie knots: it takes both Ada and Ben, who have the rest between them: two is the least
    assert names(result["team"]) == ["Ada", "Ben"]
    solver = result["solver"]
    assert (solver["name"], solver["pool"] > EXACT_PEOPLE, solver["at_least"]) == ("greedy", True, 2)
    assert solver["bound"] == pytest.approx(1 + 1 / 2 + 1 / 3 + 1 / 4, abs=0.01)  # H(4 heads): never more times as many
