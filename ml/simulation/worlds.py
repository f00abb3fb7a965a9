"""The worlds: every number that decides how invented people behave. docs/simulator.md says the same in words.

They were written and committed before the policy was tuned, and are not changed to suit it.
"""

from dataclasses import dataclass, replace

import numpy as np

ARMS = ("digest", "endorsed", "none", "role_gap", "skill_recommended", "skill_stale", "team_need")
NONE_ARM = ARMS.index("none")
WEEKS_BEFORE = 26  # without any mail, so that there is a past to learn from
SEND_COST, UNSUBSCRIBE_COST = 0.02, 1.5


@dataclass(frozen=True)
class Kinds:
    """What the notices do and how often there is evidence for each; arrays by ``ARMS``.

    Attributes
    ----------
    reach : float array
        Chance that a mail of this kind brings a person of usual responsiveness back who would not have come.
    unsubscribe : float array
        Chance that it makes a person of usual patience unsubscribe.
    evidence, stay : float arrays
        Share of people for whom there is evidence, and how much of it lasts from week to week.
    """

    reach: np.ndarray
    unsubscribe: np.ndarray
    evidence: np.ndarray
    stay: np.ndarray


KINDS = Kinds(
    reach=np.array([0.10, 0.23, 0.0, 0.16, 0.11, 0.18, 0.16]),
    unsubscribe=np.array([0.006, 0.002, 0.0, 0.004, 0.006, 0.004, 0.003]),
    evidence=np.array([0.25, 0.08, 1.0, 0.30, 0.30, 0.30, 0.10]),
    stay=np.array([0.50, 0.30, 1.0, 0.95, 0.70, 0.95, 0.60]),
)


@dataclass(frozen=True)
class World:
    """How everybody behaves.

    Attributes
    ----------
    kinds, kinds_after : Kinds
        Until and from ``change_week`` on.
    usual, spread, habit, holiday : float
        Log odds of a person's week: mean and standard deviation over people, weight of the recent past, summer and
        year's end.
    responsiveness_spread, patience_spread : float
        Standard deviations of the logarithms of personal factors that nobody can see.
    openness : float
        How much more a complete profile makes responsive: log per standard deviation.
    away_half_weeks : float
        After how many weeks away a person is half as easily reached.
    recent_factor : float
        The reach among those who were here within the last week.
    tiring : float
        How much each recent mail weakens the next; recent mails are counted with a half-life of two weeks.
    repeat : float
        How much a kind is weakened by having been sent just now; halves in two weeks.
    annoyance : float
        How much each recent mail adds to the chance of unsubscribing.
    shift_after : float
        What is added to everybody's log odds from ``change_week`` on.
    """

    name: str
    kinds: Kinds = KINDS
    kinds_after: Kinds = KINDS
    change_week: int | None = None
    usual: float = -0.85
    spread: float = 1.1
    habit: float = 1.6
    holiday: float = 0.5
    responsiveness_spread: float = 0.35
    patience_spread: float = 0.6
    openness: float = 0.35
    away_half_weeks: float = 8.0
    recent_factor: float = 0.25
    tiring: float = 0.2
    repeat: float = 0.5
    annoyance: float = 1.0
    shift_after: float = 0.0

    def kinds_at(self, week: int) -> Kinds:
        """Return what the notices do in a week of the measured year, which begins with week 0."""
        return self.kinds if self.change_week is None or week < self.change_week else self.kinds_after


_REVERSED = replace(KINDS, reach=np.array([0.20, 0.07, 0.0, 0.06, 0.20, 0.06, 0.10]))
WORLDS: dict[str, World] = {
    "responsive": World("responsive"),
    "fatigued": World("fatigued", tiring=0.8, repeat=0.9, annoyance=3.0),
    "null": World("null", kinds=replace(KINDS, reach=np.zeros(len(ARMS)))),
    "drift": World("drift", kinds_after=_REVERSED, change_week=26, shift_after=-0.3),
}
