"""What one run is asked for: parameters, hashes of inputs and code, and what each stage hangs on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cxlib.actions.chain import HistoryNotes
from cxlib.errors import StageError
from cxlib.params import Params
from cxlib.runs import manifest, packages
from cxlib.runs.cache import Cache, Found
from cxlib.runs.changes import read_changed
from cxlib.runs.stages import Stage, View, needed_by


@dataclass
class Asked:
    """One run's parameters, inputs and code.

    Attributes
    ----------
    folder : Path
        The client's folder.
    params : Params
    changes : dict
        Settings changed for this run only.
    stages, views
    notebooks : Path
        Their folder.
    inputs, code
        Their hashes.
    packages : dict
        Version of everything that the library stands on.
    cache : Cache
        What earlier runs of the client left.
    by_hand : dict
        By the name of a stage that is adopted from a scratch copy, SHA-256 of what it left.
    """

    folder: Path
    params: Params
    changes: dict[str, Any]
    stages: tuple[Stage, ...]
    views: tuple[View, ...]
    notebooks: Path
    inputs: manifest.Inputs
    code: manifest.Code
    packages: dict[str, str]
    cache: Cache
    by_hand: dict[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def read(
        cls,
        folder: Path,
        outputs: Path,
        changes: dict[str, Any],
        stages: tuple[Stage, ...],
        views: tuple[View, ...],
        notebooks: Path,
    ) -> Asked:
        """Read the parameters and hash the rest.

        Raises
        ------
        ParamsError, DataError, RefusedError, StageError
            Something is wrong, not there or refused.
        """
        params = read_changed(folder, changes)
        cache = Cache(outputs / params.client)
        return cls(
            folder,
            params,
            changes,
            stages,
            views,
            notebooks,
            manifest.hash_inputs(params, folder),
            manifest.hash_code(notebooks, stages, views, cache.reaches()),
            packages.all_versions(),
            cache,
        )

    def mark(self, history: HistoryNotes) -> str:
        """The run's fingerprint: another one too when the log's past was changed, or a stage was made by hand."""
        mark = manifest.fingerprint(self.params, self.inputs, self.code, self.stages)
        more = {"history": noticed(history)} if history.notes else {}
        more |= {"by hand": self.by_hand} if self.by_hand else {}
        return manifest.digest({"run": mark, **more}) if more else mark

    def hashes(self, stage: Stage, left: Mapping[str, str], history: HistoryNotes) -> dict[str, str]:
        """What a stage hangs on; `left` : SHA-256 of what earlier stages left."""
        hashes = manifest.stage_hashes(
            stage, self.params, self.inputs, self.code, self.packages, left, self.mark(history)
        )
        if stage.name in self.by_hand:
            hashes["made by hand"] = manifest.digest(self.by_hand[stage.name])
        if stage.reads_actions:
            hashes["history of the action log"] = manifest.digest(noticed(history))
        return hashes

    def survey_is_known(self) -> bool:
        """Whether an earlier run has read this survey with these parameters, and all went well."""
        readers = [stage for stage in self.stages if stage.reads_survey]
        return bool(readers) and all(
            self.cache.find(stage, self.hashes(stage, {}, HistoryNotes())) is not None for stage in readers
        )

    def known(self, history: HistoryNotes, forced: set[str]) -> dict[str, Found]:
        """What can be taken over, as far as that is known before anything runs."""
        found: dict[str, Found] = {}
        for stage in self.stages:
            if stage.name in forced or not self._ready(stage, found):
                continue
            hit = self.cache.find(stage, self.hashes(stage, _left(found), history))
            if hit is not None:
                found[stage.name] = hit
        return found

    def why_not(self, stage: Stage, known: Mapping[str, Found], history: HistoryNotes) -> str:
        """Why a stage cannot be taken over; "" when only an earlier stage stands in its way."""
        if not self._ready(stage, known):
            return ""
        return self.cache.why_not(stage, self.hashes(stage, _left(known), history))

    def all_in(self, folder: Path, record: Mapping[str, Any], history: HistoryNotes) -> bool:
        """Whether one run holds every stage as it would come out now."""
        found: dict[str, Found] = {}
        for stage in self.stages:
            hit = self.cache.found_in(folder, record, stage, self.hashes(stage, _left(found), history))
            if hit is None:
                return False
            found[stage.name] = hit
        return True

    def refuse_changed_inputs(self) -> None:
        """A result of a survey that changed meanwhile is of nobody knows which.

        Raises
        ------
        StageError
        """
        if manifest.hash_inputs(self.params, self.folder) != self.inputs:
            raise StageError("The survey or the action log was changed during the run.", self.folder.name, "run again")

    def code_changed(self, stage: Stage) -> bool:
        """Whether the code that a stage reaches is no more what was hashed."""
        return manifest.code_differs(self.code, self.code.reaches[stage.name], self.notebooks, stage)

    def _ready(self, stage: Stage, found: Mapping[str, Found]) -> bool:
        return all(other.name in found for other in needed_by(stage, self.stages))


def _left(found: Mapping[str, Found]) -> dict[str, str]:
    return {path: sha for hit in found.values() for path, sha in hit.artefacts.items()}


def noticed(history: HistoryNotes) -> list[Any]:
    """The changes of the log's past; the chain's head is left out, since it hangs on the day of sealing."""
    return history.as_dict()["notes"]
