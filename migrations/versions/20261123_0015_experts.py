"""Full text over experience, saved searches."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

WORDS = r" || '~\:9'::tsvector || ".join(  # a gap, so that no phrase reaches from one field into the next
    f"setweight(to_tsvector('{language}'::regconfig, {field}), '{weight}')"
    for language in ("english", "german", "simple")
    for field, weight in (("title", "A"), ("organisation", "B"), ("coalesce(summary, '')", "C"))
)
WORDS = f"ts_delete({WORDS}, '~')"
TEXT = "lower((((organisation || ' ') || title) || ' ') || coalesce(summary, ''))"


def upgrade() -> None:
    op.add_column("experiences", sa.Column("words", postgresql.TSVECTOR(), sa.Computed(WORDS, persisted=True)))
    op.create_index("ix_experiences_words", "experiences", ["words"], postgresql_using="gin")
    op.execute(f"CREATE INDEX ix_experiences_text_trgm ON experiences USING gin (({TEXT}) gin_trgm_ops)")
    op.create_table(
        "saved_searches",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("query", postgresql.JSONB(), nullable=False),
        sa.Column("is_watched", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("checked_on", sa.Date()),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_saved_searches_user_id", ondelete="CASCADE"),
    )
    op.create_index("uq_saved_searches_name", "saved_searches", ["user_id", sa.text("lower(name)")], unique=True)
    op.create_index(
        "ix_saved_searches_watched", "saved_searches", ["user_id", "id"], postgresql_where=sa.text("is_watched")
    )
    op.create_table(
        "search_matches",
        sa.Column("search_id", sa.Integer(), primary_key=True),
        sa.Column("user_id", sa.Integer(), primary_key=True),
        sa.Column("found_on", sa.Date()),
        sa.ForeignKeyConstraint(
            ["search_id"], ["saved_searches.id"], name="fk_search_matches_search_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_search_matches_user_id", ondelete="CASCADE"),
    )
    op.create_index("ix_search_matches_user_id", "search_matches", ["user_id"])


def downgrade() -> None:
    op.drop_table("search_matches")
    op.drop_table("saved_searches")
    op.drop_index("ix_experiences_text_trgm", "experiences")
    op.drop_index("ix_experiences_words", "experiences")
    op.drop_column("experiences", "words")
