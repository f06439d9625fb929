"""The commands of README, of the tutorial and of how-tos, run one after another as they stand, on the demo county.

What stands in a block of text after a block of commands is in what these print.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.databases import database_copy
from tests.support.live_server import live_server
from tests.support.paths import ROOT
from tests.support.preloaded import preloaded_socket

# The Chinese page and the English one: the same commands, with files called otherwise.
PAGES = [
    ("README.md", "README.en.md"),
    ("docs/tutorial/first-hour.md", "docs/tutorial/first-hour.en.md"),
    ("docs/howto/take-back.md", "docs/howto/take-back.md"),  # in both languages
    ("docs/howto/put-right.md", "docs/howto/put-right.md"),
    ("docs/howto/accounts.md", "docs/howto/accounts.md"),
    ("docs/howto/webhooks.md", "docs/howto/webhooks.md"),
    ("docs/howto/backup-and-restore.md", "docs/howto/backup-and-restore.md"),
]
FILES = {
    "日志.jsonl": "journal.jsonl",
    "备份.jsonl": "backup.jsonl",
    "可开证明.xlsx": "certificates.xlsx",
    "清单.csv": "list.csv",
    "交办.jsonl": "order.jsonl",
    "更正.jsonl": "correction.jsonl",
    "检查点.txt": "checkpoint.txt",
}
BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
MAKE = re.compile(r"^make (\w+)")


def commands(text: str) -> list[str]:
    """The lines of a block of commands without comments, files called as on the Chinese page."""
    for chinese, english in FILES.items():
        text = text.replace(english, chinese)
    lines = [re.sub(r"(^|\s+)# .*$", "", line) for line in text.splitlines()]
    return [line for line in lines if line]


@pytest.mark.slow  # some fifteen commands, each a process of its own
@pytest.mark.parametrize("pages", PAGES, ids=[chinese for chinese, _ in PAGES])
def test_the_commands_of_a_page_run_and_print_what_it_says_in_both_languages(
    pages: tuple[str, str], server_url: str, judged_template: str, tmp_path: Path
) -> None:
    chinese, english = (BLOCK.findall((ROOT / page).read_text(encoding="utf-8")) for page in pages)
    program = tmp_path / ".venv/bin/registry"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -IS {ROOT}/tests/support/preloaded_client.py "$@"\n')
    program.chmod(0o755)
    targets = set(re.findall(r"^(\w[\w-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    printed = ""
    with database_copy(server_url, judged_template) as url, live_server(url) as address:
        path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
        environment = os.environ | {
            "REGISTRY_DATABASE_URL": url,
            "PATH": path,
            "QUANZE_PRELOADED": preloaded_socket(),
        }
        for (kind, text), (kind_in_english, in_english) in zip(chinese, english, strict=True):
            assert kind == kind_in_english
            if kind == "text":
                for line in (text + in_english).splitlines():
                    assert " ".join(line.split()) in printed, line
                continue
            assert commands(text) == commands(in_english)
            made = [MAKE.match(line) for line in text.splitlines()]
            if any(made):  # installing and starting, which the fixtures have done
                assert {one and one[1] for one in made} <= targets
                continue
            done = subprocess.run(
                ["bash", "-e", "-o", "pipefail", "-c", text.replace("http://127.0.0.1:8000", address)],
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
                timeout=300,
            )
            assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
            assert '"errors"' not in done.stdout
            printed = " ".join(done.stdout.split())
            assert printed or len(commands(text)) > 1, text
