"""What administrators look at: whether all is well, accounts and who did what, size and speed; no content."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from registry.access import accounts, attempts, change_words, changes, tokens
from registry.access.accounts import Account
from registry.access.viewer import Grant
from registry.domain.dates import SHANGHAI
from registry.domain.text import Text
from registry.exchange.backup import known
from registry.exchange.backup.known import KnownBackup
from registry.upkeep import installation, state
from registry.upkeep.check_results import Level
from registry.web.console.tables import Cell, Column, Row, Table, rows_of
from registry.web.console.view import View
from registry.web.resources import ServerResources

MOST: Final = 1000  # of what is listed
LEVELS: Final = {
    Level.OK: Text("正常", "well"),
    Level.WARNING: Text("注意", "look at it"),
    Level.ERROR: Text("有误", "wrong"),
}
MARKS: Final = {Level.OK: "", Level.WARNING: "WARNING", Level.ERROR: "VIOLATION"}
CHECKS: Final = {
    "settings": Text("设置", "Settings"),
    "own-files": Text("自备文件", "Own files"),
    "disk": Text("磁盘", "Disk"),
    "signing-key": Text("签名密钥", "Signing key"),
    "secret-files": Text("密钥文件", "Secret files"),
    "database": Text("数据库", "Database"),
    "durability": Text("断电保护", "Durability"),
    "connections": Text("数据库连接", "Connections"),
    "migrations": Text("表结构", "Tables"),
    "clock": Text("时钟", "Clock"),
    "tags": Text("日志索引", "Index of the log"),
    "indexes": Text("索引", "Indexes"),
    "checkpoint": Text("检查点", "Checkpoint"),
    "feed": Text("问题动态", "Feed of findings"),
    "statistics": Text("统计信息", "Statistics"),
    "witnesses": Text("证人", "Witnesses"),
    "replicas": Text("只读副本", "Replicas"),
    "webhooks": Text("推送", "Webhooks"),
}
NO_ACCOUNTS: Final = Text("还没有账号。", "There are no accounts yet.")
IN_USE: Final = Text("在用", "in use")
LOCKED: Final = Text("试错太多，暂停登录", "locked: wrong passwords")
DISABLED: Final = Text("已停用", "disabled")
ENDED: Final = Text("已失效", "ended")
_CODE: Final = Markup("<code>{}</code>")
LATIN: Final = re.compile(r"([!-~]*[A-Za-z][ -~]*[!-~]|[A-Za-z])")
HEALTH: Final = (
    Column("check", Text("检查", "Check"), width=16),
    Column("level", Text("结果", "Result"), width=10),
    Column("text", Text("情况", "What was seen"), width=60),
    Column("todo", Text("怎么办", "What to do"), width=60),
)
BACKUPS: Final = (
    Column("began", Text("开始时间", "Begun"), width=20),
    Column("state", Text("是否完整", "Whole"), own_words=True, width=40),
    Column("decisions", Text("决定数", "Decisions"), "number"),
    Column("size", Text("大小（兆字节）", "Size (MiB)"), "number"),
    Column("folder", Text("写到哪里", "Written to"), own_words=True, width=50),
)
BACKUPS_MOST: Final = 20
BACKED_UP: Final = Text("备份", "Backups")
NOT_WHOLE: Final = Text("没有一次完整的备份可查。", "No backup that became whole is known.")
NEVER_BACKED_UP: Final = Text(
    "没有备份的记录：从未备份过，或只用旧版程序、数据库自带的办法备份过。",
    "No backup is known: none was ever made, or only by an older program or by means of the database.",
)
CHECKPOINTS: Final = (
    Column("size", Text("覆盖决定数", "Decisions covered"), "number"),
    Column("issued", Text("签发时间", "Issued"), width=20),
    Column("signers", Text("签名", "Signed by"), own_words=True, width=30),
    Column("witnesses", Text("副署的证人", "Cosigned by"), own_words=True, width=30),
)
ACCOUNTS: Final = (
    Column("name", Text("账号", "Account"), own_words=True, width=20),
    Column("roles", Text("角色和范围", "Roles and territories"), width=40),
    Column("state", Text("状态", "State"), width=10),
    Column("seen", Text("最近在线", "Last seen"), width=20),
    Column("made", Text("设立时间", "Made"), width=20),
)
BY_TERRITORY: Final = (
    Column("territory", Text("地域", "Territory"), chinese=True, width=30),
    Column("role", Text("角色", "Role"), width=16),
    Column("account", Text("账号", "Account"), own_words=True, width=20),
    Column("state", Text("状态", "State"), width=10),
)
TOKENS: Final = (
    Column("account", Text("账号", "Account"), own_words=True, width=20),
    Column("label", Text("用途", "What for"), own_words=True, width=30),
    Column("role", Text("角色和范围", "Role and territory"), width=30),
    Column("state", Text("状态", "State"), width=10),
    Column("used", Text("最近使用", "Last used"), width=20),
    Column("ends", Text("用到哪天", "Last day"), "day", width=20),
)
CHANGES: Final = (
    Column("at", Text("时间", "When"), width=20),
    Column("by", Text("谁", "Who"), own_words=True, width=20),
    Column("via", Text("途径", "By"), width=14),
    Column("account", Text("哪个账号", "Which account"), own_words=True, width=20),
    Column("what", Text("做了什么", "Did what"), width=20),
    Column("detail", Text("内容", "Detail"), own_words=True, width=40),
)
RECORDED: Final = (
    Column("account", Text("账号", "Account"), own_words=True, width=24),
    Column("decisions", Text("记录决定数", "Decisions recorded"), "number", total=True),
    Column("last", Text("最近一次", "The last"), width=20),
)
TABLES: Final = (
    Column("name", Text("表", "Table"), width=30),
    Column("rows", Text("行数（估计）", "Rows (about)"), "number"),
    Column("bytes", Text("占用（兆字节）", "Size (MiB)"), "number", total=True),
    Column("indexes", Text("其中索引（兆字节）", "Of that indexes (MiB)"), "number", total=True),
)
TIMINGS: Final = (
    Column("operation", Text("操作", "Operation"), width=40),
    Column("requests", Text("次数", "Requests"), "number", total=True),
    Column("failed", Text("服务器出错", "Failed by the server"), "number", total=True),
    Column("mean", Text("平均（毫秒）", "Mean (ms)"), "number"),
    Column("half", Text("半数不超过（毫秒）", "Half within (ms)"), "number"),
    Column("most", Text("九成五不超过（毫秒）", "95 % within (ms)"), "number"),
)


def router(resources: ServerResources) -> APIRouter:
    """The routes of the views."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/admin", methods=["GET", "HEAD"])
    async def health(request: Request) -> Response:
        return await _health(await View.of(request, resources))

    @routes.api_route("/admin/accounts", methods=["GET", "HEAD"])
    async def every(request: Request) -> Response:
        return await _accounts(await View.of(request, resources))

    @routes.api_route("/admin/size", methods=["GET", "HEAD"])
    async def size(request: Request) -> Response:
        return await _size(await View.of(request, resources))

    return routes


