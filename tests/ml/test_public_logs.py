"""The library on public logs: how their files become events, the reference beside it, and figures held on real data."""

import numpy as np
import pytest

from bench import cdnow, hillstrom
from bench.behaviour import CACHE, NotFetched, fetch, moment, read_cdnow, read_hillstrom
from bench.bgnbd import Repeats, chance_of_activity, count_repeats, fit
from ml.features import build_features
from ml.timeline import DAY_S

CDNOW = """ customer_id  date number_of_cds  dollar_value
 00001 19970101  1   11.77
 00002 19970112  1   12.00
 00002 19970112  5   77.00
 00002 19970119  1    8.00
"""
HILLSTROM = """recency,history_segment,history,mens,womens,zip_code,newbie,channel,segment,visit,conversion,spend
10,2) $100 - $200,142.44,1,0,Surburban,0,Phone,Womens E-Mail,0,0,0
6,3) $200 - $350,329.08,1,1,Rural,1,Web,No E-Mail,1,1,30.5
7,2) $100 - $200,180.65,0,1,Surburban,1,Web,Mens E-Mail,1,0,0
"""
is_fetched = all((CACHE / name).is_file() for name in ("CDNOW_master.txt", "hillstrom.csv"))
needs_data = pytest.mark.skipif(not is_fetched, reason="not fetched: python -m bench real puts the files in instance/")


def test_purchases_become_acts_that_were_worth_something(tmp_path):
    (tmp_path / "CDNOW_master.txt").write_text(CDNOW)
    purchases = read_cdnow(tmp_path)
    as_of = moment("1997-01-20")
    table = build_features(purchases.events.before(as_of), purchases.facts_at(as_of), as_of, cdnow.NAMES)
    assert table.user_ids.tolist() == [1, 2]
    assert table.column("recency_days").tolist() == [19, 1]
    assert table.column("active_days_28").tolist() == [1, 2]
    assert table.column("amount_730").tolist() == [11.77, 97]
    assert purchases.facts_at(moment("1997-01-05")).user_ids.tolist() == [1]


def test_what_came_of_the_mailing_is_no_feature(tmp_path):
    (tmp_path / "hillstrom.csv").write_text(HILLSTROM)
    mailing = read_hillstrom(tmp_path)
    assert mailing.mailed.tolist() == [True, False]  # the men's mail is another experiment
    rows = hillstrom._decisions(mailing)
    assert rows.reward.tolist() == [False, True]
    assert rows.values[:, rows.names.index("recency_days")].tolist() == [300, 180]
    assert not {"visit", "conversion", "spend"} & set(rows.names)


def test_a_folder_that_cannot_be_filled_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("bench.behaviour.GET", tmp_path / "nowhere")
    with pytest.raises(NotFetched, match="nowhere"):
        fetch(tmp_path)


def test_repeats_are_counted_by_day(tmp_path):
    (tmp_path / "CDNOW_master.txt").write_text(CDNOW)
    purchases = read_cdnow(tmp_path)
    seen = count_repeats(purchases, np.array([2, 1]), moment("1997-01-26"))
    assert (seen.times.tolist(), seen.last.tolist(), seen.until.tolist()) == ([1, 0], [1, 0], [2, 25 / 7])


def test_the_reference_finds_the_shape_of_invented_buyers():
    """Rates from a gamma distribution of shape 0.8 and rate 4, and a chance to leave of 1/4 on average."""
    rng = np.random.default_rng(1)
    repeats = []
    for rate, leaves, until in zip(
        rng.gamma(0.8, 1 / 4, 6000), rng.beta(1, 3, 6000), rng.uniform(40, 60, 6000), strict=True
    ):
        times, last, at = 0, 0.0, rng.exponential(1 / rate)
        is_here = True
        while is_here and at < until:
            times, last, is_here = times + 1, at, rng.random() > leaves
            at += rng.exponential(1 / rate)
        repeats.append((times, last, until))
    seen = Repeats(*(np.array(column, dtype=np.float64) for column in zip(*repeats, strict=True)))
    r, alpha, a, b = fit(seen)
    assert r / alpha == pytest.approx(0.8 / 4, rel=0.15)
    assert a / (a + b) == pytest.approx(1 / 4, rel=0.2)
    chance = chance_of_activity(np.array([r, alpha, a, b]), seen, 90 * DAY_S / (7 * DAY_S))
    assert ((chance > 0) & (chance < 1)).all()


@needs_data
def test_the_figures_of_cdnow_are_reached(capsys):
    figures = cdnow.measure(CACHE, replicates=10)
    assert figures["model"]["auc"] >= 0.838
    assert figures["model"]["brier"] <= 0.0892
    assert (figures["chosen"], figures["highest_stage"]) == ("logistic_regression", 1)


@needs_data
def test_the_figures_of_hillstrom_are_reached(capsys):
    figures = hillstrom.measure(CACHE, splits=5, replicates=10)
    assert figures["auc"] >= 0.621
    assert figures["values"]["uplift"] >= 0.1224 > figures["values"]["all"]
    assert figures["highest_stage"] == {"all": [3] * 5, "rule": [0] * 5}
