"""From a delivery to a letter. Each kind gives one content object, and both text and HTML come from it.

A feature registers its kinds in its `mails.py`, which the application imports on start:

    TEXTS = {"en": {"subject": "{skill} was endorsed", …}, "de": {…}}

    def endorsed(delivery):
        [notice] = delivery.notifications
        language = find_recipient(delivery).language
        return {
            "subject": say(TEXTS, language, "subject", skill=notice.evidence["skill_name"]),
            "preheader": …,                        # the line that mail programs show beside the subject
            "paragraphs": ["…", "…"],              # plain text, never markup
            "items": [{"title": "…", "detail": "…", "url": "/skills/3"}],       # optional
            "button": {"text": "…", "url": "/skills/3"},                        # optional, what to do
            "link": {"text": "…", "url": "/profile"},                           # optional, what to do instead
            "closing": ["…"],                      # optional paragraphs below them
            "reason": "…",                         # completes "You get this because …"
        }

    register("endorsed", endorsed, still_holds=lambda delivery: …)

`make_content` is called in the worker when the mail is sent: tokens in links are made there and stored nowhere. It
returns None where there is nothing left to say. `greeting` replaces the usual one; `full_name` and `locale` in the
delivery's `content` are used where there is no account yet.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict

from markupsafe import Markup

from smartskill.database import now
from smartskill.kit.settings import setting
from smartskill.notifications.models import Delivery
from smartskill.notifications.services.clicks import click_url
from smartskill.notifications.services.gates import MOST
from smartskill.notifications.services.layout import fill, mail_layout, mail_text, pages
from smartskill.notifications.services.recipients import Recipient
from smartskill.notifications.services.texts import CHROME, kind_name, say, say_ordinal
from smartskill.notifications.services.tokens import bounce_address, unsubscribe_url
from smartskill.notifications.services.transport import Letter

PRODUCT = "Smart-Skill"
MOST_BYTES = 90_000  # mail programs cut longer mails
SPACE, MANY_BREAKS = re.compile(r"\s+"), re.compile(r"\n{3,}")
CLASS_OF = {
    "verify_email": "account",
    "password_reset": "account",
    "invitation": "account",
    "email_change": "account",
    "password_changed": "account",
    "email_changed": "account",
    "qualification_expiring": "service",
    "review_pending": "service",
}  # every other kind is subscription


class Link(TypedDict):
    """Words and where they lead: an address, or a path of ours."""

    text: str
    url: str


class Item(TypedDict):
    """One thing of a list."""

    title: str
    detail: NotRequired[str | None]
    url: NotRequired[str | None]


class Content(TypedDict):
    """What a mail says; both forms of it are made from this and say all of it."""

    subject: str
    reason: str
    paragraphs: list[str]
    preheader: NotRequired[str]
    greeting: NotRequired[str]
    items: NotRequired[list[Item]]
    button: NotRequired[Link]
    link: NotRequired[Link]
    closing: NotRequired[list[str]]


class MailTooLong(ValueError):
    """A mail is larger than mail programs show whole."""


class UnknownKind(LookupError):
    """No feature has registered this kind of mail."""


@dataclass(frozen=True)
class Kind:
    """A kind of mail: who makes its content, whether its evidence still holds, and its line in the inbox."""

    name: str
    mail_class: str
    make_content: Callable[[Delivery], Content | None]
    still_holds: Callable[[Delivery], bool] | None = None
    make_line: Callable[[dict, str], str] | None = None
    sample: Callable[[str], Content] | None = None
    gather: Callable[[Sequence[Delivery]], dict[int, Any]] | None = None


KINDS: dict[str, Kind] = {}


def register(
    kind: str,
    make_content: Callable[[Delivery], Content | None],
    *,
    mail_class: str | None = None,
    still_holds: Callable[[Delivery], bool] | None = None,
    make_line: Callable[[dict, str], str] | None = None,
    sample: Callable[[str], Content] | None = None,
    gather: Callable[[Sequence[Delivery]], dict[int, Any]] | None = None,
) -> None:
    """Make a kind known.

    Args:
        mail_class: `account`, `service` or `subscription`; where it is left out, as the contract has it.
        still_holds: asked just before sending; False cancels the mail, because what it says is no longer so.
        make_line: evidence and language → the one line that the inbox shows.
        sample: language → an invented content, for previews and for looking at every kind in tests.
        gather: many mails → what they are written from, by id, read at once (see `gathering`).
    """
    of_class = mail_class or CLASS_OF.get(kind, "subscription")
    KINDS[kind] = Kind(kind, of_class, make_content, still_holds, make_line, sample, gather)


def get_kind(name: str) -> Kind:
    """A registered kind.

    Raises:
        UnknownKind: nobody registered it.
    """
    try:
        return KINDS[name]
    except KeyError:
        raise UnknownKind(name) from None


def class_of(kind: str) -> str:
    """The class of a kind, registered or not."""
    return KINDS[kind].mail_class if kind in KINDS else CLASS_OF.get(kind, "subscription")


def write_letter(delivery: Delivery, recipient: Recipient) -> Letter | None:
    """The mail of a delivery, ready to be carried; None where its kind has nothing left to say.

    Raises:
        UnknownKind, HeaderRefused, MailTooLong: and whatever the kind's own code raises.
    """
    content = get_kind(delivery.kind).make_content(delivery)
    return None if content is None else letter_of(content, delivery, recipient)


def letter_of(content: Content, delivery: Delivery, recipient: Recipient) -> Letter:
    """The mail around a content object.

    Raises:
        HeaderRefused, MailTooLong.
    """
    text, html = render(content, delivery, recipient)
    service = delivery.mail_class != "subscription"
    letter = Letter(
        message_id=delivery.message_id,
        return_path=bounce_address(delivery),
        subject=SPACE.sub(" ", content["subject"]).strip(),
        sender=(PRODUCT, setting("MAIL_SENDER_SERVICE" if service else "MAIL_SENDER_SUBSCRIPTION")),
        recipients=[recipient.email],
        body=text,
        html=html,
        extra_headers=_headers(delivery, recipient),
    )
    if len(letter.as_bytes()) > MOST_BYTES:
        raise MailTooLong(f"{delivery.kind} {delivery.id} has more than {MOST_BYTES} bytes")
    return letter


def _headers(delivery: Delivery, recipient: Recipient) -> dict[str, str]:
    domain = setting("MAIL_DOMAIN")
    headers = {
        "Auto-Submitted": "auto-generated",
        "Feedback-ID": f"{delivery.kind}:{delivery.mail_class}:smart-skill:{domain}",
        "Content-Language": recipient.language,
    }
    if delivery.mail_class != "account":
        headers |= {
            "List-ID": f"{PRODUCT} {delivery.kind.replace('_', ' ')} <{delivery.kind.replace('_', '-')}.{domain}>",
            "List-Unsubscribe": f"<{unsubscribe_url(delivery)}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    return headers


def render(content: Content, delivery: Delivery, recipient: Recipient) -> tuple[str, str]:
    """Text and HTML of a content object, in the recipient's language."""
    facts = _chrome(delivery, recipient) | _linked(content, delivery)
    return MANY_BREAKS.sub("\n\n", fill(mail_text(), facts)).strip() + "\n", fill(mail_layout(), facts)


