"""What is asked and recorded all the while, each by a thread of its own: readers, writers, followers of the feeds."""

from __future__ import annotations

import itertools
import json
import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any, Final

import httpx

COUNTY: Final = "420684"
UNIT: Final = (
    '{ unit(code: "%s") { name responsibilities(first: 20) { nodes { subject matter { name } } totalCount } } }'
)
QUESTIONS: Final = (
    '{ findings(within: "420684", first: 20) { nodes { rule message } totalCount } }',
    '{ findingCounts(by: [UNIT, RULE], within: "420684") { keys count } }',
    '{ units(search: "村", first: 20) { nodes { code name } totalCount } }',
    '{ balance(within: "420684") { total { duties withoutPower } } }',
    "{ log { size root } }",
)
PAGES: Final = ("/", "/villages?in=420684", "/villages/420684102200", "/lists", "/changes/420684")
CERTIFICATE: Final = "/v1/villages/420684102200/certificates?q=%s"
SAYINGS: Final = ("受灾证明", "开个说我没犯过罪的条子", "亲属关系证明", "我家房子是我的证明")
RECORD: Final = "mutation ($d: [JSON!]!) { record(decisions: $d) { positions } }"


class Load:
    """What is done to a server, and what came of it. `address`: changed when the server is another."""

    def __init__(self, address: str, seed: int) -> None:
        self.address = address
        self.over = threading.Event()
        self.answers: Counter[str] = Counter()  # by kind and status
        self.bad: defaultdict[str, list[str]] = defaultdict(list)  # by kind and outcome, when it was
        self.acknowledged: dict[str, int] = {}  # by unit its position
        self.followed: dict[str, list[int]] = {"/v1/decisions": [], "/v1/findings": []}
        self._numbers = itertools.count(1)
        self._seed = seed
        self._threads: list[threading.Thread] = []

    def start(self, readers: int, writers: int) -> None:
        """Begin with so many of each, and one follower of either feed."""
        work: list[tuple[Callable[..., None], Any]] = [(self._read, number) for number in range(readers)]
        work += [(self._write, number) for number in range(writers)]
        work += [(self._follow, path) for path in self.followed]
        self._threads = [threading.Thread(target=each, args=(given,), daemon=True) for each, given in work]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """End all of it."""
        self.over.set()
        for thread in self._threads:
            thread.join(60)

    def _read(self, number: int) -> None:
        chosen = random.Random(f"{self._seed} {number}")
        with httpx.Client(timeout=60) as client:
            while not self.over.wait(chosen.uniform(0.02, 0.2)):
                kind = chosen.choice(("graphql", "graphql", "unit", "certificate", "page"))
                if kind == "page":
                    page = chosen.choice(PAGES)
                    self._sent(f"page {page}", lambda page=page: client.get(self.address + page))
                elif kind == "certificate":
                    path = CERTIFICATE % chosen.choice(SAYINGS)
                    self._sent(kind, lambda path=path: client.get(self.address + path))
                else:
                    query = UNIT % chosen.choice((COUNTY, "420684102", "420684102200")) if kind == "unit" else None
                    body = {"query": query or chosen.choice(QUESTIONS)}
                    self._sent(kind, lambda body=body: client.post(f"{self.address}/graphql", json=body))

    def _write(self, number: int) -> None:
        chosen = random.Random(f"{self._seed} writer {number}")
        with httpx.Client(timeout=60) as client:
            while not self.over.wait(chosen.uniform(0.3, 0.7)):
                line = self.unit()
                body = {"query": RECORD, "variables": {"d": [line]}}
                answer = self._sent("record", lambda body=body: client.post(f"{self.address}/graphql", json=body))
                data = (answer or {}).get("data")
                if data and data["record"]:
                    self.acknowledged[line["unit"]] = data["record"]["positions"][0]

    def unit(self) -> dict[str, Any]:
        """A village that nobody has recorded yet."""
        code = f"E{next(self._numbers)}"
        new = {"type": "UnitRegistered", "at": "2026-01-01", "unit": code, "name": f"村{code}", "level": "village"}
        return new | {"kind": "village", "parent": "420684102"}

    def _sent(self, kind: str, send: Callable[[], httpx.Response]) -> dict[str, Any] | None:
        try:
            answer = send()
        except httpx.HTTPError as error:
            self._note(kind, type(error).__name__)
            return None
        self._note(kind, str(answer.status_code))
        if "json" not in answer.headers.get("content-type", ""):
            return None
        content: dict[str, Any] = answer.json()
        if answer.status_code < 500 and content.get("errors"):
            self._note(kind, content["errors"][0]["extensions"]["code"])
        return content

    def _note(self, kind: str, outcome: str) -> None:
        self.answers[f"{kind} {outcome}"] += 1
        if outcome not in ("200", "busy"):
            self.bad[f"{kind}: {outcome}"].append(time.strftime("%H:%M:%S"))

    def _follow(self, path: str) -> None:
        """Follow a feed; it goes on after the last event that came, whenever the connection ends."""
        seen = self.followed[path]
        while not self.over.is_set():
            last = seen[-1] if seen else 0
            try:
                with httpx.stream("GET", f"{self.address}{path}?after={last}", timeout=20) as answer:
                    for line in answer.iter_lines():
                        if line.startswith("id:"):
                            last = int(line[3:])
                        elif line.startswith("data:"):  # an id without data is no event
                            seen.append(last)
                        if self.over.is_set():
                            return
            except httpx.HTTPError:
                self.answers[f"{path} again"] += 1

    def journal(self, lines: int) -> bytes:
        """A journal of so many villages, to be imported."""
        return b"".join(json.dumps(self.unit(), ensure_ascii=False).encode() + b"\n" for _ in range(lines))
