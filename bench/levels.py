"""Ratings, projections, merges and their undoing against a model in memory: 10,000 random steps, how many differ.

An argument is another number of steps.
"""

import time
from typing import Any

from bench.stack import stack

STEPS_PER_RUN = 50


def run(arguments: list[str]) -> dict[str, Any]:
    """Run the machine of the tests; it stops at the first difference and prints how to get there."""
    from hypothesis import HealthCheck, Phase, settings
    from hypothesis.stateful import run_state_machine_as_test

    wanted = int(arguments[0]) if arguments else 10_000
    phases = (Phase.generate, Phase.shrink)
    runs = settings(max_examples=-(-wanted // STEPS_PER_RUN), stateful_step_count=STEPS_PER_RUN, deadline=None,
                    suppress_health_check=list(HealthCheck), phases=phases)  # fmt: skip
    with stack():
        from smartskill import create_app
        from smartskill.kit import schema_state
        from tests.skills.machine import Count, Levels

        app = create_app()
        with app.app_context():
            schema_state.upgrade()
            began = time.monotonic()
            while Count.steps < wanted:
                run_state_machine_as_test(Levels, settings=runs)
        seconds = time.monotonic() - began
    print(f"{Count.steps:,} steps in {seconds:.0f} s, 0 differences")
    return {"bench": "levels", "steps": Count.steps, "seconds": round(seconds, 1), "differences": 0}
