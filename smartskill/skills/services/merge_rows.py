"""Taking the rows of one table from a skill to another and back, written down row by row so that it can be undone.

All of it is a few statements per table however many rows there are. Names in these statements come from the tables'
own definitions, values are bound. A row that would repeat one that the other skill has is folded: kept whole in the
log, deleted, and the row that stays may take something over from it.
"""

# ruff: noqa: S608  every name comes from the tables' own definitions
import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, PrimaryKeyConstraint, Table, UniqueConstraint, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import CompileError

from smartskill.extensions import db
from smartskill.skills.services.references import Known, Reference

OF_TABLE = "r.merge_id = :merge_id AND r.table_name = :table_name"
LOG = f"skill_merge_rows r WHERE {OF_TABLE} AND r.act"
INTO = "(r.kept->'into')"  # the key of the row that another was folded into
HEAD = "INSERT INTO skill_merge_rows (merge_id, table_name, act, key, kept, user_id, author_id)"


def take_rows(reference: Reference, merge_id: int, skill_id: int, into_id: int) -> dict[str, int]:
    """Give the rows of `skill_id` to `into_id`; returns how many were `moved` and how many `folded`."""
    run = _Runner(reference, merge_id, skill_id, into_id)
    run.touch_parents()
    folded = run.fold()
    return {"moved": run.move(), "folded": folded}


def give_rows_back(reference: Reference, merge_id: int, skill_id: int, into_id: int) -> None:
    """Undo `take_rows`: rows made since stay where they are; a folded row returns unless what it went into is gone."""
    run = _Runner(reference, merge_id, skill_id, into_id)
    run.move_back()
    run.part_wishes()
    run.unfold()
    run.unchange()
    run.touch_parents()


