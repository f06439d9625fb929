"""The OpenAPI document tells the truth: Schemathesis asks the server all it describes, and finds nothing.

The feeds are left out: their answers do not end. Inputs are the same in every run.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode

from registry import database
from registry.recording.unit_of_work import record
from registry.web import application
from tests.support import sheets_county
from tests.support.databases import database_copy
from tests.support.live_server import live_server

EXAMPLES = 15  # of each operation and kind of input
DOCUMENT = application("postgresql://nobody@127.0.0.1:1/nothing").openapi()
FEEDS = ("/v1/decisions", "/v1/findings")


def _can_be_wrong(parameter: dict[str, Any]) -> bool:
    """Whether a value of the parameter can be other than its schema says: any text is a path of free text."""
    return parameter["in"] != "path" or bool(parameter["schema"].keys() & {"pattern", "enum", "maxLength", "format"})


# Requests as described, and, where there is anything to get wrong, others.
REQUESTS = [
    pytest.param(method, path, mode, id=f"{method}-{path}-{mode.value}")
    for path, methods in DOCUMENT["paths"].items()
    if path not in FEEDS
    for method, operation in methods.items()
    for mode in GenerationMode
    if mode is GenerationMode.POSITIVE or any(_can_be_wrong(one) for one in operation.get("parameters", ()))
]
# What no schema can say: which parameters of a balance go together and how many days there are; what a file must hold.
MORE_STATUSES = {"/v1/units/{code}/balance.csv": {400}, "/v1/lists": {400, 422}}


@pytest.fixture(scope="module")
def server(server_url: str, migrated: str) -> Iterator[str]:
    with database_copy(server_url, migrated) as url:
        with database.connect(url) as connection:
            record(connection, sheets_county.journal())
        with live_server(url) as address:
            yield address


def test_the_document_describes_every_address_its_errors_and_the_upload() -> None:
    described = set(DOCUMENT["paths"])
    routes = {
        route.path_format
        for route in application("postgresql://nobody@127.0.0.1:1/nothing").routes
        if getattr(route, "include_in_schema", False) and route.path_format.startswith("/v1/")
    }
    assert routes <= described
    for path, methods in DOCUMENT["paths"].items():
        for operation in methods.values():
            assert operation["summary"]
            counted = "Retry-After" in operation["responses"].get("429", {}).get("headers", ())
            assert counted == (path not in ("/health", "/ready", "/metrics")), path
            for status, answer in operation["responses"].items():
                assert answer["description"]
                if int(status) >= 400 and status != "422" and path not in FEEDS:
                    assert answer["content"]["application/json"]["schema"]["$ref"].endswith("/Errors")
    (form, raw) = DOCUMENT["paths"]["/v1/lists"]["post"]["requestBody"]["content"].items()
    assert (form[0], raw[0]) == ("multipart/form-data", "application/octet-stream")
    assert set(form[1]["schema"]["required"]) == {"file", "county", "instrument"}


@pytest.mark.parametrize(("method", "path", "mode"), REQUESTS)
def test_the_server_answers_as_the_document_says(server: str, method: str, path: str, mode: GenerationMode) -> None:
    _ask(DOCUMENT, server, method, path, mode)


def test_a_document_that_leaves_a_status_out_is_caught(server: str) -> None:
    document = copy.deepcopy(DOCUMENT)
    del document["paths"]["/v1/lists/{code}.json"]["get"]["responses"]["404"]
    with pytest.raises(FailureGroup, match="Undocumented status code"):
        _ask(document, server, "get", "/v1/lists/{code}.json", GenerationMode.POSITIVE)


def _ask(document: dict[str, Any], server: str, method: str, path: str, mode: GenerationMode) -> None:
    """Ask the server what one operation of a document describes, and judge each answer by the document."""
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=server)
    operation = schema[path][method.upper()]
    accepted = [*schema.config.checks.positive_data_acceptance.expected_statuses, *MORE_STATUSES.get(path, ())]
    schema.config.checks.positive_data_acceptance.expected_statuses = [str(status) for status in accepted]
    session = requests.Session()

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        case.call_and_validate(session=session)

    ask()
    session.close()
