"""What a change replaced, for the audit, and what the readers of our tasks answered.

Salesforce's stream of our tasks is pulled once more: answers that were given already stand in the CRM alone. HubSpot's
open tasks are read by id in every cycle anyway.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("crm_tasks", sa.Column("feedback", sa.String(), nullable=False, server_default=""))
    op.add_column("outbox", sa.Column("before", sa.JSON(), nullable=True))
    op.create_index("outbox_by_subject", "outbox", ["connection", "subject"])
    cursors = sa.table("cursors", sa.column("stream", sa.String()))
    op.execute(cursors.delete().where(cursors.c.stream == "our_tasks"))
