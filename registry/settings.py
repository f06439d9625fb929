"""What the environment of a process sets: every variable that the program reads, declared once.

No other module reads `os.environ` by name; docs/reference/configuration.md is written from this table.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final


@dataclass(frozen=True, slots=True)
class Setting:
    """A variable of the environment: its name, what holds without it, and what it means, in zh and en."""

    name: str
    default_zh: str
    default_en: str
    zh: str
    en: str

    def read(self) -> str:
        """The value without spaces around it; empty where it is not set."""
        return os.environ.get(self.name, "").strip()

    def paths(self) -> list[Path]:
        """The value as files, separated as PATH separates folders; none where it is not set."""
        return [Path(name) for name in os.environ.get(self.name, "").split(os.pathsep) if name]


DATABASE_URL: Final = Setting(
    "REGISTRY_DATABASE_URL",
    "内置的 PostgreSQL，在 REGISTRY_HOME 下",
    "the embedded PostgreSQL under REGISTRY_HOME",
    "数据库的连接地址，PostgreSQL 15 及以上：`postgresql://用户:密码@主机:5432/数据库`。可含密码，程序不显示。",
    "Where the database is, PostgreSQL 15 or later: `postgresql://user:password@host:5432/database`. "
    "It may hold a password, which the program never shows.",
)
READ_URL: Final = Setting(
    "REGISTRY_READ_URL",
    "都在主库上读",
    "everything is read from the primary",
    "只读副本的连接地址，可写几个主机：`postgresql://用户:密码@主机甲,主机乙:5432/数据库`。查询在副本上进行；"
    "连不上或落后的副本不用。可含密码，程序不显示。",
    "Where replicas are read, one host or several: `postgresql://user:password@a,b:5432/database`. Questions are asked "
    "of them; one that cannot be reached or is behind is left out. It may hold a password, which is never shown.",
)
HOME: Final = Setting(
    "REGISTRY_HOME",
    "`~/.local/share/quanze`",
    "`~/.local/share/quanze`",
    "程序保存一切的文件夹：内置数据库（`postgresql/`）、签名密钥（`signing.key`）和公钥（`signing.pub`）。",
    "The folder of everything the program keeps: the embedded database (`postgresql/`), the signing key "
    "(`signing.key`) and its public half (`signing.pub`).",
)
SIGNING_KEY: Final = Setting(
    "REGISTRY_SIGNING_KEY",
    "REGISTRY_HOME 下的 `signing.key`，没有就生成",
    "`signing.key` under REGISTRY_HOME, made when first needed",
    "签发检查点的私钥（C2SP signed note 格式，Ed25519）。",
    "The private key that signs checkpoints (C2SP signed note, Ed25519).",
)
LOG_NAME: Final = Setting(
    "REGISTRY_LOG_NAME",
    "`quanze`",
    "`quanze`",
    "首次生成签名密钥时，本登记簿日志的名称（检查点的第一行）。交给外部证人的，须取唯一的名称，"
    "如 `quanze.example.gov.cn/yicheng`；密钥生成后不再改变。",
    "The name of this registry's log, the first line of its checkpoints, when its signing key is first made. A log "
    "that others witness needs a name of its own, such as `quanze.example.gov.cn/yicheng`; later it does not change.",
)
WITNESS_POLICY: Final = Setting(
    "REGISTRY_WITNESS_POLICY",
    "没有证人",
    "no witnesses",
    "证人文件（C2SP tlog-policy 格式）：每个证人的公钥、地址，以及几个证人副署才算数。",
    "The file of witnesses (C2SP tlog-policy): the key and address of each, and how many must cosign a checkpoint.",
)
THESAURUS: Final = Setting(
    "REGISTRY_THESAURUS",
    "只用随程序发布的词库",
    "the thesaurus that comes with the program, alone",
    "县自有的换名词库文件，几个用 `:` 隔开；重启后生效。",
    "A county's own thesaurus files, separated by `:`; they count after a restart.",
)
CERTIFICATE_WORDS: Final = Setting(
    "REGISTRY_CERTIFICATE_WORDS",
    "只用随程序发布的用语",
    "the words that come with the program, alone",
    "县自有的证明用语文件，几个用 `:` 隔开；重启后生效。",
    "A county's own files of words for certificates, separated by `:`; they count after a restart.",
)
HOSTS: Final = Setting(
    "REGISTRY_HOSTS",
    "本机监听：本机的名称和地址（localhost、127.0.0.1、[::1]）；监听其他地址：另加数字地址和本机的主机名",
    "listening on loopback: this machine's (localhost, 127.0.0.1, [::1]); elsewhere also addresses in digits and this "
    "machine's host names",
    "服务以哪些名称提供，用逗号隔开，如 `quanze.example.gov.cn`；写明端口的只限该端口，`*` 为不限（由前面的代理核对）。"
    "以其他名称来的请求答 421，防止别的网站借域名指向本机（DNS 重绑定）；本机的名称和 /health、/ready 总是可以。",
    "The names under which the server answers, separated by commas, such as `quanze.example.gov.cn`; one with a port "
    "is for that port only, `*` is any name (then a proxy in front must check). Requests under other names get 421, so "
    "that no other site can point a name of its own at this machine (DNS rebinding); this machine's names and /health, "
    "/ready always work.",
)
PROXIES: Final = Setting(
    "REGISTRY_PROXIES",
    "没有；本机上的代理可以说明来者的地址和是否 https",
    "none; one on this machine may say from where a request comes and whether by https",
    "反向代理的地址或网段，用逗号隔开，如 `10.0.0.5,10.1.0.0/16`。只有从这些地址来的 `X-Forwarded-Host`、"
    "`X-Forwarded-Proto`、`X-Forwarded-For` 才算数。",
    "Addresses or networks of reverse proxies, separated by commas, such as `10.0.0.5,10.1.0.0/16`. "
    "`X-Forwarded-Host`, `X-Forwarded-Proto` and `X-Forwarded-For` count from these only.",
)
RUNTIME_DIR: Final = Setting(
    "XDG_RUNTIME_DIR",
    "系统的临时文件夹",
    "the temporary folder of the system",
    "REGISTRY_HOME 的路径太长、放不下套接字时，内置数据库的套接字所在文件夹。",
    "Where the embedded database puts its socket when the path of REGISTRY_HOME is too long for one.",
)
SUDO_USER: Final = Setting(
    "SUDO_USER",
    "`USER`",
    "`USER`",
    "决定由谁记录：经 sudo 运行时的登录名；命令的 `--by` 优先。",
    "By whom a decision is recorded: the login name behind sudo; a command's `--by` goes before it.",
)
USER: Final = Setting(
    "USER",
    "`LOGNAME`",
    "`LOGNAME`",
    "决定由谁记录：登录名。",
    "By whom a decision is recorded: the login name.",
)
LOGNAME: Final = Setting(
    "LOGNAME",
    "不写记录人",
    "no name is recorded",
    "决定由谁记录：没有 `USER` 时的登录名。",
    "By whom a decision is recorded: the login name where there is no `USER`.",
)

ALL: Final = (
    DATABASE_URL,
    READ_URL,
    HOME,
    SIGNING_KEY,
    LOG_NAME,
    WITNESS_POLICY,
    THESAURUS,
    CERTIFICATE_WORDS,
    HOSTS,
    PROXIES,
    RUNTIME_DIR,
    SUDO_USER,
    USER,
    LOGNAME,
)
