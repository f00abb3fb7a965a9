"""Train a candidate on what is recorded, and judge one again on the latest weeks. Only missing data stops it."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from ml.drift import spread_of
from ml.events import EventLog
from ml.facts import Facts
from ml.features import FEATURE_NAMES
from ml.lapse import LapseModel, OneClassOnly, evaluate_lapse, predict_lapse
from ml.refusals import ArtefactRefused
from ml.timeline import DAY_S
from ml.training import train_candidate
from ml.windows import NotEnoughWindows, TimeSplit, label_rows, split_in_time
from smartskill.engagement.insights.champion import load_version
from smartskill.engagement.insights.columns import load_events
from smartskill.engagement.insights.known import load_facts
from smartskill.engagement.models import ModelVersion
from smartskill.engagement.services.people import sample_people
from smartskill.engagement.services.registry import LAPSE, add_candidate, find_champion
from smartskill.kit.settings import instance_folder

FOLDER = "models"
HISTORY_DAYS = 28  # what a first description of people looks back on
LEAST_WINDOWS, MOST_WINDOWS = 3, 8  # weeks each for calibration and test: a fifth of what there is, within these
MOST_PEOPLE = 50_000  # learned from; more say nothing that these do not, and would not fit into memory
Say = Callable[[int, int], None]


class TooLittleHistory(ValueError):
    """There is too little recorded to train, calibrate and test one after the other."""


class NotJudgedAgain(ValueError):
    """A model that is judged when it is trained, and not later."""


@dataclass(frozen=True)
class Material:
    """What a model learns from: events, the facts of each moment, and which moments serve what."""

    events: EventLog
    facts_at: dict[int, Facts]
    split: TimeSplit
    now: int


def gather(at: datetime, say: Say = lambda done, total: None) -> Material:
    """Load everything up to a moment; of very many people an even sample.

    Raises:
        TooLittleHistory
    """
    people = sample_people(MOST_PEOPLE)
    events, now = load_events(people, at), int(at.timestamp())
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
        facts_at[moment] = load_facts(datetime.fromtimestamp(moment, UTC), people, is_present=False)
        say(done + 1, len(used) + 1)
    return Material(events, facts_at, split, now)


def train(at: datetime, seed: int, say: Say, replicates: int) -> ModelVersion:
    """Train a candidate and enter it, with its card and baselines, whatever the gate says.

    Raises:
        TooLittleHistory: too few weeks, or a part in which everybody or nobody lapsed.
    """
    material = gather(at, say)
    with unfinished_file() as path:
        try:
            candidate = train_candidate(
                material.events, material.facts_at, material.split, material.now, path,
                seed=seed, replicates=replicates, incumbent=_incumbent(),
            )  # fmt: skip
        except OneClassOnly as error:
            raise TooLittleHistory(
                "In one part of the time split everybody, or nobody, came back: nothing to learn."
            ) from error
        spread = spread_of(_scores(candidate.model, material))
        kept = keep(path, LAPSE, candidate.artefact.sha256)
    card = candidate.card.to_dict() | {"spread": asdict(spread)}
    return add_candidate(LAPSE, card, candidate.card.to_markdown(), candidate.artefact.sha256, kept)


def _scores(model: LapseModel, material: Material) -> np.ndarray:
    """What a model says of the weeks it was judged on."""
    rows = label_rows(material.events, material.facts_at, material.split.test, material.now)
    return predict_lapse(model, rows.names, rows.values)


def _incumbent() -> LapseModel | None:
    """What serves now, to stand among the baselines; none where it cannot be used."""
    champion = find_champion(LAPSE)
    try:
        model = load_version(champion) if champion is not None else None
    except ArtefactRefused:
        return None
    return model if isinstance(model, LapseModel) and model.names == FEATURE_NAMES else None


@contextmanager
def unfinished_file() -> Iterator[Path]:
    """A place for a file that is kept only when it is finished."""
    folder = instance_folder() / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as unfinished:
        yield Path(unfinished) / "model.zip"


def keep(path: Path, name: str, digest: str) -> str:
    """Move a file to its place, named by its digest; a crash before the commit leaves a file that nobody names."""
    place = instance_folder() / FOLDER / f"{name}-{digest[:16]}.zip"
    path.replace(place)
    return f"{FOLDER}/{place.name}"


def evaluate(version: ModelVersion, at: datetime, say: Say, replicates: int) -> dict[str, Any]:
    """Judge a model beside its baselines on the latest final weeks.

    Returns:
        metrics by model and baseline, each [value, low, high], and the AUC gained over recency only.
    Raises:
        TooLittleHistory, ArtefactRefused, SkewedFeatures
        NotJudgedAgain: a model of returns.
    """
    model = load_version(version)
    if not isinstance(model, LapseModel):
        raise NotJudgedAgain(f"Model {version.id} was judged on the decisions of its time; its card has the figures.")
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
