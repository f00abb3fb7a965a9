"""Level scales, merges, labels in other languages."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NAMES = ["Beginner", "Elementary", "Intermediate", "Advanced", "Expert"]
WORDINGS = [
    "Knows what it is about; works under guidance.",
    "Does simple tasks; asks for help with the rest.",
    "Does the usual tasks alone.",
    "Solves hard cases and helps others.",
    "Is asked when nobody else knows; sets how it is done.",
]


def upgrade() -> None:
    _create_scales()
    _create_merges()
    op.create_index(op.f("ix_endorsements_skill_id"), "endorsements", ["skill_id"])
    op.add_column("skill_aliases", sa.Column("language", sa.String(length=10)))
    op.add_column("skill_origins", sa.Column("written", postgresql.JSONB()))
    op.add_column("skill_origins", sa.Column("dropped_at", sa.DateTime(timezone=True)))


def _create_scales() -> None:
    scales = op.create_table(
        "level_scales",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("level_names", sa.ARRAY(sa.String(length=60)), nullable=False),
        sa.Column("wordings", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("is_default", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "cardinality(level_names) = 5 AND cardinality(wordings) = 5", name=op.f("ck_level_scales_five_levels")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_level_scales")),
    )
    op.create_index("uq_level_scales_name", "level_scales", [sa.literal_column("lower(name)")], unique=True)
    op.create_index(
        "uq_level_scales_default", "level_scales", ["is_default"], unique=True, postgresql_where=sa.text("is_default")
    )
    usual = {"name": "Beginner to expert", "level_names": NAMES, "wordings": WORDINGS, "is_default": True}
    op.bulk_insert(scales, [usual])
    for table in ("skill_categories", "skills"):
        op.add_column(table, sa.Column("scale_id", sa.Integer()))
        op.create_foreign_key(op.f(f"fk_{table}_scale_id"), table, "level_scales", ["scale_id"], ["id"])
        op.create_index(op.f(f"ix_{table}_scale_id"), table, ["scale_id"])
    op.create_table(
        "skill_level_wordings",
        sa.Column("skill_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name=op.f("ck_skill_level_wordings_level")),
        sa.ForeignKeyConstraint(
            ["skill_id"], ["skills.id"], name=op.f("fk_skill_level_wordings_skill_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("skill_id", "level", name=op.f("pk_skill_level_wordings")),
    )


def _create_merges() -> None:
    op.create_table(
        "skill_merges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("skill_id", sa.Integer(), nullable=False),
        sa.Column("into_id", sa.Integer(), nullable=False),
        sa.Column("former_status", sa.String(length=20), nullable=False),
        sa.Column("report", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("merged_by_id", sa.Integer()),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by_id", sa.Integer()),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["skill_id"], ["skills.id"], name=op.f("fk_skill_merges_skill_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["into_id"], ["skills.id"], name=op.f("fk_skill_merges_into_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["merged_by_id"], ["users.id"], name=op.f("fk_skill_merges_merged_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["users.id"], name=op.f("fk_skill_merges_undone_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skill_merges")),
    )
    op.create_index(
        "uq_skill_merges_skill_id",
        "skill_merges",
        ["skill_id"],
        unique=True,
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.create_index(op.f("ix_skill_merges_into_id"), "skill_merges", ["into_id"])
    op.create_table(
        "skill_merge_rows",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("merge_id", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.String(length=63), nullable=False),
        sa.Column("act", sa.String(length=10), nullable=False),
        sa.Column("key", postgresql.JSONB(), nullable=False),
        sa.Column("kept", postgresql.JSONB()),
        sa.Column("user_id", sa.Integer()),
        sa.Column("author_id", sa.Integer()),
        sa.CheckConstraint("act IN ('moved', 'folded', 'changed', 'added')", name=op.f("ck_skill_merge_rows_act")),
        sa.ForeignKeyConstraint(
            ["merge_id"], ["skill_merges.id"], name=op.f("fk_skill_merge_rows_merge_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_skill_merge_rows_user_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_skill_merge_rows_author_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skill_merge_rows")),
    )
    op.create_index(op.f("ix_skill_merge_rows_merge_id_table_name"), "skill_merge_rows", ["merge_id", "table_name"])
    for column in ("user_id", "author_id"):
        op.create_index(
            op.f(f"ix_skill_merge_rows_{column}"),
            "skill_merge_rows",
            [column],
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )


def downgrade() -> None:
    op.execute("DELETE FROM skill_aliases WHERE language IS NOT NULL")  # nothing would tell them from the others
    op.drop_index(op.f("ix_endorsements_skill_id"), "endorsements")
    op.drop_column("skill_origins", "dropped_at")
    op.drop_column("skill_origins", "written")
    op.drop_column("skill_aliases", "language")
    op.drop_table("skill_merge_rows")
    op.drop_table("skill_merges")
    op.drop_table("skill_level_wordings")
    for table in ("skills", "skill_categories"):
        op.drop_column(table, "scale_id")
    op.drop_table("level_scales")
