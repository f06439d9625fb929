"""What is shipped: the wheel, the lock, the links between documents."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from registry import __version__, data_files
from tests.support.paths import ROOT

LOCKS = ["requirements.lock", "requirements-dev.lock"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy: what a build writes beside the sources is not wanted here."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("registry", "lists", "graphql"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "built")],
        check=False,
        cwd=source,
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    return next((folder / "built").glob("quanze-*.whl"))


def test_the_wheel_carries_migrations_lists_and_the_schema(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {"registry/py.typed", "registry/_data/graphql/schema.graphql"}
    for folder in ("registry/database/migrations", "registry/demo/data", "registry/pages/templates"):
        wanted |= {str(file.relative_to(ROOT)) for file in (ROOT / folder).rglob("*.*")}
    wanted |= {f"registry/_data/{file.relative_to(ROOT)}" for file in (ROOT / "lists").rglob("*.yaml")}
    assert any(name.endswith(".sql") for name in wanted)
    assert wanted <= names, wanted - names
    assert not {name for name in names if name.startswith(("tests/", "graphql/", "bench/"))}


def test_an_installed_program_finds_its_data(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    program = "from registry import data_files; print(data_files.path('lists/positive'))"
    printed = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == str(tmp_path / "registry/_data/lists/positive")


def test_a_checkout_finds_its_data() -> None:
    assert data_files.path("lists") == ROOT / "lists"
    with pytest.raises(FileNotFoundError, match="nothing-like-it"):
        data_files.path("nothing-like-it")


@pytest.mark.parametrize("name", LOCKS)
def test_everything_locked_has_a_version_and_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert not re.search(r"://|--index|--find-links|--trusted", text)
    entries = re.findall(r"^(\S[^\\\n]*)((?:\s*\\\n +--hash=sha256:[0-9a-f]{64})*)$", text, re.MULTILINE)
    assert len(entries) > 30
    for requirement, hashes in entries:
        assert re.match(r"[a-z0-9-]+==\S+( ; .+)?$", requirement.strip()), requirement
        assert "sha256:" in hashes, requirement


def test_the_lock_has_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    for name, wanted in (
        ("requirements.lock", project["dependencies"] + extras["build"]),
        ("requirements-dev.lock", project["dependencies"] + extras["dev"]),
    ):
        locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / name).read_text(), re.MULTILINE))
        arguments = {re.split(r"[\[<>=;! ]", one, maxsplit=1)[0].lower() for one in wanted}
        arguments -= {project["name"]}  # its own extras, whose packages are locked
        assert arguments <= locked, (name, arguments - locked)


def test_both_locks_agree() -> None:
    # Versions, not markers: what a program needs on one system only, a development tool may need on all.
    def pinned(name: str) -> set[str]:
        return set(re.findall(r"^[a-z0-9-]+==[^\s;\\]+", (ROOT / name).read_text(), re.MULTILINE))

    assert pinned("requirements.lock") <= pinned("requirements-dev.lock")


def test_graphql_is_a_folder_of_files_and_no_package() -> None:
    import graphql

    assert "site-packages" in str(graphql.__file__)
    assert not list((ROOT / "graphql").rglob("*.py"))


@pytest.mark.parametrize(
    "page", sorted(str(file.relative_to(ROOT)) for file in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")))
)
def test_links_between_documents_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text()
    for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", text):
        assert ((ROOT / page).parent / target).exists(), target


def test_no_file_of_the_program_is_longer_than_500_lines() -> None:
    lengths = {str(file): len(file.read_text().splitlines()) for file in (ROOT / "registry").rglob("*.py")}
    assert {name: length for name, length in lengths.items() if length > 500} == {}


def test_the_changelog_has_a_section_for_the_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    headings = re.findall(
        r"^## \[(.+?)\](?: - (\d{4}-\d{2}-\d{2}))?$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE
    )
    assert headings[0] == ("Unreleased", "")
    assert headings[1][0] == version == __version__
    assert all(day for _, day in headings[1:])