async def _health(view: View) -> Response:
    """What `registry doctor` sees, checkpoints with their witnesses, and what is known of backups."""
    work = view.resources.run_in_thread
    results = await asyncio.to_thread(lambda: list(installation.checks(view.resources.url)))
    rows: list[Row] = [
        {
            "check": Cell(one.name, view.localized(*CHECKS.get(one.name, Text(one.name, one.name))), code=one.name),
            "level": Cell(one.level.value, view.localized(*LEVELS[one.level]), mark=MARKS[one.level]),
            "text": _sentence(view, one.text),
            "todo": Cell(None) if one.todo is None else _sentence(view, one.todo),
        }
        for one in results
    ]
    backups = await work(known.latest, BACKUPS_MOST)
    whole = next((one for one in backups if one.whole), None)
    last = (
        None if whole is None else {"at": _time(whole.ended_at), "since": max(0, view.newest - (whole.position or 0))}
    )
    if whole is None:
        rows.append(_no_backup(view, tried=bool(backups)))
    health = Table("health", Text("体检", "Health"), HEALTH, rows)
    issued = Table(
        "checkpoints",
        Text("检查点和证人", "Checkpoints and witnesses"),
        CHECKPOINTS,
        rows_of(
            await work(state.checkpoints, MOST),
            size=lambda one: one.size,
            issued=lambda one: _time(one.issued_at),
            signers=lambda one: view.series(one.signers),
            witnesses=lambda one: view.series(one.witnesses),
        ),
        state.NEVER_KEPT,
        main=False,
    )
    kept = Table(
        "backups",
        Text("备份", "Backups"),
        BACKUPS,
        rows_of(
            backups,
            began=lambda one: _time(one.began_at),
            state=lambda one: _wholeness(view, one),
            decisions=lambda one: one.position,
            size=_mebibytes,
            folder=lambda one: Cell(one.folder, code=one.host),
        ),
        main=False,
    )
    archiving = await work(state.archiving)
    times = {"last": _time(archiving.last_at), "failed": _time(archiving.failed_at)}
    tables = [health, kept, issued]
    return view.download(*tables) or view.page(
        "admin.html",
        tables=tables,
        archiving=archiving,
        times=times,
        wrong=sum(one["level"].value != Level.OK.value for one in rows),
        tried=len(backups),
        no_backup=NOT_WHOLE if backups else NEVER_BACKED_UP,
        last=last,
    )


