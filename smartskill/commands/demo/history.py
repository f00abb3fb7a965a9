"""The company's year as rows: events, decisions with their odds, and what people said about being observed.

All of it is invented, and every row says so: decisions by `is_synthetic`, events by their props. Nobody who declined
to be tracked has any.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from smartskill.activity.models import PURPOSES, Consent, InteractionEvent
from smartskill.commands.demo.bulk import copy_rows, reserve_ids
from smartskill.commands.demo.insights import Past, PastDecision, PastEvent, list_decisions, list_events
from smartskill.commands.demo.organisation import morning
from smartskill.commands.demo.people import Person
from smartskill.commands.demo.sources import chance
from smartskill.engagement.models import Decision
from smartskill.extensions import db
from smartskill.notifications.models import Preference
from smartskill.skills.models.levels import UserSkill

LABEL = {"synthetic": True}
UNTRACKED, UNPREDICTED = 3, 4  # people who declined both, and prediction alone
SUBSCRIPTIONS = ("endorsed", "skill_stale", "role_gap", "skill_recommended", "team_need", "digest", "welcome")
SKILL_KINDS = ("skill_rated", "skill_confirmed", "endorsement_received")
MAIL_KINDS = ("email_sent", "email_clicked", "unsubscribed")


def fill_history(people: list[Person], past: Past, today: date) -> tuple[int, int]:
    """Write consents, preferences, decisions and events; returns how many decisions and events."""
    by_place = {person.history: person for person in people if person.history is not None}
    timezones = [by_place[place].timezone for place in range(len(by_place))]
    untracked = _fill_consents(people, today)
    _fill_preferences(by_place, past, today)
    decisions = list_decisions(past, timezones)
    ids = reserve_ids(Decision, len(decisions))
    shown = {place: person for place, person in by_place.items() if person.number not in untracked}
    until = morning(today, 0)
    made = copy_rows(
        Decision,
        (
            _decision_row(id_, shown[decision.place], decision)
            for id_, decision in zip(ids, decisions, strict=True)
            if decision.place in shown and decision.decided_at < until
        ),
    )
    events = (event for event in list_events(past, timezones) if event.place in shown)
    return made, copy_rows(InteractionEvent, _event_rows(events, shown, ids))


def _fill_consents(people: list[Person], today: date) -> set[int]:
    """Everybody agrees to both, as the demo's default, but a few; returns the numbers of those who are not tracked."""
    arrived = [person for person in people if person.state != "invited"]
    asked = [person for person in arrived if person.state == "here" and not person.account]
    quiet = chance("consents").sample(asked, UNTRACKED + UNPREDICTED)
    untracked, unpredicted = {p.number for p in quiet[:UNTRACKED]}, {p.number for p in quiet}
    refused = {"tracking": untracked, "prediction": unpredicted}
    rows = (
        {
            "user_id": person.id,
            "purpose": purpose,
            "is_granted": person.number not in refused[purpose],
            "changed_at": morning(person.joined_on, 9),
        }
        for person in arrived
        for purpose in PURPOSES
    )
    copy_rows(Consent, rows)
    return untracked


def _fill_preferences(by_place: dict[int, Person], past: Past, today: date) -> None:
    """Who unsubscribed in the past wants no subscription mail."""
    at = morning(today - timedelta(days=1))
    rows = (
        {"user_id": by_place[place].id, "kind": kind, "is_wanted": False, "changed_at": at}
        for place in past.unsubscribed
        for kind in SUBSCRIPTIONS
    )
    copy_rows(Preference, rows)


def _decision_row(id_: int, person: Person, decision: PastDecision) -> dict[str, Any]:
    return {
        "id": id_,
        "user_id": person.id,
        "decision_key": f"synthetic:{decision.key}",
        "mail_class": "subscription",
        "action": decision.action,
        "drawn_action": decision.drawn,
        "is_held_out": decision.is_held_out,
        "stage": 0,
        "propensity": decision.propensity,
        "propensities": decision.propensities,
        "send_at": None if decision.action == "none" else decision.due_at,
        "decided_at": decision.decided_at,
        "is_synthetic": True,
    }


def _event_rows(
    events: Iterator[PastEvent], shown: dict[int, Person], decision_ids: list[int]
) -> Iterator[dict[str, Any]]:
    rng, colleagues, held = chance("subjects"), [person.id for person in shown.values()], _held_skills()
    for event in events:
        person, subject_type, subject_id = shown[event.place], None, None
        if event.kind in SKILL_KINDS and held.get(person.id):
            subject_type, subject_id = "skill", rng.choice(held[person.id])
        elif event.kind in ("profile_viewed", "endorsement_given"):
            subject_type, subject_id = "user", rng.choice(colleagues)
        source = "email" if event.kind in MAIL_KINDS else "system" if event.kind == "endorsement_received" else "web"
        yield {
            "occurred_at": event.occurred_at,
            "received_at": event.occurred_at,
            "user_id": person.id,
            "kind": event.kind,
            "subject_type": subject_type,
            "subject_id": subject_id,
            "source": source,
            "decision_id": None if event.decision is None else decision_ids[event.decision],
            "props": LABEL,
            "is_automated": event.is_automated or source == "system",
        }


def _held_skills() -> dict[int, list[int]]:
    """The skills that each person has."""
    held: dict[int, list[int]] = defaultdict(list)
    for user_id, skill_id in db.session.execute(select(UserSkill.user_id, UserSkill.skill_id).order_by(UserSkill.id)):
        held[user_id].append(skill_id)
    return held
