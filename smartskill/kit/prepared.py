"""Statements that PostgreSQL plans once for each connection, and then only gives values.

For long ones that are asked again and again: planning them takes longer than running them. A statement whose plan
depends on its values (a word that is rare or common) is better not prepared.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from sqlalchemy import BindParameter, Result, Select, bindparam, column, text
from sqlalchemy.dialects import postgresql

from smartskill.extensions import db

DIALECT = postgresql.dialect(paramstyle="numeric_dollar")
MOST = 64  # that a connection remembers, some 0.3 MB each; then it forgets them all
REMEMBERED = "prepared"


class Prepared:
    """A statement with its parameters; values that it holds already are given with every run."""

    def __init__(self, statement: Select) -> None:
        compiled = statement.compile(dialect=DIALECT)
        binds = [compiled.binds[name] for name in compiled.positiontup or ()]
        types = ", ".join(bind.type.compile(dialect=DIALECT) for bind in binds)
        sql = f"({types}) AS {compiled}" if binds else f"AS {compiled}"
        self.name = f"s_{sha256(sql.encode()).hexdigest()[:16]}"
        self._make = f"PREPARE {self.name} {sql}"
        self._held = {f"p{place}": bind.value for place, bind in enumerate(binds) if not bind.required}
        self._asked = {f"p{place}": bind.key for place, bind in enumerate(binds) if bind.required}
        self._run = self._call(binds).columns(*(column(str(one.key), one.type) for one in statement.selected_columns))

    def execute(self, values: Mapping[str, Any]) -> Result[Any]:
        """Run it in the caller's transaction, with a value for each of its parameters; more values do no harm."""
        self._prepare()
        return db.session.execute(self._run, self._held | {name: values[key] for name, key in self._asked.items()})

    def _call(self, binds: list[BindParameter[Any]]) -> Any:
        given = f"({', '.join(f':p{place}' for place in range(len(binds)))})" if binds else ""
        return text(f"EXECUTE {self.name}{given}").bindparams(
            *(bindparam(f"p{place}", type_=bind.type) for place, bind in enumerate(binds))
        )

    def _prepare(self) -> None:
        connection = db.session.connection()
        known: set[str] = connection.info.setdefault(REMEMBERED, set())
        if self.name in known:
            return
        if len(known) >= MOST:
            connection.exec_driver_sql("DEALLOCATE ALL")
            known.clear()
        connection.exec_driver_sql(self._make, execution_options={"no_parameters": True})
        known.add(self.name)
