"""What is wrong with an installation: the checks of `registry doctor` and of its page, in the order they are read."""

from __future__ import annotations

import importlib.util
import shutil
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, LiteralString

import psycopg

from registry import settings
from registry.checker.names import thesaurus
from registry.database import NoDatabase, connect, embedded, schema
from registry.domain.text import Text, counted
from registry.log import checkpoints, clocks, notes, recorder
from registry.queries.certificates import BadWords, vocabulary
from registry.replay.tags import first_not_in_index
from registry.upkeep import state
from registry.upkeep.check_results import Level, Result
from registry.upkeep.outside_checks import outside_checks

GIB: Final = 1 << 30
LEAST_FREE: Final = 1 * GIB
FEW_FREE: Final = 5 * GIB
OLD_CHECKPOINT: Final = timedelta(days=30)
LATE: Final = timedelta(minutes=15)  # for findings to follow a decision
TAGS: Final = 10_000  # decisions whose tags are looked up; registry verify derives those of all
MANY: Final = 10_000  # rows of a table that should have been counted


def checks(url: str | None = None) -> Iterator[Result]:
    """Look at everything, over a database (None: as settings say); yields one result or more of each check.

    Changes nothing.
    """
    yield from _settings()
    yield from _own_files()
    yield from _disk()
    yield from _keys()
    try:
        connection = connect(url, migrate=False)
    except (NoDatabase, settings.BadSetting) as problem:
        yield Result("database", Level.ERROR, Text(problem.zh, problem.en))
        return
    with connection:
        yield from _server(connection)
        if not (yield from _migrations(connection)):
            return
        yield from _log(connection)
        yield from _checkpoints(connection)
        yield from _feed(connection)
        yield from _statistics(connection)
        yield from outside_checks(connection)


def _ok(name: str, zh: str, en: str) -> Result:
    return Result(name, Level.OK, Text(zh, en))


def _row(connection: psycopg.Connection, query: LiteralString, *values: Any) -> tuple[Any, ...]:
    row = connection.execute(query, values).fetchone()
    return row or ()


def _settings() -> Iterator[Result]:
    wrong = False
    for name in settings.unread():
        wrong = True
        yield Result(
            "settings",
            Level.WARNING,
            Text(f"设了 {name}，但没有程序读取。", f"{name} is set, and nothing reads it."),
            Text("核对写法，见 docs/reference/configuration.md。", "Compare it with docs/reference/configuration.md."),
        )
    try:
        settings.check_secrets()
        settings.check_together()
    except settings.BadSetting as problem:
        wrong = True
        yield Result("settings", Level.ERROR, Text(problem.zh, problem.en))
    if settings.TRACES_ENDPOINT.read() and importlib.util.find_spec("opentelemetry.sdk") is None:
        wrong = True
        yield Result(
            "settings",
            Level.WARNING,
            Text("设了调用链收集器，但没有安装所需的包。", "A collector of traces is set, but the extra is missing."),
            Text("安装附加项：pip install 'quanze[traces]'。", "Install it: pip install 'quanze[traces]'."),
        )
    if not wrong:
        yield _ok("settings", "环境变量都有程序读取。", "Every variable that is set is read.")


def _own_files() -> Iterator[Result]:
    try:
        thesaurus.load_thesaurus()
        vocabulary.load_vocabulary()
    except (thesaurus.BadThesaurus, BadWords) as problem:
        yield Result("own-files", Level.ERROR, Text(problem.zh, problem.en))
        return
    yield _ok("own-files", "词库和证明用语可用。", "The thesaurus and the words of certificates can be used.")


def _disk() -> Iterator[Result]:
    home = embedded.home()
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    text = Text(f"{there} 所在磁盘还有 {free / GIB:.1f} GiB。", f"The disk of {there} has {free / GIB:.1f} GiB left.")
    todo = Text(
        "清出空间，或换更大的磁盘；备份移到别处。", "Make room, or move to a larger disk; keep backups elsewhere."
    )
    level = Level.ERROR if free < LEAST_FREE else Level.WARNING if free < FEW_FREE else Level.OK
    yield Result("disk", level, text, None if level is Level.OK else todo)


def _keys() -> Iterator[Result]:
    file = embedded.home() / "signing.key"
    try:
        verifier = checkpoints.existing_verifier(embedded.home())
    except (checkpoints.NoKey, settings.BadSetting) as problem:
        yield Result("signing-key", Level.ERROR, Text(problem.zh, problem.en))
        return
    if verifier is None:
        yield _ok(
            "signing-key", "尚无签名密钥，首次签发检查点时生成。", "No signing key yet: the first checkpoint makes it."
        )
        return
    yield from _mode(file)
    yield _ok("signing-key", f"签名密钥可用：{verifier}。", f"The signing key can be used: {verifier}.")


