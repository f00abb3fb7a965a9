"""Fields of people: addresses, passwords, names, zones. Formats that no pattern can state carry a name in OpenAPI."""

import re
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import marshmallow as ma

from smartskill.kit.schemas import String

ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
EMAIL = rf"^(?=[^@]{{1,64}}@){ATOM}(\.{ATOM})*@({LABEL}\.)+[A-Za-z][A-Za-z0-9-]{{0,61}}[A-Za-z0-9]$"
USERNAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{2,49}$"
LINE = r"^(?=.*\S)[^\u0000-\u001f\u007f\u2028\u2029]*$"


class Line(String):
    """Text of one line, fit for a mail's header."""

    def __init__(self, length: int = 200, **more: Any) -> None:
        more["metadata"] = {"pattern": LINE, **more.get("metadata", {})}
        super().__init__(length, **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if re.search("[\x00-\x1f\x7f\u2028\u2029]", text):
            raise ma.ValidationError("Must be one line, without control characters.")
        return text


class Email(String):
    """An address that mail can be sent to, in ASCII (RFC 5321; international domains as `xn--…`)."""

    def __init__(self, **more: Any) -> None:
        described = {"format": "email", "pattern": EMAIL, "example": "anna.schmidt@example.org"}
        more["metadata"] = described | more.get("metadata", {})
        super().__init__(254, **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not re.fullmatch(EMAIL, text):
            raise ma.ValidationError("Not an e-mail address.")
        validator = _email_validator()
        try:
            return validator.validate_email(text, check_deliverability=False).ascii_email
        except validator.EmailNotValidError as error:
            raise ma.ValidationError(f"Not an e-mail address: {error}") from error


class Password(String):
    """A password as it was typed: 8 to 256 characters of any sort, never answered."""

    def __init__(self, **more: Any) -> None:
        described = {"format": "password", "example": "quiet otter crosses nine rivers"}
        more["metadata"] = described | more.get("metadata", {})
        super().__init__(256, trim=False, load_only=True, validate=ma.validate.Length(min=8), **more)


class GivenPassword(String):
    """A password to be compared with the right one; how long a right one is, is nobody's business here."""

    def __init__(self, **more: Any) -> None:
        described = {"format": "password", "example": "quiet otter crosses nine rivers"}
        super().__init__(256, trim=False, load_only=True, metadata=described, **more)


class Username(String):
    """A name to sign in with: 3 to 50 letters, digits, dots, dashes, underscores; never an address."""

    def __init__(self, **more: Any) -> None:
        more["metadata"] = {"pattern": USERNAME, "example": "anna.schmidt"} | more.get("metadata", {})
        refusal = "3 to 50 letters, digits, dots, dashes and underscores; a letter or digit first."
        super().__init__(
            50, validate=ma.validate.Regexp(re.compile(USERNAME.replace("$", r"\Z")), error=refusal), **more
        )


class Locale(String):
    """A language, and perhaps its region, that Unicode's locale data know: `en`, `de-AT`."""

    def __init__(self, **more: Any) -> None:
        described = {"format": "locale", "example": "de-AT", "description": "BCP 47: a language and perhaps a region."}
        more["metadata"] = described | more.get("metadata", {})
        super().__init__(20, **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        known = _locales().get(text.replace("_", "-").lower())
        if known is None:
            raise ma.ValidationError("Not a known locale: give a language and perhaps a region, such as en or de-AT.")
        return known


class Timezone(String):
    """A time zone of the IANA database, in its own spelling."""

    def __init__(self, **more: Any) -> None:
        described = {"format": "timezone", "example": "Europe/Vienna", "description": "An IANA time zone."}
        more["metadata"] = described | more.get("metadata", {})
        super().__init__(50, **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text not in _zones():
            raise ma.ValidationError("Not a known time zone: give an IANA name such as Europe/Vienna.")
        return text


@cache
def _email_validator() -> Any:
    import email_validator  # few requests need it

    email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()  # companies do use .local and .test inside
    return email_validator


@cache
def _locales() -> dict[str, str]:
    from babel.localedata import locale_identifiers

    tags = [name.replace("_", "-") for name in locale_identifiers()]
    return {tag.lower(): tag for tag in tags if tag != "root" and len(tag) <= 20}


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - {"localtime", "Factory"})
