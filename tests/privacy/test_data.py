"""One's own data: shown whole to oneself and nobody else, and gone from every table when erased."""

from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import String, cast, func, select
from sqlalchemy.dialects.postgresql import Range

from smartskill.activity.models import Consent, InteractionEvent
from smartskill.database import Base, now
from smartskill.engagement.models import Decision, ModelVersion, PlanRun, Prediction
from smartskill.exchange.models import Badge, ExternalPerson, FileImport, ResumeRemainder
from smartskill.extensions import db
from smartskill.kit.models import IdempotencyKey
from smartskill.notifications.models import Bounce, Click, Delivery, MailSettings, Notification, Preference, Suppression
from smartskill.planning.models.growth import DismissedSkill
from smartskill.planning.models.roles import Exemption, RoleAssignment, RoleProfile
from smartskill.planning.models.searches import SavedSearch, SearchMatch
from smartskill.planning.models.suggestions import SkillSuggestion
from smartskill.planning.models.teams import TeamPlan
from smartskill.privacy.services.places import PLACES
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import Endorsement, Rating
from smartskill.skills.models.merges import SkillMerge, SkillMergeRow
from smartskill.user.models import RefreshToken, ReportingLine, Team, TeamMembership, User, UserSession
from smartskill.user.services.passwords import hash_password
from tests.factories import (
    make_experience,
    make_qualification,
    make_skill,
    make_user,
    make_user_skill,
    sign_in,
)

PASSWORD = "an hour of quiet rain"
MARK = "Zyxwvutsrq"  # in each text about the person, and nowhere else
PDF = b"%PDF-1.7\n"
ADDRESS = "/api/users/me/data"
DAY = date(2026, 1, 1)


def _came_back(delivery, me) -> tuple[Bounce, Click]:
    bounce = Bounce(delivery_id=delivery.id, kind="soft", email=me.email)
    return bounce, Click(delivery_id=delivery.id, path="/profile", is_automated=False)


def make_person(client, **given):
    """Somebody with a row in each table that leads to a person."""
    me = make_user(full_name=MARK, email=f"{MARK}@example.com", password_hash=hash_password(PASSWORD), **given)
    other, skill = make_user(), make_skill()
    make_user_skill(me, skill)
    experience = make_experience(me, organisation=MARK)
    experience.skill_links.append(_link(skill))
    qualification = make_qualification(me, credential_no=MARK)
    make_qualification(other, reviewed_by_id=me.id)
    model = ModelVersion(card={})
    session = UserSession(user_id=me.id, expires_at=now(), user_agent=MARK)
    delivery = Delivery(user_id=me.id, kind="digest", mail_class="subscription", campaign_key=MARK, message_id=MARK)
    _add(model, session, delivery)
    _place(me, other)
    _merge(me, other, skill)
    _planning(me, other, skill)
    _add(
        RefreshToken(jti="1", session_id=session.id, expires_at=now()),
        Rating(user_id=other.id, skill_id=skill.id, level=4, source="peer", rater_id=me.id, effective_on=DAY),
        Endorsement(user_id=me.id, skill_id=skill.id, endorser_id=other.id),
        Endorsement(user_id=other.id, skill_id=skill.id, endorser_id=me.id, note=MARK),
        Skill(name="Proposed", status="proposed", proposed_by_id=me.id),
        ResumeRemainder(user_id=me.id, sections={"basics": {"phone": MARK}}),
        *_came_back(delivery, me),
        Notification(user_id=me.id, kind="digest", campaign_key=MARK, evidence={}),
        Preference(user_id=me.id, kind="digest", is_wanted=False),
        MailSettings(user_id=me.id),
        Suppression(email=me.email, reason="bounce"),
        Consent(user_id=me.id, purpose="prediction", is_granted=True),
        InteractionEvent(user_id=me.id, kind="search", occurred_at=now()),
        InteractionEvent(user_id=other.id, kind="search", occurred_at=now()),
        Decision(user_id=me.id, decision_key=MARK, mail_class="service", action="none"),
        Prediction(user_id=me.id, name="lapse", model_version_id=model.id, value=0.25),
        Prediction(user_id=other.id, name="lapse", model_version_id=model.id, value=0.75),
        IdempotencyKey(user_id=me.id, route="POST /api/skills", key="1", digest="", body=MARK.encode()),
    )
    upload = {"file": (BytesIO(PDF), f"{MARK}.pdf")}
    address = f"/api/qualification/{qualification.id}/evidence"
    assert client.post(address, data=upload, headers=sign_in(me)).status_code == 200
    return me, other


