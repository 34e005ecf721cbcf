"""What the pages say, and that other people's text stays text."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from cxlib.findings.schema import Document
from cxlib.views.cards import sentence_parts, tell_action, web_address
from cxlib.views.material import Material, Picture
from cxlib.views.rendering import RENDER, render_findings, render_history, render_method, whole_page

LINKS = {"findings": "index.html", "history": "history.html", "method": "method.html"}
NEVER_CLOSED = {"meta", "link", "img", "br", "input"}


class Tree(HTMLParser):
    """Tags with their attributes, and the text of one language."""

    def __init__(self, text: str, language: str | None = None):
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict]] = []
        self.words: list[str] = []
        self._open: list[bool] = []
        self._hidden = language and {"vi": "en", "en": "vi"}[language]
        self.feed(text)
        assert not self._open, "every tag that opens closes"

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.append((tag, found))
        if tag not in NEVER_CLOSED:
            always = "cx-always" in (found.get("class") or "")
            other = self._hidden is not None and found.get("lang") == self._hidden
            hidden = other and tag != "html" and not always
            self._open.append(bool(hidden or tag in ("script", "style")))

    def handle_endtag(self, tag):
        assert tag not in NEVER_CLOSED
        self._open.pop()

    def handle_data(self, data):
        if not any(self._open):
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.words))


@pytest.fixture(scope="module")
def findings_html(material):
    return whole_page(render_findings(material, LINKS))


@pytest.fixture(scope="module")
def method_html(material):
    return whole_page(render_method(material, LINKS))


@pytest.fixture(scope="module")
def history_html(material):
    return whole_page(render_history(material, LINKS))


def cards(html: str) -> dict[str, str]:
    """Finding id -> the html of its card."""
    found = re.findall(r'<article class="cx-card [^"]*" data-finding="([^"]*)".*?</article>', html, re.DOTALL)
    bodies = re.findall(r'<article class="cx-card .*?</article>', html, re.DOTALL)
    return dict(zip(found, bodies, strict=True))


def test_every_finding_has_its_card_with_an_action_or_no_action_yet(findings_html, document):
    shown = cards(findings_html)
    assert list(shown) == [finding.id for finding in document.findings]
    actions = {action.id: action for action in document.actions}
    for finding in document.findings:
        for language, none in (("vi", "Chưa có hành động"), ("en", "No action yet")):
            text = Tree(shown[finding.id], language).text
            assert getattr(finding.sentence, language) in text
            for name in finding.actions:
                assert getattr(actions[name].what, language) in text
            assert (none in text) == (not finding.actions)


def test_a_reason_and_a_date_stand_with_no_action_yet(findings_html):
    text = Tree(cards(findings_html)["defect_fixed.loyalty"], "vi").text
    assert "Lý do: Ngân sách được xét vào tháng 1. Quyết định trước ngày 15/1/2026." in text
    text = Tree(cards(findings_html)["price_clear.loyalty"], "en").text
    assert "Nobody has written down why" in text


def test_change_is_told_with_its_strength_or_as_not_measured(findings_html):
    shown = cards(findings_html)
    text = Tree(shown["wait_told.referral"], "en").text
    assert "telling the waiting time raised the rating by 0.4 points" in text
    assert "How sure are we? Tested by random roll-out." in text
    assert "How sure are we? Changed more than where we did not act." in text
    assert "How sure are we? We cannot tell yet." in text
    assert "Got worse; we are looking again." in Tree(shown["staff_explain.referral"], "en").text
    assert "Nothing was done yet" in Tree(shown["defect_fixed.loyalty"], "en").text


def test_numbers_are_in_the_readers_form(findings_html):
    card = cards(findings_html)["wait_told.referral"]
    assert "0,41 (0,37–0,45)" in Tree(card, "vi").text
    assert "2.412 câu trả lời" in Tree(card, "vi").text
    assert "0.41 (0.37–0.45)" in Tree(card, "en").text
    assert "0,41" not in Tree(card, "en").text


def test_the_first_heading_is_the_question_and_never_a_number(findings_html, method_html, history_html):
    for html in (findings_html, method_html, history_html):
        headings = re.findall(r"<h1>(.*?)</h1>", html, re.DOTALL)
        assert len(headings) == 1
        assert not re.search(r"\d", Tree(headings[0]).text)
        assert Tree(headings[0], "vi").text.endswith("?")
    for heading in re.findall(r"<h[12][^>]*>(.*?)</h[12]>", findings_html + method_html + history_html, re.DOTALL):
        assert not re.search(r"\d", Tree(heading).text)


def test_letters_of_grades_are_not_shown(findings_html, method_html, history_html):
    for html in (findings_html, method_html, history_html):
        assert not re.search(r"\b(E[0-4]|EN|EX|E-)\b", Tree(html, "en").text)


def test_made_up_data_says_so_on_every_page(findings_html, method_html, history_html, material):
    for html in (findings_html, method_html, history_html):
        assert "Made-up practice data, not real customers" in Tree(html, "en").text
    real = material.document.model_copy(update={"made_up": False})
    page = whole_page(render_findings(Material(real, {}), LINKS))
    assert "Made-up practice data" not in Tree(page, "en").text


def test_what_the_page_is_for_stands_at_its_foot(findings_html, method_html, history_html):
    for html in (findings_html, method_html, history_html):
        text = Tree(html, "vi").text
        assert "Không dùng để đánh giá nhân viên. Chúng tôi không xếp hạng đơn vị hay cá nhân." in text
        assert "Dữ liệu này dùng để làm gì" in text


def test_places_of_an_action_are_counted_and_never_listed(document):
    told = tell_action(next(action for action in document.actions if action.id == "A1"))
    assert any(fact.en == "6 of 24 places, chosen by drawing lots" for fact in told.facts)


def test_landmarks_language_and_title(findings_html, document):
    tree = Tree(findings_html)
    tags = [tag for tag, _ in tree.tags]
    assert all(tags.count(tag) == 1 for tag in ("header", "main", "footer", "h1", "title"))
    assert dict(tree.tags)["html"]["lang"] == document.language_default
    assert ("a", {"class": "cx-skip", "href": "#content"}) in tree.tags
    ids = [found["id"] for _, found in tree.tags if "id" in found]
    assert len(ids) == len(set(ids))
    title = re.search(r"<title>(.*?)</title>", findings_html)[1]
    assert document.title.vi in title
    assert "html" not in title


def test_every_figure_has_words_and_numbers(findings_html, material):
    for name, card in cards(findings_html).items():
        picture = material.pictures[name]
        images = [found for tag, found in Tree(card).tags if tag == "img"]
        drawn = [picture] if picture.ways is None else [picture, picture.ways]
        told = [one.alt[language] for one in drawn for language in ("vi", "en")]
        assert [image["alt"] for image in images][: len(told)] == told
        for image in images:
            head, svg = unquote(image["src"]).split(",", 1)
            assert head == "data:image/svg+xml;charset=utf-8"
            assert ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
        assert "The numbers of this figure" in Tree(card, "en").text


def test_a_finding_without_a_figure_still_has_its_card(document):
    html = whole_page(render_findings(Material(document, {}), LINKS))
    assert len(cards(html)) == len(document.findings)
    assert "There is no figure for this finding." in Tree(html, "en").text


ATTACK = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}{vi}"


def poisoned(document: Document) -> Document:
    """Every free text of the document replaced by an attack; keys and codes stay."""
    kept = {"schema", "grade", "status", "kind", "language_default", "made_on", "method", "key", "step", "outcome"}
    kept |= {"factor", "figure", "start", "due", "decide_by", "decided_on", "recorded_on", "rule", "proxy_for"}
    kept |= {"given", "name", "clear", "role", "group", "phase", "direction", "sealed", "measure", "unsaid", "at"}

    def poison(value, name=""):
        if isinstance(value, dict):
            return {key: poison(item, key) for key, item in value.items()}
        if isinstance(value, list):
            return [poison(item, name) for item in value]
        if isinstance(value, str) and name not in kept | {"id", "action", "actions", "factors", "field"}:
            return value + ATTACK
        return value

    raw = json.loads(document.model_dump_json(by_alias=True))
    raw["method"]["settings"]["analysis.note"] = ATTACK
    return Document.model_validate(poison(raw))


def test_hostile_text_stays_text(document, material):
    bad = poisoned(document)
    pictures = {
        name: Picture(
            {key: text + ATTACK for key, text in picture.title.items()},
            {key: text + ATTACK for key, text in picture.alt.items()},
            picture.svg,
            tuple({**row, "label_vi": ATTACK, "label_en": ATTACK} for row in picture.rows),
            picture.ways and replace(picture.ways, title=dict.fromkeys(("vi", "en"), ATTACK)),
        )
        for name, picture in material.pictures.items()
    }
    for render in RENDER.values():
        html = whole_page(render(Material(bad, pictures), LINKS))
        tree = Tree(html)
        assert [tag for tag, _ in tree.tags].count("script") == 1
        for tag, found in tree.tags:
            assert not [name for name in found if name.startswith("on")]
            assert found.get("src", "data:").startswith("data:")
            assert tag != "a" or found["href"].startswith(
                ("#", "index.html", "history.html", "method.html", "https://")
            )
        assert "alert(1)</script>" not in html
        assert "{{ 7*7 }}{vi}" in tree.text  # text of the page, and no template


def test_only_web_addresses_become_links():
    assert web_address("https://example.com/minutes/12") == "https://example.com/minutes/12"
    for text in (
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "minutes.pdf",
        "http://[bad",
        "",
        None,
    ):
        assert web_address(text) is None


def test_a_sentence_is_cut_without_losing_a_letter(document):
    for finding in document.findings:
        for language in ("vi", "en"):
            whole = getattr(finding.sentence, language)
            parts = sentence_parts(whole)
            assert parts.head + parts.numbers + parts.rest == whole
            assert not re.search(r"\d", parts.head)


def test_nothing_found_is_said(document):
    empty = document.model_copy(update={"findings": (), "actions": (), "orphan_actions": (), "unknowns": ()})
    text = Tree(whole_page(render_findings(Material(empty, {}), LINKS)), "en").text
    assert "No finding yet." in text
    assert "No factor stood out from chance" in text
    assert "No action log was given" in text
    assert "Nothing was noted here for this run." in text


def test_everything_hidden_is_said(document):
    hidden = {"estimate": None, "low": None, "high": None}
    tests = tuple(
        test.model_copy(update={"association": test.association.model_copy(update=hidden), "matters": False})
        for test in document.method.tests
    )
    method = document.method.model_copy(update={"tests": tests})
    empty = document.model_copy(update={"findings": (), "method": method})
    text = Tree(whole_page(render_findings(Material(empty, {}), LINKS)), "en").text
    assert "All results are hidden" in text


def test_orphans_unknowns_questions_and_hidden_things_are_listed(findings_html, document):
    text = Tree(findings_html, "en").text
    assert "Actions that answer no finding" in text
    assert document.orphan_actions[0].why.en in text
    assert all(line.en in text for line in document.unknowns)
    assert "“a faulty product was put right quickly”: what do customers mean when they rate it low" in text
    assert document.suppressed[0].what.en in text


def test_the_method_page_tells_rows_cells_tests_settings_and_the_index_as_a_footnote(method_html, document):
    text = Tree(method_html, "en").text
    for line in document.method.rows:
        assert line.label.en in text
    assert "fewer than 5" in text
    silent = [test for test in document.method.tests if test.grade is None and test.association.estimate is not None]
    assert text.count("Not clearer than chance; may still be there") == sum(not test.ruled_out for test in silent)
    assert text.count("Beside the others, too weak to matter") == sum(bool(test.ruled_out) for test in silent)
    assert "Share of false alarms allowed over all tests" in text
    assert "Would tell others about us: 12 (9–16), out of –100 to 100; 2,590 answers" in text
    headings = "".join(re.findall(r"<h[1-6][^>]*>(.*?)</h[1-6]>", method_html, re.DOTALL))
    assert "12" not in Tree(headings).text


def test_the_index_is_not_on_the_findings_page(findings_html):
    assert "12.4" not in Tree(findings_html, "en").text
    assert "index" not in Tree(findings_html, "en").text.replace("index.html", "")


def test_pages_are_the_same_each_time(material, findings_html):
    assert whole_page(render_findings(material, LINKS)) == findings_html


def test_a_card_tells_for_whom_which_marks_and_what_a_way_of_looking_is(findings_html):
    card = cards(findings_html)["wait_told.referral"]
    english, vietnamese = Tree(card, "en").text, Tree(card, "vi").text
    assert "For whom? Seen in every group looked at (by “Region”)." in english
    assert "Low or high marks? Every step pays: low marks 1.1 points lower, high marks 0.8 higher. (Seen" in english
    assert "(Seen again in 97 of 100 surveys like this.)" in english
    assert "Chấm thấp hay chấm cao? Mỗi bậc đều đáng kể: chấm thấp thì kết quả thấp hơn 1,1 điểm" in vietnamese
    assert "holds in 23 of 24 ways of looking" in english
    assert "A way of looking is one set of choices" in english
    assert card.count('src="data:image/svg+xml') == 10  # two figures and three of change, two languages


def test_the_numbers_hold_what_the_further_tables_tell(findings_html):
    shown = cards(findings_html)
    text = Tree(shown["wait_told.referral"], "en").text
    for part in (
        "without the customer’s own general level of marks0.22 (0.17–0.27)",
        "without weights0.38",
        "The largest of all, when drawn again and again87%",
        "Do they differ? Not clearly (risk of a false alarm, q: 0.620).",
        "A further group like these would be expected between 0.35 and 0.48.",
        "Kendall’s tau-b0.34 (0.30–0.38)",
        "general dominance",
        "each about 2.4 times as often as customers without it. At the weaker end of the likely range, 2.1 times",
    ):
        assert part in text, part
    assert "At the weaker end" not in Tree(shown["defect_fixed.loyalty"], "en").text  # the range holds zero


def test_shape_and_stand_in_are_told_once(findings_html, document):
    for finding in document.findings:
        text = Tree(cards(findings_html)[finding.id], "en").text
        assert text.count("Low or high marks?") <= 1
        assert text.count("stands in") <= 2  # in the sentence, and as another explanation


def test_a_negative_association_is_never_told_as_if_high_marks_paid(material, document):
    finding = document.findings[0]
    turned = finding.association.model_copy(update={"estimate": -0.3, "low": -0.4, "high": -0.2})
    changed = finding.model_copy(update={"association": turned})
    page = material.document.model_copy(update={"findings": (changed, *document.findings[1:])})
    text = Tree(cards(whole_page(render_findings(Material(page, {}), LINKS)))[finding.id], "en").text
    assert "Low or high marks?" not in text
    assert "pays" not in text
    assert "would give high marks, and low answers" in text


def test_the_order_is_told_with_its_tests(findings_html):
    text = Tree(findings_html, "en").text
    assert "a test told 2 of 4 pairs apart." in text
    assert "goes together with it clearly more than the next" in text
    assert "clearly less than the next" in text
    assert "is not clearly ahead of the next" in text


def test_the_method_page_tells_how_far_the_tests_can_be_trusted(method_html):
    text = Tree(method_html, "en").text
    for part in (
        "would have been found 97 times out of 100",
        "can be ruled out for",
        "simply not found, which is not the same as none",
        "About 48% of all that differs between the ratings is one general mood",
        "the order clearly changes for",
        "its 3 ratings agree well (0.79; likely range 0.77–0.81)",
        "its 2 ratings hardly agree; read each by itself (0.42",
        "independent ones; one would need 1.31 times as many",
        "Two factors against each other: 30 tests, 9 clear.",
        "The steps of the journey as a whole",
    ):
        assert part in text, part


def test_a_run_of_an_earlier_version_still_opens_and_says_nothing_of_what_it_lacks(material):
    values = material.document.model_dump(mode="json", by_alias=True)
    del values["neighbours"]
    for name in ("mood", "reliability", "steps", "families"):
        del values["method"][name]
    for test in values["method"]["tests"]:
        for name in ("ruled_out", "power", "weighted", "design_effect"):
            del test[name]
    for finding in values["findings"]:
        for name in ("whom", "by_other_methods", "without_mood", "unasked", "weighted"):
            del finding[name]
        del finding["importance"]["first"], finding["importance"]["others"]
        finding["shape"].pop("chance")
        del finding["holds"]["curve"], finding["holds"]["over_waves"]
        for item in finding["holds"]["differences"]:
            del item["pooled"]
    old = Material(type(material.document).model_validate(values), {})
    text = Tree(whole_page(render_findings(old, LINKS)), "en").text
    assert "For whom?" not in text
    assert "Neighbours" not in text
    assert "None" not in text.replace("None of", "")
    assert "How far these tests can be trusted" not in Tree(whole_page(render_method(old, LINKS)), "en").text
