"""A form that writes the action log, for JupyterLab: every field of the log, in both languages, checked while typing.

import cxlib as cx
cx.action_form("demo")
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import ipywidgets

from cxlib.actions.records import ActionRecord
from cxlib.actions.write import BY_THE_WORKBENCH, add_action, update_action
from cxlib.errors import CxError, ParamsError, Problem
from cxlib.views.action_controls import Control, html, make_control
from cxlib.views.action_draft import Book, Checked, client_folder, problems_of
from cxlib.views.action_fields import SECTIONS
from cxlib.views.action_history import history_html
from cxlib.views.rendering import asset
from cxlib.views.say import count, counted, day, joined, say
from cxlib.words import LANGUAGES, word

NEW = ""  # the value of the choice 'a new action'
STOPPED = ("stopped", "none")


def action_form(client: str | Path, language: str | None = None) -> ipywidgets.Widget:
    """A form on a client's action log.

    Parameters
    ----------
    client : str or Path
        A client's name, looked for below `params` of the working directory or one above it; or its folder.
    language : {'vi', 'en'}, optional
        Shown first; the client's own by default.

    Returns
    -------
    ipywidgets.Widget
        An `ActionForm`; or, where parameters or log are wrong, a list of what is to be mended.
    """
    try:
        if language not in (None, *LANGUAGES):
            raise ParamsError("The pages speak no such language.", "language", "write 'vi' or 'en'")
        return ActionForm(Book(client_folder(str(client))), language)
    except CxError as error:
        return Broken(error, language if language in LANGUAGES else "vi")


class Broken(ipywidgets.VBox):
    """What has to be mended before anything can be written."""

    def __init__(self, error: CxError, language: str) -> None:
        head = [html(word("form_broken", spoken), "cx-caution", spoken) for spoken in (language, _other(language))]
        found = [html(problem, "cx-wrong", "en") for problem in problems_of(error)]
        super().__init__([ipywidgets.HTML(_style()), ipywidgets.HTML("".join([*head, *found]))])
        self.add_class("cx-form")


def _other(language: str) -> str:
    return next(spoken for spoken in LANGUAGES if spoken != language)


def _style() -> str:
    return f"<style>{asset('form.css')}</style>"


class ActionForm(ipywidgets.VBox):
    """The form.

    Attributes
    ----------
    choose : ipywidgets.Dropdown
        The action; '' is a new one.
    controls : dict of str to Control
        By the log's column.
    save, reset : ipywidgets.Button
    status, history : ipywidgets.HTML
    """

    def __init__(self, book: Book, language: str | None = None, today: Callable[[], date] = date.today) -> None:
        super().__init__()
        self.book, self._today, self._quiet = book, today, 0
        self._touched = False
        self.switch = ipywidgets.ToggleButtons(
            options=[("Tiếng Việt", "vi"), ("English", "en")], value=language or book.params.language
        )
        self.head, self.status, self.caution, self.history = (ipywidgets.HTML() for _ in range(4))
        self.choose = ipywidgets.Dropdown(options=[("", NEW)], value=NEW, layout={"width": "100%"})
        self.choose_help = ipywidgets.HTML()
        self.controls: dict[str, Control] = {}
        self.titles = {name: ipywidgets.HTML() for name in (*SECTIONS, "history")}
        parts: list[ipywidgets.Widget] = []
        for name, fields in SECTIONS.items():
            parts.append(self.titles[name])
            for field in fields:
                self.controls[field.column] = make_control(field, book.params)
                parts.append(self.controls[field.column].box)
        self.save, self.reset = ipywidgets.Button(button_style="primary"), ipywidgets.Button()
        for button in (self.save, self.reset):
            button.layout.width = "auto"
        choice = ipywidgets.VBox([self.choose, self.choose_help])
        choice.add_class("cx-field")
        buttons = ipywidgets.HBox([self.save, self.reset])
        buttons.add_class("cx-actions")
        self.children = (
            ipywidgets.HTML(_style()), self.switch, self.head, choice, *parts, self.caution, buttons, self.status,
            self.titles["history"], self.history,
        )  # fmt: skip
        self.add_class("cx-form")
        self._speak()
        self._load(NEW)
        self.switch.observe(lambda _: self._speak(), names="value")
        self.choose.observe(lambda _: self._choose(), names="value")
        self.save.on_click(lambda _: self._save())
        self.reset.on_click(lambda _: self._choose())
        for control in self.controls.values():
            control.watch(lambda _: self._changed())

    @property
    def language(self) -> str:
        """The language shown."""
        return self.switch.value

    @property
    def draft(self) -> dict[str, str]:
        """What is filled in, over the latest record of the action: the cells of the line that would be written."""
        cells = self.book.cells(self.choose.value)
        for control in self.controls.values():
            hidden = control.box.layout.display == "none"
            cells |= dict.fromkeys(control.read(), "") if hidden else control.cells()
        return cells

    @contextmanager
    def _quietly(self):
        """No checks while the form itself fills in."""
        self._quiet += 1
        try:
            yield
        finally:
            self._quiet -= 1

    @property
    def changes(self) -> dict[str, str]:
        """The cells that are filled in otherwise than they were loaded; of a text, those of both languages."""
        draft = self.draft
        changed = [control for control in self.controls.values() if control.changed]
        return {name: draft[name] for control in changed for name in control.read()}

    def _say(self, key: str, **values: object) -> str:
        return say(key, **values).get(self.language)

    def _speak(self) -> None:
        with self._quietly():
            title, intro = self._say("form_title"), self._say("form_intro")
            self.head.value = f'<h2 lang="{self.language}">{title}</h2>' + html(intro, "cx-help", self.language)
            for name, place in self.titles.items():
                place.value = f'<h3 lang="{self.language}">{self._say(f"form_section_{name}")}</h3>'
            self.switch.description = self._say("form_language")
            self.choose.description = self._say("form_choose")
            self.choose_help.value = html(self._say("form_choose_help"), "cx-help", self.language)
            self.save.description, self.reset.description = self._say("form_save"), self._say("form_reset")
            for control in self.controls.values():
                control.speak(self.language)
            self._list_actions()
        self._tell()
        self._show_history()

    def _list_actions(self) -> None:
        """The actions of the log, by id, what and how each stands; plain text, which a browser does not run."""
        options = [(self._say("form_new"), NEW)]
        for name, (record, _) in self.book.log.latest().items():
            what, status = getattr(record.what, self.language), self._say(f"form_status_{record.status}")
            options.append((f"{name} · {what} ({status})", name))
        value = self.choose.value
        if tuple(options) != tuple(self.choose.options):
            self.choose.options = options
            self.choose.value = value

    def _choose(self) -> None:
        if not self._quiet:
            self._load(self.choose.value)
            self.status.value = ""

    def _load(self, action: str) -> None:
        """Show the latest record of an action, or an empty form for a new one."""
        cells = self.book.cells(action)
        if action == NEW:
            cells |= {"id": self.book.new_id(), "status": "planned", "direction": "up"}
        with self._quietly():
            for control in self.controls.values():
                control.load(cells)
            self.controls["id"].inputs[0].disabled = action != NEW
        self._known = len(self.book.log.of(action))
        self._touched = False
        self._tell()
        self._show_history()

    def _changed(self) -> None:
        if not self._quiet:
            self._touched = True
            self.status.value = ""
            self._tell()

    def _tell(self) -> Checked:
        """What is wrong, next to each field and all at once; an untouched form is left in peace."""
        status = self.controls["status"].read()["status"]
        self.controls["stopped_because"].box.layout.display = None if status in STOPPED else "none"
        draft, new = self.draft, self.choose.value == NEW
        needed = self.book.needed(draft, new=new)
        with self._quietly():
            for column, control in self.controls.items():
                control.require(column in needed)
        checked = self.book.check(draft, new=new, today=self._today())
        wrong = checked.wrong if self._touched else {}
        for column, control in self.controls.items():
            control.message.value = self._messages(column, wrong.get(column, ()))
        general = [column for column in wrong if column not in self.controls]
        told = "".join(self._messages(column, wrong[column]) for column in general)
        self.caution.value = told + self._cautions(checked.record)
        if wrong:
            self._status(counted("form_wrong", len(wrong)).get(self.language))
        elif self._touched:
            self._status(self._say("form_ready"))
        return checked

    def _status(self, text: str) -> None:
        self.status.value = f'<div role="status">{html(text, "cx-caution", self.language)}</div>'

    def _messages(self, column: str, problems: tuple[Problem, ...]) -> str:
        """One message a field: what is missing or not right, and how to mend it."""
        if not problems:
            return ""
        if any(problem.what == say("form_taken", id=self.draft["id"]).en for problem in problems):
            return html(self._say("form_taken", id=self.draft["id"]), "cx-wrong", self.language)
        empty = column in self.controls and not any(self.controls[column].read().values())
        mend = self._say(f"form_mend_{column or 'line'}")
        text = self._say("form_missing" if empty else "form_not_right", mend=mend)
        if self.language == "en" and not empty:
            text = " ".join([*dict.fromkeys(problem.what for problem in problems), mend])
        return html(text, "cx-wrong", self.language)

    def _cautions(self, record: ActionRecord | None) -> str:
        """What may be written, and would better be otherwise."""
        if record is None:
            return ""
        told = []
        if record.drawn is not None:
            draw = record.drawn
            numbers = {"size": count(draw.size), "of": count(len(draw.eligible)), "seed": str(draw.seed)}
            told.append(self._say("form_drawn", day=day(draw.at), **numbers))
        if record.scope_chosen_by == "random" and record.drawn is None:
            told.append(self._say("form_no_draw"))
        elif record.drawn is not None and not record.is_drawn:
            told.append(self._say("form_undrawn"))
        if self._touched and record.unsaid:
            fields = joined([say(f"form_field_{column}") for column in record.unsaid], "; ")
            told.append(self._say("form_should", fields=fields))
        return "".join(html(text, "cx-caution", self.language) for text in told)

    def _show_history(self) -> None:
        records = self.book.log.of(self.choose.value)
        self.history.value = str(history_html(records, self.book.params, self.language))

    def _save(self) -> None:
        """Write the line, unless something is wrong, nothing differs, or somebody else was faster."""
        self._touched = True
        action = self.choose.value
        try:
            self.book.read()
            if self._tell().record is None:
                return
            if len(self.book.log.of(action)) != self._known:
                self._known = len(self.book.log.of(action))
                self._show_history()
                self._status(self._say("form_stale", id=action))
                return
            if action != NEW and not self.changes:
                self._status(self._say("form_unchanged"))
                return
            written = self._write(action)
            self.book.read()
        except CxError as error:
            found = "".join(html(problem, "cx-wrong", "en") for problem in problems_of(error))
            self._status(self._say("form_not_written"))
            self.status.value += found
            return
        with self._quietly():
            self._list_actions()
            self.choose.value = written.id
        self._load(written.id)
        told = {"id": written.id, "day": day(written.recorded_on.isoformat()), "count": count(self._known)}
        self._status(self._say("form_saved", **told))

    def _write(self, action: str) -> ActionRecord:
        """A new action whole; of one that is known, what is new, over whatever its latest record says by now."""
        params, folder, today = self.book.params, self.book.folder, self._today()
        if action != NEW:
            return update_action(params, folder, action, self.changes, today)
        fields = {name: text for name, text in self.draft.items() if text and name not in BY_THE_WORKBENCH}
        return add_action(params, folder, fields, today)
