"""The policy under trial: what serves in the product, by the product's functions, taught by nothing but its own log."""

from dataclasses import dataclass, field

import numpy as np

from ml.costs import CostRates, count_costs, prior_costs
from ml.features import FeatureTable, build_features
from ml.labels import label_cost, label_return
from ml.lapse import LapseModel, fit_lapse, predict_lapse
from ml.policy.draw import draw_arms, is_held_out, uniform_of
from ml.policy.effects import stage_effects
from ml.policy.price import budget_price
from ml.policy.scoring import COOLING, PolicySettings, choose_propensities, prefer_arms, score_arms, stage_of
from ml.policy.watching import watch_effects
from ml.returns import ReturnModel, fit_returns, predict_effects, predict_returns
from ml.rules import rule_effects
from ml.simulation.diary import Diary, moment_of
from ml.simulation.journal import LoggedWeek, rows_of_weeks
from ml.simulation.worlds import ARMS, NONE_ARM
from ml.timeline import DAY_S
from ml.windows import label_rows

SECRET = b"simulated"
FIRST_WEEKS, EVERY_WEEKS = 8, 2  # trained weekly at first, then every two weeks; the product trains weekly
MOST_WEEKS = 26  # learned from
WATCHED_WEEKS = 4
WATCHED_FROM = 12  # weeks remembered: the first models promise too much of whom they choose
LEAST_MATURED = 1_000
_QUARTER_WEEKS = 13


@dataclass(frozen=True)
class Trial:
    """How the policy is tried.

    Attributes
    ----------
    explores : bool
        Without exploration it is not the product's policy; only its price is measured that way.
    highest_stage : int
        3 as if the gate passed every model; 1 as if it never let a measured effect serve.
    """

    settings: PolicySettings = field(default_factory=lambda: PolicySettings(holdout_share=0.0))
    explores: bool = True
    highest_stage: int = 3


