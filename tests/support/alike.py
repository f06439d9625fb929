"""Whether what may not be seen is answered by the same work, and in the same words, as what there is not.

What takes long is asking the database: so the statements are compared, not the time.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import psycopg
import pytest

from registry.web.console.asking import ANSWERS
from tests.support.two_counties import mark

Ask = Callable[[str], str]
OTHERS, MISSING, BEFORE = "S-B-town.", "S-B-tomb.", "S-B-town2."  # BEFORE: hidden too; what it loads is kept then
assert mark("B-town") == OTHERS
# Whose the request is and what territory it has is remembered for a moment, by the clock.
ATTEMPTS = 6  # the worker that judges findings may be asking at the same time
BESIDES = ("access.", "quanze.secret")


@contextmanager
def every_statement() -> Iterator[list[str]]:
    """Every statement of the server, asyncpg's and psycopg's."""
    noted: list[str] = []
    execute, run = asyncpg.connection.Connection._do_execute, psycopg.Cursor.execute

    def note(query: Any) -> None:
        text = " ".join((query.decode() if isinstance(query, bytes) else str(query)).split())
        if not any(word in text for word in BESIDES):
            noted.append(text)

    async def counting(self: Any, query: Any, *arguments: Any, **named: Any) -> Any:
        note(query)
        return await execute(self, query, *arguments, **named)

    def running(self: Any, query: Any, *arguments: Any, **named: Any) -> Any:
        note(query)
        return run(self, query, *arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncpg.connection.Connection, "_do_execute", counting)
        patch.setattr(psycopg.Cursor, "execute", running)
        yield noted


def _counted(statements: list[str], ask: Ask, named: str) -> tuple[str, Counter[str]]:
    """What is answered, and the statements that it took."""
    ANSWERS.clear()
    statements.clear()
    answer = ask(named)
    return answer, Counter(statements)


def _lines(answer: str, others: str, missing: str) -> list[str]:
    """An answer's lines without what is another each time, and whichever of the two ids it names."""
    steady = re.sub(r'(name="(?:token|new_ref)" value=)"[^"]*"', r"\1", answer)
    steady = re.sub(r"\b[0-9a-f]{64}\b", "DIGEST", steady)  # of what names the id
    ids = "|".join(re.escape(each.rstrip(".")) for each in (others, missing))
    return re.sub(ids, "ID", steady, flags=re.IGNORECASE).splitlines(True)


def same(statements: list[str], ask: Ask, of: tuple[str, str, str] = (BEFORE, OTHERS, MISSING)) -> None:
    """Asking about another's is done by the same statements as asking about nobody's, and answered alike.

    `of`: what is asked about: another's that is only asked about before, another's, and nobody's.
    """
    before, others, missing = of
    ask(before)
    answers: dict[str, list[str]] = {}
    hidden: list[Counter[str]] = []
    nobodys: list[Counter[str]] = []
    for _ in range(ATTEMPTS):
        for named, worked in ((others, hidden), (missing, nobodys)):
            answer, statements_ = _counted(statements, ask, named)
            worked.append(statements_)
            answers[named] = _lines(answer, others, missing)
        if answers[others] != answers[missing]:
            difference = difflib.unified_diff(answers[others], answers[missing], n=0)
            raise AssertionError("".join(difference)[:3000])
        if any(each in nobodys for each in hidden):
            return
    more = [
        str((each - other).most_common(3)) for each, other in ((hidden[-1], nobodys[-1]), (nobodys[-1], hidden[-1]))
    ]
    raise AssertionError(f"another's takes more: {more[0]}; nobody's: {more[1]}")
