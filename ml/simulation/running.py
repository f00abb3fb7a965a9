"""One policy's year in one world with one seed."""

from dataclasses import dataclass
from itertools import product

import numpy as np

from ml.policy.scoring import PolicySettings
from ml.simulation.diary import Diary
from ml.simulation.fixed import FIXED
from ml.simulation.learner import Learner, Trial
from ml.simulation.people import State, live, make_traits, start, truth_of, utility_of
from ml.simulation.worlds import NONE_ARM, WEEKS_BEFORE, WORLDS

HOLDOUT = 0.10
TRIALS: dict[str, Trial] = {
    "policy": Trial(),
    "held out": Trial(settings=PolicySettings(holdout_share=HOLDOUT)),
    "unexplored": Trial(explores=False),
    "stage 1": Trial(highest_stage=1),
}
PLAIN = tuple(FIXED)


@dataclass(frozen=True)
class Task:
    """What to run."""

    world: str
    policy: str
    seed: int
    people: int
    weeks: int


@dataclass(frozen=True)
class Told:
    """What happened; arrays of shape (weeks,), means over people.

    Attributes
    ----------
    open_sent : float array
        Mails per person among those who are not held out.
    outcome, held_out, user_ids : arrays of shape (decisions,), or empty
        Matured decisions as the product's report sees them; kept only where people are held out.
    """

    task: Task
    utility: np.ndarray
    sent: np.ndarray
    open_sent: np.ndarray
    unsubscribed: np.ndarray
    stages: np.ndarray
    outcome: np.ndarray
    held_out: np.ndarray
    user_ids: np.ndarray


def plan_tasks(worlds: tuple[str, ...], seeds: range, people: int, weeks: int) -> list[Task]:
    """Return all that must be run for a table, the slow ones first."""
    learning = [(world, "held out" if world == "null" else "policy") for world in worlds]
    learning += [("responsive", name) for name in ("held out", "unexplored", "stage 1") if "responsive" in worlds]
    plain = list(product(worlds, PLAIN))
    return [Task(world, name, seed, people, weeks) for world, name in (*learning, *plain) for seed in seeds]


def run_task(task: Task) -> Told:
    """Let a year pass: weeks without mail, then weeks that count."""
    world = WORLDS[task.world]
    traits = make_traits(world, task.people, task.seed)
    state, diary = start(world, traits, task.seed), Diary(traits)
    silence = np.full(task.people, NONE_ARM)
    learner = Learner(diary, TRIALS[task.policy]) if task.policy in TRIALS else None
    for week in range(-WEEKS_BEFORE, 0):
        state, lived = live(world, traits, state, silence, week, task.seed)
        if learner:
            diary.note(week, silence, lived)
    told = []
    for week in range(task.weeks):
        if learner:
            learner.learn(week)
            arm = learner.decide(week, state.is_subscribed, state.has_evidence)
        else:
            arm = FIXED[task.policy](state, truth_of(world, traits, state, week), eligible(state))
        state, lived = live(world, traits, state, arm, week, task.seed)
        if learner:
            diary.note(week, arm, lived)
        told.append((utility_of(arm, lived), (arm != NONE_ARM).mean(), lived.has_unsubscribed.mean()))
    if learner:
        learner.learn(task.weeks)
    return _tell(task, np.array(told), learner)


def eligible(state: State) -> np.ndarray:
    """Return which kinds may be sent to whom: those with evidence, to who is subscribed; none always."""
    is_eligible = state.has_evidence & state.is_subscribed[:, None]
    is_eligible[:, NONE_ARM] = True
    return is_eligible


def _tell(task: Task, weekly: np.ndarray, learner: Learner | None) -> Told:
    nothing = np.zeros(0)
    plain = (weekly[:, 0], weekly[:, 1], weekly[:, 1], weekly[:, 2])
    if learner is None:
        return Told(task, *plain, np.zeros(task.weeks), nothing, nothing, nothing)
    weeks = learner.weeks
    open_sent = [
        (week.arm != NONE_ARM).sum() / max(task.people - np.count_nonzero(week.is_held_out), 1) for week in weeks
    ]
    stages = np.array([week.stage for week in weeks])
    if not learner.settings.holdout_share:
        return Told(task, *plain, stages, nothing, nothing, nothing)
    columns = (
        np.concatenate([week.returned for week in weeks if week.returned is not None]),
        np.concatenate([week.is_held_out for week in weeks]),
        np.concatenate([week.table.user_ids for week in weeks]),
    )
    return Told(task, weekly[:, 0], weekly[:, 1], np.array(open_sent), weekly[:, 2], stages, *columns)
