"""What the method page tells: rows and cells, every test, the settings, and the index as a footnote."""

from __future__ import annotations

from dataclasses import dataclass

from cxlib.findings.schema import Asked, Document, Index, LedgerLine, Test
from cxlib.views.method_words import method_in_words
from cxlib.views.say import Said, count, joined, number, ranged, said, say, share
from cxlib.views.soundness import Soundness, tell_soundness
from cxlib.words import interval

SHARES = {"analysis.q", "analysis.confidence", "analysis.worthwhile_change", "cleaning.min_answered"}


@dataclass(frozen=True)
class TestLine:
    """One line of the table of tests."""

    factor: Said
    n: Said
    together: Said
    given: Said
    share: Said
    detectable: Said
    verdict: Said


@dataclass(frozen=True)
class MethodTold:
    """Everything the method page shows, ready."""

    rows_text: Said
    rows: tuple[tuple[Said, Said], ...]
    cells: tuple[tuple[Said, Said, Said, Said], ...]
    outcomes: tuple[Said, ...]
    tests: tuple[tuple[Said, tuple[TestLine, ...]], ...]
    methods: Said
    range_text: Said
    settings: tuple[tuple[Said, Said], ...]
    limits: tuple[Said, ...]
    sound: Soundness
    index_text: Said
    indices: tuple[Said, ...]


def tell_method(document: Document, by_hand: tuple[str, ...] = ()) -> MethodTold:
    """The method page's texts.

    Parameters
    ----------
    document : Document
    by_hand : tuple of str
        Names of the stages that were made by hand.
    """
    rows, method = document.rows, document.method
    asked = method.settings.get("analysis.confidence")
    confidence = asked if isinstance(asked, float) else 0.95
    return MethodTold(
        rows_text=say("page_rows_text", read=count(rows.read), kept=count(rows.kept), aside=count(rows.set_aside)),
        rows=tuple((said(line.label), _counted(line)) for line in method.rows),
        cells=tuple(
            (said(line.label), count(line.of), count(line.valid), _reasons(line.reasons)) for line in method.cells
        ),
        outcomes=tuple(_outcome(item) for item in document.outcomes),
        tests=tuple((said(item.label), tuple(_lines(document, item.key))) for item in document.outcomes),
        methods=say("page_method_used", methods=joined(_methods(method.tests), "; ")),
        range_text=say("page_term_range_text", share=share(confidence)),
        settings=tuple(_setting(key, value) for key, value in sorted(method.settings.items())),
        limits=(*_by_hand(by_hand), *(said(limit) for limit in method.limits)),
        sound=tell_soundness(document),
        index_text=said(document.score_note.text),
        indices=tuple(_index(document, index) for index in document.score_note.indices),
    )


def _by_hand(stages: tuple[str, ...]) -> tuple[Said, ...]:
    """That the numbers are not those of the notebooks as they stand; nothing where they are."""
    return (say("page_by_hand", stages=joined(_stage(name) for name in stages)),) if stages else ()


def _stage(name: str) -> Said:
    try:
        return say(f"page_stage_{name}")
    except KeyError:  # a stage of a later room: its name says enough
        return said(name)


def _counted(line: LedgerLine) -> Said:
    if line.count is None and line.below is not None:
        return say("page_rows_below", below=count(line.below))
    return count(line.count)


def _reasons(reasons: tuple[LedgerLine, ...]) -> Said:
    told = []
    for line in reasons:
        label, amount = said(line.label), _counted(line)
        told.append(Said(f"{label.vi}: {amount.vi}", f"{label.en}: {amount.en}"))
    return joined(told, " · ")


def _outcome(item: Asked) -> Said:
    if item.proxy_for:
        return say("page_proxy_loyalty" if item.proxy_for == "loyalty" else "page_proxy", label=item.label)
    return said(item.label)


def _lines(document: Document, outcome: str) -> list[TestLine]:
    tests = {test.factor: test for test in document.method.tests if test.outcome == outcome}
    lines = []
    for factor in document.factors:
        test = tests.get(factor.key)
        if test is None:
            continue
        lines.append(
            TestLine(
                factor=said(factor.label),
                n=count(test.n),
                together=ranged(test.association.estimate, test.association.low, test.association.high),
                given=ranged(test.adjusted.estimate, test.adjusted.low, test.adjusted.high),
                share=share(test.importance.share),
                detectable=number(test.detectable),
                verdict=say(f"page_verdict_{_verdict(test)}"),
            )
        )
    return lines


def _verdict(test: Test) -> str:
    if test.matters:
        return "matters"
    if test.grade == "E0" or test.association.estimate is None:
        return "few"
    if test.grade is None:
        return "ruled_out" if test.ruled_out else "not"
    return "associated"


def _methods(tests: tuple[Test, ...]) -> list[Said]:
    names = dict.fromkeys(
        name for test in tests for name in (test.association.method, test.adjusted.method, test.importance.method)
    )
    return [method_in_words(name) for name in names if name]


def _setting(key: str, value: str | int | float | bool | None) -> tuple[Said, Said]:
    try:
        label = say("page_set_" + key.replace(".", "_"))
    except KeyError:  # a setting of a later room: its name says enough
        label = said(key)
    if value is None:
        return label, say("page_unset")
    if isinstance(value, bool):
        return label, say("page_yes" if value else "page_no")
    if isinstance(value, str):
        return label, said(value)
    if key in SHARES:
        return label, share(value)
    return label, count(value) if float(value).is_integer() else number(value)


def _index(document: Document, index: Index) -> Said:
    outcome = next((item.label for item in document.outcomes if item.key == index.outcome), None)
    label = said(outcome if outcome else index.outcome)
    # A net share is told in points of a hundred, as it is asked about; never with more digits than it deserves.
    times, digits = (100, 0) if index.kind == "net_share" else (1, 1)
    scaled = [None if value is None else value * times for value in (index.estimate, index.low, index.high)]
    limits = Said(*(interval(scaled[1], scaled[2], language, digits) for language in ("vi", "en")))
    key = "page_index_net" if index.kind == "net_share" else "page_index_mean"
    return say(key, label=label, value=number(scaled[0], digits), range=limits, n=count(index.n))
