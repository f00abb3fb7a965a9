"""That a file as a whole is not what it should be. A fault of a row is something else: see `faults`."""

from smartskill.kit.errors import Invalid


class FileUnreadable(Invalid):
    """The file cannot be read."""

    @classmethod
    def because(cls, reason: str) -> "FileUnreadable":
        """One with a reason that its sender can act on."""
        return cls(reason, errors={"file": [reason]})
