"""What a verified certificate says of its holder's skills, and when it says so no more."""

from datetime import date, timedelta

import pytest

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.jobs import queue_redis
from smartskill.kit.partial_date import PartialDate
from smartskill.qualification.models import GrantedSkill, Qualification, QualificationType
from smartskill.qualification.tasks import regrant_type, sweep_grants
from smartskill.skills.models.levels import Rating, UserSkill
from smartskill.skills.services.rating import rate_skill
from tests.factories import make_qualification, make_skill, make_user, sign_in

TODAY = now().date()


def make_type(*grants, name="Certified welder") -> QualificationType:
    row = QualificationType(
        name=name, issuer="TÜV", grants=[GrantedSkill(skill_id=skill.id, level=level) for skill, level in grants]
    )
    db.session.add(row)
    db.session.flush()
    return row


def held(user, kind, issued_on: date | str, state="submitted", **given) -> Qualification:
    issued = PartialDate.parse(str(issued_on))
    return make_qualification(user, type_id=kind.id, issued_on=issued, review_state=state, **given)


def decide(client, row, decision, hr=None):
    body = {"decision": decision, "note": "Looked at."}
    answer = client.post(f"/api/qualification/{row.id}/review", json=body, headers=sign_in(hr or make_user("hr")))
    assert answer.status_code == 200, answer.json


def level_of(user, skill) -> int | None:
    return db.session.scalar(db.select(UserSkill.level).filter_by(user_id=user.id, skill_id=skill.id))


def spoken(user, skill) -> list[tuple]:
    """Its standing assessment ratings: level, day, certificate."""
    rows = db.session.scalars(
        db.select(Rating)
        .filter_by(user_id=user.id, skill_id=skill.id, source="assessment", retracted_at=None)
        .order_by(Rating.effective_on, Rating.id)
    )
    return [(row.level, row.effective_on, row.evidence["qualification_id"]) for row in rows]


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def test_a_verified_certificate_shows_its_skills_as_of_its_day_of_issue(client):
    """12 months of review, 200 days old: confidence 0.9 · 2^(−(200 ÷ 30.4375) ÷ 12) = 0.9 · 0.68417 = 0.61575."""
    me, welding, safety = make_user(), make_skill(), make_skill()
    row = held(me, make_type((welding, 4), (safety, 2)), ago(200))
    assert level_of(me, welding) is None
    decide(client, row, "verify")
    assert spoken(me, welding) == [(4, ago(200), row.id)]
    assert spoken(me, safety) == [(2, ago(200), row.id)]
    shown = client.get(f"/api/users/me/skills/{welding.id}", headers=sign_in(me)).json
    assert (shown["level"], shown["self_level"], shown["last_confirmed_on"]) == (4, None, str(ago(200)))
    assert shown["confidence"] == pytest.approx(0.61575, abs=1e-4)
    [said] = client.get(f"/api/users/me/skills/{welding.id}/history", headers=sign_in(me)).json
    assert (said["rater_id"], said["evidence"]) == (None, {"qualification_id": row.id, "title": row.title})


def test_several_certificates_are_one_voice_the_newest(client):
    """0.9 · 2^0 = 0.9 on its day, and not 1 − 0.1 · (1 − 0.9 · 2^(−(365 ÷ 30.4375) ÷ 12)) = 0.945."""
    me, welding = make_user(), make_skill()
    for name, day in (("A", ago(365)), ("B", TODAY)):
        decide(client, held(me, make_type((welding, 3), name=name), day), "verify", make_user("hr"))
    assert len(spoken(me, welding)) == 2
    shown = client.get(f"/api/users/me/skills/{welding.id}", headers=sign_in(me)).json
    assert (shown["level"], shown["confidence"]) == (3, 0.9)


def test_a_lower_certificate_after_a_higher_one_lowers_nothing(client):
    me, welding = make_user(), make_skill()
    expert, beginner = make_type((welding, 4), name="Expert"), make_type((welding, 2), name="Beginner")
    first, second = held(me, expert, ago(300)), held(me, beginner, ago(10))
    decide(client, second, "verify")
    assert level_of(me, welding) == 2
    decide(client, first, "verify")
    assert (level_of(me, welding), spoken(me, welding)) == (4, [(4, ago(300), first.id)])
    decide(client, first, "revoke")
    assert (level_of(me, welding), spoken(me, welding)) == (2, [(2, ago(10), second.id)])


