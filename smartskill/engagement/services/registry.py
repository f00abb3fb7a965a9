"""The registry of models: candidate → champion → archived, one champion, and the rules where there is none.

The gate's verdict is final: a candidate that it refused cannot be promoted. Promoting and rolling back are one
transaction each, and a unique index has the last word on there being one champion.
"""

from typing import Any

from sqlalchemy import Select, select

from smartskill.database import now
from smartskill.engagement.models import ModelVersion
from smartskill.extensions import db
from smartskill.kit.errors import Conflict, NotFound

LAPSE = "lapse"


class NoSuchModel(NotFound):
    """There is no such model."""


class GateRefused(Conflict):
    """The gate refused this model; the one that serves stays."""


class NothingToPromote(Conflict):
    """There is no candidate whose gate has passed."""


class NoChampion(Conflict):
    """No model serves, so there is nothing to roll back; the rules serve."""


def add_candidate(card: dict[str, Any], page: str, digest: str, path: str) -> ModelVersion:
    """Enter a trained model, whatever its gate says; the same artefact twice is one entry."""
    found = db.session.scalar(select(ModelVersion).filter_by(digest=digest, path=path))
    if found is None:
        found = ModelVersion(
            name=LAPSE, card=card, card_page=page, digest=digest, path=path,
            is_gate_passed=card["gate"]["highest_stage"] > 0,
        )  # fmt: skip
        db.session.add(found)
        db.session.flush()
    return found


def search_models() -> Select:
    """All versions, the newest first."""
    return select(ModelVersion).order_by(ModelVersion.trained_at.desc(), ModelVersion.id.desc())


def find_champion() -> ModelVersion | None:
    """The model that serves, or None: the rules do."""
    return db.session.scalar(select(ModelVersion).filter_by(name=LAPSE, state="champion"))


def get_model(model_id: int | None = None) -> ModelVersion:
    """A version; the newest one if none is named.

    Raises:
        NoSuchModel: there is none.
    """
    row = db.session.get(ModelVersion, model_id) if model_id else db.session.scalar(search_models().limit(1))
    if row is None:
        raise NoSuchModel(
            "There is no model yet: run `flask model train`." if model_id is None else f"There is no model {model_id}."
        )
    return row


def show_model(row: ModelVersion) -> dict[str, Any]:
    """A version as JSON, with its figure beside the baseline's."""
    metrics = row.card["metrics"]
    return {
        "id": row.id,
        "name": row.name,
        "state": row.state,
        "is_gate_passed": row.is_gate_passed,
        "highest_stage": row.card["gate"]["highest_stage"],
        "auc": metrics["model"]["auc"]["value"],
        "auc_recency_only": metrics["recency_only"]["auc"]["value"],
        "trained_at": row.trained_at,
        "promoted_at": row.promoted_at,
        "archived_at": row.archived_at,
        "card": row.card,
    }


def promote_model(model_id: int | None = None) -> ModelVersion:
    """Let a version serve; the one before is archived. The newest candidate that the gate passed if none is named.

    Raises:
        NoSuchModel, NothingToPromote
        GateRefused: its gate did not pass; there is no way round it.
    """
    row = get_model(model_id) if model_id else _newest_passed()
    if not row.is_gate_passed:
        reasons = ", ".join(_refusals(row.card))
        raise GateRefused(f"The gate refused model {row.id} ({reasons}); what serves now stays.")
    champion = _locked_champion()
    if champion is not None and champion.id != row.id:
        _archive(champion)
    return _crown(row)


def roll_back_model() -> tuple[ModelVersion, ModelVersion | None]:
    """Archive the champion and let its predecessor serve again, or the rules where it has none.

    Returns:
        the version that no longer serves, and the one that does.
    Raises:
        NoChampion: no model serves.
    """
    champion = _locked_champion()
    if champion is None:
        raise NoChampion()
    earlier = select(ModelVersion).where(
        ModelVersion.name == LAPSE,
        ModelVersion.state == "archived",
        ModelVersion.is_gate_passed,
        ModelVersion.promoted_at < champion.promoted_at,
    )
    predecessor = db.session.scalar(earlier.order_by(ModelVersion.promoted_at.desc()).limit(1))
    _archive(champion)
    return champion, _crown(predecessor, is_return=True) if predecessor else None


def _crown(row: ModelVersion, *, is_return: bool = False) -> ModelVersion:
    row.state, row.archived_at = "champion", None
    if not is_return:  # a predecessor keeps its place in the line, so that a second rollback goes further back
        row.promoted_at = now()
    db.session.flush()
    return row


def _archive(row: ModelVersion) -> None:
    row.state, row.archived_at = "archived", now()
    db.session.flush()  # before the next one is crowned: there is one champion at any moment


def _locked_champion() -> ModelVersion | None:
    return db.session.scalar(select(ModelVersion).filter_by(name=LAPSE, state="champion").with_for_update())


def _newest_passed() -> ModelVersion:
    passed = search_models().where(ModelVersion.state == "candidate", ModelVersion.is_gate_passed)
    row = db.session.scalar(passed.limit(1))
    if row is None:
        raise NothingToPromote()
    return row


def _refusals(card: dict[str, Any]) -> list[str]:
    return [condition["name"] for condition in card["gate"]["conditions"] if condition["verdict"] == "refused"]
