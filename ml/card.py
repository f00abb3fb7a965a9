"""The model card: what a model is, what it was judged on and what it is not good for, as data and as a page.

It is written for every candidate, also for one that the gate refuses (Mitchell et al., 2019).
"""

import math
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from ml.bootstrap import Interval
from ml.gate import GateReport
from ml.metrics import CalibrationBin

LIMITS = (
    "It predicts absence, not the effect of a message; it never says that a mail would help.",
    "It knows only what people do here: somebody who works well without this product looks like somebody who left.",
    "It was measured on the people and weeks named above and says little about a company that works differently.",
    "Its scores are for deciding on notices. They are shown to the person concerned and to nobody else.",
)


@dataclass(frozen=True)
class Part:
    """One part of the time split: its moments (epoch seconds UTC) and what it held."""

    first_as_of: int
    last_as_of: int
    windows: int
    rows: int
    users: int
    lapsed: int


@dataclass(frozen=True)
class Choice:
    """The family that was taken, and why.

    Attributes
    ----------
    chosen : str
        ``logistic_regression`` or ``boosted_trees``.
    auc_gain : Interval
        AUC of the trees minus that of the regression on the calibration window; its lower bound decides.
    metrics : dict of str to dict of str to Interval
        ``auc`` and ``brier`` of both families on the test window, for the card; the choice never saw it.
    """

    chosen: str
    auc_gain: Interval
    metrics: dict[str, dict[str, Interval]]


@dataclass(frozen=True)
class ModelCard:
    """Everything a reader needs to judge a model.

    Attributes
    ----------
    trained_at : int
        Epoch seconds UTC.
    label : str
    parts : dict of str to Part
        ``train``, ``calibration`` and ``test``.
    data_fingerprint : str
        SHA-256 over features, labels, people and moments of all parts.
    metrics : dict of str to dict of str to Interval
        The model first, then its baselines.
    choice : Choice
        Which family was taken, and both beside each other.
    """

    name: str
    trained_at: int
    label: str
    seed: int
    features: tuple[str, ...]
    versions: dict[str, str]
    data_fingerprint: str
    parts: dict[str, Part]
    metrics: dict[str, dict[str, Interval]]
    auc_gain: Interval
    choice: Choice
    curve: tuple[CalibrationBin, ...]
    gate: GateReport
    artefact_sha256: str
    limits: tuple[str, ...] = LIMITS

    def to_dict(self) -> dict[str, Any]:
        """Return the card as JSON-ready data; figures that are not defined are None."""
        card = _plain(asdict(self))
        card["gate"]["highest_stage"] = self.gate.highest_stage
        card["gate"]["reasons"] = list(self.gate.reasons)
        return card

    def to_markdown(self) -> str:
        """Return the card as a page."""
        return "\n".join(
            [
                f"# {self.name}",
                "",
                f"Trained {_moment(self.trained_at)}. Label: {self.label}. Seed {self.seed}.",
                f"Data `{self.data_fingerprint[:16]}`, artefact `{self.artefact_sha256[:16]}`.",
                "Versions: " + ", ".join(f"{name} {number}" for name, number in self.versions.items()) + ".",
                "",
                *_verdict_lines(self.gate),
                *_part_lines(self.parts),
                *_metric_lines(self.metrics, self.auc_gain),
                *_choice_lines(self.choice),
                *_curve_lines(self.curve),
                "## Limits",
                "",
                *(f"- {limit}" for limit in self.limits),
                "",
            ]
        )


def _verdict_lines(gate: GateReport) -> list[str]:
    verdict = f"may serve up to stage {gate.highest_stage}" if gate.highest_stage else "refused; the rule stays"
    rows = [
        f"| {condition.name} | {_figure(condition.figure)} | {condition.asked} | {condition.verdict} |"
        for condition in gate.conditions
    ]
    return [
        "## Gate",
        "",
        f"Verdict: **{verdict}**.",
        "",
        "| condition | figure | asked | verdict |",
        "|---|---|---|---|",
        *rows,
        "",
    ]


def _part_lines(parts: dict[str, Part]) -> list[str]:
    rows = [
        f"| {name} | {_moment(part.first_as_of)} – {_moment(part.last_as_of)} | {part.windows} | {part.rows} "
        f"| {part.users} | {part.lapsed} |"
        for name, part in parts.items()
    ]
    return [
        "## Windows",
        "",
        "| part | moments | windows | rows | people | lapsed |",
        "|---|---|---|---|---|---|",
        *rows,
        "",
    ]


def _metric_lines(metrics: dict[str, dict[str, Interval]], gain: Interval) -> list[str]:
    names = list(metrics["model"])
    rows = [
        f"| {model} | " + " | ".join(_interval(measured[name]) for name in names) + " |"
        for model, measured in metrics.items()
    ]
    heading = ["| | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    return ["## Test window", "", *heading, *rows, "", f"AUC gained over recency only: {_interval(gain)}.", ""]


def _choice_lines(choice: Choice) -> list[str]:
    names = list(choice.metrics[choice.chosen])
    rows = [
        f"| {family} | " + " | ".join(_interval(measured[name]) for name in names) + " |"
        for family, measured in choice.metrics.items()
    ]
    gain = f"AUC of boosted trees minus that of the regression on the calibration window: {_interval(choice.auc_gain)}"
    heading = ["| | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    return ["## Choice", "", f"Taken: **{choice.chosen}**. {gain}.", "", *heading, *rows, ""]


def _curve_lines(curve: tuple[CalibrationBin, ...]) -> list[str]:
    rows = [f"| {point.predicted:.3f} | {point.observed:.3f} | {point.rows} |" for point in curve]
    return ["## Calibration", "", "| predicted | observed | rows |", "|---|---|---|", *rows, ""]


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _figure(figure: float | None) -> str:
    if figure is None or math.isnan(figure):
        return "–"
    return f"{figure:.0f}" if float(figure).is_integer() and abs(figure) >= 10 else f"{figure:.4f}"


def _interval(interval: Interval) -> str:
    if math.isnan(interval.low):
        return _figure(interval.value)
    return f"{_figure(interval.value)} ({_figure(interval.low)} – {_figure(interval.high)})"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
