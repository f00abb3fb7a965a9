"""What each possible notice is worth to each person, and the draw: the odds and all that replays them are written down.

A fault in scoring never costs a decision: it falls to stage 0, the rule with exploration, and says why.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from ml.events import EventLog
from ml.facts import Facts
from ml.features import FeatureTable, build_features
from ml.policy.draw import Decision, decide, is_held_out, quarter_of
from ml.policy.price import budget_price
from ml.policy.scoring import PolicySettings, choose_propensities, score_arms
from ml.rules import NONE, rule_choice, rule_effects
from ml.timeline import rows_of
from smartskill.engagement.insights.believing import believe, rows_of_table
from smartskill.engagement.insights.champion import Models, Serving, Shadow
from smartskill.engagement.services.notices import SUBSCRIPTION_KINDS, weekly_key
from smartskill.engagement.services.weekly import Candidate, find_last_mailed
from smartskill.kit.settings import setting

log = logging.getLogger(__name__)
# In the order of the alphabet, so that a stored decision can be drawn again from its odds, which have no order.
ARMS: tuple[str, ...] = tuple(sorted((NONE, *SUBSCRIPTION_KINDS)))
REST_DAYS = 28  # between two mails of a kind where nothing may be learned about the person
DAY_S = 86_400


@dataclass(frozen=True)
class Chosen:
    """What was chosen for a person, with the columns of the decision that say how."""

    action: str
    facts: dict[str, Any]


def policy_settings() -> PolicySettings:
    """The operator's settings of the policy."""
    return PolicySettings(weekly_budget=setting("MAIL_BUDGET_PER_WEEK"), holdout_share=setting("HOLDOUT_SHARE"))


def secret() -> bytes:
    """What makes draws and holdout unpredictable from outside, and repeatable here."""
    return setting("SECRET_KEY").encode()


