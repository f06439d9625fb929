"""Every variable of the environment, from registry/settings.py."""

from __future__ import annotations

from typing import Final

from registry import settings
from tools.reference.tables import page, table

HEAD: Final = """
程序只读下列环境变量；没有配置文件。改动在下次启动时生效。
The program reads these variables of the environment and no file of configuration. A change counts at the next start.

密码、密钥、令牌也可以放在文件里，由 `变量名_FILE` 指出（如 Docker、systemd 的 secrets）；两者只能设一个。设了而没有程序读取的
`REGISTRY_…` 变量，`registry doctor` 会指出。
Passwords, keys and tokens can stand in a file instead, which `NAME_FILE` names (as Docker and systemd hand secrets over); set one
of the two. `registry doctor` names a `REGISTRY_…` variable that is set and read by nobody.
"""
# What the program itself never reads: the container file, the tests, and make do.
OTHERS: Final = (
    (
        "REGISTRY_PASSWORD",
        "`quanze`",
        "`docker-compose.yml`：容器中数据库的密码，首次启动前设定；只用字母和数字，因为它写在连接地址里。",
        "`docker-compose.yml`: the password of the database in its container, set before the first start; letters and digits only, for it is part of a URL.",
    ),
    (
        "REGISTRY_TEST_DATABASE_URL",
        "内置的 · the embedded one",
        "测试所用的数据库服务器；其角色须能建库、建角色。",
        "The server that the tests use; its role must be allowed to create databases and roles.",
    ),
    (
        "REGISTRY_TEST_PROFILE",
        "`suite`",
        "随机测试怎样取例：`suite` 处处取同样的例；`search`（`make search` 用）每次取新的、更多的例。",
        "How the property tests draw their inputs: `suite` the same ones everywhere; `search`, which `make search` uses, more and new ones each time.",
    ),
)


def markdown() -> str:
    """The whole page."""
    head = ("变量 variable", "缺省 default", "含义 meaning")
    own = [row for one in settings.ALL for row in _rows(one)]
    return page(
        "配置 · Configuration",
        HEAD,
        [
            *table(head, own),
            "",
            "## 不由程序读取 · Not read by the program",
            "",
            *table(head, ((f"`{name}`", default, f"{zh} {en}") for name, default, zh, en in OTHERS)),
        ],
    )


def _rows(one: settings.Setting) -> list[tuple[str, str, str]]:
    """The lines of a setting: its own, and of a secret that of the file it may stand in."""
    default = one.default_zh if one.default_zh == one.default_en else f"{one.default_zh} · {one.default_en}"
    rows = [(f"`{one.name}`", default, f"{one.zh} {one.en}")]
    if one.secret:
        meaning = f"内容即 `{one.name}` 的文件。 A file with the value of `{one.name}`."
        rows.append((f"`{one.file_name}`", "无 · none", meaning))
    return rows
