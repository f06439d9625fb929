"""The pages: HTML made on the server, that work without JavaScript."""

from registry.web.pages import (
    api_reference,
    logging_in,
    receipts,
    reporting,
    villages,
    wrong_answers,
)
from registry.web.pages.failure import Refused, failure, wants_page
from registry.web.pages.rendering import language, render

__all__ = [
    "Refused",
    "api_reference",
    "failure",
    "language",
    "logging_in",
    "receipts",
    "render",
    "reporting",
    "villages",
    "wants_page",
    "wrong_answers",
]
