"""Lists that come in as files: POST /v1/lists."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any, Final, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from registry.domain import words
from registry.exchange.sheets.faces import EFFECTS, LABELS, MISSING, POLARITIES
from registry.exchange.sheets.planning import confirming, importing
from registry.exchange.sheets.planning.plans import Plan
from registry.exchange.sheets.recognising import headings
from registry.recording import unit_of_work
from registry.web import forms
from registry.web.problems import presented, problem
from registry.web.resources import ServerResources
from registry.web.rest.answers import ImportPlan, errors
from registry.web.upload import import_request, need_county, received
from registry.web.viewing import viewer

DESCRIPTION: Final = """请求体为文件（表格、文档、PDF、OFD 等，至多 20 MB），其余写在地址中；或为含 file 的表单
（multipart/form-data），其余写在表单字段或地址中。`matter:名称`=编码或 new，`unit:名称`=代码或 none；
看不明白的文字：`row:文字`=keep、end 或 deny，`town:文字`=镇名、代码或 all，`day:文字`=日期或 none，
`note:文字`=nothing（不影响任何事项）或所说各行的序号，`lead:表头`=unit（该栏所写的单位牵头）或 own（镇、村牵头）；
dry_run=1 只看不记录，答复中的 questions 是须由人确认的问题；记录时须写明 kind、polarity、audience、scope，
或 reading（questions 中各 reading，以逗号隔开），与文件不符的不记录。shown=摘要，所记录的须与此前所示相同。

The body is the file, and everything else goes into the address; or it is a form with `file`, and everything else goes
into its fields or the address. With dry_run=1 `questions` has what somebody must say yes to; to record, state kind,
polarity, audience and scope, or `reading` (that of all questions, joined by commas): what contradicts the file is
refused. With errors nothing is recorded: 422, and the same answer as with dry_run=1.
`matter:NAME` and `unit:NAME` say what a name means: a code; new for a new matter, none for no unit. `row:TEXT`
(keep, end, deny), `town:TEXT` (names or codes, all) and `day:TEXT` (YYYY-MM-DD, none) say what a text that is not
clear means; `note:TEXT` (nothing, or numbers of rows) which items a text beside the table changes; `lead:HEADING`
(unit, own) whether those named in a column lead, or the list's bodies do."""

Yes = Literal["1", "0", "true", "false", "yes", "no", "on", "off"]


def _text(name: str, more: str = "") -> Any:
    """A field of the form that may be left out, described as the page labels it."""
    zh, en = LABELS[name]
    return Field(default="", description=f"{zh}。 {en}. {more}".strip())


def _choice(name: str, values: tuple[str, ...]) -> Any:
    """A field of the form that has one of a few values."""
    zh, en = LABELS[name]
    return Field(default="", description=f"{zh}。 {en}.", json_schema_extra={"enum": [*values]})


def _day(name: str) -> Any:
    """A field of the form that is a day."""
    zh, en = LABELS[name]
    return Field(default="", description=f"{zh}。 {en}.", json_schema_extra={"format": "date"})


class ImportFields(BaseModel):
    """What is to be done with a file of lists, in the address or in a form."""

    as_: str = Field(
        default="", alias="as", description="清单编号，几种清单时为前缀。 Id of the list, or what ids begin with."
    )
    kind: str = _choice("kind", tuple(headings.kinds()))
    polarity: str = _choice("polarity", tuple(POLARITIES))
    effect: str = _choice("effect", tuple(EFFECTS))
    missing: str = _choice("missing", tuple(MISSING))
    reading: str = _text("reading")
    sheet: str = _text("sheet")
    title: str = _text("title")
    from_: str = Field(
        default="", alias="from", json_schema_extra={"format": "date"}, description=" ".join(LABELS["from"])
    )
    scope: str = _text("scope")
    audience: str = _choice("audience", words.LEVELS)
    quota: int = Field(default=0, ge=0, le=1_000_000, description="每个单位最多多少项。 At most so many a unit.")
    accept: str = _choice("accept", ("near", "none"))
    open: Yes = Field(default="0", description="清单不封闭。 What is not on the list is not off it.")
    replace: Yes = Field(default="0", description="废止原清单，重新发布。 Repeal the list and adopt it anew.")
    holders: Yes = Field(default="0", description="所列部门为新事项的法定主体。 They hold new matters by law.")
    miscounted: Yes = Field(default="0", description="项数不符也导入。 The list miscounts its own items.")
    instrument_title: str = _text("instrument_title", "与 issued_on 同用。 Together with issued_on.")
    instrument_kind: str = _choice("instrument_kind", words.INSTRUMENT_KINDS)
    issued_on: str = _day("issued_on")
    issuer: str = _text("issuer")
    filename: str = Field(default="", description="文件名。 The file's name, where the body is the file.")
    dry_run: Yes = Field(default="0", description="只看不记录。 Look only; record nothing.")
    shown: str = Field(default="", description="此前所示的摘要。 The digest of what was shown before.")


