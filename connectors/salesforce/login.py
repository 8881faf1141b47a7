"""Getting an access token: JWT bearer or client credentials, nothing else (SOAP and password logins are dying)."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import jwt
import orjson
import requests

from connectors.errors import AuthError, TransientError
from connectors.salesforce.refusals import login_refusal, network_failure
from connectors.salesforce.settings import SalesforceSettings

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
JWT_LIFETIME_SECONDS = 180
TIMEOUT_SECONDS = (5.0, 30.0)


class Login:
    """Trades the connection's credentials for access tokens. `calls` counts the requests sent.

    It has a plain session of its own: the REST session's `auth` would overwrite the Basic header.
    """

    def __init__(self, name: str, settings: SalesforceSettings) -> None:
        self._name = name
        self._settings = settings
        self._session = requests.Session()
        self._session.trust_env = not settings.loopback  # a proxy must not see loopback traffic
        self.calls = 0

    def token(self) -> str:
        """A new access token. Raises AuthError, or a TransientError or RateLimitedError that says `not sent`:
        the request that needs the token was not.
        """
        form, basic, credential = self._jwt() if self._settings.auth == "jwt" else self._client_credentials()
        self.calls += 1
        try:
            reply = self._session.post(
                # My Domain serves every flow, also where logins over login.salesforce.com are switched off.
                f"{self._settings.base_url}/services/oauth2/token",
                data=form,
                auth=basic,
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
            content = _json(reply.content)
        except requests.RequestException as error:
            # Without the library's text, which may quote the form that was sent.
            failure = network_failure(self._name, error, write=False)
            raise TransientError(str(failure), sent=False) from None
        if reply.status_code == 200 and isinstance(content, dict) and content.get("access_token"):
            return str(content["access_token"])
        if reply.status_code == 200:
            raise TransientError(f"{self._name}: the login endpoint's answer holds no token", sent=False)
        raise login_refusal(self._name, credential, reply.status_code, content)

    def close(self) -> None:
        self._session.close()

    def _jwt(self) -> tuple[dict[str, str], None, str]:
        settings = self._settings
        assert settings.private_key is not None
        claims = {
            "iss": settings.consumer_key,
            "sub": settings.username,
            "aud": audience(settings.base_url),
            "exp": int(time.time()) + JWT_LIFETIME_SECONDS,
        }
        try:
            assertion = jwt.encode(claims, settings.private_key.get_secret_value(), algorithm="RS256")
        except (ValueError, TypeError, jwt.PyJWTError) as error:
            raise AuthError(
                f"{self._name}: private_key_file cannot be used; it must hold an unencrypted RSA private key (PEM)"
            ) from error
        return {"grant_type": JWT_GRANT, "assertion": assertion}, None, f"consumer_key for user {settings.username}"

    def _client_credentials(self) -> tuple[dict[str, str], tuple[str, str], str]:
        settings = self._settings
        assert settings.client_id is not None
        assert settings.client_secret is not None
        basic = (settings.client_id, settings.client_secret.get_secret_value())
        return {"grant_type": "client_credentials"}, basic, "client_id and client_secret"


def audience(base_url: str) -> str:
    """The `aud` that Salesforce demands in a JWT for the org at `base_url`."""
    host = urlsplit(base_url).hostname or ""
    return "https://test.salesforce.com" if ".sandbox." in host else "https://login.salesforce.com"


def _json(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
