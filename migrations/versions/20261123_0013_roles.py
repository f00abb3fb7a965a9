"""Role profiles, who has which, exemptions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ONE_TARGET = "num_nonnulls(skill_id, qualification_type_id) = 1"


def upgrade() -> None:
    _create_profiles()
    _create_requirements()
    _create_assignments()
    _create_exemptions()


def _create_profiles() -> None:
    op.create_table(
        "role_profiles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=20), server_default="active", nullable=False),
        sa.Column("external_uri", sa.String(length=300), nullable=True),
        sa.Column("source", sa.String(length=20), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("status IN ('active', 'template', 'retired')", name=op.f("ck_role_profiles_status")),
        sa.ForeignKeyConstraint(["source"], ["skill_sources.key"], name=op.f("fk_role_profiles_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_profiles")),
    )
    op.create_index(
        "uq_role_profiles_name",
        "role_profiles",
        [sa.literal_column("lower(name)")],
        unique=True,
        postgresql_where=sa.text("status <> 'template'"),
    )
    op.create_index(
        "uq_role_profiles_external_uri",
        "role_profiles",
        ["external_uri"],
        unique=True,
        postgresql_where=sa.text("status = 'template'"),
    )
    op.create_index(
        "ix_role_profiles_name_trgm",
        "role_profiles",
        [sa.literal_column("lower(name)").label("lower_name")],
        postgresql_using="gin",
        postgresql_ops={"lower_name": "gin_trgm_ops"},
    )
    op.create_index(op.f("ix_role_profiles_status_name_id"), "role_profiles", ["status", "name", "id"])
    op.create_index(op.f("ix_role_profiles_source"), "role_profiles", ["source"])


def _create_requirements() -> None:
    op.create_table(
        "role_requirements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.Column("skill_id", sa.Integer(), nullable=True),
        sa.Column("qualification_type_id", sa.Integer(), nullable=True),
        sa.Column("level", sa.Integer(), server_default="1", nullable=False),
        sa.Column("weight", sa.Float(), server_default="1", nullable=False),
        sa.Column("must", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(ONE_TARGET, name=op.f("ck_role_requirements_one_target")),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name=op.f("ck_role_requirements_level")),
        sa.CheckConstraint(
            "level = 1 OR qualification_type_id IS NULL", name=op.f("ck_role_requirements_qualification_level")
        ),
        sa.CheckConstraint("weight > 0 AND weight <= 100", name=op.f("ck_role_requirements_weight")),
        sa.ForeignKeyConstraint(
            ["role_id"], ["role_profiles.id"], name=op.f("fk_role_requirements_role_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["skill_id"], ["skills.id"], name=op.f("fk_role_requirements_skill_id")),
        sa.ForeignKeyConstraint(
            ["qualification_type_id"],
            ["qualification_types.id"],
            name=op.f("fk_role_requirements_qualification_type_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_requirements")),
        sa.UniqueConstraint("role_id", "skill_id", name=op.f("uq_role_requirements_role_id_skill_id")),
        sa.UniqueConstraint(
            "role_id", "qualification_type_id", name=op.f("uq_role_requirements_role_id_qualification_type_id")
        ),
    )
    op.create_index(op.f("ix_role_requirements_skill_id"), "role_requirements", ["skill_id"])
    op.create_index(op.f("ix_role_requirements_qualification_type_id"), "role_requirements", ["qualification_type_id"])


def _create_assignments() -> None:
    op.create_table(
        "role_assignments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("user_id"), "="),
            (sa.column("role_id"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="ex_role_assignments_valid",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_role_assignments_user_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["role_id"], ["role_profiles.id"], name=op.f("fk_role_assignments_role_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_assignments")),
    )
    op.create_index(op.f("ix_role_assignments_role_id"), "role_assignments", ["role_id"])


def _create_exemptions() -> None:
    op.create_table(
        "exemptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("skill_id", sa.Integer(), nullable=True),
        sa.Column("qualification_type_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("granted_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(ONE_TARGET, name=op.f("ck_exemptions_one_target")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_exemptions_period")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_exemptions_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["skill_id"], ["skills.id"], name=op.f("fk_exemptions_skill_id")),
        sa.ForeignKeyConstraint(
            ["qualification_type_id"], ["qualification_types.id"], name=op.f("fk_exemptions_qualification_type_id")
        ),
        sa.ForeignKeyConstraint(
            ["granted_by_id"], ["users.id"], name=op.f("fk_exemptions_granted_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exemptions")),
    )
    for column in ("user_id", "skill_id", "qualification_type_id", "granted_by_id"):
        op.create_index(op.f(f"ix_exemptions_{column}"), "exemptions", [column])


def downgrade() -> None:
    op.drop_table("exemptions")
    op.drop_table("role_assignments")
    op.drop_table("role_requirements")
    op.drop_table("role_profiles")
