"""Where messages may go: to public addresses, unless whoever added the endpoint said that it is an internal one.

Else the server could be made to send requests to what only it can reach: itself, its network, a cloud's metadata
(server-side request forgery). The name is looked up once for each message and the message goes to the address that was
judged, so that a name cannot mean another between the two.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import Final
from urllib.parse import SplitResult, urlsplit

from registry.domain.text import Text

LONGEST: Final = 2000  # letters of an address
# Networks in which an IPv6 address carries an IPv4 one: NAT64 and 6to4.
_TRANSLATED: Final = ipaddress.ip_network("64:ff9b::/96")
_GLOBAL_UNICAST: Final = ipaddress.ip_network("2000::/3")  # all that is given out (RFC 4291); fec0::/10 is not in it


class BadAddress(Exception):
    """An address to which nothing is sent."""

    code = "bad-address"

    def __init__(self, zh: str, en: str) -> None:
        self.text = Text(zh, en)
        super().__init__(self.text.joined)


def checked(url: str, *, internal: bool) -> SplitResult:
    """The parts of an endpoint's address. Raises BadAddress where it is none, or not for what is not internal."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    wrong = not url.isascii() or len(url) > LONGEST or any(ord(letter) <= 32 or ord(letter) == 127 for letter in url)
    if wrong or parts.scheme not in ("http", "https") or not host or port == 0 or parts.fragment:
        raise BadAddress("地址须形如 https://主机/路径。", "An address is https://host/path.")
    if parts.username is not None or parts.password is not None:
        raise BadAddress("地址中不能有用户名和密码。", "An address has no user and password.")
    if parts.scheme == "http" and not internal:
        raise BadAddress(
            "外部地址须用 https://；内部网络的地址请注明 --internal。",
            "An external address begins with https://; say --internal for one of your own network.",
        )
    if not internal and _is_internal_in_digits(host):  # a name is judged when something is sent
        raise _not_public(host)
    return parts


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        elif ip.sixtofour is not None:
            ip = ip.sixtofour
        elif ip in _TRANSLATED:
            ip = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        elif ip not in _GLOBAL_UNICAST:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not ip.is_unspecified


async def resolved(parts: SplitResult, *, internal: bool) -> str:
    """The IP address to which a message goes. Raises BadAddress where there is none, or none that may be used."""
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    loop = asyncio.get_running_loop()
    try:
        results = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise BadAddress(f"找不到主机 {host}。", f"There is no host {host}.") from None
    addresses = [str(result[4][0]) for result in results]
    allowed = addresses if internal else [address for address in addresses if is_public(address)]
    if not allowed:
        raise _not_public(host)
    return allowed[0]


def _is_internal_in_digits(host: str) -> bool:
    """Whether a host is an address in digits that is not public: it will never mean another."""
    try:
        return not is_public(host)
    except ValueError:
        return False


def _not_public(host: str) -> BadAddress:
    return BadAddress(
        f"{host} 是内部网络的地址；确属本单位的，请注明 --internal 重新添加。",
        f"{host} is an address of an internal network; if it is yours, add it anew with --internal.",
    )
