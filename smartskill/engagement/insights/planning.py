"""Decide for a range of people: by rule what is due, by the policy what is worth saying. Deciding writes nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from ml.events import EventLog, empty_log
from ml.features import count_rhythm
from ml.policy.hours import best_slots
from smartskill.engagement.insights.champion import Serving, find_serving
from smartskill.engagement.insights.columns import load_events
from smartskill.engagement.insights.known import load_facts
from smartskill.engagement.insights.weighing import ARMS, Chosen, Weighing, choose_by_rule
from smartskill.engagement.models import PlanChunk, PlanRun
from smartskill.engagement.services.by_rule import decide_by_rule, write_by_rule
from smartskill.engagement.services.people import EVERYBODY, IdRange, find_allowing, find_people
from smartskill.engagement.services.slots import Window, find_slot
from smartskill.engagement.services.weekly import Candidate, find_candidates
from smartskill.engagement.services.wording.sentences import line
from smartskill.engagement.services.writing import Intent, write_weekly
from smartskill.notifications.services.recipients import Recipient, find_recipients
from smartskill.user.models import User


@dataclass(frozen=True)
class Moment:
    """When, and how, a planning looks at people."""

    at: datetime
    window: Window
    is_forced: bool


@dataclass(frozen=True)
class Plan:
    """What was decided about some people."""

    people: int
    by_rule: list[Intent]
    weekly: list[Intent]

    def counts(self, mails: int) -> dict[str, int]:
        """What came of it, for the run's record."""
        counts: Counter = Counter(people=self.people, decisions=len(self.by_rule) + len(self.weekly), mails=mails)
        counts["held_out"] = sum(bool(intent.facts.get("is_held_out")) for intent in self.weekly)
        counts["fallbacks"] = sum(bool(intent.facts.get("fallback")) for intent in self.weekly)
        for intent in self.weekly:
            if intent.facts.get("stage") is not None:
                counts[f"stage:{intent.facts['stage']}"] += 1
            if intent.facts.get("fallback"):
                counts[f"fallback:{intent.facts['fallback']}"] += 1
        for intent in (*self.by_rule, *self.weekly):
            counts[f"gate:{intent.verdict.gate}" if intent.verdict.gate else f"action:{intent.action}"] += 1
        return dict(counts)


class Population:
    """Some people with what is known of them, loaded once."""

    def __init__(self, people: IdRange, moment: Moment):
        self.range, self.moment = people, moment
        self.people: Sequence[User] = find_people(people)
        ids = [person.id for person in self.people]
        self.recipients: dict[int, Recipient] = find_recipients(ids, at=moment.at) if ids else {}
        self.allowing = find_allowing(people)
        self.events: EventLog = load_events(people, moment.at) if ids else empty_log()

    def slots(self) -> dict[int, datetime]:
        """When each weekly decision is due: now where it is forced, else the slots that the window covers."""
        if self.moment.is_forced:
            return {person.id: self.moment.at for person in self.people}
        weekdays, hours = self._best()
        found = {}
        for person, weekday, hour in zip(self.people, weekdays.tolist(), hours.tolist(), strict=True):
            recipient = self.recipients[person.id]
            slot = find_slot(self.moment.window, recipient.zone, weekday, hour)
            if slot is not None:
                found[person.id] = slot
        return found

    def _best(self) -> tuple[np.ndarray, np.ndarray]:
        ids = np.array([person.id for person in self.people], dtype=np.int64)
        weekdays, hours = count_rhythm(self.events, ids)
        working = [[day in self.recipients[person.id].working_days for day in range(7)] for person in self.people]
        return best_slots(weekdays, hours, np.array(working, dtype=bool).reshape(-1, 7))

    def candidates(self, slots: dict[int, datetime]) -> list[Candidate]:
        """Who is to be decided on."""
        return find_candidates(self.people, self.recipients, slots, self.moment.at, is_past_hours=self.moment.is_forced)

    def weigh(self, candidates: Sequence[Candidate], serving: Serving) -> Weighing:
        """Candidates who allow it, scored."""
        facts = load_facts(self.moment.at, self.range, is_present=True)
        return Weighing(candidates, self.events, facts, self.moment.at, serving)


def make_plan(people: IdRange, moment: Moment, price: float) -> Plan:
    """Decide for everybody in a range."""
    population = Population(people, moment)
    by_rule = decide_by_rule(population.people, population.recipients, moment.at, is_past_hours=moment.is_forced)
    candidates = population.candidates(population.slots())
    closed = [one for one in candidates if not one.open_kinds]
    weekly = [one.decide("none", is_past_hours=moment.is_forced, facts={}) for one in closed]
    for one, chosen in _choose(population, [one for one in candidates if one.open_kinds], price):
        weekly.append(one.decide(chosen.action, is_past_hours=moment.is_forced, facts=chosen.facts))
    return Plan(len(population.people), by_rule, weekly)


def _choose(population: Population, candidates: list[Candidate], price: float) -> list[tuple[Candidate, Chosen]]:
    scored = [one for one in candidates if one.user_id in population.allowing]
    others = [one for one in candidates if one.user_id not in population.allowing]
    chosen = list(zip(others, choose_by_rule(others, population.moment.at), strict=True))
    if scored:
        chosen += zip(scored, population.weigh(scored, find_serving(ARMS)).choose(price), strict=True)
    return chosen


def write_plan(plan: Plan, at: datetime, run_id: int | None) -> dict[str, int]:
    """Write what was decided: each decision with its inbox entries and its mail; returns the counts."""
    mails = write_by_rule(plan.by_rule, at, run_id)
    mails += write_weekly(plan.weekly, at, run_id)
    return plan.counts(mails)


def plan_chunk(run: PlanRun, chunk: PlanChunk, window: Window) -> dict[str, int]:
    """Decide for a chunk and write it."""
    moment = Moment(run.as_of, window, run.is_forced)
    return write_plan(make_plan(IdRange(chunk.from_id, chunk.to_id), moment, run.price or 0.0), run.as_of, run.id)


def find_price(at: datetime, sample: list[IdRange]) -> float:
    """The price of a mail that keeps the budget, reckoned on a sample of people as if everybody's slot were now."""
    prices = []
    for people in sample or [EVERYBODY]:
        population = Population(people, Moment(at, Window.after(None, at), is_forced=True))
        candidates = [one for one in population.candidates(population.slots()) if one.open_kinds]
        scored = [one for one in candidates if one.user_id in population.allowing]
        if population.people:
            prices.append(population.weigh(scored, find_serving(ARMS)).price(len(population.people)))
    return float(np.mean(prices)) if prices else 0.0


def show_plan(plan: Plan, at: datetime) -> list[dict[str, Any]]:
    """Who would be told what and why, as JSON."""
    people = find_recipients({intent.user_id for intent in (*plan.by_rule, *plan.weekly)})
    return [
        {
            "email": people[intent.user_id].email,
            "mail_class": intent.mail_class,
            "action": intent.action,
            "gate": intent.verdict.gate,
            "mail_at": intent.mail_at.isoformat() if intent.mail_at else None,
            "stage": intent.facts.get("stage"),
            "propensity": intent.facts.get("propensity"),
            "is_held_out": bool(intent.facts.get("is_held_out")),
            "why": line([(kind, evidence) for kind, _, evidence in intent.parts], "en", at.date()),
        }
        for intent in (*plan.by_rule, *plan.weekly)
    ]
