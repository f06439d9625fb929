"""The roles: each is given to an account for a unit and all below it, or for the whole registry."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from registry.domain.text import Text


class Role(StrEnum):
    """What somebody may do. `ANYBODY` is who has not logged in; nobody is given it."""

    ANYBODY = "anybody"
    CLERK = "clerk"
    EDITOR = "editor"
    ORGANIZER = "organizer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"

    @property
    def text(self) -> Text:
        """The role's name as people read it."""
        return NAMES[self]


NAMES: Final = {
    Role.ANYBODY: Text("公众", "anybody"),
    Role.CLERK: Text("经办员", "clerk"),
    Role.EDITOR: Text("编辑员", "editor"),
    Role.ORGANIZER: Text("组织编制管理员", "organizer"),
    Role.AUDITOR: Text("审计员", "auditor"),
    Role.ADMINISTRATOR: Text("系统管理员", "administrator"),
}
GIVEN: Final = tuple(role for role in Role if role is not Role.ANYBODY)  # those that an account can be given
READING: Final = (Role.CLERK, Role.EDITOR, Role.ORGANIZER, Role.AUDITOR)  # those that see a territory
