"""Extensions: trigram search, exclusion on plain columns, accents. All are trusted: the database's owner may make them."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None
EXTENSIONS = ("pg_trgm", "btree_gist", "unaccent")


def upgrade() -> None:
    for name in EXTENSIONS:
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {name}")


def downgrade() -> None:
    """The extensions stay: something else in the database may use them."""
