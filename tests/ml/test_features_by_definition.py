"""The features that are served equal, bit for bit, those written from their definition with plain loops."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.events import KIND_CLASSES, KINDS, EventLog
from ml.facts import FACT_NAMES, Facts
from ml.features import FEATURE_NAMES, build_features
from tests.ml.reference import WINDOWS, describe_person
from tests.ml.samples import AS_OF, DAY

ZONES = [ZoneInfo(name) for name in ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati")]
CLOCK_CHANGES = (1_761_440_400, 1_762_063_200)  # Berlin on 2025-10-26, New York on 2025-11-02, both 01:00/06:00 UTC
ODD_WINDOWS = (1, 7, 30, 365)
OTHERS = tuple(f"{what}_{k}" for what in ("active_days", "acts", "amount", "emails") for k in ODD_WINDOWS)


def edge_of_a_window(days):
    """The seconds around a whole number of days before AS_OF, where every window begins and ends."""
    return st.integers(-2, 1).map(lambda second: min(AS_OF - days * DAY + second, AS_OF - 1))


moment = (
    st.integers(AS_OF - 400 * DAY, AS_OF - 1)
    | st.sampled_from([0, 1, 6, 7, 8, 13, 14, 15, 21, 28, 29, 30, 89, 90, 91, 365]).flatmap(edge_of_a_window)
    | st.sampled_from(CLOCK_CHANGES).flatmap(lambda change: st.integers(change - 2 * 3600, change + 2 * 3600))
)
kind = (
    st.sampled_from([name for name in KINDS if KIND_CLASSES[name] == "act"])
    | st.just("email_sent")
    | st.sampled_from(KINDS)
)
event = st.tuples(
    st.integers(1, 5), moment, kind, st.booleans() | st.just(False), st.sampled_from(ZONES), st.integers(-8, 400)
)


def offset(zone, at):
    """How far a clock is ahead of UTC at that very moment, daylight saving included."""
    return int(datetime.fromtimestamp(at, UTC).astimezone(zone).utcoffset().total_seconds())


@st.composite
def logs(draw):
    """A log in any order, with events that repeat another to the second, on clocks that change."""
    rows = draw(st.lists(event, max_size=50))
    rows += [rows[place % len(rows)] for place in draw(st.lists(st.integers(0, 50), max_size=6))] if rows else []
    user, at, kinds, automated, zones, quarters = (list(column) for column in zip(*rows, strict=True)) if rows else (
        [[]] * 6
    )  # fmt: skip
    amount = np.array(quarters, dtype=np.float64) / 4 if draw(st.booleans()) else None
    whole = [np.array(column, dtype=np.int64) for column in (user, at, [KINDS.index(name) for name in kinds])]
    offsets = np.array([offset(zone, moment) for zone, moment in zip(zones, at, strict=True)], dtype=np.int64)
    return EventLog(*whole, np.array(automated, dtype=bool), offsets, amount)


@st.composite
def people(draw):
    """People in any order, some without an event, each fact known, unknown or left out."""
    users = draw(st.lists(st.integers(1, 6), unique=True, max_size=5))
    joined = [AS_OF - draw(st.integers(0, 4000)) * DAY - draw(st.integers(0, DAY)) for _ in users]
    known = draw(st.lists(st.sampled_from(FACT_NAMES), unique=True))
    figure = st.floats(-400, 400) | st.just(float("nan"))
    columns = {name: np.array([draw(figure) for _ in users]) for name in known}
    return Facts(np.array(users, dtype=np.int64), np.array(joined, dtype=np.int64), AS_OF, columns)


@settings(max_examples=150, deadline=None)
@given(events=logs(), facts=people())
def test_every_feature_of_the_product_equals_its_definition(events, facts):
    table = build_features(events, facts, AS_OF)
    for row in range(facts.user_ids.size):
        expected = describe_person(events, facts, row, AS_OF, WINDOWS)
        assert set(FEATURE_NAMES) <= set(expected)
        np.testing.assert_array_equal(table.values[row], [expected[name] for name in FEATURE_NAMES])


@settings(max_examples=80, deadline=None)
@given(events=logs(), facts=people(), data=st.data())
def test_every_other_window_and_every_choice_of_columns_equals_its_definition(events, facts, data):
    names = tuple(data.draw(st.lists(st.sampled_from(OTHERS + FEATURE_NAMES), unique=True, min_size=1)))
    table = build_features(events, facts, AS_OF, names)
    for row in range(facts.user_ids.size):
        expected = describe_person(events, facts, row, AS_OF, tuple({*WINDOWS, *ODD_WINDOWS}))
        np.testing.assert_array_equal(table.values[row], [expected[name] for name in names])


@settings(max_examples=40, deadline=None)
@given(events=logs(), facts=people(), earlier=st.integers(1, 200))
def test_the_past_is_described_as_it_was_then(events, facts, earlier):
    as_of = AS_OF - earlier * DAY
    here = facts.tenure_started_at <= as_of
    then = Facts(facts.user_ids[here], facts.tenure_started_at[here], as_of, {})
    table = build_features(events.before(as_of), then, as_of)
    for row in range(then.user_ids.size):
        expected = describe_person(events.before(as_of), then, row, as_of)
        np.testing.assert_array_equal(table.values[row], [expected[name] for name in FEATURE_NAMES])


def test_one_second_at_the_edge_of_a_window_is_told_by_both():
    """So that the tests above could fail: were either off by a second here, they would differ."""
    facts = Facts(np.array([1]), np.array([AS_OF - 100 * DAY]), AS_OF, {})
    for at, counted in ((AS_OF - 7 * DAY - 1, 0), (AS_OF - 7 * DAY, 1)):
        events = EventLog(np.array([1]), np.array([at]), np.array([KINDS.index("search")]), np.array([False]))
        assert describe_person(events, facts, 0, AS_OF)["active_days_7"] == counted
        assert build_features(events, facts, AS_OF).column("active_days_7").tolist() == [counted]
