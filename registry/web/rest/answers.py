"""What the REST addresses answer, as models for the OpenAPI document: errors by status, certificates, imports."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

# What a status means here; a code of the contract stands in the error itself.
MEANINGS: Final[dict[int, str]] = {
    400: "请求有误。 The request is wrong: bad-value, bad-request.",
    403: "其他网站的页面发出的请求。 Sent by a page of another site: forbidden.",
    404: "没有所指的单位、清单或序号。 What is named is not there:"
    " unknown-unit, unknown-list, unknown-position, not-in-force.",
    409: "登记簿已有变动。 The registry has changed since: conflict.",
    413: "文件过大。 The file is too large: too-large.",
    503: "暂时不能回答。 It cannot be answered now: database-unavailable, busy, timeout.",
}


class Sentence(BaseModel):
    """A sentence in both languages."""

    zh: str
    en: str


class Extensions(BaseModel):
    """What a program reads of an error: its code, what is wrong, and what to do about it."""

    model_config = ConfigDict(extra="allow")
    code: str = Field(examples=["unknown-unit"])
    message: Sentence
    hint: Sentence


class Error(BaseModel):
    """An error, as GraphQL writes it."""

    model_config = ConfigDict(extra="allow")
    message: str
    extensions: Extensions


class Errors(BaseModel):
    """Why a request was not answered."""

    errors: list[Error] = Field(min_length=1)


class Status(BaseModel):
    """Whether the server is up, or ready."""

    status: str


class IncludedMatter(BaseModel):
    """A matter that a service does."""

    code: str
    name: str


class ServiceAnswered(BaseModel):
    """A service: one application for several matters, handed in once at one window."""

    code: str
    name: str
    includes: list[IncludedMatter]
    window: str | None = Field(description="办理窗口的层级。 The level at which it is handed in.")
    materials: list[str]
    procedure: str | None
    online: str | None
    basis: list[str]


class ServicesAnswered(BaseModel):
    """The services open to a village; with q, those that are meant by it, the likeliest first."""

    village: str
    on: str = Field(json_schema_extra={"format": "date"})
    services: list[ServiceAnswered]


class CertificatesAnswered(BaseModel):
    """With q the answer to it, in `status` and the like; without, all certificates of the village's lists."""

    model_config = ConfigDict(extra="allow")
    village: str
    on: str = Field(json_schema_extra={"format": "date"})
    certificates: list[dict[str, Any]] = Field(default_factory=list[dict[str, Any]])
    message: str = Field(default="", description="告诉群众的话。 What to say to the person.")
    services: list[ServiceAnswered] = Field(
        default_factory=list[ServiceAnswered],
        description="可一并办理的“一件事”。 The services that include the certificate.",
    )


class SheetColumn(BaseModel):
    heading: str
    place: str = Field(description="单元格。 The heading's cell: 清单!B2.")


class SheetRow(BaseModel):
    sheet: str
    row: int
    place: str
    use: str = Field(description="item, category, note, total, refused …")
    text: str


class SheetTable(BaseModel):
    """A table of the file, and what it was recognised as."""

    sheet: str
    kind: str | None = Field(description="清单种类。 The kind of list; null where it cannot be told.")
    title: str
    rows: int
    columns: dict[str, SheetColumn]
    noted: list[str] = Field(description="记入附注的列。 Headings that no field is for: kept in the note.")
    unused: list[str] = Field(description="未读取的列。 Headings that were not read.")
    read: dict[str, int] = Field(description="各类行数，合计为读入行数。 Rows by what they are; all rows read.")
    accounts: list[SheetRow] = Field(description="逐行的去向。 What became of every row.")


class SheetError(BaseModel):
    """What is wrong at a place in the file; a warning keeps nothing from being recorded."""

    sheet: str
    cell: str
    place: str
    code: str
    message: Sentence
    warning: bool


class OpenNames(BaseModel):
    """Names to decide on, each with what it may mean, code and name; texts that are not clear, by what they are of."""

    matters: dict[str, dict[str, str]]
    units: dict[str, dict[str, str]]
    rows: list[str]
    towns: list[str]
    days: list[str]


class ImportSample(BaseModel):
    """A row by its place and its name."""

    place: str
    name: str


class ImportQuestion(BaseModel):
    """What is asked of one list before it is recorded."""

    list: str
    reading: str = Field(description="种类:性质:层级:范围，记录时写在 reading 中。 To be stated when recording.")
    question: Sentence
    words: Sentence = Field(description="据以判断的文字及位置。 The words that told so, and where.")
    samples: list[ImportSample]
    going: list[str] = Field(description="因文件中没有而移出的。 What goes because the file does not have it.")


class ImportPlan(BaseModel):
    """What a file comes to: how it was read, what is wrong, and the decisions it makes."""

    tables: list[SheetTable]
    problems: list[SheetError]
    open: OpenNames
    decisions: list[dict[str, Any]] = Field(description="按日志格式的决定。 As lines of a journal.")
    questions: list[ImportQuestion]
    digest: str = Field(description="这些决定的摘要，记录时写在 shown 中。 Tells these decisions from others.")
    recorded: int = Field(description="已记录几项。 How many were recorded.")


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may be refused with these statuses."""
    return {status: {"model": Errors, "description": MEANINGS[status]} for status in statuses}
