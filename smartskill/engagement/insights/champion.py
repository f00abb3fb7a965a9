"""The model that serves, if any: loaded from its file, checked against the digest in the registry, kept by the process.

Anything wrong with it is no reason to fail: the rules serve, and the decision says why.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from ml.policy.scoring import stage_of
from smartskill.database import now
from smartskill.engagement.models import Decision, ModelVersion
from smartskill.engagement.services.registry import find_champion
from smartskill.extensions import db
from smartskill.kit.settings import instance_folder

if TYPE_CHECKING:
    from ml.lapse import LapseModel

log = logging.getLogger(__name__)
MATURED_AFTER = timedelta(days=7)  # a return is final then


@dataclass(frozen=True)
class Serving:
    """What serves: a stage, from stage 1 a model and the usual share of lapse; `fallback` names what forbade it."""

    stage: int
    model: "LapseModel | None" = None
    version_id: int | None = None
    usual_lapse: float = 0.0
    matured: int = 0
    fallback: str | None = None


def find_serving() -> Serving:
    """The champion at the stage that it and the matured decisions reach; the rules at stage 0 where there is none."""
    champion = find_champion()
    if champion is None:
        return Serving(0)
    try:
        model = load_version(champion)
    except Exception as error:
        log.exception("the champion %d does not serve; the rules do", champion.id)
        return Serving(0, fallback=type(error).__name__)
    matured = count_matured()
    stage = stage_of(matured, champion.card["gate"]["highest_stage"])
    train = champion.card["parts"]["train"]
    return Serving(stage, model, champion.id, train["lapsed"] / max(train["rows"], 1), matured)


def load_version(version: ModelVersion) -> "LapseModel":
    """A version's model.

    Raises:
        ArtefactRefused: its file is missing, or not what was recorded.
    """
    path = instance_folder() / (version.path or "")
    stat = path.stat() if path.is_file() else None
    return _load(path, version.digest or "", stat and (stat.st_mtime_ns, stat.st_size))


@lru_cache(maxsize=4)
def _load(path: Path, digest: str, seen: tuple[int, int] | None) -> "LapseModel":
    """Kept for as long as the file looks the same."""
    from ml.artefact import load_artefact  # brings scikit-learn, which a planning by rule has no need of

    return load_artefact(path, digest)


def count_matured() -> int:
    """Decisions with known odds whose outcome is final."""
    matured = select(func.count()).where(Decision.propensity.is_not(None), Decision.decided_at <= now() - MATURED_AFTER)
    return db.session.scalar(matured) or 0
