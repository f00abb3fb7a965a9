"""What can go wrong in a way that a client should hear of. Services raise these; `kit.problems` answers them."""

from typing import ClassVar


class Problem(Exception):
    """A refusal with an HTTP status; the class name states the fact, the text says it to a person.

    `errors` maps the dotted path of a field (`requirements.0.level`) to its messages.
    """

    status: ClassVar[int] = 400
    title: ClassVar[str] = "Bad request"

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: dict[str, list[str]] | None = None,
        headers: dict | None = None,
        extra: dict | None = None,
    ) -> None:
        self.detail = detail or (self.__doc__ or self.title).strip().split("\n")[0]
        self.errors = errors
        self.headers = headers or {}
        self.extra = extra or {}
        super().__init__(self.detail)


class Invalid(Problem):
    """The request is wrong in itself; every field at fault is named."""

    title = "Invalid input"

    @classmethod
    def field(cls, name: str, message: str) -> "Invalid":
        """An `Invalid` about one field."""
        return cls(errors={name: [message]})


class Unauthenticated(Problem):
    """A valid access token is needed."""

    status = 401
    title = "Authentication required"

    def __init__(self, detail: str | None = None, **more) -> None:
        super().__init__(detail, **more)
        self.headers.setdefault("WWW-Authenticate", 'Bearer realm="smart-skill"')


class Forbidden(Problem):
    """You may see this, but not do that to it."""

    status = 403
    title = "Not allowed"


class NotFound(Problem):
    """There is nothing here that you may see."""

    status = 404
    title = "Not found"


class NotAcceptable(Problem):
    """This address answers JSON only."""

    status = 406
    title = "Not acceptable"


class Conflict(Problem):
    """The request clashes with what exists."""

    status = 409
    title = "Conflict"


class Stale(Problem):
    """The item changed since it was read: read it again, then repeat the change."""

    status = 412
    title = "Precondition failed"


class TooLarge(Problem):
    """The body is larger than is taken here."""

    status = 413
    title = "Content too large"


class UnsupportedMedia(Problem):
    """The body must be sent as application/json."""

    status = 415
    title = "Unsupported media type"


class TooMany(Problem):
    """Too many requests; try again later."""

    status = 429
    title = "Too many requests"


class Unavailable(Problem):
    """A part that this needs is away; try again in a moment."""

    status = 503
    title = "Unavailable"

    def __init__(self, detail: str | None = None, **more) -> None:
        super().__init__(detail, **more)
        self.headers.setdefault("Retry-After", "5")
