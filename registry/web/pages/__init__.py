"""The pages: HTML made on the server, that work without JavaScript."""

from registry.web.pages import (
    api_reference,
    burdens,
    importing,
    importing_folder,
    lists,
    proofs,
    start,
    undoing,
    villages,
    wrong_answers,
)
from registry.web.pages.failure import Refused, failure, wants_page
from registry.web.pages.rendering import language, render

__all__ = [
    "Refused",
    "api_reference",
    "burdens",
    "failure",
    "importing",
    "importing_folder",
    "language",
    "lists",
    "proofs",
    "render",
    "start",
    "undoing",
    "villages",
    "wants_page",
    "wrong_answers",
]