class Learner:
    """Decides week by week, and learns from what has matured."""

    def __init__(self, diary: Diary, trial: Trial):
        self.diary, self.trial, self.settings = diary, trial, trial.settings
        self.weeks: list[LoggedWeek] = []
        self.remembered_from = 0
        self.is_alarmed = False
        self.lapse: LapseModel | None = None
        self.usual_lapse = 0.0
        self.returns: ReturnModel | None = None
        self.costs: CostRates = prior_costs(ARMS)
        self.sent_at = np.full((diary.user_ids.size, len(ARMS)), np.nan)

    @property
    def stage(self) -> int:
        """The stage that serves: what matured decisions reach, 0 after an alarm until it has learned anew."""
        admitted = 0 if self.lapse is None or self.is_alarmed else 1 if self.returns is None else 3
        return stage_of(self._matured(), min(admitted, self.trial.highest_stage))

    def decide(self, week: int, is_subscribed: np.ndarray, has_evidence: np.ndarray) -> np.ndarray:
        """Return what everybody is sent, as an index into ``ARMS``; shape (n,)."""
        who = np.flatnonzero(is_subscribed)
        table = self._describe(moment_of(week), who)
        is_eligible = has_evidence[who]
        is_eligible[:, NONE_ARM] = True
        stage = self.stage
        odds = self._odds(table, is_eligible, (table.as_of - self.sent_at[who]) / DAY_S, stage)
        held = self._held_out(week, table.user_ids)
        points = np.array([uniform_of(SECRET, "draw", f"{user}:{week}") for user in table.user_ids.tolist()])
        drawn = draw_arms(odds, points)
        arm = np.where(held, NONE_ARM, drawn)
        rows, share = np.arange(who.size), self.settings.holdout_share
        propensity = (1 - share) * odds[rows, arm] + share * (arm == NONE_ARM)
        predicted = self._predicted(table, arm, stage)
        self.weeks.append(LoggedWeek(table, arm, drawn, odds, propensity, held, predicted, stage))
        everybody = np.full(is_subscribed.size, NONE_ARM)
        everybody[who] = arm
        sent = arm != NONE_ARM
        self.sent_at[who[sent], arm[sent]] = table.as_of
        return everybody

    def learn(self, week: int) -> None:
        """Take in what has matured by the beginning of a week, look for an alarm, and train when it is time."""
        now = moment_of(week)
        for logged in self.weeks[-1:]:
            asked = (self.diary.events.since(logged.table.as_of), logged.table.user_ids)
            decided_at = np.full(logged.arm.size, logged.table.as_of)
            logged.returned, _ = label_return(*asked, decided_at, now)
            logged.has_cost, _ = label_cost(*asked, decided_at, now)
        was_alarmed = self.is_alarmed
        self._watch()
        if week <= FIRST_WEEKS or week % EVERY_WEEKS == 0 or was_alarmed:
            self._train(week)

    def _describe(self, moment: int, who: np.ndarray) -> FeatureTable:
        table = build_features(self.diary.events, self.diary.facts_at(moment), moment)
        return FeatureTable(moment, table.user_ids[who], table.names, table.values[who])

    def _odds(self, table: FeatureTable, is_eligible: np.ndarray, days: np.ndarray, stage: int) -> np.ndarray:
        effects, settings = self._effects(table, stage), self.settings
        scores = score_arms(ARMS, effects, self.costs.rate, days, 0.0, settings)
        price = budget_price(ARMS, scores, is_eligible, stage, settings.temperature, settings.weekly_budget)
        scores = score_arms(ARMS, effects, self.costs.rate, days, price.value, settings)
        if not self.trial.explores:
            return prefer_arms(scores, is_eligible, COOLING[stage] * settings.temperature)
        return choose_propensities(ARMS, scores, is_eligible, stage, settings.temperature)

    def _effects(self, table: FeatureTable, stage: int) -> np.ndarray:
        rule = rule_effects(ARMS, table.column("recency_days"))
        if stage == 1 and self.lapse is not None:
            chance = predict_lapse(self.lapse, table.names, table.values)
            return stage_effects(
                ARMS, 1, rule, lapse_chance=chance, usual_lapse=self.usual_lapse, matured=self._matured()
            )
        if stage >= 2 and self.returns is not None:
            measured = predict_effects(self.returns, table.names, table.values)
            return stage_effects(ARMS, stage, rule, return_effects=measured, matured=self._matured())
        return rule

    def _predicted(self, table: FeatureTable, arm: np.ndarray, stage: int) -> np.ndarray:
        if stage < 2 or self.returns is None:
            return np.full(arm.size, np.nan)
        return predict_returns(self.returns, table.names, table.values)[np.arange(arm.size), arm]

    def _held_out(self, week: int, user_ids: np.ndarray) -> np.ndarray:
        quarter, share = f"quarter {week // _QUARTER_WEEKS}", self.settings.holdout_share
        return np.array([share > 0 and is_held_out(SECRET, int(user), quarter, share) for user in user_ids])

    def _remembered(self) -> list[LoggedWeek]:
        matured = [week for week in self.weeks[self.remembered_from :] if week.returned is not None]
        return matured[-MOST_WEEKS:]

    def _matured(self) -> int:
        return sum(week.arm.size for week in self._remembered())

    def _watch(self) -> None:
        """Forget what was before an alarm; until something was learned from the rest, the rule serves."""
        remembered = self._remembered()
        watched = [week for week in remembered[-WATCHED_WEEKS:] if week.stage >= 2]
        if not watched or len(remembered) < WATCHED_FROM or self.is_alarmed:
            return
        columns = [
            np.concatenate([getattr(week, name) for week in watched]) for name in ("predicted", "returned", "arm")
        ]
        if watch_effects(columns[0], columns[1], columns[2] != NONE_ARM).is_alarm:
            self.remembered_from, self.is_alarmed = len(self.weeks) - len(watched), True

    def _train(self, week: int) -> None:
        if self.lapse is None:
            self._train_lapse(week)
        remembered = self._remembered()
        if self._matured() < LEAST_MATURED:
            return
        arm, cost = (np.concatenate([getattr(logged, name) for logged in remembered]) for name in ("arm", "has_cost"))
        self.costs = count_costs(ARMS, arm, cost)
        self.returns = fit_returns(rows_of_weeks(remembered), per_arm=stage_of(self._matured(), 3) == 3)
        self.is_alarmed = False

    def _train_lapse(self, week: int) -> None:
        """Learn from the past without mail who lapses; it serves until effects are known."""
        now, events = moment_of(week), self.diary.events
        moments = [moment_of(week - back) for back in (12, 10, 8, 6, 2)]
        facts = {moment: self.diary.facts_at(moment) for moment in moments}
        train = label_rows(events, facts, tuple(moments[:-1]), now)
        self.lapse = fit_lapse(train, label_rows(events, facts, tuple(moments[-1:]), now))
        self.usual_lapse = float(train.lapsed.mean())
