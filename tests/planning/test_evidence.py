"""What stands behind a level: worked by hand, and as much of it as the asker may see."""

from datetime import date, timedelta

import pytest

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.partial_date import PartialDate
from smartskill.qualification.models import GrantedSkill, QualificationType
from smartskill.skills.services.endorsing import endorse
from smartskill.skills.services.projection import find_user_skill
from smartskill.skills.services.rating import rate_skill, retract_ratings
from tests.factories import make_experience, make_qualification, make_skill, make_user, sign_in

TODAY = now().date()


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def evidence(client, who, owner, skill) -> dict:
    answer = client.get(f"/api/users/{owner.id}/skills/{skill.id}/evidence", headers=sign_in(who))
    assert answer.status_code == 200, answer.json
    return answer.json


def test_each_voice_and_its_part_by_hand(client):
    """12 months of review. Manager, today: 0.8. Peer, 365 days (11.99 months): 0.5 · 0.5002 = 0.2501. Self, 730: 0.1.

    Confidence 1 − 0.2 · 0.7499 · 0.8999 = 0.8650. −ln of the doubts 1.6094, 0.2878, 0.1055, together 2.0028: the parts
    are 0.8650 · 0.8036 = 0.6951, 0.8650 · 0.1437 = 0.1243, 0.8650 · 0.0527 = 0.0456.
    """
    boss, mate, skill = make_user(full_name="Boss"), make_user(full_name="Mate"), make_skill()
    me = make_user(manager_id=boss.id)
    rate_skill(me.id, skill.id, 5, source="self", rater_id=me.id, effective_on=ago(730))
    rate_skill(me.id, skill.id, 2, source="peer", rater_id=mate.id, effective_on=ago(365))
    rate_skill(me.id, skill.id, 3, source="manager", rater_id=boss.id, note="Seen at work.")
    found = evidence(client, me, me, skill)
    shown = ("source", "rater_name", "level", "weight", "strength", "contribution", "age_months")
    assert [tuple(voice[name] for name in shown) for voice in found["voices"]] == [
        ("manager", "Boss", 3, 0.8, 0.8, pytest.approx(0.6951, abs=2e-4), 0.0),
        ("peer", "Mate", 2, 0.5, pytest.approx(0.2501, abs=2e-4), pytest.approx(0.1243, abs=2e-4), 12.0),
        ("self", me.full_name, 5, 0.4, pytest.approx(0.1001, abs=2e-4), pytest.approx(0.0456, abs=2e-4), 24.0),
    ]
    assert found["confidence"] == pytest.approx(0.8650, abs=2e-4)
    assert sum(voice["contribution"] for voice in found["voices"]) == pytest.approx(found["confidence"], abs=2e-4)
    assert (found["level"], found["is_fresh"], found["is_stale"]) == (3, True, False)
    decided = found["decided_by"]
    assert (decided["source"], decided["level"], decided["note"]) == ("manager", 3, "Seen at work.")
    assert (decided["because"], decided["window_months"]) == ("most_trusted_within_window", 24)
    assert decided["next_change_on"] is None  # the older voices will have passed their windows before


def test_what_is_older_than_its_window_decides_only_where_nothing_else_does(client):
    me, boss, skill = make_user(), make_user(), make_skill()
    rate_skill(me.id, skill.id, 4, source="manager", rater_id=boss.id, effective_on=ago(800))
    decided = evidence(client, me, me, skill)["decided_by"]
    assert (decided["source"], decided["because"]) == ("manager", "newest_of_any")
    rate_skill(me.id, skill.id, 2, source="self", rater_id=me.id, effective_on=ago(10))
    found = evidence(client, me, me, skill)
    assert (found["decided_by"]["source"], found["decided_by"]["because"]) == ("self", "most_trusted_within_window")
    assert found["level"] == 2


def test_the_day_of_the_next_change_is_told(client):
    """The manager's window ends 24 · 30.4375 = 730.5 days after: on day 731 the self rating decides."""
    me, boss, skill = make_user(), make_user(), make_skill()
    rate_skill(me.id, skill.id, 4, source="manager", rater_id=boss.id, effective_on=ago(700))
    rate_skill(me.id, skill.id, 2, source="self", rater_id=me.id)
    assert evidence(client, me, me, skill)["decided_by"]["next_change_on"] == str(ago(700) + timedelta(days=731))


def test_what_was_taken_back_or_said_before_is_no_voice(client):
    me, boss, skill = make_user(), make_user(), make_skill()
    rate_skill(me.id, skill.id, 5, source="manager", rater_id=boss.id)
    retract_ratings(me.id, skill.id, boss.id, "manager")
    rate_skill(me.id, skill.id, 1, source="self", rater_id=me.id, effective_on=ago(90))
    rate_skill(me.id, skill.id, 2, source="self", rater_id=me.id)
    assert [voice["level"] for voice in evidence(client, me, me, skill)["voices"]] == [2]