def _mode(file: Path) -> Iterator[Result]:
    """Whether a secret file is readable by others."""
    secret_files = [file, *(Path(name) for name in settings.secret_files())]
    for each in secret_files:
        try:
            mode = stat.S_IMODE(each.stat().st_mode)
        except OSError:
            continue
        if mode & 0o077 and each == file:
            yield Result(
                "signing-key",
                Level.ERROR,
                Text(f"其他用户能读 {each}（权限 {mode:o}）。", f"Others can read {each} (mode {mode:o})."),
                Text(f"执行 chmod 600 {each}；若可能已外泄，换新密钥并告知持有旧公钥的人。",
                     f"Run chmod 600 {each}; if it may have leaked, make a new one and say so to who keeps the old."),
            )  # fmt: skip
        elif mode & 0o004:
            yield Result(
                "secret-files",
                Level.WARNING,
                Text(f"任何用户都能读 {each}（权限 {mode:o}）。", f"Everybody can read {each} (mode {mode:o})."),
                Text(f"执行 chmod 640 {each} 或更严。", f"Run chmod 640 {each}, or stricter."),
            )


def _server(connection: psycopg.Connection) -> Iterator[Result]:
    version = connection.info.server_version
    spoken = f"{version // 10000}.{version % 10000}"
    if version < schema.OLDEST_SERVER:
        yield Result(
            "database",
            Level.ERROR,
            Text(f"PostgreSQL {spoken} 太旧。", f"PostgreSQL {spoken} is too old."),
            Text("升级到 15 及以上。", "Upgrade it to 15 or later."),
        )
    else:
        yield _ok("database", f"数据库可用，PostgreSQL {spoken}。", f"The database answers: PostgreSQL {spoken}.")
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        if _row(connection, "SELECT current_setting(%s)", name)[0] == "off":
            yield Result(
                "durability",
                Level.ERROR,
                Text(f"数据库关闭了 {name}：断电可能丢失已确认的记录。",
                     f"The database has {name} off: a power cut may lose what was acknowledged."),
                Text(f"在 postgresql.conf 中设 {name} = on。", f"Set {name} = on in postgresql.conf."),
            )  # fmt: skip
    used, most = _row(
        connection,
        "SELECT count(*), current_setting('max_connections')::int FROM pg_stat_activity WHERE datid IS NOT NULL",
    )
    if used > most * 0.8:
        yield Result(
            "connections",
            Level.WARNING,
            Text(f"数据库连接用了 {used} 个，上限 {most}。", f"{used} of {most} connections of the database are used."),
            Text("调高 max_connections，或减少服务进程。", "Raise max_connections, or run fewer server processes."),
        )


def _migrations(connection: psycopg.Connection) -> Iterator[Result]:
    """Yield whether the tables are this program's; returns whether they can be looked into."""
    try:
        missing = schema.pending(connection)
    except NoDatabase as problem:
        yield Result("migrations", Level.ERROR, Text(problem.zh, problem.en))
        return False
    if missing:
        yield Result(
            "migrations",
            Level.WARNING,
            Text(f"数据库还差 {missing} 步升级。", f"The database lacks {missing} migrations."),
            Text(
                "先备份，再启动本程序：首次启动时自动升级。", "Make a backup, then start: the first start migrates it."
            ),
        )
        return False
    yield _ok("migrations", "表结构与本程序相符。", "The tables are those of this program.")
    return True


def _log(connection: psycopg.Connection) -> Iterator[Result]:
    position, recorded_at = recorder.head(connection)
    now = _row(connection, "SELECT now()")[0]
    apart = clocks.apart(recorded_at if position else None, now)
    if apart is not None:
        yield Result("clock", Level.ERROR, apart, Text("用 NTP 校准时钟。", "Set the clock by NTP."))
    else:
        yield _ok(
            "clock", "时钟与数据库、与最后的决定相符。", "The clock agrees with the database and the last decision."
        )
    unindexed = first_not_in_index(connection, max(1, position - TAGS + 1), position)
    if unindexed is not None:
        yield Result(
            "tags",
            Level.ERROR,
            Text(
                f"第 {unindexed} 项决定的标签与索引不符。",
                f"The tags of decision {unindexed} are not those of the index.",
            ),
            Text(
                "日志被改动过：运行 registry verify，由备份恢复。",
                "The log was altered: run registry verify, and restore.",
            ),
        )
    else:
        yield _ok(
            "tags",
            f"日志 {position} 项，最近的标签与索引相符。",
            f"{counted(position, 'decision')}; the latest tags are as indexed.",
        )
    left = connection.execute(
        "SELECT c.oid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE NOT i.indisvalid"
    ).fetchall()
    for (index,) in left:
        yield Result(
            "indexes",
            Level.ERROR,
            Text(f"索引 {index} 无效。", f"The index {index} is invalid."),
            Text(f"执行 REINDEX INDEX {index}。", f"Run REINDEX INDEX {index}."),
        )


