"""Who left, an account's type and mapped revenue, and what is worked out once and kept.

The streams of accounts and contacts are pulled once more: of the records already here only the CRM can tell the rest.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TOLD_MORE = ("accounts", "companies", "contacts", "account_contact_relations")


def upgrade() -> None:
    op.add_column("accounts", sa.Column("revenue", sa.Float(), nullable=True))
    op.add_column("accounts", sa.Column("type", sa.String(), nullable=False, server_default=""))
    for table in ("contacts", "contact_roles"):
        op.add_column(table, sa.Column("left_on", sa.Date(), nullable=True))
        op.add_column(table, sa.Column("left_why", sa.String(), nullable=False, server_default=""))
    cursors = sa.table("cursors", sa.column("stream", sa.String()))
    op.execute(cursors.delete().where(cursors.c.stream.in_(_TOLD_MORE)))

    op.create_index("snapshots_by_owner", "snapshots", ["connection", "account_id", "owner_id", "day"])
    op.create_index("activities_by_end", "activities", ["connection", "ends_at"])
    op.create_table(
        "touch_packs",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.Column("deals", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "account_id"),
    )
    op.create_table(
        "evaluations",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("basis", sa.LargeBinary(), nullable=False),
        sa.Column("standing", sa.LargeBinary(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "account_id"),
    )
    op.create_table(
        "evaluated",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("cutoff", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("connection"),
    )
    op.create_table(
        "last_logged",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "kind", "target"),
    )
