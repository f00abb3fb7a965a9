"""How far a window of mails has come, and what receiving domains may still be sent."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wire_traces",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("delivery_ids", ARRAY(sa.Integer()), nullable=False),
        sa.Column("step", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wire_traces")),
        prefixes=["UNLOGGED"],
    )
    op.create_table(
        "domain_budgets",
        sa.Column("domain", sa.String(length=254), nullable=False),
        sa.Column("left", sa.Float(), nullable=False),
        sa.Column("filled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deferred_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("domain", name=op.f("pk_domain_budgets")),
    )


def downgrade() -> None:
    op.drop_table("domain_budgets")
    op.drop_table("wire_traces")
