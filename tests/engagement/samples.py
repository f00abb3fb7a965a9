"""Rows that the learning loop looks at: acts, stale skills, endorsements, models that serve, an invented company."""

import io
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import numpy as np

from ml.artefact import save_artefact
from ml.drift import spread_of
from ml.events import KINDS
from ml.features import FEATURE_NAMES
from ml.lapse import fit_lapse, predict_lapse
from ml.returns import DecisionRows, fit_returns, predict_returns
from ml.synthetic import SyntheticCompany, make_company
from ml.windows import LabelledRows
from smartskill.activity.models import Consent, InteractionEvent
from smartskill.database import now
from smartskill.engagement.insights.weighing import ARMS
from smartskill.engagement.models import Decision, ModelVersion
from smartskill.extensions import db
from smartskill.kit.settings import instance_folder
from smartskill.skills.models.levels import Endorsement
from smartskill.user.models import User
from tests.factories import make_skill, make_user, make_user_skill

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
    """A lapse model that was really fitted and saved, with as much of a card as is read of it."""
    rows = rows_of(seed)
    model = fit_lapse(rows, rows_of(seed + 1))
    spread = spread_of(predict_lapse(model, rows.names, rows.values))
    parts = {"train": {"rows": rows.lapsed.size, "lapsed": int(np.sum(rows.lapsed))}}
    return _enter("lapse", model, rows.values, state, highest_stage, seed, parts, spread, {}, given)


def decisions_of_effect(seed: int, size: int = 3000, best: str = "skill_stale") -> DecisionRows:
    """Drawn decisions of which one kind brings people back and nothing else does."""
    rng = np.random.default_rng(seed)
    values = np.full((size, len(FEATURE_NAMES)), np.nan)
    values[:, 0] = rng.gamma(2, 8, size)
    arm = rng.integers(len(ARMS), size=size)
    chance = 1 / (1 + np.exp(np.log1p(values[:, 0]) - 2)) + 0.4 * (arm == ARMS.index(best))
    return DecisionRows(
        FEATURE_NAMES, values, ARMS, arm, rng.random(size) < chance, np.full(size, 1 / len(ARMS)),
        rng.integers(500, size=size), np.zeros(size, dtype=np.int64),
    )  # fmt: skip


def make_return_model(state: str = "champion", *, highest_stage: int = 3, seed: int = 1, **given) -> ModelVersion:
    """A return model that was really fitted and saved, with as much of a card as is read of it."""
    rows = decisions_of_effect(seed)
    model = fit_returns(rows)
    spread = spread_of(predict_returns(model, rows.names, rows.values)[np.arange(rows.arm.size), rows.arm])
    costs = {arm: {"rate": 0.0 if arm == "none" else 0.004, "mails": 100, "unsubscribes": 0} for arm in ARMS}
    parts = {"train": {"rows": 100_000, "lapsed": 1}}
    return _enter("return", model, rows.values, state, highest_stage, seed, parts, spread, {"costs": costs}, given)


def _enter(name, model, values, state, highest_stage, seed, parts, spread, more, given) -> ModelVersion:
    folder = instance_folder() / "models"
    folder.mkdir(parents=True, exist_ok=True)
    saved = save_artefact(model, values, folder / f"sample-{name}-{seed}.zip", seed)
    verdict = "passed" if highest_stage else "refused"
    auc = {"value": 0.8, "low": 0.7, "high": 0.9}
    card = {
        "parts": parts,
        "gate": {"highest_stage": highest_stage, "conditions": [{"name": "slope", "verdict": verdict}], "reasons": []},
        "metrics": {name: {"auc": auc} for name in ("model", "recency_only", "rule")},
        "spread": {"edges": list(spread.edges), "shares": list(spread.shares)},
        **more,
    }
    facts = {"name": name, "state": state, "digest": saved.sha256, "path": f"models/{Path(saved.path).name}",
             "card": card, "card_page": f"# {name}", "is_gate_passed": highest_stage > 0,
             "promoted_at": now() if state == "champion" else None}  # fmt: skip
    row = ModelVersion(**{**facts, **given})
    db.session.add(row)
    db.session.flush()
    return row


def fill_company(people: int = 90, seed: int = 3) -> tuple[datetime, list[int]]:
    """Half a year of an invented company in the database; the moment at which it ends, and its people's ids."""
    started = datetime.combine(date(2026, 5, 4), time(), UTC)
    made = make_company(seed=seed, started_at=int(started.timestamp()), people=people)
    ids = [
        make_user(created_at=datetime.fromtimestamp(int(at), UTC), timezone="UTC").id for at in made.tenure_started_at
    ]
    log = made.events
    rows = zip(
        log.user_id.tolist(), log.occurred_at.tolist(), log.kind.tolist(), log.is_automated.tolist(), strict=True
    )
    lines = (
        f"{datetime.fromtimestamp(at, UTC).isoformat()},{ids[user - 1]},{KINDS[kind]},web,{automated}"
        for user, at, kind, automated in rows
    )
    with db.session.connection().connection.cursor() as cursor:
        columns = "occurred_at, user_id, kind, source, is_automated"
        cursor.copy_expert(
            f"COPY interaction_events ({columns}) FROM STDIN (FORMAT csv)", io.StringIO("\n".join(lines))
        )
    _write_decisions(made, ids)
    return datetime.fromtimestamp(made.ended_at, UTC), ids


def _write_decisions(company: SyntheticCompany, ids: list[int]) -> None:
    """Each as the planning of the day before would have written it."""
    made = company.decisions
    for row, (user, key) in enumerate(zip(made.user_id.tolist(), made.decision_keys, strict=True)):
        odds = {arm: float(p) for arm, p in zip(made.arms, made.propensities[row], strict=True) if p > 0}
        drawn = made.arms[made.drawn_arm[row]]
        at = datetime.fromtimestamp(int(made.decided_at[row]), UTC)
        db.session.add(
            Decision(
                user_id=ids[user - 1], decision_key=f"synthetic:{key}", mail_class="subscription",
                action=made.arms[made.arm[row]], drawn_action=drawn, is_held_out=bool(made.is_held_out[row]),
                propensity=odds[drawn], propensities=odds, is_synthetic=True,
                decided_at=at.replace(hour=3, minute=0, second=0) - timedelta(days=at.hour < 3),
            )
        )  # fmt: skip
    db.session.flush()
