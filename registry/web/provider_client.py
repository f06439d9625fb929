"""How the identity provider is asked: Authlib's client, with a bound on what its answers can do here.

The provider is believed in who somebody is, and in nothing else: an answer has so many bytes and comes in so many
seconds, leads nowhere, and says of the provider what OpenID Connect Discovery 1.0 names. Authlib would take any other
word of that document for an option of its client, `verify` among them, by which certificates are checked.
"""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator
from typing import Any, Final, cast

import httpx
from authlib.deprecate import AuthlibDeprecationWarning
from joserfc.jwk import KeySet

with warnings.catch_warnings():
    # Authlib says on import that it would rather have httpx2; httpx is what the rest of the program locks.
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations.starlette_client import StarletteIntegration, StarletteOAuth2App

PATIENCE: Final = 10.0  # seconds for each piece of an answer of the provider
WHOLE: Final = 20.0  # seconds for all that one step of a log-in asks of it
LONGEST: Final = 1024 * 1024  # bytes of an answer
KEYS: Final = 100  # that it signs with; each is taken apart, and none has more than a few
ENDPOINTS: Final = (
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "userinfo_endpoint",
    "end_session_endpoint",
)
_DISCOVERED: Final = (
    *ENDPOINTS,
    "issuer",
    "id_token_signing_alg_values_supported",
    "authorization_response_iss_parameter_supported",
    "_loaded_at",  # Authlib's own
)


_App: Any = StarletteOAuth2App  # Authlib has no types


class BadAnswer(httpx.HTTPError):
    """An answer of the provider that is not taken."""


class Client(_App):
    """Authlib's client of one provider."""

    server_metadata: dict[str, Any]

    async def load_server_metadata(self) -> dict[str, Any]:
        """What the provider says of itself, once. Raises httpx.HTTPError, ValueError."""
        if "_loaded_at" not in self.server_metadata:
            parent: Any = super()
            given: dict[str, Any] = await parent.load_server_metadata()
            self.server_metadata = {name: given[name] for name in _DISCOVERED if name in given}
            wrong = [name for name in ENDPOINTS if not isinstance(given.get(name, ""), str)]
            if wrong:
                raise BadAnswer(wrong[0])
        return self.server_metadata

    async def fetch_jwk_set(self, force: bool = False) -> Any:
        """The keys that it signs with; those that are none are asked for anew the next time.

        Raises httpx.HTTPError, and whatever Authlib raises.
        """
        before = self.server_metadata.get("jwks")
        parent: Any = super()
        known: Any = await parent.fetch_jwk_set(force)
        if known is not before:
            del self.server_metadata["jwks"]
            if len(known["keys"]) > KEYS:
                raise BadAnswer("keys")
            KeySet.import_key_set(known)
            self.server_metadata["jwks"] = known
        return known


def client(issuer: str, client_id: str, secret: str | None, scopes: str) -> Any:
    """The client of a provider, which has asked nothing yet."""
    return Client(
        StarletteIntegration("provider"),
        client_id=client_id,
        client_secret=secret,
        server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": scopes,
            "code_challenge_method": "S256",
            "timeout": PATIENCE,
            "follow_redirects": False,
            "headers": {"Accept-Encoding": "identity"},
            "event_hooks": {"request": [], "response": [_bound]},
        },
    )


async def _bound(response: httpx.Response) -> None:
    """Look at an answer before it is read. Raises BadAnswer: it leads elsewhere, or is packed."""
    if response.is_redirect:  # what is sent along is for the provider alone
        raise BadAnswer("redirect")
    if response.headers.get("content-encoding", "identity") != "identity":
        raise BadAnswer("content-encoding")
    response.stream = _Bounded(cast(httpx.AsyncByteStream, response.stream))


class _Bounded(httpx.AsyncByteStream):
    """A body as it comes. Raises BadAnswer where it is too long."""

    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for piece in self._stream:
            size += len(piece)
            if size > LONGEST:
                raise BadAnswer("too long")
            yield piece

    async def aclose(self) -> None:
        """Close the connection that it comes by."""
        await self._stream.aclose()
