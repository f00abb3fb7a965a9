"""CDNOW: who buys within 90 days? The trainer of the product on purchases, split in time, beside recency and BG/NBD."""

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench.behaviour import CDNOW_ENDS, COHORT_COMPLETE, Purchases, moment, read_cdnow
from bench.bgnbd import chance_of_activity, count_repeats, fit
from bench.stack import print_table
from ml.metrics import auc_of, brier_of
from ml.timeline import DAY_S
from ml.training import Candidate, train_candidate
from ml.windows import TimeSplit, label_rows, split_in_time

LABEL_DAYS, STEP_DAYS = 90, 30
NAMES = (
    "recency_days", "tenure_days", "median_gap_days", "overdue_ratio", "return_rate", "active_days_28",
    "active_days_90", "active_days_180", "active_days_730", "amount_90", "amount_730",
)  # fmt: skip
TARGET = {"auc": 0.838, "brier": 0.0892}
PUBLISHED = {"recency_only": (0.828, 0.0997), "bg_nbd": (0.824, 0.0895)}


def measure(folder: Path, replicates: int) -> dict[str, Any]:
    """Train, calibrate, test and gate on three windows that follow each other."""
    began = time.monotonic()
    purchases = read_cdnow(folder)
    split, now = _split()
    facts_at = {at: purchases.facts_at(at) for at in (*split.train, *split.calibration, *split.test)}
    with tempfile.TemporaryDirectory() as place:
        candidate = train_candidate(purchases.events, facts_at, split, now, Path(place) / "cdnow.zip",
                                    replicates=replicates, names=NAMES)  # fmt: skip
    shape, reference = _judge_reference(purchases, split, now)
    rows = [*_rows(candidate), {"model": "bg_nbd", **reference}]
    print(f"CDNOW: {candidate.card.parts['test'].rows:,} people tested {_day(split.test[0])}, trained "
          f"{_day(split.train[0])} – {_day(split.train[-1])}, calibrated {_day(split.calibration[0])}")  # fmt: skip
    print_table([{key: _round(value) for key, value in row.items()} for row in rows])
    print("BG/NBD r, α, a, b: " + ", ".join(f"{figure:.3f}" for figure in shape))
    print("\n".join(candidate.gate.lines))
    figures = {row["model"]: {"auc": _round(row["auc"]), "brier": _round(row["brier"])} for row in rows}
    gain = candidate.card.choice.auc_gain
    return {
        **figures,
        "chosen": candidate.card.choice.chosen,
        "trees_auc_gain": [_round(gain.value), _round(gain.low), _round(gain.high)],
        "highest_stage": candidate.gate.highest_stage,
        "reasons": list(candidate.gate.reasons),
        "is_reached": rows[0]["auc"] >= TARGET["auc"] and rows[0]["brier"] <= TARGET["brier"],
        "published": PUBLISHED,
        "seconds": round(time.monotonic() - began, 1),
    }


def _split() -> tuple[TimeSplit, int]:
    """Return every 30 days back from the last moment whose 90 days are recorded, since all had joined."""
    now = moment(CDNOW_ENDS)
    last = now - LABEL_DAYS * DAY_S
    moments = tuple(range(last, moment(COHORT_COMPLETE) - 1, -STEP_DAYS * DAY_S))
    return split_in_time(moments, now, LABEL_DAYS, calibration_windows=1, test_windows=1), now


def _judge_reference(purchases: Purchases, split: TimeSplit, now: int) -> tuple[np.ndarray, dict[str, float]]:
    as_of = split.test[0]
    facts_at = {as_of: purchases.facts_at(as_of)}
    test = label_rows(purchases.events, facts_at, split.test, now, LABEL_DAYS, ("recency_days",))
    seen = count_repeats(purchases, test.user_ids, as_of)
    shape = fit(seen)
    lapse, every = 1 - chance_of_activity(shape, seen, LABEL_DAYS / 7), np.ones(test.lapsed.size)
    return shape, {"auc": auc_of(test.lapsed, lapse)(every), "brier": brier_of(test.lapsed, lapse)(every)}


def _rows(candidate: Candidate) -> list[dict[str, Any]]:
    measured = {**candidate.evaluation.metrics, **candidate.card.choice.metrics}
    return [{"model": name, "auc": found["auc"].value, "brier": found["brier"].value}
            for name, found in measured.items()]  # fmt: skip


def _round(figure: Any) -> Any:
    return round(float(figure), 4) if isinstance(figure, float) else figure


def _day(at: int) -> str:
    return str(np.datetime64(at, "s").astype("datetime64[D]"))