def _checkpoints(connection: psycopg.Connection) -> Iterator[Result]:
    position, _ = recorder.head(connection)
    newest = connection.execute(
        "SELECT size, note, issued_at FROM log.checkpoint ORDER BY size DESC, issued_at DESC LIMIT 1"
    ).fetchone()
    issue = Text(
        "运行 registry checkpoint，把它存在别处；可由 cron 每天进行。",
        "Run registry checkpoint and keep what it prints elsewhere; a cron job can do it daily.",
    )
    if newest is None:
        if position:
            yield Result("checkpoint", Level.WARNING, state.NEVER_KEPT, issue)
        return
    size, note, issued_at = newest
    age = datetime.now(UTC) - issued_at
    text = Text(
        f"最新检查点签发于 {age.days} 天前，其后有 {position - size} 项决定。",
        f"The newest checkpoint is {counted(age.days, 'day')} old; after it came"
        f" {counted(position - size, 'decision')}.",
    )
    late = age > OLD_CHECKPOINT and position > size
    yield Result("checkpoint", Level.WARNING if late else Level.OK, text, issue if late else None)
    own = None
    try:
        own = checkpoints.existing_verifier(embedded.home())
    except (checkpoints.NoKey, settings.BadSetting):
        return  # reported with the keys
    signed_by = notes.signers(note)
    if own is None or f"{own.name}+{own.key_id.hex()}" not in signed_by:
        yield Result(
            "signing-key",
            Level.WARNING,
            Text(f"最新检查点由 {'、'.join(signed_by)} 签发，不是本机的密钥。",
                 f"The newest checkpoint was signed by {', '.join(signed_by)}, which is not the key here."),
            Text("各主机须用同一密钥：设 REGISTRY_SIGNING_KEY_FILE，或放回 signing.key。",
                 "All hosts need the same key: set REGISTRY_SIGNING_KEY_FILE, or put signing.key back."),
        )  # fmt: skip


def _feed(connection: psycopg.Connection) -> Iterator[Result]:
    row = _row(
        connection,
        """
        SELECT h.position - coalesce(p.position, 0), (SELECT now() - d.recorded_at FROM log.decision d
            WHERE d.position > coalesce(p.position, 0) ORDER BY d.position LIMIT 1)
        FROM (SELECT coalesce(max(position), 0) AS position FROM log.decision) h LEFT JOIN judged.progress p ON true
        """,
    )
    behind, age = row
    if behind > 0 and age is not None and age > LATE:
        yield Result(
            "feed",
            Level.WARNING,
            Text(f"问题动态还差 {behind} 项决定。", f"The feed of findings is {behind} decisions behind."),
            Text("由运行中的服务推导：启动服务，或运行 registry findings；看日志中的 judging。",
                 "A running server derives it: start one, or run registry findings; look for `judging` in the log."),
        )  # fmt: skip
    else:
        yield _ok("feed", "问题动态跟得上。", "The feed of findings keeps up.")


def _statistics(connection: psycopg.Connection) -> Iterator[Result]:
    if _row(connection, "SELECT current_setting('autovacuum')")[0] == "off":
        yield Result(
            "statistics",
            Level.WARNING,
            Text("数据库关闭了 autovacuum：表不再清理和统计。",
                 "The database has autovacuum off: tables are neither tidied nor counted."),
            Text("在 postgresql.conf 中设 autovacuum = on。", "Set autovacuum = on in postgresql.conf."),
        )  # fmt: skip
    rows = connection.execute(
        "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind = 'r' AND n.nspname IN ('log', 'live', 'judged') AND c.reltuples < 0"
        " AND pg_relation_size(c.oid) > %s ORDER BY 1",
        (MANY * 100,),
    ).fetchall()
    for (table,) in rows:
        yield Result(
            "statistics",
            Level.WARNING,
            Text(f"表 {table} 从未统计，查询会慢。", f"The table {table} was never counted: questions are slow."),
            Text(f"执行 ANALYZE {table}。", f"Run ANALYZE {table}."),
        )
    if not rows:
        yield _ok("statistics", "各表已统计。", "The tables have been counted.")
