"""Read a document once more before it leaves: no claim of a cause, no score as a title, no result left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cxlib.errors import Problem
from cxlib.findings.schema import Both, Change, Document
from cxlib.params.model import Params
from cxlib.privacy.causal import check_words
from cxlib.privacy.draft import Draft
from cxlib.privacy.refusals import check_title
from cxlib.privacy.say import in_language
from cxlib.words import LANGUAGES


def titles(document: Document) -> Iterator[Problem]:
    """R3 and R6 over the client's title."""
    for language in LANGUAGES:
        yield from check_title(getattr(document.title, language), language, where=f"title.{language}")


def _generated(document: Document) -> Iterator[tuple[str, Both, str | None]]:
    """Every sentence the workbench wrote itself: where, the sentence, the grade of its evidence."""
    for finding in document.findings:
        yield f"{finding.id}: sentence", finding.sentence, finding.grade
        for caveat in finding.caveats:
            yield f"{finding.id}: caveat", caveat, None
        for line in finding.whom:
            yield f"{finding.id}: for whom", line, None
        yield from _of_changes(finding.change)
    for action in document.actions:
        yield from _of_changes(action.change)
    for orphan in document.orphan_actions:
        yield f"action {orphan.action}", orphan.why, None
    lists = ("unknowns", "decide_next", "ask_next", "retire")
    for name in lists:
        for text in getattr(document, name):
            yield name, text, None
    for entry in document.history:
        for altered in entry.altered:
            yield f"history of {entry.action}", altered.field, None
    for trend in document.trends:
        for text in trend.breaks:
            yield f"trend of {trend.measure}", text, None
    for hidden in document.suppressed:
        yield "suppressed", hidden.what, None
        yield "suppressed", hidden.why, None
    for limit in document.method.limits:
        yield "limits", limit, None
    yield "score note", document.score_note.text, None


def _of_changes(changes: Iterable[Change]) -> Iterator[tuple[str, Both, str | None]]:
    """The sentence of a change may claim what its grade allows; what stands beside it claims nothing."""
    for change in changes:
        where = f"{change.measure} after {change.action}"
        yield where, change.sentence, change.grade
        for text in (*change.caveats, *([change.could_see] if change.could_see else [])):
            yield where, text, None


def left_out(document: Document) -> Iterator[Problem]:
    """R10: every result of an action stands on the card of each finding that it answers, however it came out."""
    results = {action.id: action.change for action in document.actions}
    for finding in document.findings:
        shown = {(change.action, change.measure) for change in finding.change}
        for action in finding.actions:
            for change in results.get(action, ()):
                if change.grade is not None and (action, change.measure) not in shown:
                    yield Problem(
                        f"What changed in '{change.measure}' after {action} is left out.",
                        finding.id,
                        "show every result of an action: no change, cannot tell and got worse are results, too",
                    )


def _own_names(draft: Draft, params: Params, language: str) -> list[str]:
    """What the client called questions, groups and actions, longest first."""
    names = {in_language(question.label, language) for question in params.questions.values()}
    for key, segment in params.segments.items():
        names |= {key, *segment.values, *(in_language(label, language) for label in segment.values.values())}
        names |= {in_language(segment.label, language)} if segment.label else set()
    names |= {level for counts in draft.groups.values() for level in counts.levels}
    for action in draft.document.actions:
        texts = (action.what, action.stopped_because, action.also)
        names |= {in_language(text, language) for text in texts if text is not None}
    names |= {in_language(promise.promise, language) for promise in draft.document.promises}
    every = [*params.breaks, *(item for question in params.questions.values() for item in question.breaks)]
    names |= {in_language(item.text, language) for item in every if item.text is not None}
    return sorted(names, key=len, reverse=True)


def claims(document: Document, draft: Draft, params: Params) -> Iterator[Problem]:
    """R6 over every generated sentence; names that the client gave stand in quotation marks and are not claims."""
    for language in LANGUAGES:
        quotes = [f"“{name}”" for name in _own_names(draft, params, language)]
        for where, said, grade in _generated(document):
            text = getattr(said, language)
            for quote in quotes:
                text = text.replace(quote, "“”")
            for problem in check_words(text, language, grade):
                yield Problem(problem.what, f"{where} ({problem.where})", problem.how)
