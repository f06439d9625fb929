"""A check piece by piece: what is found is that of the whole, in its order, and no more than a piece is in memory.

The findings of each piece are put into words while its picture is there, packed, and laid aside in a temporary file;
when all pieces are judged they are read from it in order. Pieces can be judged by several processes, or machines:
each task says what it asks in a few words, opens a connection of its own, and answers with packed findings.
"""

from __future__ import annotations

import hashlib
import heapq
import tempfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import IO, Any, Final, NamedTuple

import orjson
import psycopg

from registry import __version__
from registry.checker.check import explained, finding_rows, rules_named
from registry.checker.finding import Finding
from registry.checker.rules import RULES
from registry.domain.text import Text
from registry.log import positions
from registry.snapshot.pieces import Piece, load_piece, pieces

PACKED: Final = 200  # findings packed together: of each piece so many are in memory when all are read in order


class Task(NamedTuple):
    """One piece to be judged: as of which day, known at which position, by which rule (None: all).

    `waived`: with findings that are waived. `leaf`: the hash of the decision at that position, in hex, and `versions`
    those of the rules, so that who judges elsewhere can tell whether the answer would be the same.
    """

    number: int
    piece: Piece
    as_of: date
    known: int
    rule: str | None
    waived: bool
    leaf: str
    versions: str


class Judged(NamedTuple):
    """What was found in a piece. `packed`: for each rule that found something, its findings in order, a few at a time.

    `findings`: how many there are.
    """

    number: int
    findings: int
    packed: dict[str, list[bytes]]


Judge = Callable[[Sequence[Task]], Iterable[Judged]]


@dataclass(frozen=True, eq=False)
class Findings:
    """How many findings there are, and each of them by (rule, unit, subject), to be gone through once."""

    count: int
    each: Iterator[Finding]


def check_in_pieces(
    connection: psycopg.Connection[Any],
    as_of: date,
    known: int,
    within: str | None = None,
    rule: str | None = None,
    *,
    waived: bool = False,
    most: int | None = None,
    at_least: int = 1,
    judge: Judge | None = None,
) -> Findings:
    """Return what `check` returns of all rules or one, with memory for the largest piece and the temporary file's disk.

    `most`, `at_least`: as for `pieces`. `judge`: judges the tasks, in whatever order; None: one after another, here,
    and without a file where there is only one. Raises what `judge` raises, and ValueError where it left out or repeated
    a task.
    """
    parts = pieces(connection, as_of, known, within, most=most, at_least=at_least)
    if judge is None and len(parts) == 1:
        snapshot = load_piece(connection, as_of, known, parts[0])
        rows = finding_rows(snapshot, rules_named(rule), waived=waived)
        return Findings(len(rows), explained(snapshot, rows))
    tasks = make_tasks(connection, parts, as_of, known, rule, waived=waived)
    aside = _Aside()
    judging = (judged(connection, task) for task in tasks) if judge is None or not tasks else judge(tasks)
    for result in judging:
        aside.lay(result)
    if aside.numbers != set(range(len(tasks))):
        raise ValueError(f"{len(aside.numbers)} of {len(tasks)} pieces were judged")
    return Findings(aside.count, aside.findings())


def make_tasks(
    connection: psycopg.Connection[Any],
    parts: Sequence[Piece],
    as_of: date,
    known: int,
    rule: str | None = None,
    *,
    waived: bool = False,
) -> list[Task]:
    """Return a task for each piece, the largest first: who judges several at a time is not left with it in the end."""
    known = min(known, positions.head(connection)[0])  # beyond which nothing is known here either
    leaf, versions = positions.leaf_at(connection, known), rule_versions()
    by_size = sorted(parts, key=lambda piece: -piece.units)
    return [Task(at, piece, as_of, known, rule, waived, leaf, versions) for at, piece in enumerate(by_size)]


def rule_versions() -> str:
    """What is the same for two programs only if they find the same: a hash of the versions of all rules, in hex."""
    versions = [__version__, *(f"{name} {rule.full_version}" for name, rule in sorted(RULES.items()))]
    return hashlib.sha256("\n".join(versions).encode()).hexdigest()


def judged(connection: psycopg.Connection[Any], task: Task) -> Judged:
    """Judge one piece with a connection to a registry that knows the position."""
    snapshot = load_piece(connection, task.as_of, task.known, task.piece)
    rows = finding_rows(snapshot, rules_named(task.rule), waived=task.waived)
    packed: defaultdict[str, list[bytes]] = defaultdict(list)
    together: list[Finding] = []
    for finding in explained(snapshot, rows):
        if together and (len(together) == PACKED or together[0].rule != finding.rule):
            packed[together[0].rule].append(_pack(together))
            together = []
        together.append(finding)
    if together:
        packed[together[0].rule].append(_pack(together))
    return Judged(task.number, len(rows), dict(packed))


class _Aside:
    """Packed findings in a temporary file, by rule and piece."""

    def __init__(self) -> None:
        self.count = 0
        self.numbers: set[int] = set()
        # Gone with the last reference to it, and when the process ends.
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="quanze-check-")  # noqa: SIM115
        self._where: defaultdict[str, list[list[tuple[int, int]]]] = defaultdict(list)

    def __del__(self) -> None:
        self._file.close()

    def lay(self, result: Judged) -> None:
        """Lay the findings of a piece aside. Raises ValueError for a piece that was judged before."""
        if result.number in self.numbers:
            raise ValueError(f"piece {result.number} was judged twice")
        self.numbers.add(result.number)
        self.count += result.findings
        for rule, packed in result.packed.items():
            self._where[rule].append([(self._file.tell(), self._file.write(some)) for some in packed])

    def findings(self) -> Iterator[Finding]:
        """Yield all by key."""
        with self._file:
            for rule in sorted(self._where):
                yield from heapq.merge(*map(self._read, self._where[rule]), key=attrgetter("key"))

    def _read(self, where: Sequence[tuple[int, int]]) -> Iterator[Finding]:
        for start, size in where:
            self._file.seek(start)
            yield from _unpack(self._file.read(size))


def _pack(findings: Sequence[Finding]) -> bytes:
    rows = [
        [
            *(finding.rule, finding.severity, finding.unit, finding.subject, finding.matter, finding.as_of),
            *(finding.missing, finding.path, finding.message.zh, finding.message.en, finding.basis, finding.waived_by),
        ]
        for finding in findings
    ]
    return zlib.compress(orjson.dumps(rows), 1)


def _unpack(packed: bytes) -> Iterator[Finding]:
    for rule, severity, unit, subject, matter, as_of, missing, path, zh, en, basis, waived_by in orjson.loads(
        zlib.decompress(packed)
    ):
        yield Finding(
            rule=rule,
            severity=severity,
            unit=unit,
            subject=subject,
            matter=matter,
            as_of=date.fromisoformat(as_of),
            missing=None if missing is None else tuple(missing),
            path=tuple(path),
            message=Text(zh, en),
            basis=tuple(basis),
            waived_by=waived_by,
        )
