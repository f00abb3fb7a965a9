"""Levels, merges and their undoing, step by step against a model in memory."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.skills.machine import Levels

FEW = settings(
    max_examples=25,
    stateful_step_count=40,
    deadline=None,
    print_blob=False,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.usefixtures("app")
def test_a_thousand_steps_end_where_the_model_does():
    run_state_machine_as_test(Levels, settings=FEW)