def _merge(me, other, skill):
    """Rows of theirs, and of theirs about another, that a merge of skills folded into others."""
    merge = SkillMerge(skill_id=make_skill().id, into_id=skill.id, former_status="active", merged_by_id=me.id)
    _add(merge)
    for user, author in ((me, other), (other, me)):
        facts = {"table_name": "endorsements", "act": "folded", "key": {"id": 1}, "kept": {"row": {"note": MARK}}}
        _add(SkillMergeRow(merge_id=merge.id, user_id=user.id, author_id=author.id, **facts))


def _planning(me, other, skill):
    """Plans about them and of theirs, and what they handed in."""
    role, search = RoleProfile(name="Role"), SavedSearch(user_id=me.id, name=MARK, query={})
    _add(role, search)
    owners = {"requested_by_id": me.id, "owner_id": me.id}
    facts = {"file_name": f"{MARK}.csv", "media_type": "text/csv", "size_bytes": 1, "digest": "0" * 64}
    _add(
        RoleAssignment(user_id=me.id, role_id=role.id, valid=Range(DAY, None)),
        Exemption(user_id=me.id, skill_id=skill.id, reason=MARK, starts_on=DAY, ends_on=DAY, granted_by_id=other.id),
        SearchMatch(search_id=search.id, user_id=other.id, found_on=DAY),
        SkillSuggestion(user_id=me.id, skill_id=skill.id, score=0.5, reasons=[MARK]),
        Badge(user_id=me.id, content=MARK.encode(), digest="0" * 64, title=MARK),
        FileImport(**owners, **facts),
        TeamPlan(user_id=me.id, request={}, expires_at=now()),
        DismissedSkill(user_id=me.id, skill_id=skill.id),
        PlanRun(only_user_id=me.id),
        PlanRun(requested_by_id=me.id),
        ExternalPerson(system="odoo", external_id=MARK, user_id=me.id),
    )


def _place(me, other):
    """In a team, above and below somebody."""
    team, since = Team(name="Team"), Range(DAY, None)
    _add(team)
    _add(
        TeamMembership(user_id=me.id, team_id=team.id, valid=since),
        ReportingLine(user_id=me.id, manager_id=other.id, valid=since),
        ReportingLine(user_id=other.id, manager_id=me.id, valid=since),
    )


def _link(skill):
    from smartskill.experience.models import ExperienceSkill

    return ExperienceSkill(skill_id=skill.id)


def _add(*rows):
    db.session.add_all(rows)
    db.session.flush()


def rows_with_mark() -> dict[str, int]:
    """How many rows of which tables hold the mark, whatever the column."""
    found = {}
    for table in Base.metadata.sorted_tables:
        whole = func.concat_ws(" ", *(cast(column, String) for column in table.columns))
        condition = whole.icontains(MARK) | whole.icontains(MARK.encode().hex())  # the latter in bytes
        if count := db.session.scalar(select(func.count()).select_from(table).where(condition)):
            found[table.name] = count
    return found


def erase(client, user, password=PASSWORD, query=""):
    return client.delete(f"{ADDRESS}?{query}", json={"password": password}, headers=sign_in(user))


def files(app):
    return [path for path in Path(app.instance_path, "evidence").glob("*/*") if path.is_file()]


@pytest.fixture(autouse=True)
def empty_folder(app):
    yield
    for path in files(app):
        path.unlink()


def test_every_section_is_filled_and_holds_ones_own_rows_only(client):
    me, other = make_person(client)
    found = client.get(ADDRESS, headers=sign_in(me)).json
    assert set(found) == {place.section for place in PLACES if place.section} | {"exported_at"}
    assert [section for section, rows in found.items() if not rows] == []
    assert found["profile"]["email"] == me.email
    assert [row["value"] for row in found["predictions"]] == [0.25]
    assert len(found["events"]) == 1
    assert found["team_memberships"][0]["valid"] == {"from": "2026-01-01", "until": None}
    assert [row["user_id"] for row in found["ratings_given"] if row["source"] == "peer"] == [other.id]
    assert found["resume_remainder"]["sections"] == {"basics": {"phone": MARK}}
    assert found["evidence_files"][0]["file_name"] == f"{MARK}.pdf"
    assert other.email not in str(found)


