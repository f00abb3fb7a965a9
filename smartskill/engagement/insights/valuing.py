"""What policies would have been worth on the decisions that are logged, and the policy that serves now.

Three estimates each, the doubly-robust one being the headline, and how far they can be trusted: the effective sample,
and a mean weight that is 1 where the logged odds are right.
"""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import func, select

from ml.estimators.estimate import Estimate
from ml.estimators.value import Logged, PolicyValue, estimate_value
from ml.features import FeatureTable
from ml.policy.judging import LoggedDecisions, mails_sent, policy_odds
from ml.policy.scoring import EXPLORATION, none_index
from ml.rules import rule_effects
from smartskill.engagement.insights.believing import believe
from smartskill.engagement.insights.champion import Serving, count_matured, find_serving
from smartskill.engagement.insights.decided import load_outcomes
from smartskill.engagement.insights.weighing import ARMS, policy_settings
from smartskill.engagement.models import Decision
from smartskill.engagement.services.people import sample_people
from smartskill.engagement.services.runs import find_last_price
from smartskill.extensions import db

LEAST_DECISIONS = 200
MOST_PEOPLE = 5_000
WEIGHT_TOLERANCE = 0.05
RECENT = timedelta(days=28)


def value_logged(at: datetime, since: datetime) -> list[dict[str, Any]]:
    """The values of what serves now, of the rule and of silence; empty with too few decisions."""
    loaded = load_outcomes(sample_people(MOST_PEOPLE), at, since, ARMS)
    logged = loaded.logged.take(~loaded.logged.is_held_out)
    if logged.rows.arm.size < LEAST_DECISIONS:
        return []
    rows = logged.rows
    drawn = Logged(
        rows.values, rows.arm, rows.propensity, rows.reward.astype(np.float64), rows.user_ids, len(rows.arms)
    )
    outcome = drawn.predict_rewards()
    return [
        {"policy": name, **_shown(estimate_value(drawn, odds, outcome))}
        for name, odds in _policies(logged, find_serving(rows.arms)).items()
    ]


def _policies(logged: LoggedDecisions, serving: Serving) -> dict[str, np.ndarray]:
    """The odds of each policy, all with as many mails as were sent."""
    rows, settings, mails = logged.rows, policy_settings(), mails_sent(logged)
    rule = rule_effects(rows.arms, rows.values[:, rows.names.index("recency_days")])
    table = FeatureTable(int(rows.decided_at.max()), rows.user_ids, rows.names, rows.values)
    believed = believe(serving.models, serving.stage, rows.arms, table, rule)
    silence = np.zeros(logged.is_eligible.shape)
    silence[:, none_index(rows.arms)] = 1.0
    return {
        "serving": policy_odds(logged, believed, serving.costs, serving.stage, mails, settings),
        "rule": policy_odds(logged, rule, serving.costs, 0, mails, settings),
        "silence": silence,
    }


def _shown(value: PolicyValue) -> dict[str, Any]:
    headline = value.doubly_robust
    return {
        "decisions": headline.decisions,
        **_figures(headline),
        "effective_sample": round(headline.effective_sample, 1),
        "mean_weight": round(headline.mean_weight, 4),
        "is_weight_right": bool(abs(headline.mean_weight - 1) <= WEIGHT_TOLERANCE),
        "snips": _figures(value.snips),
        "ips": _figures(value.ips),
    }


def _figures(estimate: Estimate) -> dict[str, float | None]:
    found = {"value": estimate.value, "low": estimate.low, "high": estimate.high}
    return {name: None if np.isnan(figure) else round(float(figure), 4) for name, figure in found.items()}


def describe_policy(at: datetime) -> dict[str, Any]:
    """The policy that serves now: its stage and models, its settings, and how often it fell back lately."""
    serving, settings = find_serving(ARMS), policy_settings()
    fell = select(Decision.fallback, func.count()).where(
        Decision.decided_at > at - RECENT, Decision.fallback.is_not(None)
    )
    return {
        "stage": serving.stage,
        "exploration": EXPLORATION[serving.stage],
        "models": serving.models.versions if serving.stage else {},
        "fallback": serving.fallback,
        "matured": count_matured(),
        "price": find_last_price(),
        "weekly_budget": settings.weekly_budget,
        "holdout_share": settings.holdout_share,
        "fallbacks": dict(db.session.execute(fell.group_by(Decision.fallback)).all()),
    }