class _Runner:
    def __init__(self, reference: Reference, merge_id: int, skill_id: int, into_id: int) -> None:
        self.table, self.column, self.known = reference.table, reference.column, reference.known
        self.facts = {
            "merge_id": merge_id,
            "table_name": self.table.name,
            "skill_id": skill_id,
            "into_id": into_id,
        }

    def run(self, statement: str, **more: Any) -> int:
        return db.session.execute(text(statement), {**self.facts, **more}).rowcount  # type: ignore[attr-defined]

    @property
    def keys(self) -> list[Column]:
        """What tells the rows of one skill apart."""
        return [column for column in self.table.primary_key if column is not self.column]

    def key(self, alias: str, prefix: str = "") -> str:
        """A row's key as JSON."""
        return "jsonb_build_object(" + ", ".join(f"'{c.name}', {alias}.{prefix}{c.name}" for c in self.keys) + ")"

    def matches(self, alias: str, key: str) -> str:
        """The condition that a row has a key in the log."""
        return " AND ".join(f"{alias}.{c.name} = ({key}->>'{c.name}')::{_type(c)}" for c in self.keys)

    def touch_parents(self) -> None:
        """Raise the version of rows that show these as a part of themselves: their ETag has to say so."""
        for key, parent in _parents(self.table, self.column):
            self.run(
                f"UPDATE {parent.name} SET version = version + 1, updated_at = now() WHERE {key.column.name} IN "
                f"(SELECT {key.parent.name} FROM {self.table.name} WHERE {self.column.name} = :skill_id)"
            )

    def fold(self) -> int:
        table, pairs = self.table.name, self.pairs()
        if pairs is None:
            return 0
        user, author = _people(self.table)
        folded = self.run(
            f"{HEAD} SELECT :merge_id, :table_name, 'folded', {self.key('t')}, jsonb_build_object('row', to_jsonb(t), "
            f"'into', {self.key('p', 'into_')}), {user}, {author} FROM {table} t JOIN ({pairs}) p ON "
            + " AND ".join(f"t.{c.name} = p.{c.name}" for c in self.keys)
            + f" WHERE t.{self.column.name} = :skill_id"
        )
        if folded:
            self.change()
            self.run(
                f"DELETE FROM {table} t USING {LOG} = 'folded' AND {self.matches('t', 'r.key')} "
                f"AND t.{self.column.name} = :skill_id"
            )
        return folded

    def change(self) -> None:
        """Let the rows that stay take over what the known way of folding says."""
        table, made = self.table.name, _made_of_both(self.known)
        if not made:
            return
        former = "jsonb_build_object(" + ", ".join(f"'{name}', w.{name}" for name in made) + ")"
        new = "jsonb_build_object(" + ", ".join(f"'{name}', {value}" for name, value in made.items()) + ")"
        self.run(
            f"{HEAD} SELECT r.merge_id, r.table_name, 'changed', r.kept->'into', "
            f"jsonb_build_object('former', {former}, 'set', {new}), r.user_id, r.author_id FROM skill_merge_rows r "
            f"JOIN {table} w ON {self.matches('w', INTO)} "
            f"AND w.{self.column.name} = :into_id "
            f"CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, r.kept->'row') l "
            f"WHERE {OF_TABLE} AND r.act = 'folded' AND {former} <> {new}"
        )
        self.set_columns({name: f"s.{name}" for name in made}, "set")

    def set_columns(self, values: dict[str, str], which: str) -> None:
        table = self.table.name
        sets = ", ".join([f"{name} = {value}" for name, value in values.items()] + _touched(self.table, "w"))
        self.run(
            f"UPDATE {table} w SET {sets} FROM skill_merge_rows r "
            f"CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, r.kept->'{which}') s "
            f"CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, r.kept->'set') n "
            f"WHERE {OF_TABLE} AND r.act = 'changed' "
            f"AND {self.matches('w', 'r.key')} AND w.{self.column.name} = :into_id"
        )

    def move(self) -> int:
        table, column = self.table.name, self.column.name
        kept, user = "NULL::jsonb", "NULL::integer"
        if made := _wishes(self.known):  # what its owner may change while it is away, to tell that from what it was
            kept = "jsonb_build_object(" + ", ".join(f"'{name}', t.{name}" for name in made) + ")"
            user = _people(self.table)[0]
        self.run(
            f"{HEAD} SELECT :merge_id, :table_name, 'moved', {self.key('t')}, {kept}, {user}, NULL::integer "
            f"FROM {table} t WHERE t.{column} = :skill_id"
        )
        sets = ", ".join([f"{column} = :into_id", *_touched(self.table, "t")])
        return self.run(f"UPDATE {table} t SET {sets} WHERE t.{column} = :skill_id")

    def move_back(self) -> None:
        """A row stays if the skill got one since that says the same."""
        table, column = self.table.name, self.column.name
        sets = ", ".join([f"{column} = :skill_id", *_touched(self.table, "t")])
        pairs = self.pairs(is_back=True)
        free = f" AND NOT EXISTS (SELECT 1 FROM ({pairs}) p WHERE {self.matches('p', 'r.key')})" if pairs else ""
        self.run(
            f"UPDATE {table} t SET {sets} FROM {LOG} = 'moved' AND {self.matches('t', 'r.key')} "
            f"AND t.{column} = :into_id{free}"
        )

    def part_wishes(self) -> None:
        """What the owner wished for while a row was away stays there, in a row of its own; the row is as it was."""
        wishes = _wishes(self.known)
        if not wishes:
            return
        table, column = self.table.name, self.column.name
        names, values = ", ".join(wishes), ", ".join(f"t.{name}" for name in wishes)
        present = "jsonb_build_object(" + ", ".join(f"'{name}', t.{name}" for name in wishes) + ")"
        differs = f"r.kept <> {present} AND {self.matches('t', 'r.key')} AND t.{column} = :skill_id"
        self.run(
            f"INSERT INTO {table} (user_id, {column}, {names}) SELECT t.user_id, :into_id, {values} "
            f"FROM {table} t, {LOG} = 'moved' AND {differs} ON CONFLICT DO NOTHING"
        )
        sets = ", ".join([f"{name} = s.{name}" for name in wishes] + _touched(self.table, "t"))
        self.run(
            f"UPDATE {table} t SET {sets} FROM skill_merge_rows r "
            f"CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, r.kept) s WHERE {OF_TABLE} AND r.act = 'moved' "
            f"AND {differs}"
        )

    def unfold(self) -> None:
        table = self.table.name
        columns = [column for column in self.table.columns if column.computed is None]
        values = ", ".join(_restored(column) for column in columns)
        there = [
            f"(s.{column.name} IS NULL OR {_target(key, column)} IS NOT NULL)"
            for column in columns
            for key in column.foreign_keys
            if key.ondelete != "SET NULL"
        ]
        self.run(
            f"INSERT INTO {table} ({', '.join(column.name for column in columns)}) SELECT {values} "
            f"FROM skill_merge_rows r CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, r.kept->'row') s "
            f"JOIN {table} w ON {self.matches('w', INTO)} "
            f"AND w.{self.column.name} = :into_id "
            f"WHERE {OF_TABLE} AND r.act = 'folded' AND {' AND '.join(there)} "
            "ON CONFLICT DO NOTHING"
        )

    def unchange(self) -> None:
        """What was changed again since stays so."""
        names = _made_of_both(self.known)
        if names:
            kept = {n: f"CASE WHEN w.{n} IS NOT DISTINCT FROM n.{n} THEN s.{n} ELSE w.{n} END" for n in names}
            self.set_columns(kept, "former")

    def pairs(self, *, is_back: bool = False) -> str | None:
        """Which rows of the one skill would repeat which of the other: keys, and keys with `into_` before them."""
        leaving, staying = ("into_id", "skill_id") if is_back else ("skill_id", "into_id")
        keys = [column.name for column in self.keys]
        joins = []
        for expressions, condition in unique_sets(self.table, self.column):
            values = ", ".join(f"{expression} AS value_{n}" for n, expression in enumerate(expressions))
            moved = ", ".join(
                f":{staying} AS {c.name}" if c is self.column else c.name for c in self.table.columns
            )  # as it would be there
            side = f"SELECT {', '.join(keys)}, {values} FROM"
            table, column = self.table.name, self.column.name
            one = f"{side} (SELECT {moved} FROM {table} WHERE {column} = :{leaving}) {table}"
            other = f"{side} {table} WHERE {column} = :{staying}"
            if condition:
                one, other = f"{one} WHERE {condition}", f"{other} AND ({condition})"
            same = " AND ".join(f"a.value_{n} = b.value_{n}" for n in range(len(expressions)))
            named = ", ".join([f"a.{key}" for key in keys] + [f"b.{key} AS into_{key}" for key in keys])
            joins.append(f"SELECT {named} FROM ({one}) a JOIN ({other}) b ON {same}")
        if not joins:
            return None
        listed = ", ".join(keys)
        into = ", ".join(f"into_{key}" for key in keys)
        return f"SELECT DISTINCT ON ({listed}) * FROM ({' UNION ALL '.join(joins)}) found ORDER BY {listed}, {into}"


