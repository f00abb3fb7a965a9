"""Train a model of what notices add, on the decisions that were logged, and enter it with both verdicts on it."""

from datetime import datetime, timedelta

import numpy as np

from ml.features import FeatureTable
from ml.lapse import OneClassOnly
from ml.return_training import TooFewDecisions, train_return_candidate
from ml.rules import rule_effects
from smartskill.engagement.insights.believing import believe
from smartskill.engagement.insights.champion import find_serving
from smartskill.engagement.insights.decided import load_outcomes
from smartskill.engagement.insights.training import keep, unfinished_file
from smartskill.engagement.insights.weighing import ARMS, policy_settings
from smartskill.engagement.models import ModelVersion
from smartskill.engagement.services.people import sample_people
from smartskill.engagement.services.registry import RETURN, add_candidate

LEARNED_FROM = timedelta(weeks=26)  # what is older says little about today
MOST_PEOPLE = 10_000  # of whose decisions is learned, where there are more


def train(at: datetime, seed: int, replicates: int) -> ModelVersion:
    """Train a candidate and enter it, with its card, whatever the gate says.

    Raises:
        TooFewDecisions: too few have matured, or too little differs among them.
    """
    outcomes = load_outcomes(sample_people(MOST_PEOPLE), at, at - LEARNED_FROM, ARMS)
    logged = outcomes.logged
    with unfinished_file() as path:
        try:
            candidate = train_return_candidate(
                logged, outcomes.has_cost, _incumbent(logged.rows.arms), int(at.timestamp()), path,
                seed=seed, settings=policy_settings(), replicates=replicates,
            )  # fmt: skip
        except OneClassOnly as error:
            raise TooFewDecisions("In one part of the decisions everybody, or nobody, came back.") from error
        kept = keep(path, RETURN, candidate.artefact.sha256)
    return add_candidate(RETURN, candidate.to_dict(), candidate.to_markdown(), candidate.artefact.sha256, kept)


def _incumbent(arms: tuple[str, ...]):
    """What serves now, as a policy: the rule where no model does."""
    serving = find_serving(arms)

    def effects(table: FeatureTable) -> tuple[np.ndarray, int]:
        rule = rule_effects(arms, table.column("recency_days"))
        return believe(serving.models, serving.stage, arms, table, rule), serving.stage

    return effects
