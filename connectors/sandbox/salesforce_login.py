"""The org's OAuth token endpoint and its sessions.

Tokens and assertions expire by real time, not by the org's clock.
"""

from __future__ import annotations

import base64
import binascii
import secrets
import time
from collections.abc import Mapping
from functools import cached_property

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com")
SESSION_SECONDS = 2 * 60 * 60  # sliding, as an org's session policy is by default
SKEW_SECONDS = 5


class LoginError(Exception):
    """`error` and the text are the two members of an OAuth error body."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error


class Logins:
    """Knows one app and one user, hands out sessions and remembers them."""

    def __init__(self, username: str, organization_id: str) -> None:
        self.username = username
        self.consumer_key = "3MVG9HoldfastSandboxConnectedApp"
        self.client_secret = "holdfast-sandbox-secret"  # noqa: S105 # a loopback sandbox has no secrets
        self._organization_id = organization_id
        self._sessions: dict[str, float] = {}  # token -> when it ends

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def private_key_pem(self) -> bytes:
        """What an admin would have kept when uploading the certificate to the app."""
        return self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def grant(self, form: Mapping[str, str], authorization: str, own_url: str) -> str:
        """A new access token. Raises LoginError."""
        match form.get("grant_type"):
            case grant if grant == JWT_GRANT:
                self._check_assertion(form.get("assertion", ""), own_url)
            case "client_credentials":
                self._check_client(form, authorization)
            case _:
                raise LoginError("unsupported_grant_type", "grant type not supported")
        token = f"{self._organization_id[:15]}!{secrets.token_urlsafe(48)}"
        self._sessions[token] = time.monotonic() + SESSION_SECONDS
        return token

    def valid(self, authorization: str) -> bool:
        """Whether the header carries a living session; using one prolongs it."""
        scheme, _, token = authorization.partition(" ")
        if scheme not in {"Bearer", "OAuth"} or self._sessions.get(token, 0) < time.monotonic():
            return False
        self._sessions[token] = time.monotonic() + SESSION_SECONDS
        return True

    def revoke(self, token: str) -> bool:
        return self._sessions.pop(token, None) is not None

    def revoke_all(self) -> None:
        self._sessions.clear()

    def _check_assertion(self, assertion: str, own_url: str) -> None:
        try:
            # simple-salesforce sends `exp` as a string, which Salesforce takes: the claims are checked below.
            claims = jwt.decode(
                assertion,
                self._key.public_key(),
                algorithms=["RS256"],
                options={
                    "verify_exp": False,
                    "verify_aud": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                    "verify_sub": False,
                },
            )
        except jwt.InvalidTokenError:
            raise LoginError("invalid_grant", "invalid assertion") from None
        if claims.get("iss") != self.consumer_key:
            raise LoginError("invalid_client_id", "client identifier invalid")
        if claims.get("aud") not in (*AUDIENCES, own_url):
            raise LoginError("invalid_grant", "audience is invalid")
        if claims.get("sub") != self.username:
            raise LoginError("invalid_grant", "user hasn't approved this consumer")
        if not self._unexpired(claims.get("exp")):
            raise LoginError("invalid_grant", "expired authorization code")

    @staticmethod
    def _unexpired(exp: object) -> bool:
        try:
            return float(str(exp)) > time.time() - SKEW_SECONDS
        except ValueError:
            return False

    def _check_client(self, form: Mapping[str, str], authorization: str) -> None:
        given = (form.get("client_id", ""), form.get("client_secret", ""))
        if authorization.startswith("Basic "):
            try:
                name, _, secret = base64.b64decode(authorization[6:], validate=True).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                name = secret = ""
            given = (name, secret)
        if given[0] != self.consumer_key:
            raise LoginError("invalid_client_id", "client identifier invalid")
        if given[1] != self.client_secret:
            raise LoginError("invalid_client", "invalid client credentials")
