"""What the page of administration says of backups: the last that became whole, those that did not, what to do."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest

from registry.exchange.backup import BadBackup, back_up
from registry.exchange.backup.known import remembering
from registry.recording.unit_of_work import record
from tests.support.api_client import api
from tests.support.worlds import COUNTY, duty


def test_the_last_whole_backup_is_shown_and_what_was_recorded_since(
    connection: psycopg.Connection, database_url: str, tmp_path: Path
) -> None:
    record(connection, COUNTY)
    (tmp_path / "full").mkdir()
    (tmp_path / "full/letter.txt").write_text("x")
    with api(database_url) as opened:

        def page(lang: str) -> str:
            return opened.send("GET", f"/admin?lang={lang}", headers={"accept": "text/html"}).text

        def counted() -> tuple[int, int]:
            shown = page("zh")
            rows = re.findall(r'<td class="text (?:WARNING|VIOLATION)" data-head="结果"', shown)
            number = re.search("有 (\\d+) 项须注意", shown)
            return int(number[1]) if number else 0, len(rows)

        never = counted()
        assert never[0] == never[1] > 0
        assert "从未备份过" in page("zh")
        assert "registry backup /backup/quanze" in page("zh")
        with pytest.raises(BadBackup):
            back_up(connection, tmp_path / "full")
        with pytest.raises(KeyboardInterrupt), remembering(connection, tmp_path / "killed"):
            raise KeyboardInterrupt
        assert "No backup that became whole is known." in page("en")
        assert "There are other files in" in page("en")
        assert "没有写完：正在写入，或中途被终止" in page("zh")
        back_up(connection, tmp_path / "kept")
        assert "The last whole backup: " in page("en")
        assert "Nothing was recorded since." in page("en")
        assert str(tmp_path / "kept") in page("zh")
        assert counted() == (never[0] - 1, never[1] - 1)  # the lacking backup was one of them
        record(connection, [duty("N-1"), duty("N-2")])
        assert "此后又记录了 2 项决定，还没有备份。" in page("zh")
