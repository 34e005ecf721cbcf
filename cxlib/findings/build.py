"""Build findings.json's document from the numbers of earlier stages, before the privacy door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cxlib.actions import ActionLog
from cxlib.actions.promises import PromiseRecord
from cxlib.actions.strategy import ChoiceRecord
from cxlib.findings import account, deeper, soundness
from cxlib.findings.acting import Documented, Places, document_actions
from cxlib.findings.asking import Purpose, ask_next, promises_of, retire
from cxlib.findings.changes import Changes, read_changes
from cxlib.findings.deciding import Open, decide_next
from cxlib.findings.further import FurtherTables, value
from cxlib.findings.groups import holds, people, people_crossed
from cxlib.findings.heard import Mentions, choose_quotes, find_mentions
from cxlib.findings.history import Noted, chain_gaps, history
from cxlib.findings.numbers import DriversTable, Pair, grade_of, in_order, text
from cxlib.findings.order import neighbours
from cxlib.findings.pairing import loop, orphans
from cxlib.findings.reach import reach_of
from cxlib.findings.schema import (
    Asked,
    Both,
    Document,
    FactorRef,
    Finding,
    Holds,
    Importance,
    Method,
    Performance,
    Shape,
    Step,
    Test,
)
from cxlib.findings.score import score_note
from cxlib.findings.sentences import Caveats, caveats, finding_sentence
from cxlib.findings.trending import trends_of
from cxlib.findings.unknowns import Gaps, find_unknowns
from cxlib.findings.whom import Whom, for_whom
from cxlib.params.model import Label, Params
from cxlib.privacy.draft import Draft, GroupCounts, GroupText, Table

SHAPES = ("hurts_when_fails", "delights", "every_step", "flat", "unclear")


def build_findings(
    params: Params,
    *,
    drivers: pd.DataFrame,
    ledger: pd.DataFrame,
    trends: pd.DataFrame,
    actions: ActionLog,
    answers: pd.DataFrame,
    fingerprint: str,
    made_on: str,
    tables: Mapping[str, pd.DataFrame | None] | None = None,
    change: pd.DataFrame | None = None,
    periods: pd.DataFrame | None = None,
    events: pd.DataFrame | None = None,
    history_notes: Mapping[str, Any] | None = None,
    promises: Sequence[PromiseRecord] = (),
    strategy: Sequence[ChoiceRecord] = (),
) -> Draft:
    """Turn numbers into findings, each with a computed grade and sentence, paired with its documented actions.

    Parameters
    ----------
    params : Params
    drivers, ledger, trends : DataFrame
        drivers.csv, ledger.csv and trends.csv as read back.
    actions : ActionLog
    answers : DataFrame
        Cleaned answers; used for comments, for counts of units, and for the index of the method page.
    fingerprint : str
        Of inputs, parameters and code.
    made_on : str
        The latest day that the inputs know, YYYY-MM-DD.
    tables : mapping of str to DataFrame or None, optional
        Further tables of the factor test by name (`findings.further.TABLES`), as read back. Where one is missing,
        nothing is told of it.
    change, periods, events : DataFrame, optional
        change.csv, periods.csv and event_study.csv as read back. None: no run has looked at what changed.
    history_notes : mapping, optional
        history.json of the run: changes of the action log's past.
    promises, strategy : sequence of PromiseRecord, of ChoiceRecord
        What was promised, and what the questions are for; empty where the parameters name no such list.

    Returns
    -------
    Draft
        The document with the counts that the privacy door needs. Nothing may be shown before it has passed the door.

    Notes
    -----
    A factor is a finding for an outcome when it matters: graded E1 from its numbers, and its importance interval above
    that of an added random factor. Order: importance share x room to improve, (scale maximum - mean) / scale range.
    """
    table, further = DriversTable(drivers), FurtherTables(tables)
    answers = answers.reset_index(drop=True)
    documented = document_actions(actions, params, answers)
    changes = read_changes(documented.actions, params, change, periods, events)
    graded = {
        key: grade_of(pair.row, q=params.analysis.q, min_pairs=params.privacy.min_factor_pairs)
        for key, pair in table.whole.items()
    }
    found = in_order(
        (pair for key, pair in table.whole.items() if graded[key] == "E1" and bool(pair.row["matters"])), params
    )
    mentions = find_mentions(answers, params)
    groups: dict[Table, GroupCounts] = {}
    group_texts: list[GroupText] = []
    findings = []
    done = _Done(documented, changes)
    for pair in found:
        finding, caution, whom = _finding(pair, table, further, params, answers, done, mentions[pair.factor])
        findings.append(finding)
        groups |= people(table, pair, params)
        group_texts += (*caution.of_groups, *whom.of_groups)

    matter = {pair.factor for pair in found}
    waves = account.waves_of(ledger, params)
    asked = {key: found & set(waves) for key, found in account.asked_in(ledger).items()}
    gaps = Gaps(params, table, trends, waves, asked, documented, matter, changes, further)
    in_order_of_page = tuple(dict.fromkeys(pair.factor for pair in found))
    decisions = decide_next(
        Open(params, documented, changes, in_order_of_page, made_on, account.last_answer(answers, waves, params))
    )
    purpose = Purpose(params, documented, matter, promises, strategy, asked)
    notes = [Noted(**note) for note in (history_notes or {}).get("notes", ())]
    unknown = find_unknowns(gaps)
    tests = tuple(_test(pair, further, params) for pair in table.whole.values())
    document = Document(
        client=params.client,
        title=_both(params.title),
        made_up=params.made_up,
        run=fingerprint,
        question=params.question,
        made_on=made_on,
        language_default=params.language,
        waves=waves,
        rows=account.rows_in_out(ledger),
        steps=_steps(params),
        outcomes=tuple(
            Asked(key=key, label=_both(outcome.label), proxy_for=outcome.proxy_for)
            for key, outcome in params.outcomes.items()
        ),
        factors=tuple(
            Asked(key=key, label=_both(factor.label), step=factor.step) for key, factor in params.factors.items()
        ),
        findings=tuple(findings),
        actions=tuple(
            action.model_copy(update={"change": changes.of.get(action.id, ())}) for action in documented.actions
        ),
        orphan_actions=orphans(documented, matter, _states(gaps), params),
        unknowns=(*chain_gaps(notes), *unknown.texts),
        loop=loop(documented, matter, changes),
        score_note=score_note(answers, params),
        suppressed=(),
        method=Method(
            rows=account.row_lines(ledger),
            cells=account.cell_lines(ledger, params),
            settings=account.settings(params),
            tests=tests,
            limits=account.limits(params, tests, answers),
            mood=soundness.moods(further, params.outcomes),
            reliability=soundness.reliabilities(further, params),
            steps=soundness.step_weights(further),
            families=soundness.families(table, further, params.analysis.q),
        ),
        neighbours=neighbours(found, further),
        decide_next=tuple(item.text for item in decisions),
        ask_next=ask_next(purpose),
        retire=retire(purpose),
        history=history(actions, notes, params, Places(params, answers)),
        history_changed=bool(notes),
        promises=promises_of(promises),
        trends=trends_of(trends, params, waves),
    )
    return Draft(
        document=document,
        groups={**unknown.groups, **groups},
        crossed=people_crossed(answers, found, params),
        sensitive=frozenset(key for key, segment in params.segments.items() if segment.sensitive),
        quotes_from={pair.id: mentions[pair.factor].by_wave for pair in found},
        ratings={pair.id: _low_and_other(pair.factor, answers, params) for pair in found},
        group_texts=(*group_texts, *unknown.of_groups),
        change_texts=tuple((item.text, item.about) for item in decisions if item.about is not None),
        places=changes.places,
        reach=reach_of(actions, params, answers) if changes.of else (),
    )


@dataclass(frozen=True)
class _Done:
    """What was done, and what changed."""

    documented: Documented
    changes: Changes


def _both(label: Label) -> Both:
    return Both(vi=label.vi, en=label.en)


def _steps(params: Params) -> tuple[Step, ...]:
    """The declared steps; a step that factors name without declaring it goes by its key."""
    labels = {key: _both(label) for key, label in params.steps.items()}
    for factor in params.factors.values():
        if factor.step is not None:
            labels.setdefault(factor.step, Both(vi=factor.step, en=factor.step))
    return tuple(Step(key=key, label=label) for key, label in labels.items())


def _finding(
    pair: Pair,
    table: DriversTable,
    further: FurtherTables,
    params: Params,
    answers: pd.DataFrame,
    done: _Done,
    mentions: Mentions,
) -> tuple[Finding, Caveats, Whom]:
    factor = params.factors[pair.factor]
    association, adjusted = pair.associations()
    where = _holds(table, further, pair, params)
    shape, mood = _shape(pair), deeper.without_mood(further, pair)
    caution, whom = caveats(pair, where, params, answers, mood=mood), for_whom(pair, where, params)
    drawable = None not in (association.estimate, association.low, association.high)
    grade = grade_of(pair.row, q=params.analysis.q, min_pairs=params.privacy.min_factor_pairs)
    actions = done.documented.for_factor(pair.factor)
    finding = Finding(
        id=pair.id,
        factor=FactorRef(key=pair.factor, label=_both(factor.label), step=factor.step),
        outcome=pair.outcome,
        n=pair.n,
        association=association,
        adjusted=adjusted,
        importance=_importance(pair, further),
        performance=Performance(mean=pair.get("mean"), low_share=pair.get("low_share"), scale=factor.scale),
        shape=shape,
        holds=where,
        grade=grade or "E0",
        sentence=finding_sentence(pair, grade, params),
        caveats=caution.texts,
        figure=pair.id if drawable else None,
        heard=choose_quotes(mentions, factor, shape.kind),
        actions=actions,
        no_action=done.documented.no_action(pair.factor),
        change=done.changes.for_finding(pair.factor, actions),
        whom=whom.texts,
        by_other_methods=deeper.other_methods(further, pair),
        without_mood=mood,
        unasked=deeper.unasked(further, pair),
        weighted=deeper.weighted(further, pair),
    )
    return finding, caution, whom


def _holds(table: DriversTable, further: FurtherTables, pair: Pair, params: Params) -> Holds:
    where = holds(table, pair, params)
    return where.model_copy(
        update={
            "differences": deeper.with_pooled(where.differences, further, pair),
            "over_waves": deeper.over_waves(further, pair, params),
            "curve": deeper.curve(further, pair),
        }
    )


def _importance(pair: Pair, further: FurtherTables) -> Importance:
    method, rows = text(pair.row["importance_method"]), deeper.importance_rows(further, pair)
    return Importance(
        method=method,
        share=pair.get("share"),
        low=pair.get("share_low"),
        high=pair.get("share_high"),
        top3=pair.get("top3"),
        noise_high=pair.get("noise_high"),
        first=deeper.chance_first(rows, method),
        others=deeper.other_weights(rows, method),
    )


def _shape(pair: Pair) -> Shape:
    names = ("penalty", "penalty_low", "penalty_high", "reward", "reward_low", "reward_high")
    kind = text(pair.row["shape"])
    return Shape.model_validate(
        {
            "kind": kind if kind in SHAPES else "unclear",
            **{name: pair.get(name) for name in names},
            "chance": value(pair.row, "shape_sure"),
        }
    )


def _test(pair: Pair, further: FurtherTables, params: Params) -> Test:
    association, adjusted = pair.associations()
    grade = grade_of(pair.row, q=params.analysis.q, min_pairs=params.privacy.min_factor_pairs)
    return Test(
        factor=pair.factor,
        outcome=pair.outcome,
        n=pair.n,
        association=association,
        adjusted=adjusted,
        importance=_importance(pair, further),
        detectable=pair.get("detectable"),
        grade=grade,
        matters=grade == "E1" and bool(pair.row["matters"]),
        **soundness.test_extras(further, pair),
    )


def _states(gaps: Gaps) -> dict[str, str]:
    """Of each factor, the best that is known: whether it was asked, had enough answers, or was not found to matter."""
    states: dict[str, str] = {}
    for pair in gaps.drivers.whole.values():
        why = gaps.why_silent(pair)
        state = why if why in ("not_asked", "few") else "not_matter"
        order = ("not_asked", "few", "not_matter")
        states[pair.factor] = max(states.get(pair.factor, "not_asked"), state, key=order.index)
    return states


def _low_and_other(factor: str, answers: pd.DataFrame, params: Params) -> tuple[int, int]:
    ratings = answers[factor].dropna()
    low = int((ratings < sum(params.factors[factor].scale) / 2).sum())
    return low, len(ratings) - low
