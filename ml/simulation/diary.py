"""What the product would have recorded of a simulated company: events and facts, and nothing of the truth."""

import numpy as np

from ml.events import EventLog, empty_log, join_logs, kind_code
from ml.facts import Facts
from ml.simulation.people import Traits, Week
from ml.simulation.worlds import NONE_ARM
from ml.timeline import DAY_S

MONDAY = 1_767_571_200  # 2026-01-05 00:00 UTC, the first week that counts
WEEK_S = 7 * DAY_S
_SECOND_ACT_SHARE = 0.4
_SECOND_ACT_AFTER_DAYS = 2.5


def moment_of(week: int) -> int:
    """Return when a week begins, and its decisions are made: epoch seconds UTC."""
    return MONDAY + week * WEEK_S


class Diary:
    """Events as they come in, week by week."""

    def __init__(self, traits: Traits):
        self.traits, self.events = traits, empty_log()
        self.user_ids = np.arange(1, traits.usual.size + 1)

    def note(self, week: int, arm: np.ndarray, lived: Week) -> None:
        """Record a week: mails at its beginning, acts at some hour of it, unsubscribes soon after their mail."""
        at, sent = moment_of(week), arm != NONE_ARM
        first = at + (lived.luck * WEEK_S).astype(np.int64)
        again = lived.is_active & (lived.luck * 97 % 1 < _SECOND_ACT_SHARE)
        second = at + ((lived.luck * 7 + _SECOND_ACT_AFTER_DAYS) % 7 * DAY_S).astype(np.int64)
        self.events = join_logs(
            self.events,
            self._log(sent, np.full(arm.size, at), "email_sent"),
            self._log(lived.is_active, first, "profile_viewed"),
            self._log(again, second, "skill_rated"),
            self._log(lived.has_unsubscribed, np.full(arm.size, at + 600), "unsubscribed"),
        )

    def _log(self, who: np.ndarray, at: np.ndarray, kind: str) -> EventLog:
        count = int(who.sum())
        return EventLog(self.user_ids[who], at[who], np.full(count, kind_code(kind)), np.zeros(count, dtype=bool))

    def facts_at(self, moment: int) -> Facts:
        """Return what profiles say at a moment."""
        columns = {
            "stale_skill_share": self.traits.stale,
            "role_gap": self.traits.gap,
            "profile_completeness": self.traits.complete,
        }
        joined = moment_of(0) - ((self.traits.tenure_weeks + 27) * WEEK_S).astype(np.int64)
        return Facts(self.user_ids, joined, moment, columns)
