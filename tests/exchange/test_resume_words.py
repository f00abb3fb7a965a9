"""Levels as CVs word them."""

import pytest

from smartskill.exchange.services.resume.words import NAMES, level_of


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Master", 5),
        ("Expert", 5),
        ("ADVANCED", 4),
        ("Proficient", 4),
        ("Senior", 4),
        ("intermediate", 3),
        ("Elementary", 2),
        ("beginner", 1),
        ("Entry-level", 1),
        ("  very   good ", 4),
        ("4", 4),
        ("2/5", 2),
        ("80 %", 4),
        ("81%", 5),
        ("15%", 1),
        ("25 %", 2),
        ("50 %", 3),
        ("100%", 5),
        ("0%", 1),
        ("", None),
        ("wizard", None),
        ("6", None),
        ("120%", None),
        (None, None),
        (4, None),
    ],
)
def test_words_numbers_and_shares_are_read(text, level):
    assert level_of(text) == level


def test_what_is_written_is_read_back():
    assert [level_of(name) for name in NAMES.values()] == list(NAMES)
