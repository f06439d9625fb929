"""Every view of the console, with its addresses."""

from __future__ import annotations

from fastapi import APIRouter

from registry.web.console import assets
from registry.web.console.views import (
    account,
    accountability,
    accounts,
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
    listing,
    lists,
    log,
    matrix,
    matter,
    monitoring,
    overview,
    own_account,
    proof_check,
    proofs,
    proposals,
    rectifications,
    reports,
    search,
    start,
    undoing,
    unit,
    village_burdens,
    work,
)
from registry.web.resources import ServerResources


def router(resources: ServerResources) -> APIRouter:
    """The routes over a server's database."""
    routes = APIRouter()
    for each in (
        assets.router,
        start.router(resources),
        balance.router(resources),
        burdens.router(resources),
        matrix.router(resources),
        search.router(resources),
        accountability.router(resources),
        accounts.router(resources),
        account.router(resources),
        own_account.router(resources),
        cases.router(resources),
        changes.router(resources),
        overview.router(resources),
        documents.router(resources),
        matter.router(resources),
        findings.router(resources),
        finding.router(resources),
        rectifications.router(resources),
        work.router(resources),
        administration.router(resources),
        reports.router(resources),
        monitoring.router(resources),
        assessments.router(resources),
        comparison.router(resources),
        decisions.router(resources),
        log.router(resources),
        proof_check.router(resources),
        proofs.router(resources),
        drafts.router(resources),
        lists.router(resources),
        importing.router(resources),
        importing_folder.router(resources),
        proposals.router(resources),
        undoing.router(resources),
        village_burdens.router(resources),
    ):
        routes.routes.extend(each.routes)
    return routes


def named_router(resources: ServerResources) -> APIRouter:
    """The routes of a list, a unit's lists and a unit, to be included after those whose addresses begin like them."""
    routes = listing.router(resources)
    routes.routes.extend(unit.router(resources).routes)
    return routes
