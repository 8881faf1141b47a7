"""Which records of several connections are one, and what tells it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_COLUMNS = {
    "accounts": ("country", "native_id"),
    "contacts": ("native_id", "other_emails"),
    "deals": ("native_id",),
    "activities": ("uid",),
}


def upgrade() -> None:
    for table, names in _COLUMNS.items():
        for name in names:
            op.add_column(table, sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.create_table(
        "matches",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("home", sa.Boolean(), nullable=False),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("news", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "kind", "id"),
    )
    op.create_index("ix_matches_party", "matches", ["party"])
    op.create_table(
        "match_keys",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "level", "value", "connection", "id"),
        sqlite_with_rowid=False,
    )
    op.create_index("match_keys_by_record", "match_keys", ["connection", "kind", "id"])
    op.create_table(
        "match_questions",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("asks", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "kind", "id", "question"),
    )
    op.create_index("match_questions_by_digest", "match_questions", ["question"])
    op.create_table(
        "matched",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("cycle", sa.BigInteger(), nullable=False),
        sa.Column("news", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("connection"),
    )
