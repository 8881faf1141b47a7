"""Mapped days of outcomes, and HubSpot's deals once more: an open one has no closing day any longer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("outcomes", sa.JSON(), nullable=True))
    cursors = sa.table("cursors", sa.column("stream", sa.String()))
    op.execute(cursors.delete().where(cursors.c.stream == "deals"))
