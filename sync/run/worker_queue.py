"""The queue between workers: Procrastinate, used for nothing but to wake up one worker per job.

A job is a hint that a beat of a connection is due; the row in `sync.store.leases` decides whether it is, and who does
it. So nothing rests on what Procrastinate is known to do badly: no `lock`, no `queueing_lock`, no periodic task, no
retry, and a job that is lost or comes twice does no harm. Its tables stand in a schema named after its version: a newer
one begins with an empty queue instead of a migration.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from importlib.metadata import version

import procrastinate
import psycopg
import psycopg_pool
from procrastinate.jobs import DeleteJobCondition, Status
from procrastinate.schema import SchemaManager
from sqlalchemy import Engine

from sync.store.leases import Key
from sync.store.queue_schema import make_schema

#: What a database that is away, or a queue that is closed meanwhile, raises.
QUEUE_ERRORS = (procrastinate.exceptions.ProcrastinateException, psycopg.Error, psycopg_pool.PoolTimeout, OSError)
_QUEUE, _TASK = "holdfast", "work"
_POLL_SECONDS = 5.0  # for a notification that was lost
_OLD_HOURS = 24


class Queue:
    """`do` is called with beat and connection, in a thread, for every job that this process takes."""

    def __init__(self, engine: Engine, do: Callable[[str, str], None]) -> None:
        self._engine, self._do = engine, do
        self._schema = f"holdfast_queue_{version('procrastinate').replace('.', '_')}"
        self._app = self._new_app()
        self.is_open = asyncio.Event()

    def make(self) -> None:
        """The queue's tables are there."""
        make_schema(self._engine, self._schema, SchemaManager.get_schema())

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Connected to the database, until the end of the block. Raises QUEUE_ERRORS."""
        self._app = self._new_app()  # a pool cannot be opened twice
        async with self._app.open_async():
            self.is_open.set()
            try:
                yield
            finally:
                self.is_open.clear()

    async def put(self, keys: Iterable[Key]) -> None:
        """Wake up a worker for each. Raises QUEUE_ERRORS."""
        for beat, connection in keys:
            await self._app.configure_task(_TASK, queue=_QUEUE).defer_async(beat=beat, connection=connection)

    async def work(self, concurrency: int) -> None:
        """Take jobs until cancelled, so many at once; then those that run are waited for.

        Ends or raises QUEUE_ERRORS where the database is away.
        """
        await self._app.run_worker_async(
            queues=[_QUEUE],
            concurrency=concurrency,
            install_signal_handlers=False,
            fetch_job_polling_interval=_POLL_SECONDS,
            delete_jobs=DeleteJobCondition.ALWAYS,
        )

    async def purge(self) -> None:
        """Jobs of dead workers, and whatever else is over and still there, are gone. Raises QUEUE_ERRORS."""
        manager = self._app.job_manager
        for job in await manager.get_stalled_jobs(queue=_QUEUE):
            await manager.finish_job(job, Status.FAILED, delete_job=True)
        everything = dict.fromkeys(("include_failed", "include_cancelled", "include_aborted"), True)
        await manager.delete_old_jobs(nb_hours=_OLD_HOURS, queue=_QUEUE, **everything)

    def _new_app(self) -> procrastinate.App:
        url = self._engine.url.set(drivername="postgresql").update_query_dict({"application_name": "holdfast queue"})
        options = f"{url.query.get('options', '')} -c search_path={self._schema}"
        connector = procrastinate.PsycopgConnector(
            conninfo=url.render_as_string(hide_password=False), kwargs={"options": options}, min_size=1, max_size=4
        )
        app = procrastinate.App(connector=connector)
        app.task(name=_TASK, queue=_QUEUE)(self._work)
        return app

    async def _work(self, beat: str, connection: str) -> None:
        await asyncio.to_thread(self._do, beat, connection)
