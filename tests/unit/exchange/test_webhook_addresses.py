"""Which addresses are public: what a server could be made to reach that only it can."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from registry.exchange.webhooks import sending
from registry.exchange.webhooks.addresses import BadAddress, checked, is_public, resolved


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::", "2002:a00:1::1", "fec0::1", "5f00::1", "4000::1", "64:ff9b:1::a00:1", "2001:0:7f00:1::1",
    ],
)  # fmt: skip
def test_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "114.114.114.114", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f.1", "127.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"]
)
def test_however_the_loopback_is_written_it_is_not_used(host: str) -> None:
    with pytest.raises(BadAddress):
        asyncio.run(resolved(checked(f"https://{host}/", internal=False), internal=False))


@pytest.mark.parametrize(
    "url",
    [
        "", "https:///path", "https://host:0/", "https://host:99999/", "https://host/#part", "https://ho st/",
        "javascript:1", "https://host/\n", "https://主机/", "https://user@host/", "http://host/",
        "https://" + "a" * 3000,
    ],
)  # fmt: skip
def test_no_address(url: str) -> None:
    with pytest.raises(BadAddress):
        checked(url, internal=False)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "10.0.0.5:8443", "169.254.169.254", "[fec0::1]"])
def test_an_internal_address_in_digits_is_refused_before_it_is_kept(host: str) -> None:
    with pytest.raises(BadAddress, match="internal network"):
        checked(f"https://{host}/", internal=False)
    assert checked(f"https://{host}/", internal=True)


def test_an_internal_address_may_be_without_tls() -> None:
    assert checked("http://oa.internal:8080/hook?from=quanze", internal=True).port == 8080
    assert asyncio.run(resolved(checked("http://127.0.0.1/", internal=True), internal=True)) == "127.0.0.1"


def test_waits_grow_and_have_an_end() -> None:
    waits = [sending._backoff(attempts) for attempts in range(12)]
    assert all(earlier < later * 1.3 for earlier, later in pairwise(waits))
    assert max(waits) <= 3600 * 1.1
    assert sending._retry_after("120") == 120
    assert sending._retry_after("soon") == 0
    assert sending._retry_after(datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")) < 1