def test_a_wish_without_a_level_has_no_voices(client):
    me, skill = make_user(), make_skill()
    client.put(f"/api/users/me/skills/{skill.id}", json={"interest": 4}, headers=sign_in(me))
    found = evidence(client, me, me, skill)
    assert (found["level"], found["decided_by"], found["voices"], found["confidence"]) == (None, None, [], 0.0)


def test_experience_counts_each_month_once(client):
    """2020-03…2021-02 is 12 months, 2020-09…2021-08 12 more of which 6 are the same: 18 months, 1.5 years."""
    me, skill = make_user(), make_skill()
    rate_skill(me.id, skill.id, 3, source="self", rater_id=me.id)
    headers = sign_in(me)
    for start, end, is_shown in (("2020-03", "2021-02", True), ("2020-09", "2021-08", False)):
        body = {"organisation": "Acme", "title": start, "start": start, "end": end, "skill_ids": [skill.id]}
        made = client.post("/api/experience/", json={**body, "show_in_cv": is_shown}, headers=headers)
        assert made.status_code == 200
    make_experience(me)  # without the skill
    used = evidence(client, me, me, skill)["experience"]
    assert (used["duration_months"], used["years"]) == (18, 1.5)
    shown = [(item["title"], item["start"], item["end"], item["duration_months"]) for item in used["items"]]
    assert shown == [("2020-09", "2020-09", "2021-08", 12), ("2020-03", "2020-03", "2021-02", 12)]
    by_colleague = evidence(client, make_user(), me, skill)["experience"]
    assert ([item["title"] for item in by_colleague["items"]], by_colleague["duration_months"]) == (["2020-03"], 12)


def granting(skill, level, name) -> QualificationType:
    kind = QualificationType(name=name, grants=[GrantedSkill(skill_id=skill.id, level=level)])
    db.session.add(kind)
    db.session.flush()
    return kind


def test_certificates_say_what_they_come_to(client):
    me, hr, skill = make_user(), make_user("hr"), make_skill()
    expert, beginner = granting(skill, 4, "Expert"), granting(skill, 2, "Beginner")
    rate_skill(me.id, skill.id, 3, source="self", rater_id=me.id)
    days = {"Old": (expert, ago(300)), "Low": (beginner, ago(20)), "Ahead": (expert, TODAY + timedelta(days=9))}
    for title, (kind, day) in days.items():
        facts = {"issued_on": PartialDate.parse(str(day)), "review_state": "submitted", "title": title}
        row = make_qualification(me, type_id=kind.id, **facts)
        body = {"decision": "verify"}
        client.post(f"/api/qualification/{row.id}/review", json=body, headers=sign_in(hr))
    make_qualification(me, type_id=expert.id, title="Draft", expires_on=ago(1))
    make_qualification(me, title="Another thing", review_state="verified")
    found = evidence(client, me, me, skill)
    shown = ("title", "level", "status", "review_state", "effect")
    assert [tuple(paper[name] for name in shown) for paper in found["certificates"]] == [
        ("Ahead", 4, "valid", "verified", "not_yet"),
        ("Low", 2, "valid", "verified", "outranked"),
        ("Old", 4, "valid", "verified", "counts"),
        ("Draft", 4, "expired", "draft", "not_verified"),
    ]
    counting = found["certificates"][2]
    assert (found["level"], found["decided_by"]["rating_id"]) == (4, counting["rating_id"])
    assert found["decided_by"]["qualification_id"] == counting["qualification_id"]
    assert [voice["source"] for voice in found["voices"]] == ["assessment", "self"]


def test_a_colleague_sees_what_they_see_elsewhere_and_no_more(client):
    boss, mate, skill = make_user(), make_user(full_name="Mate"), make_skill()
    me = make_user(manager_id=boss.id)
    rate_skill(me.id, skill.id, 4, source="manager", rater_id=boss.id, note="Between us.")
    endorse(find_user_skill(me.id, skill.id), mate, 5, "Great.")
    stranger = evidence(client, make_user(), me, skill)
    hidden = ("decided_by", "voices", "certificates")
    assert [stranger[name] for name in hidden] == [None, None, None]
    shown = [(one["endorser_name"], one["level"], one["note"]) for one in stranger["endorsements"]]
    assert (stranger["level"], shown) == (4, [("Mate", None, None)])
    assert "Between us." not in str(stranger)
    assert evidence(client, mate, me, skill)["endorsements"][0]["level"] == 5  # their own word
    for who in (me, boss, make_user("hr"), make_user("admin")):
        whole = evidence(client, who, me, skill)
        assert whole["decided_by"]["note"] == "Between us."
        assert whole["endorsements"][0]["note"] == "Great."


def test_what_is_hidden_or_not_rated_is_not_there(client):
    me, skill = make_user(), make_skill()
    address = f"/api/users/{me.id}/skills/{skill.id}/evidence"
    assert client.get(address, headers=sign_in(me)).status_code == 404
    body = {"level": 3, "is_shown": False}
    client.put(f"/api/users/me/skills/{skill.id}", json=body, headers=sign_in(me))
    assert client.get(address, headers=sign_in(me)).status_code == 200
    assert client.get(address, headers=sign_in(make_user())).status_code == 404
