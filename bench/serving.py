"""The GraphQL question over HTTP: the server in its own process, wrk or a client of ours in another."""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from bench.figures import Figure, Report
from bench.questions import TOWNSHIPS
from registry.access import accounts, changes, tokens
from registry.access.roles import Role
from registry.access.viewer import Grant
from registry.database import connect
from registry.domain.dates import today

QUESTION = """
query Responsibilities($code: ID!, $asOf: Date) {
  unit(code: $code, asOf: $asOf) {
    code name
    responsibilities(first: 100) {
      edges { node {
        role by subject mode since until dueOn brings
        matter { code name }
        from { code name }
        instrument { number title }
      } }
    }
  }
}
"""
SECONDS = 8
CLIENTS = 16
PATIENCE = 60  # seconds for the server to say where it listens
SAMPLE = 2000  # different requests, asked in turn
ROUNDS = 2  # open and logged in, in turn


def measure(url: str, folder: Path, report: Report) -> None:
    """Requests a second about random townships, and what an answer holds."""
    with connect(url) as connection:
        towns = [row[0] for row in connection.execute(TOWNSHIPS)]
    sample = random.Random(3)
    bodies = [
        json.dumps({"query": QUESTION, "variables": {"code": sample.choice(towns), "asOf": f"{year}-06-30"}})
        for year in sample.choices(range(2023, 2027), k=SAMPLE)
    ]
    rates: dict[str, list[float]] = {"open": [], "logged in": []}
    busy = rows = size = 0.0
    client = ""
    for who in ("open", "logged in") * ROUNDS:
        token = _token(url) if who == "logged in" else None
        with server(url) as address:
            rows, size = _look(address, bodies[:100], token)
            _load(address, bodies, folder, 2, token)
            spent = time.perf_counter(), _processor()
            rate, client = _load(address, bodies, folder, SECONDS, token)
            idle = _processor() - spent[1]
            busy = 1 - idle / ((time.perf_counter() - spent[0]) * (os.cpu_count() or 1))
        rates[who].append(rate)
        with connect(url) as connection:
            connection.execute("TRUNCATE access.account CASCADE")
    report(f"  {rows:.1f} rows an answer, {size / 1024:.1f} KiB; {client}, {CLIENTS} connections, one server process")
    report(
        Figure(
            "GraphQL over HTTP: responsibilities with matter, sender, instrument",
            max(rates["open"]),
            "requests/s",
            (">=", 700),
        )
    )
    report(Figure("the same with the token of an account", max(rates["logged in"]), "requests/s"))
    report(Figure("open : logged in", max(rates["open"]) / max(rates["logged in"]), "", ("<=", 1.1)))
    report(Figure("of the machine's processors busy, all that runs", 100 * busy, "%"))


def _token(url: str) -> str:
    """A token that reads the whole registry."""
    by = changes.By("bench", "command")
    with connect(url) as connection:
        accounts.add(connection, "bench", None, [Grant(Role.AUDITOR), Grant(Role.ADMINISTRATOR)], by)
        return tokens.make(connection, "bench", "bench", Grant(Role.AUDITOR), today(), by)[1]


def _processor() -> float:
    """Seconds that the machine's processors have been idle so far."""
    ticks = Path("/proc/stat").read_text().split("\n", 1)[0].split()
    return (int(ticks[4]) + int(ticks[5])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def server(url: str) -> Iterator[str]:
    """The address of `registry serve` over this database."""
    process = subprocess.Popen(
        [sys.executable, "-m", "registry", "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        # As many as come are counted, and none is refused.
        env=os.environ | {"REGISTRY_DATABASE_URL": url, "REGISTRY_RATE_OF_ACCOUNT": "1000000"},
        text=True,
    )
    try:
        assert process.stdout is not None
        ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
        line = process.stdout.readline() if ready else "(nothing)"
        match = re.search(r"http://\S+/graphql", line)
        if match is None:
            raise RuntimeError(f"the server did not start; it says: {line}")
        yield match[0]
    finally:
        process.terminate()
        process.wait(30)


def _look(address: str, bodies: list[str], token: str | None) -> tuple[float, float]:
    """Rows and bytes an answer; raises where one has errors."""
    rows = size = 0
    for body in bodies:
        request = Request(address, body.encode(), {"content-type": "application/json"} | _authorization(token))
        with urlopen(request) as response:
            text = response.read()
        answer: dict[str, Any] = json.loads(text)
        if "errors" in answer or answer["data"]["unit"] is None:
            raise RuntimeError(f"an answer is wrong: {text[:500]!r}")
        edges = answer["data"]["unit"]["responsibilities"]["edges"]
        assert all(edge["node"]["matter"]["name"] for edge in edges)
        rows += len(edges)
        size += len(text)
    return rows / len(bodies), size / len(bodies)


def _load(address: str, bodies: list[str], folder: Path, seconds: int, token: str | None) -> tuple[float, str]:
    """Requests a second, and the client that made them."""
    file = folder / "requests.jsonl"
    file.write_text("\n".join(bodies) + "\n", "utf-8")
    if shutil.which("wrk") is None:
        command = [sys.executable, "-m", "bench.serving", address, str(file), str(seconds), token or ""]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        return float(done.stdout), "a client of ours (asyncio)"
    script = folder / "requests.lua"
    script.write_text(
        f'local bodies = {{}}\nfor line in io.lines("{file}") do bodies[#bodies + 1] = line end\nlocal n = 0\n'
        'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n'
        + "".join(f'wrk.headers["{name}"] = "{value}"\n' for name, value in _authorization(token).items())
        + "request = function() n = n % #bodies + 1; return wrk.format(nil, nil, nil, bodies[n]) end\n"
    )
    command = ["wrk", "-t1", f"-c{CLIENTS}", f"-d{seconds}s", "-s", str(script), address]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    match = re.search(r"Requests/sec:\s*([\d.]+)", output)
    if match is None or "Non-2xx" in output or "Socket errors" in output:
        raise RuntimeError(f"wrk says: {output}")
    return float(match[1]), "wrk"


def _authorization(token: str | None) -> dict[str, str]:
    """The header that says who asks; none without a token."""
    return {} if token is None else {"Authorization": f"Bearer {token}"}


async def _client(address: str, bodies: list[str], seconds: float, token: str | None) -> float:
    host = urlsplit(address)
    more = "".join(f"{name}: {value}\r\n" for name, value in _authorization(token).items())
    requests = [
        (
            f"POST {host.path} HTTP/1.1\r\nHost: {host.netloc}\r\nContent-Type: application/json\r\n"
            f"{more}Content-Length: {len(body.encode())}\r\n\r\n{body}"
        ).encode()
        for body in bodies
    ]
    done = 0
    end = time.perf_counter() + seconds

    async def ask(index: int) -> None:
        nonlocal done
        reader, writer = await asyncio.open_connection(host.hostname, host.port)
        while time.perf_counter() < end:
            writer.write(requests[index % len(requests)])
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 200 " not in head.split(b"\r\n", 1)[0]:
                raise RuntimeError(f"the server says: {head!r}")
            match = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
            assert match is not None
            await reader.readexactly(int(match[1]))
            done += 1
            index += CLIENTS
        writer.close()

    start = time.perf_counter()
    await asyncio.gather(*(ask(index) for index in range(CLIENTS)))
    return done / (time.perf_counter() - start)


if __name__ == "__main__":
    lines = Path(sys.argv[2]).read_text("utf-8").splitlines()
    print(asyncio.run(_client(sys.argv[1], lines, float(sys.argv[3]), sys.argv[4] or None)))
