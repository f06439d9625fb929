"""The question at the village window for programs: GET /v1/villages/{code}/certificates and …/services."""

from __future__ import annotations

from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Query, Response
from pydantic import WithJsonSchema

from registry.queries import certificates
from registry.queries.certificates import Answer, UnknownVillage
from registry.relations.two_times import NEWEST, AsOf
from registry.web.pages import address
from registry.web.resources import ServerResources
from registry.web.rest.answers import CertificatesAnswered, ServicesAnswered, errors
from registry.web.rest.parameters import Language, OnDay, UnitCode

LANGUAGES: Final = ("zh", "en")
SHOWN: Final = (
    *("status", "matter", "name", "list", "item", "issuer", "alternative", "materials", "procedure", "online", "basis"),
)
Words = Annotated[
    str | None,
    WithJsonSchema({"type": "string"}),
    Query(description="要什么证明，怎么说都行。 What is asked for, in any words."),
]


def router(resources: ServerResources) -> APIRouter:
    """The routes over a server's database."""
    routes = APIRouter(tags=["证明 certificates"])

    @routes.head("/v1/villages/{code:path}/certificates", include_in_schema=False)
    @routes.get(
        "/v1/villages/{code:path}/certificates",
        operation_id="village_certificates",
        summary="村里能不能开证明；不写 q 则列出全部。 May a village issue a certificate? Without q, all on its lists.",
        response_class=Response,
        responses={200: {"model": CertificatesAnswered}, **errors(400, 404, 503)},
    )
    async def village_certificates(
        code: UnitCode,
        q: Words = None,
        on: OnDay = None,
        lang: Language = "zh",
    ) -> Response:
        if lang not in LANGUAGES:
            address.refuse("bad-value", f"没有语言 {lang}，可用：zh、en。", f"No language {lang}; use zh or en.")
        day = address.day(on, "on")
        pool = await resources.pool()
        village = await address.unit(pool, AsOf(day, NEWEST), code)
        try:
            if q is None:
                listed = await certificates.certificates_of(pool, village, day)
                answer: dict[str, Any] = {"certificates": [_certificate(one) for one in listed]}
            else:
                row = await certificates.answer(pool, village, q, day)
                answer = _answer(row) | {"message": certificates.sentence(row, "en" if lang == "en" else "zh")}
        except UnknownVillage as error:
            address.refuse(error.code, error.zh, error.en)
        body = orjson.dumps({"village": village, "on": day.isoformat()} | answer)
        # What somebody asked is kept nowhere.
        return Response(body, media_type="application/json", headers={"Cache-Control": "private, no-store"})

    @routes.head("/v1/villages/{code:path}/services", include_in_schema=False)
    @routes.get(
        "/v1/villages/{code:path}/services",
        operation_id="village_services",
        summary="本村可办的“一件事”；写 q 则找所说的那一件。 Services open to a village; with q, those meant by it.",
        response_class=Response,
        responses={200: {"model": ServicesAnswered}, **errors(400, 404, 503)},
    )
    async def village_services(code: UnitCode, q: Words = None, on: OnDay = None) -> Response:
        day = address.day(on, "on")
        pool = await resources.pool()
        village = await address.unit(pool, AsOf(day, NEWEST), code)
        try:
            rows = await certificates.services_for(pool, day, village=village, text=q)
        except UnknownVillage as error:
            address.refuse(error.code, error.zh, error.en)
        answer = {"village": village, "on": day.isoformat(), "services": [_service(one) for one in rows]}
        return Response(
            orjson.dumps(answer), media_type="application/json", headers={"Cache-Control": "private, no-store"}
        )

    return routes


def _certificate(one: certificates.Certificate) -> dict[str, Any]:
    return {name: getattr(one, name) for name in SHOWN}


def _answer(row: Answer) -> dict[str, Any]:
    candidates = [{"code": one.code, "name": one.name, "status": one.status} for one in row.candidates]
    plain = {name: getattr(row, name) for name in ("status", "reason", *SHOWN[1:])}
    advice = row.advice and {
        "about": {"zh": row.advice.about.zh, "en": row.advice.about.en},
        "text": {"zh": row.advice.text.zh, "en": row.advice.text.en},
        "basis": row.advice.basis,
    }
    return plain | {"advice": advice, "candidates": candidates, "services": [_service(one) for one in row.services]}


def _service(one: certificates.Service) -> dict[str, Any]:
    includes = [{"code": code, "name": name} for code, name in zip(one.includes, one.included, strict=True)]
    plain = ("window", "materials", "procedure", "online", "basis")
    return {"code": one.code, "name": one.name, "includes": includes} | {name: getattr(one, name) for name in plain}
