"""The table of where personal data lives is complete, and a table that it forgets is noticed."""

import pytest
from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table

import smartskill.models  # noqa: F401  every table
from smartskill.database import Base
from smartskill.privacy.services.places import PLACES, missing_places


def test_every_column_that_leads_to_a_person_has_a_line():
    assert missing_places(Base.metadata) == []


def test_every_line_is_about_a_column_that_exists():
    for place in PLACES:
        assert place.column in place.source.c, place
        assert set(place.hidden) <= set(place.source.c.keys()), place
        assert place.section is not None or place.because or place.through, place


def test_no_section_is_written_twice():
    sections = [place.section for place in PLACES if place.section]
    assert len(sections) == len(set(sections))


@pytest.mark.parametrize(
    ("column", "is_noticed"),
    [
        (Column("owner", Integer, ForeignKey("users.id", ondelete="CASCADE")), True),
        (Column("owner", Integer, ForeignKey("users.id")), True),
        (Column("experience", Integer, ForeignKey("experiences.id", ondelete="CASCADE")), True),
        (Column("user_id", Integer), True),
        (Column("email", String), True),
        (Column("skill", Integer, ForeignKey("skills.id", ondelete="CASCADE")), False),
    ],
)
def test_a_planted_table_is_noticed(column, is_noticed):
    metadata = MetaData()
    for table in Base.metadata.sorted_tables:
        table.to_metadata(metadata)
    Table("planted", metadata, Column("id", Integer, primary_key=True), column)
    assert missing_places(metadata) == ([f"planted.{column.name}"] if is_noticed else [])


def test_a_line_that_says_otherwise_than_the_database_is_noticed():
    metadata = MetaData()
    for table in Base.metadata.sorted_tables:
        table.to_metadata(metadata)
    [key] = metadata.tables["experiences"].c.user_id.foreign_keys
    key.ondelete = key.constraint.ondelete = "SET NULL"
    assert "experiences.user_id" in missing_places(metadata)
