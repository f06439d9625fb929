"""The files for containers, as far as they can be checked without any: what they name is there, nothing is root."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from registry import settings
from registry.web.application import application
from tests.support.paths import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
MEASURED = ("telemetry/metrics.py", "web/rest/metrics.py")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_the_services_and_their_profiles() -> None:
    profiles = {name: service.get("profiles", []) for name, service in SERVICES.items()}
    assert profiles == {
        "database": [],
        "registry": [],
        "provider": ["provider"],
        "replica": ["replica"],
        "prometheus": ["monitoring"],
        "dashboard": ["monitoring"],
    }


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_open_to_this_machine_only_and_of_a_version(name: str) -> None:
    service = SERVICES[name]
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    assert re.search(r":v?\d", service["image"]) or "build" in service
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        if source.startswith("./"):
            assert (ROOT / source).is_file(), source
            assert volume.endswith(":ro")
        else:
            assert source in COMPOSE["volumes"]


@pytest.mark.parametrize("name", [name for name in SERVICES if name not in ("database", "replica")])
def test_nothing_gets_more_rights_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["cap_drop"] == ["ALL"]
    assert service.get("read_only") or name == "dashboard"  # which keeps its own database beside its program


def test_what_the_registry_is_told_is_what_it_reads() -> None:
    known = {one.name for one in settings.ALL}
    assert set(SERVICES["registry"]["environment"]) <= known


def test_the_image_runs_as_a_user_of_its_own_and_has_what_it_copies() -> None:
    stages = DOCKERFILE.split("\nFROM ")
    last = stages[-1]
    user = re.findall(r"^USER (\S+)$", last, re.MULTILINE)
    assert user == ["quanze"]
    assert re.search(r"useradd .*--uid [1-9]\d+ quanze", last)
    assert last.index("USER quanze") < last.index('CMD ["registry"')
    lines = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
    copied = [word for line in lines for word in line.split()[:-1]]
    assert copied
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_the_image_is_asked_at_an_address_that_there_is() -> None:
    (path,) = re.findall(r"http://127\.0\.0\.1:8000(/\w+)", DOCKERFILE)
    assert path in application("postgresql://nobody@127.0.0.1:1/none").openapi()["paths"]


@pytest.mark.parametrize("script", sorted((ROOT / "deploy").glob("*.sh")), ids=lambda script: script.name)
def test_a_script_is_well_formed_and_can_be_executed(script: Path) -> None:
    assert subprocess.run(["sh", "-n", script], check=False).returncode == 0
    assert script.stat().st_mode & 0o111


def names_of_metrics(text: str) -> set[str]:
    return set(re.findall(r"\bquanze_[a-z_]+", text))


def test_dashboard_and_alerts_ask_for_metrics_that_there_are() -> None:
    source = "".join((ROOT / "registry" / name).read_text(encoding="utf-8") for name in MEASURED)
    there = names_of_metrics(source)
    there |= {f"{name}_total" for name in there} | {f"{name}_bucket" for name in there}
    for name in ("grafana/quanze.json", "alerts.yml"):
        named = names_of_metrics((ROOT / "deploy" / name).read_text(encoding="utf-8"))
        assert named
        assert named <= there, named - there
    assert json.loads((ROOT / "deploy/grafana/quanze.json").read_text(encoding="utf-8"))["panels"]


def test_prometheus_asks_the_registry_with_its_token() -> None:
    (job,) = yaml.safe_load((ROOT / "deploy/prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"]
    assert job["static_configs"] == [{"targets": ["registry:8000"]}]
    assert job["authorization"]["credentials_file"] in (ROOT / "deploy/start-prometheus.sh").read_text(encoding="utf-8")
