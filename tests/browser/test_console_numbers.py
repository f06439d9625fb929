"""Every number of findings on an overview is how many the ledger has that it links to, as the API pairs them."""

from __future__ import annotations

import html
import json
import re
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

import pytest

pytestmark = pytest.mark.browser
LINK = re.compile(r'<a(?: class="figure")? href="(/findings\?[^"]*)">(\d+)</a>')


def test_each_number_of_an_overview_is_what_it_links_to(demo_server: str) -> None:
    with urlopen(f"{demo_server}/overview/420684?as_of=2026-06-30&lang=zh") as page:
        links = {(html.unescape(href), int(number)) for href, number in LINK.findall(page.read().decode())}
    pairs = [({name: one[0] for name, one in parse_qs(urlsplit(href).query).items()}, number) for href, number in links]
    assert len({query.get("rule") for query, _ in pairs}) > 5
    assert {"VIOLATION", "WARNING", "REVIEW"} <= {query.get("severity") for query, _ in pairs}
    rows = _rows(demo_server, pairs)
    for (query, number), nodes in zip(pairs, rows, strict=True):
        assert number == sum(query.get("unit") in (None, node["unit"]["code"]) for node in nodes), query


def _rows(server: str, pairs: list[tuple[dict[str, str], int]]) -> list[list[dict[str, dict[str, str]]]]:
    """What the API answers for each link: its findings, with their units."""
    rows: list[list[dict[str, dict[str, str]]]] = []
    for start in range(0, len(pairs), 10):
        fields: list[str] = []
        for index, (query, _) in enumerate(pairs[start : start + 10]):
            wanted = [f'within: "{query["within"]}"', f'asOf: "{query["as_of"]}"', "first: 200"]
            wanted += [f'rule: "{query["rule"]}"'] if "rule" in query else []
            wanted += [f"{name}: {query[name]}" for name in ("severity", "state") if name in query]
            fields.append(f"q{index}: findings({', '.join(wanted)}) {{ nodes {{ unit {{ code }} }} }}")
        body = json.dumps({"query": "{ " + " ".join(fields) + " }"}).encode()
        request = Request(f"{server}/graphql", body, {"content-type": "application/json"})
        with urlopen(request) as answer:
            data = json.load(answer)["data"]
        rows += [data[f"q{index}"]["nodes"] for index in range(len(fields))]
    return rows
