"""What came back about mails, the breaker that it may trip, and suppressions that were lifted."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bounces",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('hard', 'soft', 'complaint')", name=op.f("ck_bounces_kind")),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_bounces_delivery_id_deliveries"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bounces")),
        sa.UniqueConstraint("delivery_id", "kind", name=op.f("uq_bounces_delivery_id_kind")),
    )
    op.create_index(op.f("ix_bounces_received_at"), "bounces", ["received_at"])
    op.create_index(op.f("ix_deliveries_sent_at"), "deliveries", ["sent_at"])
    op.create_table(
        "mail_breaker",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("forgiven_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_mail_breaker_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_breaker")),
    )
    op.add_column("suppressions", sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("suppressions", sa.Column("lifted_because", sa.String(length=200), nullable=True))


def downgrade() -> None:
    op.drop_column("suppressions", "lifted_because")
    op.drop_column("suppressions", "lifted_at")
    op.drop_table("mail_breaker")
    op.drop_index(op.f("ix_deliveries_sent_at"), "deliveries")
    op.drop_table("bounces")
