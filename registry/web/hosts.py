"""The names under which the server answers, so that no other site reaches it by a name of its own (DNS rebinding).

A name of an attacker's can be made to point at this machine; then the browser takes his page and this server for one
site. What the browser says is `Host`, so requests under a name that is not this server's are refused before anything
reads them (RFC 9110, sections 7.2, 7.4 and 15.5.20). `X-Forwarded-Host` counts only where a proxy of REGISTRY_PROXIES
says it, and it must be known too.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from registry import settings
from registry.web.application import refusal
from registry.web.authentication import FROM_PROXY
from registry.web.socket_refusals import refuse_socket, request_id_header

PROBES: Final = frozenset({"/health", "/ready", "/metrics"})  # asked for by address, and the same whatever the name
LOCAL: Final = "localhost"
_HOST: Final = re.compile(
    r"(?P<name>[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\.?|\[[0-9a-f:.]+\])(?::(?P<port>\d{1,5}))?", re.ASCII
)
_KEPT: Final = 1000  # values of `Host` whose answer is kept


@dataclass(frozen=True, slots=True)
class Hosts:
    """Which values of `Host` are this server's.

    `names`: in lower case, of an IPv6 address without brackets; with `:port` where only that port is meant.
    `addresses`: whether every address in digits is known: no page of another site is at one. `all_`: any name.
    """

    names: frozenset[str]
    addresses: bool = False
    all_: bool = False

    def known(self, host: str) -> bool:
        """Whether a value of `Host` is one of these. Addresses of this very machine always are."""
        parts = _HOST.fullmatch(host.lower())
        if parts is None:
            return False
        name = parts["name"].rstrip(".")
        address = _address(name)
        if self.all_ or name == LOCAL or (address is not None and (address.is_loopback or self.addresses)):
            return True
        plain = name if address is None else str(address)
        return plain in self.names or f"{plain}:{parts['port']}" in self.names


def hosts_for(bound_to: str) -> Hosts:
    """The names that REGISTRY_HOSTS lists; where it lists none, what cannot be another site's.

    On loopback that is this machine alone; elsewhere also every address in digits, this machine's own names, and the
    name that it was told to listen on. Raises ValueError, with the entry, where one is no name.
    """
    listed = settings.HOSTS.read().replace(",", " ").split()
    if listed:
        return Hosts(frozenset(map(_entry, listed)) - {"*"}, all_="*" in listed)
    if is_loopback(bound_to):
        return Hosts(frozenset())
    own = {bound_to.lower(), socket.gethostname().lower(), socket.getfqdn().lower()}
    return Hosts(frozenset(own), addresses=True)


def is_loopback(host: str) -> bool:
    """Whether who listens there is reached from this machine only."""
    address = _address(host)
    return host.lower() == LOCAL or (address is not None and address.is_loopback)


def proxies() -> list[str]:
    """The addresses and networks of REGISTRY_PROXIES. Raises ValueError, with the entry, where one is neither."""
    listed = settings.PROXIES.read().replace(",", " ").split()
    for entry in listed:
        try:
            ipaddress.ip_network(entry)
        except ValueError:
            raise ValueError(entry) from None
    return listed


class KnownHosts:
    """ASGI, in front of all else: refuses other names (421, `unknown-host`); takes from proxies what they forward."""

    def __init__(self, app: ASGIApp, hosts: Hosts, trusted: list[str]) -> None:
        self._hosts = hosts
        self._networks = [ipaddress.ip_network(entry) for entry in trusted]
        # Without proxies of its own, one on this machine may say who asks and whether by https, as uvicorn has it.
        self._app: ASGIApp = ProxyHeadersMiddleware(app, trusted or ["127.0.0.1", "::1"])  # type: ignore[arg-type]
        self._known: set[bytes] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self._app(scope, receive, send)
        given = [value for name, value in scope["headers"] if name == b"host"]
        from_proxy = bool(self._networks) and self._from_proxy(scope)
        scope["state"] = {**scope.get("state", {}), FROM_PROXY: from_proxy}
        if from_proxy:
            forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-host"]
            if forwarded:  # the first is what the reader's browser said
                given = [forwarded[0].partition(b",")[0].strip()]
                others = [(name, value) for name, value in scope["headers"] if name != b"host"]
                scope["headers"] = [*others, (b"host", given[0])]
        if len(given) == 1 and (given[0] in self._known or self._is_known(given[0])):
            return await self._app(scope, receive, send)
        if scope["type"] == "http":
            if scope["path"] in PROBES or (not given and scope["http_version"] == "1.0"):
                return await self._app(scope, receive, send)
            answer = refusal(Request(scope), *_problem(given))
            answer.headers["connection"] = "close"
            answer.raw_headers.append(request_id_header(scope))
            return await answer(scope, receive, send)
        code, zh, en = _problem(given)
        return await refuse_socket(scope, send, _SOCKET_STATUS[code], code, zh, en)

    def _is_known(self, host: bytes) -> bool:
        known = self._hosts.known(host.decode("latin-1"))
        if known and len(host) < 300 and len(self._known) < _KEPT:
            self._known.add(host)
        return known

    def _from_proxy(self, scope: Scope) -> bool:
        client = scope.get("client")
        address = _address(client[0]) if client else None
        return address is not None and any(address in network for network in self._networks)


def _problem(given: list[bytes]) -> tuple[str, str, str]:
    """The code and sentence for what stands in `Host`."""
    if len(given) != 1:
        return "bad-request", "请求须有且只有一个 Host。", "A request has one Host header, no more and no less."
    name = given[0].decode("latin-1")[:100]
    return "unknown-host", f"本服务不以“{name}”这个名称提供。", f"This server does not answer under the name {name}."


_SOCKET_STATUS: Final[Mapping[str, int]] = {"bad-request": 400, "unknown-host": 421}


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """A name as an address in digits, if it is one; IPv4 written as IPv6 is IPv4."""
    try:
        address = ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _entry(entry: str) -> str:
    """An entry of REGISTRY_HOSTS as names are compared. Raises ValueError, with the entry, where it is no name."""
    parts = _HOST.fullmatch(entry.lower())
    address = _address(entry)  # an IPv6 address without brackets
    if entry == "*" or (parts is None and address is not None):
        return str(address) if address is not None else entry
    if parts is None:
        raise ValueError(entry)
    address = _address(parts["name"])
    name = parts["name"].rstrip(".") if address is None else str(address)
    return name if parts["port"] is None else f"{name}:{parts['port']}"
