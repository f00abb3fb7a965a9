"""Score people with the champion, and say what moved each score: how it differs if one feature were everybody's usual.

A score is for deciding on notices. It is shown to its person and to nobody else.
"""

from datetime import datetime
from typing import Any, cast

import numpy as np
import orjson
from sqlalchemy import delete, text

from ml.features import FeatureTable, build_features
from ml.lapse import LapseModel, predict_lapse
from smartskill.engagement.insights.champion import load_version
from smartskill.engagement.insights.columns import load_events
from smartskill.engagement.insights.known import load_facts
from smartskill.engagement.models import Prediction
from smartskill.engagement.services.people import IdRange
from smartskill.engagement.services.registry import LAPSE, find_champion
from smartskill.extensions import db

REASONS = 3
# As arrays: a chunk is one statement, however many people it holds. Who was erased meanwhile is left out.
KEEP = """
INSERT INTO predictions (user_id, name, model_version_id, value, reasons, scored_at)
SELECT users.id, :name, :version_id, scored.chance, scored.reasons::jsonb, :at
FROM unnest(CAST(:ids AS int[]), CAST(:chances AS float8[]), CAST(:reasons AS text[])) AS scored (id, chance, reasons)
JOIN users ON users.id = scored.id
ON CONFLICT (user_id, name) DO UPDATE SET model_version_id = excluded.model_version_id, value = excluded.value,
                                          reasons = excluded.reasons, scored_at = excluded.scored_at
"""
RHYTHM = "rhythm"  # weekday and hour shares are one thing to a reader


def score_people(people: IdRange, at: datetime) -> int:
    """Renew the predictions of those who allow it, and drop those of everybody else; returns how many there are.

    Raises:
        ArtefactRefused: the champion's file is missing, or not what was recorded.
    """
    champion = find_champion()
    outdated = delete(Prediction).where(people.holds(Prediction.user_id), Prediction.name == LAPSE)
    if champion is None:
        db.session.execute(outdated)
        return 0
    model = cast(LapseModel, load_version(champion))
    table = build_features(load_events(people, at), load_facts(at, people, is_present=True), int(at.timestamp()))
    db.session.execute(outdated.where(Prediction.user_id.not_in(table.user_ids.tolist())))
    if table.user_ids.size:
        _write(table, model, champion.id, at)
    return int(table.user_ids.size)


def _write(table: FeatureTable, model: LapseModel, version_id: int, at: datetime) -> None:
    chances = predict_lapse(model, table.names, table.values)
    reasons = explain(table, model, chances)
    given = {
        "ids": table.user_ids.tolist(),
        "chances": chances.tolist(),
        "reasons": [orjson.dumps(why).decode() for why in reasons],
    }
    db.session.execute(text(KEEP), given | {"name": LAPSE, "version_id": version_id, "at": at})


def explain(table: FeatureTable, model: LapseModel, chances: np.ndarray) -> list[list[dict[str, Any]]]:
    """For each person the features that moved their score most, as {feature, value, effect}."""
    groups: dict[str, list[int]] = {}
    for place, name in enumerate(table.names):
        groups.setdefault(RHYTHM if name.endswith("_share") and name[0] in "wh" else name, []).append(place)
    usual = _medians(table.values)
    effects = np.zeros((len(groups), chances.size))
    for row, places in enumerate(groups.values()):
        changed = table.values.copy()
        changed[:, places] = usual[places]
        effects[row] = chances - predict_lapse(model, table.names, changed)
    names = list(groups)
    strongest = np.argsort(-np.abs(effects), axis=0)[:REASONS]
    return [
        [_reason(table, names[row], groups[names[row]], person, effects[row, person]) for row in strongest[:, person]]
        for person in range(chances.size)
    ]


def _reason(table: FeatureTable, name: str, places: list[int], person: int, effect: float) -> dict[str, Any]:
    value = table.values[person, places[0]]
    is_plain = len(places) == 1 and not np.isnan(value)
    return {"feature": name, "value": round(float(value), 3) if is_plain else None, "effect": round(float(effect), 4)}


def _medians(values: np.ndarray) -> np.ndarray:
    """The usual value of each column; NaN where nobody has one."""
    known = ~np.isnan(values)
    return np.array(
        [np.median(column[mask]) if mask.any() else np.nan for column, mask in zip(values.T, known.T, strict=True)]
    )
