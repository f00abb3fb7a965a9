"""Years of use, on numbers worked by hand."""

from datetime import date

import pytest

from smartskill.experience.services import count_months
from smartskill.kit.partial_date import PartialDate
from tests.factories import make_experience, make_skill, make_user, sign_in

TODAY = date(2026, 11, 22)


def months(*periods: str) -> int:
    """`2019-01..2019-06` as periods; nothing after the dots: it goes on."""
    pairs = [text.split("..") for text in periods]
    return count_months([(PartialDate.parse(a), PartialDate.parse(b) if b else None) for a, b in pairs], TODAY)


@pytest.mark.parametrize(
    ("periods", "expected"),
    [
        (["2019-01..2019-06"], 6),  # both ends count
        (["2019-01..2019-06", "2019-04..2019-09"], 9),  # January to September, April to June once
        (["2019-04..2019-09", "2019-01..2019-06"], 9),  # in any order
        (["2019-01..2019-12", "2019-03..2019-05"], 12),  # one within the other
        (["2019-01..2019-12", "2019-03..2019-05", "2019-11..2020-01"], 13),  # the short one hides no later end
        (["2019-01..2019-03", "2019-04..2019-06"], 6),  # one after the other
        (["2019-01..2019-03", "2019-06..2019-07"], 5),  # with a gap
        (["2020-01-31..2020-02-01"], 2),  # two days in two months
        (["2020-02-10..2020-02-20"], 1),
        (["2019..2020"], 24),  # known to the year: January to December
        (["2019..2019-05"], 5),
        (["2019-05..2019"], 8),  # May to December
        (["2026-09.."], 3),  # September, October and this November
        (["2026-01..2027-06"], 11),  # nothing beyond this month
        (["2026.."], 11),
        (["2027-02.."], 0),  # not yet
        ([], 0),
    ],
)
def test_months_of_use_are_counted_once(periods, expected):
    assert months(*periods) == expected


def test_years_are_told_per_skill_longest_first(client):
    me = make_user()
    sql, python = make_skill("SQL"), make_skill("Python")
    for start, end, skills in (("2018-01", "2019-12", [sql]), ("2019-07", "2020-06", [sql, python])):
        row = make_experience(me, start=PartialDate.parse(start), end=PartialDate.parse(end))
        link(row, *skills)
    answer = client.get("/api/users/me/experience/years", headers=sign_in(me))
    assert answer.status_code == 200
    assert answer.json == [
        # January 2018 to June 2020: 24 + 6 months, the six of overlap once
        {"skill_id": sql.id, "skill_name": "SQL", "duration_months": 30, "years": 2.5, "is_current": False},
        {"skill_id": python.id, "skill_name": "Python", "duration_months": 12, "years": 1.0, "is_current": False},
    ]


def test_a_colleague_is_told_of_what_the_cv_shows_only(client):
    me, colleague, hr = make_user(), make_user(), make_user("hr")
    skill = make_skill()
    link(make_experience(me, start=PartialDate.parse("2018"), end=PartialDate.parse("2018")), skill)
    hidden = make_experience(me, start=PartialDate.parse("2019"), end=PartialDate.parse("2019"), show_in_cv=False)
    link(hidden, skill)
    address = f"/api/users/{me.id}/experience/years"
    told = {who: client.get(address, headers=sign_in(who)).json[0]["duration_months"] for who in (me, colleague, hr)}
    assert told == {me: 24, colleague: 12, hr: 24}


def link(row, *skills):
    from smartskill.experience.models import ExperienceSkill
    from smartskill.extensions import db

    row.skill_links = [ExperienceSkill(skill_id=skill.id) for skill in skills]
    db.session.flush()
