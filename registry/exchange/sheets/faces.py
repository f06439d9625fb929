"""How each face of the program calls what an import is given: the terminal, the page, the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from registry.domain.text import Text

Face = Literal["terminal", "page", "api"]

# What the page writes before each of its boxes; names as the API has them.
LABELS: Final[Mapping[str, Text]] = {
    "file": Text("清单文件", "File of lists"),
    "county": Text("县（市、区）代码", "Code of the county"),
    "instrument": Text("依据文件的文号", "Number of the document"),
    "as": Text("清单编号", "Id of the list"),
    "kind": Text("清单种类", "Kind of list"),
    "polarity": Text("清单性质", "What the list does"),
    "effect": Text("所列事项", "The items listed"),
    "reading": Text("对清单的理解", "What the lists are"),
    "missing": Text("文件中没有的事项", "Items that the file does not have"),
    "accept": Text("名称相近的事项", "Matters of a near name"),
    "from": Text("自哪一天起", "From which day"),
    "title": Text("清单名称", "Title of the list"),
    "quota": Text("每个单位最多多少项", "At most so many a unit"),
    "audience": Text("适用层级", "For whom"),
    "sheet": Text("只导入这张工作表", "Only this sheet"),
    "scope": Text("适用范围", "Territory"),
    "open": Text("清单不封闭", "The list is open"),
    "replace": Text("文件已更换", "The document was replaced"),
    "miscounted": Text("项数不符也导入", "It miscounts itself"),
    "holders": Text("所列部门为法定主体", "The departments named hold by law"),
    "instrument_title": Text("依据文件的名称", "Title of the document"),
    "instrument_kind": Text("依据文件的种类", "Kind of the document"),
    "issued_on": Text("依据文件的日期", "Day of the document"),
    "issuer": Text("发文单位", "Who issued it"),
}

# What may be stated of a list before it is recorded, as people read it.
POLARITIES: Final[Mapping[str, Text]] = {
    "positive": Text("正面清单（应当、可以）", "it requires or permits"),
    "negative": Text("负面清单（不得）", "it forbids"),
}
EFFECTS: Final[Mapping[str, Text]] = {
    "listed": Text("列入清单", "are on the list"),
    "withdrawn": Text("从现有清单移出", "go off the list that stands"),
}
MISSING: Final[Mapping[str, Text]] = {
    "withdraw": Text("移出清单", "go off the list"),
    "keep": Text("保留不动", "stay as they are"),
    "within": Text(
        "只移出文件所列类别、部门的，其余保留", "go where the file has others of their category and department"
    ),
}


def called(name: str, face: Face) -> Text:
    """What a face calls an option of an import (`from`, `issued_on` …), in zh and en, to be put into a sentence."""
    if face == "terminal":
        option = f"--{name.replace('_', '-')}"
        return Text(option, option)
    if face == "api":
        return Text(name, name)
    zh, en = LABELS[name]
    return Text(f"“{zh}”", f"“{en}”")
