"""What is still to confirm in a client's parameters: every `# confirm` with its line and key."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from pathlib import Path

from cxlib.params.lines import key_on_line, read_lines
from cxlib.params.load import FILE

_MARK = re.compile(r"#\s*confirm(?::\s*(.*)|\s*$)", re.I)


@dataclass(frozen=True)
class ToConfirm:
    """One guess that nobody has confirmed: `line` of params.yaml, `key` (factors.food), and `why` it is unsure."""

    line: int
    key: str
    why: str

    def as_dict(self) -> dict[str, object]:
        """For `--json`."""
        return asdict(self)

    def __str__(self) -> str:
        return f"line {self.line} ({self.key}): {self.why}" if self.key else f"line {self.line}: {self.why}"


def left_to_confirm(folder: Path) -> tuple[ToConfirm, ...]:
    """Every `# confirm` in a client's params.yaml, in the order of the file.

    Raises
    ------
    ParamsError
        The file cannot be read.
    """
    path = Path(folder) / FILE
    lines = read_lines(path)
    found = []
    for number, text in enumerate(path.read_bytes().decode("utf-8-sig").splitlines(), 1):
        mark = _MARK.match(comment_of(text))
        if mark:
            found.append(ToConfirm(number, key_on_line(lines, number), (mark[1] or "").strip()))
    return tuple(found)


def comment_of(line: str) -> str:
    """The comment at the end of a line of YAML, '' when there is none.

    Examples
    --------
    >>> comment_of('a: "x # y"  # confirm: z'), comment_of("a: b#c"), comment_of("# confirm")
    ('# confirm: z', '', '# confirm')
    """
    quote, before, place = "", " ", 0
    while place < len(line):
        sign = line[place]
        if quote:
            if sign == "\\" and quote == '"':
                place += 1
            elif sign == quote:
                quote = ""
        elif sign in "\"'" and before in " [{,:-":
            quote = sign
        elif sign == "#" and before == " ":
            return line[place:]
        before = line[place] if place < len(line) else ""
        place += 1
    return ""
