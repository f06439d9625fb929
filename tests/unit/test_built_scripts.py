"""What the console's pages load out of npm is what the lock names, and says so."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from tests.support.paths import ROOT

STATIC: Final = ROOT / "registry/web/console/static"
TOOL: Final = ROOT / "tools/charts"


def _locked() -> dict[str, Any]:
    return json.loads((TOOL / "package-lock.json").read_text(encoding="utf-8"))["packages"]


def test_the_built_scripts_are_of_the_locked_versions() -> None:
    versions = {name.removeprefix("node_modules/"): package.get("version") for name, package in _locked().items()}
    built = (STATIC / "charts.js").read_text(encoding="utf-8").splitlines()[0]
    named = dict(re.findall(r"(?:Apache )?(ECharts|zrender|tslib) ([\d.]+)", built))
    assert named == {"ECharts": versions["echarts"], "zrender": versions["zrender"], "tslib": versions["tslib"]}
    licences = (STATIC / "charts.LICENSE").read_text(encoding="utf-8")
    assert {f"{name} {versions[name]}" for name in ("echarts", "zrender", "tslib")} <= set(licences.splitlines())
    assert "The Apache Software Foundation" in (STATIC / "charts.NOTICE").read_text(encoding="utf-8")
    assert f'version:"{versions["htmx.org"]}"' in (STATIC / "htmx.js").read_text(encoding="utf-8")
    readme = (STATIC / "README.md").read_text(encoding="utf-8")
    assert f"ECharts {versions['echarts']}" in readme
    assert f"htmx {versions['htmx.org']}" in readme


def test_the_lock_names_every_package_by_hash_and_no_host() -> None:
    locked = _locked()
    assert "http" not in (TOOL / "package-lock.json").read_text(encoding="utf-8")
    assert all(package.get("integrity") for name, package in locked.items() if name)
    wanted = json.loads((TOOL / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert locked[""]["devDependencies"] == wanted
