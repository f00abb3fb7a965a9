"""How many queries something asks."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from smartskill.extensions import db


def count_queries(act: Callable[[], Any]) -> int:
    asked: list[str] = []

    def note(connection, cursor, statement, *rest):
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(asked)
