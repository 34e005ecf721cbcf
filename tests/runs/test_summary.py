"""Ten lines of plain words: every factor that matters with its action, in either language; no score, no unit."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxlib.findings.schema import Document
from cxlib.runs.summary import LINES, plain_words

SAMPLE = Path(__file__).resolve().parents[1] / "findings" / "sample_findings.json"


@pytest.fixture(scope="module")
def document() -> Document:
    return Document.model_validate_json(SAMPLE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", ["en", "vi"])
def test_ten_lines(document, language):
    lines = plain_words(document, language)
    assert len(lines) <= LINES
    assert all(line == line.strip() and "{" not in line for line in lines)
    factors = {getattr(finding.factor.label, language) for finding in document.findings}
    shown = [line for line in lines if line[0].isdigit()]
    assert sum(any(f"“{label}”" in line for line in shown) for label in factors) == len(shown)
    if len(shown) < len(factors):
        assert any(str(len(factors) - len(shown)) in line for line in lines if line not in shown)


def test_numbers_in_the_readers_locale(document):
    assert "2,801 answers read" in plain_words(document, "en")[0]
    assert "2.801 phiếu" in plain_words(document, "vi")[0]


def test_made_up_data_is_said_first(document):
    assert "Made-up practice data" in plain_words(document, "en")[0]


def test_no_action_yet_is_said_with_its_reason(document):
    text = "\n".join(plain_words(document, "en"))
    assert "No action yet: The budget is decided in January." in text


def test_nothing_found_is_an_answer(document):
    lines = plain_words(document.model_copy(update={"findings": (), "suppressed": (), "unknowns": ()}), "en")
    assert "No factor was found" in lines[1]
    assert not any(line[0].isdigit() for line in lines[1:])


def test_an_outcome_that_stands_in_for_another_has_its_own_name(document):
    key = document.findings[0].outcome
    outcomes = [
        asked.model_copy(update={"proxy_for": "referral"}) if asked.key == key else asked for asked in document.outcomes
    ]
    line = plain_words(document.model_copy(update={"outcomes": tuple(outcomes)}), "en")[2]
    label = next(asked.label.en for asked in outcomes if asked.key == key)
    assert f"“{label}”" in line
