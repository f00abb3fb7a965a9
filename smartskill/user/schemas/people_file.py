"""A line of a file of people."""

from smartskill.kit.schemas import Schema
from smartskill.user.schemas.fields import Email, Line, Locale, Timezone


class PersonRowSchema(Schema):
    """One person; what is left out stays as it is."""

    email = Email(required=True)
    full_name = Line(200)
    title = Line(200)
    team = Line(200)
    manager_email = Email()
    locale = Locale()
    timezone = Timezone()
