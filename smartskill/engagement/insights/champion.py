"""The models that serve, if any: loaded from their files, checked against the registry's digests, kept by the process.

Anything wrong with one of them is no reason to fail: the rules serve, and the decision says why. A model whose scores
stopped coming true is as wrong as one whose file was changed.
"""

import logging
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Union, cast

from sqlalchemy import func, select

from ml.costs import CostRates
from ml.policy.scoring import stage_of
from smartskill.database import now
from smartskill.engagement.insights.costs import find_costs
from smartskill.engagement.models import Decision, ModelVersion
from smartskill.engagement.services.registry import LAPSE, LEAST_STAGE, NAMES, RETURN, find_champion, find_shadow
from smartskill.extensions import db
from smartskill.kit.settings import instance_folder

if TYPE_CHECKING:
    from ml.lapse import LapseModel
    from ml.returns import ReturnModel

log = logging.getLogger(__name__)
MATURED_AFTER = timedelta(days=7)  # a return is final then
DRIFT = "drift"


@dataclass(frozen=True)
class Models:
    """Models that can say something together, with the versions they are of.

    `usual_lapse` is the share that lapses on average, `matured` the decisions whose outcome is final, `behind` those
    that the return model was fitted to.
    """

    lapse: "LapseModel | None" = None
    returns: "ReturnModel | None" = None
    versions: dict[str, int] = field(default_factory=dict)
    usual_lapse: float = 0.0
    matured: int = 0
    behind: int = 0

    def version_at(self, stage: int) -> int | None:
        """Which version decides at a stage."""
        return self.versions.get(RETURN if stage >= LEAST_STAGE[RETURN] else LAPSE) if stage else None


@dataclass(frozen=True)
class Shadow:
    """A model that decides nothing, and the stage at which it is tried; `error` names what is wrong with it."""

    name: str
    version_id: int
    stage: int
    models: Models
    error: str | None = None


@dataclass(frozen=True)
class Serving:
    """What serves: a stage, the models it needs, what mails cost, and what forbade more, if anything did."""

    stage: int
    models: Models
    costs: CostRates
    shadows: tuple[Shadow, ...] = ()
    fallback: str | None = None


def find_serving(arms: tuple[str, ...]) -> Serving:
    """The champions at the stage that they and the matured decisions reach; without any the rules at stage 0."""
    costs, matured = find_costs(arms), count_matured()
    models, highest, fallback = Models(matured=matured), 0, None
    for champion in filter(None, map(find_champion, NAMES)):
        fallback = fallback or (DRIFT if champion.is_alarmed else None)
        try:
            models = with_version(models, champion)
            highest = max(highest, min(champion.card["gate"]["highest_stage"], 1 if champion.name == LAPSE else 3))
        except Exception as error:
            log.exception("the champion %d does not serve; the rules do", champion.id)
            fallback = type(error).__name__
    stage = 0 if fallback else _reach(stage_of(matured, highest), models)
    return Serving(stage, models, costs, _shadows(models), fallback)


def _reach(stage: int, models: Models) -> int:
    """The highest stage up to one for which there is a model."""
    if stage >= LEAST_STAGE[RETURN] and models.returns is not None:
        return stage
    return 1 if stage and models.lapse is not None else 0


def _shadows(serving: Models) -> tuple[Shadow, ...]:
    """Those that are tried beside, at the stage that is theirs whatever their gate said of them."""
    found = []
    for row in filter(None, map(find_shadow, NAMES)):
        stage = max(stage_of(serving.matured, 3), LEAST_STAGE[row.name]) if row.name == RETURN else 1
        try:
            found.append(Shadow(row.name, row.id, stage, with_version(serving, row)))
        except Exception as error:
            log.exception("the shadow %d cannot be scored", row.id)
            found.append(Shadow(row.name, row.id, stage, serving, type(error).__name__))
    return tuple(found)


def with_version(models: Models, version: ModelVersion) -> Models:
    """The same with a version in its place.

    Raises:
        ArtefactRefused: its file is missing, or not what was recorded.
    """
    loaded, train = load_version(version), version.card["parts"]["train"]
    versions = models.versions | {version.name: version.id}
    if version.name == RETURN:
        return replace(models, returns=cast("ReturnModel", loaded), versions=versions, behind=train["rows"])
    usual = train["lapsed"] / max(train["rows"], 1)
    return replace(models, lapse=cast("LapseModel", loaded), versions=versions, usual_lapse=usual)


def load_version(version: ModelVersion) -> Union["LapseModel", "ReturnModel"]:
    """A version's model.

    Raises:
        ArtefactRefused: its file is missing, or not what was recorded.
    """
    path = instance_folder() / (version.path or "")
    stat = path.stat() if path.is_file() else None
    return _load(version.name, path, version.digest or "", stat and (stat.st_mtime_ns, stat.st_size))


@lru_cache(maxsize=8)
def _load(name: str, path: Path, digest: str, seen: tuple[int, int] | None) -> Union["LapseModel", "ReturnModel"]:
    """Kept for as long as the file looks the same."""
    from ml.artefact import load_artefact  # brings scikit-learn, which a planning by rule has no need of
    from ml.lapse import LapseModel
    from ml.returns import ReturnModel

    return load_artefact(path, digest, ReturnModel if name == RETURN else LapseModel)


def count_matured() -> int:
    """Decisions with known odds whose outcome is final."""
    matured = select(func.count()).where(Decision.propensity.is_not(None), Decision.decided_at <= now() - MATURED_AFTER)
    return db.session.scalar(matured) or 0
