"""Alembic's entry: migrate the store over the connection that the engine hands in."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine
from sqlmodel import SQLModel

import sync.store.derived_tables
import sync.store.forgotten
import sync.store.ledger_tables
import sync.store.match_tables
import sync.store.tables  # noqa: F401 - fills the metadata that --autogenerate compares with

given = context.config.attributes.get("connection")
connection = given or create_engine(context.config.get_main_option("sqlalchemy.url") or "").connect()
context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
if given is None:
    connection.close()
