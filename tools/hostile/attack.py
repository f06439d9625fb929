"""An attack: hostile inputs from a seed, all sent, and what became of them."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from tools.hostile import graphql_inputs, page_inputs, upload_inputs, web_inputs
from tools.hostile.client import Address, Outcome, sent
from tools.hostile.inputs import Input, http, signed

# Of a hundred inputs, how many are of which family.
FAMILIES: Final[tuple[tuple[int, Callable[[random.Random, int], Iterator[Input]]], ...]] = (
    (46, graphql_inputs.inputs),
    (7, page_inputs.views),
    (3, page_inputs.signed),
    (17, web_inputs.requests),
    (12, web_inputs.heads),
    (6, upload_inputs.forms),
    (3, upload_inputs.files),
    (3, web_inputs.behaviours),
    (3, web_inputs.sockets),
)
WORKERS: Final = 8  # clients at once
WAITING: Final = 64  # of those that only wait


@dataclass
class Report:
    """What became of all inputs: how many of each family and status, and the bad ones."""

    counts: Counter[tuple[str, int]] = field(default_factory=Counter[tuple[str, int]])
    bad: list[Outcome] = field(default_factory=list[Outcome])
    slowest: dict[str, Outcome] = field(default_factory=dict[str, Outcome])
    pairs: dict[str, Outcome] = field(default_factory=dict[str, Outcome])

    def add(self, outcome: Outcome) -> None:
        """Count an outcome."""
        family = outcome.input.family
        self.counts[family, outcome.status] += 1
        if outcome.bad:
            self.bad.append(outcome)
        if outcome.input.pair:
            self.pairs[outcome.input.pair] = outcome
        if family not in self.slowest or outcome.seconds > self.slowest[family].seconds:
            self.slowest[family] = outcome

    def lines(self) -> Iterator[str]:
        """The counts by family, and the bad ones by kind."""
        families = sorted({family for family, _ in self.counts})
        for family in families:
            statuses = {status: count for (one, status), count in sorted(self.counts.items()) if one == family}
            tally = ", ".join(f"{status or 'closed'}: {count}" for status, count in statuses.items())
            slowest = self.slowest[family]
            yield f"{family}: {sum(statuses.values())} ({tally}); slowest {slowest.seconds:.1f} s, {slowest.input.name}"
        kinds: dict[tuple[str, str, int, str], list[Outcome]] = defaultdict(list)
        for outcome in self.bad:
            code = re.search(rb'"code":"([a-z-]+)"', outcome.answer)
            what = "hung" if outcome.hung else code[1].decode() if code else ""
            kinds[outcome.input.family, outcome.input.name, outcome.status, what].append(outcome)
        for (family, name, status, what), outcomes in sorted(kinds.items()):
            longest = max(outcome.seconds for outcome in outcomes)
            yield f"BAD {len(outcomes)} × {family}, {name}: {status} {what}, up to {longest:.0f} s"
            yield f"    {b''.join(outcomes[0].input.pieces)[:600]!r}"

    def halves(self, recorded: set[str]) -> list[str]:
        """Pairs of which one half is recorded and the other is not, or that are recorded though they were refused."""
        wrong: list[str] = []
        for pair, outcome in self.pairs.items():
            first, second = f"{pair}-a" in recorded, f"{pair}-b" in recorded
            acknowledged = re.search(rb'"positions":\[\d', outcome.answer) is not None
            complete = outcome.input.ending == "read" and outcome.status == 200
            if second and not first:
                wrong.append(f"{pair}: half")
            if complete and first != acknowledged:
                wrong.append(f"{pair}: {'recorded, and refused' if first else 'acknowledged, and not recorded'}")
        return wrong


def inputs(seed: int, many: int) -> list[Input]:
    """So many inputs of all families, mixed; the same ones for the same seed."""
    chance = random.Random(seed)  # noqa: S311
    results: list[Input] = []
    for share, family in FAMILIES:
        own = random.Random(f"{seed} {family.__name__}")  # noqa: S311
        results += family(own, max(1, many * share // 100))
    chance.shuffle(results)
    return results


def form_token(address: Address) -> tuple[str, str]:
    """The token of a form that the server shows, and the cookie that goes with it. Raises ValueError: it shows none."""
    page = sent(
        address, Input("", "", (http("GET", "/lists/import", b"", {"Accept": "text/html"}),)), kept=1 << 20
    ).answer
    token, cookie = (
        re.search(pattern, page) for pattern in (rb'name="token" value="([^"]+)"', rb"((?:__Host-)?quanze_form=[\w-]+)")
    )
    if token is None or cookie is None:
        raise ValueError(page[:500])
    return token[1].decode(), cookie[1].decode()


def attack(address: Address, given: list[Input], progress: Callable[[int, Outcome], None] | None = None) -> Report:
    """Send all inputs, several at once. Those that only wait for the server to lose patience do so beside."""
    report = Report()
    token, cookie = form_token(address)
    given = [signed(one, token, cookie) for one in given]
    waiting = [one for one in given if one.ending == "wait"]
    others = [one for one in given if one.ending != "wait"]
    with ThreadPoolExecutor(WAITING) as beside, ThreadPoolExecutor(WORKERS) as workers:
        late = [beside.submit(sent, address, one) for one in waiting]
        for number, outcome in enumerate(workers.map(partial(sent, address), others)):
            report.add(outcome)
            if progress is not None:
                progress(number + 1, outcome)
        for future in late:
            report.add(future.result())
    return report
