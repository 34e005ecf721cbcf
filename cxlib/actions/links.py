"""The `document` of an action: a web link, a file's name, or plain words. Nothing that runs, nothing that escapes."""

from __future__ import annotations

import html
import re
import unicodedata
from urllib.parse import unquote, urlsplit

_SCHEME = re.compile(r"([a-z][a-z0-9+.\-]*):(.?)", re.I | re.S)
_RUNS = {
    "javascript",
    "vbscript",
    "data",
    "file",
    "blob",
    "about",
    "filesystem",
    "view-source",
    "ms-msdt",
    "jar",
    "ftp",
}
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


def wrong_with_document(text: str) -> str | None:
    """What is wrong with a document's name, or None.

    Parameters
    ----------
    text : str
        As it stands in the log.

    Returns
    -------
    str or None
        A reason in words.

    Examples
    --------
    >>> wrong_with_document("https://example.com/minutes/12"), wrong_with_document("Biên bản: họp tháng 4")
    (None, None)
    >>> wrong_with_document("java\\tscript:alert(1)")
    'it holds signs that cannot be seen'
    >>> wrong_with_document("../../private/list.xlsx")
    'it leaves the folder (..)'
    """
    text = unicodedata.normalize("NFC", text)
    if _UNSEEN.search(text):
        return "it holds signs that cannot be seen"
    read = _decoded(text)
    if any(sign in read for sign in '<>"`'):
        return "it holds signs of a page's code"
    scheme = _SCHEME.match(read.strip())
    if scheme:
        name, after = scheme.group(1).lower(), scheme.group(2)
        if name in ("http", "https"):
            return _wrong_with_link(read.strip())
        if name in _RUNS or len(name) == 1 or not after.isspace():
            return "links begin with http:// or https:// only"
    if read.lstrip().startswith(("//", "\\", "/", "~")):
        return "a file is named relative to the client's folder"
    if ".." in re.split(r"[\\/]", read.strip()):
        return "it leaves the folder (..)"
    return None


def _decoded(text: str) -> str:
    """What a browser could make of it: entities and %-signs read, again until nothing changes."""
    for _ in range(4):
        read = unquote(html.unescape(text))
        if read == text:
            break
        text = read
    return text


def _wrong_with_link(link: str) -> str | None:
    try:
        parts = urlsplit(link)
        host = parts.hostname
    except ValueError:
        return "it is no web address"
    if not host or any(sign.isspace() for sign in link):
        return "it is no web address"
    if parts.username is not None or parts.password is not None:
        return "it holds a name and password"
    return None


def is_link(document: str) -> bool:
    """Whether a document that was found right is a web link."""
    return document.lower().startswith(("http://", "https://"))
