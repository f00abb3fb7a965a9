"""Features: hand-worked figures, and which columns are given for which names."""

import numpy as np
import pytest

from ml.events import KINDS, EventLog, empty_log, kind_code
from ml.facts import FACT_NAMES, Facts, LabelWindowFact, UnknownFact
from ml.features import FEATURE_NAMES, LabelWindowEvent, build_features, count_rhythm
from ml.timeline import RepeatedUser
from tests.ml.samples import AS_OF, DAY, facts, log


def row_of(events, people, row=0):
    table = build_features(events, people, AS_OF)
    return dict(zip(table.names, table.values[row].tolist(), strict=True))


def test_presence_is_counted_in_days():
    events = log(*((1, day + 0.5, "skill_rated") for day in (2, 2, 5, 11, 40)), (1, 0.1, "signed_in"))
    seen = row_of(events, facts(1))
    assert seen["recency_days"] == 2.5
    assert [seen[f"active_days_{k}"] for k in (7, 14, 28, 90)] == [2, 3, 3, 4]
    assert seen["tenure_days"] == 100
    assert seen["median_gap_days"] == 6  # gaps 29, 6, 3
    assert seen["overdue_ratio"] == 2.5 / 6
    # of the days 40.5 and 11.5 days ago, at least 7 days old, the second was followed within 7 days
    assert seen["return_rate"] == (1 + 1) / (2 + 2)


@pytest.mark.parametrize(("gap", "returned"), [(7, 1), (8, 0)])
def test_a_return_on_the_seventh_day_counts_and_on_the_eighth_does_not(gap, returned):
    seen = row_of(log((1, 30.5, "search"), (1, 30.5 - gap, "search")), facts(1))
    assert seen["return_rate"] == (returned + 1) / (2 + 2)


def test_windows_include_the_second_at_which_they_begin():
    second = 1 / DAY
    events = log((1, 7, "search"), (2, 7 + second, "search"), (3, 7, "email_sent"), (4, 7 - second, "email_sent"))
    table = build_features(events, facts(1, 2, 3, 4), AS_OF)
    assert table.column("active_days_7").tolist() == [1, 0, 0, 0]
    assert table.column("emails_7").tolist() == [0, 0, 1, 1]
    assert table.column("return_rate").tolist() == [1 / 3, 1 / 3, 1 / 2, 1 / 2]
    # exactly 7 days ago is decided, a second later is not yet
    assert table.column("email_return_rate").tolist() == [1 / 2, 1 / 2, 1 / 3, 1 / 2]


def test_the_median_of_an_even_number_of_gaps_lies_between_them():
    seen = row_of(log(*((1, day + 0.5, "search") for day in (1, 3, 8))), facts(1))
    assert seen["median_gap_days"] == 3.5


def test_somebody_who_never_acted_is_quiet_since_joining():
    seen = row_of(log((1, 3, "signed_in")), facts(1, joined_days=30))
    assert seen["recency_days"] == seen["tenure_days"] == 30
    assert np.isnan(seen["median_gap_days"])
    assert np.isnan(seen["overdue_ratio"])
    assert seen["return_rate"] == 0.5


def test_days_and_hours_are_those_of_the_persons_own_clock():
    # Sunday 22:30 UTC is Monday 00:30 one hour further east
    at = AS_OF - 5400
    events = EventLog([1, 2], [at, at], [kind_code("search")] * 2, [False, False], [0, 7200])
    table = build_features(events, facts(1, 2), AS_OF)
    assert table.column("weekday_6_share").tolist() == [2 / 8, 1 / 8]
    assert table.column("weekday_0_share").tolist() == [1 / 8, 2 / 8]
    assert table.column("hour_20_share").tolist() == [2 / 7, 1 / 7]
    assert table.column("hour_00_share").tolist() == [1 / 7, 2 / 7]


def test_mails_and_returns_after_them_are_counted():
    mails = log(*((1, day, "email_sent") for day in (3, 10, 20)), automated=True)
    acts = log((1, 9, "search"))
    both = EventLog(
        *(
            np.concatenate([getattr(mails, c), getattr(acts, c)])
            for c in ("user_id", "occurred_at", "kind", "is_automated")
        )
    )
    seen = row_of(both, facts(1))
    assert (seen["emails_7"], seen["emails_28"], seen["days_since_email"]) == (1, 3, 3)
    assert seen["email_return_rate"] == (1 + 1) / (2 + 2)  # the mail 3 days ago is not yet decided


def test_facts_pass_through_and_order_is_the_callers():
    people = facts(9, 4, role_gap=[1.0, 2.0])
    table = build_features(log((4, 1, "search")), people, AS_OF)
    assert table.user_ids.tolist() == [9, 4]
    assert table.column("role_gap").tolist() == [1, 2]
    assert table.column("recency_days").tolist() == [100, 1]
    assert np.isnan(table.column("open_reviews")).all()


