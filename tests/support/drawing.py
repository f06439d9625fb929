"""How many inputs the property tests draw: the same ones everywhere in the suite, new ones in a search.

The profiles are hypothesis's own, loaded by tests/conftest.py; REGISTRY_TEST_PROFILE names one.
"""

from __future__ import annotations

import math
import os
from typing import Final

from hypothesis import HealthCheck, settings

_SLOW: Final = (HealthCheck.too_slow, HealthCheck.data_too_large)
# How many times as many inputs a profile draws as a test names: a search, each round of which draws new ones, is what
# finds; the suite draws always the same, and keeps what once held.
_TIMES: Final = {"suite": 0.5, "search": 2.0}


def load_profile() -> None:
    """Register the profiles and load the one that REGISTRY_TEST_PROFILE names, or that of the suite.

    `suite` draws the same inputs on every machine; `search` draws new ones and prints what reproduces a failure.
    Raises KeyError for a profile that is not there.
    """
    settings.register_profile("suite", derandomize=True, deadline=None, database=None, suppress_health_check=_SLOW)
    settings.register_profile("search", deadline=None, print_blob=True, suppress_health_check=_SLOW)
    settings.load_profile(_profile())


def examples(count: int) -> settings:
    """Draw half as many inputs as this in the suite, and twice as many in a search."""
    return settings(max_examples=math.ceil(count * _TIMES[_profile()]))


def searching() -> bool:
    """Whether new inputs are drawn."""
    return _profile() == "search"


def _profile() -> str:
    return os.environ.get("REGISTRY_TEST_PROFILE", "suite")
