"""The tables of the queue between workers, in a PostgreSQL schema beside the store's own."""

from __future__ import annotations

from sqlalchemy import Engine, inspect, text

from sync.store.engine import CYCLES_LOCK


def make_schema(engine: Engine, name: str, statements: str) -> None:
    """The schema is there, made by these statements where it was not; of workers that start at once one makes it."""
    with engine.begin() as db:
        db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CYCLES_LOCK + 1})
        if name in inspect(db).get_schema_names():
            return
        quoted = db.dialect.identifier_preparer.quote(name)
        db.exec_driver_sql(f"CREATE SCHEMA {quoted}")
        db.exec_driver_sql(f"SET LOCAL search_path TO {quoted}")
        # By the driver's own cursor, which takes them as they are: many statements, with percent signs in them.
        cursor = db.connection.cursor()
        cursor.execute(statements)
        cursor.close()
