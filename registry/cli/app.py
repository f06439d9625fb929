"""The command line: which commands there are, each imported only when it is used.

A command is one module of this package with one function of its name; its first docstring line is its help, kept equal
to the line here by a test. Listing them must not import them: `registry --help` answers in a quarter of a second.
"""

from __future__ import annotations

import errno
import gc
import io
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any, Final, NamedTuple, NoReturn

import typer
from typer.core import TyperGroup

from registry import __version__
from registry.cli.terminal import Visible, fail, fail_letters, need_text
from registry.fast.collector import uncollected

# What typer raises for a command that is written wrongly; of this family it exports only BadParameter.
UsageError: Any = typer.BadParameter.__bases__[0]


class Entry(NamedTuple):
    """A command: the module of registry.cli and its function (of the same name), and one line of help."""

    module: str
    help: str


class Group(NamedTuple):
    """Commands that begin with the same word: one line of help, and its commands."""

    help: str
    entries: dict[str, Entry]


COMMANDS: Final[dict[str, Entry]] = {
    "import": Entry("import_", "导入日志：全部记录，或全不记录。 / Import journals: all or nothing."),
    "undo": Entry(
        "undo",
        "撤回已记录的内容：先看后记，撤回本身也可撤回。 / Take recordings back; shown first, and itself undoable.",
    ),
    "export": Entry(
        "export", "导出日志：导入空登记册后答案相同。 / Export the log as a journal that imports to the same answers."
    ),
    "check": Entry("check", "检查：列出问题及其依据。 / Check: print what is wrong, and why."),
    "findings": Entry(
        "findings", "问题动态：何时因何出现、消除。 / Findings as they opened and closed, and by which decision."
    ),
    "rectifications": Entry(
        "rectifications",
        "整改督办：问题限期整改的情况，督办单和答复单。 / Findings ordered to be put right; the letters to print.",
    ),
    "balance": Entry(
        "balance", "权责平衡：职责、权力、保障与违规。 / The balance of duties, powers, means and violations."
    ),
    "burdens": Entry(
        "burdens",
        "负担：全年与计划、限额、上年比；当月落下什么；哪些表问同样内容。 / Burdens of a year, a month; forms alike.",
    ),
    "reports": Entry(
        "reports",
        "基层反映：谁、反映什么、当日有何问题、答复如何。 / Reports from below, and what was found that day.",
    ),
    "assessments": Entry(
        "assessments",
        "基层评议：下面怎样评价派活的单位，与其所派的对照。 / Assessments from below, beside what was sent down.",
    ),
    "monitoring": Entry(
        "monitoring",
        "监测点月报：新增负担、反映、新问题，与上月比。 / The month of the monitoring points, beside the month before.",
    ),
    "certificate": Entry(
        "certificate",
        "能不能开证明：村里开不开，不开找谁。 / May the village issue this certificate, and who does if not?",
    ),
    "services": Entry(
        "services",
        "“一件事”：一张表办哪几样，到哪个窗口，带什么。 / Services: one application, one window, what to bring.",
    ),
    "certificate-demands": Entry(
        "certificate_demands",
        "谁向村里要了不该要的证明。 / Who demanded certificates of villages that these may not issue.",
    ),
    "marked-answers": Entry(
        "marked_answers",
        "证明窗口答错的话：供改进用语，不含任何人的信息。 / Sayings marked as answered wrongly, to be reviewed.",
    ),
    "blame": Entry(
        "blame",
        "牵头沿革：谁、自何时、依据何文、由哪项决定牵头。 / Who led a duty since when, by which paper and decision.",
    ),
    "changes": Entry(
        "changes",
        "两日之间的变化：承担和清单事项的新增、终止、变更。 / What began, ended or changed in between two days.",
    ),
    "account": Entry(
        "account",
        "问责查询：当日是否承担、由谁交办、有无权力和保障。 / Did the unit hold it that day, and with what powers?",
    ),
    "cases": Entry(
        "cases",
        "问责案例：按字词、事项、结果查找。 / Cases: how accountability was settled, by words, matter and outcome.",
    ),
    "history": Entry(
        "history",
        "变更记录：涉及该单位或事项的决定，各改变了什么。 / Decisions about a unit or matter, and what each changed.",
    ),
    "decisions": Entry(
        "decisions",
        "查找决定：按单位、事项、文件、种类、记录人和时间。 / Find decisions by what they name, by whom and when.",
    ),
    "graph": Entry("graph", "导出权责关系图。 / Write the graph of a territory, to be drawn elsewhere."),
    "checkpoint": Entry(
        "checkpoint",
        "签发检查点：请妥善保存，日后据以核验。 / Issue a checkpoint, to verify the log against later.",
    ),
    "evidence": Entry(
        "evidence",
        "取证：某单位某日是否承担某事项，连同可离线核验的证明。 / Evidence for one incident, verifiable offline.",
    ),
    "verify": Entry(
        "verify",
        "核验日志有无改动、删除、倒签，或核验证据包。 / Verify that the log is what it was, or a file of evidence.",
    ),
    "replay": Entry(
        "replay", "由日志重建全部读表并逐行比对。 / Rebuild every read table from the log and compare row for row."
    ),
    "backup": Entry(
        "backup",
        "备份：运行中也可进行，可续作，写完即核对。 / Keep a backup, while in use; killed, it is gone on with.",
    ),
    "restore": Entry(
        "restore",
        "恢复备份到空的数据库，并与备份时比对。 / Restore a backup into an empty database, and compare it with then.",
    ),
    "doctor": Entry(
        "doctor", "体检：安装有何问题，怎么办。 / What is wrong with this installation, and what to do about it."
    ),
    "rules": Entry("rules", "列出检查规则。 / List the checker's rules."),
    "demo": Entry("demo", "记录一个可信的示范县（湖北宜城）。 / Record a believable county: Yicheng, Hubei."),
    "serve": Entry("serve", "启动服务：页面和接口。 / Serve the pages and the API."),
}
LISTS: Final[dict[str, Entry]] = {
    "import": Entry("lists_import", "导入清单文件：全部记录，或全不记录。 / Import a file of lists: all or nothing."),
    "answers": Entry(
        "lists_answers",
        "导入清单时沿用的答复：列出，或撤回。 / Answers used with a county's next files: list or withdraw them.",
    ),
    "export": Entry(
        "lists_export",
        "导出清单：电子表格、公告栏文件、JSON 或网页。 / Export a list as spreadsheet, board notice, JSON or page.",
    ),
    "load": Entry(
        "lists_load",
        "把清单文件与登记册的差异记为决定。 / Record as decisions in what the list files differ from the registry.",
    ),
    "check": Entry(
        "lists_check",
        "哪些依据当日已经失效，现应引用什么。 / Bases that are law no more on a day, and what replaced them.",
    ),
}
WITNESS: Final[dict[str, Entry]] = {
    "submit": Entry(
        "witness_submit",
        "提交检查点，请证人副署；输出副署后的检查点。 / Have witnesses cosign a checkpoint; prints it cosigned.",
    ),
    "show": Entry(
        "witness_show",
        "证人和副署：各副署到第几项、何时。 / Witnesses, and up to where each has cosigned the log, and when.",
    ),
}
ACCOUNTS: Final[dict[str, Entry]] = {
    "add": Entry("accounts_add", "设立账号；第一个就是系统管理员。 / Make an account; the first is an administrator."),
    "list": Entry("accounts_list", "列出账号及其角色。 / List the accounts and their roles."),
    "role": Entry("accounts_role", "授予、收回角色。 / Give an account roles, or take them away."),
    "password": Entry("accounts_password", "重设密码，原有登录失效。 / Set another password; log-ins end."),
    "disable": Entry("accounts_disable", "停用账号，登录和令牌失效。 / Disable an account; log-ins and tokens end."),
    "enable": Entry("accounts_enable", "恢复使用停用的账号。 / Let a disabled account be used again."),
    "logout": Entry("accounts_logout", "让账号在所有地方退出。 / Log an account out everywhere."),
    "tokens": Entry("accounts_tokens", "程序用的令牌：列出、发放、作废。 / Tokens for programs: list, make, revoke."),
    "changes": Entry("accounts_changes", "谁在何时改动了哪个账号。 / Who changed which account, and when."),
}
WEBHOOKS: Final[dict[str, Entry]] = {
    "add": Entry(
        "webhooks_add",
        "添加接收地址；密钥只显示这一次。 / Add an address to send to; its secret is shown this once.",
    ),
    "list": Entry(
        "webhooks_list", "接收地址：送到哪里、有何问题。 / The addresses, how far each has come, and what is wrong."
    ),
    "remove": Entry("webhooks_remove", "删除接收地址。 / Remove an address."),
    "resume": Entry(
        "webhooks_resume",
        "立即继续发送，或从另一序号起重发。 / Go on sending at once, or again from another number on.",
    ),
}
GROUPS: Final = {
    "accounts": Group("账号：谁可登录，有什么角色。 / Accounts: who may log in, and as what.", ACCOUNTS),
    "lists": Group("清单：导入、导出、载入全国清单。 / Lists: import, export, load the nationwide ones.", LISTS),
    "webhooks": Group(
        "推送：决定和问题送达县里的其他系统。 / Webhooks: tell other systems of decisions and findings.", WEBHOOKS
    ),
    "witness": Group("证人：请其副署日志的检查点。 / Witnesses: have them cosign checkpoints of the log.", WITNESS),
}


