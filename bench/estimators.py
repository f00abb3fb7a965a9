"""Do the estimators' 95 % intervals hold a known truth as often as they say? `--replications 1000 --people 500`.

Policy values on a log of repeated decisions by people who differ, drawn by a policy with an exploration floor; the lift
of mailing, with and without the adjustment for the past, in a trial with an effect and in one without.
"""

import argparse
import time
from typing import Any

import numpy as np

from bench.logged import run_trial, true_value, write_log
from ml.estimators.cuped import measure_adjusted_lift
from ml.estimators.value import estimate_value

HELD_OUT_SHARE = 0.10
BAND = (0.935, 0.965)
VALUES = ("ips", "snips", "doubly_robust")
LIFTS = ("plain", "adjusted")


def run(arguments: list[str]) -> dict[str, Any]:
    """Run everything; seeds are 0 to the number of replications."""
    asked = _read(arguments)
    began = time.monotonic()
    truth = true_value(seed=0)
    values = _values(asked.replications, asked.people, truth)
    nothing = _lifts(asked.replications, asked.people, 0.0)
    effect = float(np.mean(nothing["adjusted"]["smallest_detectable"]))
    something = _lifts(asked.replications, asked.people, effect)
    figures = {
        "bench": "estimators", "replications": asked.replications, "people": asked.people, "truth": round(truth, 5),
        "coverage": {name: _share(values[name]["holds"]) for name in VALUES}
        | {f"lift_{name}": _share(something[name]["holds"]) for name in LIFTS},
        "mean_weight": round(float(np.mean(values["mean_weight"])), 4),
        "sound_weights_share": _share(values["is_sound"]),
        "effective_share": round(float(np.mean(values["effective_share"])), 3),
        "width": {name: round(float(np.mean(values[name]["width"])), 4) for name in VALUES},
        "aa": {name: {"covers_0": _share(nothing[name]["holds"]), "false_positives": round(1 - _share(nothing[name]["holds"]), 4)}
               for name in LIFTS},
        "cuped_width_ratio": round(float(np.mean(something["width_ratio"])), 3),
        "cuped_narrower_share": _share(np.array(something["width_ratio"]) < 1),
        "smallest_detectable": {name: round(float(np.mean(nothing[name]["smallest_detectable"])), 4) for name in LIFTS},
        "power_at_smallest_detectable": _share(something["adjusted"]["is_found"]),
        "seconds": round(time.monotonic() - began, 1),
    }  # fmt: skip
    figures["within_band"] = all(BAND[0] <= share <= BAND[1] for share in figures["coverage"].values())
    _say(figures)
    return figures


def _read(arguments: list[str]) -> argparse.Namespace:
    reader = argparse.ArgumentParser(prog="bench estimators")
    reader.add_argument("--replications", type=int, default=1000)
    reader.add_argument("--people", type=int, default=500)
    return reader.parse_args(arguments)


def _values(replications: int, people: int, truth: float) -> dict[str, Any]:
    found: dict[str, Any] = {name: {"holds": [], "width": []} for name in VALUES}
    found |= {"mean_weight": [], "is_sound": [], "effective_share": []}
    for seed in range(replications):
        logged, target = write_log(np.random.default_rng(seed), people)
        value = estimate_value(logged, target, logged.predict_rewards(seed))
        for name in VALUES:
            estimate = getattr(value, name)
            found[name]["holds"].append(estimate.low <= truth <= estimate.high)
            found[name]["width"].append(estimate.high - estimate.low)
        found["mean_weight"].append(value.ips.mean_weight)
        found["is_sound"].append(value.ips.has_sound_weights)
        found["effective_share"].append(value.ips.effective_sample / logged.arm.size)
    return found


def _lifts(replications: int, people: int, effect: float) -> dict[str, Any]:
    found: dict[str, Any] = {name: {"holds": [], "is_found": [], "smallest_detectable": []} for name in LIFTS}
    found["width_ratio"] = []
    for seed in range(replications):
        lift = measure_adjusted_lift(*run_trial(np.random.default_rng([seed, 1]), people, HELD_OUT_SHARE, effect))
        for name in LIFTS:
            side = getattr(lift, name)
            found[name]["holds"].append(side.difference.low <= effect <= side.difference.high)
            found[name]["is_found"].append(side.verdict == "lift")
            found[name]["smallest_detectable"].append(side.smallest_detectable)
        found["width_ratio"].append(lift.width_ratio)
    return found


def _share(flags: Any) -> float:
    return round(float(np.mean(flags)), 4)


def _say(figures: dict[str, Any]) -> None:
    print(f"{figures['replications']:,} replications of {figures['people']:,} people; the truth is {figures['truth']}")
    for name, share in figures["coverage"].items():
        width = figures["width"].get(name)
        print(f"  {name:14} holds the truth in {share:.1%}" + (f", width {width:.4f}" if width else ""))
    print(f"  mean weight {figures['mean_weight']:.3f}, within 5 % of 1 in {figures['sound_weights_share']:.1%}; "
          f"effective sample {figures['effective_share']:.0%} of the decisions")  # fmt: skip
    for name, aa in figures["aa"].items():
        print(f"  A/A, {name}: covers 0 in {aa['covers_0']:.1%}, false positives {aa['false_positives']:.1%}")
    seen = figures["smallest_detectable"]
    print(f"  CUPED: {figures['cuped_width_ratio']:.3f} of the plain width, narrower in "
          f"{figures['cuped_narrower_share']:.1%}; smallest detectable {seen['plain']:.3f} → {seen['adjusted']:.3f}, "
          f"found in {figures['power_at_smallest_detectable']:.1%}")  # fmt: skip
    print(f"  {'all' if figures['within_band'] else 'NOT all'} within {BAND[0]:.1%} – {BAND[1]:.1%}; "
          f"{figures['seconds']} s")  # fmt: skip