class Weighing:
    """Candidates as rows, arms as columns; scores at any price."""

    def __init__(self, candidates: Sequence[Candidate], events: EventLog, facts: Facts, at: datetime, serving: Serving):
        self.candidates, self.at, self.serving, self.settings = list(candidates), at, serving, policy_settings()
        self.is_eligible = np.array([[arm == NONE or arm in one.open_kinds for arm in ARMS] for one in self.candidates])
        self.is_eligible = self.is_eligible.reshape(-1, len(ARMS))
        self.days_since = self._days_since()
        self.table, self.fallback = self._describe(events, facts)
        self.rows = self._rows()
        self.rule = rule_effects(ARMS, self._recency())
        self.effects, self.stage = self._effects()

    def _describe(self, events: EventLog, facts: Facts) -> tuple[FeatureTable | None, str | None]:
        try:
            return build_features(events, facts, int(self.at.timestamp())), self.serving.fallback
        except Exception as error:
            log.exception("no features: the rule decides")
            return None, type(error).__name__

    def _rows(self) -> np.ndarray:
        """The place of each candidate in the feature table; -1 where it does not hold them."""
        if self.table is None:
            return np.full(len(self.candidates), -1)
        return rows_of(self.table.user_ids, np.array([one.user_id for one in self.candidates], dtype=np.int64))

    def _recency(self) -> np.ndarray:
        if self.table is None:
            return np.full(len(self.candidates), np.nan)
        return np.append(self.table.column("recency_days"), np.nan)[self.rows]

    def _days_since(self) -> np.ndarray:
        last = find_last_mailed([one.user_id for one in self.candidates])
        days = np.full(self.is_eligible.shape, np.nan)
        for row, one in enumerate(self.candidates):
            for column, arm in enumerate(ARMS):
                if (one.user_id, arm) in last:
                    days[row, column] = max((self.at - last[one.user_id, arm]).total_seconds() / DAY_S, 0.0)
        return days

    def _effects(self) -> tuple[np.ndarray, int]:
        """What each arm adds, and the stage that says so: what models believe, or the rule alone."""
        if self.table is None or self.serving.stage == 0:
            return self.rule, 0
        try:
            return self._believed(self.serving.models, self.serving.stage), self.serving.stage
        except Exception as error:
            log.exception("the model did not score: the rule decides")
            self.fallback = type(error).__name__
            return self.rule, 0

    def _believed(self, models: Models, stage: int) -> np.ndarray:
        """What models believe of those who are known; of others the rule's belief."""
        assert self.table is not None
        effects, known = self.rule.copy(), self.rows >= 0
        table = rows_of_table(self.table, self.rows[known])
        effects[known] = believe(models, stage, ARMS, table, self.rule[known])
        return effects

    def _shadowed(self, price: float) -> list[dict[str, Any]]:
        """For each candidate what the shadows would have made of it, by name; a shadow's fault costs nothing else."""
        found: list[dict[str, Any]] = [{} for _ in self.candidates]
        for shadow in self.serving.shadows:
            told: list[dict[str, Any]] = [{"error": shadow.error or "no features"} for _ in self.candidates]
            if shadow.error is None and self.table is not None:
                try:
                    told = self._tried(shadow, price)
                except Exception as error:
                    log.exception("the shadow %d did not score", shadow.version_id)
                    told = [{"error": type(error).__name__} for _ in self.candidates]
            for one, said in zip(found, told, strict=True):
                one[shadow.name] = {"model_id": shadow.version_id, "stage": shadow.stage, **said}
        return found

    def _tried(self, shadow: Shadow, price: float) -> list[dict[str, Any]]:
        scores = self.scores(price, self._believed(shadow.models, shadow.stage))
        odds = choose_propensities(ARMS, scores, self.is_eligible, shadow.stage, self.settings.temperature)
        return [
            {
                "propensities": {ARMS[arm]: float(odds[row, arm]) for arm in np.flatnonzero(eligible)},
                "scores": {ARMS[arm]: round(float(scores[row, arm]), 6) for arm in np.flatnonzero(eligible)},
            }
            for row, eligible in enumerate(self.is_eligible)
        ]

    def scores(self, price: float, effects: np.ndarray | None = None) -> np.ndarray:
        """Scores at a price; of the served effects unless others are given."""
        effects = self.effects if effects is None else effects
        return score_arms(ARMS, effects, self.serving.costs.rate, self.days_since, price, self.settings)

    def price(self, people: int) -> float:
        """The price at which as many mails are sent as the budget allows among so many people, these among them."""
        silent = max(people - len(self.candidates), 0)
        scores = np.vstack([self.scores(0.0), np.zeros((silent, len(ARMS)))])
        none_only = np.tile(np.array(ARMS) == NONE, (silent, 1))
        eligible = np.vstack([self.is_eligible, none_only]).astype(bool)
        temperature, budget = self.settings.temperature, self.settings.weekly_budget
        return budget_price(ARMS, scores, eligible, self.stage, temperature, budget).value

    def choose(self, price: float) -> list[Chosen]:
        """Draw for each candidate."""
        scores, shadowed = self.scores(price), self._shadowed(price)
        return [self._choose(row, scores[row], price, int(place), shadowed[row]) for row, place in enumerate(self.rows)]

    def _choose(self, row: int, scores: np.ndarray, price: float, place: int, shadow: dict[str, Any]) -> Chosen:
        fallback = self.fallback
        try:
            drawn = self._draw(row, scores, self.stage)
        except Exception as error:
            log.exception("a decision fell to stage 0")
            fallback = type(error).__name__
            drawn = self._draw(row, self.scores(price, self.rule)[row], 0)
        facts = {
            "drawn_action": drawn.drawn_arm,
            "is_held_out": drawn.is_held_out,
            "stage": drawn.stage,
            "propensity": drawn.propensity,
            "propensities": dict(zip(drawn.arms, drawn.propensities, strict=True)),
            "scores": {arm: score for arm, score in zip(drawn.arms, drawn.scores, strict=True) if score is not None},
            "price": price,
            "feature_digest": self.table.row_digest(place) if self.table is not None and place >= 0 else None,
            "model_version_id": self.serving.models.version_at(drawn.stage),
            "shadow": shadow or None,
            "fallback": fallback,
        }
        return Chosen(drawn.arm, facts)

    def _draw(self, row: int, scores: np.ndarray, stage: int) -> Decision:
        one = self.candidates[row]
        key = weekly_key(one.user_id, one.week)
        held_out = one.person.is_in_holdout_allowed and is_held_out(
            secret(), one.user_id, quarter_of(self.at.date()), self.settings.holdout_share
        )
        return decide(ARMS, scores, self.is_eligible[row], stage, secret(), key, held_out, self.settings)


def choose_by_rule(candidates: Sequence[Candidate], at: datetime) -> list[Chosen]:
    """For people about whom nothing may be learned: the strongest kind that rested, and nothing is scored or kept."""
    last = find_last_mailed([one.user_id for one in candidates])

    def has_rested(one: Candidate, arm: str) -> bool:
        mailed_at = last.get((one.user_id, arm))
        return mailed_at is None or (at - mailed_at).days >= REST_DAYS

    chosen = []
    for one in candidates:
        eligible = np.array([[arm == NONE or (arm in one.open_kinds and has_rested(one, arm)) for arm in ARMS]])
        arm = ARMS[int(rule_choice(ARMS, np.array([np.inf]), eligible)[0])]
        chosen.append(Chosen(arm, {}))
    return chosen
