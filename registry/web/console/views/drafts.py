"""Drafts: what is to be issued, looked at before it is: what it opens and closes; saved, shared, proposed, recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson
from fastapi import APIRouter, Depends, Request, Response

from registry.access.operations import ROLES, Rule
from registry.domain.dates import SHANGHAI, today
from registry.domain.labels import LEVEL, MATTER_KIND, ROLE
from registry.domain.text import Text
from registry.web import forms
from registry.web.authorization import allows
from registry.web.console.cells import RESTS_ON
from registry.web.console.drafting import content as drafted
from registry.web.console.drafting import kept
from registry.web.console.drafting import ways as changes
from registry.web.console.drafting.afterwards import all_taken_back, state_cell, taken_back
from registry.web.console.drafting.assessing import SHOWN, Assessed, assess, by_unit, effects_of, used_under
from registry.web.console.drafting.content import CHOICES, HANDED_DOWN, KINDS, RESOURCE, Content
from registry.web.console.drafting.kept import Draft, Line, NotKept, Reader
from registry.web.console.drafting.levels import by_the_level_between
from registry.web.console.drafting.naming import completions, written
from registry.web.console.drafting.recipients import GROUP_NAMES, Node, tree, tree_of, with_villages
from registry.web.console.tables import Cell, Column, Table, paged, rows_of
from registry.web.console.view import View, strings
from registry.web.pages.failure import Refused
from registry.web.resources import ServerResources
from registry.web.small_forms import fields_of
from registry.web.viewing import territory, viewer

FIELDS: Final = 20_000  # of a form: a tick for each recipient
BODY: Final = 4 * 1024 * 1024  # bytes of one
COLUMNS: Final = (
    Column("title", Text("草稿", "Draft"), chinese=True, width=40),
    Column("kind", Text("种类", "Kind"), width=20),
    Column("unit", Text("单位", "Unit"), chinese=True, width=22),
    Column("state", Text("状态", "State"), width=14),
    Column("changed", Text("改动", "Changed"), "day", width=18),
    Column("by", Text("由谁", "By"), chinese=True, width=16),
)
# The fields that are completed, by what they name, here and on other pages.
COMPLETED: Final[Mapping[str, tuple[str, ...]]] = {
    "matter": ("matter",),
    "unit": ("from", "county", "unit", "otherUnit", "scope", "issuer", "by"),
    "document": ("instrument",),
    "list": ("as", "list", "other"),
}
UNTITLED: Final = Text("未命名草稿", "Untitled draft")
_NO_DRAFT: Final = Text("没有这份草稿，或者没有与您共享。", "There is no such draft, or it is not shared with you.")
_NOT_OWN_UNIT: Final = Text(
    "要共享，须先写明发文单位，且该单位在您可以起草的范围内。",
    "To share it, name the sender first: a unit within the territory that you draft for.",
)
_CHANGED: Final = Text(
    "草稿或登记簿有了变化，影响与刚才显示的不同。什么都没有记录，请重新核对。",
    "The draft or the registry has changed, and its effects are others than shown. Nothing was recorded: look again.",
)
_USED: Final = Text(
    "所依的准入申请已经据此下放过。什么都没有记录；确要再下放一次的，请勾选确认后再记录。",
    "The proposal was carried out already. Nothing was recorded: to do it once more, tick the box and record it.",
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A draft as it is on the page. `version`: of the saved one that it was read as; 0: it was never saved."""

    id: str
    version: int
    content: Content
    shared: bool = False
    own: bool = True
    opened: frozenset[str] = frozenset()  # units of the tree whose units below are shown


