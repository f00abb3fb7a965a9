"""Fixtures that several tests of planning share."""

import pytest

from smartskill.extensions import db
from smartskill.qualification.models import QualificationType
from tests.factories import make_user


@pytest.fixture
def person(app):
    return make_user(full_name="Ada")


@pytest.fixture
def licence(app):
    row = QualificationType(name="Forklift licence", kind="licence")
    db.session.add(row)
    db.session.flush()
    return row
