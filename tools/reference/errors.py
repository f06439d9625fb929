"""Every error code: where it is met, when it is given, and what to do, with its HTTP status."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import yaml

import registry
from registry.domain.problems import HINTS
from registry.web.failures import STATUS
from registry.web.problems import REQUEST_HINTS
from tools.reference.tables import page, table

HEAD: Final = """
每个错误都有一个代码、中英两种说明和怎么办。命令行先写代码；GraphQL 写在 `extensions.code`，`extensions.hint` 是怎么办。
Every error has a code, a text in zh and en, and what to do. The command line begins with the code; GraphQL has it in
`extensions.code` and what to do in `extensions.hint`. The HTTP status is that outside GraphQL's own answers.
"""
TITLES: Final = {
    "journal": "决定 · Decisions",
    "request": "请求 · Requests",
    "server": "服务器和数据库 · Server and database",
    "account": "账号 · Accounts",
    "command": "命令行 · Command line",
    "sheet": "表格 · Spreadsheets",
    "published": "公开清单 · Published lists",
}
CODE: Final = re.compile(r"[a-z]+(-[a-z]+)*")
# Those whose first arguments are a code.
GIVEN_TO: Final = {
    "accountproblem",
    "conflict",
    "nodatabase",
    "notthere",
    "refused",
    "refuse",
    "sheetproblem",
    "fail",
    "problem",
    "_depends",
}


def markdown() -> str:
    """The whole page."""
    return page("错误代码 · Error codes", HEAD, _lines())


def documented() -> Mapping[str, Mapping[str, tuple[str, str]]]:
    """The codes described in errors.yaml: section, code, when in zh and en."""
    return yaml.safe_load(Path(__file__).with_name("errors.yaml").read_text("utf-8"))


def given() -> set[str]:
    """The codes that the program gives, as far as its tables and its source name them."""
    root = Path(registry.__file__).parent
    texts = [file.read_text("utf-8") for file in root.rglob("*.py")]
    trees = [ast.parse(text) for text in texts]
    codes = {*HINTS, *REQUEST_HINTS, *STATUS, *(code for tree in trees for code in _in(tree))}
    sentences = {code for file in root.rglob("sentences.yaml") for code in yaml.safe_load(file.read_text("utf-8"))}
    otherwise = [tree for text, tree in zip(texts, trees, strict=True) if "problem_code" in text]
    return codes | sentences - {name for tree in otherwise for name in _named_otherwise(tree)}


def _named_otherwise(tree: ast.AST) -> Iterator[str]:
    """Sentences that are told under another code than their own name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and any(one.arg == "problem_code" for one in node.keywords):
            yield from _texts(node.args)


def _in(tree: ast.AST) -> Iterator[str]:
    """The codes in a module: class attributes `code`, and what is given to those who take one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for part in node.body:
                match part:
                    case ast.Assign(targets=[ast.Name(id="code")], value=value):
                        yield from _texts([value])
                    case _:
                        pass
        elif isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name.lower() in GIVEN_TO:
                yield from (text for text in _texts(node.args[:3]) if "-" in text)


def _texts(nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
            yield node.value


def _lines() -> Iterator[str]:
    for section, codes in documented().items():
        yield from (f"## {TITLES[section]}", "")
        yield from table(
            ("代码 code", "何时 when", "怎么办 what to do", "HTTP"), (_row(code, codes[code]) for code in codes)
        )
        yield ""


def _row(code: str, when: tuple[str, str]) -> tuple[str, str, str, str]:
    hints = [" ".join(each[code]) for each in (HINTS, REQUEST_HINTS) if code in each]  # of a decision, of a request
    return f"`{code}`", " ".join(when), "<br>".join(hints), str(STATUS.get(code, ""))
