"""What changed after an action, as a card and the history tell it: short lines first, the numbers one click deeper."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from cxlib.findings.schema import Action, Change, Grade, Measured, Side
from cxlib.views.material import Material, Picture
from cxlib.views.numbers import small
from cxlib.views.say import Said, count, joined, number, ranged, said, say

GRADE_WORDS: dict[str, str] = {
    "E0": "e0",
    "E1": "e1",
    "E2": "e2",
    "E3": "e3",
    "E4": "e4",
    "EN": "en",
    "EX": "ex",
    "E-": "eneg",
}
ROLES = ("factor", "loyalty", "referral")
BY_PLACES = ("permutation", "randomisation", "wild")  # the number of places sets the smallest p there is
SHOWN = 3  # caveats before the reader asks for more


@dataclass(frozen=True)
class Result:
    """One line: which of the three it is (None: all alike), what may be said, and how sure that is."""

    role: Said | None
    sentence: Said
    sure: Said | None


@dataclass(frozen=True)
class Evidence:
    """What changed after one action.

    `could_see` is read before the results. `picture` belongs to the first result that has one; `further` are the other
    questions that the action answers; `pictures` are of the other results, one click deeper, and told once in the
    history rather than on every card; `meanings` say what the grades mean; `numbers` is one list a question.
    """

    what: Said
    could_see: Said | None
    picture: Picture | None
    picture_rows: tuple[tuple[Said, ...], ...]
    picture_columns: tuple[Said, ...]
    results: tuple[Result, ...]
    further: tuple[Result, ...]
    caveats: tuple[Said, ...]
    more_caveats: tuple[Said, ...]
    pictures: tuple[Picture, ...]
    meanings: tuple[tuple[Said, Said], ...]
    numbers: tuple[tuple[Said, tuple[tuple[Said, Said], ...]], ...]


def explained(grade: Grade) -> Said:
    """What a grade means, for a reader who knows no statistics."""
    return say(f"page_explain_{GRADE_WORDS[grade]}")


def tell_evidence(material: Material, action: Action, changes: Iterable[Change], factor: str | None = None) -> Evidence:
    """The evidence of one action.

    Parameters
    ----------
    material : Material
    action : Action
    changes : iterable of Change
        Those of the action; empty when nothing was measured.
    factor : str, optional
        The card's own factor: other factors of the same action come after it. None tells all alike.
    """
    told = sorted(changes, key=lambda change: ROLES.index(change.role))  # within a role as the findings have them
    first = [change for change in told if factor is None or change.role != "factor" or change.measure == factor]
    further = [change for change in told if change not in first]
    roles = [change.role for change in first]
    many = {role for role in roles if roles.count(role) > 1}  # two of one role are told apart by their questions
    pictures = _pictures(material, first)
    picture = pictures[0] if pictures else None
    caveats = _caveats(told, named=many | ({"factor"} if further else set()))
    grades = dict.fromkeys(change.grade for change in told if change.grade is not None)
    return Evidence(
        what=said(action.what),
        could_see=_could_see(first, named=many),
        picture=picture,
        picture_rows=_picture_rows(picture) if picture else (),
        picture_columns=tuple(say(key) for key in ("page_col_time", "page_col_answers", "page_col_value_range")),
        results=_results(first, named=many),
        further=tuple(_result(change, named=True) for change in further),
        caveats=caveats[:SHOWN] if len(caveats) > SHOWN + 1 else caveats,
        more_caveats=caveats[SHOWN:] if len(caveats) > SHOWN + 1 else (),
        pictures=tuple(pictures[1:]) if factor is None else (),
        meanings=tuple((say(GRADE_WORDS[grade]), explained(grade)) for grade in grades),
        numbers=tuple((said(change.label), lines) for change in told if (lines := tuple(_numbers(change)))),
    )


def _once(texts: Iterable) -> tuple[Said, ...]:
    return tuple(dict.fromkeys(said(text) for text in texts if text is not None))


def _caveats(changes: list[Change], *, named: AbstractSet[str]) -> tuple[Said, ...]:
    """Each once; one that does not hold for all that was graded says for which results it does."""
    graded = [change for change in changes if change.grade is not None] or changes
    told = []
    for caveat in _once(caveat for change in changes for caveat in change.caveats):
        of = [change for change in changes if caveat in map(said, change.caveats)]
        if all(change in of for change in graded):
            told.append(caveat)
        else:
            roles = joined(_once(_role(change, named=change.role in named) for change in of))
            told.append(say("page_mind_of", roles=roles, text=caveat))
    return tuple(told)


def _could_see(changes: list[Change], *, named: AbstractSet[str]) -> Said | None:
    """The smallest change that these answers could show, of all results in one sentence."""
    known = [change for change in changes if change.could_see is not None]
    if len(known) < 2 or any(change.detectable is None for change in known):
        return joined(_once(change.could_see for change in known), " ") if known else None
    parts = [
        say("page_could_see_one", role=_role(change, named=change.role in named), points=number(change.detectable))
        for change in known
    ]
    return say("page_could_see", parts=joined(parts, "; "))


def _role(change: Change, *, named: bool) -> Said:
    role = say(f"page_role_{change.role}")
    if not named:
        return role
    return said(change.label) if change.role == "factor" else say("page_role_named", role=role, label=change.label)


def _results(changes: list[Change], *, named: AbstractSet[str]) -> tuple[Result, ...]:
    """One line each; one for all of them where there is nothing to measure for the same reason."""
    same = len({(change.sentence.vi, change.sentence.en) for change in changes}) == 1
    if same and all(change.grade is None and not change.method for change in changes):
        return (Result(None, said(changes[0].sentence), None),)
    return tuple(_result(change, named=change.role in named) for change in changes)


def _result(change: Change, *, named: bool) -> Result:
    sure = say(GRADE_WORDS[change.grade]) if change.grade else None
    return Result(_role(change, named=named), said(change.sentence), sure)


def _pictures(material: Material, changes: list[Change]) -> list[Picture]:
    names = dict.fromkeys(change.figure for change in changes if change.figure)
    return [material.pictures[name] for name in names if name in material.pictures]


def _picture_rows(picture: Picture) -> tuple[tuple[Said, ...], ...]:
    rows = []
    groups = {row["group"] for row in picture.rows}
    for row in picture.rows:
        estimate, low, high = (float(row[key]) if row[key] else None for key in ("estimate", "low", "high"))
        time = _time(row)
        name = joined([say(f"change_{row['group']}"), time], ", ") if len(groups) > 1 else time
        rows.append((name, count(float(row["n"])) if row["n"] else number(None), ranged(estimate, low, high)))
    return tuple(rows)


def _time(row: dict[str, str]) -> Said:
    if row["group"] == "event":
        number_of = int(row["at"])
        if number_of == 0:
            return say("change_wave_of_start")
        return say("change_waves_before" if number_of < 0 else "change_waves_after", count=count(abs(number_of)))
    return say(f"change_{row['at']}") if row["at"] in ("before", "after") else said(row["at"])


def _numbers(change: Change) -> list[tuple[Said, Said]]:
    """Names and values of what is known; what is hidden or does not apply is left out."""
    if not change.method:
        return []
    lines: list[tuple[Said, Said | None]] = [
        (say("page_ev_method"), _code("method", change.method)),
        (say("page_ev_inference"), _code("inference", change.inference)),
        (say("page_ev_compared"), say("page_yes" if change.compared else "page_no")),
        (say("page_ev_drawn"), say("page_yes") if change.drawn else None),
        (say("page_ev_waves_before"), joined(change.waves_before) if change.waves_before else None),
        (say("page_ev_waves_after"), joined(change.waves_after) if change.waves_after else None),
        (say("page_ev_before"), _side(change.before)),
        (say("page_ev_after"), _side(change.after)),
        (say("page_ev_others_before"), _side(change.others_before)),
        (say("page_ev_others_after"), _side(change.others_after)),
        (
            say("page_ev_estimate_compared" if change.compared else "page_ev_estimate"),
            _known(change.estimate, change.low, change.high),
        ),
        (say("page_ev_same_mix"), _one(change.same_mix)),
        (say("page_ev_drift"), _measured(change.drift)),
        (say("page_ev_pretrend" if change.compared else "page_ev_pretrend_alone"), _measured(change.pretrend)),
        (say("page_ev_worthwhile"), _one(change.worthwhile)),
        (say("page_ev_detectable"), _one(change.detectable)),
        (say("page_ev_needed"), None if change.needed is None else count(change.needed)),
        (say("page_ev_needed_units"), None if change.needed_units is None else count(change.needed_units)),
        (say("page_ev_paired"), None if change.paired_n is None else count(change.paired_n)),
        (say("page_ev_p"), None if change.p is None else small(change.p)),
        (
            say("page_ev_smallest_p"),
            small(change.smallest_p) if change.smallest_p is not None and change.inference in BY_PLACES else None,
        ),
        (say("page_ev_equivalence_p"), None if change.equivalence_p is None else small(change.equivalence_p)),
        (say("page_ev_looks"), count(change.looks) if change.looks else None),
    ]
    return [(name, value) for name, value in lines if value is not None]


def _code(kind: str, code: str) -> Said | None:
    """A code in words; one of a later version is shown as it is."""
    if not code:
        return None
    try:
        return say(f"change_{kind}_{code}")
    except KeyError:
        return said(code)


def _side(side: Side | None) -> Said | None:
    if side is None or side.mean is None:
        return None
    told = [ranged(side.mean, side.low, side.high)]
    if side.n is not None:
        told.append(say("page_answers", count=count(side.n)))
    if side.units is not None:
        told.append(say("page_scope_units_only", units=count(side.units)))
    return joined(told, "; ")


def _known(estimate: float | None, low: float | None, high: float | None) -> Said | None:
    return None if estimate is None else ranged(estimate, low, high)


def _measured(value: Measured | None) -> Said | None:
    return None if value is None else _known(value.estimate, value.low, value.high)


def _one(value: float | None) -> Said | None:
    return None if value is None else number(value)
