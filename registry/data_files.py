"""Files that the program reads but that are no code: `lists` and `graphql`.

In a checkout they stand at the top level; an installed program carries them in registry/_data.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, cast

from registry.domain.text import Text

PACKED: Final = Path(__file__).parent / "_data"
CHECKOUT: Final = Path(__file__).parent.parent


def path(name: str) -> Path:
    """The folder of this name (`lists`, `graphql`), or a file in it (`lists/positive`).

    Raises FileNotFoundError where there is none.
    """
    for folder in (PACKED, CHECKOUT):
        if (folder / name).exists():
            return folder / name
    raise FileNotFoundError(f"{name} is neither in {PACKED} nor in {CHECKOUT}")


class UnusableFile(Exception):
    """A file cannot be read, or does not hold to its schema; `text` says which, in zh and en."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def own_yaml(file: Path) -> Any:
    """The content of a YAML file of this program, which its tests hold to its schema."""
    import yaml

    return yaml.load(file.read_text("utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506


def read_yaml(file: Path, schema: str) -> dict[str, Any]:
    """Read a YAML file and check it against a JSON Schema of this program, named as `path` has it.

    Files that come with the program are held to their schemas by its tests, not at every start. Raises UnusableFile.
    """
    import yaml

    # The same as SafeLoader, a hundred times as fast where PyYAML was built with it.
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        content: Any = yaml.load(file.read_text("utf-8"), loader)  # noqa: S506
    except OSError as error:
        raise UnusableFile(Text(f"文件无法读取（{error.strerror}）。", f"it cannot be read: {error}.")) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UnusableFile(Text("不是 UTF-8 编码的 YAML。", f"it is no YAML in UTF-8: {error}.")) from None
    if not file.resolve().is_relative_to(path("lists").resolve()):
        from jsonschema import Draft202012Validator  # it takes a tenth of a second to import

        validator: Any = Draft202012Validator(json.loads(path(schema).read_text("utf-8")))
        for error in validator.iter_errors(content):
            raise UnusableFile(Text(f"{error.json_path} 不合规定格式。", f"{error.json_path}: {error.message}."))
    return cast("dict[str, Any]", content)
