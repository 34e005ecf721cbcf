"""What is not done here, whoever asks (R1 to R4), each with what can be done instead.

docs/refusals.md says the same for readers. R6 is in `causal`, R7 in `suppression` and `limits`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from cxlib.errors import Problem
from cxlib.params.model import Params
from cxlib.privacy.causal import causal_words, check_words
from cxlib.privacy.names import bare, points_at_competitor, points_at_employee, tokens

__all__ = ["check_title", "check_words", "refuse_columns", "refuse_params", "refuse_request"]

FILE = "params.yaml"

INSTEAD_OF_RANKS = (
    "leave it out. A ranking mostly shows chance: of 30 branches with 30 answers each, the 'best' one has a median "
    "rank of 10 in the next wave. Ask which factors go with referral and loyalty, and what was done about them"
)
INSTEAD_OF_SCORES = (
    "leave it out. Set a target for an action (what, by which role, by when, in actions.csv); the index stands with "
    "its interval as a footnote of the method page"
)
INSTEAD_OF_COMPETITORS = (
    "leave it out. Compare with what your own customers were promised, and with your own earlier waves"
)
INSTEAD_OF_EMPLOYEES = (
    "leave this column out of the parameters, better still out of the file. Use the place where actions happen "
    "(unit: the store or branch): what customers meet with is a matter of the place and its rules, not of one person"
)
BETTER_QUESTION = (
    "question: which-factors (which factors go with our customers' referral and loyalty, and what have we done about "
    "them?)"
)

_RANKS = {
    "rank", "ranks", "ranked", "ranking", "rankings", "leaderboard", "league", "league table", "top n", "bottom n",
    "best units", "worst units", "best stores", "worst stores", "best branches", "worst branches", "xep hang",
    "thu hang", "xep loai",
}  # fmt: skip
_ORDERS = {"sort", "sort by", "order", "order by", "sap xep", "sap xep theo"}
_TARGETS = re.compile(r"\b(?:targets?|kpis?|quotas?|bonus|incentives?|muc tieu|chi tieu)\b")
_HEADLINES = re.compile(r"\b(?:headlines?|heading|banner|hero|scorecard|score card|show score|tieu de)\b")
_COMPARED = re.compile(
    r"\b(?:competitors?|competition|rivals?|doi thu|benchmarks?|benchmarking|(?:industry|market) average)\b"
)
_SCORES = re.compile(
    r"\b(?:e?nps|csat|ces|net promoter|scor(?:e|es|ing|ecard)|diem(?: so)?|chi so|ratings?|index|mean|average"
    r"|referral|loyalty)\b"
)
_RANK_WORDS = re.compile(
    r"\b(?:rank\w*|best|worst|top|bottom|league|leaderboard|xep hang|xep loai|tot nhat|(?:kem|te) nhat|who)\b"
)
_SCORE_NAME = re.compile(
    r"\b(?:e?nps|csat|net promoter|scor(?:e|es|ing|ecard|eboard)|diem so|diem hai long|chi so hai long)\b"
)
_SCORE_SHOWN = re.compile(
    r"\b(?:diem|chi so|rating|index)\b\W*(?:\w+\W+){0,2}?(?!(?:19|20)\d\d\b)\d"
    r"|\d(?:[.,]\d+)?\s*/\s*(?:5|10|100)\b|\d[.,]\d+\s*(?:stars?|sao|points?|diem)\b"
)
_OWN_KEYS = {"factors", "outcomes", "segments", "steps", "columns", "values"}  # below these the keys are the client's
_OWN_TEXTS = {"label", "mentions", "values", "title", "question"}  # texts of the client, or looked at by themselves


def refuse_request(raw: Mapping[str, Any]) -> list[Problem]:
    """Refuse rankings (R1), scores as headline or target (R3) and competitors (R4) in what a client asks.

    Parameters
    ----------
    raw : mapping
        `params.yaml` as plain values, before the typed model has looked at them.

    Returns
    -------
    list of Problem
        Empty when nothing is asked that is refused. Each says what to do instead.
    """
    problems = list(_question(raw.get("question")))
    title = raw.get("title")
    if isinstance(title, Mapping):
        for language, text in title.items():
            problems += check_title(str(text), str(language), where=f"{FILE} (title.{language})")
    for place, value in _places(raw):
        problems += _asked(place, value)
    return list(dict.fromkeys(problems))


def refuse_columns(names: Iterable[str], *, ratings: Collection[str] = ()) -> list[Problem]:
    """Refuse keys of employees (R2) and columns of competitors (R4).

    Parameters
    ----------
    names : iterable of str
        Keys and column names that the parameters declare.
    ratings : collection of str
        Those among them that are questions with a scale, where 'staff' is what customers rated and not who it was.

    Returns
    -------
    list of Problem
    """
    problems = []
    for name in dict.fromkeys(names):
        if points_at_employee(name, rating=name in ratings):
            problems.append(
                Problem(
                    f"The column '{name}' seems to tell which employee it was; no such column is read.",
                    f"{FILE} ({name})",
                    INSTEAD_OF_EMPLOYEES,
                )
            )
        if points_at_competitor(name):
            problems.append(
                Problem(
                    f"The column '{name}' seems to speak of a competitor; no such column is read.",
                    f"{FILE} ({name})",
                    INSTEAD_OF_COMPETITORS,
                )
            )
    return problems


def refuse_params(params: Params) -> list[Problem]:
    """`refuse_columns` over everything that typed parameters declare, questions known as such."""
    names = params.columns()
    mapped = {key: column for item in params.data.files for key, column in item.columns.items()}
    pairs = [*names.items(), *mapped.items()]
    ratings = {text for key, column in pairs if key in params.questions for text in (key, column)}
    return refuse_columns([text for pair in pairs for text in pair], ratings=ratings)


def check_title(text: str, language: str, *, where: str = "title") -> list[Problem]:
    """Refuse a score (R3) or a causal claim (R6) as a title or heading.

    Examples
    --------
    >>> [problem.what for problem in check_title("NPS 45", "en")]
    ['A score stands in the title.']
    >>> check_title("Survey of air travellers 2017", "en")
    []
    """
    problems = []
    flat = bare(text)
    if _SCORE_NAME.search(flat) or _SCORE_SHOWN.search(flat):
        problems.append(
            Problem(
                "A score stands in the title.",
                where,
                "say whose answers they are ('Customers of our stores'); a score is a footnote, never a headline",
            )
        )
    if causal_words(text, language):
        problems.append(
            Problem(
                "The title claims a cause, and a survey shows only what goes together.",
                where,
                "write 'which factors go with ...' / 'những yếu tố đi cùng với ...'",
            )
        )
    return problems


def _question(question: Any) -> Iterator[Problem]:
    if not isinstance(question, str) or question == "which-factors":
        return
    flat = bare(question).replace("-", " ").replace("_", " ")
    where = f"{FILE} (question)"
    if _RANK_WORDS.search(flat):
        yield Problem("The question asks for a ranking; units and people are not ranked.", where, BETTER_QUESTION)
    elif _SCORES.search(flat) or _TARGETS.search(flat):
        yield Problem("The question asks for a score; a score tells nobody what to do.", where, BETTER_QUESTION)


def _places(value: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every key of the parameters with its value, the client's own texts passed over."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            here = (*place, str(key))
            yield here, item
            if str(key) not in _OWN_TEXTS:
                yield from _places(item, here)
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            yield from _places(item, (*place, str(number + 1)))


def _asked(place: tuple[str, ...], value: Any) -> Iterator[Problem]:
    where = f"{FILE} ({'.'.join(place)})"
    if (len(place) > 1 and place[-2] in _OWN_KEYS) or place[-1] == "column":
        return  # names of the client: `refuse_columns` looks at them
    words = " ".join(tokens(place[-1]))
    said = (
        bare(value)
        if isinstance(value, str)
        else " ".join(bare(key) for key in value)
        if isinstance(value, Mapping)
        else ""
    )
    said = said.replace("_", " ").replace("-", " ")
    if words in _RANKS or words.startswith(("rank ", "ranking ", "xep hang ", "bang xep hang")):
        yield Problem("A ranking is asked for; units and people are not ranked.", where, INSTEAD_OF_RANKS)
    elif words in _ORDERS and (_SCORES.search(said) or _RANK_WORDS.search(said) or "unit" in said):
        yield Problem("An order by score is asked for; nothing is sorted by a score.", where, INSTEAD_OF_RANKS)
    elif _TARGETS.search(words):
        yield Problem("A target on a score is asked for; targets are for actions.", where, INSTEAD_OF_SCORES)
    elif _HEADLINES.search(words) and (value is True or _SCORES.search(said) or "score" in words):
        yield Problem("A score is asked for as a headline.", where, INSTEAD_OF_SCORES)
    elif _COMPARED.search(words):
        yield Problem("A comparison with competitors is asked for.", where, INSTEAD_OF_COMPETITORS)
