"""`registry webhooks add`: an address that is sent decisions or findings."""

from __future__ import annotations

from typing import Annotated, cast

import psycopg
import typer

from registry.cli.lines import write
from registry.cli.terminal import JSON, fail, one_of
from registry.database import connect
from registry.exchange.webhooks import addresses, endpoints
from registry.exchange.webhooks.endpoints import Feed
from registry.queries.units.resolve import resolve_unit_now
from registry.relations.two_times import LAST, NEWEST, AsOf

FEEDS = ("decisions", "findings")
NUMBERS = {
    "decisions": "SELECT coalesce(max(position), 0) FROM log.decision",
    "findings": "SELECT coalesce(max(number), 0) FROM judged.event",
}


def webhooks_add(
    url: Annotated[str, typer.Argument(help="接收地址，https:// 开头。 / The address, beginning with https://.")],
    feed: Annotated[
        str, typer.Option(help="送什么：decisions 决定，findings 问题。 / What is sent: decisions or findings.")
    ] = "decisions",
    within: Annotated[
        str | None,
        typer.Option(help="只送该单位辖区的：代码或名称。 / Only that unit's territory: its code or name."),
    ] = None,
    after: Annotated[
        int | None,
        typer.Option(min=0, help="自哪个序号之后，缺省只送今后的。 / After this number; default: from now on."),
    ] = None,
    internal: Annotated[
        bool,
        typer.Option(
            "--internal", help="内部网络的地址，可用 http://。 / An address of your own network; http:// will do."
        ),
    ] = False,
    as_json: JSON = False,
) -> None:
    """添加接收地址；密钥只显示这一次。 / Add an address to send to; its secret is shown this once."""
    one_of("--feed", feed, FEEDS)
    addresses.checked(url, internal=internal)
    with connect() as connection:
        if within is not None:
            within = resolve_unit_now(connection, within, AsOf(LAST, NEWEST))
        start = after_of(connection, feed, after)
        added = endpoints.add(connection, url, cast(Feed, feed), within, start, internal=internal)
    if as_json:
        write(
            {"id": added.id, "url": added.url, "feed": feed, "within": within, "after": start, "secret": added.secret}
        )
        return
    print(f"已添加第 {added.id} 号，自 {start} 之后送起。密钥（只显示这一次，请交给接收方）：")
    print(f"Added as {added.id}; what comes after {start} is sent. The secret, shown this once, for the receiver:")
    print(added.secret)


def after_of(connection: psycopg.Connection, feed: str, after: int | None) -> int:
    """Give where to begin: the newest number where none is named. Leaves where there is no such number yet."""
    row = connection.execute(NUMBERS[feed].encode()).fetchone()
    newest = row[0] if row else 0
    if after is not None and after > newest:
        fail(
            "unknown-position", f"没有序号 {after}，最新为 {newest}。", f"There is no {after}; the newest is {newest}."
        )
    return newest if after is None else after
