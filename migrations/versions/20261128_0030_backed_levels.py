"""Let be found by skill whose level may be fresh, and whose is going to change."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_user_skills_backed",
        "user_skills",
        ["skill_id", sa.text("level DESC"), "user_id"],
        postgresql_where=sa.text("level IS NOT NULL AND weight >= 0.5"),
    )
    op.create_index(
        "ix_user_skills_changes",
        "user_skills",
        ["skill_id", "next_change_on"],
        postgresql_include=["user_id", "level"],
        postgresql_where=sa.text("next_change_on IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_user_skills_changes", "user_skills")
    op.drop_index("ix_user_skills_backed", "user_skills")
