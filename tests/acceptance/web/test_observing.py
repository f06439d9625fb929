"""What is seen of a running server from outside: ids, the log, metrics, traces; and no text is in them."""

from __future__ import annotations

import json
import re
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from registry import database
from registry.log import checkpoints
from registry.log.notes import Signer
from registry.recording.unit_of_work import record
from tests.support.live_server import live_server
from tests.support.server_process import serving
from tests.support.waiting import PATIENCE
from tests.support.worlds import COUNTY, duty

OPENMETRICS = {"accept": "application/openmetrics-text; version=1.0.0"}
SECRET = "张三家的低保证明"  # what somebody asked, and no log or metric may have
MISTYPED = "REGISTRY_" + "UNKNOWN"  # in two, for a test compares all names with those described
HOT = 'query Responsibilities { unit(code: "town") { responsibilities { nodes { subject } } } }'


@pytest.fixture(scope="module")
def url(module_database: Callable[[], str]) -> str:
    made = module_database()
    with database.connect(made) as connection:
        record(connection, [*COUNTY, duty("R-1")])
        checkpoints.issue(connection, Signer.generate("quanze"))
    return made


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[httpx.Client]:
    with live_server(url) as address, httpx.Client(base_url=address) as opened:
        yield opened


def samples(client: httpx.Client, **headers: str) -> dict[tuple[str, ...], float]:
    """Every number by its name and the values of its labels."""
    answer = client.get("/metrics", headers=OPENMETRICS | headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    return {
        (sample.name, *(value for name, value in sorted(sample.labels.items()) if name != "le")): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_every_answer_has_an_id_and_a_safe_one_of_the_proxy_is_kept(client: httpx.Client) -> None:
    own = [client.get(path).headers["x-request-id"] for path in ("/health", "/graphql?query={log{size}}", "/no/such")]
    assert len(set(own)) == 3
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in own)
    hot = client.post("/graphql", json={"query": HOT})
    assert re.fullmatch("[0-9a-f]{32}", hot.headers["x-request-id"])
    given = "0af7651916cd43dd-8448eb211c80319c"
    assert client.get("/health", headers={"x-request-id": given}).headers["x-request-id"] == given
    for unsafe in ("short", "a" * 65, "with space 12345", "<script>alert(1)</script>", '{"level": "x"}'):
        assert client.get("/health", headers={"x-request-id": unsafe}).headers["x-request-id"] != unsafe


def test_the_metrics_count_what_was_asked_by_words_of_the_program(client: httpx.Client) -> None:
    before = samples(client)
    client.post("/graphql", json={"query": HOT})
    client.post("/graphql", json={"query": f'query {"Q" * 50} {{ units(search: "{SECRET}") {{ totalCount }} }}'})
    client.post("/graphql", json={"query": "{ nothing }"})
    client.get("/villages", params={"q": SECRET})
    client.get(f"/villages/{SECRET}")
    client.get(f"/{SECRET}")
    after = samples(client)

    def added(*key: str) -> float:
        return after.get(key, 0) - before.get(key, 0)

    assert added("quanze_requests_total", "graphql Responsibilities", "200") == 1
    assert added("quanze_requests_total", "graphql query units", "200") == 1
    assert added("quanze_requests_total", "POST /graphql", "200") == 1  # no operation of the schema
    assert added("quanze_requests_total", "GET /villages", "200") == 1
    assert added("quanze_requests_total", "GET /villages/{code:path}", "404") == 1
    assert added("quanze_requests_total", "other", "404") == 1
    assert added("quanze_request_seconds_count", "graphql Responsibilities") == 1
    assert not [key for key in after if any(SECRET in part or "QQQ" in part for part in key)]


def test_the_metrics_say_how_the_registry_is(client: httpx.Client) -> None:
    now = samples(client)
    assert now["quanze_decisions_total",] == len(COUNTY) + 1
    assert now["quanze_checkpoints_total",] == 1
    assert 0 <= now["quanze_checkpoint_age_seconds",] < 600
    assert now["quanze_checkpoint_behind_decisions",] == 0
    assert now["quanze_feed_lag_decisions",] == len(COUNTY) + 1  # nothing judges here
    assert now["quanze_database_up",] == 1
    assert now["quanze_sessions",] == 0
    assert now["quanze_webhooks_waiting",] == 0
    assert ("quanze_cosigned_behind_decisions",) not in now  # nobody witnesses
    assert {key[1] for key in now if key[0] == "quanze_findings_open"} == {"violation", "warning", "review"}
    assert {key[1] for key in now if key[0] == "quanze_pool_connections"} == {"idle", "used"}
    assert now["quanze_requests_under_way",] == 1  # this one


@pytest.mark.parametrize(
    "headers",
    [
        {"x-forwarded-for": "203.0.113.7"},
        {"forwarded": "for=203.0.113.7"},
        {"via": "1.1 proxy"},
        {"host": "attacker.example"},  # a page of another site whose name points here
    ],
)
def test_the_metrics_are_closed_to_who_comes_through_a_proxy_or_by_another_name(
    client: httpx.Client, headers: dict[str, str]
) -> None:
    answer = client.get("/metrics", headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (403, "metrics-closed")


def test_a_token_opens_the_metrics_and_without_it_they_are_closed(
    client: httpx.Client, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text("let-me-in\n")
    monkeypatch.setenv("REGISTRY_METRICS_TOKEN_FILE", str(tmp_path / "token"))
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"authorization": "Bearer wrong"}).status_code == 403
    assert client.get("/metrics", headers={"authorization": "Bearer let-me-in"}).status_code == 200


def test_the_log_is_json_with_ids_and_without_anything_that_was_asked(url: str) -> None:
    with serving(url, REGISTRY_LOG="json", REGISTRY_LOG_LEVEL="info", **{MISTYPED: "1"}) as (process, address):
        with httpx.Client(base_url=address) as client:
            page = client.get("/villages", params={"q": SECRET})
            client.post("/graphql", json={"query": f'{{ units(search: "{SECRET}") {{ totalCount }} }}'})
        process.terminate()
        _, err = process.communicate(timeout=PATIENCE)
    lines = [json.loads(line) for line in err.splitlines()]
    assert SECRET not in err
    assert "127.0.0.1" not in err
    (request,) = [line for line in lines if line.get("request_id") == page.headers["x-request-id"]]
    assert (request["event"], request["operation"], request["status"]) == ("request", "GET /villages", 200)
    assert request["level"] == "info"
    assert request["ms"] >= 0
    assert any(MISTYPED in line["event"] for line in lines)


def test_an_error_of_the_program_is_logged_where_it_arose_without_its_words(url: str) -> None:
    program = f"""
from registry import web
from registry.web.resources import ServerResources
whole, calls = ServerResources.pool, []
async def broken(resources):
    calls.append(1)
    if len(calls) > 1:  # not while it starts
        raise KeyError({SECRET!r})
    return await whole(resources)
ServerResources.pool = broken
web.serve("127.0.0.1", 0)
"""
    with serving(url, program=program, REGISTRY_LOG="json") as (process, address):
        answer = httpx.get(f"{address}/ready")
        assert answer.status_code == 500
        process.terminate()
        _, err = process.communicate(timeout=PATIENCE)
    (line,) = [json.loads(line) for line in err.splitlines()]
    assert line["request_id"] == answer.headers["x-request-id"]
    assert line["error"] == "builtins.KeyError"
    assert "broken" in line["at"]
    assert SECRET not in json.dumps(line, ensure_ascii=False)


def test_a_wrong_word_for_the_log_is_refused(url: str) -> None:
    with pytest.raises(AssertionError, match="bad-setting"), serving(url, command=True, REGISTRY_LOG="xml"):
        pass


@contextmanager
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """A collector of traces: its address, and what it was sent."""
    received: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_traces_name_requests_operations_and_statements_and_have_no_values(url: str) -> None:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    with collector() as (endpoint, received):
        with serving(url, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint) as (process, address):
            trace = "0af7651916cd43dd8448eb211c80319c"
            httpx.post(
                f"{address}/graphql",
                json={"query": HOT},
                headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"},
            )
            httpx.get(f"{address}/villages", params={"q": SECRET})
            httpx.post(
                f"{address}/graphql",
                json={"query": 'mutation { renameUnit(at: "2022-01-01", unit: "town", name: "新镇") { positions } }'},
            )
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=PATIENCE)
        spans = [
            span
            for body in received
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]
    by_name = {span.name: span for span in spans}
    assert {"graphql Responsibilities", "GET /villages", "graphql mutation renameUnit"} <= set(by_name)
    statements = {name for name in by_name if name.split()[0] in ("SELECT", "COPY", "INSERT", "WITH")}
    assert statements
    assert any("log.decision" in name for name in by_name)
    of_trace = [span for span in spans if span.trace_id.hex() == trace]
    assert {span.name for span in of_trace} >= {"graphql Responsibilities"}
    assert any(span.name in statements for span in of_trace)
    whole = b"".join(received)
    assert SECRET.encode() not in whole
    assert "新镇".encode() not in whole
    assert b"town" not in whole
