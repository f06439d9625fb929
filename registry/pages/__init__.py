"""The pages: HTML made on the server, that work without JavaScript."""

from registry.pages import burdens, importing, lists, start, villages
from registry.pages.failure import Refused, failure, wants_page
from registry.pages.rendering import language, render

__all__ = [
    "Refused",
    "burdens",
    "failure",
    "importing",
    "language",
    "lists",
    "render",
    "start",
    "villages",
    "wants_page",
]
