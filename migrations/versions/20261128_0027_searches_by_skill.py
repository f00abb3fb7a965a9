"""Let it be read from an index which skills were looked for of late, and by how many."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

NAME = "ix_interaction_events_searches"
WHERE = "kind = 'search' AND subject_type = 'skill' AND subject_id IS NOT NULL AND NOT is_automated"


def upgrade() -> None:
    op.create_index(
        NAME, "interaction_events", ["subject_id", "occurred_at", "user_id"], postgresql_where=sa.text(WHERE)
    )


def downgrade() -> None:
    op.drop_index(NAME, "interaction_events")
