"""The demo company, filled once for this module: whether it is whole, believable, and true to the product's rules."""

from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa

from smartskill.activity.models import KINDS, Consent, InteractionEvent
from smartskill.commands.demo.company import fill_demo
from smartskill.commands.demo.sources import read_table
from smartskill.database import Base, now
from smartskill.engagement.models import Decision
from smartskill.experience.models import Experience
from smartskill.extensions import db
from smartskill.qualification.models import EXPIRING_DAYS, Qualification
from smartskill.qualification.services.granting import find_holders, find_unsettled
from smartskill.skills.models.catalogue import Skill, SkillCategory
from smartskill.skills.models.levels import Endorsement, Rating, UserSkill
from smartskill.skills.services.formulas import FRESH, confidence
from smartskill.skills.services.projection import refresh_user_skill
from smartskill.user.models import ReportingLine, Team, TeamMembership, TeamPlacement, User
from smartskill.user.services.organisation import is_manager_above, members_of

PROJECTED = ("level", "self_level", "manager_level", "voices", "last_confirmed_on", "next_change_on")


@pytest.fixture(scope="module")
def company(app):
    """The printed accounts of the filled company."""
    with app.app_context():
        accounts = fill_demo()
        db.session.remove()
    yield accounts
    with app.app_context(), db.engine.begin() as connection:
        tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
        connection.execute(sa.text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))


def _user(company, account: str) -> User:
    return db.session.scalars(sa.select(User).filter_by(email=company[account]["email"])).one()


def _count(*conditions) -> int:
    return db.session.scalar(sa.select(sa.func.count()).where(*conditions))


def test_each_printed_account_can_sign_in(client, company):
    for account in company.values():
        answer = client.post("/api/users/login", json=account)
        assert answer.status_code == 200
        assert answer.json["user"]["email"] == account["email"]


def test_about_two_hundred_people_of_several_places(app, company):
    roles = Counter(db.session.scalars(sa.select(User.role)))
    assert 190 <= roles.total() <= 220
    assert roles["admin"] == 1
    assert roles["hr"] == 2
    assert roles["manager"] >= 30
    assert len(set(db.session.scalars(sa.select(User.timezone)))) >= 4
    assert set(db.session.scalars(sa.select(User.locale))) == {"en", "de"}
    assert _count(User.is_active.is_(False)) >= 3
    assert _count(User.password_hash.is_(None), User.invited_at.is_not(None)) >= 2


def test_teams_are_a_tree_of_four_levels(app, company):
    parents = dict(db.session.execute(sa.select(Team.id, Team.parent_id).where(Team.ended_on.is_(None))).all())
    depths = Counter(_depth(team, parents) for team in parents)
    assert set(depths) == {1, 2, 3, 4}
    assert depths[1] == 1


def _depth(child: int, parents: dict[int, int | None]) -> int:
    """How far below the top; a cycle would be longer than there are rows."""
    depth, at = 1, child
    while parents[at] is not None:
        at, depth = parents[at], depth + 1
        assert depth <= len(parents)
    return depth


def test_managers_are_a_tree_with_one_head(app, company):
    managers = dict(db.session.execute(sa.select(User.id, User.manager_id).where(User.is_active)).all())
    assert sum(manager is None for manager in managers.values()) == 1
    for person in managers:
        _depth(person, managers)


def test_the_printed_manager_is_above_the_printed_employee_but_not_next(app, company):
    manager, employee = _user(company, "manager"), _user(company, "employee")
    assert employee.manager_id != manager.id
    assert is_manager_above(manager.id, employee.id)
    assert is_manager_above(manager.id, employee.id, as_of=now().date() - timedelta(days=365))


@pytest.mark.parametrize(
    ("today", "dated", "row", "value"),
    [
        (User.team_id, TeamMembership, TeamMembership.user_id, TeamMembership.team_id),
        (User.manager_id, ReportingLine, ReportingLine.user_id, ReportingLine.manager_id),
        (Team.parent_id, TeamPlacement, TeamPlacement.team_id, TeamPlacement.parent_id),
    ],
)
def test_todays_answer_is_that_of_the_dated_rows(app, company, today, dated, row, value):
    owner = today.class_
    valid = dated.valid.contains(sa.func.current_date())
    stored = dict(db.session.execute(sa.select(owner.id, today).where(today.is_not(None))).all())
    assert stored == dict(db.session.execute(sa.select(row, value).where(valid, value.is_not(None))).all())


