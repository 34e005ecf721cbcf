"""The one typed, frozen model of `params.yaml`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
RESERVED = {"row", "source", "wave", "respondent", "unit", "weight", "seconds", "rule", "all"}
LANGUAGES = ("vi", "en")

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
Column = Annotated[str, BeforeValidator(_text), Field(min_length=1, max_length=300)]


class Part(BaseModel):
    """Base of every part of the parameters: frozen, and no key it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Label(Part):
    """A text in both languages of the pages."""

    vi: Text
    en: Text

    def get(self, language: str) -> str:
        """The text in `language` ('vi' or 'en')."""
        return self.en if language == "en" else self.vi


class WaveFile(Part):
    """One file of several; `columns` maps the client's keys onto this file's column names."""

    file: Text
    wave: Text | None = None
    sheet: Text | None = None
    columns: dict[str, Column] = {}


class Data(Part):
    """Where the answers are. Encoding and delimiter are found out unless given."""

    responses: Text | tuple[WaveFile, ...]
    sheet: Text | None = None
    encoding: Text | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None

    @property
    def files(self) -> tuple[WaveFile, ...]:
        """The files, also when there is just one."""
        if isinstance(self.responses, str):
            return (WaveFile(file=self.responses, sheet=self.sheet),)
        return self.responses


class Wave(Part):
    """The column that tells the survey wave; dates are cut into periods by `every`."""

    column: Column
    every: Literal["week", "month", "quarter", "year"] | None = None


Scale = tuple[int, int]


class Question(Part):
    """A question answered on a whole-number scale; a higher number is better."""

    column: Column
    scale: Scale
    missing: tuple[float, ...] = ()
    label: Label

    @model_validator(mode="after")
    def _scale_rises(self):
        low, high = self.scale
        if not low < high:
            raise ValueError("scale must rise: [lowest, highest]")
        if high - low > 100:
            raise ValueError("scale has more than 101 answers; an answer scale has at most that")
        return self


class Outcome(Question):
    """Referral, loyalty, or a question that stands in for one of them."""

    proxy_for: Literal["referral", "loyalty"] | None = None


class Factor(Question):
    """Something customers rate that may go with an outcome.

    `mentions` are words that, found in a comment, tell that the comment speaks of this factor.
    """

    step: Key | None = None
    mentions: tuple[Text, ...] = ()


class Segment(Part):
    """A grouping of customers; never ranked. `sensitive` raises the smallest group shown."""

    column: Column
    label: Label | None = None
    values: dict[str, Label] = {}
    sensitive: bool = False


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
    segments: Annotated[dict[Key, Segment], BeforeValidator(_segments)] = {}
    comments: tuple[Column, ...] = ()
    duration: Column | None = None
    weight: Column | None = None
    actions: Text | None = None
    cleaning: Cleaning = Cleaning()
    analysis: Analysis = Analysis()
    privacy: Privacy = Privacy()

    @model_validator(mode="after")
    def _whole(self):
        wrong = []
        for key, outcome in self.outcomes.items():
            if key not in ("referral", "loyalty") and outcome.proxy_for is None:
                wrong.append(
                    f"outcomes.{key}: an outcome is referral or loyalty; another question can stand in for one of them "
                    "when it says so (proxy_for: referral)"
                )
        names = [*self.outcomes, *self.factors, *self.segments]
        for key in sorted({name for name in names if names.count(name) > 1}):
            wrong.append(f"{key}: used for two things; each outcome, factor and segment needs a key of its own")
        for key, factor in self.factors.items():
            if self.steps and factor.step is not None and factor.step not in self.steps:
                wrong.append(f"factors.{key}.step: '{factor.step}' is not among the steps ({', '.join(self.steps)})")
        if self.wave is not None and any(item.wave is not None for item in self.data.files):
            wrong.append("wave: given both as a column and with the files; keep one of them")
        if self.cleaning.min_seconds is not None and self.duration is None:
            wrong.append("cleaning.min_seconds: needs to know the column that holds the seconds (duration: COLUMN)")
        known = {*self.columns(), "id"}  # `id` is another name of `respondent` in a file's mapping
        for number, item in enumerate(self.data.files):
            for key in item.columns:
                if key not in known:
                    wrong.append(f"data.responses.{number}.columns.{key}: is no key of these parameters")
        if wrong:
            raise ValueError("\n".join(wrong))
        return self

    def columns(self) -> dict[str, str]:
        """Canonical name -> column name in the file, before a file's own `columns` mapping.

        Returns
        -------
        dict
            Keys: every outcome, factor and segment key, the comment columns under their own names, and of
            `respondent`, `wave`, `unit`, `seconds`, `weight` those that are declared.
        """
        names = {key: question.column for key, question in {**self.outcomes, **self.factors}.items()}
        names |= {key: segment.column for key, segment in self.segments.items()}
        names |= {column: column for column in self.comments}
        single = {
            "respondent": self.respondent,
            "wave": self.wave.column if self.wave else None,
            "unit": self.unit,
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
