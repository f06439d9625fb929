"""What else a unit's page has, a tab each: powers, lists, what it sent down, those below, reports, history."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from registry.domain import labels
from registry.domain.text import Text
from registry.exchange.sheets.writing import printable
from registry.web.console import cells
from registry.web.console.asking import Data
from registry.web.console.decision_table import decision_table
from registry.web.console.tables import Cell, Column, Table, rows_of
from registry.web.console.view import View
from registry.web.console.views import unit_compared
from registry.web.console.views.unit_held import held_table
from registry.web.pages.failure import offer

Tables = list[Table]
# None: the reader may not see it. Values for the template beside the tables.
Tab = Callable[[View, str], Awaitable[tuple[Tables, dict[str, Any]] | None]]

offer("/units", "effective", Text("是否有效", "In effect"), {"yes": Text("只看有效的", "those in effect")}, every=True)
_REPORT_STATE: Final = {
    "open": Text("待答复", "open"),
    "upheld": Text("属实", "upheld"),
    "rejected": Text("不属实", "rejected"),
    "resolved": Text("已解决", "resolved"),
}


async def powers(view: View, code: str) -> tuple[Tables, dict[str, Any]] | None:
    """Each power, whether it is held, and the chain by which."""
    unit = (await view.ask("unit_powers", code=code))["unit"]
    if unit is None:
        return None
    columns = (
        Column("power", Text("权力", "Power"), chinese=True, width=40),
        Column("kind", Text("种类", "Kind"), width=12),
        Column("effective", Text("是否有效", "In effect"), width=12),
        Column("chain", Text("来源链", "By which chain"), own_words=True, width=80),
    )
    rows = rows_of(
        unit["powers"],
        power=lambda one: cells.matter_cell(view, one["power"]),
        kind=lambda one: _labelled(view, labels.POWER_KIND, one["power"]["powerKind"]),
        effective=lambda one: _effect(view, one),
        chain=lambda one: " → ".join(_link(view, link) for link in one["links"]) or None,
    )
    effective = view.choice("effective")  # as a number of the balance counts them
    if effective:
        rows = [row for row in rows if row["effective"].value]
    return [Table("powers", Text("权力", "Powers"), columns, rows, Text("没有权力。", "No powers."))], {
        "only_effective": bool(effective)
    }


def _effect(view: View, power: Data) -> Cell:
    if not power["effective"]:
        return Cell(0, view.localized("✗ 下放无效", "✗ handed down in vain"), mark="lacking")
    if power["entrustedOnly"]:
        return Cell(1, view.localized("✓ 受委托，不得再委托", "✓ entrusted, not to be passed on"))
    return Cell(2, view.localized("✓ 有效", "✓ in effect"))


def _link(view: View, link: Data) -> str:
    """One link of a chain in words of the reader's language; names stay as they are."""
    grant, of_list = link["delegation"], link["list"]
    if grant is not None:
        document, at, until = grant["instrument"], grant["at"], grant["until"]
        span = view.localized(
            f"{at}起{f'至{until}' if until else ''}", f"from {at}{f' until {until}' if until else ''}"
        )
        paper = _paper(view, document)
        when = view.in_brackets(span + (view.localized("，", ", ") + paper if paper else ""))
        sender, recipient = grant["from"]["name"], grant["to"]["name"]
        return view.localized(f"{sender}交{recipient}", f"{sender} to {recipient}") + when
    if of_list is not None:
        paper = _paper(view, of_list["instrument"])
        listed = view.localized(f"列入《{of_list['title']}》", f"on the list 《{of_list['title']}》")
        return listed + (view.in_brackets(paper) if paper else "")
    return view.localized("法定", "by law") if link["subject"].startswith("LAW#") else link["subject"]


def _paper(view: View, document: Data | None) -> str:
    """A document's number, and whether it has ceased to be in force; empty where there is none to show."""
    if document is None:
        return ""
    return document["number"] + ("" if document["inForce"] else view.localized("（已失效）", " (no longer in force)"))


async def lists(view: View, code: str) -> tuple[Tables, dict[str, Any]] | None:
    """The lists in force that reach it, and those made for its territory or for units below it.

    What there is stands first: a county's own lists reach townships and villages alone.
    """
    reaching = await view.ask_all("unit_lists", "lists", code=code)
    known = {one["code"] for one in reaching}
    made = [one for one in await view.ask_all("unit_lists", "lists", within=code) if one["code"] not in known]
    first = _lists(view, "lists", Text("适用的清单", "Lists that reach it"), reaching, main=bool(reaching) or not made)
    title = Text("为本地域或其中单位制定、适用于下级的清单", "Lists made for its territory, or for units within it")
    second = _lists(view, "made", title, made, main=not first.main)
    if not made:
        return [first], {}
    return ([first, second] if reaching else [second, first]), {}


