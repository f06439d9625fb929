"""Logging in with a county's own identity provider: OpenID Connect by Authlib.

Authorization code with PKCE (S256), state and nonce; the provider's addresses and keys by discovery. The ID token's
signature, issuer, audience, times and nonce are checked by Authlib; only asymmetric signatures are taken.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import urlsplit

from authlib.integrations.base_client import OAuthError
from joserfc.errors import JoseError

from registry import settings
from registry.access.pending import PendingLogin
from registry.access.problems import AccountProblem
from registry.domain.text import Text
from registry.web.provider_client import ENDPOINTS, WHOLE, client

log = logging.getLogger("registry.web")
FRESH: Final = 3600.0  # seconds for which its addresses and keys are kept; an unknown key is fetched at once
_SIGNATURES: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the provider recognised: its own name for them, the name to show, and what it says of roles and units."""

    issuer: str
    subject: str
    name: str
    roles: tuple[str, ...]
    units: tuple[str, ...]
    id_token: str


class Provider:
    """One identity provider, as the environment sets it."""

    def __init__(self) -> None:
        self.issuer = settings.OIDC_ISSUER.read()
        self.client = settings.OIDC_CLIENT_ID.read()
        self.title = Text(*_two(settings.OIDC_TITLE.read(), ("统一身份认证", "the identity provider")))
        self._claims = {
            "name": settings.OIDC_NAME_CLAIM.read() or "preferred_username",
            "role": settings.OIDC_ROLE_CLAIM.read() or "role",
            "unit": settings.OIDC_UNIT_CLAIM.read() or "unit",
        }
        self.meaning = settings.meaning_of_roles()
        self._app: Any = None
        self._made = float("-inf")
        if self.issuer and not self.client:
            raise settings.BadSetting(
                "设了 REGISTRY_OIDC_ISSUER，还须设 REGISTRY_OIDC_CLIENT_ID。",
                "With REGISTRY_OIDC_ISSUER, REGISTRY_OIDC_CLIENT_ID must be set too.",
            )
        if self.issuer and not _is_safe(self.issuer):
            raise settings.BadSetting(
                "REGISTRY_OIDC_ISSUER 须以 https:// 开头（本机除外）。",
                "REGISTRY_OIDC_ISSUER must begin with https:// (but on this machine).",
            )

    @property
    def configured(self) -> bool:
        """Whether there is a provider to log in with."""
        return bool(self.issuer)

    async def begin(self, back: str, next_address: str) -> tuple[str, PendingLogin]:
        """Where to send the browser, and what to keep until it comes back to the address `back`.

        Raises AccountProblem: provider-unavailable, provider-refused.
        """
        async with _asking():
            made = await (await self._loaded()).create_authorization_url(back)
        return made["url"], PendingLogin(made["state"], made["nonce"], made["code_verifier"], next_address)

    async def finish(self, back: str, given: Mapping[str, str], pending: PendingLogin) -> Person:
        """Whom the provider recognised, from what the browser brings back.

        Raises AccountProblem: provider-unavailable, provider-refused.
        """
        if given.get("state") != pending.state:
            raise _refused("state")
        async with _asking():
            app = await self._loaded()
            # Which of several providers answers (RFC 9207): another's code is for that one alone.
            named = bool(app.server_metadata.get("authorization_response_iss_parameter_supported"))
            if given.get("iss", self.issuer if not named else "") != self.issuer:
                raise _refused("iss")
            if given.get("error"):
                raise _refused(f"{given['error'][:60]}")
            if not given.get("code"):
                raise _refused("code")
            token = await app.fetch_access_token(back, code=given["code"], code_verifier=pending.verifier)
            claims: dict[str, Any] = dict(await app.parse_id_token(token, pending.nonce) or {})
            self._need_meant(claims, pending)
            claims = await self._completed(app, token, claims)
        subject = claims.get("sub")
        if not isinstance(subject, str) or not subject:
            raise _refused("sub")
        name = _texts(claims, self._claims["name"])
        return Person(
            issuer=self.issuer,
            subject=subject,
            name=name[0] if name else subject,
            roles=_texts(claims, self._claims["role"]),
            units=_texts(claims, self._claims["unit"]),
            id_token=cast(str, token["id_token"]),
        )

    def _need_meant(self, claims: Mapping[str, Any], pending: PendingLogin) -> None:
        """Raise AccountProblem unless an ID token is this provider's, for this client and for this log-in.

        Authlib checks it too, but lets claims pass that are empty (OpenID Connect Core 1.0, section 3.1.3.7).
        """
        audience: object = claims.get("aud")
        meant = cast("list[Any]", audience) if isinstance(audience, list) else [audience]
        if self.client not in meant:
            raise _refused("aud")
        if claims.get("iss") != self.issuer:
            raise _refused("iss")
        if claims.get("nonce") != pending.nonce:
            raise _refused("nonce")

    async def farewell(self, id_token: str, back: str) -> str | None:
        """Where the browser ends its session at the provider; None where the provider offers that not, or is down."""
        try:
            async with _asking():
                app = await self._loaded()
                made = await app.create_logout_url(back, id_token_hint=id_token, client_id=self.client)
        except AccountProblem:
            return None
        return made["url"]

    async def _loaded(self) -> Any:
        """Authlib's client, with the provider's addresses. Raises AccountProblem, and whatever Authlib raises."""
        if self._app is None or time.monotonic() - self._made > FRESH:
            scopes = settings.OIDC_SCOPES.read() or "openid profile"
            app = client(self.issuer, self.client, settings.OIDC_CLIENT_SECRET.read() or None, scopes)
            about = await app.load_server_metadata()
            if about.get("issuer") != self.issuer:
                raise _refused(f"issuer {str(about.get('issuer'))[:100]}")
            for name in ENDPOINTS:
                if about.get(name) and not _is_safe(about[name]):
                    raise _refused(f"{name} {about[name][:100]}")
            offered = about.get("id_token_signing_alg_values_supported") or ["RS256"]
            about["id_token_signing_alg_values_supported"] = [one for one in offered if one in _SIGNATURES]
            self._app, self._made = app, time.monotonic()
        return self._app

    async def _completed(self, app: Any, token: dict[str, Any], claims: dict[str, Any]) -> dict[str, Any]:
        """The claims with those that the provider gives only when asked for them (userinfo), of the same person."""
        wanted = self._claims.values()
        if all(_texts(claims, one) for one in wanted) or "userinfo_endpoint" not in app.server_metadata:
            return claims
        more = dict(await app.userinfo(token=token))
        return {**more, **claims} if more.get("sub") == claims.get("sub") else claims


