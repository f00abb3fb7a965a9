"""Let people be found by any part of their name, without accents, from an index.

`unaccent` may change with its rules and is therefore not immutable; ours says which rules it means, so that it is.
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

FOLDED = """
CREATE FUNCTION folded(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS
$$ SELECT lower({schema}.unaccent('{schema}.unaccent'::regdictionary, words)) $$
"""
SCHEMA = "SELECT extnamespace::regnamespace FROM pg_extension WHERE extname = 'unaccent'"
WORDS = {
    "ix_users_words": "folded(full_name || ' ' || coalesce(title, ''))",
    "ix_users_addresses": "folded(email || ' ' || coalesce(username, ''))",
}


def upgrade() -> None:
    schema = op.get_bind().exec_driver_sql(SCHEMA).scalar()
    op.execute(FOLDED.format(schema=schema))
    for name, words in WORDS.items():
        op.execute(f"CREATE INDEX {name} ON users USING gin ({words} gin_trgm_ops)")


def downgrade() -> None:
    for name in WORDS:
        op.execute(f"DROP INDEX {name}")
    op.execute("DROP FUNCTION folded(text)")