class LateGroup(TyperGroup):
    """A group that imports a command when it is used, and lists all of them without importing any."""

    def __init__(self, name: str, entries: dict[str, Entry], sentence: str, groups: Sequence[LateGroup] = ()) -> None:
        super().__init__(name=name, help=sentence, no_args_is_help=True)
        self.rich_markup_mode = None
        self.entries = entries
        self.groups = {group.name or "": group for group in groups}

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """Give the names of commands and groups, in the order declared."""
        return [*self.entries, *self.groups]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """Give the command, its module imported; None where there is none of that name."""
        entry = self.entries.get(cmd_name)
        return self.groups.get(cmd_name) if entry is None else command_of(cmd_name, entry)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        """Write the list of commands out of the declared lines."""
        lines = [(name, entry.help) for name, entry in self.entries.items()]
        lines += [(name, group.help or "") for name, group in self.groups.items()]
        with formatter.section("Commands"):
            formatter.write_dl(lines)


def command_of(name: str, entry: Entry) -> Any:
    """Give the command of an entry, its module imported."""
    # What is imported stays until the command ends: the collector looks at it neither now nor later.
    with uncollected():
        module = import_module(f"registry.cli.{entry.module}")
    gc.freeze()
    single = typer.Typer(add_completion=False, rich_markup_mode=None)
    single.command(name)(getattr(module, entry.module))
    command: Any = typer.main.get_command(single)
    invoke = command.invoke

    def invoked(ctx: Any) -> Any:
        need_text(ctx.params)
        return invoke(ctx)

    command.invoke = invoked
    return command


