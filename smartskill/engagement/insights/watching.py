"""Look whether the models that serve still say what comes true: their scores of the latest final weeks, and the truth.

An alarm takes a model out of serving: the rules decide until a later look finds none, or another model is promoted.
Shadows are looked at as well: what they would have done beside what was done.
"""

import logging
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from ml.drift import Drift, ScoreSpread, judge_drift
from ml.labels import LAPSE_DAYS
from ml.lapse import LapseModel, predict_lapse
from ml.policy.scoring import none_index
from ml.policy.watching import EffectWatch, watch_effects
from ml.refusals import ArtefactRefused
from ml.returns import ReturnModel, predict_returns
from ml.windows import label_rows
from smartskill.engagement.insights.champion import load_version
from smartskill.engagement.insights.columns import load_events
from smartskill.engagement.insights.decided import load_outcomes
from smartskill.engagement.insights.known import load_facts
from smartskill.engagement.insights.shadowing import compare_shadow
from smartskill.engagement.models import ModelVersion
from smartskill.engagement.services.people import sample_people
from smartskill.engagement.services.registry import NAMES, find_champion, find_shadow, note_watch

log = logging.getLogger(__name__)
WEEKS = 4  # looked back on
MOST_PEOPLE = 20_000
SEED = 0
Window = tuple[np.ndarray, np.ndarray, np.ndarray]  # scores, what happened, whose


def watch_models(at: datetime) -> dict[str, str]:
    """Look at every champion and every shadow; answers a verdict for each, by name and standing."""
    verdicts = {}
    for name in NAMES:
        champion, shadow = find_champion(name), find_shadow(name)
        if champion is not None:
            verdicts[name] = _watch(champion, at)
        if shadow is not None:
            note_watch(shadow, {"shadow": compare_shadow(shadow, at)}, is_alarmed=False)
            verdicts[f"{name} shadow"] = "compared"
    return verdicts


def _watch(champion: ModelVersion, at: datetime) -> str:
    spread = champion.card.get("spread")
    if spread is None:
        return "not yet measurable"
    try:
        model = load_version(champion)
        window, effects = _lapse_window(model, at) if isinstance(model, LapseModel) else _return_window(model, at)
    except ArtefactRefused as error:  # serving falls back by itself, and says so
        log.warning("the champion %d cannot be watched: %s", champion.id, error)
        return type(error).__name__
    drift = judge_drift(ScoreSpread(tuple(spread["edges"]), tuple(spread["shares"])), *window, SEED)
    is_alarmed = drift.is_alarm or (effects is not None and effects.is_alarm)
    note_watch(champion, {"drift": _plain(drift), "effects": _shift(effects)}, is_alarmed=is_alarmed)
    return "alarm" if is_alarmed else drift.verdict


def _lapse_window(model: LapseModel, at: datetime) -> tuple[Window, None]:
    """The newest weeks at which it is final who lapsed."""
    people, now = sample_people(MOST_PEOPLE), int(at.timestamp())
    moments = sorted(at - timedelta(days=LAPSE_DAYS, weeks=weeks) for weeks in range(WEEKS))
    seconds = tuple(int(moment.timestamp()) for moment in moments)
    facts = {second: load_facts(datetime.fromtimestamp(second, UTC), people, is_present=False) for second in seconds}
    rows = label_rows(load_events(people, at), facts, seconds, now, names=model.names)
    return (predict_lapse(model, rows.names, rows.values), rows.lapsed, rows.user_ids), None


def _return_window(model: ReturnModel, at: datetime) -> tuple[Window, EffectWatch]:
    """The newest decisions of which it is final whether their people came back, and how receivers fared."""
    rows = load_outcomes(sample_people(MOST_PEOPLE), at, at - timedelta(weeks=WEEKS + 1), model.arms).logged.rows
    known = np.isin(rows.arm, [rows.arms.index(arm) for arm in model.arms])
    rows = rows.take(known)
    place = np.array([model.arms.index(rows.arms[arm]) for arm in rows.arm.tolist()], dtype=np.int64)
    chances = predict_returns(model, rows.names, rows.values)[np.arange(place.size), place]
    returned, told = rows.reward > 0, place != none_index(model.arms)
    return (chances, returned, rows.user_ids), watch_effects(chances, returned, told)


def _shift(effects: EffectWatch | None) -> dict[str, Any] | None:
    """How far receivers lie beyond what was predicted, compared with others."""
    if effects is None or np.isnan(effects.shift):
        return None
    return {"shift": round(effects.shift, 4), "standard_error": round(effects.standard_error, 4)}


def _plain(drift: Drift) -> dict[str, Any]:
    ratio = {
        name: None if np.isnan(figure) else round(float(figure), 4) for name, figure in asdict(drift.ratio).items()
    }
    psi = None if np.isnan(drift.psi) else round(drift.psi, 4)
    return {"rows": drift.rows, "happened": drift.happened, "psi": psi, "ratio": ratio, "verdict": drift.verdict}
