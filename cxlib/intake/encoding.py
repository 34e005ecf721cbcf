"""Find out how a text file is encoded, with care for Vietnamese."""

from __future__ import annotations

import codecs
import itertools
import unicodedata

from cxlib.errors import DataError, Problem

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_TONES = "\u0300\u0301\u0303\u0309\u0323"  # windows-1258 writes tones as signs of their own, after the vowel
_SAMPLE = 64 * 1024  # bytes of lines beyond ASCII that are looked at
_FEW_BROKEN = 0.02  # share of broken signs below which a file is UTF-8 with damage, not another encoding


def decode(data: bytes, where: str, declared: str | None = None) -> tuple[str, str, tuple[str, ...]]:
    """Text of a file, the encoding it was read in, and remarks.

    Parameters
    ----------
    data : bytes
        The whole file.
    where : str
        The file's name, for messages.
    declared : str, optional
        The encoding said in the parameters; it is then not guessed.

    Returns
    -------
    tuple of (str, str, tuple of str)
        The text with composed letters (NFC), the encoding's name, and remarks for the note on the file.

    Raises
    ------
    DataError
        The declared encoding is unknown or does not fit.
    """
    if declared:
        return _as_declared(data, where, declared)
    text, encoding, remarks = _guess(data)
    return unicodedata.normalize("NFC", text), encoding, remarks


def _as_declared(data: bytes, where: str, declared: str) -> tuple[str, str, tuple[str, ...]]:
    try:
        name = codecs.lookup(declared).name
        marked = name == "utf-8" and data.startswith(codecs.BOM_UTF8)
        return unicodedata.normalize("NFC", data.decode("utf-8-sig" if marked else name)), name, ()
    except LookupError:
        raise DataError(
            Problem(
                f"The encoding '{declared}' is not known.",
                f"params.yaml, data.encoding ({where})",
                "leave it out, so that it is found out, or write for example utf-8 or windows-1258",
            )
        ) from None
    except UnicodeError as error:
        line = data.count(b"\n", 0, getattr(error, "start", 0)) + 1
        raise DataError(
            Problem(
                f"The file is not in the declared encoding '{declared}'.",
                f"{where}, line {line}",
                "leave data.encoding out, so that it is found out",
            )
        ) from None


def _guess(data: bytes) -> tuple[str, str, tuple[str, ...]]:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data.decode(name, errors="replace"), name.removesuffix("-sig"), ()
    head = data[:4096]
    if head.count(0) > len(head) // 4:  # text with a NUL in every second byte is UTF-16 without its mark
        name = "utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"
        return data.decode(name, errors="replace"), name, ()
    try:
        return data.decode("utf-8"), "utf-8", ()
    except UnicodeDecodeError:
        pass
    mended = data.decode("utf-8", errors="replace")
    broken, foreign = mended.count("\ufffd"), sum(sign > "\x7f" for sign in mended)
    if broken <= _FEW_BROKEN * foreign:
        return mended, "utf-8", (f"{broken} signs could not be read and stand as \ufffd",)
    name = _legacy(data)
    return (
        data.decode(name, errors="replace"),
        name,
        (f"read as {name}, which was guessed; if letters look wrong, name data.encoding",),
    )


def _legacy(data: bytes) -> str:
    """A one-byte encoding: windows-1258 when its tones sit on vowels, else what charset-normalizer finds."""
    lines = (line for line in data.split(b"\n") if any(byte > 0x7F for byte in line))
    sample = bytearray()
    for line in lines:
        sample += line + b"\n"
        if len(sample) > _SAMPLE:
            break
    if _reads_as_vietnamese(bytes(sample)):
        return "cp1258"
    from charset_normalizer import from_bytes

    found = list(from_bytes(bytes(sample), cp_exclusion=["utf_16", "utf_32", "utf_7"]))
    alike = [item.encoding for item in found if (item.chaos, item.coherence) == (found[0].chaos, found[0].coherence)]
    name = "cp1252" if "cp1252" in alike or not found else alike[0]  # the commonest of those that read equally well
    try:
        data.decode(name)
    except UnicodeDecodeError:
        return "latin-1"
    return name


def _reads_as_vietnamese(sample: bytes) -> bool:
    text = sample.decode("cp1258", errors="replace")
    after = [before for before, sign in itertools.pairwise(text) if sign in _TONES]
    on_vowel = sum(sign.lower() in "aăâeêioôơuưy" for sign in after)
    own = sum(sign.lower() in "ăđơư₫" for sign in text)
    return len(after) >= 2 and on_vowel >= 0.95 * len(after) and (own > 0 or on_vowel >= 5)