def _no_backup(view: View, *, tried: bool) -> Row:
    """What the health check says where no backup became whole."""
    text = NOT_WHOLE if tried else NEVER_BACKED_UP
    return {
        "check": Cell("backups", view.localized(*BACKED_UP), code="backups"),
        "level": Cell(Level.WARNING.value, view.localized(*LEVELS[Level.WARNING]), mark=MARKS[Level.WARNING]),
        "text": Cell(view.localized(*text)),
        "todo": Cell(view.localized("见下面“备份”一节。", "See “Backups” below.")),
    }


def _mebibytes(backup: KnownBackup) -> int | None:
    return None if backup.bytes is None else math.ceil(backup.bytes / 2**20)


def _wholeness(view: View, backup: KnownBackup) -> Cell:
    """Whether a backup became whole; else why not."""
    if backup.whole:
        return Cell("whole", view.localized("完整，写入后已核对", "whole, read back and checked"))
    if backup.problem is not None:
        return Cell("failed", view.localized(backup.problem["zh"], backup.problem["en"]), mark="VIOLATION")
    text = ("没有写完：正在写入，或中途被终止", "not whole: being written, or it was killed")
    return Cell("unfinished", view.localized(*text), mark="WARNING")


async def _accounts(view: View) -> Response:
    """Accounts with their roles, tokens with their last use, changes of accounts, and who recorded how much."""
    work = view.resources.run_in_thread
    every = await work(accounts.every)
    known = {one.name for one in every}
    locked = await work(attempts.locked, known)
    given = await work(tokens.every, MOST)
    changed = await work(changes.newest, None, MOST)
    grants = [*(grant for one in every for grant in one.grants), *(one.grant for one in given)]
    names = await work(change_words.unit_names, grants, changed)

    def role(grant: Grant) -> str:
        return view.localized(*change_words.role(grant, names))

    def account(name: str | None) -> Cell:
        if not name:
            return Cell("", view.localized("命令行，或没有账号时", "command line, or before there were accounts"))
        return Cell(name, href=view.href(f"/accounts/{name}") if name in known else None)

    def state_of(one: Account) -> str:
        return view.localized(*(DISABLED if one.disabled_at is not None else LOCKED if one.name in locked else IN_USE))

    tables = [
        Table(
            "accounts",
            Text("账号", "Accounts"),
            ACCOUNTS,
            rows_of(
                every,
                name=lambda one: account(one.name),
                roles=lambda one: view.series(role(grant) for grant in one.grants),
                state=state_of,
                seen=lambda one: _time(one.seen_at),
                made=lambda one: _time(one.made_at),
            ),
            NO_ACCOUNTS,
        ),
        _by_territory(view, every, names, lambda one: [account(one.name), Cell(state_of(one))]),
        Table(
            "tokens",
            Text("令牌", "Tokens"),
            TOKENS,
            rows_of(
                given,
                account=lambda one: account(one.account),
                label=lambda one: one.label,
                role=lambda one: role(one.grant),
                state=lambda one: view.localized(*(IN_USE if one.works else ENDED)),
                used=lambda one: _time(one.used_at) or view.localized("没有用过", "never"),
                ends=lambda one: str(one.last),
            ),
            Text("没有发过令牌。", "No tokens were made."),
            main=False,
        ),
        Table(
            "changes",
            Text("谁改动过账号", "Who changed accounts"),
            CHANGES,
            rows_of(
                changed,
                at=lambda one: _time(one.at),
                by=lambda one: view.localized(*change_words.who(one)),
                via=lambda one: view.localized(*change_words.VIAS[one.via]),
                account=lambda one: account(one.account),
                what=lambda one: view.localized(*one.text),
                detail=lambda one: view.localized(*change_words.detail(one, names)),
            ),
            Text("没有改动过。", "Nothing was changed."),
            main=False,
        ),
        Table(
            "recorded",
            Text("谁记录了多少决定", "Who recorded how many decisions"),
            RECORDED,
            rows_of(
                await work(state.recordings),
                account=lambda one: account(one.account),
                decisions=lambda one: one.decisions,
                last=lambda one: _time(one.last_at),
            ),
            main=False,
        ),
    ]
    return view.download(*tables) or view.page("admin_accounts.html", tables=tables, latest=state.LATEST)