def router(resources: ServerResources) -> APIRouter:
    """The routes of the view."""
    routes = APIRouter(include_in_schema=False, dependencies=[Depends(forms.with_forms)])

    @routes.api_route("/drafts", methods=["GET", "HEAD"])
    async def drafts(request: Request) -> Response:
        return await _drafts(await View.of(request, resources))

    @routes.api_route("/drafts/new", methods=["GET", "HEAD"])
    async def new(request: Request) -> Response:
        view = await View.of(request, resources)
        given = strings(request.query_params)
        if given.get("kind") not in HANDED_DOWN and given.get("kind") != "adopt":
            return view.page("draft_kinds.html", kinds=KINDS)
        content = await with_villages(view, drafted.of_fields(given), given)
        if not content.text("from"):
            content = replace(content, texts={**content.texts, "from": await _own_unit(view)})
        return await _look(view, Sheet(kept.new_id(), 0, content))

    @routes.api_route("/drafts/choices", methods=["GET", "HEAD"])
    async def choices(request: Request) -> Response:
        view = await View.of(request, resources)
        of = view.parameter("of")
        given = (view.parameter(name) for name in ("q", *COMPLETED.get(of, ())))
        text = next((text for text in given if text), "")
        return view.page("draft_choices.html", choices=await completions(view, of, text))

    @routes.api_route("/drafts/{code}", methods=["GET", "HEAD"])
    async def one(request: Request, code: str) -> Response:
        view = await View.of(request, resources)
        return await _one(view, await _need(view, code))

    @routes.post("/drafts")
    async def submit(request: Request) -> Response:
        view = await View.of(request, resources)
        return await _submitted(view, await fields_of(request, FIELDS, BODY))

    return routes


# ------------------------------------------------------------------------------------------------------------- reading


async def _reader(view: View) -> Reader:
    """Who reads drafts; the territory is that for which an editor or organizer drafts."""
    own = await territory(view.request, await view.resources.pool(), Rule.EDITOR)
    return Reader(viewer(view.request).account or "", own)


async def _own_unit(view: View) -> str:
    """The unit that the reader drafts for, as the form has it; empty where it is none in particular."""
    codes = sorted(code for code in viewer(view.request).units(*ROLES[Rule.EDITOR]) if code)
    if not codes:
        return ""
    unit = (await view.ask("draft_unit", code=codes[0]))["unit"]
    return written(unit["name"], unit["code"]) if unit else ""


async def _need(view: View, id_: str) -> Draft:
    row = await view.resources.run_in_thread(kept.draft, await _reader(view), id_) if kept.is_id(id_) else None
    if row is None:
        hint = ("核对地址，或从草稿一览中打开。", "Check the address, or open it from the list of drafts.")
        raise Refused("not-found", 404, _NO_DRAFT, hint)
    return row


async def _drafts(view: View) -> Response:
    """The reader's own drafts and those shared with its territory."""
    reader = await _reader(view)
    rows: list[Line] = await view.resources.run_in_thread(kept.drafts, reader)
    names = {code: await _unit_name(view, code) for code in dict.fromkeys(row.unit for row in rows[:500]) if code}
    gone = await all_taken_back(view, [row for row in paged(view, rows) if row.positions])
    table = Table(
        "drafts",
        Text("草稿", "Drafts"),
        COLUMNS,
        rows_of(
            rows,
            title=lambda row: Cell(row.title, href=view.href(f"/drafts/{row.id}"), code=row.id),
            kind=lambda row: Cell(row.kind, view.localized(*KINDS[row.kind])),
            unit=lambda row: row.unit and Cell(names.get(row.unit, row.unit), href=view.href(f"/units/{row.unit}")),
            state=lambda row: state_cell(view, row, reader, gone.get(row.id)),
            changed=lambda row: f"{row.changed_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
            by=lambda row: row.changed_by,
        ),
        empty=Text("还没有草稿。", "There are no drafts yet."),
    )
    return view.download(table) or view.page("drafts.html", tables=[table], kinds=KINDS)


async def _unit_name(view: View, code: str) -> str:
    unit = (await view.ask("draft_unit", code=code))["unit"]
    return unit["name"] if unit else code


# ------------------------------------------------------------------------------------------------------------- showing


async def _one(view: View, row: Draft) -> Response:
    reader = await _reader(view)
    if row.outcome is not None:
        return await _outcome(view, row)
    content = drafted.of_object(row.content)
    sheet = Sheet(row.id, row.version, content, row.shared, row.account == reader.account)
    return await _look(view, sheet, note=await _recorded_already(view, row, content))


async def _recorded_already(view: View, row: Draft, content: Content) -> Text | None:
    """What is said of a draft that was recorded, but whose recording was cut short before it was written down here."""
    if content.kind not in HANDED_DOWN or not content.recipients:
        return None
    ref = f"{row.id}-{content.recipients[0]}"
    try:
        positions = (await view.ask("draft_recorded", ref=ref))["decisions"]
    except Refused:  # nothing has that id
        return None
    if not positions:
        return None
    number = positions[0]["position"]
    return Text(
        f"这份草稿的内容已经记录（自序号 {number} 起）；再次点“记录”不会重复记录，只补记结果。",
        f"What this draft says is recorded already (from position {number} on); recording again repeats nothing.",
    )


