"""The one-tap link of a mail: it confirms the levels that the mail named, as they were then, and signs nobody in.

The link is signed and holds the day each level was last confirmed on. A level that was spoken for since is left alone,
so a second tap, or a scanner's, changes nothing.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup
from sqlalchemy import select

from smartskill.engagement.services.wording.texts import TEXTS
from smartskill.extensions import db
from smartskill.kit.errors import NotFound
from smartskill.kit.settings import setting
from smartskill.notifications.services.rendering import PRODUCT, absolute
from smartskill.notifications.services.texts import language_of, say
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import UserSkill
from smartskill.skills.services.rating import confirm_skills
from smartskill.user.models import User

VALID_SECONDS = 60 * 86_400


class ConfirmLinkUnknown(NotFound):
    """This link does not work any more: it is too old, or not one of ours."""


def make_confirm_token(user_id: int, skills: Sequence[dict[str, Any]]) -> str:
    """The token of a link that confirms these levels (`skill_id`, `level`, `last_confirmed_on`)."""
    named = [[thing["skill_id"], thing["level"], thing["last_confirmed_on"]] for thing in skills]
    return str(_signer().dumps([user_id, named]))


def find_confirmable(token: str) -> tuple[User, list[UserSkill]]:
    """Whose link it is, and the levels that are still as the mail said.

    Raises:
        ConfirmLinkUnknown: forged, too old, or its account is switched off or gone.
    """
    try:
        user_id, named = _signer().loads(token, max_age=VALID_SECONDS)
    except BadSignature as error:
        raise ConfirmLinkUnknown() from error
    user = db.session.get(User, user_id)
    if user is None or not user.is_active:
        raise ConfirmLinkUnknown()
    as_told = {skill_id: (level, day) for skill_id, level, day in named}
    rows = db.session.scalars(
        select(UserSkill)
        .join(Skill, Skill.id == UserSkill.skill_id)
        .where(UserSkill.user_id == user_id, UserSkill.skill_id.in_(as_told), Skill.status != "retired")
        .order_by(UserSkill.skill_id)
        .execution_options(populate_existing=True)
    )
    return user, [row for row in rows if (row.level, str(row.last_confirmed_on)) == as_told[row.skill_id]]


def confirm_by_link(token: str) -> tuple[User, int]:
    """Confirm what the link names and nobody spoke for since; returns whose it was and how many levels that were.

    Raises:
        ConfirmLinkUnknown
    """
    user, rows = find_confirmable(token)
    if rows:
        confirm_skills(user.id, [row.skill_id for row in rows])
    return user, len(rows)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(setting("SECRET_KEY"), salt="engagement:confirm")


def render_page(user: User, rows: Sequence[UserSkill], count: int | None, style: str) -> str:
    """The page of the link: before (`count` is None) and after it was used."""
    language = language_of(user.locale)
    levels = [say(TEXTS, language, "page.skill", skill=row.skill.name, level=row.level) for row in rows]
    return _page().render(
        language=language,
        product=PRODUCT,
        say=lambda key, **values: say(TEXTS, language, key, **values),
        levels=levels,
        count=count,
        profile_url=absolute("/profile"),
        style=Markup(style),  # noqa: S704 - our own style sheet
    )


@cache
def _page() -> Template:
    folder = Path(__file__).parent.parent / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("pages/confirm.html")
