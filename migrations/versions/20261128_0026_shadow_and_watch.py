"""Models that are scored beside the one that serves, and what watching a model's scores said."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("model_versions", sa.Column("watch", JSONB(), nullable=True))
    op.add_column("model_versions", sa.Column("watched_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "model_versions", sa.Column("is_alarmed", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.create_index(
        "uq_model_versions_shadow", "model_versions", ["name"], unique=True,
        postgresql_where=sa.text("state = 'shadow'"),
    )  # fmt: skip
    op.add_column("decisions", sa.Column("shadow", JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("decisions", "shadow")
    op.drop_index("uq_model_versions_shadow", "model_versions")
    for name in ("is_alarmed", "watched_at", "watch"):
        op.drop_column("model_versions", name)