async def _look(
    view: View, sheet: Sheet, *, note: Text | None = None, status: int = 200, looked_at: Assessed | None = None
) -> Response:
    """The form of a draft, with what it would open and close beside it; `note`: why it is shown again."""
    if looked_at is None:
        assessing = assess(view, sheet.content, sheet.id)
        looked_at, below = await asyncio.gather(assessing, tree_of(view, sheet.content, sheet.id, sheet.opened))
    else:
        below = await tree_of(view, sheet.content, sheet.id, sheet.opened)
    names = looked_at.names
    content = _spelt_out(sheet.content, looked_at)
    in_tree = {node.code: node for node in below.all()} if below else {}
    powers = list(names.matter["requires"]) if names.matter and content.kind == "delegate" else []
    powers += [await _power(view, code) for code in content.powers if code not in {each["code"] for each in powers}]
    government = {each["code"] for each in (*names.sender["above"], names.sender)} if names.sender else set[str]()
    return view.form(
        "draft.html",
        note=note,
        status=status,
        unit=names.sender,
        sheet=sheet,
        content=content,
        looked_at=looked_at,
        below=below,
        hidden=[code for code in content.recipients if code not in in_tree],
        ticked={*content.recipients},
        own=government,
        powers=powers,
        names_of=await _names(view, content, in_tree),
        given=orjson.dumps(list(content.decisions)).decode(),
        kinds=KINDS,
        group_names=GROUP_NAMES,
        choices=CHOICES,
        resources=RESOURCE,
        matter_kinds=MATTER_KIND,
        levels=LEVEL,
        roles=ROLE,
        rests_on=RESTS_ON,
        handed_down=HANDED_DOWN,
        cause=changes.cause,
        most=SHOWN,
        today=str(today()),
    )


def _spelt_out(content: Content, looked_at: Assessed) -> Content:
    """A draft with what it names by name and code, where that is clear."""
    names = looked_at.names
    texts = {
        name: written(row["name"], row["code"])
        for name, row in (("matter", None if names.new else names.matter), ("from", names.sender))
        if row
    }
    return replace(content, texts={**content.texts, **texts})


async def _power(view: View, code: str) -> Mapping[str, Any]:
    row = (await view.ask("draft_matter", code=code))["matter"]
    return {"code": code, "name": row["name"] if row else code}


async def _names(view: View, content: Content, in_tree: Mapping[str, Node]) -> dict[str, str]:
    """The names of recipients, as far as they are shown."""
    codes = content.recipients[:SHOWN]
    return {code: in_tree[code].name if code in in_tree else await _unit_name(view, code) for code in codes}


async def _outcome(view: View, row: Draft) -> Response:
    """What was recorded from a draft: of findings those of the reader's units."""
    outcome: dict[str, Any] = row.outcome or {}
    own = await territory(view.request, await view.resources.pool())
    proposed = outcome.get("would_open") is not None
    would = ("would_open", "would_close") if proposed else ("opened", "closed")
    seen = {
        name: by_unit([each for each in outcome[name] if own.everywhere or own.has(each["unit"]["code"])])
        for name in would
    }
    positions: Sequence[int] = sorted({*outcome["positions"]})
    whole = bool(positions) and positions[-1] - positions[0] + 1 == len(positions)
    return view.form(
        "draft_outcome.html",
        taken_back=await taken_back(view, positions),
        row=row,
        outcome=outcome,
        positions=positions,
        opened=seen[would[0]],
        closed=seen[would[1]],
        counts=[len(outcome[name]) for name in would],
        proposed=proposed,
        may_undo=whole and allows(Rule.ORGANIZER, viewer(view.request)),
        most=SHOWN,
    )


# -------------------------------------------------------------------------------------------------------------- acting


