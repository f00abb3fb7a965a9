"""Exemptions over HTTP: granted with a reason and an end, withdrawn, over by themselves."""

from datetime import UTC, datetime, timedelta

import pytest
from dateutil.relativedelta import relativedelta

from smartskill.extensions import db
from smartskill.planning.models.roles import Exemption
from smartskill.qualification.models import QualificationType
from smartskill.user.services.dated import today
from tests.factories import make_role, make_skill, make_user, sign_in

TODAY = today()


@pytest.fixture
def skill(app):
    return make_skill("Welding")


@pytest.fixture
def lead(app):
    return make_user("manager")


@pytest.fixture
def person(lead):
    return make_user(manager_id=lead.id)


def place(person):
    return f"/api/users/{person.id}/exemptions/"


def body(skill, **more):
    return {"skill_id": skill.id, "reason": "Drives only.", "ends_on": str(TODAY + timedelta(days=30)), **more}


def state(client, person, skill, day):
    role = make_role(asks=((skill, 3),))
    gap = client.get(f"/api/users/me/gap?role_id={role.id}&as_of={day}", headers=sign_in(person))
    return gap.json["requirements"][0]["state"]


def test_a_manager_above_exempts_and_the_person_reads_why(client, person, lead, skill):
    made = client.post(place(person), json=body(skill), headers=sign_in(lead))
    assert made.status_code == 200
    facts = made.json
    assert (facts["name"], facts["reason"], facts["starts_on"]) == ("Welding", "Drives only.", str(TODAY))
    assert (facts["granted_by_id"], facts["withdrawn_at"], facts["is_current"]) == (lead.id, None, True)
    mine = client.get("/api/users/me/exemptions/", headers=sign_in(person))
    assert mine.json == [facts]
    read = client.get(made.headers["Location"], headers=sign_in(person))
    assert (read.json, read.headers["ETag"]) == (facts, made.headers["ETag"])
    assert client.get(f"{place(make_user())}{facts['id']}", headers=sign_in(make_user("hr"))).status_code == 404


def test_nobody_exempts_themselves_and_strangers_see_nothing(client, person, lead, skill):
    granted = client.post(place(person), json=body(skill), headers=sign_in(lead)).json
    one = f"{place(person)}{granted['id']}"
    for asker, expected in ((person, 403), (make_user("manager"), 404), (make_user("hr"), 409)):
        headers = sign_in(asker)
        assert client.post(place(person), json=body(skill), headers=headers).status_code == expected
    assert client.get(place(person), headers=sign_in(make_user())).status_code == 404
    assert client.delete(one, headers=sign_in(person)).status_code == 403
    assert client.delete(one, headers=sign_in(make_user())).status_code == 404


@pytest.mark.parametrize(
    ("days", "fields"),
    [
        ({"ends_on": None}, {"ends_on"}),
        ({"ends_on": str(TODAY - timedelta(days=1))}, {"ends_on"}),
        ({"starts_on": str(TODAY + timedelta(days=31))}, {"ends_on"}),
        ({"ends_on": str(TODAY + relativedelta(years=2, days=1))}, {"ends_on"}),
        ({"ends_on": str(TODAY + relativedelta(years=2))}, set()),
        ({"ends_on": str(TODAY)}, set()),
        ({"starts_on": str(TODAY - timedelta(days=90))}, set()),
        ({"reason": " "}, {"reason"}),
        ({"skill_id": None}, {"skill_id"}),
        ({"qualification_type_id": 1}, {"skill_id"}),
        ({"skill_id": 2_000_000_000}, {"skill_id"}),
        ({"skill_id": None, "qualification_type_id": 2_000_000_000}, {"qualification_type_id"}),
    ],
)
def test_it_needs_a_reason_one_target_and_an_end_within_two_years(client, person, lead, skill, days, fields):
    answer = client.post(place(person), json=body(skill, **days), headers=sign_in(lead))
    assert (answer.status_code, set(answer.json.get("errors", ()))) == (400 if fields else 200, fields)


