"""Let who is below whom be read from the index alone: a manager's people are looked up with every search of theirs."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

NAME = "ix_users_manager_id"


def upgrade() -> None:
    op.drop_index(NAME, "users")
    op.create_index(NAME, "users", ["manager_id", "id"])


def downgrade() -> None:
    op.drop_index(NAME, "users")
    op.create_index(NAME, "users", ["manager_id"])
