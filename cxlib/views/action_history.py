"""The records of one action, oldest first, each with what it states otherwise than the one before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from cxlib.actions.records import ActionRecord, ScopeRule
from cxlib.params.model import Params
from cxlib.views.say import Said, count, day, joined, number, said, say

# In the order of the form. Units are counted and never listed.
TOLD = (
    "factors", "what", "status", "stopped_because", "expected", "direction", "smallest_worthwhile", "owner_role",
    "decided_by", "decided_on", "document", "scope", "scope_chosen_by", "comparison", "comparison_because", "starts",
    "drawn", "start", "full_effect", "due", "look_on", "also",
)  # fmt: skip
NOTHING = ("", None, ())


def history_html(records: Sequence[ActionRecord], params: Params, language: str) -> Markup:
    """The records as an ordered list in one language; every text of the log is escaped.

    Parameters
    ----------
    records : sequence of ActionRecord
        Of one action, in the order of the file.
    params : Params
    language : {'vi', 'en'}
    """
    if not records:
        return Markup('<p class="cx-history" lang="{}">{}</p>').format(language, say("form_no_history").get(language))
    items = Markup("").join(
        _item(record, records[place - 1] if place else None, params, language) for place, record in enumerate(records)
    )
    return Markup('<ol class="cx-history" lang="{}">{}</ol>').format(language, items)


def _item(record: ActionRecord, before: ActionRecord | None, params: Params, language: str) -> Markup:
    head = say("form_recorded", day=_day(record.recorded_on), status=say(f"form_status_{record.status}"))
    lines = [say("form_first"), record.what] if before is None else altered(before, record, params)
    told = Markup("").join(Markup("<li>{}</li>").format(said(line).get(language)) for line in lines)
    return Markup("<li><strong>{}</strong><ul>{}</ul></li>").format(head.get(language), told)


def altered(before: ActionRecord, after: ActionRecord, params: Params) -> list[Said]:
    """What a record states otherwise than the one before it, a line each."""
    lines = []
    for column in TOLD:
        old, new = getattr(before, column), getattr(after, column)
        if column == "comparison":
            old, new = (None if item.no_comparison else item.comparison or "" for item in (before, after))
        if old == new and not (column == "comparison" and before.no_comparison != after.no_comparison):
            continue
        texts = [_told(column, value, params) for value in (old, new)]
        said_before, said_after = _where_they_differ(*texts)
        lines.append(say("form_was", field=say(f"form_field_{column}"), before=said_before, after=said_after))
    return lines or [say("form_same")]


def _where_they_differ(before: Said, after: Said) -> tuple[Said, Said]:
    """A text that was changed in one language only is told in that one, whoever reads."""
    if before.vi == after.vi:
        return said(before.en), said(after.en)
    if before.en == after.en:
        return said(before.vi), said(after.vi)
    return before, after


def _day(value: date) -> Said:
    return day(value.isoformat()) or said("")


def _told(column: str, value: object, params: Params) -> Said:
    if column == "comparison" and not isinstance(value, ScopeRule):
        return say("form_where_none") if value is None else say("form_where_rest")
    if value in NOTHING:
        return say("form_empty")
    if isinstance(value, ScopeRule):
        return _scope(value, params)
    if isinstance(value, date):
        return _day(value)
    if isinstance(value, float):
        return number(value)
    if column == "factors":
        return joined([params.factors[key].label for key in value], "; ")
    if column in ("starts", "drawn"):
        return say("form_places", count=count(value.size if column == "drawn" else len(value)))
    if column == "look_on":
        return joined([_day(item) for item in value], "; ")
    if column == "scope_chosen_by":
        kind, _, wave = str(value).partition(" in ")
        return joined([say(f"form_chosen_{kind}"), *([wave] if wave else [])], " ")
    if column in ("status", "direction"):
        return say(f"form_{column}_{value}")
    return said(value)


def _scope(rule: ScopeRule, params: Params) -> Said:
    if rule.everyone and not rule.steps:
        return say("form_where_all")
    parts: list = []
    for key, values in rule.chosen:
        if key == "unit":
            parts.append(say("form_places", count=count(len(values))))
        else:
            labels = params.segments[key].values
            parts += [labels.get(value, value) for value in values]
    parts += [params.steps[step] for step in rule.steps]
    return joined(parts, "; ")