async def _submitted(view: View, fields: Mapping[str, str]) -> Response:
    sheet, act = await _sheet(view, fields), fields.get("do", "look")
    verb, _, detail = act.partition(":")
    if verb in ("look", "tick", "untick", "drop", "open", "way", "from", "matter"):  # which change nothing
        return await _look(view, await _changed(view, sheet, verb, detail))
    unsigned = forms.token_problem(view.request, fields.get(forms.FIELD, ""))
    if unsigned is not None:
        return await _look(view, sheet, note=Text(*unsigned), status=403)
    try:
        match verb:
            case "save" | "share" | "unshare":
                shared = {"share": True, "unshare": False}.get(verb)
                await _save(view, sheet, await assess(view, sheet.content, sheet.id, helped=False), shared)
                return view.go(f"/drafts/{sheet.id}", done="saved")
            case "record" | "propose":
                return await _record(view, sheet, verb, fields)
            case "delete":
                return await _delete(view, sheet)
            case "copy":
                return await _copy(view, sheet)
            case _:
                return await _look(view, sheet)
    except NotKept as refused:
        if refused.status == 404:
            raise Refused("not-found", 404, refused.text, ("从草稿一览中打开。", "Open it from the list.")) from None
        row = await view.resources.run_in_thread(kept.draft, await _reader(view), sheet.id)
        if row is not None and row.outcome is not None and verb in ("record", "propose"):
            return view.go(f"/drafts/{sheet.id}")  # a double click: it was recorded by the first
        return await _look(view, sheet, note=refused.text, status=refused.status)


async def _sheet(view: View, fields: Mapping[str, str]) -> Sheet:
    """What a form says. Raises Refused: bad-value, for decisions that are none."""
    try:
        content = drafted.of_fields(fields)
    except ValueError:
        message = ("“decisions”须是决定的 JSON 数组。", "“decisions” must be a JSON array of decisions.")
        raise Refused("bad-value", 400, message, ("从原页面重新提交。", "Send it from its page again.")) from None
    version, id_ = fields.get("version", ""), fields.get("id", "")
    if not kept.is_id(id_):
        return Sheet(kept.new_id(), 0, await with_villages(view, content, fields))
    content = await with_villages(view, content, fields)
    number = int(version) if version.isascii() and version.isdecimal() and len(version) < 9 else 0
    opened = frozenset(name.removeprefix("opened:") for name in fields if name.startswith("opened:"))
    reader = await _reader(view)
    row: Draft | None = await view.resources.run_in_thread(kept.draft, reader, id_)
    if row is None:
        return Sheet(id_, number, content, opened=opened)
    return Sheet(id_, number, content, row.shared, row.account == reader.account, opened)


async def _changed(view: View, sheet: Sheet, verb: str, detail: str) -> Sheet:
    """A draft with a group of units ticked or none, one more opened in the tree, a sender, a matter, or a way out."""
    content = sheet.content
    if verb in ("from", "matter"):  # a matter that is there is no new one
        unticked = {"new_matter": ""} if verb == "matter" else {}
        return replace(sheet, content=replace(content, texts={**content.texts, verb: detail, **unticked}))
    if verb == "drop":
        return replace(sheet, content=content.with_recipients(code for code in content.recipients if code != detail))
    if verb == "open":
        return replace(sheet, opened=sheet.opened | {detail})
    if verb in ("tick", "untick"):
        looked_at = await assess(view, content.with_recipients(()), sheet.id)
        if looked_at.names.sender is None:
            return sheet
        below = await tree(view, dict(looked_at.names.sender), sheet.opened)
        group = [node.code for node in below.all() if node.group == detail and node.code != below.code]
        group = [code for code in group if code != looked_at.names.sender["code"]]
        codes = [*content.recipients, *group] if verb == "tick" else [
            code for code in content.recipients if code not in {*group}
        ]  # fmt: skip
        return replace(sheet, content=content.with_recipients(codes))
    if verb == "way":
        looked_at = await assess(view, content, sheet.id, helped=False)
        if looked_at.effects is not None:
            opened = looked_at.effects["opened"]
            others = await by_the_level_between(view, looked_at.names, opened)
            return replace(sheet, content=changes.changed(content, detail, opened, others))
    return sheet


