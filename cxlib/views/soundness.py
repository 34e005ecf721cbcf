"""What the method page tells of the tests themselves, for a reader who wants to know how far to trust them."""

from __future__ import annotations

from dataclasses import dataclass

from cxlib.findings.schema import Document, Family, Mood, Reliability
from cxlib.views.say import Said, count, counted, joined, number, said, say, share, shares
from cxlib.words import interval

WELL, PARTLY = (
    0.7,
    0.5,
)  # of alpha or omega; below the first a sum of the ratings is not used, below the second they part
VERY_WELL = 0.9
HARDLY_MORE = 1.05  # a design effect up to this changes no second digit of a likely range


@dataclass(frozen=True)
class Soundness:
    """Paragraphs and lists, each empty where a run does not tell."""

    mood: tuple[Said, ...]
    reliability: tuple[Said, ...]
    found: tuple[Said, ...]
    design: tuple[Said, ...]
    families: tuple[Said, ...]
    steps: tuple[tuple[Said, tuple[tuple[Said, Said], ...]], ...]

    @property
    def told(self) -> bool:
        return any((self.mood, self.reliability, self.found, self.design, self.families, self.steps))


def tell_soundness(document: Document) -> Soundness:
    """The method page's account of mood, reliability, what could be found, design and corrections."""
    method = document.method
    return Soundness(
        mood=tuple(_moods(document)),
        reliability=tuple(_reliable(document, item) for item in method.reliability if item.n is not None),
        found=tuple(_found(document)),
        design=tuple(_design(document)),
        families=tuple(_family(item) for item in method.families),
        steps=tuple(_steps(document)),
    )


def _names(document: Document) -> dict[str, Said]:
    steps = {item.key: said(item.label) for item in document.steps}
    return steps | {item.key: said(item.label) for item in (*document.outcomes, *document.factors)}


def _quoted(names: list[Said]) -> Said:
    return joined([Said(f"“{name.vi}”", f"“{name.en}”") for name in names])


def _moods(document: Document) -> list[Said]:
    moods, names = document.method.mood, _names(document)
    shares_ = [mood.share for mood in moods if mood.share is not None]
    if not shares_:
        return []
    told = [say("page_mood", share=share(max(shares_)))]
    told += [_mood(mood, names) for mood in moods]
    return told


def _mood(mood: Mood, names: dict[str, Said]) -> Said:
    outcome = names.get(mood.outcome, said(mood.outcome))
    changed = [names.get(key, said(key)) for key in mood.changes]
    if not changed:
        return say("page_mood_same", outcome=outcome)
    return say("page_mood_changes", outcome=outcome, factors=_quoted(changed))


def _reliable(document: Document, item: Reliability) -> Said:
    names = _names(document)
    known = item.omega is not None
    value = item.omega if known else item.alpha
    low, high = (item.omega_low, item.omega_high) if known else (item.alpha_low, item.alpha_high)
    degree = "very" if (value or 0) >= VERY_WELL else "well" if (value or 0) >= WELL else "partly"
    degree = degree if (value or 0) >= PARTLY else "hardly"
    line = say(
        "page_agree",
        step=names.get(item.step, said(item.step)),
        degree=say(f"page_agree_{degree}"),
        items=count(item.items),
        value=number(value),
        range=Said(*(interval(low, high, language) for language in ("vi", "en"))),
    )
    if not item.odd or len(item.odd) == item.items:  # none, or nothing to belong to
        return line
    return joined([line, say("page_agree_odd", factors=_quoted([names.get(key, said(key)) for key in item.odd]))], " ")


def _found(document: Document) -> list[Said]:
    tests = [test for test in document.method.tests if test.power is not None]
    size = document.method.settings.get("analysis.worthwhile")
    if not tests or not isinstance(size, float):
        return []
    names = _names(document)
    weakest = min(test.power or 0.0 for test in tests)
    told = [say("page_power", size=number(size), power=count(100 * weakest))]
    silent = [test for test in tests if test.grade is None and test.ruled_out is not None]
    for outcome in document.outcomes:
        for ruled_out, key in ((True, "page_ruled_out"), (False, "page_not_ruled_out")):
            factors = [
                names.get(test.factor, said(test.factor))
                for test in silent
                if test.outcome == outcome.key and test.ruled_out is ruled_out
            ]
            if factors:
                told.append(say(key, outcome=outcome.label, factors=_quoted(factors), size=number(size)))
    return told


def _design(document: Document) -> list[Said]:
    tests = [test for test in document.method.tests if test.design_effect is not None and test.n]
    if not tests:
        return []
    most = max(tests, key=lambda test: test.design_effect or 0.0)
    effect = most.design_effect or 1.0
    if effect <= HARDLY_MORE:
        return [say("page_design_none")]
    codes = most.association.method
    kind = "both" if "weighted" in codes and "clustered" in codes else "weighted" if "weighted" in codes else "places"
    told = [say(f"page_design_{kind}", n=count(most.n), effective=count((most.n or 0) / effect), times=number(effect))]
    apart = [test for test in document.method.tests if test.weighted is not None]
    if apart:
        told.append(counted("page_design_apart", len(apart)))
    return told


def _family(item: Family) -> Said:
    return say("page_family", name=say(f"page_family_{item.name}"), tests=count(item.tests), clear=count(item.clear))


def _steps(document: Document) -> list[tuple[Said, tuple[tuple[Said, Said], ...]]]:
    names = _names(document)
    told = []
    for outcome in document.outcomes:
        rows = tuple(
            (names.get(item.step, said(item.step)), shares(item.share, item.low, item.high))
            for item in document.method.steps
            if item.outcome == outcome.key
        )
        if rows:
            told.append((said(outcome.label), rows))
    return told
