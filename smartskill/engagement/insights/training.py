"""Train a candidate on what is recorded, and judge one again on the latest weeks. Only missing data stops it."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ml.events import EventLog
from ml.facts import Facts
from ml.lapse import OneClassOnly, evaluate_lapse
from ml.timeline import DAY_S
from ml.training import Candidate, train_candidate
from ml.windows import NotEnoughWindows, TimeSplit, label_rows, split_in_time
from smartskill.engagement.insights.champion import load_version
from smartskill.engagement.insights.columns import load_events
from smartskill.engagement.insights.known import load_facts
from smartskill.engagement.models import ModelVersion
from smartskill.engagement.services.people import EVERYBODY
from smartskill.engagement.services.registry import add_candidate
from smartskill.kit.settings import instance_folder

FOLDER = "models"
HISTORY_DAYS = 28  # what a first description of people looks back on
LEAST_WINDOWS, MOST_WINDOWS = 3, 8  # weeks each for calibration and test: a fifth of what there is, within these
Say = Callable[[int, int], None]


class TooLittleHistory(ValueError):
    """There is too little recorded to train, calibrate and test one after the other."""


@dataclass(frozen=True)
class Material:
    """What a model learns from: events, the facts of each moment, and which moments serve what."""

    events: EventLog
    facts_at: dict[int, Facts]
    split: TimeSplit
    now: int


def gather(at: datetime, say: Say = lambda done, total: None) -> Material:
    """Load everything up to a moment.

    Raises:
        TooLittleHistory
    """
    events = load_events(None, at)
    now = int(at.timestamp())
    if not len(events):
        raise TooLittleHistory("Nothing is recorded yet that people allow to learn from.")
    first = int(events.occurred_at.min()) + HISTORY_DAYS * DAY_S
    # reckoned back from the present, so that the newest week that is final is always among the moments
    moments = tuple(now - 14 * DAY_S - step for step in range(0, max(now - 14 * DAY_S - first, 0) + 1, 7 * DAY_S))
    moments = tuple(moment for moment in sorted(moments) if moment >= first)
    windows = min(max(len(moments) // 5, LEAST_WINDOWS), MOST_WINDOWS)
    try:
        split = split_in_time(moments, now, calibration_windows=windows, test_windows=windows)
    except NotEnoughWindows as error:
        weeks = (now - int(events.occurred_at.min())) // (7 * DAY_S)
        raise TooLittleHistory(
            f"{weeks} weeks are recorded; training, calibration and test one after the other need about 16."
        ) from error
    used = (*split.train, *split.calibration, *split.test)
    facts_at = {}
    for done, moment in enumerate(used):
        facts_at[moment] = load_facts(datetime.fromtimestamp(moment, UTC), EVERYBODY, is_present=False)
        say(done + 1, len(used) + 1)
    return Material(events, facts_at, split, now)


def train(at: datetime, seed: int, say: Say, replicates: int) -> ModelVersion:
    """Train a candidate and enter it, with its card and baselines, whatever the gate says.

    Raises:
        TooLittleHistory: too few weeks, or a part in which everybody or nobody lapsed.
    """
    material = gather(at, say)
    folder = instance_folder() / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as unfinished:
        try:
            candidate = train_candidate(
                material.events, material.facts_at, material.split, material.now,
                Path(unfinished) / "lapse.zip", seed=seed, replicates=replicates,
            )  # fmt: skip
        except OneClassOnly as error:
            raise TooLittleHistory(
                "In one part of the time split everybody, or nobody, came back: nothing to learn."
            ) from error
        path = _keep(candidate, folder)
    return add_candidate(candidate.card.to_dict(), candidate.card.to_markdown(), candidate.artefact.sha256, path)


def _keep(candidate: Candidate, folder: Path) -> str:
    """Move the file to its place, named by its digest; a crash before the commit leaves a file that nobody names."""
    place = folder / f"lapse-{candidate.artefact.sha256[:16]}.zip"
    candidate.artefact.path.replace(place)
    return f"{FOLDER}/{place.name}"


def evaluate(version: ModelVersion, at: datetime, say: Say, replicates: int) -> dict[str, Any]:
    """Judge a model beside its baselines on the latest final weeks.

    Returns:
        metrics by model and baseline, each [value, low, high], and the AUC gained over recency only.
    Raises:
        TooLittleHistory, ArtefactRefused, SkewedFeatures
    """
    model = load_version(version)
    material = gather(at, say)
    parts = {
        part: label_rows(material.events, material.facts_at, getattr(material.split, part), material.now)
        for part in ("train", "calibration", "test")
    }
    try:
        judged = evaluate_lapse(
            model, parts["train"], parts["calibration"], parts["test"], seed=0, replicates=replicates
        )
    except OneClassOnly as error:
        raise TooLittleHistory("In one part of the time split everybody, or nobody, came back.") from error
    return {
        "model": version.id,
        "rows": int(parts["test"].lapsed.size),
        "from": _day(material.split.test[0]),
        "to": _day(material.split.test[-1]),
        "metrics": {
            name: {metric: _plain(interval) for metric, interval in measured.items()}
            for name, measured in judged.metrics.items()
        },
        "auc_gain": _plain(judged.auc_gain),
    }


def _plain(interval: Any) -> list[float | None]:
    return [None if figure != figure else round(figure, 4) for figure in (interval.value, interval.low, interval.high)]


def _day(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).date().isoformat()
