"""Departments of ours, absences of theirs, who else bids for a deal, and how often an account wants to hear from us."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("department", sa.String(), nullable=False, server_default=""))
    op.add_column("accounts", sa.Column("contact_every_days", sa.Integer(), nullable=True))
    op.add_column("contacts", sa.Column("back_on", sa.Date(), nullable=True))
    op.add_column("deals", sa.Column("competitor", sa.String(), nullable=True))
