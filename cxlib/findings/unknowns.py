"""What we do not know yet, generated from the gaps of the survey, the tests and the action log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

import pandas as pd

from cxlib.findings.acting import Documented
from cxlib.findings.changes import Changes
from cxlib.findings.further import FurtherTables
from cxlib.findings.groups import segment_label, slices
from cxlib.findings.numbers import DriversTable, Pair, count, grade_of, number, records, text
from cxlib.findings.schema import Both
from cxlib.findings.soundness import test_extras
from cxlib.findings.whom import enough
from cxlib.params.model import Label, Params
from cxlib.privacy.draft import GroupCounts, GroupText, Table
from cxlib.privacy.say import Value, quoted, say
from cxlib.words import decimal


@dataclass(frozen=True)
class Gaps:
    """What the unknowns are read from.

    Attributes
    ----------
    params : Params
    drivers : DriversTable
    trends : DataFrame
        Columns measure, wave, n.
    waves : tuple of str
    asked : mapping of str to set of str
        Question -> waves in which it was asked.
    documented : Documented
    matter : set of str
        Factors that matter.
    changes : Changes
        What changed after each action.
    further : FurtherTables
    """

    params: Params
    drivers: DriversTable
    trends: pd.DataFrame
    waves: tuple[str, ...]
    asked: Mapping[str, set[str]]
    documented: Documented
    matter: set[str]
    changes: Changes
    further: FurtherTables = field(default_factory=FurtherTables)

    def why_silent(self, pair: Pair) -> str:
        """Why nothing is found for a pair: few, not_asked, constant, collinear, small, ruled_out, not_found.

        '' when it matters.
        """
        reason = text(pair.row["reason"])
        if reason in ("not_asked", "all_missing"):
            return "not_asked"
        analysis, privacy = self.params.analysis, self.params.privacy
        grade = grade_of(pair.row, q=analysis.q, min_pairs=privacy.min_factor_pairs)
        if grade == "E0" or reason == "too_few":
            return "few"
        if grade == "E1":
            return "" if pair.row["matters"] else "small"
        if reason in ("constant", "collinear"):
            return reason
        return "ruled_out" if test_extras(self.further, pair).get("ruled_out") else "not_found"


@dataclass(frozen=True)
class Unknowns:
    """The sentences; those of single groups with the people behind these groups."""

    texts: tuple[Both, ...]
    of_groups: tuple[GroupText, ...]
    groups: dict[Table, GroupCounts]


def find_unknowns(gaps: Gaps) -> Unknowns:
    """Every gap as a sentence in both languages, from the nearest to a decision to the most general."""
    closer = list(_worth_a_look(gaps))
    texts = (
        *_of_actions(gaps),
        *(item.text for item, _ in closer),
        *_of_tests(gaps),
        *_of_questions(gaps),
        say("unknown_association"),
    )
    groups = {item.table: counts for item, counts in closer}
    return Unknowns(texts, tuple(item for item, _ in closer), groups)


def _factor_labels(gaps: Gaps, factors: Iterable[str]) -> list[Label]:
    return [gaps.params.factors[factor].label for factor in factors]


def _of_actions(gaps: Gaps) -> Iterator[Both]:
    documented = gaps.documented
    unwritten = [
        factor
        for factor in gaps.params.factors
        if factor in gaps.matter and (none := documented.no_action(factor)) is not None and none.reason is None
    ]
    if not documented.actions:
        yield say("unknown_no_log")
    elif unwritten:
        yield say("unknown_unwritten", factors=quoted(_factor_labels(gaps, unwritten)))
    begun = [item for item in documented.actions if item.status in ("doing", "done", "stopped")]
    open_ = [item for item in begun if not gaps.changes.evidence(item.id)]
    if open_:
        yield say("unknown_not_measured", actions=quoted(item.what for item in open_))
    worst = [item for item in open_ if item.scope_chosen_by.startswith("worst")]
    if worst:
        yield say("unknown_worst_scope", actions=quoted(item.what for item in worst))
    if begun and not any(item.scope_chosen_by == "random" for item in begun):
        yield say("unknown_no_random")
    nowhere = [item for item in documented.actions if item.id in documented.nowhere]
    if nowhere:
        yield say("unknown_scope", actions=quoted(item.what for item in nowhere))


def _worth_a_look(gaps: Gaps) -> Iterator[tuple[GroupText, GroupCounts]]:
    """Factors that do not matter over all customers, and differ between groups."""
    params = gaps.params
    for pair in gaps.drivers.whole.values():
        if gaps.why_silent(pair) not in ("not_found", "small", "ruled_out"):
            continue
        for segment in params.segments:
            row = gaps.drivers.difference(pair, segment)
            q = None if row is None else number(row["differs_q"])
            if q is None or q >= params.analysis.q:
                continue
            items = slices(gaps.drivers, pair, segment, params)
            known = enough(items, params)
            seen = [item for item in known if item.stands]
            names: dict[str, Value] = {
                "factor": params.factors[pair.factor].label,
                "outcome": params.outcomes[pair.outcome].label,
                "segment": segment_label(params, segment),
            }
            hidden = say("unknown_differs_hidden", **names)
            spoken = say("unknown_differs", groups=quoted(item.label for item in seen), **names) if seen else hidden
            table = (pair.factor, pair.outcome, segment)
            counts = GroupCounts(pair.n, {item.level: item.n or 0 for item in items})
            yield GroupText("", spoken, table, tuple(item.level for item in known), hidden), counts


def _of_tests(gaps: Gaps) -> Iterator[Both]:
    for outcome in gaps.drivers.outcomes:
        label = gaps.params.outcomes[outcome].label
        silent: dict[str, list[Pair]] = {}
        for pair in gaps.drivers.whole.values():
            if pair.outcome == outcome and (why := gaps.why_silent(pair)):
                silent.setdefault(why, []).append(pair)
        for why in ("not_found", "small", "ruled_out", "few", "constant", "collinear", "not_asked"):
            if why not in silent:
                continue
            factors = quoted(_factor_labels(gaps, (pair.factor for pair in silent[why])))
            found = [value for pair in silent[why] if (value := pair.get("detectable")) is not None]
            weakest = max(found, default=None)
            yield say(
                f"unknown_{why}",
                outcome=label,
                factors=factors,
                detectable=partial(decimal, weakest),
                size=partial(decimal, gaps.params.analysis.worthwhile),
            )


def _of_questions(gaps: Gaps) -> Iterator[Both]:
    params, waves = gaps.params, gaps.waves
    for what in ("referral", "loyalty"):
        direct = what in params.outcomes
        stand_ins = [outcome for outcome in params.outcomes.values() if outcome.proxy_for == what]
        if not direct and stand_ins:
            name = say(f"stands_for_{what}")
            yield say("unknown_proxy", what=name, outcomes=quoted(outcome.label for outcome in stand_ins))
        elif not direct:
            yield say(f"unknown_no_{what}")
    if len(waves) < 2:
        yield say("unknown_single_wave")
    else:
        yield from _over_waves(gaps)
    if not params.comments:
        yield say("unknown_no_comments")


def _over_waves(gaps: Gaps) -> Iterator[Both]:
    params = gaps.params
    once = [key for key in params.outcomes if len(gaps.asked.get(key, set())) == 1]
    for key in once:
        yield say("unknown_one_wave", outcome=params.outcomes[key].label, wave=next(iter(gaps.asked[key])))
    named = []
    for key, question in params.questions.items():
        missing = [wave for wave in gaps.waves if wave not in gaps.asked.get(key, set())]
        if missing and gaps.asked.get(key) and key not in once:
            named.append(say("unknown_not_asked_in", label=question.label, waves=", ".join(missing)))
    if named:
        joined = Both(vi="; ".join(item.vi for item in named), en="; ".join(item.en for item in named))
        yield say("unknown_not_asked_waves", questions=joined)
    enough = _waves_with_enough(gaps)
    # Asked in two waves or more, and fewer than two of them have enough answers for a mean that can be followed.
    thin = [
        question.label
        for key, question in params.questions.items()
        if len(gaps.asked.get(key, set())) > 1 and enough.get(key, 0) < 2
    ]
    if thin:
        yield say("unknown_thin_waves", measures=quoted(thin))


def _waves_with_enough(gaps: Gaps) -> dict[str, int]:
    """Of each question, in how many waves it has enough answers."""
    found: dict[str, int] = {}
    for row in records(gaps.trends):
        key = text(row["measure"])
        found[key] = found.get(key, 0) + (count(row["n"]) >= gaps.params.privacy.min_factor_pairs)
    return found
