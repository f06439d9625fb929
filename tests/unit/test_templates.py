"""Nothing in a template, and no value that a page gives it, hides what every template is given."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

import pytest
from jinja2 import Environment, nodes
from starlette.requests import Request

from registry.web.console import rendering as console
from registry.web.pages import rendering as pages

ENVIRONMENTS = {"console": console.environment, "pages": pages.environment}
DEFINED_BY_JINJA = {"range", "dict", "lipsum", "cycler", "joiner", "namespace"}


def request() -> Request:
    return Request({"type": "http", "method": "GET", "path": "/", "query_string": b"lang=zh", "headers": []})


def given_to_all(environment: Environment) -> set[str]:
    """The names that every template of an environment is given, but those that pages may replace."""
    own = cast("dict[str, Any]", environment.globals).keys() - DEFINED_BY_JINJA
    return {*own, *pages.shown_with(request(), {})} - pages.REPLACED


@pytest.mark.parametrize("faces", ENVIRONMENTS)
def test_a_template_sets_no_name_that_all_are_given(faces: str) -> None:
    environment = ENVIRONMENTS[faces]()
    reserved = given_to_all(environment)
    assert {"day", "localized", "lang"} <= reserved
    hidden: list[str] = []
    for name in environment.list_templates(extensions=["html"]):
        assert environment.loader is not None
        tree = environment.parse(environment.loader.get_source(environment, name)[0])
        stored = [(node.name, node.lineno) for node in tree.find_all(nodes.Name) if node.ctx == "store"]
        stored += [(node.name, node.lineno) for node in tree.find_all(nodes.Macro)]
        hidden += [f"{name}:{line}: {stored_as}" for stored_as, line in stored if stored_as in reserved]
    assert hidden == []


@pytest.mark.parametrize("name", ["day", "localized", "asset", "zone"])
def test_a_value_of_a_view_that_hides_what_all_are_given_is_refused_at_once(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        console.rendered(request(), "works.html", query={}, **cast("dict[str, Any]", {name: date(2026, 1, 1)}))


@pytest.mark.parametrize("name", ["day", "zh", "style"])
def test_so_is_a_value_of_a_page(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        pages.render("villages.html", "zh", **cast("dict[str, Any]", {name: date(2026, 1, 1)}))
