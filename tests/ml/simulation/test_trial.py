"""A short year of the policy: it repeats itself, logs what it did, learns only from that, and uses what serves."""

import ast
import inspect
from dataclasses import replace

import numpy as np
import pytest

import ml.simulation.learner as learner_module
from ml.policy.draw import draw_arm, uniform_of
from ml.simulation import people
from ml.simulation.comparing import compare
from ml.simulation.diary import Diary, moment_of
from ml.simulation.journal import rows_of_weeks
from ml.simulation.learner import SECRET, Learner, Trial
from ml.simulation.running import TRIALS, Task, eligible, plan_tasks, run_task
from ml.simulation.table import lines_of
from ml.simulation.worlds import NONE_ARM, WEEKS_BEFORE, WORLDS

SERVING = {
    "build_features", "predict_lapse", "predict_effects", "stage_effects", "rule_effects", "count_costs", "score_arms",
    "budget_price", "choose_propensities", "stage_of", "is_held_out", "uniform_of", "fit_returns", "fit_lapse",
}  # fmt: skip


def tried(weeks=5, number=400, seed=1, trial=None):
    world = WORLDS["responsive"]
    traits = people.make_traits(world, number, seed)
    state, diary = people.start(world, traits, seed), Diary(traits)
    learner = Learner(diary, trial or Trial())
    for week in range(-WEEKS_BEFORE, weeks):
        arm = np.full(number, NONE_ARM)
        if week >= 0:
            learner.learn(week)
            arm = learner.decide(week, state.is_subscribed, state.has_evidence)
            assert eligible(state)[np.arange(number), arm].all()
        state, lived = people.live(world, traits, state, arm, week, seed)
        diary.note(week, arm, lived)
    return learner


def test_a_year_repeats_itself():
    told = [run_task(Task("responsive", "policy", 2, 300, 4)) for _ in range(2)]
    np.testing.assert_array_equal(told[0].utility, told[1].utility)
    np.testing.assert_array_equal(told[0].sent, told[1].sent)


def test_it_goes_through_the_stages_as_decisions_mature():
    stages = [week.stage for week in tried(weeks=12).weeks]
    assert stages[0] == 0
    assert 2 in stages
    assert stages == sorted(stages)


def test_kept_at_stage_one_it_stays_there():
    assert {week.stage for week in tried(weeks=6, trial=Trial(highest_stage=1)).weeks} == {0, 1}


def test_draws_can_be_replayed_and_no_propensity_is_nought():
    number = 3
    week = tried(weeks=number + 1).weeks[number]
    assert (week.propensity > 0).all()
    points = [uniform_of(SECRET, "draw", f"{user}:{number}") for user in week.table.user_ids]
    again = [draw_arm(odds, point) for odds, point in zip(week.odds, points, strict=True)]
    np.testing.assert_array_equal(again, week.drawn)
    np.testing.assert_allclose(week.propensity, week.odds[np.arange(week.arm.size), week.arm])


def test_only_what_has_matured_is_learned_from():
    learner = tried(weeks=3)
    assert [week.returned is not None for week in learner.weeks] == [True, True, False]
    rows = rows_of_weeks(learner.weeks[:2])
    assert rows.decided_at.max() == moment_of(1)
    assert rows.is_learnable.all()


def test_people_held_out_are_drawn_for_and_get_nothing():
    held = replace(TRIALS["held out"].settings, holdout_share=0.5)
    week = tried(weeks=2, trial=Trial(settings=held)).weeks[0]
    assert 0.3 < week.is_held_out.mean() < 0.7
    assert (week.arm[week.is_held_out] == NONE_ARM).all()
    assert (week.drawn[week.is_held_out] != NONE_ARM).any()


def test_after_an_alarm_the_rule_serves_until_something_was_learned_anew():
    learner = tried(weeks=14)
    assert learner.stage >= 2
    learner.is_alarmed = True
    assert learner.stage == 0


def test_the_policy_is_made_of_the_functions_that_serve():
    """What the simulator calls is what the product calls: imported from the same modules, none of its own."""
    tree = ast.parse(inspect.getsource(learner_module))
    imported = {
        alias.name: node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert imported.keys() >= SERVING
    assert not any("simulation" in imported[name] for name in SERVING)
    insights = pytest.importorskip("smartskill.engagement.insights.weighing")
    for name in ("score_arms", "budget_price", "rule_effects", "build_features", "is_held_out"):
        assert getattr(insights, name) is getattr(learner_module, name)
    believing = pytest.importorskip("smartskill.engagement.insights.believing")
    assert believing.stage_effects is learner_module.stage_effects


def test_a_small_table_has_every_figure():
    tasks = plan_tasks(tuple(WORLDS), seeds=range(2), people=60, weeks=3)
    worlds = compare([run_task(task) for task in tasks])
    assert list(worlds) == list(WORLDS)
    for figures in worlds.values():
        assert {"policy", "rule", "oracle", "none", "all", "se_vs_rule", "unsubscribed", "closed_share"} <= set(figures)
    assert {"mails_per_week", "verdict"} <= set(worlds["null"])
    assert worlds["drift"]["recovered_after_weeks"] is None  # three weeks hold no change
    assert {"price_of_exploration", "price_of_holdout"} <= set(worlds["responsive"])
    assert len(lines_of(worlds)) == 1 + len(WORLDS) + 3