def test_it_holds_from_its_first_to_its_last_day_and_is_over_by_itself(client, person, lead, skill):
    first, last = TODAY + timedelta(days=2), TODAY + timedelta(days=9)
    client.post(place(person), json=body(skill, starts_on=str(first), ends_on=str(last)), headers=sign_in(lead))
    days = [first - timedelta(days=1), first, last, last + timedelta(days=1)]
    assert [state(client, person, skill, day) for day in days] == ["missing", "exempt", "exempt", "missing"]
    [row] = client.get(place(person), headers=sign_in(lead)).json
    assert row["is_current"] is False
    listed = [len(client.get(f"{place(person)}?as_of={day}", headers=sign_in(lead)).json) for day in days]
    assert listed == [0, 1, 1, 0]


def test_a_withdrawn_one_held_until_yesterday_and_can_be_granted_anew(client, person, lead, skill):
    headers = sign_in(lead)
    made = client.post(place(person), json=body(skill, starts_on=str(TODAY - timedelta(days=5))), headers=headers)
    one = made.headers["Location"]
    assert client.delete(one, headers={**headers, "If-Match": '"0-0"'}).status_code == 412
    gone = client.delete(one, headers={**headers, "If-Match": made.headers["ETag"]})
    assert gone.status_code == 200
    assert gone.json["withdrawn_at"] is not None
    assert gone.json["is_current"] is False
    assert state(client, person, skill, TODAY - timedelta(days=1)) == "exempt"
    assert state(client, person, skill, TODAY) == "missing"
    assert client.delete(one, headers=headers).status_code == 409
    assert client.post(place(person), json=body(skill), headers=headers).status_code == 200
    assert state(client, person, skill, TODAY) == "exempt"


def test_a_second_one_for_the_same_time_is_refused_and_names_the_first(client, person, lead, skill):
    headers = sign_in(lead)
    first = client.post(place(person), json=body(skill), headers=headers).json
    clash = client.post(place(person), json=body(skill, ends_on=str(TODAY + timedelta(days=60))), headers=headers)
    assert (clash.status_code, clash.json["existing"]["id"]) == (409, first["id"])
    later = body(skill, starts_on=str(TODAY + timedelta(days=31)), ends_on=str(TODAY + timedelta(days=60)))
    assert client.post(place(person), json=later, headers=headers).status_code == 200
    assert client.post(place(person), json=body(make_skill()), headers=headers).status_code == 200


def test_one_that_is_over_is_not_withdrawn(client, person, lead, skill):
    days = {"starts_on": TODAY - timedelta(days=9), "ends_on": TODAY - timedelta(days=1)}
    row = Exemption(user_id=person.id, skill_id=skill.id, reason="Was ill.", **days)
    db.session.add(row)
    db.session.flush()
    assert client.delete(f"{place(person)}{row.id}", headers=sign_in(lead)).status_code == 409


def test_it_stays_in_the_account_of_the_person_and_goes_with_them(client, person, lead, skill):
    kind = QualificationType(name="Forklift licence", kind="licence")
    db.session.add(kind)
    db.session.flush()
    client.post(place(person), json=body(skill, skill_id=None, qualification_type_id=kind.id), headers=sign_in(lead))
    shown = client.get("/api/users/me/data", headers=sign_in(person)).json
    assert [row["reason"] for row in shown["exemptions"]] == ["Drives only."]
    db.session.delete(lead)  # who granted it may go, the exemption stays
    db.session.flush()
    db.session.expire_all()
    assert db.session.query(Exemption).one().granted_by_id is None
    db.session.delete(person)
    db.session.flush()
    assert db.session.query(Exemption).count() == 0


def test_the_moment_of_withdrawal_counts_in_utc(client, person, skill):
    late = datetime(2025, 3, 9, 23, 59, tzinfo=UTC)
    days = {"starts_on": late.date() - timedelta(days=3), "ends_on": late.date() + timedelta(days=3)}
    db.session.add(Exemption(user_id=person.id, skill_id=skill.id, reason="?", withdrawn_at=late, **days))
    db.session.flush()
    assert [state(client, person, skill, day) for day in ("2025-03-08", "2025-03-09")] == ["exempt", "missing"]
