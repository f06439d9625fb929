"""The pages: HTML made on the server, that work without JavaScript."""

from registry.web.pages import (
    accounts,
    api_reference,
    burdens,
    logging_in,
    own_account,
    proofs,
    receipts,
    reporting,
    villages,
    wrong_answers,
)
from registry.web.pages.failure import Refused, failure, wants_page
from registry.web.pages.rendering import language, render

__all__ = [
    "Refused",
    "accounts",
    "api_reference",
    "burdens",
    "failure",
    "language",
    "logging_in",
    "own_account",
    "proofs",
    "receipts",
    "render",
    "reporting",
    "villages",
    "wants_page",
    "wrong_answers",
]
