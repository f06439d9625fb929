"""Answers that a clerk marked as wrong: sayings to be reviewed, without anybody's data; a table beside the log.

Nothing is kept of who asked or marked, nor of the village. Numbers of persons are refused, what looks like a name is
put as 某某; rather one too many.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import psycopg
from psycopg.rows import class_row

from registry.domain.dates import today
from registry.domain.personal_names import masked
from registry.domain.personal_numbers import suspected_numbers
from registry.domain.text import Text
from registry.queries.certificates.answering import LONGEST, Answer
from registry.queries.certificates.model import NO_REQUEST, OFF_LIST

DAILY: Final = 50  # marks that a county may make in a day
MOST: Final = 5000  # that wait to be reviewed
WRONG_OFFICE: Final = "找谁办说错了"  # the certificate was understood, but not who to go to
# A telephone or card number with a digit wrong or missing is somebody's all the same.
_LONG_NUMBER: Final = re.compile(r"\d(?:[\s\-]?\d){6,}")


class NotMarked(Exception):
    """What was said is not kept: why, and what to do."""

    def __init__(self, status: int, text: Text) -> None:
        super().__init__(text.en)
        self.status, self.text = status, text


@dataclass(frozen=True, slots=True)
class Marked:
    """A saying with what was answered (status and certificate) and what was meant, each by its name."""

    number: int
    day: date
    county: str
    said: str
    status: str
    answered: str | None
    meant: str | None


def mark(
    connection: psycopg.Connection[Any], county: str, text: str, answer: Answer, meant: str, names: Collection[str]
) -> None:
    """Keep a saying that was answered wrongly, once for what it should have meant.

    `meant`: one of the `names`, of those of a certificate off all lists, of no request and of a wrong office, or empty:
    not known.
    Raises NotMarked.
    """
    said = masked("".join(letter if letter.isprintable() else " " for letter in text))
    if not said:
        raise NotMarked(400, Text("请写明原来问的话。", "Say what was asked."))
    if len(said) > LONGEST:
        raise NotMarked(400, Text(f"太长了，请不超过 {LONGEST} 字。", f"Too long: at most {LONGEST} letters."))
    if meant and meant not in {*names, OFF_LIST, NO_REQUEST, WRONG_OFFICE}:
        raise NotMarked(400, Text("请从列出的证明里选。", "Choose one of the certificates listed."))
    for number in suspected_numbers(said):
        zh = f"话里有{number.kind.zh}，没有记下。请删去再提交，只留要什么证明。"
        en = f"There is {number.kind.en} in it, so it was not kept. Leave it out; only what was asked for is needed."
        raise NotMarked(400, Text(zh, en))
    if _LONG_NUMBER.search(said):
        zh = "话里有一长串数字，没有记下。请删去再提交，只留要什么证明。"
        en = "There is a long number in it, so it was not kept. Leave it out; only what was asked for is needed."
        raise NotMarked(400, Text(zh, en))
    with connection.transaction():
        connection.execute("LOCK TABLE review.marked_answer IN SHARE ROW EXCLUSIVE MODE")
        counted = connection.execute(
            "SELECT count(*), count(*) FILTER (WHERE day = %s AND county = %s) FROM review.marked_answer",
            (today(), county),
        ).fetchone()
        if counted is not None and (counted[0] >= MOST or counted[1] >= DAILY):
            zh = "今天标记的已经很多，没有记下；请明天再标，或者告诉管理登记册的人。"
            en = "Enough was marked for today, so it was not kept; try tomorrow, or tell who runs the registry."
            raise NotMarked(429, Text(zh, en))
        connection.execute(
            "INSERT INTO review.marked_answer (day, county, said, status, answered, meant) "
            "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            (today(), county, said, answer.status, answer.name, meant or None),
        )


def marked(connection: psycopg.Connection[Any]) -> list[Marked]:
    """All that wait to be reviewed, the oldest first."""
    with connection.cursor(row_factory=class_row(Marked)) as cursor:
        return cursor.execute("SELECT * FROM review.marked_answer ORDER BY number").fetchall()


def reviewed(connection: psycopg.Connection[Any], last: int) -> int:
    """Take away those up to and including this number; give how many."""
    return connection.execute("DELETE FROM review.marked_answer WHERE number <= %s", (last,)).rowcount
