"""Let learning read people's acts from an index alone.

Locks the events while it builds; on a big table run it when nobody works.
"""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

NAME = "ix_interaction_events_user_id_occurred_at"
PAST_MAILS = "ix_interaction_events_past_mails"


def upgrade() -> None:
    op.drop_index(NAME, "interaction_events")
    op.create_index(NAME, "interaction_events", ["user_id", "occurred_at"], postgresql_include=["kind", "is_automated"])
    op.execute(
        f"CREATE INDEX {PAST_MAILS} ON interaction_events (user_id, occurred_at)"
        " WHERE kind = 'email_sent' AND (props IS NULL OR NOT props ? 'delivery_id')"
    )


def downgrade() -> None:
    op.drop_index(PAST_MAILS, "interaction_events")
    op.drop_index(NAME, "interaction_events")
    op.create_index(NAME, "interaction_events", ["user_id", "occurred_at"])
