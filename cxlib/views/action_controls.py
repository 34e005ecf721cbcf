"""The widgets of the action form: each asks one thing in both languages, and gives back the log's cells."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import ipywidgets
from markupsafe import Markup

from cxlib.params.model import Params
from cxlib.views.action_fields import CHOSEN, HAS_HELP, WORST_IN, Field, Places, text_cells, texts_of
from cxlib.words import word

WIDE = {"width": "100%"}
ROWS = 2  # lines of a text that is one sentence


def html(text: object, kind: str, language: str) -> str:
    """A paragraph of one kind, escaped; empty for no text."""
    return str(Markup('<p class="{}" lang="{}">{}</p>').format(kind, language, text)) if text else ""


class Control:
    """One field: what is filled in, its help and what is wrong with it.

    Attributes
    ----------
    box : ipywidgets.VBox
        What is shown.
    message : ipywidgets.HTML
        What is to be mended; empty when nothing is.
    """

    def __init__(self, field: Field, inputs: list[ipywidgets.Widget]) -> None:
        self.field, self.inputs = field, inputs
        self.help, self.message = ipywidgets.HTML(), ipywidgets.HTML()
        self.box = ipywidgets.VBox([*inputs, self.help, self.message])
        self.box.add_class("cx-field")
        self.required, self.language = False, "vi"
        self._loaded: dict[str, str] = {}
        self._as_loaded: dict[str, str] = {}

    def watch(self, changed: Callable[[object], None]) -> None:
        """Call `changed` whenever something is filled in."""
        for item in self.inputs:
            item.observe(changed, names="value")

    def load(self, cells: dict[str, str]) -> None:
        """Show a record's cells."""
        self.show(cells)
        self._loaded = {name: cells.get(name, "") for name in self.read()}
        self._as_loaded = self.read()

    def cells(self) -> dict[str, str]:
        """The log's cells; those of the record that was loaded, to the letter, as long as nothing was changed."""
        return self.read() if self.changed else self._loaded

    @property
    def changed(self) -> bool:
        """Whether something else is filled in than was loaded."""
        return self.read() != self._as_loaded

    def require(self, required: bool) -> None:
        """Say on the label that it must be filled in, or no longer."""
        if required != self.required:
            self.required = required
            self.speak(self.language)

    def speak(self, language: str) -> None:
        """Turn label and help into a language."""
        self.language = language
        self.name(self.label(language))
        if self.field.column in HAS_HELP:
            self.help.value = html(word(f"form_help_{self.field.column}", language), "cx-help", language)

    def label(self, language: str) -> str:
        """The name of the field, and whether it must be filled in."""
        text = word(f"form_field_{self.field.column}", language)
        return word("form_required", language, label=text) if self.required else text

    def name(self, label: str) -> None:
        """Put the label above."""
        self.inputs[0].description = label

    def show(self, cells: dict[str, str]) -> None:
        """Fill in a record's cells."""
        self.inputs[0].value = cells.get(self.field.column, "")

    def read(self) -> dict[str, str]:
        """What is filled in, as cells."""
        return {self.field.column: " ".join(self.inputs[0].value.split())}


class Line(Control):
    """One line of text."""

    def __init__(self, field: Field) -> None:
        super().__init__(field, [ipywidgets.Text(layout=WIDE)])
        if field.column in ("id", "smallest_worthwhile"):
            self.box.add_class("cx-short")


class Days(Line):
    """Several days in one line, parted by ';'."""

    def read(self) -> dict[str, str]:
        return {self.field.column: ";".join(_parted(self.inputs[0].value, ";,"))}


class Lines(Control):
    """A list, one item a line; the log parts it by ';'."""

    def __init__(self, field: Field) -> None:
        super().__init__(field, [ipywidgets.Textarea(rows=ROWS, layout=WIDE)])

    def show(self, cells: dict[str, str]) -> None:
        self.inputs[0].value = "\n".join(part.strip() for part in cells.get(self.field.column, "").split(";"))

    def read(self) -> dict[str, str]:
        return {self.field.column: ";".join(_parted(self.inputs[0].value, ";\n"))}


