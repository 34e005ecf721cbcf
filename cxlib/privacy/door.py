"""The privacy door: what a document may say leaves through here, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from cxlib.errors import RefusedError
from cxlib.findings.schema import (
    Action,
    Association,
    Both,
    Change,
    Difference,
    Document,
    Finding,
    Holds,
    Importance,
    Index,
    Mood,
    Performance,
    Quote,
    Reliability,
    Shape,
    Slice,
    Suppressed,
    Test,
    Trend,
)
from cxlib.params import model
from cxlib.params.model import Params
from cxlib.privacy.changes import Around, guard_change, guard_steps, guard_trend
from cxlib.privacy.draft import Draft
from cxlib.privacy.groups import hidden_levels
from cxlib.privacy.ledger import guard_cells, guard_rows
from cxlib.privacy.limits import Limits, set_limits
from cxlib.privacy.log_texts import LogTexts, Redact
from cxlib.privacy.passed import Passed
from cxlib.privacy.places import telling_actions
from cxlib.privacy.read_again import claims, left_out, titles
from cxlib.privacy.say import quoted, say
from cxlib.privacy.suppression import is_small

Shown = TypeVar("Shown", Action, Finding)


def pass_door(
    draft: Draft,
    params: Params,
    *,
    min_group: int = model.MIN_GROUP,
    min_group_sensitive: int = model.MIN_GROUP_SENSITIVE,
    min_comments: int = model.MIN_COMMENTS,
    min_factor_pairs: int = model.MIN_FACTOR_PAIRS,
) -> Passed:
    """Hide what is of too few people, and refuse what may not be said.

    Parameters
    ----------
    draft : Draft
        The document as the findings room built it, with the counts behind it.
    params : Params
        Holds the limits that were set before the data was opened; a higher one given here counts.
    min_group, min_group_sensitive, min_comments, min_factor_pairs : int
        Numbers of people, see `Limits`.

    Returns
    -------
    Passed
        What was hidden is listed in `document.suppressed`, without the number that was hidden.

    Raises
    ------
    RefusedError
        A limit below its floor; a score or a cause in the title (R3, R6); a causal word in a sentence whose evidence
        does not allow it (R6); evidence of a change that an action has and its finding leaves out (R10). All of them
        at once.
    """
    limits = set_limits(
        params,
        min_group=min_group,
        min_group_sensitive=min_group_sensitive,
        min_comments=min_comments,
        min_factor_pairs=min_factor_pairs,
    )
    document = _Door(draft, params, limits).guarded()
    problems = [*titles(document), *left_out(document), *claims(document, draft, params)]
    if problems:
        raise RefusedError(problems)
    return Passed(document, limits)


class _Door:
    """One passage: what is hidden is noted while the document is gone through."""

    def __init__(self, draft: Draft, params: Params, limits: Limits) -> None:
        from cxlib.privacy.redact import redact

        self.draft, self.params, self.limits = draft, params, limits
        self.redact: Redact = redact
        self.notes: dict[tuple[str, str, str], list[Both]] = {}  # what, of which, why -> factors
        self.labels = {item.key: item.label for item in (*draft.document.factors, *draft.document.outcomes)}
        self.telling = telling_actions(draft.reach, [item.id for item in draft.document.actions if item.change])
        self.everyone = {
            trend.measure: {point.wave: point.n or 0 for point in trend.points} for trend in draft.document.trends
        }
        self.hidden = hidden_levels(draft.groups, draft.crossed, self._limit)

    def guarded(self) -> Document:
        texts = LogTexts(self.redact)
        document = texts.document(self.draft.document)
        if texts.found:
            self._note("hidden_contact", "", "hidden_why_contact")
        method = document.method
        rows = guard_rows(method.rows, self.limits.min_group)
        cells = tuple(guard_cells(line, self.limits.min_group) for line in method.cells)
        if rows != method.rows:
            self._note("hidden_rows", "", "hidden_why_counts")
        for before, after in zip(method.cells, cells, strict=True):
            if before != after:
                self._note("hidden_cells", "", "hidden_why_counts", before.label)
        actions = tuple(self._changes(action) for action in document.actions)
        findings = tuple(self._finding(self._changes(finding)) for finding in document.findings)
        tests = tuple(self._test(test) for test in method.tests)
        reliability = tuple(self._reliability(item) for item in method.reliability)
        silent = {(test.factor, test.outcome) for test in tests if test.n is None}
        indices = tuple(self._index(index) for index in document.score_note.indices)
        return document.model_copy(
            update={
                "findings": findings,
                "actions": actions,
                "loop": document.loop.model_copy(update={"with_change_measured": _measured(findings)}),
                "decide_next": self._still_open(document.decide_next, actions),
                "trends": self._trends(document.trends),
                "unknowns": self._texts("", document.unknowns),
                "score_note": document.score_note.model_copy(update={"indices": indices}),
                "neighbours": tuple(
                    two
                    for two in document.neighbours
                    if not {(two.first, two.outcome), (two.second, two.outcome)} & silent
                ),
                "method": method.model_copy(
                    update={
                        "rows": rows,
                        "cells": cells,
                        "tests": tests,
                        "reliability": reliability,
                        "mood": tuple(_without(mood, silent) for mood in method.mood),
                    }
                ),
                "suppressed": (*document.suppressed, *self._suppressed()),
            }
        )

    # --- groups ---

    def _limit(self, segment: str) -> int:
        return self.limits.group(segment in self.draft.sensitive)

    def _slice(self, factor: str, item: Slice) -> Slice:
        empty = {"estimate": None, "low": None, "high": None, "stands": None}
        if item.level in self.hidden.get((factor, item.key), frozenset()) or item.n is None:
            what = "hidden_groups" if item.key else "hidden_waves"
            self._note(what, item.key, "hidden_why_groups", self.labels[factor])
            return item.model_copy(update={"n": None, **empty})
        if item.n < self.limits.min_factor_pairs:
            what = "hidden_slices" if item.key else "hidden_slices_waves"
            self._note(what, item.key, "hidden_why_pairs", self.labels[factor])
            return item.model_copy(update=empty)
        return item

    def _pooled(self, item: Difference, slices: tuple[Slice, ...]) -> Difference:
        """What is pooled over groups of which some are hidden is told of none: it could give them away."""
        hidden = any(part.estimate is None for part in slices if part.key == item.key)
        return item.model_copy(update={"pooled": None}) if hidden else item

    def _texts(self, finding: str, texts: tuple[Both, ...]) -> tuple[Both, ...]:
        """Sentences that speak of single groups give way when one of these is hidden."""
        replaced = {}
        for item in self.draft.group_texts:
            factor, _, segment = item.table
            counts = self.draft.groups[item.table].levels
            spoken = item.levels or tuple(counts)
            gone = self.hidden.get((factor, segment), frozenset())
            few = any(is_small(counts.get(level, 0), self.limits.min_factor_pairs) for level in item.levels)
            if item.finding == finding and (gone & set(spoken) or few):
                replaced[item.text.model_dump_json()] = item.instead
        kept = (replaced.get(text.model_dump_json(), text) for text in texts)
        return tuple(text for text in kept if text is not None)

    # --- what changed ---

    def _changes(self, item: Shown) -> Shown:
        return item.model_copy(update={"change": tuple(self._change(change) for change in item.change)})

    def _change(self, change: Change) -> Change:
        around = Around(
            places=self.draft.places.get((change.action, change.measure), {}),
            everyone=self.everyone.get(change.measure, {}),
            telling=change.action in self.telling,
        )
        guarded = guard_change(change, self.limits, around)
        if guarded.hidden == "all":
            self._note("hidden_change", "", "hidden_why_change", change.label)
        elif guarded.hidden:
            self._note("hidden_change_sides", "", "hidden_why_places", change.label)
        return guarded.change

    def _still_open(self, texts: tuple[Both, ...], actions: tuple[Action, ...]) -> tuple[Both, ...]:
        """What hangs on a change that is not shown is not there to decide."""
        silent = {(change.action, change.measure) for item in actions for change in item.change if change.grade == "E0"}
        gone = {text.model_dump_json() for text, about in self.draft.change_texts if about in silent}
        return tuple(text for text in texts if text.model_dump_json() not in gone)

    def _trends(self, trends: tuple[Trend, ...]) -> tuple[Trend, ...]:
        steps: dict[str, tuple[str, ...]] = {}
        for key, factor in self.params.factors.items():
            if factor.step is not None:
                steps[factor.step] = (*steps.get(factor.step, ()), key)
        shown = guard_steps(tuple(guard_trend(trend, self.limits) for trend in trends), steps)
        for before, after in zip(trends, shown, strict=True):
            if before.points != after.points:
                self._note("hidden_trend", "", "hidden_why_groups", before.label)
        return shown

    # --- findings and tests ---

    def _finding(self, finding: Finding) -> Finding:
        factor = finding.factor.key
        if finding.n is None or finding.n < self.limits.min_factor_pairs:
            return self._too_few(finding)
        before = finding.holds
        segments = tuple(self._slice(factor, item) for item in before.segments)
        waves = tuple(self._slice(factor, item) for item in before.waves)
        over_waves = before.over_waves and self._pooled(before.over_waves, waves)
        holds = before.model_copy(
            update={
                "segments": segments,
                "differences": tuple(self._pooled(item, segments) for item in before.differences),
                "waves": waves,
                "over_waves": over_waves,
            }
        )
        return finding.model_copy(
            update={
                "holds": holds,
                "performance": self._performance(finding),
                "caveats": self._texts(finding.id, finding.caveats),
                "whom": self._texts(finding.id, finding.whom),
                "heard": tuple(self._heard(finding)),
            }
        )

    def _too_few(self, finding: Finding) -> Finding:
        return finding.model_copy(
            update={
                "n": None,
                "association": _no_association(finding.association),
                "adjusted": _no_association(finding.adjusted),
                "importance": _no_importance(finding.importance),
                "performance": Performance(mean=None, low_share=None, scale=finding.performance.scale),
                "shape": Shape(kind="unclear", **dict.fromkeys(list(Shape.model_fields)[1:])),
                "holds": Holds(segments=(), differences=(), waves=(), specifications=finding.holds.specifications),
                "grade": "E0",
                "sentence": say("sentence_few"),
                "caveats": (),
                "whom": (),
                "by_other_methods": (),
                "without_mood": None,
                "unasked": None,
                "weighted": None,
                "figure": None,
                "heard": tuple(self._heard(finding)),
            }
        )

    def _performance(self, finding: Finding) -> Performance:
        """A share of few people is a count of few people, whether they rated low or not."""
        counts = self.draft.ratings.get(finding.id)
        if counts is None or any(is_small(count, self.limits.min_group) for count in counts):
            if finding.performance.low_share is not None:
                self._note("hidden_low", "", "hidden_why_groups", finding.factor.label)
            return finding.performance.model_copy(update={"low_share": None})
        return finding.performance

    def _heard(self, finding: Finding) -> Iterator[Quote]:
        by_wave = self.draft.quotes_from.get(finding.id, {})
        if finding.heard and sum(by_wave.values()) < self.limits.min_comments:
            self._note("hidden_quotes", "", "hidden_why_quotes", finding.factor.label)
            return
        for quote in finding.heard:
            _, found = self.redact(quote.text)
            if any(found.values()):
                self._note("hidden_quotes", "", "hidden_why_contact", finding.factor.label)
                continue
            if quote.wave and by_wave.get(quote.wave, 0) < self.limits.min_comments:
                self._note("hidden_quote_waves", "", "hidden_why_quotes")
                quote = quote.model_copy(update={"wave": ""})
            yield quote

    def _test(self, test: Test) -> Test:
        if test.n is not None and test.n >= self.limits.min_factor_pairs:
            return test
        if test.n:
            self._note("hidden_pairs", test.outcome, "hidden_why_pairs", self.labels[test.factor])
        return test.model_copy(
            update={
                "n": None,
                "association": _no_association(test.association),
                "adjusted": _no_association(test.adjusted),
                "importance": _no_importance(test.importance),
                "detectable": None,
                "ruled_out": None,
                "power": None,
                "weighted": None,
                "design_effect": None,
                "grade": "E0",
            }
        )

    def _reliability(self, item: Reliability) -> Reliability:
        if item.n is not None and item.n >= self.limits.min_factor_pairs:
            return item
        if item.n:
            self._note("hidden_reliability", "", "hidden_why_pairs")
        kept = {"step": item.step, "items": item.items, "n": None, "odd": ()}
        return Reliability.model_validate(dict.fromkeys(Reliability.model_fields) | kept)

    def _index(self, index: Index) -> Index:
        if index.n is not None and index.n >= self.limits.min_factor_pairs:
            return index
        if index.n:
            self._note("hidden_index", index.outcome, "hidden_why_pairs")
        return index.model_copy(update={"n": None, "estimate": None, "low": None, "high": None})

    # --- what was hidden ---

    def _note(self, what: str, of: str, why: str, label: Both | None = None) -> None:
        labels = self.notes.setdefault((what, of, why), [])
        if label is not None and label not in labels:
            labels.append(label)

    def _suppressed(self) -> Iterator[Suppressed]:
        for (what, of, why), labels in self.notes.items():
            limit = {
                "hidden_why_pairs": self.limits.min_factor_pairs,
                "hidden_why_quotes": self.limits.min_comments,
                "hidden_why_groups": self._limit(of),
            }.get(why, self.limits.min_group)
            named: dict[str, Any] = {"factors": quoted(labels), "questions": quoted(labels)}
            if of in self.params.segments:
                named["segment"] = self.params.segments[of].label or of
            elif of:
                named["outcome"] = self.labels[of]
            yield Suppressed(what=say(what, **named), why=say(why, limit=limit))


def _measured(findings: tuple[Finding, ...]) -> int:
    """Factors after an action on which this very factor was measured."""
    return len(
        {
            finding.factor.key
            for finding in findings
            for change in finding.change
            if change.measure == finding.factor.key and change.grade not in (None, "E0") and change.estimate is not None
        }
    )


def _no_association(of: Association) -> Association:
    return Association(method=of.method, estimate=None, low=None, high=None, p=None, q=None)


def _no_importance(of: Importance) -> Importance:
    return Importance(method=of.method, share=None, low=None, high=None, top3=None, noise_high=None)


def _without(mood: Mood, silent: set[tuple[str, str]]) -> Mood:
    """The factors whose place changes, but for those of too few answers."""
    told = tuple(factor for factor in mood.changes if (factor, mood.outcome) not in silent)
    return mood.model_copy(update={"changes": told})
