"""What is known about people beside their acts, as of a moment, in SQL.

For training on the past these must be the facts of the past. Staleness, expiry and completeness follow from dated
rows and are reckoned as of the moment; open reviews leave no trace once they are done, so they are known for the
present only and left out of the past, where the model then gives them no weight.
"""

from datetime import UTC, datetime

import numpy as np
from sqlalchemy import select, text

from ml.facts import Facts
from ml.timeline import rows_of
from smartskill.engagement.insights.copying import DOUBLE, INTEGER, MOMENT, copy_columns, epoch_of
from smartskill.engagement.services.people import EVERYBODY, IdRange, who_allows
from smartskill.user.models import User

DAYS_PER_MONTH = 30.4375

STALE = """
SELECT spoken.user_id,
       avg((CAST(:day AS date) - spoken.latest_on > skills.review_months * {month})::int)::float
FROM (SELECT user_id, skill_id, max(effective_on) AS latest_on FROM ratings
      WHERE user_id BETWEEN :first AND :last AND user_id % :every = 0 AND created_at <= :at AND effective_on <= :day
        AND (retracted_at IS NULL OR retracted_at > :at)
      GROUP BY user_id, skill_id) AS spoken
JOIN skills ON skills.id = spoken.skill_id
GROUP BY spoken.user_id
"""
EXPIRY = """
SELECT held.user_id, min(held.expires_on - CAST(:day AS date))::float
FROM qualifications AS held
WHERE held.user_id BETWEEN :first AND :last AND held.user_id % :every = 0
  AND held.created_at <= :at AND held.expires_on IS NOT NULL
  AND held.review_state NOT IN ('rejected', 'revoked')
  AND NOT EXISTS (SELECT 1 FROM qualifications AS newer WHERE newer.renews_id = held.id AND newer.created_at <= :at)
GROUP BY held.user_id
"""
COMPLETE = """
SELECT users.id,
       ((SELECT count(DISTINCT skill_id) >= 3 FROM ratings WHERE user_id = users.id AND created_at <= :at)::int
      + EXISTS (SELECT 1 FROM experiences WHERE user_id = users.id AND created_at <= :at)::int
      + EXISTS (SELECT 1 FROM qualifications WHERE user_id = users.id AND created_at <= :at)::int
      + coalesce(users.verified_at <= :at, false)::int) / 4.0::float
FROM users WHERE users.id BETWEEN :first AND :last AND users.id % :every = 0
"""
REVIEWS = """
SELECT users.id, (SELECT count(*) FROM qualifications
                  WHERE review_state = 'submitted' AND user_id <> users.id)::float
FROM users WHERE users.role = 'hr' AND users.id BETWEEN :first AND :last AND users.id % :every = 0
"""
PAST = {"stale_skill_share": STALE, "days_to_nearest_expiry": EXPIRY, "profile_completeness": COMPLETE}


def load_facts(at: datetime, people: IdRange = EVERYBODY, *, is_present: bool) -> Facts:
    """The facts of everybody who allows it and had joined by a moment.

    Args:
        is_present: whether the moment is now, so that what leaves no trace is known too.
    """
    ids, joined = _people(at, people)
    queries = PAST | ({"open_reviews": REVIEWS} if is_present else {})
    columns = {name: _column(query, ids, at, people) for name, query in queries.items()}
    if is_present:
        columns["open_reviews"] = np.nan_to_num(columns["open_reviews"])
    return Facts(ids, joined, int(at.timestamp()), columns)


def _people(at: datetime, people: IdRange) -> tuple[np.ndarray, np.ndarray]:
    found = select(User.id, User.created_at).where(
        people.holds(User.id), User.created_at <= at, User.is_active, who_allows(User.id)
    )
    rows = copy_columns(found.order_by(User.id), {"id": INTEGER, "joined_at": MOMENT})
    return rows["id"].astype(np.int64), epoch_of(rows["joined_at"])


def _column(query: str, ids: np.ndarray, at: datetime, people: IdRange) -> np.ndarray:
    """One value per person, NaN where the query knows nothing of them."""
    given = {
        "at": at,
        "day": at.astimezone(UTC).date(),
        "first": people.first,
        "last": people.last,
        "every": people.every,
    }
    statement = text(query.replace("{month}", str(DAYS_PER_MONTH)))
    asked = {name: value for name, value in given.items() if f":{name}" in query}
    rows = copy_columns(statement.bindparams(**asked), {"user_id": INTEGER, "value": DOUBLE})
    column, places = np.full(ids.size, np.nan), rows_of(ids, rows["user_id"].astype(np.int64))
    column[places[places >= 0]] = rows["value"][places >= 0]
    return column
