"""Random journals of small worlds, rich in what matters, for property tests.

Each decision is made from one drawn number and what came before it, so that hypothesis shrinks a journal by leaving
decisions out.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.support.random_decisions import add_decision
from tests.support.random_world import QUERY_DAYS, Line, World, base


def encoded(line: Line) -> bytes:
    return json.dumps(line, ensure_ascii=False).encode()


def numbers(size: int) -> st.SearchStrategy[list[int]]:
    """Up to `size` numbers, long lists as likely as short ones; left to itself hypothesis draws half a dozen."""
    return st.integers(1, size).flatmap(lambda n: st.lists(st.integers(0, 2**20), min_size=n, max_size=n))


@st.composite
def journals(draw: st.DrawFn, *, size: int = 40) -> list[Line]:
    """A world and up to `size` decisions in it; nearly all its lines are valid."""
    seeds = draw(numbers(size))
    world = base(Random(seeds[0]))
    for seed in seeds[1:]:
        add_decision(world, Random(seed))
    return world.lines


# ---------------------------------------------------------------------------------------------- broken on purpose


def broken(line: Line, world: World, random: Random) -> bytes:
    """The line with one thing wrong, or with an id of something else in it."""
    line = copy.deepcopy(line)
    field = random.choice([field for field in line if field != "type"])
    match random.randrange(12):
        case 0:
            return random.choice((encoded(line)[:-1], b"[1, 2]", b"\xff\xfe", b"null", b'"text"'))
        case 1:
            line["type"] = random.choice(("UnitAbolished", "dutyDelegated", ""))
        case 2:
            line["colour"] = "红"
        case 3:
            del line[field]
        case 4:
            line[field] = random.choice((None, 7, "", True, {}))
        case 5:
            line["at"] = random.choice(("2020-13-01", "2020-1-1", "2020-02-30", "20200101", "2020-01-01T00:00:00"))
        case 6:
            line[field] = "没有的编号"
        case 7:
            line["note"] = "另一种说法"
        case 8:
            other = random.choice(["unit", "instrument", "matter", "list", "DutyDelegated", "PowerGranted", "proposal"])
            line[field] = random.choice(world.ids[other] or ["42"])
        case 9:
            line["at"] = random.choice(("2018-01-01", *QUERY_DAYS))
        case 10:
            line["until" if random.random() < 0.5 else "due_on"] = random.choice(QUERY_DAYS)
        case _:
            other_line = random.choice(world.lines)
            shared = [f for f in other_line if f in line and f not in ("type", "at")]
            for each in shared[:1]:
                line[each] = other_line[each]
    if line.get("under") is not None and line.get("under") == line.get("ref"):
        del line["under"]  # the contract is silent on what passes itself on
    return encoded(line)


@st.composite
def broken_journals(draw: st.DrawFn, *, size: int = 30) -> list[bytes]:
    """Lines as bytes: a journal in which some lines are broken on purpose, and some are blank."""
    seeds = draw(numbers(size))
    world = base(Random(seeds[0]))
    made = 0
    raw: list[bytes] = []
    for seed in (None, *seeds[1:]):
        random = Random(seed)
        if seed is not None:
            add_decision(world, random)
        for line in world.lines[made:]:
            raw.append(encoded(line))
            if random.random() < 0.3 and seed is not None:
                raw.append(broken(line, world, random))
                if random.random() < 0.5:  # the broken one alone
                    del raw[-2]
            if random.random() < 0.03:
                raw.append(random.choice((b"  ", b"\n", b"\t\r\n")))
        made = len(world.lines)
    return raw


def smallest(lines: list[Any], fails: Callable[[list[Any]], bool], *, tries: int = 400) -> list[Any]:
    """A part of the lines that still fails, found by leaving out halves, quarters … single lines: for debugging."""
    step = max(len(lines) // 2, 1)
    while tries > 0:
        start = 0
        while start < len(lines) and tries > 0:
            tries -= 1
            fewer = lines[:start] + lines[start + step :]
            if fewer and fails(fewer):
                lines = fewer
            else:
                start += step
        if step == 1:
            break
        step //= 2
    return lines
