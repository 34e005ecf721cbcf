"""Walk a page, a figure or an export, and name everything in it that is refused (R1, R3, R4, R6).

Nothing here asks how a page was made: it reads what a reader would, in each language.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote
from xml.etree import ElementTree

from cxlib.findings.schema import Document
from cxlib.privacy.causal import causal_words
from cxlib.privacy.refusals import check_title
from cxlib.words import word

HEADINGS = {"title", "h1", "h2", "h3", "h4", "h5", "h6", "figcaption", "caption", "legend", "summary"}
BLOCKS = HEADINGS | {"p", "li", "td", "th", "dt", "dd", "option", "label", "blockquote", "button", "a"}
NEVER_CLOSED = {"meta", "link", "img", "br", "input"}

RANKS = re.compile(
    r"(?<!\w)(?:rank\w*|leader ?board|league|best|worst|top \d+|bottom \d+|sort(?:ed)?(?: by)?"
    r"|xếp (?:hạng|loại)|thứ hạng|bảng vàng|(?:tốt|kém|tệ|cao điểm|thấp điểm) nhất|sắp xếp)(?!\w)"
)
# Sentences of the pages' own that speak of ranks without making any.
NO_RANKS = (
    "we do not rank units or people", "(not ranked)", "are not ranked", "không xếp hạng", "không được xếp hạng",
    "rank correlation", "tương quan hạng", "best answers alone",
)  # fmt: skip
NO_CAUSES = ("standing", "e1", "correlation_note")  # keys of the sentences that say that no cause is shown
OTHERS = re.compile(
    r"(?<!\w)(?:competitors?|rivals?|benchmark\w*|(?:industry|market) average|đối thủ|bình quân ngành)(?!\w)"
)
KEYS = re.compile(r"rank|leader|best|worst|competitor|rival|benchmark|(?<![a-z])score(?!_note)|nps|csat")
OWN = {  # texts of the client and of its customers, as they were written
    "label", "what", "owner_role", "expected", "stopped_because", "also", "comparison_because", "decided_by", "promise",
    "channel", "title", "reason", "heard", "groups", "document", "before", "after", "client",
}  # fmt: skip


@dataclass(frozen=True)
class Found:
    rule: str
    where: str
    text: str


@dataclass
class Block:
    tag: str
    text: str = ""
    classes: str = ""


@dataclass(frozen=True)
class Walk:
    """What is known of the client: its document, and the names of its units and of their column."""

    document: Document
    units: tuple[str, ...] = ()
    unit_column: str = ""
    own: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Document, units: Iterable[str] = (), unit_column: str = "") -> Walk:
        raw = json.loads(document.model_dump_json(by_alias=True))
        own = {
            language: tuple(sorted(set(_own_texts(raw, language)), key=len, reverse=True)) for language in ("vi", "en")
        }
        return cls(document, tuple(units), unit_column, own)

    # What may stand nowhere

    def _anywhere(self, text: str, language: str, where: str) -> Iterator[Found]:
        for unit in self.units:
            if re.search(rf"(?<!\w){re.escape(unit)}(?!\w)", text):
                yield Found("R1", where, f"a unit: {unit}")
        said = self._without_own(text, language).casefold()
        for allowed in NO_RANKS:
            said = said.replace(allowed, " ")
        yield from (Found("R1", where, found[0]) for found in RANKS.finditer(said))
        yield from (Found("R4", where, found[0]) for found in OTHERS.finditer(said))
        yield from (Found("R6", where, found) for found in causal_words(self._without_proven(said, language), language))

    def _without_own(self, text: str, language: str) -> str:
        for known in self.own.get(language, ()):
            text = text.replace(known, " ")
        return text

    def _without_proven(self, said: str, language: str) -> str:
        """The text without the sentences of a random roll-out, which may name a cause, and those that deny one."""
        for key in NO_CAUSES:
            said = said.replace(word(key, language).casefold().rstrip("."), " ")
        for change in _changes(self.document):
            if change.grade == "E4":
                sentence = self._without_own(getattr(change.sentence, language), language).casefold()
                said = said.replace(sentence.strip(), " ")
        return said

    def _heading(self, text: str, language: str, where: str, *, bare: bool) -> Iterator[Found]:
        said = self._without_own(text, language)
        for problem in check_title(said, language):
            yield Found("R3" if "score" in problem.what else "R6", where, text)
        if bare and re.search(r"\d", said):
            yield Found("R3", where, text)

    # Pages, figures, exports

    def page(self, html: str, where: str = "page") -> list[Found]:
        """Everything refused on a page, with the figures inside it."""
        found: list[Found] = []
        if "aria-sort" in html:
            found.append(Found("R1", where, "aria-sort"))
        for language in ("vi", "en"):
            reader = _Reader(html, language)
            for block in reader.blocks:
                found += self._anywhere(block.text, language, f"{where}, {block.tag}")
                if block.tag in HEADINGS:
                    bare = block.tag in ("h1", "h2")
                    found += self._heading(block.text, language, f"{where}, {block.tag}", bare=bare)
            for svg in reader.figures:
                found += self.figure(svg, language, f"{where}, figure")
            for rows in reader.tables:
                found += self._in_order(rows, language, f"{where}, table")
        return list(dict.fromkeys(found))

    def figure(self, svg: str, language: str, where: str = "figure") -> list[Found]:
        """Everything refused among a figure's letters."""
        letters = [node.text or "" for node in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
        found = [item for text in (*letters, " ".join(letters)) for item in self._anywhere(text, language, where)]
        order = [text for text in letters if text in self._factors(language)]
        return [*found, *self._in_order(order, language, where)]

    def entry(self, entry: dict, where: str = "index") -> list[Found]:
        """Everything refused in what the index says of a figure: its caption and its words."""
        found: list[Found] = []
        for language in ("vi", "en"):
            title = entry["title"][language]
            found += self._heading(title, language, f"{where}, title", bare=True)
            for text in (title, entry["alt"][language]):
                found += self._anywhere(text, language, where)
        return found

    def rows(self, text: str, where: str = "csv") -> list[Found]:
        """Units in the cells of any table that leaves the run."""
        cells = {cell for row in csv.reader(io.StringIO(text)) for cell in row}
        return [item for cell in sorted(cells) for item in self._units_in(cell, where)]

    def table(self, text: str, where: str = "csv") -> list[Found]:
        """Everything refused in a table beside a figure."""
        rows = list(csv.DictReader(io.StringIO(text)))
        columns = list(rows[0]) if rows else []
        found = [
            Found("R4" if "competitor" in name or "benchmark" in name else "R1", where, f"the column {name}")
            for name in columns
            if KEYS.search(name.casefold()) or name == self.unit_column
        ]
        found += self.rows(text, where)
        if "factor" in columns and "this_finding" in columns:
            keys = [row["factor"] for row in rows]
            order = [asked.key for asked in self.document.factors]
            if keys != sorted(keys, key=order.index):
                found.append(Found("R1", where, "factors in another order than the questionnaire's"))
        return found

    def export(self, text: str, where: str = "findings.json") -> list[Found]:
        """Everything refused in findings.json."""
        return list(dict.fromkeys(self._json(json.loads(text), where)))

    def _json(self, value: object, where: str, grade: str | None = None) -> Iterator[Found]:
        if isinstance(value, list):
            for item in value:
                yield from self._json(item, where, grade)
        elif isinstance(value, dict):
            if set(value) == {"vi", "en"}:
                for language, text in value.items():
                    yield from (item for item in self._anywhere(text, language, where) if item.rule != "R6")
                    if grade != "E4":
                        said = self._without_own(text, language).casefold()
                        for key in NO_CAUSES:
                            said = said.replace(word(key, language).casefold().rstrip("."), " ")
                        yield from (Found("R6", where, found) for found in causal_words(said, language))
                return
            own = value.get("grade") if "sentence" in value else None
            for key, item in value.items():
                here = f"{where}.{key}"
                if KEYS.search(key.casefold()):
                    yield Found("R4" if "competitor" in key or "benchmark" in key else "R1", here, key)
                if key == "units" and isinstance(item, list):
                    yield Found("R1", here, "units are listed")
                if key not in OWN:
                    yield from self._json(item, here, own if key == "sentence" else None)
                else:
                    yield from self._units_in(item, here)
        elif isinstance(value, str):
            yield from self._units_in(value, where)

    def _units_in(self, value: object, where: str) -> Iterator[Found]:
        text = json.dumps(value, ensure_ascii=False)
        for unit in self.units:
            if re.search(rf"(?<!\w){re.escape(unit)}(?!\w)", text):
                yield Found("R1", where, f"a unit: {unit}")

    def _factors(self, language: str) -> list[str]:
        return [getattr(asked.label, language) for asked in self.document.factors]

    def _in_order(self, names: list[str], language: str, where: str) -> list[Found]:
        """Factors side by side stand as in the questionnaire, never by what came out."""
        known = self._factors(language)
        order = [known.index(name) for name in names if name in known]
        if len(order) > 2 and order != sorted(order):
            return [Found("R1", where, "factors in another order than the questionnaire's")]
        return []


def _changes(document: Document):
    return [change for part in (*document.findings, *document.actions) for change in part.change]


def _own_texts(value: object, language: str, inside: bool = False) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _own_texts(item, language, inside)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _own_texts(item, language, inside or key in OWN) if key != "en" or language == "en" else ()
            if key == language and inside and isinstance(item, str) and len(item) > 3:
                yield item
    elif isinstance(value, str) and inside and len(value) > 3:
        yield value


class _Reader(HTMLParser):
    """Blocks of text, figures and first columns of tables, as a reader of one language meets them."""

    def __init__(self, html: str, language: str):
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self.figures: list[str] = []
        self.tables: list[list[str]] = []
        self._hidden = {"vi": "en", "en": "vi"}[language]
        self._stack: list[tuple[str, bool, Block | None]] = []
        self.feed(html)
        for block in self.blocks:
            block.text = " ".join(block.text.split())

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        silent = tag in ("script", "style") or (
            given.get("lang") == self._hidden and "cx-always" not in given.get("class", "")
        )
        silent = silent or (bool(self._stack) and self._stack[-1][1])
        if not silent:
            for name in ("alt", "title", "aria-label"):
                if given.get(name):
                    self.blocks.append(Block(name, given[name]))
            source = given.get("src", "")
            if source.startswith("data:image/svg+xml"):
                self.figures.append(unquote(source.split(",", 1)[1]))
        if tag in NEVER_CLOSED:
            return
        if tag == "table" and not silent:
            self.tables.append([])
        block = None
        if tag in BLOCKS and not silent and tag != "html":
            block = Block(tag, classes=given.get("class", "") + " " + given.get("scope", ""))
            self.blocks.append(block)
        self._stack.append((tag, silent, block))

    def handle_endtag(self, tag):
        while self._stack:
            name, _, block = self._stack.pop()
            if block is not None and name == "th" and "row" in block.classes and self.tables:
                self.tables[-1].append(" ".join(block.text.split()))
            if name == tag:
                return

    def handle_data(self, data):
        if self._stack and self._stack[-1][1]:
            return
        for _, _, block in reversed(self._stack):
            if block is not None:
                block.text += data
                return
