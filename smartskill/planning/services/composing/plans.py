"""Teams that somebody asked for: begun, followed, cancelled, taken up again after a crash, forgotten after 30 days.

The row is the job. What a worker computes follows from it and the people of the moment, so that doing it twice gives
one result; a row that stays open is offered again, and given up after three tries.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, select, update

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.errors import Invalid, NotFound
from smartskill.kit.transaction import count_changed, defer
from smartskill.planning.models.teams import TeamPlan
from smartskill.planning.services.policy import NotYourPeople, people_to_plan
from smartskill.skills.models.catalogue import Skill
from smartskill.user.models import Team, User
from smartskill.user.services.dated import today

COMPOSE = "smartskill.planning.tasks.compose_team"
KEPT_FOR = timedelta(days=30)
WAITS_LONG, RUNS_LONG = timedelta(minutes=2), timedelta(minutes=5)
MOST_TRIES = 3
OPEN = ("queued", "running")


def begin_plan(data: Mapping[str, Any], by: Any) -> TeamPlan:
    """Ask for a team; a worker begins when the transaction is committed.

    Raises:
        NotYourPeople: nobody reports to them, or nobody of that team, or somebody named does not.
        Invalid: a skill, team or person does not exist, or a need is there twice; each is named.
    """
    _check_needs(data["needs"])
    _check_pool(data["pool"], by)
    row = TeamPlan(user_id=by.id, request=dict(data), expires_at=now() + KEPT_FOR)
    db.session.add(row)
    db.session.flush()
    _offer(row)
    return row


def _check_needs(needs: list[dict[str, Any]]) -> None:
    wanted = [need["skill_id"] for need in needs]
    known = set(db.session.scalars(select(Skill.id).where(Skill.id.in_(wanted))))
    errors: dict[str, list[str]] = {}
    for place, need in enumerate(needs):
        earlier = [(one["skill_id"], one["min_level"]) for one in needs[:place]]
        if need["skill_id"] not in known:
            errors[f"needs.{place}.skill_id"] = ["There is no such skill."]
        elif (need["skill_id"], need["min_level"]) in earlier:
            errors[f"needs.{place}.skill_id"] = ["This skill is needed at this level already, above."]
    if errors:
        raise Invalid(errors=errors)


def _check_pool(pool: Mapping[str, Any], by: Any) -> None:
    team_id, user_ids = pool.get("team_id"), pool.get("user_ids", [])
    if team_id is not None and db.session.get(Team, team_id) is None:
        raise Invalid.field("pool.team_id", "There is no such team.")
    own = people_to_plan(by, team_id)
    if team_id is not None and db.session.scalar(own.limit(1)) is None:
        raise NotYourPeople()
    known = set(db.session.scalars(select(User.id).where(User.id.in_(user_ids), User.is_active)))
    unknown = {place: one for place, one in enumerate(user_ids) if one not in known}
    if unknown:
        raise Invalid(
            errors={f"pool.user_ids.{place}": [f"There is no person {one}."] for place, one in unknown.items()}
        )
    theirs = set(db.session.scalars(own.where(User.id.in_(user_ids))))
    refused = {place: one for place, one in enumerate(user_ids) if one not in theirs}
    if refused:
        errors = {f"pool.user_ids.{place}": [f"Person {one} does not report to you."] for place, one in refused.items()}
        raise NotYourPeople(errors=errors)


def select_pool(pool: Mapping[str, Any], asker: Any) -> Select:
    """A select of the ids of those who are there to be picked: the asker's to plan for today, and not gone.

    Raises:
        NotYourPeople: nobody is any more.
    """
    people = people_to_plan(asker, pool.get("team_id")).where(User.leaves_on.is_(None) | (User.leaves_on >= today()))
    return people.where(User.id.in_(pool["user_ids"])) if "user_ids" in pool else people


def get_plan(plan_id: int, asker: Any, *, is_locked: bool = False) -> TeamPlan:
    """A plan of the asker's own that has not expired. Raises: NotFound."""
    row = _find(plan_id, is_locked=is_locked)
    if row is None or row.user_id != asker.id or row.expires_at <= now():
        raise NotFound()
    return row


def _find(plan_id: int, *, is_locked: bool) -> TeamPlan | None:
    return db.session.get(TeamPlan, plan_id, with_for_update=is_locked or None, populate_existing=True)


def drop_plan(row: TeamPlan) -> TeamPlan:
    """Cancel one that is open; a finished one is forgotten."""
    if row.state in OPEN:
        row.state, row.finished_at = "cancelled", now()
    else:
        db.session.delete(row)
    db.session.flush()
    return row


def claim_plan(plan_id: int) -> TeamPlan | None:
    """Take up a plan, for a worker; None where there is nothing left to do."""
    row = _find(plan_id, is_locked=True)
    if row is None or row.state not in OPEN:
        return None
    row.state, row.started_at, row.progress, row.tries = "running", now(), 0.0, row.tries + 1
    db.session.flush()
    return row


def note_progress(plan_id: int, share: float) -> bool:
    """Say how far it is; False where somebody cancelled it meanwhile."""
    change = update(TeamPlan).where(TeamPlan.id == plan_id, TeamPlan.state == "running").values(progress=share)
    return count_changed(change) == 1


def finish_plan(plan_id: int, *, result: dict[str, Any] | None = None, error: str | None = None) -> None:
    """Keep what came of it, unless it was cancelled or is done."""
    row = _find(plan_id, is_locked=True)
    if row is None or row.state != "running":
        return
    row.state, row.result, row.error = ("failed" if error else "done"), result, error and error[:300]
    row.progress, row.finished_at = 1.0, now()
    db.session.flush()


def offer_stuck_plans(at: datetime) -> int:
    """Offer again what a lost job or a killed worker left open; returns how many are open. Forgets expired ones."""
    db.session.execute(delete(TeamPlan).where(TeamPlan.expires_at <= at))
    stuck = (
        select(TeamPlan)
        .where(TeamPlan.state.in_(OPEN), TeamPlan.created_at < at - WAITS_LONG)
        .order_by(TeamPlan.id)
        .with_for_update(skip_locked=True)
    )
    rows = db.session.scalars(stuck).all()
    for row in rows:
        if row.state == "running" and row.started_at and row.started_at > at - RUNS_LONG:
            continue
        if row.tries >= MOST_TRIES:
            row.state, row.error, row.finished_at = "failed", f"given up after {MOST_TRIES} tries", at
        else:
            row.state = "queued"
            _offer(row)
    db.session.flush()
    return len(rows)


def _offer(row: TeamPlan) -> None:
    # The id names the try: a killed worker's job keeps its id for a while, and must not stand in the way.
    defer(COMPOSE, row.id, job_id=f"team-{row.id}-{row.tries}")