class TwoTexts(Control):
    """A text in Vietnamese and in English; either may be left empty."""

    def __init__(self, field: Field) -> None:
        make = ipywidgets.Textarea if field.kind == "two_areas" else ipywidgets.Text
        more = {"rows": ROWS} if field.kind == "two_areas" else {}
        super().__init__(field, [make(layout=WIDE, **more), make(layout=WIDE, **more)])

    def speak(self, language: str) -> None:
        super().speak(language)
        plain = word(f"form_field_{self.field.column}", language)
        for item, spoken in zip(self.inputs, ("vi", "en"), strict=True):
            own = self.label(language) if spoken == language else word(f"form_in_{spoken}", language, label=plain)
            item.description = own
        # The language that is read stands first.
        first, second = self.inputs if language == "vi" else self.inputs[::-1]
        self.box.children = (first, second, self.help, self.message)

    def show(self, cells: dict[str, str]) -> None:
        self.inputs[0].value, self.inputs[1].value = texts_of(cells, self.field.column)

    def read(self) -> dict[str, str]:
        vi, en = (" ".join(item.value.split()) for item in self.inputs)
        return text_cells(self.field.column, vi, en)


class Choice(Control):
    """One of a few."""

    def __init__(self, field: Field) -> None:
        super().__init__(field, [ipywidgets.Dropdown(options=[("", "")], layout=WIDE)])

    def speak(self, language: str) -> None:
        super().speak(language)
        relabel(self.inputs[0], self.field.choices, language)

    def show(self, cells: dict[str, str]) -> None:
        self.inputs[0].value = cells.get(self.field.column, "").casefold()

    def read(self) -> dict[str, str]:
        return {self.field.column: self.inputs[0].value or ""}


def relabel(dropdown: ipywidgets.Dropdown, choices: tuple[tuple[str, str], ...], language: str) -> None:
    """Give a dropdown's options their words; what is chosen stays chosen."""
    value = dropdown.value
    empty = (word("form_pick", language), "")
    options = [empty, *((word(key, language), name) for name, key in choices)]
    if tuple(options) != tuple(dropdown.options):
        dropdown.options = options  # which chooses the first
        dropdown.value = value


class Day(Control):
    """A day of the calendar."""

    def __init__(self, field: Field) -> None:
        super().__init__(field, [ipywidgets.DatePicker(layout=WIDE)])

    def show(self, cells: dict[str, str]) -> None:
        text = cells.get(self.field.column, "")
        self.inputs[0].value = date.fromisoformat(text) if text else None

    def read(self) -> dict[str, str]:
        value = self.inputs[0].value
        return {self.field.column: value.isoformat() if value else ""}


class Ticks(Control):
    """Several of a list, by ticking; `groups` are (title, ((value, text), ...)) by language."""

    def __init__(self, field: Field, groups: dict[str, list[tuple[str, list[tuple[str, str]]]]]) -> None:
        self.groups = groups
        self.boxes = {
            value: ipywidgets.Checkbox(indent=False, layout={"width": "auto"})
            for _, items in groups["vi"]
            for value, _ in items
        }
        super().__init__(field, list(self.boxes.values()))
        self.legend = ipywidgets.HTML()
        self.titles = [ipywidgets.HTML() for _ in groups["vi"]]
        children: list[ipywidgets.Widget] = [self.legend]
        for title, (_, items) in zip(self.titles, groups["vi"], strict=True):
            children += [title, *(self.boxes[value] for value, _ in items)]
        self.box.children = (*children, self.help, self.message)

    def name(self, label: str) -> None:
        self.legend.value = html(label, "cx-legend", self.language)

    def speak(self, language: str) -> None:
        super().speak(language)
        for title, (name, items) in zip(self.titles, self.groups[language], strict=True):
            title.value = html(name, "cx-step", language)
            for value, text in items:
                self.boxes[value].description = text

    def show(self, cells: dict[str, str]) -> None:
        self.choose(part.strip() for part in cells.get(self.field.column, "").replace(",", ";").split(";"))

    def choose(self, values) -> None:
        """Tick these and no other."""
        values = set(values)
        for value, box in self.boxes.items():
            box.value = value in values

    def chosen(self) -> tuple[str, ...]:
        """What is ticked, in the order shown."""
        return tuple(value for value, box in self.boxes.items() if box.value)

    def read(self) -> dict[str, str]:
        return {self.field.column: ";".join(self.chosen())}


def factor_ticks(field: Field, params: Params) -> Ticks:
    """The survey's factors by step of the journey."""
    steps = [*params.steps, *{factor.step: 0 for factor in params.factors.values() if factor.step not in params.steps}]
    groups = {}
    for language in ("vi", "en"):
        groups[language] = [
            (
                getattr(params.steps[step], language) if step in params.steps else "",
                [(key, getattr(one.label, language)) for key, one in params.factors.items() if one.step == step],
            )
            for step in steps
            if any(factor.step == step for factor in params.factors.values())
        ]
    return Ticks(field, groups)


