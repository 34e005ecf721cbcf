"""What travels between the batch and its workers: a job there, an outcome back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from cxlib.errors import Problem


@dataclass(frozen=True)
class Chain:
    """The history beside an action log, before and after a run.

    Attributes
    ----------
    name : str
        Its file, seen from the client's folder.
    before, after : bytes or None
        Its content; None where there was no such file.
    """

    name: str
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True)
class Earlier:
    """The client's latest run, so that its record of the log's history is held against the chain.

    Attributes
    ----------
    run : str
        Its name.
    path : str
        Its folder; a worker that sees the same folder takes over the stages that need not run again. "" in a store.
    small : mapping of bytes
        The files that every worker gets, by name.
    """

    run: str
    path: str
    small: Mapping[str, bytes]


@dataclass(frozen=True)
class Job:
    """One run that a worker is asked for.

    Attributes
    ----------
    key : str
        Its name in the batch.
    client : str
        The client's name, which is that of its folder.
    source : str
        The address from which the worker fetches the client's folder; "" when it is in `archive` or `files`.
    archive : bytes
        The packed folder, for a worker that may be on another machine.
    files, digests : mapping
        Place in the scratch folder -> path, and -> SHA-256, for a worker on this machine.
    outside : mapping
        Path -> SHA-256 of files that the parameters name elsewhere; the worker must see the same.
    changes : mapping
        Dotted key -> value, for this run only.
    outputs : str
        The address to which the worker sends the run; "" when the run comes home.
    workshop : str
        A folder on the disk of the runs in which a worker on this machine makes the run, to be put in place by renaming
        it; "" where the run travels with the outcome.
    outputs_name, outputs_shown : str
        Name of the folder of all runs, and what messages call it.
    client_folder : str
        Where the client's folder will be, seen from the run's.
    earlier : Earlier or None
    environment : str
        Digest of versions, code and surroundings; a worker with others does nothing.
    topic : str
        Where the worker tells how far it is.
    runner : callable or None
        What runs a client's folder; `run_client` unless given. Its module must be importable by the workers.
    """

    key: str
    client: str
    source: str
    archive: bytes = field(repr=False)
    files: Mapping[str, str] = field(repr=False)
    digests: Mapping[str, str] = field(repr=False)
    outside: Mapping[str, str]
    changes: Mapping[str, Any]
    outputs: str
    workshop: str
    outputs_name: str
    outputs_shown: str
    client_folder: str
    earlier: Earlier | None = field(repr=False)
    environment: str
    topic: str
    runner: Callable[..., Any] | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a job.

    Attributes
    ----------
    key : str
    state : {'done', 'failed'}
    problems : tuple of Problem
    exit_code : int
        As `cx run` would have ended.
    run : str
        The run folder's name; "" when none was begun.
    files : mapping
        Path in the run folder -> SHA-256; empty of a run that has not travelled.
    archive : bytes
        The packed run folder; empty when it did not travel, was sent to a store, or is the earlier run itself.
    made_in : str
        The folder in the workshop that holds the run folder; "" otherwise.
    chain : Chain or None
    told : mapping
        Rows, findings and loop figures, out of findings.json; empty when there is none.
    facts : mapping
        Factor and outcome -> what a table of settings compares.
    seconds : float
    """

    key: str
    state: Literal["done", "failed"]
    problems: tuple[Problem, ...] = ()
    exit_code: int = 0
    run: str = ""
    files: Mapping[str, str] = field(default_factory=dict, repr=False)
    archive: bytes = field(default=b"", repr=False)
    made_in: str = ""
    chain: Chain | None = field(default=None, repr=False)
    told: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict, repr=False)
    seconds: float = 0.0
