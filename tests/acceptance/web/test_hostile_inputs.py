"""A small part of `make hostile`: what nobody thought of gets an answer that is no 500, and nothing is kept half."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from registry import database
from registry.recording.unit_of_work import record
from registry.web import connections
from registry.web.graphql import execution
from tests.support.live_server import live_server
from tests.support.worlds import COUNTY
from tools.hostile.attack import Report, attack, inputs
from tools.hostile.client import Outcome, sent
from tools.hostile.graphql_inputs import new_unit
from tools.hostile.inputs import Input, http, posted

MANY = 150
LONG = {"files", "slow"}  # each takes seconds: of those two that are short


# The library of forms leaves the file of a part that was cut off to be closed when nobody refers to it any more.
@pytest.mark.filterwarnings("ignore:Exception ignored in.*SpooledTemporaryFile:pytest.PytestUnraisableExceptionWarning")
def test_hostile_inputs_are_answered_and_leave_nothing_half(
    module_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connections, "PATIENCE", 1.0)
    monkeypatch.setattr(execution, "SECONDS", 600)  # however busy the machine is
    url = module_database()
    both = {"d": [new_unit("H99999-a"), new_unit("H99999-b")]}
    good = posted({"query": "mutation ($d: [JSON!]!) { record(decisions: $d) { positions } }", "variables": both})
    drawn = inputs(7, MANY)
    chosen = [one for one in drawn if one.family not in LONG]
    chosen += [one for one in drawn if one.name in ("half a request", "XML entities")][:2]
    chosen.append(Input("graphql", "what is right", (good,), pair="H99999"))
    with database.connect(url) as connection:
        record(connection, COUNTY)
        connection.commit()
        with live_server(url) as base:
            parts = urlsplit(base)
            address = parts.hostname or "", parts.port or 0
            report = attack(address, chosen)
            assert sent(address, Input("", "", (http("GET", "/health"),))).status == 200
        statement = "SELECT DISTINCT substr(tag, 6) FROM log.tag WHERE tag LIKE 'unit:H%'"
        recorded = {code for (code,) in connection.execute(statement)}
    assert not report.bad, "\n".join(report.lines())
    assert report.halves(recorded) == []
    assert len(report.pairs) > 3
    assert recorded >= {"H99999-a", "H99999-b"}
    assert "Traceback" not in caplog.text
    assert {status for _, status in report.counts} >= {200, 400, 404}


def test_what_is_recorded_half_or_otherwise_than_said_would_be_seen() -> None:
    recording = Input("graphql", "recording", (b"",), pair="H1")
    report = Report()
    report.add(Outcome(recording, 200, b'{"data":{"record":{"positions":[1,2]}}}', 0.1))
    assert report.halves({"H1-a", "H1-b"}) == []
    assert report.halves({"H1-b"}) != []
    assert report.halves(set()) != []
    report.add(Outcome(recording, 500, b"", 0.1))
    assert len(report.bad) == 1