def test_a_re_organisation_lies_in_the_past(app, company):
    ended = db.session.scalars(
        sa.select(sa.func.upper(TeamPlacement.valid)).where(~sa.func.upper_inf(TeamPlacement.valid))
    )
    days = set(ended)
    assert len(days) == 1
    day = days.pop()
    assert day < now().date() - timedelta(days=180)
    for table in (TeamMembership, ReportingLine):
        assert _count(sa.func.upper(table.valid) == day) >= 4
    ended = db.session.scalars(sa.select(Team).where(Team.ended_on.is_not(None))).one()
    assert ended.ended_on == day
    assert _count(TeamMembership.team_id == ended.id) >= 3
    before, after = (set(db.session.scalars(members_of(ended.id, on))) for on in (day - timedelta(days=1), day))
    assert len(before) >= 3
    assert not after


def test_the_starter_catalogue_has_250_skills_on_nested_shelves(app, company):
    assert _count(Skill.id > 0) >= 250
    assert _count(SkillCategory.parent_id.is_not(None)) >= 15
    assert {"proposed", "active", "retired"} == set(db.session.scalars(sa.select(Skill.status)))
    assert _count(Skill.description.is_(None)) == 0
    python = db.session.scalars(sa.select(Skill).filter_by(name="Python")).one()
    assert "py" in python.aliases
    assert python.category.name == "Programming languages"


def test_every_projection_of_a_sample_is_what_the_product_computes(app, company):
    rows = db.session.scalars(
        sa.select(UserSkill).order_by(sa.func.md5(sa.cast(UserSkill.id, sa.Text))).limit(200)
    ).all()
    for row in rows:
        stored = {name: getattr(row, name) for name in PROJECTED}
        fresh = refresh_user_skill(row.user_id, row.skill_id)
        assert stored == {name: getattr(fresh, name) for name in PROJECTED}


def test_every_rating_has_its_projection(app, company):
    rated = sa.select(Rating.user_id, Rating.skill_id)
    assert db.session.execute(rated.except_(sa.select(UserSkill.user_id, UserSkill.skill_id))).all() == []
    assert _count(Rating.effective_on >= now().date()) == 0
    assert set(db.session.scalars(sa.select(Rating.source))) == {"assessment", "manager", "peer", "self", "import"}
    assert _count(Rating.retracted_at.is_not(None)) >= 5


def test_some_levels_are_stale_some_not_agreed_on_and_some_only_wished_for(app, company):
    a_year_ago = now().date() - timedelta(days=366)
    assert _count(UserSkill.last_confirmed_on < a_year_ago) >= 200
    assert _count(sa.func.abs(UserSkill.self_level - UserSkill.manager_level) >= 2) >= 20
    assert _count(UserSkill.level.is_(None), UserSkill.interest >= 3) >= 20
    assert _count(UserSkill.is_shown.is_(False)) >= 20


def test_some_skills_have_one_holder_alone(app, company):
    held = sa.select(UserSkill).join(Skill).where(Skill.name.in_(read_table("organisation")["sole_holders"]))
    masters = [row for row in db.session.scalars(held) if row.level and row.level >= 4]
    assert len(masters) == len({row.skill_id for row in masters}) >= 10
    for row in masters:
        assert confidence(row.voices, row.skill.review_months, now().date()) >= FRESH


def test_endorsements_come_with_the_peer_rating_of_a_colleague(app, company):
    odd = (
        (Rating.source != "peer")
        | (Rating.rater_id != Endorsement.endorser_id)
        | (Rating.user_id != Endorsement.user_id)
    )
    joined = sa.select(Endorsement.id).join(Rating, Rating.id == Endorsement.rating_id, isouter=True)
    assert db.session.scalars(joined.where(Rating.id.is_(None) | odd)).all() == []
    assert _count(Endorsement.id > 0) >= 300
    assert _count(Endorsement.endorser_id == Endorsement.user_id) == 0


def test_everybody_who_has_arrived_has_experience_that_used_skills(app, company):
    stations = Counter(db.session.scalars(sa.select(Experience.user_id)))
    arrived = set(db.session.scalars(sa.select(User.id).where(User.verified_at.is_not(None))))
    assert set(stations) == arrived
    assert max(stations.values()) <= 6
    rows = db.session.scalars(sa.select(Experience)).all()
    assert all(row.end is None or row.end.last >= row.start.first for row in rows)
    assert {row.start.precision for row in rows} == {"year", "month", "day"}
    assert sum(bool(row.skill_links) for row in rows) > 0.8 * len(rows)


def test_qualifications_expire_on_days_one_can_look_at(app, company):
    today, live = now().date(), _not_renewed()
    left = Counter((row.expires_on - today).days for row in live if row.expires_on)
    assert all(left[days] >= 2 for days in (3, 20, 60, 85))
    assert sum(count for days, count in left.items() if 0 <= days <= EXPIRING_DAYS) >= 8
    assert 3 <= sum(count for days, count in left.items() if days < 0) <= 15
    mine = [row for row in live if row.user_id == _user(company, "employee").id and row.expires_on]
    assert sorted((row.expires_on - today).days for row in mine) == [-9, 20]


