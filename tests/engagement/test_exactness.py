"""The fast way from the database to features says what the definition says, person by person, event by event."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.events import EventLog, kind_code
from ml.facts import Facts
from ml.features import FEATURE_NAMES, build_features
from smartskill.activity.models import KINDS, Consent, InteractionEvent
from smartskill.engagement.insights.clocks import offsets_at
from smartskill.engagement.insights.columns import load_events
from smartskill.engagement.insights.known import load_facts
from smartskill.engagement.services.people import IdRange
from smartskill.extensions import db
from smartskill.notifications.models import Delivery
from tests.factories import make_user
from tests.ml.reference import describe_person

AT = datetime(2026, 4, 2, 9, 30, 0, 400_000, tzinfo=UTC)  # four days after Europe put its clocks forward
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC", "Mars/Olympus")
EDGES = [
    datetime(2026, 3, 29, 1, tzinfo=UTC),  # Berlin goes forward
    datetime(2026, 3, 8, 7, tzinfo=UTC),  # New York goes forward
    datetime(2025, 10, 26, 1, tzinfo=UTC),  # Berlin goes back
    datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC),
    AT.replace(microsecond=0),
]
PURPOSES = ("tracking", "prediction")


class Story:
    """What is written into the database, and beside it what the definition says is to be read."""

    def __init__(self, seed: int):
        self.chance, self.people, self.told = random.Random(seed), [], []
        for number in range(6):
            zone = self.chance.choice(ZONES)
            self.people.append(make_user(timezone=zone, created_at=AT - timedelta(days=self.chance.randint(1, 900))))
            if number == 0 or self.chance.random() < 0.2:
                self.people[-1].withdrew = self.chance.choice(PURPOSES)
                db.session.add(Consent(user_id=self.people[-1].id, purpose=self.people[-1].withdrew, is_granted=False))
        for _ in range(self.chance.randint(0, 80)):
            self.act()
        for number in range(self.chance.randint(0, 6)):
            self.mail(number)
        db.session.flush()

    def moment(self) -> datetime:
        """Any of the last months, often close to where something changes, with parts of a second."""
        around = timedelta(seconds=self.chance.randint(-2, 2), microseconds=self.chance.randint(0, 999_999))
        if self.chance.random() < 0.4:
            return self.chance.choice([*EDGES, *(AT - timedelta(days=days) for days in (7, 14, 28, 90))]) + around
        return AT - timedelta(seconds=self.chance.randint(0, 200 * 86_400)) + around

    def act(self) -> None:
        person, at, kind = self.chance.choice(self.people), self.moment(), self.chance.choice(KINDS)
        automated = self.chance.random() < 0.15
        repeats = kind == "email_sent" and self.chance.random() < 0.5
        props = {"delivery_id": 1} if repeats else self.chance.choice([None, {"synthetic": True}])
        db.session.add(
            InteractionEvent(user_id=person.id, occurred_at=at, kind=kind, is_automated=automated, props=props)
        )
        if not repeats:
            self.note(person, at, kind, automated)

    def mail(self, number: int) -> None:
        person, at = self.chance.choice(self.people), self.moment()
        state = self.chance.choice(["sent", "unknown", "cancelled", "failed"])
        mail_class = self.chance.choice(["subscription", "service", "account"])
        facts = {"state": state, "mail_class": mail_class, "sent_at": at, "due_at": at, "kind": "digest"}
        row = Delivery(user_id=person.id, campaign_key=f"{number}", message_id=f"<{person.id}-{number}@x>", **facts)
        db.session.add(row)
        db.session.flush()
        event = {"kind": "email_sent", "props": {"delivery_id": row.id}, "is_automated": True}
        db.session.add(InteractionEvent(user_id=person.id, occurred_at=at, **event))  # as sending records it
        if state in ("sent", "unknown") and mail_class != "account":
            self.note(person, at, "email_sent", True)

    def note(self, person, at: datetime, kind: str, automated: bool) -> None:
        if getattr(person, "withdrew", None) is None and int(at.timestamp()) < int(AT.timestamp()):
            zone = "UTC" if person.timezone.startswith("Mars") else person.timezone
            offset = int(at.astimezone(ZoneInfo(zone)).utcoffset().total_seconds())
            self.told.append((person.id, int(at.timestamp()), kind_code(kind), automated, offset))

    def log(self) -> EventLog:
        columns = [np.array(column) for column in zip(*self.told, strict=True)] if self.told else [np.zeros(0, int)] * 5
        return EventLog(*columns)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_features_from_the_database_equal_the_definition_exactly(app, seed):
    with db.session.begin_nested() as unfinished:
        story = Story(seed)
        ids = [person.id for person in story.people]
        everybody, as_of = IdRange(min(ids), max(ids)), int(AT.timestamp())
        log, facts = load_events(everybody, AT), load_facts(AT, everybody, is_present=True)
        table = build_features(log, facts, as_of)
        expected_ids = [person.id for person in story.people if getattr(person, "withdrew", None) is None]
        assert table.user_ids.tolist() == expected_ids
        _agree(log, story.log())
        for row in range(len(expected_ids)):
            expected = describe_person(story.log(), facts, row, as_of)
            np.testing.assert_array_equal(table.values[row], [expected[name] for name in FEATURE_NAMES])
        _agree_in_parts(table, ids)
        unfinished.rollback()


def _agree(read: EventLog, told: EventLog) -> None:
    """The same events, in whatever order."""
    names = ("user_id", "occurred_at", "kind", "is_automated", "utc_offset_s")
    rows = [sorted(zip(*(getattr(log, name).tolist() for name in names), strict=True)) for log in (read, told)]
    assert rows[0] == rows[1]


def _agree_in_parts(table, ids: list[int]) -> None:
    """A chunk of one person says the same as a chunk of all."""
    one = IdRange(ids[-1], ids[-1])
    alone = build_features(load_events(one, AT), load_facts(AT, one, is_present=True), int(AT.timestamp()))
    for user_id, values in zip(alone.user_ids.tolist(), alone.values, strict=True):
        np.testing.assert_array_equal(values, table.values[table.user_ids.tolist().index(user_id)])


@pytest.mark.parametrize("zone", ZONES[:5])
def test_offsets_are_those_of_the_zone_at_every_second_around_each_change(zone):
    start, end = datetime(2024, 12, 30, tzinfo=UTC), datetime(2027, 1, 3, tzinfo=UTC)
    hours = np.arange(int(start.timestamp()), int(end.timestamp()), 3600)
    moments = np.concatenate([hours - 1, hours, hours + 1800])
    expected = [
        datetime.fromtimestamp(moment, ZoneInfo(zone)).utcoffset().total_seconds() for moment in moments.tolist()
    ]
    np.testing.assert_array_equal(offsets_at(zone, moments), expected)


def test_a_zone_that_nobody_knows_is_utc_and_no_moment_has_no_offset():
    assert offsets_at("Mars/Olympus", np.array([0, 1_800_000_000])).tolist() == [0, 0]
    assert offsets_at("Europe/Berlin", np.zeros(0, dtype=np.int64)).size == 0


def test_an_event_of_the_very_second_of_scoring_does_not_stop_it(app):
    user = make_user(created_at=AT - timedelta(days=9))
    db.session.add(InteractionEvent(user_id=user.id, occurred_at=AT - timedelta(microseconds=1), kind="search"))
    db.session.flush()
    one = IdRange(user.id, user.id)
    events, facts = load_events(one, AT), load_facts(AT, one, is_present=True)
    assert isinstance(facts, Facts)
    assert build_features(events, facts, int(AT.timestamp())).column("recency_days").tolist() == [9.0]
