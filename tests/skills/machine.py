"""A machine that states, takes back, confirms, merges, undoes and waits, beside a model in memory that does the same.

After each step every level of the database must be what the model makes of the statements by the contract's formulas;
so must, at the end, the levels of past days. `python -m bench levels` runs it for 10,000 steps and more.
"""

from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
import time_machine
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from smartskill.database import now
from smartskill.extensions import db
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import Rating, UserSkill
from smartskill.skills.services.catalogue import SkillMerged, change_skill
from smartskill.skills.services.formulas import confidence
from smartskill.skills.services.merging import LaterMergeStands, merge_skills, undo_merge
from smartskill.skills.services.projection import refresh_due, refresh_user_skill
from smartskill.skills.services.rating import (
    NothingToConfirm,
    SkillRetired,
    confirm_skill,
    rate_skill,
    retract_ratings,
)
from smartskill.skills.services.standing import levels_on
from tests.factories import make_skill, make_user
from tests.skills.test_projection import TRUST, model

PEOPLE, SKILLS = 3, 4
who, what = st.integers(0, PEOPLE - 1), st.integers(0, SKILLS - 1)
sources = st.sampled_from(list(TRUST))


class Count:
    """How many steps were taken in all."""

    steps = 0


class Levels(RuleBasedStateMachine):
    """Three people, who rate each other, and four skills."""

    @initialize(months=st.lists(st.sampled_from([1, 6, 12, 24]), min_size=SKILLS, max_size=SKILLS))
    def found(self, months):
        self.clock = time_machine.travel(now(), tick=False)
        self.clock_at = self.clock.start()
        self.hr = make_user("hr")
        self.people = [make_user().id for _ in range(PEOPLE)]
        self.skills = [make_skill(review_months=count).id for count in months]
        self.months = dict(zip(self.skills, months, strict=True))
        self.said: list[dict[str, Any]] = []
        self.merges: list[dict[str, Any]] = []

    @property
    def today(self) -> date:
        return now().date()

    def standing_merge(self, skill_id: int) -> dict[str, Any] | None:
        """The merge by which a skill is part of another, if it is."""
        return next((merge for merge in self.merges if merge["skill"] == skill_id and not merge["undone"]), None)

    def rater(self, user: int, source: str, number: int) -> int | None:
        """Oneself for oneself, nobody for imports, else one of the others."""
        if source in ("self", "import"):
            return self.people[user] if source == "self" else None
        return self.people[(user + 1 + number % (PEOPLE - 1)) % PEOPLE]

    def of(self, user_id: int, skill_id: int, day: date | None = None) -> dict[str, Any] | None:
        """What the model makes of a level, today or on a day."""
        said = [one for one in self.said if (one["user"], one["skill"]) == (user_id, skill_id)]
        said = [one for one in said if day is None or one["on"] <= day]
        return model(said, self.months[skill_id], day or self.today)

    def state(self, user_id: int, skill_id: int, level: int, source: str, rater_id: int | None, on: date) -> None:
        mine = [
            one for one in self.said
            if (one["user"], one["skill"], one["source"], one["rater"]) == (user_id, skill_id, source, rater_id)
            and not one["gone"]
        ]  # fmt: skip
        newest = max(mine, key=lambda one: (one["on"], one["at"]), default=None)
        if newest and (newest["level"], newest["on"]) == (level, on):
            return  # the same statement twice is one
        at = len(self.said)
        self.said.append(
            {"user": user_id, "skill": skill_id, "level": level, "source": source, "rater": rater_id,
             "on": on, "at": at, "gone": False}
        )  # fmt: skip

    @rule(
        user=who,
        skill=what,
        level=st.integers(1, 5),
        source=sources,
        number=st.integers(0, 9),
        days=st.integers(0, 900),
    )
    def rate(self, user, skill, level, source, number, days):
        user_id, skill_id, rater_id = self.people[user], self.skills[skill], self.rater(user, source, number)
        on = self.today - timedelta(days=days)
        if self.standing_merge(skill_id):
            with pytest.raises(SkillRetired):
                rate_skill(user_id, skill_id, level, source=source, rater_id=rater_id, effective_on=on)
            return
        rate_skill(user_id, skill_id, level, source=source, rater_id=rater_id, effective_on=on)
        self.state(user_id, skill_id, level, source, rater_id, on)

    @rule(
        user=who,
        skill=what,
        source=st.sampled_from(["assessment", "manager", "peer", "self"]),
        number=st.integers(0, 9),
    )
    def take_back(self, user, skill, source, number):
        user_id, skill_id, rater_id = self.people[user], self.skills[skill], self.rater(user, source, number)
        retract_ratings(user_id, skill_id, rater_id, source)
        refresh_user_skill(user_id, skill_id)
        for one in self.said:
            if (one["user"], one["skill"], one["source"], one["rater"]) == (user_id, skill_id, source, rater_id):
                one["gone"] = True

    @rule(user=who, skill=what)
    def confirm(self, user, skill):
        user_id, skill_id = self.people[user], self.skills[skill]
        known = self.of(user_id, skill_id)
        if known is None:
            with pytest.raises(NothingToConfirm):
                confirm_skill(user_id, skill_id)
            return
        confirm_skill(user_id, skill_id)
        self.state(user_id, skill_id, known["level"], "self", user_id, self.today)

    @rule(skill=what, months=st.sampled_from([1, 6, 12, 24]))
    def review_anew(self, skill, months):
        row = db.session.get_one(Skill, self.skills[skill])
        if self.standing_merge(row.id):
            with pytest.raises(SkillMerged):
                change_skill(row, {"review_months": months}, self.hr)
            return
        change_skill(row, {"review_months": months}, self.hr)
        self.months[row.id] = months

    @rule(days=st.integers(1, 400))
    def wait(self, days):
        self.clock_at.shift(timedelta(days=days))
        while refresh_due():
            pass

    @rule(skill=what, into=what)
    def merge(self, skill, into):
        skill_id, into_id = self.skills[skill], self.skills[into]
        if skill == into or self.standing_merge(skill_id) or self.standing_merge(into_id):
            return
        merge = merge_skills(skill_id, into_id, self.hr)
        moved = [one for one in self.said if one["skill"] == skill_id]
        for one in moved:
            one["skill"] = into_id
        self.merges.append({"id": merge.id, "skill": skill_id, "into": into_id, "moved": moved, "undone": False})

    @precondition(lambda self: any(not merge["undone"] for merge in self.merges))
    @rule(number=st.integers(0, 99))
    def undo(self, number):
        standing = [merge for merge in self.merges if not merge["undone"]]
        merge = standing[number % len(standing)]
        sides = {merge["skill"], merge["into"]}
        if any(other["id"] > merge["id"] and sides & {other["skill"], other["into"]} for other in standing):
            with pytest.raises(LaterMergeStands):
                undo_merge(merge["id"], self.hr)
            return
        undo_merge(merge["id"], self.hr)
        merge["undone"] = True
        for one in merge["moved"]:
            one["skill"] = merge["skill"]

    @invariant()
    def levels_are_the_models(self):
        Count.steps += 1
        if not hasattr(self, "people"):
            return
        found = {
            (row.user_id, row.skill_id): row
            for row in db.session.scalars(select(UserSkill).where(UserSkill.user_id.in_(self.people)))
            if row.level is not None
        }
        for user_id in self.people:
            for skill_id in self.skills:
                known, row = self.of(user_id, skill_id), found.get((user_id, skill_id))
                assert (row is None) == (known is None), (user_id, skill_id, known)
                if row is not None:
                    trust = confidence(row.voices, self.months[skill_id], self.today)
                    assert (row.level, row.last_confirmed_on) == (known["level"], known["last_confirmed_on"])
                    assert trust == pytest.approx(known["confidence"], abs=1e-9)

    def teardown(self):
        if not hasattr(self, "people"):
            return
        day = self.today - timedelta(days=Random(len(self.said)).randint(1, 1200))
        found = {(one.user_id, one.skill_id): one for one in levels_on(day, self.people)}
        for user_id in self.people:
            for skill_id in self.skills:
                known, one = self.of(user_id, skill_id, day), found.get((user_id, skill_id))
                assert (one is None) == (known is None)
                if one is not None:
                    assert one.level == known["level"]
                    assert one.confidence == pytest.approx(known["confidence"], abs=1e-9)
        kept = db.session.query(Rating).filter(Rating.user_id.in_(self.people)).count()
        assert kept == len(self.said), "a rating was lost or made"
        self.clock.stop()
