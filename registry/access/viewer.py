"""Who asks: an account with its roles, everybody on an open registry, or somebody who has not logged in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from registry.access.roles import READING, Role


@dataclass(frozen=True, slots=True)
class Grant:
    """A role for a unit and all below it; for the whole registry where there is no unit."""

    role: Role
    unit: str | None = None  # its code


@dataclass(frozen=True)
class Viewer:
    """Who asks. `account` is what is written into the log; None where nobody has logged in.

    `missing`: why the database that knows could not be asked: a code, in zh and en; None where it was.
    """

    account: str | None = None
    grants: tuple[Grant, ...] = ()
    open: bool = False  # sees and does everything: the command line, and a server without accounts
    missing: tuple[str, str, str] | None = None

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        """Once: what is kept of a viewer is looked up by it at every request."""
        return hash((self.account, self.grants, self.open, self.missing))

    @cached_property
    def reading(self) -> Viewer:
        """The same with those of its roles alone that read a territory."""
        return self.with_roles(*READING)

    def with_roles(self, *roles: Role) -> Viewer:
        """The same with these of its roles alone."""
        return replace(self, grants=tuple(grant for grant in self.grants if grant.role in roles))

    def units(self, *roles: Role) -> frozenset[str | None]:
        """The units for which the viewer has one of the roles; None among them: for the whole registry."""
        return frozenset(grant.unit for grant in self.grants if grant.role in roles)


OPEN: Final = Viewer(open=True)
NOBODY: Final = Viewer()
