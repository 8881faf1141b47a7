"""The bearer token of every call: one that was given, or OAuth's, which is renewed before its half hour ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from pydantic import SecretStr

from connectors.errors import AuthError, ConnectorError, RejectedError, TransientError
from connectors.hubspot.settings import HubspotSettings
from connectors.hubspot.values import Json

MARGIN_SECONDS = 60.0  # a token is renewed so long before it ends


class Login:
    """One token for all threads. Whoever first finds that it ends renews it, the others wait for that one answer."""

    def __init__(
        self,
        name: str,
        settings: HubspotSettings,
        *,
        clock: Callable[[], float],
        renew: Callable[[Mapping[str, str]], Json],
    ) -> None:
        self._name = name
        self._settings = settings
        self._clock = clock
        self._renew = renew  # sends the form of the refresh grant and returns the reply
        self.renewable = settings.auth == "oauth"
        self._token = secret(settings.access_token)
        self._until = float("-inf") if self.renewable else float("inf")
        self._lock = threading.Lock()
        self._renewals = 0
        self._failure: ConnectorError | None = None

    def token(self) -> str:
        """A token that is good now. Raises what the renewal raised, also to those who waited for it."""
        seen = self._renewals
        if self._clock() < self._until:
            return self._token
        with self._lock:
            if self._clock() < self._until:
                return self._token
            if self._failure and self._renewals != seen:
                raise self._failure
            self._failure = None
            try:
                self._log_in()
            except ConnectorError as error:
                self._failure = error
                raise
            finally:
                # Counted at its end: whoever came while it was under way has waited for it.
                self._renewals += 1
        return self._token

    def void(self, token: str) -> None:
        """That token was refused before its time; by now another thread may have renewed it."""
        with self._lock:
            if token == self._token:
                self._until = float("-inf")

    def _log_in(self) -> None:
        form = {
            "grant_type": "refresh_token",
            "client_id": self._settings.client_id,
            "client_secret": secret(self._settings.client_secret),
            "refresh_token": secret(self._settings.refresh_token),
        }
        began = self._clock()
        try:
            reply = self._renew(form)
            token, seconds = str(reply["access_token"]), float(reply.get("expires_in") or 0)
        except (KeyError, ValueError):
            raise TransientError(
                f"connection {self._name}: HubSpot's token answer makes no sense", sent=False
            ) from None
        except TransientError as error:
            # What the token was wanted for has not been sent.
            raise TransientError(str(error), sent=False) from error
        except RejectedError:
            raise AuthError(
                f"connection {self._name}: HubSpot refuses the OAuth refresh token; install the app again and store its"
                " new token"
            ) from None
        self._token = token
        # Of one that lives shorter than the margin, at least half is used.
        self._until = began + max(seconds - MARGIN_SECONDS, seconds / 2)


def secret(value: SecretStr | None) -> str:
    return value.get_secret_value().strip() if value else ""
