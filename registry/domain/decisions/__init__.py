"""Every decision of the journal as a typed, immutable value, in the contract's order.

Each class declares all that is particular to its type (see `registry.domain.decision.Decision`). A decision checks its
own form only; whether it can be, given what is recorded, is decided by the slices.
"""

# A decision type is exported by being defined: no second list of names.
# ruff: noqa: F403

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from registry.domain.decision import REGISTERED, Decision

# In the contract's order, which is that of TYPES.
from registry.domain.decisions.units import *  # isort: skip
from registry.domain.decisions.instruments import *  # isort: skip
from registry.domain.decisions.matters import *  # isort: skip
from registry.domain.decisions.vestings import *  # isort: skip
from registry.domain.decisions.lists import *  # isort: skip
from registry.domain.decisions.proposals import *  # isort: skip
from registry.domain.decisions.delegations import *  # isort: skip
from registry.domain.decisions.reports import *  # isort: skip
from registry.domain.decisions.waivers import *  # isort: skip
from registry.domain.decisions.rectifications import *  # isort: skip
from registry.domain.decisions.cases import *  # isort: skip
from registry.domain.decisions.assessments import *  # isort: skip
from registry.domain.decisions.corrections import *  # isort: skip

# Every type of decision by its name in the journal.
TYPES: Final[Mapping[str, type[Decision]]] = MappingProxyType(REGISTERED)
