"""Where an action happens, where it does not, and where it begins when: three cells of the log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from cxlib.actions.cells import near, parted, read_day
from cxlib.actions.records import ScopeRule
from cxlib.params.model import Params

EVERYONE = {"all", "everyone", "tất cả"}
NOWHERE = {"none", "nowhere", "không có"}
EVERYWHERE = ScopeRule(everyone=True)
Wrong = Callable[[str, str, str], None]  # column, what is wrong, how to mend it


class ScopeReader:
    """Reads the cells of one client's log; what is wrong is told to the caller.

    Parameters
    ----------
    params : Params
        Names the unit, the segments and the steps.
    """

    def __init__(self, params: Params) -> None:
        columns = {key: segment.column for key, segment in params.segments.items()}
        if params.unit is not None:
            columns["unit"] = params.unit
        self.columns = {**{column: key for key, column in columns.items()}, **{key: key for key in columns}}
        self.steps = tuple(params.steps)
        self.unit = params.unit

    def rule(self, column: str, text: str, wrong: Wrong) -> ScopeRule:
        """`all`, or column=value pairs joined by ';'."""
        if text.casefold() in EVERYONE:
            return EVERYWHERE
        chosen: dict[str, list[str]] = {}
        for pair in parted(text):
            name, sign, value = (part.strip() for part in pair.partition("="))
            key = self._key(name)
            if not sign:
                wrong(column, f"'{pair}' is no column=value pair.", "write it as store=S07, or write 'all'")
            elif key is None:
                known = list(dict.fromkeys([*self.columns, *(["step"] if self.steps else [])]))
                how = near(name, known) if known else "name the column first, as unit or among the segments"
                wrong(column, f"The column '{name}' is neither the unit nor a segment.", how)
            elif not value:
                wrong(column, f"'{name}=' names no value.", f"write which one: {name}=...")
            elif key == "step" and value not in self.steps:
                wrong(column, f"The step '{value}' is not known.", near(value, self.steps))
            elif value not in chosen.setdefault(key, []):
                chosen[key].append(value)
        steps = tuple(chosen.pop("step", ()))
        pairs = tuple((key, tuple(values)) for key, values in chosen.items())
        return ScopeRule(everyone=bool(steps) and not pairs, chosen=pairs, steps=steps)

    def _key(self, name: str) -> str | None:
        key = self.columns.get(name) or self.columns.get(name.casefold())
        return "step" if key is None and name.casefold() == "step" and self.steps else key

    def comparison(self, text: str, scope: ScopeRule, wrong: Wrong) -> tuple[ScopeRule | None, bool]:
        """Where it is not done (None: everywhere else), and whether that is nowhere."""
        if not text:
            return None, False
        if text.casefold() in NOWHERE:
            return None, True
        if text.casefold() in EVERYONE:
            wrong("comparison", "Everyone cannot be left out.", "name those not acted on, or leave the cell empty")
            return None, False
        rule = self.rule("comparison", text, wrong)
        if rule.steps:
            wrong("comparison", "A step meets every customer, so it is no comparison.", "name units or a segment")
        if scope.everyone:
            wrong("comparison", "Everyone is acted on, so nobody is left to compare with.", "write none, or mend scope")
        both = [value for key, values in rule.chosen for value in values if value in scope.values(key)]
        elsewhere = {key for key, _ in rule.chosen} ^ {key for key, _ in scope.chosen}
        if both and not elsewhere:
            wrong("comparison", f"'{both[0]}' is acted on and compared with.", "keep it in one of scope and comparison")
        return rule, False

    def starts(self, text: str, scope: ScopeRule, wrong: Wrong) -> tuple[tuple[str, date], ...]:
        """unit=date pairs of a roll-out one after another."""
        if not text:
            return ()
        if self.unit is None:
            wrong("starts", "Units that begin one after another need a unit.", "name it in params.yaml, as unit: store")
            return ()
        found: dict[str, date] = {}
        before: list[str] = []
        for pair in parted(text):
            unit, sign, written = (part.strip() for part in pair.rpartition("="))
            prefix, equals, rest = (part.strip() for part in unit.partition("="))
            if equals and self._key(prefix) == "unit":
                unit = rest
            day = read_day(written)
            if not (sign and unit) or day is None:
                wrong("starts", f"'{pair}' is no unit=date pair.", "write it as S07=2026-03-02, parted by ';'")
            elif unit in found:
                wrong("starts", f"'{unit}' begins twice.", "keep one of its two days")
            else:
                found[unit] = day
            before.append(unit)
        if set(before) != set(scope.values("unit")) or [key for key, _ in scope.chosen] != ["unit"]:
            how = "write in scope the same units as in starts, and nothing else"
            wrong("starts", "The units that begin one after another are not those of the scope.", how)
        return tuple(found.items())
