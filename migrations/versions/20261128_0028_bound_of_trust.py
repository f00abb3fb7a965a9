"""Keep what all raters of a level weigh together, in the index that experts are searched by.

A confidence is never more than that weight, faded by the age of the latest word: with one rater it is exactly that. So
a search reads the words of those only who can be on its page.
"""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

FUNCTION = """
CREATE FUNCTION total_weight(voices jsonb) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT coalesce(sum((voice ->> 0)::float), 0) FROM jsonb_array_elements(voices) voice $$
"""
COLUMN = "ADD COLUMN weight double precision NOT NULL GENERATED ALWAYS AS (total_weight(voices)) STORED"
INDEX = "CREATE INDEX ix_user_skills_worth ON user_skills (skill_id, level DESC, user_id) INCLUDE ({included})"
INCLUDED = "last_confirmed_on, interest, is_shown"


def upgrade() -> None:
    op.execute(FUNCTION)
    op.execute(f"ALTER TABLE user_skills {COLUMN}")
    op.execute("DROP INDEX ix_user_skills_worth")
    op.execute(INDEX.format(included=f"{INCLUDED}, weight"))


def downgrade() -> None:
    op.execute("DROP INDEX ix_user_skills_worth")
    op.execute(INDEX.format(included=INCLUDED))
    op.execute("ALTER TABLE user_skills DROP COLUMN weight")
    op.execute("DROP FUNCTION total_weight(jsonb)")
