"""`python -m tools.sbom CYCLONEDX_PY FILE`: the bill of materials of a release, in CycloneDX.

Every package of requirements.lock with its version and the hashes of its files; licences and dependencies as the
environment of this Python knows them, where a package is installed in it. Files are named by package URL, not by where
they were fetched from.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any


def bill(program: str, lock: Path, project: Path) -> dict[str, Any]:
    """The bill of what a lock names, as the document that is written.

    `program` is cyclonedx-py. Raises CalledProcessError where it fails.
    """
    locked = _run(program, "requirements", str(lock), "--pyproject", str(project))
    installed = _run(program, "environment", sys.executable, "--pyproject", str(project))
    known = {_name(one): one for one in installed["components"]}
    for one in locked["components"]:
        one["bom-ref"] = one["purl"]
        one.pop("description", None)  # the line of the lock, over again
        for reference in one.get("externalReferences", ()):
            reference["url"] = one["purl"]
            reference.pop("comment", None)
        if licences := known.get(_name(one), {}).get("licenses"):
            one["licenses"] = licences
    # What the environment calls a package, and what the bill does; development tools are not in the bill.
    purls = {_name(one): one["purl"] for one in locked["components"]}
    called = {one["bom-ref"]: purls[name] for name, one in known.items() if name in purls}
    called[installed["metadata"]["component"]["bom-ref"]] = locked["metadata"]["component"]["bom-ref"]
    locked["dependencies"] = [
        {
            "ref": called[one["ref"]],
            "dependsOn": sorted(called[part] for part in one.get("dependsOn", ()) if part in called),
        }
        for one in installed["dependencies"]
        if one["ref"] in called
    ]
    for tool in locked["metadata"]["tools"]["components"]:
        tool.pop("externalReferences", None)
    return locked


def _name(component: dict[str, Any]) -> str:
    """A package's name as it is compared: lower case, runs of dots, dashes and underscores as one dash."""
    return re.sub(r"[-_.]+", "-", component["name"]).lower()


def _run(program: str, *arguments: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bill.json"
        command = [program, *arguments, "--output-reproducible", "--output-format", "JSON", "--output-file", str(file)]
        subprocess.run(command, check=True, stderr=subprocess.PIPE)
        return json.loads(file.read_bytes())


if __name__ == "__main__":
    written = bill(sys.argv[1], Path("requirements.lock"), Path("pyproject.toml"))
    Path(sys.argv[2]).write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
