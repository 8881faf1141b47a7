"""Mapped days of accounts that rules go by: of the plan, of planning together, of what they expect."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("days", sa.JSON(), nullable=True))
