"""Every command of `registry` with its arguments and options, from the command line itself."""

from __future__ import annotations

import enum
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import typer

from registry.cli.app import root
from tools.reference.tables import page, table

HEAD: Final = """
`registry 命令 --help` 在终端给出同样的内容。出错时先写代码（[错误代码](errors.md)），再以中文、英文说明；状态码 0 为成功，
1 为有错或有差异，2 为命令写错，130 为中断。
`registry COMMAND --help` says the same in a terminal. An error begins with its code ([errors](errors.md)) and is told in zh
and en. Exit status: 0 done, 1 something is wrong or differs, 2 the command is not well formed, 130 interrupted.
"""
WORDS: Final[dict[Any, str]] = {str: "text", int: "number", float: "number", Path: "file", bool: ""}


def markdown() -> str:
    """The whole page: a table of the commands, then each."""
    commands = list(_walk(root(), "registry"))
    return page(
        "命令行 · The command line",
        HEAD,
        [
            *table(
                ("命令 command", ""), ((f"[`{name}`](#{_anchor(name)})", _first(one.help)) for name, one in commands)
            ),
            "",
            *(line for name, one in commands for line in _command(name, one)),
        ],
    )


def _walk(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """A command and those under it, in order of their names; groups are not told apart from what they hold."""
    if not hasattr(command, "list_commands"):
        yield name, command
        return
    context = typer.Context(command, info_name=name)
    for part in sorted(command.list_commands(context)):
        results = command.get_command(context, part)
        if not results.hidden:
            yield from _walk(results, f"{name} {part}")


def _anchor(name: str) -> str:
    return name.replace(" ", "-")


def _first(text: str | None) -> str:
    return " ".join((text or "").split("\n\n")[0].split())


def _command(name: str, command: Any) -> Iterator[str]:
    """The section of one command. Raises ValueError where the command or a parameter has no description."""
    if not command.help:
        raise ValueError(f"{name} has no description")
    yield f"## {name}"
    yield ""
    for paragraph in command.help.strip().split("\n\n"):
        yield " ".join(paragraph.split())
        yield ""
    rows = [_parameter(name, one) for one in command.params if not one.hidden and one.name != "help"]
    if rows:
        yield from table(("参数 parameter", "值 value", "缺省 default", "含义 meaning"), rows)
        yield ""


def _parameter(command: str, one: Any) -> tuple[str, str, str, str]:
    if not one.help:
        raise ValueError(f"{command}: {one.name} has no description")
    optional = bool(one.opts[0].startswith("-"))
    name = (
        ", ".join(f"`{option}`" for option in (*one.opts, *one.secondary_opts)) if optional else f"`{one.name.upper()}`"
    )
    many = " …" if one.nargs == -1 or one.multiple else ""
    default = "必填 required" if one.required else _default(one)
    return name, _value(one.type_descriptor.annotation) + many, default, " ".join(one.help.split())


def _value(annotation: Any) -> str:
    """What kind of value a parameter takes, in a word; the choices where they are few."""
    if typing.get_origin(annotation) in (types.UnionType, typing.Union, list, tuple, typing.Annotated):
        return next((_value(part) for part in typing.get_args(annotation) if part is not types.NoneType), "")
    if typing.get_origin(annotation) is typing.Literal:
        return " ".join(f"`{choice}`" for choice in typing.get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return " ".join(f"`{choice.value}`" for choice in annotation)
    return WORDS.get(annotation, "text")


def _default(one: Any) -> str:
    if one.default in (None, False, (), []) or callable(one.default) or not one.show_default:
        return ""
    return f"`{one.default}`"
