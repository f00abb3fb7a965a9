"""Head-count targets, when people leave, composed teams, dismissed skills."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("leaves_on", sa.Date(), nullable=True))
    _create_targets()
    _create_team_plans()
    _create_dismissed_skills()


def _create_targets() -> None:
    op.create_table(
        "coverage_targets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("skill_id", sa.Integer(), nullable=True),
        sa.Column("qualification_type_id", sa.Integer(), nullable=True),
        sa.Column("level", sa.Integer(), server_default="1", nullable=False),
        sa.Column("heads", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(skill_id, qualification_type_id) = 1", name=op.f("ck_coverage_targets_one_of_two")
        ),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name=op.f("ck_coverage_targets_level")),
        sa.CheckConstraint(
            "level = 1 OR qualification_type_id IS NULL", name=op.f("ck_coverage_targets_qualification_level")
        ),
        sa.CheckConstraint("heads BETWEEN 1 AND 100000", name=op.f("ck_coverage_targets_heads")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_coverage_targets_team_id")),
        sa.ForeignKeyConstraint(["skill_id"], ["skills.id"], name=op.f("fk_coverage_targets_skill_id")),
        sa.ForeignKeyConstraint(
            ["qualification_type_id"],
            ["qualification_types.id"],
            name=op.f("fk_coverage_targets_qualification_type_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_targets")),
    )
    op.create_index(
        "uq_coverage_targets_one",
        "coverage_targets",
        [
            sa.text("coalesce(team_id, 0)"),
            sa.text("coalesce(skill_id, 0)"),
            sa.text("coalesce(qualification_type_id, 0)"),
            "level",
        ],
        unique=True,
    )
    for column in ("team_id", "skill_id", "qualification_type_id"):
        op.create_index(op.f(f"ix_coverage_targets_{column}"), "coverage_targets", [column])


def _create_team_plans() -> None:
    op.create_table(
        "team_plans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), server_default="queued", nullable=False),
        sa.Column("progress", sa.Float(), server_default="0", nullable=False),
        sa.Column("request", postgresql.JSONB(), nullable=False),
        sa.Column("result", postgresql.JSONB(), nullable=True),
        sa.Column("error", sa.String(length=300), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_team_plans_state")
        ),
        sa.CheckConstraint("progress BETWEEN 0 AND 1", name=op.f("ck_team_plans_progress")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_team_plans_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_plans")),
    )
    op.create_index(op.f("ix_team_plans_user_id"), "team_plans", ["user_id"])
    op.create_index(op.f("ix_team_plans_expires_at"), "team_plans", ["expires_at"])
    op.create_index(
        "ix_team_plans_open",
        "team_plans",
        ["created_at"],
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )


def _create_dismissed_skills() -> None:
    op.create_table(
        "dismissed_skills",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("skill_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_dismissed_skills_user_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["skill_id"], ["skills.id"], name=op.f("fk_dismissed_skills_skill_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "skill_id", name=op.f("pk_dismissed_skills")),
    )
    op.create_index(op.f("ix_dismissed_skills_skill_id"), "dismissed_skills", ["skill_id"])


def downgrade() -> None:
    op.drop_table("dismissed_skills")
    op.drop_table("team_plans")
    op.drop_table("coverage_targets")
    op.drop_column("users", "leaves_on")
