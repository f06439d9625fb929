"""What the letters about an order are made from, as of a day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg

from registry.domain.text import Text
from registry.exchange.letters import Letter
from registry.exchange.sheets.writing.printable import Source
from registry.impact.followed_up import standing_findings
from registry.log import tree
from registry.queries import instruments
from registry.queries.findings import origins, rectifications
from registry.queries.units import units
from registry.relations.two_times import AsOf, Reader


class Unordered(Exception):
    """No order bears the ref on the day: a code of the contract, and why, in zh and en."""

    def __init__(self, ref: str, moment: AsOf) -> None:
        day = moment.valid_at
        self.code = "unknown-ref"
        self.text = Text(f"{day}没有编号为“{ref}”的督办。", f"On {day} there is no order {ref}.")
        super().__init__(self.text.joined)


async def load_letter(
    connection: psycopg.Connection[Any], reader: Reader, moment: AsOf, ref: str
) -> tuple[Letter, Source]:
    """Return what the letters about an order say on the day, and what that rests on. Raises Unordered."""
    letter = await load_order(reader, moment, ref)
    finding = standing_findings(connection, moment.valid_at, moment.known_at, [letter.order]).get(ref)
    source = Source(moment, tree.root(connection, moment.known_at).hex())
    return replace(letter, finding=finding), source


async def load_order(
    reader: Reader, moment: AsOf, ref: str, seen: Callable[[rectifications.Rectification], bool] | None = None
) -> Letter:
    """Return the order with its answers and names, without its finding. Raises Unordered.

    `seen`: what of the orders is there for who asks. Asked before anything more is looked up, so that one that is not
    takes no longer than one that there is not.
    """
    order = None if "\0" in ref else (await rectifications.by_ref(reader, moment, [ref])).get(ref)
    if order is None or (seen is not None and not seen(order)):
        raise Unordered(ref, moment)
    given = (await rectifications.answers(reader, moment, [ref])).get(ref, [])
    codes = sorted({order.unit, order.by, *(answer.by for answer in given)})
    names = {code: unit.name for code, unit in (await units.units(reader, moment, codes)).items()}
    if order.instrument is not None:
        papers = await instruments.instruments(reader, moment, [order.instrument])
        names |= {number: f"《{paper.title.strip('《》')}》" for number, paper in papers.items()}
    return Letter(order, given, None, names, await origins.about(reader, moment, order.subject))
