"""The corpus again: the decisions that each file must give in a county that knows some of its matters."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any, Final

import pytest

from registry.exchange.sheets.planning.importing import NotImported, carry_out, plan
from registry.exchange.sheets.planning.plans import Plan
from registry.exchange.sheets.planning.request import Request
from registry.exchange.sheets.reading.files import keeping
from registry.log import recorder
from registry.recording.unit_of_work import record
from tests.support import sheets_county
from tests.support.damaged_files import damaged
from tests.support.paths import CORPUS
from tests.support.registry_under_test import Registry

FILES: Final = sorted(path for path in CORPUS.iterdir() if path.suffix not in {".yaml", ".jsonl"})
MUTANTS: Final = 5  # of each file
# What is asked besides the county and its document, by the file's number.
OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "07": {"mapping": {"matters": {"防溺水巡查劝导": "D-DROWNING"}}},
    "20": {"quota": 4},
    "22": {"quota": 8},
    "25": {"quota": 3},
    "26": {"holders": True},
    "32": {"sheet": "表1"},
    "33": {"holders": True},
    "41": {"quota": 2},
    "42": {"quota": 12},
}


def request(file: Path) -> Request:
    return Request(county=sheets_county.COUNTY, instrument="宜办发〔2025〕6号", **OPTIONS.get(file.name[:2], {}))


def outcome_of(planned: Plan) -> list[dict[str, Any]]:
    """What must come of a file: its problems, by place and code, and the decisions."""
    problems = [{"problem": one.code, "at": one.location, "error": not one.warning} for one in planned.problems]
    return [*problems, *planned.decisions]


@pytest.fixture(scope="module")
def county(registry: Registry) -> Registry:
    """The registry of a county whose lists come as sheets."""
    record(registry.connection, sheets_county.journal())
    return registry


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_a_file_gives_its_decisions(county: Registry, file: Path) -> None:
    expected = (CORPUS / f"{file.name.partition('.')[0]}.expect.jsonl").read_text("utf-8")
    with keeping():
        planned = plan(county.connection, file, file.name, request(file))
        assert outcome_of(planned) == [json.loads(line) for line in expected.splitlines()]
        if not planned.errors:
            # Recorded, and compared once more, it gives nothing.
            with county.connection.transaction(force_rollback=True):
                carry_out(county.connection, file, file.name, request(file))
                again = plan(county.connection, file, file.name, request(file))
                assert (again.decisions, again.errors) == ([], [])


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_a_corrupted_file_gives_errors_with_a_location_and_no_half_import(county: Registry, file: Path) -> None:
    content, request_ = file.read_bytes(), request(file)
    for seed in range(MUTANTS):
        mutant = damaged(content, zlib.crc32(file.name.encode()) + seed)
        before = position(county)
        with keeping():
            plan_ = plan(county.connection, mutant, file.name, request_)
            assert all(error.location and error.zh and error.en for error in plan_.problems)
            if plan_.errors:
                assert not plan_.steps
                with pytest.raises(NotImported):
                    carry_out(county.connection, mutant, file.name, request_)
            else:  # what still reads is recorded whole
                with county.connection.transaction(force_rollback=True):
                    done = carry_out(county.connection, mutant, file.name, request_)
                    assert position(county) == before + len(done.decisions)
        assert position(county) == before


def test_there_are_two_hundred_corrupted_files() -> None:
    assert len(FILES) * MUTANTS >= 200


def position(registry: Registry) -> int:
    return recorder.head(registry.connection)[0]