@pytest.mark.parametrize(
    ("issued", "expires_on"),
    [(300, ago(20)), (800, None)],  # it had expired before; it was older than 2 × 12 months = 730.5 days by then
)
def test_a_lower_one_counts_where_the_higher_one_said_nothing_any_more(client, issued, expires_on):
    me, welding = make_user(), make_skill()
    expert, beginner = make_type((welding, 4), name="Expert"), make_type((welding, 2), name="Beginner")
    decide(client, held(me, expert, ago(issued), expires_on=expires_on), "verify")
    decide(client, held(me, beginner, ago(10)), "verify")
    assert level_of(me, welding) == 2


def test_what_is_revoked_never_spoke(client):
    me, welding = make_user(), make_skill()
    rate_skill(me.id, welding.id, 2, source="self", rater_id=me.id)
    row = held(me, make_type((welding, 4)), ago(5))
    decide(client, row, "verify")
    assert level_of(me, welding) == 4
    decide(client, row, "revoke")
    assert (level_of(me, welding), spoken(me, welding)) == (2, [])
    said = db.session.scalars(db.select(Rating).filter_by(user_id=me.id, source="assessment")).one()
    assert said.retracted_at is not None


@pytest.mark.parametrize(
    "change",
    [
        lambda client, row, headers: client.delete(f"/api/qualification/{row.id}", headers=headers),
        lambda client, row, headers: client.patch(
            f"/api/qualification/{row.id}", json={"type_id": None}, headers=headers
        ),
        lambda client, row, headers: client.patch(
            f"/api/qualification/{row.id}", json={"issued_on": "2020"}, headers=headers
        ),
        lambda client, row, headers: client.put(f"/api/qualification/{row.id}", json={"title": "x"}, headers=headers),
    ],
    ids=["deleted", "another type", "another day", "replaced"],
)
def test_what_its_holder_changes_speaks_no_more(client, change):
    me, welding = make_user(), make_skill()
    row = held(me, make_type((welding, 4)), ago(5))
    decide(client, row, "verify")
    assert change(client, row, sign_in(me)).status_code == 200
    assert spoken(me, welding) == []
    assert level_of(me, welding) is None


def test_a_rejected_one_never_speaks(client):
    me, welding = make_user(), make_skill()
    decide(client, held(me, make_type((welding, 4)), ago(5)), "reject")
    assert spoken(me, welding) == []


def test_an_expired_one_stays_what_was_said_and_ages(client):
    me, welding = make_user(), make_skill()
    row = held(me, make_type((welding, 4)), ago(700), expires_on=ago(5))
    decide(client, row, "verify")
    assert spoken(me, welding) == [(4, ago(700), row.id)]
    shown = client.get(f"/api/users/me/skills/{welding.id}", headers=sign_in(me)).json
    assert shown["is_stale"]
    assert shown["confidence"] < 0.3


def test_a_renewal_speaks_again_and_the_old_one_is_heard_where_it_goes(client):
    me, welding = make_user(), make_skill()
    kind = make_type((welding, 4))
    old = held(me, kind, ago(700), expires_on=ago(10))
    new = held(me, kind, ago(20), renews_id=old.id)
    decide(client, old, "verify")
    decide(client, new, "verify")
    assert [day for _, day, _ in spoken(me, welding)] == [ago(700), ago(20)]
    client.delete(f"/api/qualification/{new.id}", headers=sign_in(me))
    assert [day for _, day, _ in spoken(me, welding)] == [ago(700)]


@pytest.mark.parametrize(("issued", "day"), [("2024", date(2024, 1, 1)), ("2024-05", date(2024, 5, 1))])
def test_a_date_known_to_the_month_or_year_is_taken_from_its_first_day(client, issued, day):
    me, welding = make_user(), make_skill()
    decide(client, held(me, make_type((welding, 3)), issued), "verify")
    assert [said[1] for said in spoken(me, welding)] == [day]


