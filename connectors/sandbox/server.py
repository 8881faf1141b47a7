"""One process, one port: both CRMs, their controls, and a company in them."""

from __future__ import annotations

import json
import logging
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import Receive, Scope, Send

from connectors.sandbox.company import Company
from connectors.sandbox.config_file import config_toml, write_secret
from connectors.sandbox.controls import Controls
from connectors.sandbox.crm import Clock, Crm
from connectors.sandbox.dataset import read_dataset
from connectors.sandbox.faults import Faults, read_faults
from connectors.sandbox.gate import Gate
from connectors.sandbox.hubspot_portal import HubspotPortal
from connectors.sandbox.journal import Journal
from connectors.sandbox.made_up import make_company
from connectors.sandbox.salesforce_org import SalesforceOrg
from connectors.sandbox.split import Split, divide
from connectors.sandbox.wire import CuttableProtocol

START = datetime(2026, 11, 2, 6, tzinfo=UTC)
KEY_FILE, TOKEN_FILE = "sandbox-salesforce.pem", "sandbox-hubspot.token"
_NO_LIMIT = 10**9
_GRACE_SECONDS = 10


class Sandbox:
    """Both CRMs, filled. It listens after `start_in_thread` or `serve_forever`.

    `company` is taken as it is where given; else `dataset` (a folder) is read, or a company of `accounts` made up from
    `seed`. Where `split`, that company lives in both CRMs, a part of it in each. `faults` is a name or a file. Raises
    ValueError for a bad dataset, for one that is to be split, or for bad faults.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int = 1,
        accounts: int = 200,
        touches_per_account: int = 40,
        clock: datetime = START,
        timezone: str = "Europe/Berlin",
        dataset: Path | None = None,
        faults: str | None = None,
        bare: bool = False,
        rate_limits: bool = True,
        company: Company | None = None,
        split: bool = False,
    ) -> None:
        if split and (dataset or company):
            raise ValueError("only a made-up company can be split: no dataset with --split")
        self._address = (host, port)
        self._seed, self._size = seed, (accounts, touches_per_account)
        self._start, self._timezone = clock, timezone
        self._dataset, self._given, self._rate_limits = dataset, company, rate_limits
        self.clock = Clock(clock)
        self.journal = Journal()
        self.faults = Faults(read_faults(faults) if faults else ())
        self.salesforce = SalesforceOrg(self.clock, bare=bare)
        self.hubspot = HubspotPortal(self.clock, bare=bare, rate_limits=rate_limits)
        if not rate_limits:
            self.salesforce.quota.most = _NO_LIMIT
        self.crms: Mapping[str, Crm] = {"salesforce": self.salesforce, "hubspot": self.hubspot}
        self.split: Split | None = None
        self.company = self._make_company()
        if split:
            self._part()
        self._fill()
        self._gate = Gate(self.crms, self.clock, self.journal, self.faults)
        self._controls = Controls(self).router()
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._secrets: Path | None = None

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application."""
        if scope["type"] != "http":
            return
        inside = self._controls if scope["path"].startswith("/_sandbox/") else self._gate
        await inside(scope, receive, send)

    @property
    def url(self) -> str:
        host, port = self._address
        return f"http://{host}:{port}"

    def reset(self, seed: int | None = None) -> None:
        """As freshly started, with the company of that seed where one is made up; journal and faults are empty."""
        self._seed = self._seed if seed is None else seed
        self.clock.set(self._start)
        self.company = self._make_company()
        if self.split:
            self._part()
        for crm in self.crms.values():
            crm.reset()
        self._fill()
        self.journal.clear()
        self.faults.replace(())

    def start_in_thread(self) -> str:
        """Listens when it returns, until `stop`; the base URL of both CRMs."""
        sock = self._listen()
        self._server = uvicorn.Server(self._config())
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [sock]}, daemon=True)
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.001)
        return self.url

    def stop(self) -> None:
        """Ends what `start_in_thread` began. Open connections are closed."""
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(_GRACE_SECONDS)
        self._server = self._thread = None

    def serve_forever(self, write_config: Path | None = None) -> None:
        """Prints its one line when it listens, the config written by then, and serves until interrupted."""
        sock = self._listen()
        if write_config:
            self.write_config(write_config)
        _Announcing(self._config(), json.dumps(self.credentials())).run(sockets=[sock])

    def credentials(self) -> dict[str, Any]:
        """How to connect to either CRM; the private key lies in a file that only its owner can read."""
        if self._secrets is None:
            self._secrets = Path(tempfile.mkdtemp(prefix="holdfast-sandbox-"))
            write_secret(self._secrets / KEY_FILE, self.salesforce.logins.private_key_pem)
        logins = self.salesforce.logins
        return {
            "url": self.url,
            "salesforce": {
                "base_url": self.url,
                "consumer_key": logins.consumer_key,
                "username": logins.username,
                "private_key_file": str(self._secrets / KEY_FILE),
                "client_id": logins.consumer_key,
                "client_secret": logins.client_secret,
            },
            "hubspot": {"base_url": self.url, "access_token": self.hubspot.access_token},
        }

    def write_config(self, path: Path) -> None:
        """A worker with this config reads both CRMs; the secrets stand in files beside it. Call it when it listens."""
        folder = path.resolve().parent
        folder.mkdir(parents=True, exist_ok=True)
        write_secret(folder / KEY_FILE, self.salesforce.logins.private_key_pem)
        write_secret(folder / TOKEN_FILE, self.hubspot.access_token.encode())
        self._secrets = folder
        text = config_toml(
            self.company,
            self.credentials(),
            timezone=self._timezone,
            key_file=KEY_FILE,
            token_file=TOKEN_FILE,
            made_up=self._dataset is None,
            rate_limits=self._rate_limits,
            split=self.split is not None,
        )
        path.write_text(text, "utf-8")

    def _make_company(self) -> Company:
        if self._given is not None:
            return self._given
        if self._dataset is not None:
            return read_dataset(self._dataset)
        return make_company(self._seed, *self._size, self._start, self._timezone)

    def _part(self) -> None:
        self.split = divide(self.company, self._seed, self._timezone)
        self.company = self.split.whole

    def _fill(self) -> None:
        # The clock stands at its start for either CRM, so that the same seed gives the same stamps.
        for name, crm in self.crms.items():
            self.clock.set(self._start)
            crm.load(self.split.half(name, self.salesforce.ids) if self.split else self.company)
        self.clock.set(self._start)

    def _listen(self) -> socket.socket:
        sock = socket.create_server(self._address)
        # asyncio sets it only on sockets whose protocol number says TCP, which this one's does not.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._address = (self._address[0], sock.getsockname()[1])
        return sock

    def _config(self) -> uvicorn.Config:
        return uvicorn.Config(
            self.app,
            http=CuttableProtocol,
            interface="asgi3",
            proxy_headers=False,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level=logging.WARNING,
            access_log=False,
            date_header=False,  # the CRM's clock, not the machine's
            server_header=False,
            timeout_graceful_shutdown=1,
        )


class _Announcing(uvicorn.Server):
    """Says that it listens, in one line on standard output."""

    def __init__(self, config: uvicorn.Config, line: str) -> None:
        super().__init__(config)
        self._line = line

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        sys.stdout.write(self._line + "\n")
        sys.stdout.flush()
