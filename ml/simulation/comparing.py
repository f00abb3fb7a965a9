"""The figures of docs/simulator.md, from what the runs told."""

from typing import Any

import numpy as np

from ml.estimators.lift import measure_lift
from ml.simulation.running import Told
from ml.simulation.worlds import WORLDS

LAST_WEEKS = 8
BEFORE_WEEKS, WINDOW_WEEKS = 8, 4
RECOVERED_SHARE = 0.9
Told_by = dict[tuple[str, str], list[Told]]


def by_policy(told: list[Told]) -> Told_by:
    """Return the runs of each world and policy in the order of their seeds."""
    found: Told_by = {}
    for one in sorted(told, key=lambda one: one.task.seed):
        found.setdefault((one.task.world, one.task.policy), []).append(one)
    return found


def compare(told: list[Told]) -> dict[str, Any]:
    """Return the figures of every world that was run."""
    runs = by_policy(told)
    return {world: _figures(world, runs) for world in WORLDS if (world, "rule") in runs}


def _figures(world: str, runs: Told_by) -> dict[str, Any]:
    ours = "held out" if world == "null" else "policy"
    names = {"policy": ours, "rule": "rule", "oracle": "oracle", "none": "none", "all": "all"}
    utility = {name: np.array([one.utility.mean() for one in runs[world, policy]]) for name, policy in names.items()}
    figures: dict[str, Any] = {name: round(float(value.mean()), 5) for name, value in utility.items()}
    gain = utility["policy"] - utility["rule"]
    distance = (utility["oracle"] - utility["rule"]).mean()
    figures |= {
        "gain_over_rule": round(float(gain.mean()), 5),
        "se_vs_rule": _standard_error(gain),
        "closed_share": round(float(gain.mean() / distance), 3) if distance > 0 else None,
        "sent": {name: _mean([one.sent.mean() for one in runs[world, policy]]) for name, policy in names.items()},
        "unsubscribed": {
            name: _mean([one.unsubscribed.sum() for one in runs[world, policy]]) for name, policy in names.items()
        },
    }
    lost, rules = figures["unsubscribed"]["policy"], figures["unsubscribed"]["rule"]
    figures["unsubscribed_vs_rule"] = round(lost / rules, 2) if rules else None
    if world == "responsive":
        figures |= _prices(runs, utility["policy"])
    if world == "null":
        figures |= _silence(runs[world, ours])
    if world == "drift":
        figures["recovered_after_weeks"] = recovered_after(runs)
        figures["stages_after"] = [int(stage) for stage in runs[world, ours][0].stages[26:36]]
    return figures


def _prices(runs: Told_by, policy: np.ndarray) -> dict[str, Any]:
    """Return what exploring, holding out and being kept at stage 1 cost, each with its paired standard error."""
    prices = {"exploration": "unexplored", "holdout": "held out", "stage_1": "stage 1"}
    found: dict[str, Any] = {}
    for name, other in prices.items():
        lost = np.array([one.utility.mean() for one in runs["responsive", other]]) - policy
        lost = lost if name == "exploration" else -lost
        found[f"price_of_{name}"] = round(float(lost.mean()), 5)
        found[f"se_price_of_{name}"] = _standard_error(lost)
    return found


def _silence(held_out: list[Told]) -> dict[str, Any]:
    """Return the mails at the end and what the product's own report says, of each company and of all as one."""
    each = [measure_lift(one.outcome.astype(np.float64), one.held_out.astype(bool), one.user_ids) for one in held_out]
    people = max(int(one.user_ids.max()) for one in held_out) + 1
    joined = measure_lift(
        np.concatenate([one.outcome for one in held_out]).astype(np.float64),
        np.concatenate([one.held_out for one in held_out]).astype(bool),
        np.concatenate([one.user_ids + place * people for place, one in enumerate(held_out)]),
    )
    verdicts = [one.verdict for one in each]
    return {
        "mails_per_week": _mean([one.open_sent[-LAST_WEEKS:].mean() for one in held_out]),
        "verdict": joined.verdict,
        "lift": [round(joined.difference.value, 5), round(joined.difference.low, 5), round(joined.difference.high, 5)],
        "smallest_detectable": round(joined.smallest_detectable, 5),
        "verdicts": {verdict: verdicts.count(verdict) for verdict in sorted(set(verdicts))},
    }


def recovered_after(runs: Told_by) -> int | None:
    """Return the first week after the change from which four weeks reach 0.9 of the share of before; None if never."""
    change = WORLDS["drift"].change_week
    weekly = {
        name: np.mean([one.utility for one in runs["drift", name]], axis=0) for name in ("policy", "none", "oracle")
    }
    if change is None or weekly["policy"].size < change + WINDOW_WEEKS + 1:
        return None

    def share(first: int, weeks: int) -> float:
        part = slice(first, first + weeks)
        own, best = ((weekly[name] - weekly["none"])[part].mean() for name in ("policy", "oracle"))
        return float(own / best)

    before = share(change - BEFORE_WEEKS, BEFORE_WEEKS)
    for week in range(1, weekly["policy"].size - change - WINDOW_WEEKS + 1):
        if share(change + week, WINDOW_WEEKS) >= RECOVERED_SHARE * before:
            return week
    return None


def _mean(values: list[Any]) -> float:
    return round(float(np.mean(values)), 4)


def _standard_error(values: np.ndarray) -> float | None:
    return round(float(values.std(ddof=1) / np.sqrt(values.size)), 6) if values.size > 1 else None
