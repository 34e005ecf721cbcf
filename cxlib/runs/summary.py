"""What a run found, in ten lines of plain words for a terminal."""

from __future__ import annotations

from cxlib.findings.schema import Document, Finding
from cxlib.words import whole, word

LINES = 10


def plain_words(document: Document, language: str = "en") -> list[str]:
    """What was found, in at most ten lines.

    Parameters
    ----------
    document : Document
        findings.json after the privacy door.
    language : {'en', 'vi'}

    Returns
    -------
    list of str
        Rows read and kept; how many factors matter and were acted on; the first of them, each with its action or
        "no action yet"; what is not known. No score and no unit.
    """
    made_up = f" {word('synthetic', language)}." if document.made_up else ""
    head = [_rows(document, language) + made_up, _loop(document, language)]
    counts = {
        "run_orphans": len(document.orphan_actions),
        "run_hidden": len(document.suppressed),
        "run_unknowns": len(document.unknowns),
    }
    rest = " ".join(word(key, language, count=whole(count, language)) for key, count in counts.items() if count)
    tail = [*([rest] if rest else []), word("correlation_note", language) + "."]
    factors = _factors(document, language)
    room = LINES - len(head) - len(tail)
    if len(factors) > room:
        left = len(factors) - room + 1
        factors = [*factors[: room - 1], word("run_more", language, count=whole(left, language))]
    return [*head, *factors, *tail]


def _rows(document: Document, language: str) -> str:
    counts = {
        "read": whole(document.rows.read, language),
        "kept": whole(document.rows.kept, language),
        "aside": whole(document.rows.set_aside, language),
        "title": getattr(document.title, language),
    }
    if len(document.waves) > 1:
        return word("run_read_waves", language, waves=whole(len(document.waves), language), **counts)
    return word("run_read", language, **counts)


def _loop(document: Document, language: str) -> str:
    if not document.findings:
        return word("run_nothing", language)
    return word(
        "run_loop",
        language,
        asked=whole(len(document.factors), language),
        matter=whole(document.loop.matter, language),
        acted=whole(document.loop.with_action, language),
        measured=whole(document.loop.with_change_measured, language),
    )


def _factors(document: Document, language: str) -> list[str]:
    """A line a factor, in the order of the findings, with both its outcomes."""
    by_factor: dict[str, list[Finding]] = {}
    for finding in document.findings:
        by_factor.setdefault(finding.factor.key, []).append(finding)
    order = [outcome.key for outcome in document.outcomes]
    lines = []
    for number, findings in enumerate(by_factor.values(), start=1):
        keys = sorted((finding.outcome for finding in findings), key=order.index)
        outcomes = [_outcome(document, key, language) for key in keys]
        lines.append(
            word(
                "run_factor",
                language,
                number=whole(number, language),
                factor=getattr(findings[0].factor.label, language),
                outcomes=f" {word('run_and', language)} ".join(outcomes),
                did=_did(document, findings[0], language),
            )
        )
    return lines


def _outcome(document: Document, key: str, language: str) -> str:
    asked = next((outcome for outcome in document.outcomes if outcome.key == key), None)
    if asked is not None and asked.proxy_for is not None:
        return f"“{getattr(asked.label, language)}”"
    return word(key, language).lower()


def _did(document: Document, finding: Finding, language: str) -> str:
    known = {action.id: action for action in document.actions}
    actions = [known[name] for name in finding.actions if name in known and known[name].status != "none"]
    if not actions:
        reason = finding.no_action.reason if finding.no_action else None
        if reason is None:
            return word("run_no_action", language)
        return word("run_no_action_why", language, reason=getattr(reason, language).rstrip("."))
    told = {
        "what": getattr(actions[0].what, language).rstrip("."),
        "status": word(f"run_st_{actions[0].status}", language),
    }
    if len(actions) == 1:
        return word("run_did", language, **told)
    return word("run_did_more", language, more=whole(len(actions) - 1, language), **told)