def _by_territory(
    view: View, every: Sequence[Account], names: Mapping[str, str], shown: Callable[[Account], list[Cell]]
) -> Table:
    """Who has which role for which unit: those for the whole registry first, then by unit, a row for each role."""
    whole = view.localized("全部单位", "all units")
    grants = [(grant, one) for one in every for grant in one.grants]
    grants.sort(key=lambda each: (each[0].unit or "", each[0].role.value, each[1].name))

    def territory(grant: Grant) -> Cell:
        if grant.unit is None:
            return Cell(whole)
        return Cell(names.get(grant.unit, grant.unit), href=view.href(f"/units/{grant.unit}"), code=grant.unit)

    rows: list[Row] = []
    for grant, one in grants:
        account, state_ = shown(one)
        role = Cell(grant.role.value, view.localized(*grant.role.text))
        rows.append({"territory": territory(grant), "role": role, "account": account, "state": state_})
    title = Text("各地域的角色", "Roles by territory")
    return Table(
        "territories", title, BY_TERRITORY, rows, Text("还没有账号。", "There are no accounts yet."), main=False
    )


async def _size(view: View) -> Response:
    """The sizes of the log and of all tables, and how long requests took since the server began."""
    work = view.resources.run_in_thread
    sizes = await work(state.sizes)
    whole = await work(state.database_bytes)
    mib = 1 << 20
    tables = [
        Table(
            "tables",
            Text("各表大小", "Sizes of the tables"),
            TABLES,
            rows_of(
                sizes,
                name=lambda one: Cell(one.name, "", code=one.name),
                rows=lambda one: None if one.rows < 0 else one.rows,
                bytes=lambda one: round(one.bytes / mib, 2),
                indexes=lambda one: round((one.bytes - one.table_bytes) / mib, 2),
            ),
        ),
        Table(
            "timings",
            Text("请求和用时", "Requests and their times"),
            TIMINGS,
            rows_of(
                view.resources.metrics.timings(),
                operation=lambda one: Cell(one.operation, "", code=one.operation),
                requests=lambda one: one.requests,
                failed=lambda one: one.failed,
                mean=lambda one: round(1000 * one.seconds / one.requests, 1) if one.requests else None,
                half=lambda one: _milliseconds(one.within(0.5)),
                most=lambda one: _milliseconds(one.within(0.95)),
            ),
            Text("还没有答复过请求。", "Nothing was asked yet."),
            main=False,
        ),
    ]
    log = sum(one.bytes for one in sizes if one.name.startswith("log."))
    figures: dict[str, Any] = {"whole": f"{whole / mib:.1f}", "log": f"{log / mib:.1f}"}
    return view.download(*tables) or view.page("admin_size.html", tables=tables, **figures)


def _milliseconds(seconds: float) -> Cell:
    """A bound of the histogram; beyond the last there is none."""
    return Cell(None, "> 60000") if math.isinf(seconds) else Cell(round(1000 * seconds, 1))


def _time(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _sentence(view: View, text: Text) -> Cell:
    """A sentence of the health check; in Chinese names of programs and commands, of Latin letters, are set apart."""
    words = view.localized(*text)
    parts = [(_CODE if index % 2 else Markup("{}")).format(part) for index, part in enumerate(LATIN.split(words))]
    return Cell(words, markup=Markup("").join(parts) if view.lang == "zh" else None)