def _not_renewed() -> list[Qualification]:
    renewed = sa.select(Qualification.renews_id).where(Qualification.renews_id.is_not(None))
    active = sa.select(User.id).where(User.is_active)
    query = sa.select(Qualification).where(
        Qualification.review_state == "verified", Qualification.id.not_in(renewed), Qualification.user_id.in_(active)
    )
    return list(db.session.scalars(query))


def test_renewals_point_at_the_holders_earlier_one(app, company):
    rows = {row.id: row for row in db.session.scalars(sa.select(Qualification))}
    renewals = [(row, rows[row.renews_id]) for row in rows.values() if row.renews_id]
    assert len(renewals) >= 30
    for new, old in renewals:
        assert (new.user_id, new.type_id) == (old.user_id, old.type_id)
        assert old.expires_on < new.expires_on
        assert old.issued_on.first < new.issued_on.first


def test_levels_are_what_the_certificates_say(app, company):
    """The nightly sweep finds nothing to do."""
    people = find_holders(after_id=0, limit=1_000)
    assert len(people) > 80
    assert find_unsettled(people) == []


def test_reviews_wait_and_nobody_reviewed_their_own(app, company):
    states = Counter(db.session.scalars(sa.select(Qualification.review_state)))
    assert set(states) == {"draft", "submitted", "verified", "rejected", "revoked"}
    assert states["submitted"] >= 5
    assert _count(Qualification.reviewed_by_id == Qualification.user_id) == 0
    is_reviewed = Qualification.review_state.in_(("verified", "rejected", "revoked"))
    assert _count(is_reviewed != Qualification.reviewed_at.is_not(None)) == 0


def test_thousands_of_decisions_have_matured_with_their_odds(app, company):
    rows = db.session.scalars(sa.select(Decision)).all()
    assert all(row.is_synthetic for row in rows)
    assert sum(row.decided_at < now() - timedelta(days=14) for row in rows) >= 4_000
    for row in rows:
        assert sum(row.propensities.values()) == pytest.approx(1)
        assert row.propensity == row.propensities[row.drawn_action]
        assert row.action == ("none" if row.is_held_out else row.drawn_action)
    held_out = {row.user_id for row in rows if row.is_held_out}
    assert 5 <= len(held_out) <= 80
    assert {row.action for row in rows} > {"none", "endorsed", "skill_stale", "digest"}


def test_a_year_of_events_is_labelled_and_lies_in_its_partitions(app, company):
    events = InteractionEvent
    query = sa.select(sa.func.min(events.occurred_at), sa.func.max(events.occurred_at), sa.func.count())
    first, last, count = db.session.execute(query).one()
    assert last - first > timedelta(weeks=50)
    assert last < now()
    assert count > 20_000
    assert _count(events.props["synthetic"].astext.is_distinct_from("true")) == 0
    assert set(db.session.scalars(sa.select(events.kind).distinct())) <= set(KINDS)
    assert db.session.scalar(sa.text("SELECT count(*) FROM interaction_events_default")) == 0


def test_people_act_by_day_on_their_own_clocks(app, company):
    hour = sa.extract("hour", sa.func.timezone(User.timezone, InteractionEvent.occurred_at))
    acts = sa.select(User.timezone, hour).join_from(InteractionEvent, User, User.id == InteractionEvent.user_id)
    by_zone: dict[str, list[int]] = {}
    for zone, at in db.session.execute(acts.where(InteractionEvent.kind == "skill_rated")):
        by_zone.setdefault(zone, []).append(int(at))
    assert len(by_zone) >= 4
    for hours in by_zone.values():
        assert sum(6 <= at <= 18 for at in hours) > 0.9 * len(hours)


def test_events_about_a_mail_name_its_decision(app, company):
    events = InteractionEvent
    joined = sa.select(events.kind, Decision.user_id == events.user_id, Decision.decided_at <= events.occurred_at)
    rows = db.session.execute(
        joined.join_from(events, Decision, Decision.id == events.decision_id, isouter=True).where(
            events.kind.in_(("email_sent", "email_clicked", "unsubscribed"))
        )
    ).all()
    assert {kind for kind, _, _ in rows} == {"email_sent", "email_clicked", "unsubscribed"}
    assert all(is_theirs and is_before for _, is_theirs, is_before in rows)


def test_who_declined_to_be_tracked_has_no_events(app, company):
    declined = sa.select(Consent.user_id).where(Consent.purpose == "tracking", ~Consent.is_granted)
    assert len(db.session.scalars(declined).all()) == 3
    for table in (InteractionEvent, Decision):
        assert _count(table.user_id.in_(declined)) == 0
    granted = _count(Consent.is_granted)
    assert granted > 0.95 * _count(Consent.user_id > 0)
