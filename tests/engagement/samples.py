"""Rows that the learning loop looks at: acts, stale skills, endorsements, a model that serves."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import numpy as np

from ml.artefact import save_artefact
from ml.features import FEATURE_NAMES
from ml.lapse import fit_lapse
from ml.windows import LabelledRows
from smartskill.activity.models import Consent, InteractionEvent
from smartskill.database import now
from smartskill.engagement.models import ModelVersion
from smartskill.extensions import db
from smartskill.kit.settings import instance_folder
from smartskill.skills.models import Endorsement
from smartskill.user.models import User
from tests.factories import make_skill, make_user_skill

MONDAY = datetime.combine(date(2027, 3, 1), time(3), UTC)  # ahead of now, so that no worker takes what is planned


def act(user: User, at: datetime, kind: str = "search", **given) -> InteractionEvent:
    row = InteractionEvent(user_id=user.id, occurred_at=at, kind=kind, **given)
    db.session.add(row)
    db.session.flush()
    return row


def make_stale_skill(user: User, name: str | None = None, **given):
    """A level that was confirmed last two years before `MONDAY`."""
    return make_user_skill(user, make_skill(name), last_confirmed_on=MONDAY.date() - timedelta(days=730), **given)


def make_endorsement(user: User, endorser: User, at: datetime, name: str | None = None) -> Endorsement:
    skill = make_skill(name)
    make_user_skill(user, skill, last_confirmed_on=at.date())
    row = Endorsement(user_id=user.id, skill_id=skill.id, endorser_id=endorser.id, created_at=at)
    db.session.add(row)
    db.session.flush()
    return row


def refuse(user: User, *purposes: str) -> None:
    db.session.add_all(Consent(user_id=user.id, purpose=purpose, is_granted=False) for purpose in purposes)
    db.session.flush()


def rows_of_recency(seed: int, size: int = 1500) -> LabelledRows:
    """Rows of the real features, of which nothing but the first was recorded and drives the lapse."""
    rng = np.random.default_rng(seed)
    values = np.full((size, len(FEATURE_NAMES)), np.nan)
    values[:, 0] = rng.gamma(2, 8, size)
    lapsed = rng.random(size) < 1 / (1 + np.exp(2.6 - np.log1p(values[:, 0])))
    return LabelledRows(FEATURE_NAMES, values, lapsed, rng.integers(300, size=size), np.zeros(size, dtype=np.int64))


def make_model(
    state: str = "champion", *, highest_stage: int = 1, seed: int = 1, rows_of=rows_of_recency, **given
) -> ModelVersion:
    """A model that was really fitted and saved, with as much of a card as is read of it."""
    folder = instance_folder() / "models"
    folder.mkdir(parents=True, exist_ok=True)
    rows = rows_of(seed)
    saved = save_artefact(fit_lapse(rows, rows_of(seed + 1)), rows.values, folder / f"sample-{seed}.zip", seed)
    verdict = "passed" if highest_stage else "refused"
    auc = {"value": 0.8, "low": 0.7, "high": 0.9}
    card = {
        "parts": {"train": {"rows": rows.lapsed.size, "lapsed": int(np.sum(rows.lapsed))}},
        "gate": {"highest_stage": highest_stage, "conditions": [{"name": "slope", "verdict": verdict}], "reasons": []},
        "metrics": {name: {"auc": auc} for name in ("model", "recency_only", "rule")},
    }
    facts = {"state": state, "digest": saved.sha256, "path": f"models/{Path(saved.path).name}", "card": card,
             "card_page": "# lapse", "is_gate_passed": highest_stage > 0,
             "promoted_at": now() if state == "champion" else None}  # fmt: skip
    row = ModelVersion(**{**facts, **given})
    db.session.add(row)
    db.session.flush()
    return row
