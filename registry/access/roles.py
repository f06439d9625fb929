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
# What each may do, as operations.py has it: for whoever gives roles.
DOES: Final = {
    Role.CLERK: Text(
        "看本单位及下级的情况，反映、答复、评议。乡镇、村和部门的文书用这个。",
        "sees its unit and those below; reports, answers, assesses. For clerks of townships, villages, departments.",
    ),
    Role.EDITOR: Text(
        "另可记录清单、交办、文件和事项，看所属政府的整个辖区。",
        "also records lists, what is handed down, documents, matters; sees all of its government's territory.",
    ),
    Role.ORGANIZER: Text(
        "另可记录机构变动，办准入、督办、豁免，更正和撤回记录。",
        "also records changes of units; admits, orders put right, waives; corrects and takes back.",
    ),
    Role.AUDITOR: Text("只看，不能记录。", "sees, and records nothing."),
    Role.ADMINISTRATOR: Text(
        "只管账号和运行，看不到更多内容；要看、要记，另给角色。",
        "keeps accounts and the machine, and sees no more than anybody: to see and to record takes another role.",
    ),
}
GIVEN: Final = tuple(role for role in Role if role is not Role.ANYBODY)  # those that an account can be given
READING: Final = (Role.CLERK, Role.EDITOR, Role.ORGANIZER, Role.AUDITOR)  # those that see a territory
