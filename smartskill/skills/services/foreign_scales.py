"""Other scales of skill, as levels 1 to 5: one table for every import.

A value is read as its share of the whole scale, and each fifth of that is a level, bounds belonging to the level below:

| level | percent  | O*NET level (0–7) | CEFR   |
|-------|----------|-------------------|--------|
| 1     | 0–20     | 0–1.4             | A1     |
| 2     | over 20  | over 1.4          | A2     |
| 3     | over 40  | over 2.8          | B1     |
| 4     | over 60  | over 4.2          | B2     |
| 5     | over 80  | over 5.6          | C1, C2 |

CEFR's six steps are sixths of their scale: A1 ends at 16.7 %, C1 at 83.3 %. An O*NET level of 0 stands for "not
relevant" there: whoever reads requirements leaves such an element out instead of asking for level 1.
"""

import math

CEFR = ("A1", "A2", "B1", "B2", "C1", "C2")
MOST_ONET = 7
LEVELS = 5


def level_from_percent(percent: float) -> int:
    """The level of a percentage, 0 to 100.

    Raises:
        ValueError: it is none.
    """
    return _level(percent, 100)


def level_from_onet(value: float) -> int:
    """The level of an O*NET level (scale LV), 0 to 7, fractions included.

    Raises:
        ValueError: it is none.
    """
    return _level(value, MOST_ONET)


def level_from_cefr(name: str) -> int:
    """The level of a step of the Common European Framework of Reference; a plus (`B2+`) is passed over.

    Raises:
        ValueError: it is none.
    """
    step = name.strip().upper().removesuffix("+")
    if step not in CEFR:
        raise ValueError(f"{name} is not one of {', '.join(CEFR)}.")
    return _level(CEFR.index(step) + 1, len(CEFR))


def _level(value: float, most: int) -> int:
    if not 0 <= value <= most:
        raise ValueError(f"{value} is not on a scale from 0 to {most}.")
    fifths = value / most * LEVELS
    return max(1, math.ceil(fifths - 1e-9))  # 4.2 of 7 is three fifths, whatever floating point makes of it