def unique_sets(table: Table, column: Column) -> list[tuple[list[str], str | None]]:
    """What must be unique and depends on a column: SQL expressions over the bare table, and the index's condition."""
    found: list[tuple[Sequence[Any], Any]] = [
        (list(constraint.columns), None)
        for constraint in table.constraints
        if isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint)
    ]
    found += [
        (list(index.expressions), index.dialect_options["postgresql"].get("where"))
        for index in table.indexes
        if isinstance(index, Index) and index.unique
    ]
    sets = [([_sql(part) for part in parts], _sql(where) if where is not None else None) for parts, where in found]
    word = re.compile(rf"\b{column.name}\b")
    return [(parts, where) for parts, where in sets if word.search(" ".join([*parts, where or ""]))]


def _sql(expression: Any) -> str:
    try:
        return str(expression.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}))
    except CompileError as error:
        raise TypeError(f"{expression} cannot be said in SQL by itself.") from error


def _type(column: Column) -> str:
    return column.type.compile(dialect=postgresql.dialect())


def _touched(table: Table, alias: str) -> list[str]:
    """What an update of a row also sets."""
    sets = [f"version = {alias}.version + 1"] if "version" in table.c else []
    return [*sets, "updated_at = now()"] if "updated_at" in table.c else sets


def _parents(table: Table, column: Column) -> list[tuple[ForeignKey, Table]]:
    """The versioned rows, other than people, that a row is a part of."""
    keys = [key for key in table.foreign_keys if key.parent is not column and key.ondelete == "CASCADE"]
    return [
        (key, key.column.table)
        for key in keys
        if "version" in key.column.table.c and key.column.table.name not in ("users", "skills")
    ]


def _people(table: Table) -> tuple[str, str]:
    """Whose a row is, and who else made it: people with whom it goes."""
    names = [
        key.parent.name for key in table.foreign_keys if key.column.table.name == "users" and key.ondelete == "CASCADE"
    ]
    user = "t.user_id" if "user_id" in names else "NULL::integer"
    author = next((f"t.{name}" for name in sorted(names) if name != "user_id"), "NULL::integer")
    return user, author


def _wishes(known: Known) -> list[str]:
    return [*known.first, *known.both]


def _made_of_both(known: Known) -> dict[str, str]:
    """Each column that a row that stays (w) makes of itself and the folded one (l)."""
    made = {name: f"greatest(w.{name}, l.{name})" for name in known.greatest}
    made |= {name: f"(w.{name} OR l.{name})" for name in known.either}
    made |= {name: f"(w.{name} AND l.{name})" for name in known.both}
    return made | {name: f"coalesce(w.{name}, l.{name})" for name in known.first}


def _restored(column: Column) -> str:
    """A kept value; one that led to somebody who is gone since leads nowhere."""
    unlinked = [key for key in column.foreign_keys if key.ondelete == "SET NULL"]
    return _target(unlinked[0], column) if unlinked else f"s.{column.name}"


def _target(key: ForeignKey, column: Column) -> str:
    """What a kept key still leads to."""
    name, table = key.column.name, key.column.table.name
    return f"(SELECT x.{name} FROM {table} x WHERE x.{name} = s.{column.name})"
