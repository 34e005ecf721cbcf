"""A run as a stage notebook sees it: what was asked, what earlier stages left, and where to keep a result."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import ValidationError

from cxlib.errors import ParamsError, StageError
from cxlib.params import Params
from cxlib.runs import places

if TYPE_CHECKING:
    import pandas as pd

    from cxlib.findings.schema import Document
    from cxlib.intake import Responses

SCRATCH_STATUS = "scratch"


class Keepable(Protocol):
    """A result that can write itself into a folder."""

    def save(self, folder: Path) -> Any: ...


@dataclass(frozen=True)
class Run:
    """One run folder, opened.

    Attributes
    ----------
    folder : Path
        The run folder.
    params : Params
        What was asked, resolved: the client's file with the changes of this run.
    client_folder : Path
        Where the client's `params.yaml`, survey and action log are.
    fingerprint : str
        SHA-256 of parameters, inputs and code: the same for the same.
    status : str
        As its manifest says: running, done, partial, failed, stopped; scratch for a copy that is worked on by hand.
    """

    folder: Path
    params: Params
    client_folder: Path
    fingerprint: str
    status: str = "running"

    @property
    def made_on(self) -> str:
        """The latest day that the inputs know, as YYYY-MM-DD: of an answer or of a line of the action log.

        The clock is never asked, so that the same inputs give the same findings. "" when no input holds a date.
        """
        from cxlib.actions import read_actions

        days = [places.read_json(self._needed(places.INTAKE, "clean")).get("made_on")]
        days += [str(record.recorded_on) for record in read_actions(self.params, self.client_folder).records]
        return max((str(day)[:10] for day in days if day), default="")

    def answers(self) -> pd.DataFrame:
        """One row a kept respondent: labels and missing codes resolved, contacts taken out of comments."""
        return self._answers(places.RESPONSES)

    def set_aside(self) -> pd.DataFrame:
        """One row a respondent set aside, with the `rule` that did it."""
        return self._answers(places.SET_ASIDE)

    def ledger(self) -> pd.DataFrame:
        """Columns what, source, wave, field, rule, count: where every row and every cell ended."""
        return self._table(places.LEDGER, "clean")

    def drivers(self) -> pd.DataFrame:
        """One row a factor x outcome (x segment level, x wave); columns as `cx.find_drivers` says."""
        return self._table(places.DRIVERS, "drivers")

    def table(self, name: str) -> pd.DataFrame:
        """A further table of the factor test.

        Parameters
        ----------
        name : str
            One of associations, importance, comparisons, specifications, groups, halo, sensitivity, reliability,
            design; their columns stand in docs/statistics.md.

        Raises
        ------
        ParamsError
            There is no table of that name.
        """
        if name not in places.FACTOR_TABLES:
            raise ParamsError(f"There is no table '{name}'.", "table", f"there are {', '.join(places.FACTOR_TABLES)}")
        return self._table(f"{name}.csv", "drivers")

    def tables(self) -> dict[str, pd.DataFrame]:
        """All further tables of the factor test, by name."""
        return {name: self.table(name) for name in places.FACTOR_TABLES}

    def trends(self) -> pd.DataFrame:
        """Every question from wave to wave; columns as `cx.wave_trends` says."""
        return self._table(places.TRENDS, "change")

    def change(self) -> pd.DataFrame:
        """One row a documented action and question: what changed after it; columns in docs/change.md."""
        return self._table(places.CHANGE, "change")

    def periods(self) -> pd.DataFrame:
        """Means of those acted on and of the others in every wave, for each action and question."""
        return self._table(places.PERIODS, "change")

    def events(self) -> pd.DataFrame:
        """How much more those acted on had changed, by waves since the start, for each action and question."""
        return self._table(places.EVENTS, "change")

    def history(self) -> dict[str, Any]:
        """What was found changed in the action log's past; no notes where the client keeps no log."""
        path = self.folder / places.HISTORY
        return places.read_json(path) if path.is_file() else {"notes": []}

    def findings(self) -> Document:
        """findings.json as its typed model."""
        from cxlib.findings.schema import Document

        text = self._needed(places.FINDINGS, "findings").read_text(encoding="utf-8")
        return Document.model_validate_json(text)

    def keep(self, result: Keepable) -> None:
        """Write a stage's result into the run folder.

        A finished run is left as it is. There, the result is compared with what was kept; one that differs goes into a
        scratch copy of the run, from which `cx adopt` makes a run of its own.
        """
        with tempfile.TemporaryDirectory(prefix=".keep-", dir=None if self.closed else self.folder) as temporary:
            result.save(Path(temporary))
            fresh = sorted(path for path in Path(temporary).rglob("*") if path.is_file())
            names = [path.relative_to(temporary).as_posix() for path in fresh]
            if not self.closed:
                # In one step each: an earlier run may know the same file under its own name.
                for name, path in zip(names, fresh, strict=True):
                    (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                    path.replace(self.folder / name)
                if self.scratch:
                    from cxlib.runs.by_hand import note

                    note(self.folder, names)
                return
            differ = [name for name, path in zip(names, fresh, strict=True) if not _same(path, self.folder / name)]
            if not differ:
                print(f"The same as this run has kept: {', '.join(names)}")
                return

            from cxlib.runs.by_hand import keep_in_scratch

            print(keep_in_scratch(self.folder, Path(temporary), names, differ, self.params.client))

    @property
    def closed(self) -> bool:
        """Whether it has ended, however it did: nothing is written into it any more."""
        return self.status not in ("running", SCRATCH_STATUS)

    @property
    def finished(self) -> bool:
        """Whether everything that was asked of it is there."""
        return self.status in ("done", "partial")

    @property
    def partial(self) -> bool:
        """Whether it was asked for some stages only, and holds no more."""
        return self.status == "partial"

    @property
    def scratch(self) -> bool:
        """Whether it is a scratch copy, to be written by hand."""
        return self.status == SCRATCH_STATUS

    def keep_sources(self, responses: Responses) -> None:
        """Write intake.json: what was read (file, format, rows, SHA-256) and the latest day in it; no answers.

        Parameters
        ----------
        responses : Responses
            As `cx.read_responses` returns it.
        """
        self.keep(_Sources(responses))

    def _needed(self, name: str, stage: str) -> Path:
        path = self.folder / name
        if not path.is_file():
            raise StageError(
                f"This run holds no {name}.",
                places.shown(self.folder),
                f"run the stage '{stage}' first: cx run {self.params.client}",
            )
        return path

    def _answers(self, name: str) -> pd.DataFrame:
        from cxlib.runs.tables import read_answers

        return read_answers(self._needed(name, "clean"))

    def _table(self, name: str, stage: str) -> pd.DataFrame:
        from cxlib.runs.tables import read_table

        return read_table(self._needed(name, stage))


@dataclass(frozen=True)
class _Sources:
    """The notes of intake, in the shape that `Run.keep` knows."""

    responses: Responses

    def save(self, folder: Path) -> None:
        made_on = self.responses.made_on
        places.write_json(
            Path(folder) / places.INTAKE,
            {
                "made_on": None if made_on is None else made_on.isoformat(),
                "sources": [asdict(note) for note in self.responses.notes],
            },
        )


def _same(fresh: Path, kept: Path) -> bool:
    return kept.is_file() and fresh.read_bytes() == kept.read_bytes()


def open_run(run_dir: str | Path) -> Run:
    """Open a run folder.

    Parameters
    ----------
    run_dir : str or Path
        Such as "outputs/demo/latest". A relative path is looked for below $CX_HOME, then from the working directory
        upwards.

    Returns
    -------
    Run

    Raises
    ------
    ParamsError
        No such folder, or none that a run has made.
    """
    folder = places.find_run_folder(run_dir)
    manifest = places.read_record(folder, needed=("client_folder", "fingerprint"))
    try:
        params = Params.model_validate(places.read_json(folder / places.PARAMS))
    except ValidationError as error:
        raise ParamsError(
            f"The parameters of this run do not fit this version of the workbench ({error.error_count()} places).",
            places.shown(folder / places.PARAMS),
            "run the client again: cx run CLIENT",
        ) from None
    client_folder = (folder / manifest["client_folder"]).resolve()
    return Run(folder, params, client_folder, manifest["fingerprint"], str(manifest.get("status")))
