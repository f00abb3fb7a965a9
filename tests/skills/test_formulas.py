"""The formulas, against numbers worked by hand. A month is 30.4375 days, so 12 months are 365.25 days."""

from datetime import date, timedelta

import pytest

from smartskill.skills.services.formulas import FRESH, WEIGHTS, Voice, confidence, is_stale, project

TODAY = date(2026, 11, 22)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def voice(number: int, level: int, source: str, days: int, rater: int | None = 1) -> Voice:
    return Voice(number, level, source, rater, ago(days))


def test_the_most_trusted_source_within_its_window_decides():
    found = project([voice(1, 5, "self", 0, 1), voice(2, 3, "manager", 700, 2), voice(3, 4, "peer", 10, 3)], 12, TODAY)
    assert (found.level, found.self_level, found.manager_level) == (3, 5, 3)
    assert found.last_confirmed_on == TODAY


def test_the_newest_of_that_source_decides_whoever_gave_it():
    assert project([voice(1, 2, "manager", 30, 1), voice(2, 4, "manager", 20, 2)], 12, TODAY).level == 4


def test_of_one_day_the_later_statement_decides():
    assert project([voice(1, 2, "self", 5), voice(2, 4, "self", 5)], 12, TODAY).level == 4


@pytest.mark.parametrize(("days", "level"), [(730, 3), (731, 5)])  # 2 × 12 months = 730.5 days
def test_a_rating_counts_for_its_source_up_to_twice_the_review_period(days, level):
    assert project([voice(1, 3, "manager", days, 2), voice(2, 5, "self", 0)], 12, TODAY).level == level


def test_beyond_every_window_the_newest_of_any_source_decides():
    found = project([voice(1, 3, "assessment", 2000, 2), voice(2, 5, "import", 1000, None)], 12, TODAY)
    assert (found.level, found.next_change_on) == (5, None)


def test_the_next_change_is_the_day_after_the_window_of_the_deciding_rating():
    found = project([voice(1, 3, "manager", 0, 2), voice(2, 5, "self", 0)], 12, TODAY)
    assert found.next_change_on == TODAY + timedelta(days=731)


def test_where_nothing_else_would_decide_there_is_no_next_change():
    assert project([voice(1, 3, "manager", 0, 2), voice(2, 3, "self", 0)], 12, TODAY).next_change_on is None
    assert project([voice(1, 3, "manager", 0, 2)], 12, TODAY).next_change_on is None


def test_no_rating_is_no_level():
    found = project([], 12, TODAY)
    assert (found.level, found.voices, found.last_confirmed_on, found.next_change_on) == (None, [], None, None)


@pytest.mark.parametrize(
    ("voices", "review_months", "expected"),
    [
        ([[0.4, "2026-11-22"]], 12, 0.4),
        ([[0.9, "2026-11-22"]], 12, 0.9),
        # 365 days = 11.9918 months; 2^(−11.9918 ÷ 12) = 0.500237; 0.4 × 0.500237
        ([[0.4, "2025-11-22"]], 12, 0.200095),
        # self and manager today: 1 − 0.6 × 0.2
        ([[0.4, "2026-11-22"], [0.8, "2026-11-22"]], 12, 0.88),
        # self today, peer 365 days ago: 1 − 0.6 × (1 − 0.5 × 0.500237) = 1 − 0.6 × 0.749881
        ([[0.4, "2026-11-22"], [0.5, "2025-11-22"]], 12, 0.550071),
        # 365 days at a review of 6 months: 2^(−1.998631) = 0.250237; 0.8 × 0.250237
        ([[0.8, "2025-11-22"]], 6, 0.200190),
        # manager 183 days ago, self today: 183 days = 6.012320 months; 2^(−6.012320 ÷ 12) = 0.706604;
        # 1 − (1 − 0.8 × 0.706604)(1 − 0.4) = 1 − 0.434717 × 0.6
        ([[0.8, "2026-05-23"], [0.4, "2026-11-22"]], 12, 0.739170),
        # all five sources today: 1 − 0.1 × 0.2 × 0.5 × 0.6 × 0.7
        ([[weight, "2026-11-22"] for weight in WEIGHTS.values()], 12, 0.9958),
        ([], 12, 0.0),
        ([[0.4, "2026-11-23"]], 12, 0.4),  # a day ahead in another time zone is no age
    ],
)
def test_confidence(voices, review_months, expected):
    assert confidence(voices, review_months, TODAY) == pytest.approx(expected, abs=1e-6)


def test_fresh_begins_at_one_peers_word_of_today():
    assert confidence([[0.5, TODAY.isoformat()]], 12, TODAY) == FRESH  # 1 − (1 − 0.5)
    assert confidence([[0.5, ago(1).isoformat()]], 12, TODAY) < FRESH
    # one's own word and an old spreadsheet's, both of today: 1 − 0.6 × 0.7
    assert confidence([[0.4, TODAY.isoformat()], [0.3, TODAY.isoformat()]], 12, TODAY) == pytest.approx(0.58)


def test_sources_are_trusted_in_the_order_of_their_weights():
    said = [
        voice(at, level, source, 10, at) for at, (source, level) in enumerate(zip(WEIGHTS, range(1, 6), strict=True), 1)
    ]
    assert [project(said[at:], 12, TODAY).level for at in range(5)] == [1, 2, 3, 4, 5]


def test_a_rater_has_one_voice_the_latest():
    found = project([voice(1, 2, "peer", 100, 7), voice(2, 3, "manager", 50, 7), voice(3, 4, "self", 10, 1)], 12, TODAY)
    assert found.voices == [[0.8, ago(50).isoformat()], [0.4, ago(10).isoformat()]]


def test_ratings_without_a_rater_have_one_voice_per_source():
    found = project(
        [voice(1, 2, "import", 9, None), voice(2, 3, "import", 8, None), voice(3, 4, "peer", 7, None)], 12, TODAY
    )
    assert found.voices == [[0.3, ago(8).isoformat()], [0.5, ago(7).isoformat()]]


@pytest.mark.parametrize(("days", "stale"), [(0, False), (365, False), (366, True)])  # 12 months = 365.25 days
def test_a_level_is_stale_after_its_review_period(days, stale):
    assert is_stale(ago(days), 12, TODAY) is stale


def test_what_was_never_rated_is_not_stale():
    assert not is_stale(None, 12, TODAY)