@asynccontextmanager
async def _asking() -> AsyncGenerator[None]:
    """What is asked of the provider, for so long at most.

    Its answers can be anything: lists for objects, numbers for texts. Whatever that leads to is its failure, not ours.
    Raises AccountProblem: provider-unavailable, provider-refused.
    """
    try:
        async with asyncio.timeout(WHOLE):
            yield
    except AccountProblem:
        raise
    except (OAuthError, JoseError) as error:
        raise _refused(getattr(error, "error", "") or type(error).__name__) from error
    except Exception as error:
        log.warning("the identity provider does not answer as it should: %s", type(error).__name__)
        raise _unavailable(error) from error


def _texts(claims: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """The texts of a claim: one, or several; `realm_access.roles` is a claim inside another."""
    value: Any = claims
    if name in claims:
        value = claims[name]
    else:
        for part in name.split("."):
            value = cast("dict[str, Any]", value).get(part) if isinstance(value, dict) else None
    values = cast("list[Any]", value) if isinstance(value, list) else [value]
    return tuple(one.strip() for one in values if isinstance(one, str) and one.strip())


def _two(text: str, otherwise: tuple[str, str]) -> tuple[str, str]:
    """A text written `中文 / English`, or one for both."""
    zh, _, en = (part.strip() for part in text.partition(" / "))
    return (zh, en or zh) if zh else otherwise


def _is_safe(address: str) -> bool:
    parts = urlsplit(address)
    host = parts.hostname or ""
    here = host in ("localhost", "127.0.0.1", "::1") or host.endswith(".localhost")  # RFC 6761, section 6.3
    return parts.scheme == "https" or (parts.scheme == "http" and here)


def _unavailable(error: Exception) -> AccountProblem:
    detail = type(error).__name__
    return AccountProblem(
        "provider-unavailable",
        f"统一身份认证暂时不可用（{detail}）。",
        f"The identity provider does not answer as it should ({detail}).",
    )


def _refused(detail: str) -> AccountProblem:
    return AccountProblem(
        "provider-refused",
        f"统一身份认证没有确认您的身份（{detail}）。",
        f"The identity provider did not confirm who you are ({detail}).",
    )
