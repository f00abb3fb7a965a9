"""The registry of models: candidate → shadow → champion → archived, by name, and the rules where none serves.

The gate's verdict is final: a candidate that it refused cannot be promoted, though it may be a shadow, which decides
nothing. Promoting and rolling back are one transaction each, and unique indexes have the last word on there being one
champion and one shadow of a name.
"""

from typing import Any

from sqlalchemy import Select, select

from smartskill.database import now
from smartskill.engagement.models import ModelVersion
from smartskill.extensions import db
from smartskill.kit.errors import Conflict, NotFound

LAPSE, RETURN = "lapse", "return"
NAMES = (LAPSE, RETURN)
LEAST_STAGE = {LAPSE: 1, RETURN: 2}  # from which a model of that name has something to say


class NoSuchModel(NotFound):
    """There is no such model."""


class GateRefused(Conflict):
    """The gate refused this model; the one that serves stays."""


class NothingToPromote(Conflict):
    """There is no candidate whose gate has passed."""


class NoChampion(Conflict):
    """No model serves, so there is nothing to roll back; the rules serve."""


class ServesAlready(Conflict):
    """The model serves; it cannot be scored beside itself."""


def add_candidate(name: str, card: dict[str, Any], page: str, digest: str, path: str) -> ModelVersion:
    """Enter a trained model, whatever its gate says; the same artefact twice is one entry."""
    found = db.session.scalar(select(ModelVersion).filter_by(digest=digest, path=path))
    if found is None:
        found = ModelVersion(
            name=name, card=card, card_page=page, digest=digest, path=path,
            is_gate_passed=card["gate"]["highest_stage"] >= LEAST_STAGE[name],
        )  # fmt: skip
        db.session.add(found)
        db.session.flush()
    return found


def search_models() -> Select:
    """All versions, the newest first."""
    return select(ModelVersion).order_by(ModelVersion.trained_at.desc(), ModelVersion.id.desc())


def find_champion(name: str = LAPSE) -> ModelVersion | None:
    """The model of a name that serves, or None: the rules do."""
    return db.session.scalar(select(ModelVersion).filter_by(name=name, state="champion"))


def find_shadow(name: str) -> ModelVersion | None:
    """The model of a name that is scored beside the one that serves, if any."""
    return db.session.scalar(select(ModelVersion).filter_by(name=name, state="shadow"))


def find_newest(name: str) -> ModelVersion | None:
    """The version of a name that was trained last, whatever its standing."""
    return db.session.scalar(search_models().filter_by(name=name).limit(1))


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
    """A version as JSON, with its figure beside the baseline's and what watching it said."""
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
        "is_alarmed": row.is_alarmed,
        "card": row.card | ({"watch": row.watch} if row.watch else {}),
    }


def promote_model(model_id: int | None = None) -> ModelVersion:
    """Let a version serve; the one before is archived. The newest that the gate passed if none is named.

    Raises:
        NoSuchModel, NothingToPromote
        GateRefused: its gate did not pass; there is no way round it.
    """
    row = get_model(model_id) if model_id else _newest_passed()
    if not row.is_gate_passed:
        reasons = ", ".join(_refusals(row.card))
        raise GateRefused(f"The gate refused model {row.id} ({reasons}); what serves now stays.")
    champion = _locked(row.name, "champion")
    if champion is not None and champion.id != row.id:
        _archive(champion)
    return _crown(row)


def shadow_model(model_id: int | None = None) -> ModelVersion:
    """Score a version beside the one that serves, from the next planning on; the shadow before it is archived.

    Raises:
        NoSuchModel
        ServesAlready: it is the champion.
    """
    row = get_model(model_id)
    if row.state == "champion":
        raise ServesAlready(f"Model {row.id} serves; it cannot be scored beside itself.")
    former = _locked(row.name, "shadow")
    if former is not None and former.id != row.id:
        _archive(former)
    row.state, row.archived_at = "shadow", None
    db.session.flush()
    return row


def roll_back_model(name: str = LAPSE) -> tuple[ModelVersion, ModelVersion | None]:
    """Archive the champion of a name and let its predecessor serve again, or the rules where it has none.

    Returns:
        the version that no longer serves, and the one that does.
    Raises:
        NoChampion: no model of that name serves.
    """
    champion = _locked(name, "champion")
    if champion is None:
        raise NoChampion()
    earlier = select(ModelVersion).where(
        ModelVersion.name == name,
        ModelVersion.state == "archived",
        ModelVersion.is_gate_passed,
        ModelVersion.promoted_at < champion.promoted_at,
    )
    predecessor = db.session.scalar(earlier.order_by(ModelVersion.promoted_at.desc()).limit(1))
    _archive(champion)
    return champion, _crown(predecessor, is_return=True) if predecessor else None


def note_watch(row: ModelVersion, watch: dict[str, Any], *, is_alarmed: bool) -> None:
    """Keep what the latest look at a model said; an alarm holds until a later look finds none."""
    row.watch, row.watched_at, row.is_alarmed = watch, now(), is_alarmed
    db.session.flush()


def _crown(row: ModelVersion, *, is_return: bool = False) -> ModelVersion:
    row.state, row.archived_at, row.is_alarmed = "champion", None, False
    if not is_return:  # a predecessor keeps its place in the line, so that a second rollback goes further back
        row.promoted_at = now()
    db.session.flush()
    return row


def _archive(row: ModelVersion) -> None:
    row.state, row.archived_at = "archived", now()
    db.session.flush()  # before the next one is crowned: there is one champion at any moment


def _locked(name: str, state: str) -> ModelVersion | None:
    return db.session.scalar(select(ModelVersion).filter_by(name=name, state=state).with_for_update())


def _newest_passed() -> ModelVersion:
    passed = search_models().where(ModelVersion.state.in_(("candidate", "shadow")), ModelVersion.is_gate_passed)
    row = db.session.scalar(passed.limit(1))
    if row is None:
        raise NothingToPromote()
    return row


def _refusals(card: dict[str, Any]) -> list[str]:
    """The conditions that do not hold: refused, or not measurable where it had to be."""
    return [condition["name"] for condition in card["gate"]["conditions"] if condition["verdict"] != "passed"]