def _lists(view: View, name: str, title: Text, nodes: list[Data], *, main: bool) -> Table:
    columns = (
        Column("title", Text("清单", "List"), chinese=True, width=40),
        Column("kind", Text("种类", "Kind"), width=20),
        Column("polarity", Text("正面或负面", "Positive or negative"), width=12),
        Column("covers", Text("关于", "Of"), width=10),
        Column("items", Text("事项数", "Items"), "number", total=True, width=8),
        Column("scope", Text("适用地域", "For"), chinese=True, width=16),
        Column("document", Text("依据文件", "Document"), chinese=True, width=40),
        Column("since", Text("施行", "Since"), "day", width=12),
    )
    nationwide = view.localized("全国", "nationwide")
    rows = rows_of(
        nodes,
        title=lambda one: Cell(one["title"], href=view.href(f"/lists/{one['code']}"), code=one["code"]),
        kind=lambda one: view.localized(*printable.named(one["kind"])),
        polarity=lambda one: _labelled(view, labels.POLARITY, one["polarity"]),
        covers=lambda one: _labelled(view, labels.MATTER_KIND, one["covers"].lower()),
        items=lambda one: Cell(one["items"]["totalCount"], href=view.href(f"/lists/{one['code']}")),
        scope=lambda one: nationwide if one["scope"] is None else cells.unit_cell(view, one["scope"]),
        document=lambda one: cells.document_cell(view, one["instrument"]),
        since=lambda one: one["since"],
    )
    return Table(name, title, columns, rows, main=main)


async def sent(view: View, code: str) -> tuple[Tables, dict[str, Any]] | None:
    """What it handed down, one by one and by lists."""
    if (await view.ask("unit_sent", code=code, first=1))["unit"] is None:
        return None
    columns = (
        Column("kind", Text("种类", "Kind"), width=10),
        Column("matter", Text("事项", "Matter"), chinese=True, width=40),
        Column("to", Text("承接单位", "To"), chinese=True, width=24),
        Column("role", Text("承担方式", "How"), width=10),
        Column("document", Text("依据文件", "Document"), chinese=True, width=40),
        Column("since", Text("起始", "Since"), "day", width=12),
        Column("due", Text("期限", "Due"), "day", width=12),
        Column("ref", Text("编号", "Id"), hidden=True, width=16),
    )
    rows = rows_of(
        await view.ask_all("unit_sent", "unit.handedDown", code=code),
        kind=lambda one: _labelled(view, labels.MATTER_KIND, one["kind"].lower()),
        matter=lambda one: cells.matter_cell(view, one["matter"]),
        to=lambda one: cells.unit_cell(view, one["to"]),
        role=lambda one: cells.role_cell(view, one["role"]),
        document=lambda one: cells.document_cell(view, one["instrument"]),
        since=lambda one: one["at"],
        due=lambda one: cells.day_cell(view, one["dueOn"]),
        ref=lambda one: one["ref"],
    )
    by_list = (
        Column("name", Text("清单事项", "Item"), chinese=True, width=40),
        Column("list", Text("清单", "List"), chinese=True, width=40),
        Column("audience", Text("交给哪一级", "To which level"), width=10),
        Column("scope", Text("适用地域", "Within"), chinese=True, width=16),
        Column("since", Text("起始", "Since"), "day", width=12),
    )
    items = rows_of(
        (await view.ask("unit_sent_items", code=code))["unit"]["handedDownByLists"],
        name=lambda one: cells.matter_cell(view, one["matter"]) if one["matter"] else Cell(one["name"]),
        list=lambda one: Cell(one["title"], href=view.href(f"/lists/{one['list']}")),
        audience=lambda one: _labelled(view, labels.LEVEL, one["audience"].lower()),
        scope=lambda one: cells.unit_cell(view, one["scope"]),
        since=lambda one: one["since"],
    )
    tables = [
        Table("sent", Text("逐项交办的", "Handed down one by one"), columns, rows),
        Table("sent-by-lists", Text("通过清单交办的", "Handed down by lists"), by_list, items, main=False),
    ]
    return tables, {}


