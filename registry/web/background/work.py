"""What views do with background work: begin it, wait a moment for it, look at it, show its result."""

from __future__ import annotations

from typing import Any

from registry.web.background import works
from registry.web.background.kinds import kind, register
from registry.web.background.works import Work
from registry.web.console.view import View
from registry.web.failures import STATUS
from registry.web.graphql.execution import Asking
from registry.web.pages.failure import Refused
from registry.web.problems import hint
from registry.web.viewing import viewer

__all__ = ["Work", "begin", "file", "listed", "one", "register", "result", "waited"]


async def begin(view: View, name: str, parameters: dict[str, Any], file: bytes | None = None) -> str:
    """Begin a piece of work of a kind for the reader of a view; its id, for /work/ID.

    `parameters`: what can be written as JSON. `file`: what was handed in; the work has it as its parameter `file`,
    pages by `file`. Raises Refused, too-much-work, where too much is under way; NoDatabase.
    """
    known = kind(name)
    assert known is not None, f"no kind of work {name}"
    who, runner = viewer(view.request), view.resources.background
    id_ = await runner.threads.run(works.add, who, name, parameters, file)
    if id_ is None:
        raise _refused(
            "too-much-work",
            f"后台正在办理的事项已到上限（每个账号 {works.MOST_OF_ONE} 项，全站 {works.MOST} 项）。",
            f"As much is under way as may be: {works.MOST_OF_ONE} for an account, {works.MOST} in all.",
        )
    runner.begin(Asking(view.resources, who), known, id_, parameters if file is None else {**parameters, "file": file})
    return id_


async def file(view: View, id_: str) -> bytes | None:
    """The file that the reader handed in with a piece of work; None where it is kept no more, or is not theirs."""
    return await view.resources.background.threads.run_again(works.file_of, viewer(view.request), id_)


async def waited(view: View, id_: str, seconds: float = 1.5) -> Work:
    """The piece of work, once it has ended or so long has passed. Raises Refused, not-found."""
    await view.resources.background.waited(id_, seconds)
    return await one(view, id_)


async def one(view: View, id_: str) -> Work:
    """A piece of work that the reader began. Raises Refused, not-found."""
    work = await view.resources.background.threads.run_again(works.find, viewer(view.request), id_)
    if work is None:
        raise _not_there()
    return work


async def listed(view: View) -> list[Work]:
    """What the reader began, the newest first."""
    return await view.resources.background.threads.run_again(works.all_of, viewer(view.request))


async def result(view: View, id_: str, name: str) -> tuple[dict[str, Any], Any]:
    """The parameters and the result of a piece of work of a kind that the reader began and that has ended well.

    Raises Refused: not-found, also where it has not ended yet; with its own code where it failed.
    """
    row = await view.resources.background.threads.run_again(works.result_of, viewer(view.request), id_)
    if row is None or row[0].kind != name or row[0].state in ("running", "interrupted"):
        raise _not_there()
    work, answer = row
    if work.problem is not None:
        raise _refused(work.problem["code"], work.problem["zh"], work.problem["en"])
    return work.parameters, answer


def _not_there() -> Refused:
    return _refused(
        "not-found",
        "没有这项后台工作，或已过期删除；只有发起的账号看得到。",
        "There is no such work, or it was removed as old; only the account that began it sees it.",
    )


def _refused(code: str, zh: str, en: str) -> Refused:
    advice = hint(code)
    return Refused(code, STATUS.get(code, 400), (zh, en), (advice["zh"], advice["en"]))
