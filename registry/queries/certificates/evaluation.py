"""How well phrasings are understood: `python -m registry.queries.certificates.evaluation FILE.csv VILLAGE [PART]`.

A file has the columns text, expected_status, expected_matter (codes parted by |), part, and kind where it parts them by
how they are said; or, as the sayings that the
models learn from, text, means (names parted by |) and part. It is asked of a village of the registry that
REGISTRY_DATABASE_URL names. What is answered wrongly is listed of `dev` and `tune` only: `unseen` is for scoring.
"""

from __future__ import annotations

import asyncio
import csv
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from registry import database
from registry.queries.certificates.answering import Answer, answer, certificates_of
from registry.queries.certificates.model import NO_REQUEST
from registry.queries.certificates.status import Certificate, UnknownVillage


class Case(NamedTuple):
    text: str
    status: str
    matters: frozenset[str]
    part: str
    kind: str = ""


READ: Final = ("dev", "tune")  # the parts that may be looked at
TWO: Final = 2


class Trial(NamedTuple):
    """A case with the answer that it got, and the milliseconds that took."""

    case: Case
    answer: Answer
    took: float

    @property
    def right(self) -> bool:
        """The status expected, and its certificate; of several to choose from one of those expected."""
        if self.answer.status != self.case.status:
            return False
        if self.case.status == "AMBIGUOUS":
            return any(one.code in self.case.matters for one in self.answer.candidates)
        return not self.case.matters or self.answer.matter in self.case.matters

    @property
    def offered(self) -> bool:
        """Right, or one of at most two choices is."""
        if self.right:
            return True
        if self.answer.status != "AMBIGUOUS" or len(self.answer.candidates) > TWO:
            return False
        if self.case.status == "UNLISTED":
            return any(one.status == "UNLISTED" for one in self.answer.candidates)
        return any(one.code in self.case.matters for one in self.answer.candidates if one.code)

    @property
    def misleading(self) -> bool:
        """A certificate told outright that was not meant."""
        definite = self.answer.status in ("ALLOWED", "FORBIDDEN")
        return definite and not self.right and self.answer.matter not in self.case.matters

    @property
    def harmful(self) -> bool:
        """A forbidden certificate answered as one that the village may issue."""
        return self.case.status == "FORBIDDEN" and self.answer.status == "ALLOWED"


def read(file: Path, part: str | None = None, certificates: Sequence[Certificate] = ()) -> list[Case]:
    """The rows of a file, or of one part of it; `certificates`: those of the village, by whose names sayings go."""
    with file.open(encoding="utf-8", newline="") as lines:
        cases = [_case(row, certificates) for row in csv.DictReader(lines)]
    return [case for case in cases if part in (None, case.part)]


def _case(row: Mapping[str, str], certificates: Sequence[Certificate]) -> Case:
    part = row.get("part") or "dev"
    if "means" not in row:
        matters = frozenset(filter(None, row["expected_matter"].split("|")))
        return Case(row["text"], row["expected_status"], matters, part, row.get("kind") or "")
    names = row["means"].split("|")
    meant = [one for one in certificates if one.name in names and one.matter]
    codes = frozenset(one.matter for one in meant if one.matter)
    if names == [NO_REQUEST]:
        return Case(row["text"], "UNKNOWN", frozenset(), part)
    if len(names) > 1:
        return Case(row["text"], "AMBIGUOUS", codes, part)
    return Case(row["text"], meant[0].status if meant else "UNLISTED", codes, part)


async def run_trials(reader: Any, village: str, cases: Sequence[Case]) -> list[Trial]:
    """The answers to the cases, today."""
    await answer(reader, village, "证明")  # what is made once a process is no part of an answer's time
    trials: list[Trial] = []
    for case in cases:
        start = time.perf_counter()
        got = await answer(reader, village, case.text)
        trials.append(Trial(case, got, 1000 * (time.perf_counter() - start)))
    return trials


def accuracy(trials: Sequence[Trial]) -> float:
    """Of how many the answer is right."""
    return sum(one.right for one in trials) / len(trials) if trials else 0.0


def offered_of(trials: Sequence[Trial]) -> float:
    """Of how many the answer is right, or one of at most two choices is."""
    return sum(one.offered for one in trials) / len(trials) if trials else 0.0


def report(trials: Sequence[Trial]) -> Iterator[str]:
    """The scores by part, expected status and kind, and what of READ is answered wrongly, line by line."""
    for part in sorted({one.case.part for one in trials}):
        of = [one for one in trials if one.case.part == part]
        harmful = sum(one.harmful for one in of)
        right = f"{sum(one.right for one in of)} of {len(of)} right ({accuracy(of):.1%})"
        misleading = sum(one.misleading for one in of) / len(of)
        yield f"{part}: {right}, with at most two choices {offered_of(of):.1%}, wrong one told {misleading:.1%}, "
        yield f"  forbidden as allowed {harmful}"
        for status in sorted({one.case.status for one in of}):
            same = [one for one in of if one.case.status == status]
            tally = {
                name: sum(one.answer.status == name for one in same) for name in sorted({o.answer.status for o in same})
            }
            counts = ", ".join(f"{name} {count}" for name, count in tally.items())
            yield f"  {status:10} {accuracy(same):6.1%} of {len(same):3}  answered {counts}"
        for kind in sorted({one.case.kind for one in of} - {""}):
            same = [one for one in of if one.case.kind == kind]
            yield f"    {kind:10} {accuracy(same):6.1%} of {len(same):3}, with two choices {offered_of(same):.1%}"
    took = sorted(one.took for one in trials)
    if took:
        yield f"p50 {took[len(took) // 2]:.2f} ms, p99 {took[len(took) * 99 // 100]:.2f} ms"
    for one in trials:
        if one.case.part in READ and not one.right:
            got = one.answer.matter or "|".join(str(each.code or each.name) for each in one.answer.candidates)
            expected = f"{one.case.status} {'|'.join(sorted(one.case.matters))}"
            yield f"  {one.case.text}: {expected} → {one.answer.status} {got}"


async def _main(file: Path, village: str, part: str | None) -> None:
    async with await database.pool(min_size=1, max_size=1) as pool, pool.acquire() as connection:
        certificates = await certificates_of(connection, village)
        for line in report(await run_trials(connection, village, read(file, part, certificates))):
            sys.stdout.write(line + "\n")


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    try:
        asyncio.run(_main(Path(sys.argv[1]), sys.argv[2], sys.argv[3] if len(sys.argv) == 4 else None))
    except (UnknownVillage, OSError, KeyError) as problem:
        sys.exit(f"{type(problem).__name__}: {problem}")
