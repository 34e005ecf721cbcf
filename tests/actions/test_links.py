"""Documents: links of the web, files below the client's folder and plain words; nothing that runs or escapes."""

from __future__ import annotations

import pytest

from cxlib.actions.links import is_link, wrong_with_document


@pytest.mark.parametrize(
    "document",
    [
        "https://example.com/minutes/12?x=1#top",
        "http://intranet/a.pdf",
        "van-ban/2025-09-bai-xe.pdf",
        "Biên bản: họp tháng 4",
        "Minutes of 3 March, item 2",
        "practice entry; no document",
        "a..b.pdf",
        "báo cáo 50%.xlsx",
    ],
)
def test_what_may_be_shown(document):
    assert wrong_with_document(document) is None


@pytest.mark.parametrize(
    "document",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "javascript: alert(1)",
        "java\tscript:alert(1)",
        "java\u200bscript:alert(1)",
        "javascript&#58;alert(1)",
        "javascript%3Aalert(1)",
        "&#106;avascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "ftp://example.com/a",
        "mailto:someone@example.com",
        "//example.com/a",
        "\\\\server\\share",
        "/etc/passwd",
        "~/notes.txt",
        "C:\\notes.txt",
        "../../secret.pdf",
        "a/../../b",
        "..%2f..%2fb",
        "a\\..\\b",
        "https://",
        "https://user:secret@example.com/",
        "https://exa mple.com",
        "https://[::1",
        '"><script>alert(1)</script>',
        "a\nb",
    ],
)
def test_what_may_not(document):
    assert wrong_with_document(document)


def test_links_are_told_from_files():
    assert is_link("HTTPS://example.com")
    assert not is_link("minutes.pdf")
