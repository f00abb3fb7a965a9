"""How well a label says what was typed, from 0 to 1: how much of each says something of the other.

Every word typed is held against the words of the label: the same word, another form of it, its beginning, part of it,
a slip of the fingers. A label counts for less the more of it nobody asked for; padding and makers' names ("Microsoft")
weigh little there. Spaces are forgiven by holding the words against each other without them.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import log1p

from smartskill.skills.services.searching.readings import OFTEN, Reading, Word
from smartskill.skills.services.searching.vocabulary import FILLERS, LIGHT, MAKERS, STOPS

ALIAS, ALIAS_OF_LIKE_NAME = 0.96, 0.015
SAME, FORM, UNKNOWN_FORM, BEGINNING, PART, SLIP = 1.0, 0.95, 0.8, 0.9, 0.55, 0.93
MET = 0.72  # from here on something was found
NEAR = 0.5  # the share of the best score that other misspellings must have
ENDINGS = (4, 6)  # letters that a form may have more than its stem, of short and of longer stems
LONGER = 6
KNOWN = 3  # labels from which on a word is one, and hardly another's misspelling


def score_skill(readings: Iterable[Reading], name_key: str, keys: Sequence[str]) -> float:
    """The best of a skill's labels; its name, if it also says something of it, decides between equals."""
    score, others_keys = 0.0, [key for key in dict.fromkeys(keys) if key != name_key]
    for reading in readings:
        if reading.weight <= score:
            break  # the surest come first: none that follows can say more
        own = score_label(reading, name_key)
        others = max((score_label(reading, key) for key in others_keys), default=0.0)
        score = max(score, reading.weight * max(own, others * ALIAS + own * ALIAS_OF_LIKE_NAME))
    return score


def score_label(reading: Reading, key: str) -> float:
    """How well one label, given as its key, says what was read."""
    joined = key.replace(" ", "")
    if joined == reading.joined:
        return 1.0 if key == reading.key else 0.98
    label, there = _weigh(key)
    places, qualities = _align(reading.telling, label)
    worths = [_worth(word) for word in reading.telling]
    met = sum(worth * quality for worth, quality in zip(worths, qualities, strict=True)) / sum(worths)
    covered = sum(there[place] for place in set(places) if place >= 0) / (sum(there) or 1.0)
    in_order = 0.02 if places == sorted(places) and -1 not in places else 0.0
    score = met**1.5 * (0.6 + 0.35 * covered + in_order)
    return min(max(score, _score_joined(reading, label, joined, there)), 0.99)


def _score_joined(reading: Reading, label: Sequence[str], joined: str, there: Sequence[float]) -> float:
    """Without spaces: all of the label, or one word of it."""
    best = 0.95 * _slip(reading.joined, joined) ** 1.5
    if len(reading.words) > 1:
        for place, word in enumerate(label):
            quality = SAME if word == reading.joined else _slip(reading.joined, word)
            best = max(best, quality**1.5 * (0.58 + 0.35 * there[place] / (sum(there) or 1.0)))
    return best


def _align(words: Sequence[Word], label: Sequence[str]) -> tuple[list[int], list[float]]:
    """For every word typed the place in the label that it is best met at (-1: nowhere), and how well."""
    places, qualities = [], []
    for word in words:
        met = [_match(word, other) for other in label]
        quality = max(met, default=0.0)
        places.append(met.index(quality) if quality else -1)
        qualities.append(quality)
    return places, qualities


@lru_cache(maxsize=8192)
def _match(word: Word, other: str) -> float:
    typed = word.word
    if typed == other:
        return SAME
    if word.stem and len(word.stem) > 2 and _is_form(word.stem, other):
        return FORM if word.labels else max(_slip(typed, other), UNKNOWN_FORM)  # else likelier a slip than a form
    if other.startswith(typed):
        return BEGINNING * (0.75 + 0.25 * len(typed) / len(other))
    if len(typed) > 2 and typed in other:
        return PART
    return _slip(typed, other) * (0.75 if word.labels >= KNOWN else 1.0)


def _is_form(stem: str, other: str) -> bool:
    """Whether a word may have that stem, which ends in `i` where the word ends in `y`."""
    if len(other) - len(stem) > ENDINGS[len(stem) >= LONGER]:
        return False
    return other.startswith(stem) or (stem[-1] == "i" and other == f"{stem[:-1]}y")


@lru_cache(maxsize=4096)
def _slip(typed: str, other: str) -> float:
    """How likely one was meant for the other. Two neighbours swapped are one slip, not two."""
    from rapidfuzz.distance import OSA  # a tenth of the web's start: loaded by the first who mistypes

    longest = max(len(typed), len(other))
    allowed = 0 if longest < 3 else 1 if longest < 6 else 2 if longest < 9 else 3
    slips = OSA.distance(typed, other, score_cutoff=allowed)
    if not allowed or slips > allowed:
        return 0.0
    is_swap = len(typed) == len(other) and sorted(typed) == sorted(other)
    sure = SLIP - 0.03 * (typed[0] != other[0]) + 0.02 * is_swap
    return sure * (1 - 0.8 * slips / longest)


@lru_cache(maxsize=1024)
def _worth(word: Word) -> float:
    """What a word typed weighs among the others typed."""
    rarity = 1.0 - 0.4 * log1p(word.labels) / log1p(OFTEN)
    return rarity * (0.4 if word.word in FILLERS else 1.0)


@lru_cache(maxsize=4096)
def _weigh(key: str) -> tuple[list[str], list[float]]:
    """The words of a label, and what each weighs in it."""
    label = key.split()
    return label, [_weight(word, label, place) for place, word in enumerate(label)]


def _weight(word: str, label: Sequence[str], place: int) -> float:
    """What a word weighs in its label. A short form right behind its own long form says nothing more."""
    if word in STOPS:
        return 0.1
    if len(word) > 1 and place >= len(word) and word == "".join(other[0] for other in label[place - len(word) : place]):
        return 0.1
    if word in MAKERS:
        return 0.3
    return 0.4 if word in LIGHT else 1.0