def test_without_a_date_it_speaks_from_the_day_of_its_review(client):
    me, welding = make_user(), make_skill()
    row = make_qualification(me, type_id=make_type((welding, 3)).id, review_state="submitted")
    decide(client, row, "verify")
    assert [said[1] for said in spoken(me, welding)] == [now().date()]


def test_what_is_issued_ahead_speaks_on_its_day(client):
    me, welding = make_user(), make_skill()
    row = held(me, make_type((welding, 3)), TODAY + timedelta(days=1))
    decide(client, row, "verify")
    assert spoken(me, welding) == []
    row.issued_on = PartialDate.parse(str(TODAY))  # its day has come
    db.session.commit()
    assert (sweep_grants(), sweep_grants()) == (1, 0)
    assert spoken(me, welding) == [(3, TODAY, row.id)]


def test_a_retired_skill_takes_no_new_words_and_keeps_the_old(client):
    me, welding = make_user(), make_skill()
    kind = make_type((welding, 3))
    decide(client, held(me, kind, ago(50)), "verify")
    welding.status = "retired"
    db.session.flush()
    decide(client, held(me, kind, ago(5)), "verify")
    assert [day for _, day, _ in spoken(me, welding)] == [ago(50)]
    assert sweep_grants() == 0


def test_a_skill_that_was_merged_is_what_it_became(client):
    me, welding, joining = make_user(), make_skill(), make_skill()
    row = held(me, make_type((welding, 3)), ago(5))
    welding.status, welding.merged_into_id = "retired", joining.id
    db.session.flush()
    decide(client, row, "verify")
    assert (spoken(me, welding), spoken(me, joining)) == ([], [(3, ago(5), row.id)])


def test_what_a_type_shows_is_said_of_all_its_verified_holders(client):
    hr, me, other, welding, safety = make_user("hr"), make_user(), make_user(), make_skill(), make_skill()
    kind = make_type((welding, 3))
    mine, waiting = held(me, kind, ago(5)), held(other, kind, ago(5))
    decide(client, mine, "verify")
    queue_redis().flushall()
    grants = [{"skill_id": welding.id, "level": 4}, {"skill_id": safety.id, "level": 2}]
    address = f"/api/qualification/types/{kind.id}"
    assert client.patch(address, json={"grants": grants}, headers=sign_in(hr)).status_code == 200
    assert len(queue_redis().keys("rq:job:*")) == 1
    assert level_of(me, welding) == 3  # until the job has run
    assert regrant_type(kind.id) == 1
    assert (level_of(me, welding), level_of(me, safety), level_of(other, welding)) == (4, 2, None)
    client.patch(address, json={"grants": []}, headers=sign_in(hr))
    assert regrant_type(kind.id) == 1
    assert (level_of(me, welding), spoken(me, safety)) == (None, [])
    assert waiting.review_state == "submitted"


def test_the_sweep_makes_it_true_again_from_nothing_but_the_certificates(client):
    people, welding = [make_user() for _ in range(3)], make_skill()
    kind = make_type((welding, 3))
    rows = [held(person, kind, ago(5), "verified") for person in people]  # as an import or a restore leaves them
    stray = {"qualification_id": 2_000_000_000}
    rate_skill(people[0].id, welding.id, 5, source="assessment", rater_id=None, evidence=stray)
    other = {"from": "a test in class"}
    rate_skill(people[1].id, welding.id, 2, source="assessment", rater_id=None, evidence=other)
    assert (sweep_grants(), sweep_grants()) == (3, 0)
    for person, row in zip(people, rows, strict=True):
        assert (3, ago(5), row.id) in _named(person, welding)
    assert level_of(people[0], welding) == 3
    assert level_of(people[1], welding) == 2  # the test in class is newer, and no certificate's


def _named(user, skill) -> list[tuple]:
    rows = db.session.scalars(db.select(Rating).filter_by(user_id=user.id, skill_id=skill.id, retracted_at=None))
    return [(row.level, row.effective_on, row.evidence.get("qualification_id")) for row in rows]
