"""`registry rules`: the checker's rules."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from registry import checker


def rules(
    markdown: Annotated[
        bool, typer.Option("--markdown", help="输出规则说明文档。 / Print the documentation of the rules.")
    ] = False,
) -> None:
    """列出检查规则。 / List the checker's rules."""
    if markdown:
        from registry.checker.document import markdown as document

        sys.stdout.write(document())
        return
    for name, rule in sorted(checker.RULES.items()):
        print(f"{rule.severity} {name}")
        print(f"  {rule.sentence.zh}")
        print(f"  {rule.sentence.en}")
