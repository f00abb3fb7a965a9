"""From a log of events to a candidate with its card: split, fit, judge, save, load again, gate.

A candidate always comes out with its card and its baselines, also when the gate refuses it; only missing data stops
it, by name. Each step is a function of its own module; this one fixes their order.
"""

import hashlib
import platform
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ml.artefact import SavedArtefact, load_artefact, save_artefact
from ml.bootstrap import REPLICATES
from ml.card import ModelCard, Part
from ml.choice import Choice, choose_family
from ml.events import EventLog
from ml.facts import Facts
from ml.features import FEATURE_NAMES
from ml.gate import GateEvidence, GateReport, PolicyFigures, judge_candidate
from ml.lapse import Evaluation, LapseModel, evaluate_lapse
from ml.refusals import ArtefactRefused
from ml.windows import LabelledRows, TimeSplit, label_rows, refuse_shuffled_rows

PARTS = ("train", "calibration", "test")


@dataclass(frozen=True)
class Candidate:
    """A trained model, where it lies, and everything known about it."""

    model: LapseModel
    artefact: SavedArtefact
    evaluation: Evaluation
    gate: GateReport
    card: ModelCard


def train_candidate(
    events: EventLog,
    facts_at: dict[int, Facts],
    split: TimeSplit,
    now: int,
    path: Path,
    seed: int = 0,
    policy: PolicyFigures | None = None,
    replicates: int = REPLICATES,
    names: tuple[str, ...] = FEATURE_NAMES,
    incumbent: LapseModel | None = None,
) -> Candidate:
    """Train, judge and save a lapse model.

    Parameters
    ----------
    events : EventLog
        All that is recorded up to ``now``.
    facts_at : dict of int to Facts
        People and facts at every moment of the split.
    split : TimeSplit
    now : int
        Epoch seconds UTC; also the card's date.
    path : Path
        Where the artefact goes.
    policy : PolicyFigures, optional
        What the logged decisions say; None while too few have matured.
    names : tuple of str
        The features.
    incumbent : LapseModel, optional
        What serves now, to stand among the baselines; it has to know the same features.

    Raises
    ------
    OneClassOnly
        Everybody or nobody lapsed in a part.
    NotMatured
        A moment of the split has no final label yet.
    """
    rows = {part: label_rows(events, facts_at, getattr(split, part), now, split.label_days, names) for part in PARTS}
    return train_on_rows(rows, split.label_days, now, path, seed, policy, replicates, incumbent)


def train_on_rows(
    rows: dict[str, LabelledRows],
    label_days: int,
    now: int,
    path: Path,
    seed: int = 0,
    policy: PolicyFigures | None = None,
    replicates: int = REPLICATES,
    incumbent: LapseModel | None = None,
) -> Candidate:
    """Train, judge and save a model on labelled rows; ``rows`` has the parts ``PARTS``, the rest is as above.

    Raises
    ------
    ShuffledSplit
        The parts do not follow each other in time.
    OneClassOnly
    """
    train, calibration, test = (rows[part] for part in PARTS)
    refuse_shuffled_rows((train, calibration, test), label_days)
    model, choice = choose_family(train, calibration, test, seed, replicates)
    evaluation = evaluate_lapse(model, train, calibration, test, seed, replicates, incumbent)
    artefact = save_artefact(model, test.values, path, seed)
    gate = judge_candidate(_evidence(rows, evaluation, _loads(artefact), policy))
    described = Description(label_days, now, seed, choice)
    return Candidate(model, artefact, evaluation, gate, _write_card(rows, model, evaluation, gate, artefact, described))


@dataclass(frozen=True)
class Description:
    """What a card says beside what was measured."""

    label_days: int
    trained_at: int
    seed: int
    choice: Choice


def _write_card(
    rows: dict[str, LabelledRows],
    model: LapseModel,
    evaluation: Evaluation,
    gate: GateReport,
    artefact: SavedArtefact,
    described: Description,
) -> ModelCard:
    return ModelCard(
        name="lapse",
        trained_at=described.trained_at,
        label=f"no meaningful activity within {described.label_days} days",
        seed=described.seed,
        features=model.names,
        versions={**artefact.versions, "numpy": np.__version__, "python": platform.python_version()},
        data_fingerprint=fingerprint_rows(*rows.values()),
        parts={name: _describe(part) for name, part in rows.items()},
        metrics=evaluation.metrics,
        auc_gain=evaluation.auc_gain,
        choice=described.choice,
        curve=evaluation.curve,
        gate=gate,
        artefact_sha256=artefact.sha256,
    )


def fingerprint_rows(*parts: LabelledRows) -> str:
    """Return the SHA-256 of everything a model saw, so that two cards can be told to describe the same data."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update("|".join(part.names).encode())
        for column, dtype in ((part.values, "<f8"), (part.lapsed, "?"), (part.user_ids, "<i8"), (part.as_of, "<i8")):
            digest.update(np.ascontiguousarray(column, dtype=dtype).tobytes())
    return digest.hexdigest()


def _evidence(
    rows: dict[str, LabelledRows], evaluation: Evaluation, loads: bool, policy: PolicyFigures | None
) -> GateEvidence:
    measured = evaluation.metrics["model"]
    return GateEvidence(
        matured_rows=sum(part.lapsed.size for part in rows.values()),
        lapsed_rows=int(sum(part.lapsed.sum() for part in rows.values())),
        auc=measured["auc"],
        auc_gain=evaluation.auc_gain,
        calibration_slope=measured["calibration_slope"].value,
        mean_ratio=measured["mean_ratio"].value,
        brier_skill=measured["brier_skill"].value,
        artefact_loads=loads,
        policy=policy,
    )


def _loads(artefact: SavedArtefact) -> bool:
    try:
        load_artefact(artefact.path, artefact.sha256)
    except ArtefactRefused:
        return False
    return True


def _describe(part: LabelledRows) -> Part:
    return Part(
        first_as_of=int(part.as_of.min()),
        last_as_of=int(part.as_of.max()),
        windows=int(np.unique(part.as_of).size),
        rows=int(part.lapsed.size),
        users=int(np.unique(part.user_ids).size),
        lapsed=int(part.lapsed.sum()),
    )
