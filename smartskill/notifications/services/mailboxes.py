"""Where reports lie: a Maildir, an mbox file, or one mail on standard input."""

import mailbox
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from smartskill.notifications.services.reports import read_report

Commit = Callable[[], None]


class NoMailbox(ValueError):
    """There is neither a Maildir nor an mbox file."""


def read_maildir(path: Path, commit: Commit) -> Counter:
    """Read what is new in a Maildir; each mail is moved to `cur`, as seen, once what it says is committed.

    Raises:
        NoMailbox
    """
    if not (path / "new").is_dir():
        raise NoMailbox(f"{path} is no Maildir: it has no folder “new”")
    box, result = mailbox.Maildir(path, create=False), Counter[str]()
    for key in [key for key in box.keys() if (path / "new" / key).is_file()]:  # noqa: SIM118 - a mailbox is no dict
        result[read_report(box.get_bytes(key))] += 1
        commit()
        message = box.get_message(key)
        message.set_subdir("cur")
        message.add_flag("S")
        box[key] = message
    return result


def read_mbox(path: Path, commit: Commit) -> Counter:
    """Read every mail of an mbox file, which stays as it is: what was read before counts as repeated.

    Raises:
        NoMailbox
    """
    if not path.is_file():
        raise NoMailbox(f"{path} is no mbox file")
    result = Counter[str]()
    for raw in _mails(path):
        result[read_report(raw)] += 1
        commit()
    return result


def _mails(path: Path) -> Iterator[bytes]:
    box = mailbox.mbox(path, create=False)
    try:
        for key in box.keys():  # noqa: SIM118 - a mailbox is no dict
            yield box.get_bytes(key)
    finally:
        box.close()