async def below(view: View, code: str) -> tuple[Tables, dict[str, Any]] | None:
    """The units directly below it."""
    columns = (
        Column("name", Text("单位", "Unit"), chinese=True, width=30),
        Column("level", Text("层级", "Level"), width=10),
        Column("kind", Text("性质", "Kind"), width=16),
        Column("since", Text("设立", "Since"), "day", width=12),
    )
    rows = rows_of(
        await view.ask_all("unit_children", "unit.children", code=code),
        name=lambda one: Cell(one["name"], href=view.href(f"/units/{one['code']}"), code=one["code"]),
        level=lambda one: _labelled(view, labels.LEVEL, one["level"].lower()),
        kind=lambda one: _labelled(view, labels.UNIT_KIND, one["kind"]),
        since=lambda one: one["since"],
    )
    return [Table("below", Text("下级单位", "Units below"), columns, rows)], {}


async def reports(view: View, code: str) -> tuple[Tables, dict[str, Any]] | None:
    """What it and the units below it reported."""
    columns = (
        Column("on", Text("反映日", "Day"), "day", width=12),
        Column("unit", Text("反映单位", "Unit"), chinese=True, width=22),
        Column("text", Text("反映的内容", "What"), chinese=True, width=60),
        Column("matter", Text("所指事项", "About"), chinese=True, width=30),
        Column("sender", Text("布置单位", "From"), chinese=True, width=22),
        Column("state", Text("进展", "State"), width=10),
        Column("answer", Text("答复", "Answer"), chinese=True, width=40),
        Column("days", Text("天数", "Days"), "number", width=8),
    )
    rows = rows_of(
        await view.ask_all("unit_reports", "reports", code=code),
        on=lambda one: one["on"],
        unit=lambda one: cells.unit_cell(view, one["unit"]),
        text=lambda one: one["text"],
        matter=lambda one: cells.matter_cell(view, one["matter"]),
        sender=lambda one: cells.unit_cell(view, one["from"]),
        state=lambda one: view.localized(*_REPORT_STATE[one["outcome"] or "open"]),
        answer=lambda one: one["answer"],
        days=lambda one: one["days"],
    )
    return [Table("reports", Text("基层反映", "Reports"), columns, rows)], {}


async def assessments(view: View, code: str) -> tuple[Tables, dict[str, Any]] | None:
    """How those below assessed it in a period (`?period=`, a year, half-year, quarter or month)."""
    period = view.parameter("period") or str(view.moment.valid_at.year)
    answers = (await view.ask("unit_assessments", code=code, period=period))["assessments"]
    columns = (
        Column("by", Text("评议单位", "By"), chinese=True, width=24),
        Column("score", Text("评分", "Score"), "number", width=8),
        Column("text", Text("意见", "Remarks"), chinese=True, width=60),
        Column("on", Text("日期", "Day"), "day", width=12),
    )
    rows = rows_of(
        [one for answer in answers for one in answer["assessments"]],
        by=lambda one: cells.unit_cell(view, one["by"]),
        score=lambda one: one["score"],
        text=lambda one: one["text"],
        on=lambda one: one["on"],
    )
    table = Table(
        "assessments", Text("基层评议", "Assessments"), columns, rows, Text("没有评议。", "Nobody assessed it.")
    )

    def sent(counted: str) -> str:
        """Where what a number counts is listed: on the page of assessments."""
        name = "asked" if counted == "asked" else "sent"
        return view.href("/assessments", within=code, of=code, period=period, counted=counted) + f"#table-{name}"

    return [table], {"period": period, "summary": answers[0] if answers else None, "sent": sent}


async def history(view: View, code: str) -> tuple[Tables, dict[str, Any]] | None:
    """The decisions about it, the newest first; and what it held, from when to when, by law, lists or delegations."""
    if (await view.ask("history-unit", code=code, first=1))["unit"] is None:
        return None
    decisions = await view.ask_all("history-unit", "unit.history", code=code)
    held = await held_table(view, code)
    return [await decision_table(view, decisions[::-1]), *([] if held is None else [held])], {"too_many": held is None}


def _labelled(view: View, words: dict[str, Text], word: str | None) -> Cell:
    return Cell(None) if word is None else Cell(word, view.localized(*words[word]))


TABS: Final[dict[str, tuple[Text, Tab]]] = {
    "powers": (Text("权力", "Powers"), powers),
    "lists": (Text("适用清单", "Lists"), lists),
    "sent": (Text("交办出去的", "Sent down"), sent),
    "below": (Text("下级单位", "Units below"), below),
    "reports": (Text("基层反映", "Reports"), reports),
    "assessments": (Text("基层评议", "Assessments"), assessments),
    "history": (Text("变更记录", "History"), history),
    "compare": (unit_compared.TITLE, unit_compared.compared),
}
