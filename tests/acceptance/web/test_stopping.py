"""A server that is told to stop ends, whatever its followers are just about to do."""

from __future__ import annotations

import httpx
import pytest

from tests.support.live_server import live_server

MANY = 3


@pytest.mark.parametrize("path", ["/v1/decisions", "/v1/findings"])
def test_a_server_stopped_with_its_first_followers_ends(database_url: str, path: str) -> None:
    """It is an AssertionError of `live_server` where it does not."""
    for _ in range(MANY):
        with live_server(database_url) as address:
            for _ in range(MANY):
                with httpx.stream("GET", address + path) as answer:
                    assert answer.status_code == 200
