"""Lists that come in as files: POST /v1/lists."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from registry.exchange.sheets.planning import importing
from registry.recording import unit_of_work
from registry.web import forms
from registry.web.connections import Access
from registry.web.problems import presented, problem
from registry.web.upload import import_request, received

DESCRIPTION: Final = """请求体为文件（.xlsx .xls .csv .docx，至多 20 MB），或含 file 的 multipart/form-data 表单。
其余写在地址或表单字段中：county、instrument（必填），as、kind、sheet、title、from、scope、audience、quota、
accept（near、none）、open、replace、holders、instrument_title、instrument_kind、issued_on、issuer、filename；
`matter:名称`=编码或 new，`unit:名称`=代码或 none；dry_run=1 只看不记录；shown=摘要，所记录的须与此前所示相同。

The body is the file, or a form with `file`; everything else goes into the address or the form's fields, as above. With
errors nothing is recorded: 422, and the same answer as with dry_run=1."""


def router(access: Access) -> APIRouter:
    """The route over a server's database."""
    routes = APIRouter(tags=["清单 lists"])

    @routes.post(
        "/v1/lists",
        summary="导入清单文件：全部记录或全不记录 Import a file of lists: all or nothing",
        description=DESCRIPTION,
        operation_id="import_lists",
        openapi_extra={
            "requestBody": {"required": True, "content": {"application/octet-stream": {}, "multipart/form-data": {}}}
        },
    )
    async def import_lists(request: Request) -> JSONResponse:
        forms.refuse_other_sites(request)
        upload = await received(request)
        wanted = import_request(upload.fields, "api")
        if upload.ticked("dry_run"):
            plan = await access.blocking(importing.plan, upload.content, upload.name, wanted)
            return JSONResponse(plan.as_object() | {"recorded": 0})
        shown = upload.fields.get("shown") or None
        try:
            plan = await access.blocking(importing.carry_out, upload.content, upload.name, wanted, shown=shown)
        except importing.NotImported as refused:
            return JSONResponse(refused.plan.as_object() | {"recorded": 0}, 422)
        except importing.Changed as changed:
            return _refused(changed, 409)
        except unit_of_work.Busy as busy:
            return _refused(busy, 503)
        return JSONResponse(plan.as_object() | {"recorded": len(plan.steps)})

    return routes


def _refused(why: Any, status: int) -> JSONResponse:
    return JSONResponse({"errors": [presented(problem(why.code, why.zh, why.en))]}, status)
