"""The graph of a snapshot: its nodes and edges, and that it survives being written and read again."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

import networkx as nx
import psycopg
import pytest

from registry.checker.setting import (
    COUNTY,
    DECISION,
    LETTER,
    SETTING,
    TOWN,
    URBAN,
    VILLAGE,
    delegated,
    entered,
    granted,
    listed,
)
from registry.queries.graph import graph
from registry.recording.unit_of_work import record
from registry.snapshot import load

KNOWN = len(SETTING) + 5
SUMMER = date(2021, 8, 1)
POWERS = listed(
    "POWERS", "赋权清单", polarity="positive", covers="power", audience="township", scope=COUNTY, assigns="devolved"
)


@pytest.fixture
def drawn(connection: psycopg.Connection) -> Any:
    record(
        connection,
        [
            *SETTING,
            dict(POWERS) | {"instrument": DECISION},
            entered("POWERS", "1", "占道经营处罚", matter="P-STALLS", **{"from": URBAN}),
            delegated("parent", URBAN, TOWN, due_on="2021-05-20"),
            granted("G-1", COUNTY, TOWN, "devolved", DECISION),
            {"type": "UnitDissolved", "at": "2021-04-20", "unit": "990102101-team"},
        ],
    )
    return graph(load(connection, SUMMER, KNOWN, TOWN))


def test_units_and_what_is_between_them(drawn: Any) -> None:
    assert drawn.graph == {"as_of": "2021-08-01", "known": KNOWN}
    assert drawn.nodes[VILLAGE] == {"label": "上河村", "level": "village", "kind": "village", "within": True}
    assert drawn.nodes[URBAN]["function"] == "urban-management"
    assert drawn.nodes[URBAN]["within"] is False
    assert "990102101-team" not in drawn
    assert drawn.edges[COUNTY, TOWN, "parent"] == {"relation": "parent"}
    power = {"matter": "P-STALLS", "matter_name": "对占道经营的行政处罚", "mode": "devolved", "instrument": DECISION}
    assert {key: dict(edge) for _, _, key, edge in drawn.edges(keys=True, data=True) if key != "parent"} == {
        "ref:parent": {
            "relation": "duty",
            "ref": "parent",
            "matter": "D-STALLS",
            "matter_name": "占道经营整治",
            "role": "lead",
            "mode": "letter",
            "instrument": LETTER,
            "began": "2021-04-01",
            "due_on": "2021-05-20",
        },
        # The county does not hold the power that it hands down.
        "ref:G-1": power | {"relation": "power", "ref": "G-1", "effective": False, "began": "2021-03-01"},
        "item:POWERS#1": power | {"relation": "list_grant", "ref": "POWERS#1", "effective": True},
    }


def test_what_is_written_reads_back_the_same(drawn: Any, tmp_path: Path) -> None:
    written = io.BytesIO()
    nx.write_graphml(drawn, written, named_key_ids=True)
    read = nx.read_graphml(io.BytesIO(written.getvalue()), force_multigraph=True)
    assert dict(read.nodes(data=True)) == dict(drawn.nodes(data=True))
    assert sorted(map(repr, read.edges(data=True))) == sorted(map(repr, drawn.edges(data=True)))
    nx.write_gexf(drawn, tmp_path / "county.gexf")
    assert set(nx.read_gexf(tmp_path / "county.gexf")) == set(drawn)
    dot = nx.nx_pydot.to_pydot(drawn)
    assert {node.get_name().strip('"') for node in dot.get_nodes()} == set(drawn)
    assert len(dot.get_edges()) == drawn.number_of_edges()
    assert "上河村" in dot.to_string()
