"""Every view of the console, with its addresses."""

from __future__ import annotations

from fastapi import APIRouter

from registry.web.console import assets
from registry.web.console.views import (
    accountability,
    administration,
    assessments,
    balance,
    burdens,
    cases,
    changes,
    comparison,
    decisions,
    documents,
    drafts,
    finding,
    findings,
    importing,
    importing_folder,
    lists,
    log,
    matrix,
    matter,
    monitoring,
    overview,
    proof_check,
    proposals,
    rectifications,
    reports,
    search,
    start,
    undoing,
    unit,
    work,
)
from registry.web.resources import ServerResources


def router(resources: ServerResources) -> APIRouter:
    """The routes over a server's database."""
    routes = APIRouter(include_in_schema=False)
    routes.include_router(assets.router)
    routes.include_router(start.router(resources))
    routes.include_router(balance.router(resources))
    routes.include_router(burdens.router(resources))
    routes.include_router(matrix.router(resources))
    routes.include_router(search.router(resources))
    routes.include_router(accountability.router(resources))
    routes.include_router(cases.router(resources))
    routes.include_router(changes.router(resources))
    routes.include_router(overview.router(resources))
    routes.include_router(documents.router(resources))
    routes.include_router(matter.router(resources))
    routes.include_router(findings.router(resources))
    routes.include_router(finding.router(resources))
    routes.include_router(rectifications.router(resources))
    routes.include_router(work.router(resources))
    routes.include_router(administration.router(resources))
    routes.include_router(reports.router(resources))
    routes.include_router(monitoring.router(resources))
    routes.include_router(assessments.router(resources))
    routes.include_router(comparison.router(resources))
    routes.include_router(decisions.router(resources))
    routes.include_router(log.router(resources))
    routes.include_router(proof_check.router(resources))
    routes.include_router(drafts.router(resources))
    routes.include_router(lists.router(resources))
    routes.include_router(importing.router(resources))
    routes.include_router(importing_folder.router(resources))
    routes.include_router(proposals.router(resources))
    routes.include_router(undoing.router(resources))
    return routes


def unit_router(resources: ServerResources) -> APIRouter:
    """The route of a unit, to be included after those whose addresses begin like it: a unit's lists."""
    return unit.router(resources)
