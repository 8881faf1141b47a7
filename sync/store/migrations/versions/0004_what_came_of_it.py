"""When findings ended, what waits for room, and which notices were given.

Of findings that ended before this, the last ending is known and taken over; earlier ones were not kept.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "finding_spans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_as", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("finding_spans_by_account", "finding_spans", ["connection", "account_id"])
    op.create_table(
        "held_back",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("account_name", sa.String(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("assignee_id", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("queue_length", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("held_back_by_account", "held_back", ["connection", "account_id"])
    op.create_table(
        "notices",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    _take_over_endings()


def _take_over_endings() -> None:
    names = ("connection", "account_id", "rule")
    f = sa.table("findings", *map(sa.column, (*names, "open", "severity", "raised_at", "not_raised_since")))
    v = sa.table("verdicts", *map(sa.column, (*names, "verdict")))
    spans = sa.table("finding_spans", *map(sa.column, (*names, "severity", "raised_at", "ended_at", "ended_as")))
    same = sa.and_(*(f.c[name] == v.c[name] for name in names))
    ended = (
        sa.select(*(f.c[name] for name in names), f.c.severity, f.c.raised_at, f.c.not_raised_since, v.c.verdict)
        .join(v, same)
        .where(sa.not_(sa.cast(f.c.open, sa.Boolean())), f.c.not_raised_since.is_not(None), v.c.verdict != "raised")
    )
    op.execute(spans.insert().from_select([column.name for column in spans.c], ended))
