"""Up to when everything that the org stamped is committed, by its own word."""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.errors import RejectedError, TransientError
from connectors.salesforce.client import Client
from connectors.salesforce.values import moment

ASKED_OF = "Account"  # any object: the answer is about the whole instance
ASK_EVERY = timedelta(minutes=10)
WINDOW = timedelta(minutes=5)


class Commits:
    """`latestDateCovered` of the resource that lists updated records: the start of the oldest transaction that still
    runs. Rows may turn up with stamps from then on, and with none from before.

    One call serves every stream for ASK_EVERY of the CRM's time: an older answer is only more careful.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._asked_at: datetime | None = None
        self._covered: datetime | None = None

    def covered(self) -> datetime | None:
        """None where the org does not tell: then the look-back alone has to do.

        To be asked before the query that it is used for: a transaction that ends in between would be missed else.
        """
        now = self._client.server_now()
        if self._asked_at is None or now - self._asked_at > ASK_EVERY:
            self._asked_at, self._covered = now, self._ask(now)
        return self._covered

    def _ask(self, now: datetime) -> datetime | None:
        try:
            return moment(self._client.covered(ASKED_OF, now - WINDOW, now))
        except (RejectedError, TransientError):
            return None
