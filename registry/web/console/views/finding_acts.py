"""What is done about a finding by the forms of its page: order, answer, waive, lift, take a way out."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import orjson
from fastapi import Response

from registry.domain.dates import today
from registry.domain.text import Text
from registry.web.background import work
from registry.web.background.kinds import Kind, Progress
from registry.web.console import asking
from registry.web.console.asking import Data
from registry.web.console.view import View
from registry.web.console.views import finding_questions as questions
from registry.web.console.views import finding_words as words
from registry.web.console.views.finding_questions import NotDone
from registry.web.graphql.execution import Asking
from registry.web.numbers import whole_number
from registry.web.pages import address as lookup
from registry.web.pages.failure import Refused, in_words
from registry.web.small_forms import fields_of, unsigned

HOW: Final = {
    "law": Text("法定", "by law"),
    "vested": Text("法定授予", "vested by law"),
    **words.MODE,
}
GONE: Final = (
    "这个问题已不成立，没有记录。",
    "The finding does not hold any more; nothing was recorded.",
)
STALE: Final = ("这份办法已经过时，请重新计算。", "These ways out are of another time: ask for them again.")
FIELDS: Final = ("act", "ref", "by", "acting", "text", "due", "outcome", "new_ref")
EMPTY: Final = ("请把必填的各项填完整。", "Fill in everything that is needed.")


@dataclass(frozen=True, slots=True)
class Key:
    """The key of a finding."""

    rule: str
    unit: str
    subject: str

    @property
    def variables(self) -> dict[str, str]:
        """As a question takes it."""
        return {"rule": self.rule, "unit": self.unit, "subject": self.subject}


async def _ways_out(given: Asking, parameters: dict[str, Any], report: Progress) -> Any:
    report(5, "正在查找可行的办法", "looking for ways out")
    finding = (await asking.ask(given, "ways_out", parameters, None))["finding"]
    return {"ways": finding["remedies"] if finding else []}


WAYS_OUT: Final = work.register(
    Kind(
        "ways-out",
        Text("计算一个问题的整改办法", "Ways out of a finding"),
        lambda id_, parameters: ("/findings/one", {**parameters, "ways": id_}),
        over_api=_ways_out,
        seconds=120,
    )
)


def written(decisions: list[Data]) -> str:
    """Decisions as a form field has them."""
    return orjson.dumps(decisions).decode()


async def done(view: View, key: Key) -> Response | NotDone:
    """Do what a form of the page asks for: on to where it is seen, or why it was not done. Raises Refused."""
    fields = await fields_of(view.request)
    problem = unsigned(view.request, fields)
    if problem is not None:
        return NotDone((problem.zh, problem.en), fields)
    act = fields.get("act", "")
    if act == "ways":
        return await _begin_ways(view, key)
    try:
        decisions = await _decisions(view, key, act, fields)
        if isinstance(decisions, NotDone):
            return decisions
        await view.record("record", decisions=decisions)
    except Refused as refused:
        if refused.status == 401:
            raise
        return NotDone(in_words("/findings", refused), fields, refused.status, meant=refused.choices)
    return view.go("/findings/one", **key.variables, done=act)


async def _begin_ways(view: View, key: Key) -> Response:
    number = await work.begin(view, WAYS_OUT.name, key.variables)
    piece = await work.waited(view, number)
    if piece.state == "running":
        return view.go(f"/work/{number}")
    return view.go("/findings/one", **key.variables, ways=number)


async def _decisions(view: View, key: Key, act: str, fields: Mapping[str, str]) -> list[Data] | NotDone:
    """The decisions that a form is for. Raises Refused: bad-value, unknown-unit, and what ways out fail of."""
    text = fields.get("text", "").strip()
    if act == "record":
        return await _of_way(view, key, fields)
    if act == "lift":
        finding = (await view.ask("finding", kept=False, **key.variables))["finding"]
        if finding is None or finding["waiver"] is None:
            return NotDone(GONE, fields, 409)
        day = max(today(), date.fromisoformat(finding["waiver"]["since"]) + timedelta(days=1))
        return [{"type": "WaiverLifted", "at": str(day), **key.variables}]
    if act not in ("order", "answer", "waive"):
        lookup.refuse("bad-value", f"没有 {act} 这一操作。", f"There is no action {act}.")
    if not text or not fields.get("by", "").strip() or (act == "order" and not fields.get("due")):
        return NotDone(EMPTY, fields)
    problem = questions.too_long(text)
    if problem is not None:
        return NotDone(problem, fields)
    by = await lookup.unit_by_name(await view.resources.pool(), view.moment, fields["by"].strip(), "by")
    due = lookup.exact_day(fields["due"].strip(), "due") if fields.get("due", "").strip() else None
    day = due and str(due)
    finding = (await view.ask("finding", kept=False, **key.variables))["finding"]
    orders: list[Data] = finding["orders"] if finding else []
    if act == "waive":
        decision = {"type": "FindingWaived", **key.variables, "by": by, "reason": text}
        by_itself = by if await questions.not_above(view, key.unit, by) is not None else ""
        return _once_confirmed([], due, fields, _given(decision, until=day), by_itself)
    if act == "answer":
        outcome = fields.get("outcome", "")
        decision = {"type": "RectificationAnswered", "ref": fields.get("ref", ""), "by": by, "text": text}
        decision = _given({**decision, "outcome": outcome}, due_on=day if outcome == "extended" else None)
        again = questions.answered_already(orders, decision)
        return NotDone(again, fields, 409) if again else _once_confirmed([], due, fields, decision)
    problem = await questions.not_above(view, key.unit, by)
    if problem is not None:
        return NotDone(problem, fields)
    if finding is None:
        return NotDone(GONE, fields, 409)
    text = await questions.with_who_acts(view, key.unit, fields.get("acting", ""), text)
    problem = questions.too_long(text)
    if problem is not None:
        return NotDone(problem, fields)
    given = fields.get("new_ref", "")  # the form's own, so that one that is sent twice is recorded once
    ref = given if questions.REF.fullmatch(given) else new_ref()
    decision = {"type": "RectificationOrdered", "ref": ref, **key.variables, "by": by, "text": text}
    decision = _given(decision, due_on=day)
    again = questions.ordered_already(orders, decision)
    return NotDone(again, fields, 409) if again else _once_confirmed(orders, due, fields, decision)


def _once_confirmed(
    orders: list[Data], due: date | None, fields: Mapping[str, str], decision: Data, by_itself: str = ""
) -> list[Data] | NotDone:
    """The decision, if there is nothing to ask before it, or just that was confirmed."""
    confirmation = questions.to_confirm(orders, due, by_itself)
    if confirmation is None or fields.get("sure") == confirmation[0]:
        return [decision]
    return NotDone(confirmation[1], fields, 409, confirmation[0])


def new_ref() -> str:
    """An id for an order: its day, and what nobody else has drawn."""
    return f"DB-{today():%Y%m%d}-{secrets.token_hex(3).upper()}"


def _given(decision: Data, **more: str | None) -> Data:
    return {"at": str(today()), **decision, **{name: value for name, value in more.items() if value is not None}}


async def _of_way(view: View, key: Key, fields: Mapping[str, str]) -> list[Data] | NotDone:
    """The decisions of a way out that was computed, while the finding still holds."""
    parameters, result = await work.result(view, fields.get("ways", ""), WAYS_OUT.name)
    ways: list[Data] = result["ways"]
    number = whole_number(fields.get("way", ""), len(ways))
    if parameters != key.variables or number is None or number == len(ways):
        return NotDone(STALE, fields, 409)
    if (await view.ask("finding", kept=False, **key.variables))["finding"] is None:
        return NotDone(GONE, fields, 409)
    return ways[number]["decisions"]
