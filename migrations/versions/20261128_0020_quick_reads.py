"""An index that says who may be an expert without the rows themselves, and one of the few who are gone."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

KEYS = ["skill_id", sa.text("level DESC"), "user_id"]


def upgrade() -> None:
    included = ["last_confirmed_on", "interest", "is_shown"]
    op.create_index("ix_user_skills_worth", "user_skills", KEYS, postgresql_include=included)
    op.drop_index("ix_user_skills_skill_id_user_id", "user_skills")
    op.create_index("ix_users_gone", "users", ["id"], postgresql_where=sa.text("NOT is_active"))


def downgrade() -> None:
    op.drop_index("ix_users_gone", "users")
    op.create_index("ix_user_skills_skill_id_user_id", "user_skills", KEYS)
    op.drop_index("ix_user_skills_worth", "user_skills")
