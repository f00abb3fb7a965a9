"""Which columns the feature function accepts."""

import numpy as np
import pytest

from ml.facts import FACT_NAMES, LabelWindowFact, ProtectedFact, UnknownFact
from tests.ml.samples import facts


@pytest.mark.parametrize("name", ["age", "gender", "nationality", "health", "pay", "performance", "birth_year", "sex"])
def test_who_somebody_is_is_never_accepted(name):
    with pytest.raises(ProtectedFact):
        facts(1, **{name: [1.0]})


@pytest.mark.parametrize("name", ["lapsed", "returned_7", "active_days_next_14", "label"])
def test_a_column_of_the_label_window_is_refused(name):
    with pytest.raises(LabelWindowFact):
        facts(1, **{name: [1.0]})


def test_a_column_outside_the_list_is_refused():
    with pytest.raises(UnknownFact):
        facts(1, shoe_size=[42.0])


def test_no_listed_fact_is_protected():
    assert facts(1, **{name: [0.5] for name in FACT_NAMES}).columns.keys() == set(FACT_NAMES)


def test_facts_need_one_value_per_person():
    with pytest.raises(ValueError, match="one value per person"):
        facts(1, 2, role_gap=[1.0])


def test_a_fact_left_out_is_unknown_for_everybody():
    assert np.isnan(facts(1, 2).column("role_gap")).all()
