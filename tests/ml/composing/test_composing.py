"""Both solvers on teams known by hand, and against each other and all teams on small random pools."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.composing.compose import compose, compose_another, find_stand_ins
from ml.composing.exact import compose_exactly
from ml.composing.greedy import compose_greedily
from ml.composing.problem import Problem, Score, harmonic

SECONDS = 20.0


def pose(rows, heads, must=None, confidence=None, most=None):
    """A problem from lists of 0 and 1, one row per person."""
    able = np.array(rows, dtype=bool).reshape(len(rows), len(heads))
    trust = np.full(able.shape, 0.8) if confidence is None else np.array(confidence, dtype=float)
    wanted = np.ones(len(heads), dtype=bool) if must is None else np.array(must, dtype=bool)
    return Problem(able, np.array(heads), wanted, trust, most)


def best_by_trying_all(problem):
    """The lowest score of any team, by trying every one."""
    people, most = range(len(problem.able)), problem.most
    sizes = range((len(problem.able) if most is None else min(most, len(problem.able))) + 1)
    return min(problem.score(team) for size in sizes for team in combinations(people, size))


def test_one_person_who_can_do_both_is_a_team():
    problem = pose([[1, 0], [1, 1], [0, 1]], [1, 1])
    for found in (compose_exactly(problem, SECONDS), compose_greedily(problem)):
        assert (found.picks, found.at_least, found.is_proven, found.gap) == ([1], 1, True, 0.0)


# Three specialists, each with two needs, and a pair that covers six needs between them: 2 people are enough.
PLANTED = [[1, 1, 0, 0, 0, 0], [0, 0, 1, 1, 0, 0], [0, 0, 0, 0, 1, 1], [1, 0, 1, 0, 1, 0], [0, 1, 0, 1, 0, 1]]


def test_both_agree_on_a_planted_pair():
    problem = pose(PLANTED, [1] * 6)
    assert compose_exactly(problem, SECONDS).picks == compose_greedily(problem).picks == [3, 4]


# The textbook trap: the long row takes 4 of the heads at first sight, then both short rows are needed after all.
TRAP = [[1, 1, 0, 1, 1, 0], [1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]]


def test_greedy_falls_into_the_trap_and_climbs_out_by_dropping_whom_it_no_longer_needs():
    problem = pose(TRAP, [1] * 6)
    assert compose_exactly(problem, SECONDS).picks == compose_greedily(problem).picks == [1, 2]


# Where dropping does not help: {0,1,2,3} first, then {4,5} and {6,7} … beside two rows of five that cover all ten.
STUBBORN = [
    [1, 1, 1, 1, 1, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0, 1, 1, 1, 1, 1],
    [1, 1, 1, 0, 0, 1, 1, 1, 0, 0],
    [0, 0, 0, 1, 0, 0, 0, 0, 1, 0],
    [0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
]


def test_greedy_stays_within_its_bound_where_it_is_not_the_best():
    problem = pose(STUBBORN, [1] * 10, confidence=[[0.1] * 10, [0.1] * 10, [0.9] * 10, [0.9] * 10, [0.9] * 10])
    exact, greedy = compose_exactly(problem, SECONDS), compose_greedily(problem)
    assert (exact.picks, greedy.picks) == ([0, 1], [2, 3, 4])
    assert greedy.bound == pytest.approx(2.928968, abs=1e-6)  # 1 + 1/2 + … + 1/10
    assert (greedy.at_least, greedy.is_proven, greedy.gap) == (2, False, pytest.approx(1 / 3))


def test_heads_are_counted_per_need_and_a_person_counts_for_each():
    # Two heads of the first need, one of the second: rows 0 and 1 give (2, 1).
    problem = pose([[1, 1], [1, 0], [0, 1]], [2, 1])
    for found in (compose_exactly(problem, SECONDS), compose_greedily(problem)):
        assert found.picks == [0, 1]
        assert problem.short(found.picks).tolist() == [0, 0]


def test_what_nobody_can_do_stays_unmet_and_adds_nobody():
    problem = pose([[1, 0], [1, 0]], [1, 2])
    for found in (compose_exactly(problem, SECONDS), compose_greedily(problem)):
        assert (len(found.picks), problem.short(found.picks).tolist()) == (1, [0, 2])
        assert found.at_least == 1
    empty = pose([], [1, 2])
    assert compose_exactly(empty, SECONDS).picks == compose_greedily(empty).picks == []


def test_an_optional_need_adds_nobody_and_decides_between_equals():
    # Needs: a must and an optional one. Row 1 has both, row 0 only the must, row 2 only the optional.
    problem = pose([[1, 0], [1, 1], [0, 1]], [1, 2], must=[1, 0], confidence=[[0.9] * 2, [0.1] * 2, [0.9] * 2])
    for found in (compose_exactly(problem, SECONDS), compose_greedily(problem)):
        assert found.picks == [1]


def test_where_nothing_is_a_must_everything_is():
    problem = pose([[1, 0], [0, 1]], [1, 1], must=[0, 0])
    assert compose_exactly(problem, SECONDS).picks == compose_greedily(problem).picks == [0, 1]


def test_of_equal_teams_the_more_trusted_is_taken():
    problem = pose([[1], [1], [1]], [1], confidence=[[0.4], [0.9], [0.8]])
    assert compose_exactly(problem, SECONDS).picks == compose_greedily(problem).picks == [1]


def test_the_largest_size_is_kept_and_musts_come_first():
    # At most one: row 0 covers one must, row 1 two.
    problem = pose([[1, 0, 0], [0, 1, 1], [1, 0, 0]], [1, 1, 1], most=1)
    for found in (compose_exactly(problem, SECONDS), compose_greedily(problem)):
        assert found.picks == [1]
    assert compose_greedily(problem).bound is None  # stopped by the size: nothing is promised


def test_who_could_stand_in_covers_all_that_would_be_missing():
    # Team [0, 3]. Without 0 need 0 would be short (need 1 is covered by 3 too): 1 and 2 have need 0, 4 has not.
    rows = [[1, 1, 0], [1, 0, 0], [1, 0, 0], [0, 1, 1], [0, 1, 0]]
    problem = pose(rows, [1, 1, 1], confidence=[[0.9] * 3, [0.5] * 3, [0.6] * 3, [0.9] * 3, [0.9] * 3])
    assert find_stand_ins(problem, [0, 3]) == {0: [2, 1], 3: []}


def test_another_team_has_nobody_of_the_first():
    problem = pose(PLANTED, [1] * 6)
    assert compose_another(problem, [3, 4]).picks == [0, 1, 2]
    assert compose_another(problem, range(5)) is None


def test_a_pool_beyond_the_limit_is_composed_greedily():
    problem = pose(PLANTED, [1] * 6)
    assert compose(problem, exact_people=5).solver == "exact"
    assert compose(problem, exact_people=4).solver == "greedy"
    assert compose(problem, seconds=0.0).solver == "greedy"  # no time at all


@st.composite
def problems(draw, most_people=8, most_needs=4):
    people, needs = draw(st.integers(0, most_people)), draw(st.integers(1, most_needs))
    bits = st.lists(st.integers(0, 1), min_size=needs, max_size=needs)
    trust = st.lists(st.sampled_from([0.25, 0.5, 0.75]), min_size=needs, max_size=needs)
    return pose(
        draw(st.lists(bits, min_size=people, max_size=people)),
        draw(st.lists(st.integers(1, 3), min_size=needs, max_size=needs)),
        draw(bits),
        np.array(draw(st.lists(trust, min_size=people, max_size=people))).reshape(people, needs),
        draw(st.none() | st.integers(1, 4)),
    )


@settings(max_examples=150, deadline=None)
@given(problems())
def test_the_exact_team_is_the_best_of_all(problem):
    found = compose_exactly(problem, SECONDS)
    assert found.is_proven
    assert problem.score(found.picks) == best_by_trying_all(problem)


@settings(max_examples=300, deadline=None)
@given(problems(most_people=14, most_needs=6))
def test_the_greedy_team_is_never_beyond_its_bound(problem):
    greedy, exact = compose_greedily(problem), compose_exactly(problem, SECONDS)
    if greedy.bound is None:
        assert problem.most is not None
        return
    one, best = problem.score(greedy.picks), problem.score(exact.picks)
    assert one.must_short == best.must_short
    assert best.people <= one.people <= harmonic(int(problem.heads.sum())) * best.people
    assert greedy.at_least <= best.people
    assert one.people <= greedy.bound * best.people or best.people == one.people == 0


def test_scores_are_compared_in_their_order():
    assert Score(0, 9, 9, 0.0) < Score(1, 1, 0, -9.0)
    assert Score(0, 2, 9, 0.0) < Score(0, 3, 0, -9.0)
    assert Score(0, 2, 0, 0.0) < Score(0, 2, 1, -9.0)
