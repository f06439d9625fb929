"""Ids that look like others and are written otherwise: whoever records is warned, in the answer and in the log."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import psycopg
import pytest

from registry.recording.journal_import import import_journal
from registry.recording.lookalikes import _PLAIN, is_written_oddly, plain
from registry.recording.unit_of_work import record
from tests.support.cli_runner import cli_runner
from tests.support.worlds import COUNTY, journal

UNIT = {"type": "UnitRegistered", "at": "2000-01-01", "name": "某省", "level": "province", "kind": "government"}
PAPER = {"type": "InstrumentIssued", "at": "2022-01-01", "title": "关于某事的通知", "kind": "notice"}

ALIKE = {
    "full-width digits": ("420684", "４２0684"),
    "full-width letters": ("YC-ARCHIVES", "ＹＣ-ARCHIVES"),
    "composed otherwise": ("Z\u00e9", "Ze\u0301"),
    "brackets": ("宜办发〔2022〕11号", "宜办发[2022]11号"),
    "full-width brackets": ("宜办发〔2022〕11号", "宜办发（2022）11号"),
    "a circle for a nought": ("二〇二二", "二○二二"),
    "a dash": ("BN-1", "BN\u20131"),
    "Cyrillic": ("ABC", "\u0410\u0412\u0421"),
    "nothing to be seen": ("BN-1", "BN-\u200b1"),
    "a blank": ("宜办发〔2022〕11号", "宜办发〔2022〕 11号"),
}


def unit(code: str) -> dict[str, str]:
    return UNIT | {"unit": code, "name": f"单位{len(code)}{code.encode().hex()}"}


@pytest.mark.parametrize("how", ALIKE)
@pytest.mark.parametrize("turned", [False, True])
def test_an_id_that_looks_like_one_recorded_is_told_of(
    connection: psycopg.Connection, how: str, turned: bool, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = ALIKE[how][::-1] if turned else ALIKE[how]
    assert record(connection, [unit(first)]).warning is None
    done = record(connection, [unit(second)])
    assert len(done.positions) == 1, "it is recorded all the same"
    assert done.warning is not None
    shown = second.replace("\u200b", "\\u200b")
    assert f"单位“{shown}”" in done.warning.zh
    assert "look alike" in done.warning.en
    assert done.warning.joined in caplog.text
    assert record(connection, [unit(second)]).warning is None, "a repeat is nothing new"


def test_ids_that_are_others_are_not_told_of(connection: psycopg.Connection) -> None:
    ids = ["420684", "420685", "YC-1", "yc-1", "宜办发〔2022〕11号", "宜办发〔2022〕1号", "宜办发〔2021〕11号",
           "BN_1", "BN1", "四〇", "四0",
           "（一）"]  # fmt: skip
    assert record(connection, [*map(unit, ids)]).warning is None
    assert record(connection, [PAPER | {"instrument": id_} for id_ in ids]).warning is None, "another kind of thing"


def test_of_one_import_each_pair_is_told_once_within_a_batch_and_over_batches(
    connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.recording.journal_import.BATCH", 5)
    codes = [f"{number:06}" for number in range(20)]
    wide = [code.translate({ord("0"): "０"}) for code in codes]
    lines = [json.dumps(unit(code)).encode() for code in (*codes, *wide[:3], *codes[:3], "x", "ｘ")]
    done = import_journal(connection, lines)
    assert done.recorded == 25
    assert done.warning is not None
    assert done.warning.en.count("unit ") == 4
    many = import_journal(connection, [json.dumps(unit(code)).encode() for code in wide])
    assert many.warning is not None
    assert many.warning.en.count("unit ") == 10
    assert "7 more" in many.warning.en


def test_an_import_tells_it_on_the_terminal_and_in_its_answer(
    connection: psycopg.Connection, database_url: str, tmp_path: Path
) -> None:
    record(connection, COUNTY)
    run = cli_runner(database_url, REGISTRY_HOME=str(tmp_path))
    like = COUNTY[0]["unit"].translate({ord(digit): chr(ord(digit) + 0xFEE0) for digit in "0123456789"})
    lines = journal([COUNTY[0] | {"unit": like, "name": "另一个"}])
    for dry in (["--dry-run"], []):
        done = run("import", "--json", *dry, "-", stdin=lines)
        assert like in json.loads(done.stdout)["warning"]["zh"]
        assert like in done.stderr.decode()
    record(connection, [unit("k")])
    assert "ｋ" in run("import", "-", stdin=journal([unit("ｋ")])).stderr.decode()


def test_the_database_reads_ids_as_the_program_does(connection: psycopg.Connection) -> None:
    samples = [id_ for pair in ALIKE.values() for id_ in pair]
    samples += [f"a{chr(code)}1" for code in _PLAIN]
    samples += [f"a{chr(code)}b" for code in range(0x20, 0x3100) if unicodedata.category(chr(code)) not in ("Cn", "Cc")]
    samples += [f"{chr(code)}号" for code in (*range(0x3200, 0x3400), *range(0xFF01, 0xFFEF), *range(0xF900, 0xFA6E))]
    rows = connection.execute("SELECT log.plain(s), log.is_written_oddly(s) FROM unnest(%s::text[]) s", (samples,))
    for sample, (read, odd) in zip(samples, rows, strict=True):
        assert read == plain(sample), ascii(sample)
        assert odd or read == sample, ascii(sample)
        assert is_written_oddly(sample) or plain(sample) == sample, ascii(sample)