def test_no_secret_is_exported(client):
    me, _ = make_person(client)
    text = client.get(ADDRESS, headers=sign_in(me)).text
    assert "argon2" not in text
    for word in ("password_hash", "unsubscribe_key", "jti", "network_digest"):
        assert f'"{word}"' not in text


def test_somebody_new_has_a_profile_and_no_surprises(client):
    found = client.get(ADDRESS, headers=sign_in(make_user())).json
    assert [section for section, rows in found.items() if rows] == ["exported_at", "profile", "sessions"]


def test_nobody_reads_anothers_data(client):
    me = make_user()
    for who in (make_user(), make_user("hr"), make_user("admin")):
        assert client.get(f"/api/users/{me.id}/data", headers=sign_in(who)).status_code == 404
        assert client.delete(f"/api/users/{me.id}/data", json={}, headers=sign_in(who)).status_code == 404
    assert client.get(ADDRESS).status_code == 401
    assert client.delete(ADDRESS, json={"password": PASSWORD}).status_code == 401


def test_the_account_and_every_trace_of_it_goes(app, client):
    me, other = make_person(client)
    user_id, token = me.id, sign_in(me)
    assert {"users", "deliveries", "evidence_files", "idempotency_keys", "suppressions"} <= set(rows_with_mark())
    assert len(files(app)) == 1
    answer = erase(client, me)
    assert answer.status_code == 200, answer.json
    assert answer.json["erased"]["profile"] == 1
    assert answer.json["erased"]["evidence_files"] == 1
    assert answer.json["erased"]["mail_suppressions"] == 1
    assert rows_with_mark() == {}
    assert files(app) == []
    assert db.session.get(User, user_id) is None
    for place in PLACES:
        if place.through is None and place.column != "email":
            held = select(func.count()).select_from(place.source).where(place.source.c[place.column] == user_id)
            assert db.session.scalar(held) == 0, place
    assert client.get("/api/users/me", headers=token).status_code == 401
    given = db.session.scalars(select(Rating).where(Rating.user_id == other.id)).one()
    assert (given.level, given.rater_id) == (4, None)
    assert db.session.scalars(select(InteractionEvent.user_id)).all() == [other.id]


def test_what_was_learned_goes_alone(client):
    me, other = make_person(client)
    answer = erase(client, me, query="scope=activity")
    assert answer.json == {"scope": "activity", "erased": {"events": 1, "decisions": 1, "predictions": 1}}
    found = client.get(ADDRESS, headers=sign_in(me)).json
    assert [found[section] for section in ("events", "decisions", "predictions")] == [[], [], []]
    assert found["levels"]
    assert found["consents"]
    assert db.session.scalars(select(Prediction.user_id)).all() == [other.id]


@pytest.mark.parametrize("query", ["", "scope=activity"])
def test_without_the_password_nothing_goes(app, client, query):
    me, _ = make_person(client)
    before = client.get(ADDRESS, headers=sign_in(me)).json
    answer = erase(client, me, "not the password", query)
    assert (answer.status_code, list(answer.json["errors"])) == (400, ["password"])
    missing = client.delete(ADDRESS, json={}, headers=sign_in(me))
    assert (missing.status_code, list(missing.json["errors"])) == (400, ["password"])
    after = client.get(ADDRESS, headers=sign_in(me)).json
    changing = {"exported_at", "sessions"}
    assert {k: v for k, v in after.items() if k not in changing} == {
        k: v for k, v in before.items() if k not in changing
    }
    assert len(files(app)) == 1


def test_the_last_admin_stays(app, client):
    me, _ = make_person(client, role="admin")
    assert erase(client, me).status_code == 409
    assert db.session.get(User, me.id) is not None
    assert len(files(app)) == 1


def test_an_unknown_scope_is_refused(client):
    me = make_user(password_hash=hash_password(PASSWORD))
    assert erase(client, me, query="scope=all").status_code == 400
