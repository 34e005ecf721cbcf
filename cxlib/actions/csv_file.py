"""Put a record below the others of a csv, and leave every sign that stands there as it is."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path

from cxlib.actions.table import decoded, delimiter, safe_cell
from cxlib.errors import ParamsError

_MARKS = {"utf-8-sig": b"\xef\xbb\xbf"}
_UTF_16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


def new_csv(header: Sequence[str]) -> bytes:
    """An empty log; its byte order mark lets Excel read Vietnamese letters."""
    return _MARKS["utf-8-sig"] + (",".join(header) + "\r\n").encode()


def appended(path: Path, columns: Sequence[str], cells: Mapping[str, str]) -> bytes:
    """The content of a csv with one record more.

    Parameters
    ----------
    path : Path
        A csv that was read without a problem.
    columns : sequence of str
        Columns to add behind the last one; the records above stay empty there.
    cells : mapping
        Column -> text of the new record.

    Returns
    -------
    bytes
        Delimiter, quoting of the header, ends of lines, encoding and byte order mark are those of the file.

    Raises
    ------
    ParamsError
        The encoding of the file has no sign for a letter of the record.
    """
    raw = path.read_bytes()
    text, encoding = decoded(path)
    mark, codec = _mark(raw, encoding)
    sign = delimiter(text)
    lines = list(io.StringIO(text, newline=""))
    header, ends = _records(lines, sign)
    first = lines[ends[0][0] - 1]
    end_of_line = first[len(first.rstrip("\r\n")) :] or "\n"
    if columns:
        quoted = [f'"{name}"' if _is_quoted(lines) else name for name in columns]
        width = len(header) + len(columns)
        for number, (line, filled) in enumerate(ends):
            body = lines[line - 1].rstrip("\r\n")
            more = sign + sign.join(quoted) if number == 0 else sign * (width - filled)
            lines[line - 1] = body + more + lines[line - 1][len(body) :]
    names = ["_".join(name.casefold().split()) for name in header] + list(columns)
    content = "".join(lines)
    if content and not content.endswith(("\n", "\r")):
        content += end_of_line
    out = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if _is_quoted(lines) else csv.QUOTE_MINIMAL
    writer = csv.writer(out, delimiter=sign, lineterminator=end_of_line, quoting=quoting)
    writer.writerow([safe_cell(cells.get(name, "")) for name in names])
    if columns or codec != "cp1258":
        return mark + _encoded(content, codec, path) + _encoded(out.getvalue(), codec, path)
    return raw + _encoded(content[len(text) :] + out.getvalue(), codec, path)


def _mark(raw: bytes, encoding: str) -> tuple[bytes, str]:
    """The byte order mark, and the codec without it."""
    if encoding == "utf-16":
        return raw[:2], _UTF_16[raw[:2]]
    mark = _MARKS.get(encoding, b"")
    return (mark if raw.startswith(mark) else b""), encoding.removesuffix("-sig")


def _records(lines: list[str], sign: str) -> tuple[list[str], list[tuple[int, int]]]:
    """The header's cells, and of each record with cells the line on which it ends and how many cells it has."""
    reader = csv.reader(iter(lines), delimiter=sign)
    header: list[str] = []
    ends = []
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        header = header or [unicodedata.normalize("NFC", cell) for cell in cells]
        ends.append((reader.line_num, len(cells)))
    return header, ends


def _is_quoted(lines: list[str]) -> bool:
    return next((line for line in lines if line.strip()), "").lstrip().startswith('"')


def _encoded(text: str, codec: str, path: Path) -> bytes:
    try:
        return (_for_cp1258(text) if codec == "cp1258" else text).encode(codec)
    except UnicodeEncodeError as error:
        letter = error.object[error.start]
        raise ParamsError(
            f"The action log is written in an older encoding ({codec}), which has no sign for '{letter}'.",
            path.name,
            "save it as csv UTF-8 first, or as xlsx",
        ) from None


def _for_cp1258(text: str) -> str:
    """Letters as cp1258 has them: tone marks are signs of their own there, but not those of â ă ê ô ơ ư."""
    return "".join(_letter_of_cp1258(letter) for letter in unicodedata.normalize("NFC", text))


def _letter_of_cp1258(letter: str) -> str:
    if _fits(letter):
        return letter
    base, *marks = unicodedata.normalize("NFD", letter)
    for mark in marks:
        whole = unicodedata.normalize("NFC", base + mark)
        if len(whole) == 1 and _fits(whole):
            rest = list(marks)
            rest.remove(mark)
            return whole + "".join(rest)
    return base + "".join(marks)


def _fits(letter: str) -> bool:
    try:
        letter.encode("cp1258")
    except UnicodeEncodeError:
        return False
    return True
