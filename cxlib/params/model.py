"""The one typed, frozen model of `params.yaml`."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from cxlib.params.agree import disagreements

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
RESERVED = {
    "row", "source", "wave", "day", "person", "respondent", "unit", "stratum", "weight", "seconds", "rule", "all",
    "step",
}  # fmt: skip

# Limits are set before the data is opened and can only be raised (method, R7).
MIN_GROUP = 5
MIN_GROUP_SENSITIVE = 10
MIN_COMMENTS = 10
MIN_FACTOR_PAIRS = 30


def _key(value: str) -> str:
    if not KEY.fullmatch(value):
        raise ValueError("a key is small letters, digits and _, begins with a letter and has at most 40 signs")
    if value in RESERVED:
        raise ValueError(f"'{value}' is a name the workbench uses itself; choose another key")
    return value


def _text(value: Any) -> Any:
    """YAML reads 2016 as a number; a name or a wave is text."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


Key = Annotated[str, AfterValidator(_key)]
Text = Annotated[str, BeforeValidator(_text), Field(min_length=1, max_length=300)]
Column = Annotated[str, BeforeValidator(_text), Field(min_length=1, max_length=2000)]  # some exports: the question


class Part(BaseModel):
    """Base of every part of the parameters: frozen, and no key it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Label(Part):
    """A text in both languages of the pages."""

    vi: Text
    en: Text


class WaveFile(Part):
    """One file of several; `columns` maps the client's keys onto this file's column names."""

    file: Text
    wave: Text | None = None
    sheet: Text | None = None
    columns: dict[str, Column] = {}


def _files(value: Any) -> Any:
    """`responses.csv` is short for a list of one file."""
    return [{"file": value}] if isinstance(value, str) else value


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, int | float | str) and not isinstance(value, bool) else value


class Data(Part):
    """Where the answers are. Encoding, delimiter and who answered again are found out unless given."""

    responses: Annotated[tuple[WaveFile, ...], BeforeValidator(_files), Field(min_length=1)]
    panel: bool | None = None  # whether an identifier means the same person in every wave; None: unless row numbers
    sheet: Text | None = None
    encoding: Text | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None

    @property
    def files(self) -> tuple[WaveFile, ...]:
        """The files, each with the sheet it is read from."""
        return tuple(item if item.sheet else item.model_copy(update={"sheet": self.sheet}) for item in self.responses)


class Wave(Part):
    """The column that tells the survey wave; dates are cut into periods by `every`."""

    column: Column
    every: Literal["week", "month", "quarter", "year"] | None = None


class Span(Part):
    """The first and the last day on which a wave was answered; for waves whose name does not tell."""

    first: date
    last: date

    @model_validator(mode="after")
    def _in_order(self):
        if self.last < self.first:
            raise ValueError("the last day comes before the first")
        return self


class Break(Part):
    """From `wave` on a question is not what it was: its line is broken there instead of crossing it."""

    wave: Text
    why: Literal["wording", "scale", "mode"]
    text: Label | None = None  # what was changed, for the page


def _scale(value: tuple[int, int]) -> tuple[int, int]:
    low, high = value
    if not low < high:
        raise ValueError("a scale rises: [lowest, highest]")
    if high - low > 100:
        raise ValueError("an answer scale has at most 101 answers")
    return value


Scale = Annotated[tuple[int, int], AfterValidator(_scale)]


class Question(Part):
    """A question answered on a whole-number scale; a higher number is better.

    `answers` gives the words of an answer (or a code that means another number than it says) its number on the scale;
    null says that it is no answer.
    """

    column: Column
    scale: Scale
    missing: Annotated[tuple[float, ...], BeforeValidator(_one_or_many)] = ()
    answers: dict[Text, int | None] = {}
    label: Label
    breaks: tuple[Break, ...] = ()


class Outcome(Question):
    """Referral, loyalty, or a question that stands in for one of them."""

    proxy_for: Literal["referral", "loyalty"] | None = None


class Factor(Question):
    """Something customers rate that may go with an outcome.

    `mentions` are words that, found in a comment, tell that the comment speaks of this factor.
    """

    step: Key | None = None
    mentions: Annotated[tuple[Text, ...], BeforeValidator(_one_or_many)] = ()


class Segment(Part):
    """A grouping of customers; never ranked. `sensitive` raises the smallest group shown."""

    column: Column
    label: Label | None = None
    values: dict[str, Label] = {}
    sensitive: bool = False


class Strata(Part):
    """Parts of the population that were drawn from apart; `sizes` are people in each, for each wave."""

    column: Column
    sizes: dict[Text, Annotated[int, Field(gt=0)]] = {}


class Cleaning(Part):
    """Rules that set whole rows aside; each can be switched off."""

    duplicates: bool = True  # the same row twice, and a respondent answering a wave twice
    straightlining: bool = True  # the same answer to every factor
    min_answered: Annotated[float, Field(ge=0, le=1)] = 0.5  # share of the asked factors that must be answered
    min_seconds: Annotated[float, Field(gt=0)] | None = None  # faster is set aside; needs data on duration


class Analysis(Part):
    """Settings of the factor test."""

    q: Annotated[float, Field(gt=0, le=0.2)] = 0.05  # false discovery rate over all factor x outcome tests
    confidence: Annotated[float, Field(ge=0.8, lt=1)] = 0.95  # coverage of every interval
    bootstrap: Annotated[int, Field(ge=200, le=20000)] = 2000  # resamples behind each interval
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = 1  # same seed, same numbers
    worthwhile: Annotated[float, Field(ge=0.02, le=0.5)] = 0.1  # smallest correlation worth anything
    worthwhile_change: Annotated[float, Field(ge=0.01, le=0.5)] = 0.05  # smallest change worth it, share of a scale


class Privacy(Part):
    """Smallest numbers that may be shown. They may be raised, never lowered."""

    min_group: Annotated[int, Field(ge=MIN_GROUP)] = MIN_GROUP
    min_group_sensitive: Annotated[int, Field(ge=MIN_GROUP_SENSITIVE)] = MIN_GROUP_SENSITIVE
    min_comments: Annotated[int, Field(ge=MIN_COMMENTS)] = MIN_COMMENTS
    min_factor_pairs: Annotated[int, Field(ge=MIN_FACTOR_PAIRS)] = MIN_FACTOR_PAIRS


def _segments(value: Any) -> Any:
    """`[region, channel]` is short for a mapping whose keys are the columns."""
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return {item: {"column": item} for item in value}
    return value


class Params(Part):
    """Everything a run is asked; read it with `load_params`."""

    client: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
    title: Label
    made_up: bool = False  # practice data: every page says so
    language: Literal["vi", "en"] = "vi"
    question: Literal["which-factors"] = "which-factors"
    data: Data
    respondent: Column | None = None
    wave: Wave | None = None
    outcomes: Annotated[dict[Key, Outcome], Field(min_length=1)]
    factors: Annotated[dict[Key, Factor], Field(min_length=1)]
    steps: dict[Key, Label] = {}
    unit: Column | None = None
    strata: Strata | None = None
    segments: Annotated[dict[Key, Segment], BeforeValidator(_segments)] = {}
    comments: Annotated[tuple[Column, ...], BeforeValidator(_one_or_many)] = ()
    duration: Column | None = None
    weight: Column | None = None
    actions: Text | None = None
    promises: Text | None = None
    strategy: Text | None = None
    waves: dict[Text, Span] = {}
    breaks: tuple[Break, ...] = ()  # of all questions at once, such as from telephone to web
    cleaning: Cleaning = Cleaning()
    analysis: Analysis = Analysis()
    privacy: Privacy = Privacy()

    @model_validator(mode="after")
    def _parts_agree(self):
        wrong = disagreements(self.model_dump(mode="json"))
        if wrong:
            raise ValueError("\n".join(f"{'.'.join(map(str, place))}: {what}" for place, what, _ in wrong))
        return self

    def columns(self) -> dict[str, str]:
        """Canonical name -> column name in the file, before a file's own `columns` mapping.

        Returns
        -------
        dict
            Keys: every outcome, factor and segment key, the comment columns under their own names, and of
            `respondent`, `wave`, `unit`, `stratum`, `seconds`, `weight` those that are declared.
        """
        names = {key: question.column for key, question in {**self.outcomes, **self.factors}.items()}
        names |= {key: segment.column for key, segment in self.segments.items()}
        names |= {column: column for column in self.comments}
        single = {
            "respondent": self.respondent,
            "wave": self.wave.column if self.wave else None,
            "unit": self.unit,
            "stratum": self.strata.column if self.strata else None,
            "seconds": self.duration,
            "weight": self.weight,
        }
        return names | {key: column for key, column in single.items() if column is not None}

    @property
    def questions(self) -> dict[str, Question]:
        """Outcomes and factors, in the order of the file."""
        return {**self.outcomes, **self.factors}


def project_file(folder: Path, name: str) -> Path:
    """A path named in the parameters: absolute, or relative to the client's folder."""
    path = Path(name)
    return path if path.is_absolute() else folder / path
