"""The objects of the schema, as of a moment: what is asked inside one is asked of the same day and the same log."""

from registry.web.graphql.types.delegations import Delegation, delegation_of
from registry.web.graphql.types.fields import ID, columns, ids, text_in
from registry.web.graphql.types.findings import LETTERS, SEVERITIES, Finding, finding_of, findings_page, page_of
from registry.web.graphql.types.holdings import Holding, PowerHolding, holding_of, power_of
from registry.web.graphql.types.instruments import Instrument, instrument_of, load_instrument
from registry.web.graphql.types.lists import ListItem, item_of
from registry.web.graphql.types.matters import LawfulHolder, Matter, matter_of, need_matter
from registry.web.graphql.types.units import Unit, load_unit, need_burden, need_unit, unit_of

__all__ = [
    "ID",
    "LETTERS",
    "SEVERITIES",
    "Delegation",
    "Finding",
    "Holding",
    "Instrument",
    "LawfulHolder",
    "ListItem",
    "Matter",
    "PowerHolding",
    "Unit",
    "columns",
    "delegation_of",
    "finding_of",
    "findings_page",
    "holding_of",
    "ids",
    "instrument_of",
    "item_of",
    "load_instrument",
    "load_unit",
    "matter_of",
    "need_burden",
    "need_matter",
    "need_unit",
    "page_of",
    "power_of",
    "text_in",
    "unit_of",
]
