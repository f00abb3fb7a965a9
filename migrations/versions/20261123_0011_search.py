"""What search compares: keys and words of the names of skills, kept by the database itself."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = ("skills", "skill_aliases")
# Without accents, case and punctuation: "Façade" → facade, "Node.js" → node js, "C++" → c++. A plus or hash counts only
# at the end of a word. "ae" inside a word becomes "e", as American English writes it. Only functions that are immutable
# in themselves: unaccent() is not, and would tie a backup to the place of its dictionary.
LABEL_KEY = r"""
CREATE FUNCTION label_key(label text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
SELECT btrim(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
    translate(
        replace(replace(replace(
            lower(regexp_replace(normalize(label, NFKD), '[\u0300-\u036f''`\u2018\u2019]+', '', 'g')),
        'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'),
    'øłđı', 'oldi'),
    '&', ' and ', 'g'),
    '[\u0001-\u0022\u0024-\u002a\u002c-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u2000-\u206f\u3000-\u303f]+',
        ' ', 'g'),
    '(?<![^ ])[+#]+|[+#]+(?=[^ +#])', ' ', 'g'),
    '([a-z])ae', '\1e', 'g'),
    ' +', ' ', 'g'))
$$
"""
LABEL_WORDS = """
CREATE FUNCTION label_words(label text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
SELECT array_to_tsvector(string_to_array(key, ' ')) || strip(to_tsvector('pg_catalog.english', key))
FROM label_key(label) AS key
$$
"""


def upgrade() -> None:
    op.execute(LABEL_KEY)
    op.execute(LABEL_WORDS)
    for table in TABLES:
        key = sa.Column("search_key", sa.Text(), sa.Computed("label_key(name)", persisted=True), nullable=False)
        words = sa.Computed("label_words(name)", persisted=True)
        op.drop_index(f"ix_{table}_name_trgm", table)
        op.add_column(table, key)
        op.add_column(table, sa.Column("search_words", postgresql.TSVECTOR(), words, nullable=False))
        op.execute(f"CREATE INDEX ix_{table}_name_trgm ON {table} USING gin (search_key gin_trgm_ops)")
        op.execute(f"CREATE INDEX ix_{table}_name_joined ON {table} (replace(search_key, ' ', '') text_pattern_ops)")
        # A short list of pending entries: a query of many words is held against each of them.
        op.execute(
            f"CREATE INDEX ix_{table}_name_words ON {table} USING gin (search_words) WITH (gin_pending_list_limit = 64)"
        )


def downgrade() -> None:
    for table in TABLES:
        for index in ("words", "joined", "trgm"):
            op.drop_index(f"ix_{table}_name_{index}", table)
        op.drop_column(table, "search_words")
        op.drop_column(table, "search_key")
        op.execute(f"CREATE INDEX ix_{table}_name_trgm ON {table} USING gin (lower(name) gin_trgm_ops)")
    op.execute("DROP FUNCTION label_words(text)")
    op.execute("DROP FUNCTION label_key(text)")
