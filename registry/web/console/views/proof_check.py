"""What a file of evidence comes to when it is checked here: uploaded, checked step by step, not kept."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, Depends, Request, Response

from registry.database import embedded
from registry.domain.text import Text
from registry.exchange import evidence
from registry.log import checkpoints
from registry.log.notes import Checkpoint
from registry.queries.holdings import accountability
from registry.web import forms
from registry.web.console.view import View
from registry.web.pages import address
from registry.web.pages.failure import Refused
from registry.web.problems import hint
from registry.web.resources import ServerResources
from registry.web.upload import received

# What is checked here beside evidence.STEPS: the file's log against this registry's as it now is.
OUR_LOG: Final = Text(
    "检查点的日志，就是本登记簿日志的前一段", "The log of the checkpoint is the beginning of this registry's log"
)

NOT_OUR_LOG: Final = Text(
    "检查点的日志，不是本登记簿日志的前一段", "The log of the checkpoint is not the beginning of this registry's log"
)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was checked, in words of what it came to.

    `holds`: whether it does; None where it was not come to, as something before it failed.
    """

    text: Text
    holds: bool | None
    problem: Text | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What a file of evidence came to."""

    name: str
    steps: list[Step]
    checked: evidence.Checked | None

    @property
    def holds(self) -> bool:
        """Whether all of it does."""
        return all(step.holds for step in self.steps)


def router(resources: ServerResources) -> APIRouter:
    """The routes of the views."""
    routes = APIRouter(include_in_schema=False, dependencies=[Depends(forms.with_forms)])

    @routes.api_route("/proofs/check", methods=["GET", "HEAD"])
    async def form(request: Request) -> Response:
        return (await View.of(request, resources)).form("proof-check.html", result=None)

    @routes.post("/proofs/check")
    async def check(request: Request) -> Response:
        return await _check(await View.of(request, resources))

    return routes


def _hint(code: str) -> tuple[str, str]:
    advice = hint(code)
    return advice["zh"], advice["en"]


async def _check(view: View) -> Response:
    try:
        sent = await received(view.request)
    except Refused as refused:
        if refused.code != "too-large":
            raise
        note = (f"{refused.message[0]}证据包没有这么大。", f"{refused.message[1]} No file of evidence is that large.")
        return view.form("proof-check.html", result=None, note=note, status=413)
    problem = forms.token_problem(view.request, sent.fields.get(forms.FIELD, ""))
    if problem is not None:
        return view.form("proof-check.html", result=None, note=problem, status=400)
    if not sent.content:
        note = ("请先选择一个证据包（.zip）。", "Choose a file of evidence (.zip) first.")
        return view.form("proof-check.html", result=None, note=note, status=400)
    try:
        verifier = checkpoints.signer(embedded.home()).verifier
    except checkpoints.NoKey as error:
        raise Refused(error.code, 503, (error.zh, error.en), _hint(error.code)) from None
    passed: list[str] = []
    checked, wrong = await asyncio.to_thread(_checked, sent.content, verifier, passed)
    steps = _steps(passed, wrong)
    if checked is None:
        steps.append(Step(OUR_LOG, None))
    else:
        steps.append(await _of_our_log(view, checked.checkpoint))
    result = Result(sent.name, steps, checked)
    named = await _in_words(view, checked.answer) if checked is not None and result.holds else None
    return view.form("proof-check.html", result=result, named=named)


def _checked(content: bytes, verifier: Any, passed: list[str]) -> tuple[evidence.Checked | None, Text | None]:
    try:
        return evidence.check(content, verifier, passed.append), None
    except evidence.BadEvidence as bad:
        return None, Text(bad.zh, bad.en)


def _steps(passed: list[str], wrong: Text | None) -> list[Step]:
    steps: list[Step] = []
    for name, text in evidence.STEPS.items():
        if name in passed:
            steps.append(Step(text, True))
        elif not any(step.holds is False for step in steps):
            steps.append(Step(evidence.FAILED[name], False, wrong))
        else:
            steps.append(Step(text, None))
    return steps


async def _of_our_log(view: View, checkpoint: Checkpoint) -> Step:
    """Whether this registry's log began as the checkpoint says."""
    size, newest = checkpoint.size, view.newest
    if size > newest:
        zh = f"检查点有 {size} 项，本登记簿现在只有 {newest} 项：记录被删去过，或者这里是旧的副本。"
        en = f"The checkpoint has {size} decisions, this registry {newest}: some were removed, or this is an old copy."
        return Step(NOT_OUR_LOG, False, Text(zh, en))
    if (
        size
        and (await view.ask("consistency", first=size, second=newest))["consistency"]["oldRoot"]
        != checkpoint.root.hex()
    ):
        zh = f"本登记簿前 {size} 项的树根与检查点的不同：出具证据之后，日志被改动过。"
        en = f"The root of the first {size} is another here: the log was altered after the evidence was given."
        return Step(NOT_OUR_LOG, False, Text(zh, en))
    return Step(OUR_LOG, True)


async def _in_words(view: View, answer: dict[str, Any]) -> str:
    """The answer in a sentence, with names as they were on its day."""
    on = str(answer["on"])
    known = {"position": int(answer["known"])}
    unit = (await view.ask("breadcrumb", code=answer["unit"], asOf=on, known=known))["unit"]
    names: list[str] = []
    kinds: list[str] = []
    for code in (answer["matter"], *answer["missing"]):
        matter = (await view.ask("matter-name", code=code, asOf=on, known=known))["matter"]
        names.append(matter["name"] if matter else code)
        kinds.append(matter["kind"].lower() if matter else "")
    kind = str(answer.get("kind") or kinds[0])  # files of earlier releases do not say it
    who = unit["name"] if unit else answer["unit"]
    day = address.read_day(on) or view.moment.valid_at
    return view.localized(*accountability.sentence(who, names[0], kind, day, answer["conclusion"], names[1:]))
