"""However a connection is lost, the driver's own errors about it are those of a database that is away."""

from __future__ import annotations

import asyncpg
import pytest

from registry.database import replicas
from registry.web import failures
from registry.web.feeds import feed
from registry.web.rest import metrics

# What asyncpg raised where a standby was killed between two questions on one connection.
CONFUSED = asyncpg.InternalClientError("cannot switch to state 3; another operation (4) is in progress")
WAYS = (
    CONFUSED,
    asyncpg.ProtocolError(),
    asyncpg.InterfaceError("lost"),
    asyncpg.ConnectionDoesNotExistError(),
    OSError(),
)


@pytest.mark.parametrize("error", WAYS, ids=lambda error: type(error).__name__)
def test_a_connection_that_is_lost_in_whatever_way_is_no_error_of_the_program(error: Exception) -> None:
    assert (failures.known_failure(error).extensions or {})["code"] == "database-unavailable"
    for caught in (replicas.FAILED, feed.LOST, metrics.LOST):
        assert isinstance(error, caught)