def root() -> LateGroup:
    """Give the whole command line."""
    sentence = "权责登记册：谁必须做什么。 / Quanze, the registry of who must do what."
    groups = [LateGroup(name, group.entries, group.help) for name, group in GROUPS.items()]
    group = LateGroup("registry", COMMANDS, sentence, groups)
    group.params += _root_options()
    return group


def _root_options() -> list[Any]:
    """The options of `registry` itself, as Typer makes them of a function's parameters."""
    app = typer.Typer(add_completion=False)
    app.callback()(_options)
    return typer.main.get_group(app).params


def _show_version(given: bool) -> None:
    if given:
        print(f"quanze {__version__}")
        raise typer.Exit


def _options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="显示版本。 / Show the version.")
    ] = False,
) -> None: ...


def every_command() -> dict[str, Entry]:
    """Give all commands by what is written after `registry`, those of groups too."""
    of_groups = {f"{name} {one}": entry for name, group in GROUPS.items() for one, entry in group.entries.items()}
    return COMMANDS | of_groups


def main() -> None:
    """Run the command line; what goes wrong is reported in two languages, without a traceback."""
    # A command told to end lets go of the embedded server as one that has finished does.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    _prepare_streams()
    try:
        status = root().main(prog_name="registry", standalone_mode=False)
        print(end="", flush=True)  # a full disk is told of now, not by the interpreter as it ends
        sys.exit(status)
    except (KeyboardInterrupt, typer.Abort):
        fail("interrupted", "已中断，未记录任何内容。", "Interrupted; nothing was recorded.", 130)
    except BrokenPipeError:
        _discard_output()
        sys.exit(1)
    except UsageError as wrong:
        _fail_usage(wrong)
    except MemoryError:
        fail("out-of-memory", "内存不足，未记录任何内容。", "Out of memory; nothing was recorded.")
    except Exception as problem:
        _fail_known(problem)


def _prepare_streams() -> None:
    """Have a stream that knows no Chinese escape it, and a terminal show what would act on it."""
    streams: list[Any] = [sys.stdout, sys.stderr]
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if isinstance(streams[0], io.TextIOWrapper) and streams[0].isatty():
        sys.stdout = Visible(streams[0])


def _discard_output() -> None:
    """Send what is still to be printed nowhere: the interpreter would complain of it as it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail_usage(wrong: Any) -> NoReturn:
    """Report a command that is written wrongly, and where to read how it is written."""
    command = wrong.ctx.command_path if wrong.ctx else "registry"
    detail = wrong.format_message().rstrip("。.")
    fail(
        "bad-usage",
        f"命令写法不对（{detail}）。用法见 {command} --help。",
        f"{detail}. See {command} --help.",
        2,
    )


def _fail_known(problem: Exception) -> NoReturn:
    """Report an error that has a code and a text in zh and en, or a lost database. Anything else is raised."""
    code, text = getattr(problem, "code", None), getattr(problem, "text", problem)
    zh, en = getattr(text, "zh", None), getattr(text, "en", None)
    if isinstance(code, str) and isinstance(zh, str) and isinstance(en, str):
        fail(code, zh, en)
    if isinstance(problem, (UnicodeEncodeError, UnicodeDecodeError)):  # in a path, or what is piped in
        fail_letters()
    if isinstance(problem, OSError) and problem.errno == errno.ENOSPC:
        _discard_output()
        fail("unwritable", "输出未写完：磁盘已满。", "The output is not complete: the disk is full.")
    import psycopg  # by now a command has: it talks to the database

    if isinstance(problem, psycopg.OperationalError):
        detail = " ".join(str(problem).split())
        fail("database-unavailable", f"数据库连接中断：{detail}", f"The database connection was lost: {detail}")
    raise problem