def _chrome(delivery: Delivery, recipient: Recipient) -> dict[str, Any]:
    language, name = recipient.language, recipient.full_name
    is_optional = delivery.mail_class != "account"
    return {
        "language": language,
        "product": PRODUCT,
        "words": CHROME[language],
        "preheader": "",
        "greeting": say(CHROME, language, "greeting" if name else "greeting_nameless", name=name),
        "items": (),
        "button": None,
        "link": None,
        "closing": (),
        "note": _note(delivery, recipient),
        "settings_url": address_in(delivery, "/settings/notifications") if is_optional else None,
        "unsubscribe_url": unsubscribe_url(delivery) if is_optional else None,
    }


def _note(delivery: Delivery, recipient: Recipient) -> str:
    """How much of this sort there is: of subscription mail, which of how many in a month this one is."""
    if delivery.mail_class != "subscription":
        return say(CHROME, recipient.language, f"{delivery.mail_class}_note")
    month, most, _ = MOST[-1]
    before = sum(at > now() - month for at in recipient.mailed_at)
    ordinal = say_ordinal(recipient.language, before + 1)
    return say(CHROME, recipient.language, "frequency", ordinal=ordinal, most=most)


def _linked(content: Content, delivery: Delivery) -> dict[str, Any]:
    """The content with whole addresses in its links."""
    linked: dict[str, Any] = dict(content)
    for name in ("button", "link"):
        if content.get(name):
            linked[name] = {**linked[name], "url": address_in(delivery, linked[name]["url"])}
    linked["items"] = [_item(item, delivery) for item in content.get("items", ())]
    return linked


def _item(item: Item, delivery: Delivery) -> Item:
    url = item.get("url")
    return {"title": item["title"], "detail": item.get("detail"), "url": address_in(delivery, url) if url else None}


def address_in(delivery: Delivery, url: str) -> str:
    """The whole address of a link of a mail, led through what counts clicks: the one place where links are made."""
    return click_url(delivery, url)


def absolute(url: str) -> str:
    """An address of ours with its scheme and host."""
    return f"{setting('PUBLIC_URL')}{url}" if url.startswith("/") else url


def render_unsubscribe_page(
    delivery: Delivery, language: str, *, kinds: Sequence[str], is_done: bool, style: str
) -> str:
    """The small public page of the unsubscribe link, before and after its button was pressed; it names what it ends."""
    return (
        pages()
        .get_template("pages/unsubscribe.html")
        .render(
            language=language,
            product=PRODUCT,
            say=lambda key, **values: say(CHROME, language, key, **values),
            kind_name=", ".join(kind_name(kind, language) for kind in kinds),
            is_service=delivery.mail_class == "service",
            settings_url=absolute("/settings/notifications"),
            is_done=is_done,
            style=Markup(style),  # noqa: S704 - our own style sheet
        )
    )