async def _save(view: View, sheet: Sheet, looked_at: Assessed, shared: bool | None = None) -> int:
    """Keep a draft, and give its version. Raises NotKept."""
    reader, content = await _reader(view), sheet.content
    if shared or (shared is None and sheet.shared):
        own = reader.territory
        if looked_at.unit is None or not (own.everywhere or own.has(looked_at.unit)):
            raise NotKept(400, *_NOT_OWN_UNIT)
    return await view.resources.run_in_thread(
        kept.save,
        reader,
        sheet.id,
        sheet.version,
        title=content.text("title") or view.localized(*_title(content, looked_at)),
        unit=looked_at.unit,
        content=content.as_object,
        shared=shared,
    )


def _title(content: Content, looked_at: Assessed) -> Text:
    """What a draft is called that was given no title."""
    matter = looked_at.names.matter
    name = matter["name"] if matter else content.text("list_title") or content.text("matter")
    kind = KINDS[content.kind]
    return Text(f"{kind.zh}：{name}"[:200], f"{kind.en}: {name}"[:200]) if name else UNTITLED


async def _record(view: View, sheet: Sheet, verb: str, fields: Mapping[str, str]) -> Response:
    """Record a draft, or its proposals, if it would still do what was shown; all or nothing.

    A second delegation under one proposal is recorded only once its box is ticked.
    """
    looked_at = await assess(view, sheet.content, sheet.id)
    proposing = verb == "propose" and sheet.content.kind in HANDED_DOWN
    if not looked_at.sound or fields.get("shown", "") != looked_at.digest:
        row = await view.resources.run_in_thread(kept.draft, await _reader(view), sheet.id)
        if row is not None and row.outcome is not None:
            return view.go(f"/drafts/{sheet.id}")
        if not looked_at.sound:
            return await _look(view, sheet, looked_at=looked_at, status=400)
        return await _look(view, sheet, note=_CHANGED, status=409, looked_at=looked_at)
    if not proposing and looked_at.used and fields.get("sure") != " ".join(looked_at.used):
        return await _look(view, sheet, note=_USED, status=409, looked_at=looked_at)
    sheet, run_in_thread = replace(sheet, version=await _save(view, sheet, looked_at)), view.resources.run_in_thread
    proposals = () if proposing else sheet.content.proposals
    await run_in_thread(kept.begin, sheet.id, "proposed" if proposing else "recorded", proposals)
    newest = await View.of(view.request, view.resources)  # by now another may have been quicker
    if not proposing and await used_under(newest, proposals, sheet.id) != list(looked_at.used):
        await run_in_thread(kept.leave, sheet.id)
        return await _look(newest, sheet, note=_USED, status=409)
    decisions = list(looked_at.proposals if proposing else looked_at.decisions)
    try:
        done = (await view.record("draft_record", decisions=decisions))["record"]
    except Refused as refused:
        await run_in_thread(kept.leave, sheet.id)
        return await _look(view, sheet, note=Text(*refused.message), status=refused.status, looked_at=looked_at)
    # Proposals themselves open nothing: they are asked about for what they say.
    would: Mapping[str, Any] = looked_at.effects or {}
    effects: Mapping[str, Any] = await effects_of(view, decisions) if proposing else would
    outcome = {
        "what": "proposed" if proposing else "recorded",
        "decisions": decisions,
        "positions": done["positions"],
        "opened": done["opened"],
        "closed": done["closed"],
        "warning": done["warning"],
        "zh": effects["zh"],
        "en": effects["en"],
    }
    if proposing:
        outcome |= {"would_open": would["opened"], "would_close": would["closed"]}
    await run_in_thread(kept.finish, await _reader(view), sheet.id, outcome)
    return view.go(f"/drafts/{sheet.id}")


async def _delete(view: View, sheet: Sheet) -> Response:
    if not await view.resources.run_in_thread(kept.delete, await _reader(view), sheet.id):
        raise NotKept(404, *_NO_DRAFT)
    return view.go("/drafts", done="deleted")


async def _copy(view: View, sheet: Sheet) -> Response:
    """Another draft that says the same, of whoever copies it."""
    row = await _need(view, sheet.id)
    id_, content = kept.new_id(), dict(row.content)
    title = view.localized(f"{row.title[:190]}（副本）", f"{row.title[:190]} (copy)")
    content["texts"] = {**content.get("texts", {}), "title": title}
    save = view.resources.run_in_thread
    await save(kept.save, await _reader(view), id_, 0, title=title, unit=row.unit, content=content)
    return view.go(f"/drafts/{id_}", done="copied")
