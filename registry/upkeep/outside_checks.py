"""The checks of `registry doctor` that look outside: witnesses, replicas, and those who are told by webhooks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import psycopg

from registry.database import NoDatabase, connect, replica_urls, without_password
from registry.database.replicas import LAG, NEWEST, STATE
from registry.domain.text import Text, counted
from registry.exchange.webhooks import endpoints
from registry.log import cosignatures, witness_policy
from registry.upkeep.check_results import Level, Result

OLD: Final = timedelta(days=1)  # of the newest cosignature, where decisions came later
PATIENT: Final = 5  # attempts at a webhook before it is worth a word


def outside_checks(connection: psycopg.Connection) -> Iterator[Result]:
    """Look at what goes out of the registry and at what follows it; yields nothing of what is not set up."""
    yield from _witnesses(connection)
    yield from _replicas(connection)
    yield from _webhooks(connection)


def _newest(connection: psycopg.Connection) -> int:
    row = connection.execute(NEWEST.encode()).fetchone()
    return row[0] if row else 0


def _witnesses(connection: psycopg.Connection) -> Iterator[Result]:
    try:
        policy = witness_policy.configured()
    except witness_policy.BadPolicy as problem:
        todo = Text("改正证人文件，见 docs/howto/witnesses.md。", "Correct the file: see docs/howto/witnesses.md.")
        yield Result("witnesses", Level.ERROR, Text(problem.zh, problem.en), todo)
        return
    if policy is None:
        return
    whole = _newest(connection)
    good = [
        each
        for each in cosignatures.kept(connection, policy.keys)
        if policy.satisfied([given.witness for given in each.by])
    ]
    size = good[0].size if good else 0
    given_at = max((given.given_at for given in good[0].by), default=None) if good else None
    text = Text(
        f"够数的证人副署到第 {size} 项，日志共 {whole} 项。",
        f"A quorum of witnesses has cosigned {counted(size, 'decision')} of {whole}.",
    )
    if size == whole or (given_at is not None and datetime.now(UTC) - given_at < OLD):
        yield Result("witnesses", Level.OK, text)
    else:
        todo = Text(
            "运行 registry witness submit，看每个证人怎么说。",
            "Run registry witness submit and see what each witness says.",
        )
        yield Result("witnesses", Level.WARNING, text, todo)


def _replicas(connection: psycopg.Connection) -> Iterator[Result]:
    try:
        urls = replica_urls()
    except NoDatabase as problem:
        todo = Text("改正 REGISTRY_READ_URL。", "Correct REGISTRY_READ_URL.")
        yield Result("replicas", Level.ERROR, Text(problem.zh, problem.en), todo)
        return
    for url in urls:
        yield _replica(url, _newest(connection))


def _replica(url: str, newest: int) -> Result:
    """Whether a replica answers and comes to have all that the primary had."""
    name = without_password(url)
    todo = Text("见 docs/howto/replicas.md；此时都在主库上读。", "See docs/howto/replicas.md; the primary is read.")
    try:
        with connect(url, migrate=False) as replica:
            deadline = time.monotonic() + LAG
            row = replica.execute(STATE.encode()).fetchone() or (0, 0)
            while row[0] < newest and time.monotonic() < deadline:
                time.sleep(0.1)
                row = replica.execute(STATE.encode()).fetchone() or (0, 0)
    except (NoDatabase, psycopg.Error) as problem:
        reason = " ".join(str(problem).split())
        return Result("replicas", Level.WARNING, Text(f"副本 {name} 不能用：{reason}", f"{name}: {reason}"), todo)
    if row[0] < newest:
        zh, en = (
            f"副本 {name} 落后 {newest - row[0]} 项。",
            f"The replica {name} is {counted(newest - row[0], 'decision')} behind.",
        )
        return Result("replicas", Level.WARNING, Text(zh, en), todo)
    return Result("replicas", Level.OK, Text(f"副本 {name} 跟得上。", f"The replica {name} keeps up."))


def _webhooks(connection: psycopg.Connection) -> Iterator[Result]:
    every = endpoints.every(connection)
    for endpoint in every:
        if endpoint.stopped_at is None and endpoint.attempts < PATIENT:
            continue
        text = Text(
            f"推送第 {endpoint.id} 号 {endpoint.url} 未送达：{endpoint.problem}。",
            f"Webhook {endpoint.id} to {endpoint.url} is not delivered: {endpoint.problem}.",
        )
        todo = Text(
            f"请接收方修好，再运行 registry webhooks resume {endpoint.id}；不再需要的用 remove 删除。",
            f"Have the receiver mended, then run registry webhooks resume {endpoint.id}; or remove it.",
        )
        yield Result("webhooks", Level.WARNING, text, todo)
    if every and all(each.stopped_at is None and each.attempts < PATIENT for each in every):
        yield Result(
            "webhooks",
            Level.OK,
            Text(f"{len(every)} 个接收地址都在接收。", f"All {len(every)} webhooks are delivered."),
        )
