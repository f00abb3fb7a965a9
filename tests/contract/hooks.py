"""What Schemathesis can't know: how to sign in, which rows exist, and which values are right together.

Only data that is meant to be right is touched; what is meant to be wrong is sent as it was made. The checks themselves
are Schemathesis' own, all of them.
"""

import random
from datetime import UTC, date, datetime
from typing import Any

import schemathesis
from hypothesis import strategies
from schemathesis.core.parameters import ParameterLocation
from sqlalchemy import select

from smartskill import create_app
from smartskill.config import TESTING
from smartskill.extensions import db
from smartskill.user.models import User, UserSession
from tests.contract.access import expected
from tests.contract.company import ROLES, Company, found_company
from tests.contract.correcting import LEVELS, corrected
from tests.contract.requests import REQUESTS, filled

NEW_COMPANY_AFTER = 150  # requests: by then much of the old one has been deleted
REAL_ROWS = 0.8  # share of the right addresses that name rows which exist
app = create_app({**TESTING, "ENV": "development"})
chance = random.Random(7)
schemathesis.openapi.format("date", strategies.dates(date(1900, 1, 1), date(2199, 12, 31)).map(str))
schemathesis.openapi.format(
    "date-time",
    strategies.datetimes(datetime(1901, 1, 1), datetime(2199, 12, 30), timezones=strategies.just(UTC)).map(
        datetime.isoformat
    ),
)


class Standing:
    """The company that the next requests are about."""

    def __init__(self) -> None:
        self.company: Company | None = None
        self.asked = 0
        self.whose: dict[str, str] = {}  # which of the company's people a header signs in

    def get(self) -> Company:
        self.asked += 1
        if self.company is None or self.asked % NEW_COMPANY_AFTER == 0:
            self.company = self._found()
        return self.company

    def _found(self) -> Company:
        with app.app_context():
            company = found_company()
            db.session.commit()
            self.whose |= {headers["Authorization"]: who for who, headers in company.headers.items() if headers}
            return company

    def having(self, who: str) -> Company:
        """The company with one of its people signed in; a new one if they were erased, demoted or signed out."""
        company = self.get()
        with app.app_context():
            lives = select(UserSession.id).join(User).where(User.id == company.ids[who], User.is_active)
            lives = lives.where(UserSession.revoked_at.is_(None), User.role == ROLES[who])
            if db.session.scalar(lives.limit(1)) is None:
                company = self.company = self._found()
        return company


standing = Standing()
# Whoever the table of access lets do it.
WHO = {
    name: next((who for who in ("own", "hr", "admin", "boss", "other") if row.get(who) in (200, 202)), "own")
    for name, row in expected().items()
} | dict.fromkeys(("changeUser", "replaceUser"), "admin")  # who alone may change every field
SPENDING = {
    *("changePassword", "resetPassword", "resetPasswordByPage", "eraseMyData", "eraseUser"),
    *("deleteUserSkill", "deleteSkill", "deleteSkillCategory", "endTeam", "deleteQualificationType"),
    *("deleteQualification", "deleteEvidence", "deleteExperience"),
}
UNKNOWN_HEADER = "x-schemathesis-unknown-property"


@schemathesis.auth(refresh_interval=None)
class SignedIn:
    """Signs in as whoever the operation is for."""

    def get(self, case: Any, context: Any) -> dict[str, str]:
        who = WHO.get(context.operation.definition.raw["operationId"], "own")
        return standing.having(who).headers[who]

    def set(self, case: Any, data: dict[str, str], context: Any) -> None:
        case.headers.update(data)


def is_right(case: Any, place: ParameterLocation) -> bool:
    """Whether this part of the request is meant to be accepted."""
    component = case.meta.components.get(place) if case.meta else None
    return component is None or component.mode.is_positive


@schemathesis.hook
def filter_case(context: Any, case: Any) -> bool:
    """Leave out what is called wrong and is not: a header that nobody knows, or nothing at all.

    Proxies add headers, and HTTP has servers ignore those they don't know.
    """
    if UNKNOWN_HEADER in (case.headers or {}):
        return False
    if case.meta is None or case.meta.generation.mode.is_positive:
        return True
    return any(not part.mode.is_positive for part in case.meta.components.values())


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Let right requests name rows that exist, and say things that are right together."""
    if case.meta is None:
        return
    who = standing.whose.get(case.headers.get("Authorization", ""))
    company = standing.having(who) if who else standing.get()
    if who:  # the header is as old as the case, which waited since it was made
        case.headers.update(company.headers[who])
    names = company.names
    operation_id = case.operation.definition.raw["operationId"]
    is_free = case.meta.phase.name.value != "stateful"  # there the rows are those that were just made
    if is_free and is_right(case, ParameterLocation.PATH) and case.path_parameters and chance.random() < REAL_ROWS:
        chosen = {**names, **filled(REQUESTS.get(operation_id, {}).get("path", {}), names)}
        case.path_parameters.update({name: chosen[name] for name in case.path_parameters if name in chosen})
    if is_right(case, ParameterLocation.HEADER) and case.headers:
        for name in ("If-Match", "If-None-Match", "Idempotency-Key"):
            if chance.random() < REAL_ROWS:
                case.headers.pop(name, None)
    if is_right(case, ParameterLocation.QUERY) and case.query:
        case.query = corrected(case.query, names, operation_id)
    if is_right(case, ParameterLocation.BODY) and isinstance(case.body, dict | list):
        case.body = corrected(case.body, names, operation_id)


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    """After a password was changed, a person erased or a level taken back, the next requests are about others."""
    operation_id = case.operation.definition.raw["operationId"]
    if response.status_code < 300 and (operation_id in SPENDING or takes_back(operation_id, case.body)):
        standing.company = None


def takes_back(operation_id: str, body: Any) -> bool:
    """Whether somebody has no level any more of which other requests say that it still holds."""
    entries = body if isinstance(body, list) else [body]
    return operation_id in LEVELS and any(isinstance(one, dict) and one.get("level") is None for one in entries)