class Where(Control):
    """Places, groups of customers or steps, or all of them."""

    def __init__(self, field: Field, params: Params) -> None:
        self.places = Places.of(params)
        kinds = self.places.kinds(field.column)
        self.kind = ipywidgets.Dropdown(options=[("", "")], layout=WIDE)
        self.units = ipywidgets.Textarea(rows=ROWS, layout=WIDE)
        self.written = ipywidgets.Textarea(rows=ROWS, layout=WIDE)
        self.choices = tuple((kind, f"form_where_{kind}") for kind in kinds)
        self.groups = Ticks(field, {language: _groups(params, language) for language in ("vi", "en")})
        self.steps = Ticks(
            field,
            {
                language: [("", [(key, getattr(label, language)) for key, label in params.steps.items()])]
                for language in ("vi", "en")
            },
        )
        super().__init__(field, [self.kind, self.units, self.written, *self.groups.inputs, *self.steps.inputs])
        self.parts = {
            "units": self.units,
            "written": self.written,
            "groups": ipywidgets.VBox([item for item in self.groups.box.children if item is not self.groups.legend]),
            "steps": ipywidgets.VBox(self.steps.inputs),
        }
        self.box.children = (self.kind, *self.parts.values(), self.help, self.message)
        self.kind.observe(lambda _: self._unfold(), names="value")
        self._unfold()

    def _unfold(self) -> None:
        for kind, part in self.parts.items():
            part.layout.display = None if kind == self.kind.value else "none"

    def speak(self, language: str) -> None:
        super().speak(language)
        relabel(self.kind, self.choices, language)
        self.units.description = word("form_units", language)
        self.written.description = word("form_written", language)
        self.groups.speak(language)
        self.steps.speak(language)
        self.groups.help.value = ""

    def show(self, cells: dict[str, str]) -> None:
        kind, named = self.places.read(self.field.column, cells.get(self.field.column, ""))
        self.units.value = "; ".join(named) if kind == "units" else ""
        self.written.value = "; ".join(named) if kind == "written" else ""
        self.groups.choose(named if kind == "groups" else ())
        self.steps.choose(named if kind == "steps" else ())
        self.kind.value = kind

    def read(self) -> dict[str, str]:
        kind = self.kind.value or ""
        named = {
            "units": _parted(self.units.value, ";,\n"),
            "written": _parted(self.written.value, ";\n"),
            "groups": self.groups.chosen(),
            "steps": self.steps.chosen(),
        }.get(kind, ())
        return {self.field.column: self.places.write(kind, named)}


def _groups(params: Params, language: str) -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (
            getattr(segment.label, language) if segment.label else key,
            [(f"{key}={value}", getattr(label, language)) for value, label in segment.values.items()],
        )
        for key, segment in params.segments.items()
        if segment.values
    ]


def _parted(text: str, signs: str) -> tuple[str, ...]:
    for sign in signs:
        text = text.replace(sign, ";")
    return tuple(dict.fromkeys(part.strip() for part in text.split(";") if part.strip()))


class Chosen(Control):
    """How the scope was chosen; for the lowest, in which wave."""

    def __init__(self, field: Field) -> None:
        self.kind = ipywidgets.Dropdown(options=[("", "")], layout=WIDE)
        self.wave = ipywidgets.Text(layout=WIDE)
        super().__init__(field, [self.kind, self.wave])
        self.kind.observe(lambda _: self._unfold(), names="value")
        self._unfold()

    def _unfold(self) -> None:
        self.wave.layout.display = None if self.kind.value == "worst" else "none"

    def speak(self, language: str) -> None:
        super().speak(language)
        relabel(self.kind, tuple((name, f"form_chosen_{name}") for name in CHOSEN), language)
        self.wave.description = word("form_wave", language)

    def show(self, cells: dict[str, str]) -> None:
        text = " ".join(cells.get(self.field.column, "").split())
        kind = "worst" if text.casefold().startswith(WORST_IN) else text.casefold()
        self.wave.value = text[len(WORST_IN) :] if kind == "worst" and len(text) > len(WORST_IN) else ""
        self.kind.value = kind if kind in CHOSEN else ""

    def read(self) -> dict[str, str]:
        wave = " ".join(self.wave.value.split())
        cell = self.kind.value or ""
        return {self.field.column: WORST_IN + wave if cell == "worst" and wave else cell}


def make_control(field: Field, params: Params) -> Control:
    """The widgets of a field."""
    if field.kind == "factors":
        return factor_ticks(field, params)
    if field.kind == "where":
        return Where(field, params)
    kinds: dict[str, Callable[[Field], Control]] = {
        "line": Line, "lines": Lines, "two_lines": TwoTexts, "two_areas": TwoTexts, "choice": Choice, "day": Day,
        "days": Days, "chosen": Chosen,
    }  # fmt: skip
    return kinds[field.kind](field)