def test_nobody_and_nothing_give_an_empty_table():
    assert build_features(empty_log(), facts(), AS_OF).values.shape == (0, len(FEATURE_NAMES))
    assert build_features(empty_log(), facts(1), AS_OF).values.shape == (1, len(FEATURE_NAMES))


def test_an_event_of_the_label_window_is_refused_whoever_it_concerns():
    with pytest.raises(LabelWindowEvent):
        build_features(log((2, 0, "search")), facts(1), AS_OF)


def test_facts_from_the_label_window_are_refused():
    late = Facts(np.array([1]), np.array([AS_OF - DAY]), AS_OF + 1, {})
    unborn = Facts(np.array([1]), np.array([AS_OF + 1]), AS_OF, {})
    for people in (late, unborn):
        with pytest.raises(LabelWindowFact):
            build_features(empty_log(), people, AS_OF)


def test_a_person_listed_twice_is_refused():
    with pytest.raises(RepeatedUser):
        build_features(empty_log(), facts(1, 1), AS_OF)


def test_no_feature_is_about_who_somebody_is():
    forbidden = ("gender", "birth", "nationality", "health", "pay", "salary", "performance")
    assert not [name for name in FEATURE_NAMES if any(word in name for word in forbidden)]


def test_a_row_digest_changes_with_any_figure_and_with_nothing_else():
    people = facts(1, role_gap=[1.0])
    digest = build_features(log((1, 2, "search")), people, AS_OF).row_digest(0)
    assert digest == build_features(log((1, 2, "search"), (5, 2, "search")), people, AS_OF).row_digest(0)
    assert digest != build_features(log((1, 3, "search")), people, AS_OF).row_digest(0)


def test_rhythm_counts_acts_only():
    weekdays, hours = count_rhythm(log((1, 1, "search"), (1, 1, "signed_in"), (3, 1, "search")), np.array([1, 2]))
    assert weekdays.tolist() == [[0, 0, 0, 0, 0, 0, 1], [0] * 7]
    assert hours.sum(axis=1).tolist() == [1, 0]


def test_the_order_of_events_does_not_matter():
    rng = np.random.default_rng(3)
    size = 500
    events = EventLog(
        rng.integers(1, 20, size),
        AS_OF - rng.integers(1, 100 * DAY, size),
        rng.integers(0, len(KINDS), size),
        rng.random(size) < 0.1,
    )
    people = facts(*range(1, 20), **{FACT_NAMES[0]: list(rng.random(19))})
    shuffled = events.take(rng.permutation(size))
    np.testing.assert_array_equal(
        build_features(events, people, AS_OF).values, build_features(shuffled, people, AS_OF).values
    )


def test_a_column_is_the_same_whatever_else_is_asked_for():
    events = log(*((1, day + 0.5, "search") for day in (2, 5, 40)), (1, 3, "email_sent"))
    table = build_features(events, facts(1, role_gap=[2.0]), AS_OF)
    for name in FEATURE_NAMES:
        alone = build_features(events, facts(1, role_gap=[2.0]), AS_OF, (name,))
        assert alone.names == (name,)
        np.testing.assert_array_equal(alone.column(name), table.column(name))


def test_what_acts_were_worth_is_summed_over_windows_of_any_length():
    acts = log((1, 2, "search"), (1, 30, "search"), (1, 1, "signed_in"), (2, 5, "search"))
    worth = EventLog(acts.user_id, acts.occurred_at, acts.kind, acts.is_automated, amount=[10.0, 5.0, 100.0, 1.0])
    names = ("amount_3", "amount_365", "acts_30", "acts_29")
    table = build_features(worth, facts(1, 2, 3), AS_OF, names)
    assert table.values.tolist() == [[10, 15, 2, 1], [0, 1, 1, 1], [0, 0, 0, 0]]
    assert build_features(acts, facts(1), AS_OF, names).values.tolist() == [[0, 0, 2, 1]]


def test_another_log_brings_its_own_facts():
    people = Facts(np.array([1]), np.array([AS_OF]), AS_OF, {"spent_last_year": np.array([7.0])}, ("spent_last_year",))
    assert build_features(empty_log(), people, AS_OF, ("spent_last_year",)).values.tolist() == [[7]]
    with pytest.raises(UnknownFact):
        build_features(empty_log(), people, AS_OF, ("role_gap",))


@pytest.mark.parametrize("name", ["active_days_0", "active_days_07", "active_days_-7", "active_days_x", "visits_7", ""])
def test_a_name_that_means_nothing_is_refused(name):
    with pytest.raises(UnknownFact):
        build_features(empty_log(), facts(1), AS_OF, (name,))
