"""The event log and what counts as activity."""

import numpy as np
import pytest

from ml.events import EventLog, MalformedEvents, UnknownKind, join_logs, kind_code, kind_codes
from tests.ml.samples import AS_OF, DAY, log


def test_only_a_persons_own_acts_are_meaningful():
    kinds = ("skill_rated", "signed_in", "email_clicked", "preference_changed", "endorsement_received", "search")
    events = log(*((1, 2, kind) for kind in kinds))
    assert events.is_meaningful.tolist() == [True, False, False, False, False, True]


def test_an_automated_act_is_not_meaningful():
    assert not log((1, 2, "skill_rated"), automated=True).is_meaningful.any()


def test_datetimes_become_epoch_seconds():
    times = np.array(["2026-01-05T00:00:01"], dtype="datetime64[ms]")
    assert EventLog([1], times, [0], [False]).occurred_at.tolist() == [AS_OF + 1]


def test_before_excludes_the_very_second():
    events = log((1, 1, "search"), (1, 0, "search"))
    assert len(events.before(AS_OF)) == 1
    assert events.since(AS_OF).occurred_at.tolist() == [AS_OF]


def test_unknown_kinds_are_refused():
    with pytest.raises(UnknownKind):
        kind_code("blinked")
    with pytest.raises(UnknownKind):
        kind_codes(["search", "blinked"])
    with pytest.raises(UnknownKind):
        EventLog([1], [AS_OF], [999], [False])


@pytest.mark.parametrize(
    "columns",
    [
        ([1, 2], [AS_OF], [0], [False]),
        ([[1]], [[AS_OF]], [[0]], [[False]]),
        ([1.5], [AS_OF], [0], [False]),
        ([1], [1.5], [0], [False]),
        ([1], np.array(["NaT"], dtype="datetime64[s]"), [0], [False]),
        ([1], [AS_OF], [0], [False], [2 * DAY]),
        ([1], [AS_OF], [0], [False], [0], [np.nan]),
        ([1], [AS_OF], [0], [False], [0], [1.0, 2.0]),
    ],
)
def test_columns_that_do_not_fit_are_refused(columns):
    with pytest.raises(MalformedEvents):
        EventLog(*columns)


def test_logs_join_with_their_offsets():
    local = EventLog([2], [AS_OF], [0], [False], [3600])
    joined = join_logs(log((1, 1, "search")), local)
    assert joined.user_id.tolist() == [1, 2]
    assert joined.utc_offset_s.tolist() == [0, 3600]
    assert len(join_logs()) == 0


def test_logs_join_with_what_their_events_were_worth():
    bought = EventLog([2], [AS_OF], [0], [False], amount=[9.5])
    joined = join_logs(log((1, 1, "search")), bought)
    assert joined.worth.tolist() == [0, 9.5]
    assert joined.take(joined.user_id == 2).worth.tolist() == [9.5]
    assert join_logs(log((1, 1, "search"))).amount is None
