"""Notice that features are computed differently from how they were when a model learned them.

Names and a version say what somebody meant to change; this says what did change. A fixed log, made by arithmetic and
the same for ever, goes through the feature function, and the digest of what comes out is kept with each model. A model
whose digest is no longer reproduced is not served.
"""

import hashlib

import numpy as np

from ml.events import EventLog
from ml.facts import Facts
from ml.features import build_features, is_computed
from ml.timeline import DAY_S

AS_OF = 1_767_571_200  # a Monday
PEOPLE, EVENTS, KINDS = 13, 1300, 26  # kinds are only ever appended, so those that there were stay what they were
DIGITS = 9  # as many as agree on every machine


def probe_features(names: tuple[str, ...]) -> str:
    """Return the SHA-256 of these features of the fixed log.

    Raises
    ------
    FactRefused
        A name that the feature function would not accept.
    """
    given = tuple(name for name in names if not is_computed(name))
    number = np.arange(PEOPLE)
    columns = {name: np.where(number % 5 == place % 5, np.nan, number - place / 4) for place, name in enumerate(given)}
    facts = Facts(number + 1, AS_OF - (number * number * 5 + 1) * DAY_S, AS_OF, columns, given)
    table = build_features(_fixed_log(), facts, AS_OF, names)
    text = "\n".join(" ".join(f"{cell:.{DIGITS}g}" for cell in row) for row in table.values)
    return hashlib.sha256(f"{' '.join(names)}\n{text}".encode()).hexdigest()


def _fixed_log() -> EventLog:
    """Return events of every kind, on clocks east and west, at odd times and on the edges of whole days."""
    number = np.arange(EVENTS)
    odd = AS_OF - 1 - (number * number * 7919 + number * 104_729) % (130 * DAY_S)
    edge = AS_OF - (1 + number % 91) * DAY_S - number % 3 + 1
    return EventLog(
        user_id=1 + number * 7 % PEOPLE,
        occurred_at=np.where(number % 4 == 0, np.minimum(edge, AS_OF - 1), odd),
        kind=number * 5 % KINDS,
        is_automated=number % 11 == 0,
        utc_offset_s=np.array([0, 3600, 7200, -18_000])[number % 4],
        amount=number % 17 / 4,
    )