class ImportForm(ImportFields):
    """The form: the file, the county and the document, and what else is wanted."""

    file: str = Field(json_schema_extra={"format": "binary"}, description="清单文件。 The file of lists.")
    county: str = Field(min_length=1, description="县（市、区）代码。 Code of the county.")
    instrument: str = Field(min_length=1, description="依据文件的文号。 Number of the document.")


@cache
def _described() -> dict[str, Any]:
    """What the document has besides of a request to import: its body, and the same fields in the address."""
    body = {
        "multipart/form-data": {"schema": _schema(ImportForm)},
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
    }
    return {"requestBody": {"required": True, "content": body}, "parameters": _parameters()}


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    """A model's schema in the document: without defaults, which need not be sent; closed but for names to decide on."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    for each in schema["properties"].values():
        each.pop("default", None)
        each.pop("title", None)
    named = {"^(matter|unit):.": {"type": "string"}}
    both = {"instrument_title": ["issued_on"], "issued_on": ["instrument_title"]}
    return schema | {"patternProperties": named, "additionalProperties": False, "dependentRequired": both}


def _parameters() -> list[dict[str, Any]]:
    """The same fields as parameters of the address."""
    properties = _schema(ImportForm)["properties"]
    return [
        {"name": name, "in": "query", "required": False, "description": schema.pop("description", ""), "schema": schema}
        for name, schema in properties.items()
        if name != "file"
    ]


def router(resources: ServerResources) -> APIRouter:
    """The route over a server's database."""
    routes = APIRouter(tags=["清单 lists"])

    @routes.post(
        "/v1/lists",
        summary="导入清单文件：全部记录或全不记录 Import a file of lists: all or nothing",
        description=DESCRIPTION,
        operation_id="import_lists",
        response_model=ImportPlan,
        responses={
            422: {
                "model": ImportPlan,
                "description": "清单有误，未记录。 Something is wrong with the list: nothing recorded.",
            },
            **errors(400, 403, 409, 413, 503),
        },
        openapi_extra=deepcopy(_described()),
    )
    async def import_lists(request: Request) -> JSONResponse:
        return await _imported(request, resources)

    return routes


async def _imported(request: Request, resources: ServerResources) -> JSONResponse:
    """The plan of the file that was sent, recorded unless `dry_run` is ticked or anything is wrong."""
    forms.refuse_other_sites(request)
    upload = await received(request)
    wanted = import_request(upload.fields, "api")
    await resources.run_in_thread(need_county, viewer(request), wanted.county)
    if upload.ticked("dry_run"):
        plan = await resources.run_long(importing.plan, upload.content, upload.name, wanted)
        return JSONResponse(_answer(plan, 0))
    shown = upload.fields.get("shown") or None
    try:
        plan = await resources.run_long(
            importing.carry_out, upload.content, upload.name, wanted, shown=shown, stated=True
        )
    except importing.NotImported as refused:
        return JSONResponse(_answer(refused.plan, 0), 422)
    except importing.Changed as changed:
        return _refused(changed, 409)
    except unit_of_work.Busy as busy:
        return _refused(busy, 503)
    return JSONResponse(_answer(plan, len(plan.steps)))


def _answer(plan: Plan, recorded: int) -> dict[str, Any]:
    questions = [question.as_object() for question in confirming.questions(plan)]
    return plan.as_object() | {"questions": questions, "recorded": recorded}


def _refused(why: Any, status: int) -> JSONResponse:
    return JSONResponse({"errors": [presented(problem(why.code, why.zh, why.en))]}, status)
