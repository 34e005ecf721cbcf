"""Texts of the action log and of the promises, in the words of those who wrote them, but without a way to reach anyone.

The log refuses such texts when it is read; a record that was edited or removed since was read by an earlier run, and
the door looks again in any case. Web links of documents stay: they lead to minutes, not to people.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cxlib.findings.schema import Action, Altered, Both, Document, Entry, Finding, Promise

Redact = Callable[[str], tuple[str, Mapping[str, int]]]

REACHES = ("email", "phone", "handle", "name")
OF_ACTIONS = ("what", "expected", "stopped_because", "comparison_because", "also")


class LogTexts:
    """One passage over the texts of the log; `found` tells whether any of them held a way to reach someone."""

    def __init__(self, redact: Redact) -> None:
        self.redact = redact
        self.found = False

    def document(self, document: Document) -> Document:
        """The document with its texts of the log looked through."""
        return document.model_copy(
            update={
                "findings": tuple(self._finding(finding) for finding in document.findings),
                "actions": tuple(self._action(action) for action in document.actions),
                "history": tuple(self._entry(entry) for entry in document.history),
                "promises": tuple(self._promise(promise) for promise in document.promises),
            }
        )

    def _finding(self, finding: Finding) -> Finding:
        none = finding.no_action
        if none is None or none.reason is None:
            return finding
        return finding.model_copy(update={"no_action": none.model_copy(update={"reason": self._text(none.reason)})})

    def _action(self, action: Action) -> Action:
        return action.model_copy(update={name: self._text(getattr(action, name)) for name in OF_ACTIONS})

    def _entry(self, entry: Entry) -> Entry:
        altered = tuple(self._altered(item) for item in entry.altered)
        return entry.model_copy(update={"what": self._text(entry.what), "altered": altered})

    def _altered(self, item: Altered) -> Altered:
        return item.model_copy(update={"before": self._text(item.before), "after": self._text(item.after)})

    def _promise(self, promise: Promise) -> Promise:
        return promise.model_copy(
            update={"promise": self._text(promise.promise), "channel": self._text(promise.channel)}
        )

    def _text(self, text: Both | None) -> Both | None:
        if text is None:
            return None
        return Both(vi=self._clean(text.vi), en=self._clean(text.en))

    def _clean(self, text: str) -> str:
        cleaned, found = self.redact(text)
        if not any(found.get(kind, 0) for kind in REACHES):
            return text
        self.found = True
        return cleaned
