"""What trusting a level needs: since when a certificate waits for its review, a new renewal after one was turned down,
and the oldest levels first.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

LIVE = sa.text("review_state NOT IN ('rejected', 'revoked')")
SUBMITTED = sa.text("review_state = 'submitted'")


def upgrade() -> None:
    op.add_column("qualifications", sa.Column("submitted_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE qualifications SET submitted_at = updated_at WHERE review_state = 'submitted'")
    op.create_check_constraint(
        "submitted_whole", "qualifications", "review_state <> 'submitted' OR submitted_at IS NOT NULL"
    )
    op.create_index("ix_qualifications_submitted_at", "qualifications", ["submitted_at"], postgresql_where=SUBMITTED)
    op.drop_index("uq_qualifications_renews_id", "qualifications")
    op.create_index("uq_qualifications_renews_id", "qualifications", ["renews_id"], unique=True, postgresql_where=LIVE)
    op.create_index("ix_user_skills_last_confirmed_on", "user_skills", ["last_confirmed_on", "user_id", "skill_id"])


def downgrade() -> None:
    op.drop_index("ix_user_skills_last_confirmed_on", "user_skills")
    # Of several renewals of one, that were turned down but for one, the others renew nothing: then there was one only.
    op.execute(
        "UPDATE qualifications SET renews_id = NULL WHERE id IN (SELECT id FROM (SELECT id, row_number() OVER ("
        "PARTITION BY renews_id ORDER BY review_state IN ('rejected', 'revoked'), id DESC) AS place "
        "FROM qualifications WHERE renews_id IS NOT NULL) AS numbered WHERE place > 1)"
    )
    op.drop_index("uq_qualifications_renews_id", "qualifications")
    op.create_index("uq_qualifications_renews_id", "qualifications", ["renews_id"], unique=True)
    op.drop_index("ix_qualifications_submitted_at", "qualifications")
    op.drop_column("qualifications", "submitted_at")
