"""Folders under an address that fsspec reads: a shared disk, an object store, a store in memory."""

from __future__ import annotations

import hashlib
import posixpath
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cxlib.errors import DataError, ParamsError
from cxlib.runs import places
from cxlib.runs.latest import switch_latest

ARRIVING = ".batches/arriving"  # not yet runs; on the disk of the runs, so that one is put in place by renaming it
_WHEN_READ = ("time", "atime", "accessTime")  # as sftp and others call the moment in which a file was last read


def is_address(text: str) -> bool:
    """Whether a text is an address with a protocol, such as s3://bucket/outputs, and no plain path."""
    return "://" in text


def last_name(address: str) -> str:
    """The last part of an address: the client's name, or that of the folder of all runs."""
    return address.rstrip("/").rsplit("/", 1)[-1]


class Store:
    """A folder under an address.

    Parameters
    ----------
    address : str
        Such as s3://bucket/params/shop or file:///srv/params/shop.

    Raises
    ------
    ParamsError
        The protocol is not known, its package is not installed, or the address holds a password.
    DataError
        The store cannot be reached.
    """

    def __init__(self, address: str) -> None:
        import fsspec

        refuse_password(address)
        self.address = address
        protocol = address.split("://", 1)[0]
        try:
            # A store that is asked one thing after another (ftp, sftp) holds one connection, which its server ends when
            # it was idle for the length of a run: each Store has one of its own. The others see to theirs themselves.
            alone = not getattr(fsspec.get_filesystem_class(protocol.split("::")[0]), "async_impl", False)
            more = {"skip_instance_cache": True} if alone else {}
            self._fs, self._root = fsspec.core.url_to_fs(address, **more)
        except ImportError as error:
            raise ParamsError(f"'{protocol}' needs a further package.", shown(address), str(error)) from None
        except ValueError:
            how = "write for instance s3://, gs://, sftp:// or file://"
            raise ParamsError(f"'{protocol}' is no protocol that fsspec knows.", shown(address), how) from None
        except Exception as error:  # some connect at once; the text can hold a key
            what = f"The store could not be reached ({type(error).__name__})."
            raise DataError(what, shown(address), "is it there, and may this machine use it?") from None
        self._fs.dircache.use_listings_cache = False  # others write there too
        protocols = {self._fs.protocol} if isinstance(self._fs.protocol, str) else set(self._fs.protocol)
        self.disk = Path(self._root) if protocols & {"file", "local"} else None  # where it is a folder of this machine
        self._has_folders = self._root.startswith("/")  # an object store has none, and its paths begin with a bucket
        self._made: set[str] = set()

    def _path(self, name: str) -> str:
        return posixpath.join(self._root, name) if name else self._root

    def read(self, name: str) -> bytes | None:
        """The content of a file, None when there is none.

        Raises
        ------
        DataError
            The store cannot be reached.
        """
        return self._asked(lambda: self._fs.cat_file(self._path(name)), missing=None)

    def write(self, name: str, content: bytes) -> None:
        """Write a file in one step: an object store shows it whole or not at all, others after a renaming.

        Raises
        ------
        DataError
            It cannot be written.
        """
        self._asked(lambda: self._write(name, content))

    def _write(self, name: str, content: bytes) -> None:
        if self.disk is None:
            self._pipe(self._path(name), content)
            return
        path = self.disk / name
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        temporary.write_bytes(content)
        temporary.replace(path)

    def _pipe(self, path: str, content: bytes) -> None:
        if not self._has_folders:
            self._fs.pipe_file(path, content)
            return
        folder, last = posixpath.split(path)
        if folder not in self._made:
            try:
                self._fs.makedirs(folder, exist_ok=True)
            except Exception:
                if not self._fs.isdir(folder):  # another worker has not made it meanwhile either
                    raise
            self._made.add(folder)
        temporary = posixpath.join(folder, f".{last}.{secrets.token_hex(4)}")
        self._fs.pipe_file(temporary, content)
        try:
            self._fs.mv(temporary, path)
        except Exception:  # some servers rename nothing over a file that is there
            self._fs.pipe_file(path, content)
            self._fs.rm_file(temporary)

    def files(self) -> dict[str, str]:
        """Name -> a text that changes with the file's content, for every file; hidden ones are left out.

        Raises
        ------
        DataError
            The store cannot be reached.
        """
        self._fs.invalidate_cache()
        found: dict[str, Any] = self._asked(lambda: self._fs.find(self._root, detail=True), missing={})
        root = self._fs._strip_protocol(self._root).rstrip("/") + "/"
        names = {path.removeprefix(root): path for path in found}
        # Locks and half-written files come and go beside the log.
        kept = {name: path for name, path in names.items() if not posixpath.basename(name).startswith(".")}
        return {name: self._asked(lambda path=path: self._token(path)) for name, path in sorted(kept.items())}

    def _token(self, path: str) -> str:
        """A text that changes with a file's content, and not when somebody reads it."""
        from fsspec import AbstractFileSystem

        if type(self._fs).ukey is not AbstractFileSystem.ukey:
            return str(self._fs.ukey(path))
        told = {key: value for key, value in self._fs.info(path).items() if key not in _WHEN_READ}
        return hashlib.sha256(str(told).encode()).hexdigest()

    def fetch(self, name: str, to: Path) -> bool:
        """Write a file of the store to a path; False when there is none."""
        content = self.read(name)
        if content is None:
            return False
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(content)
        return True

    def send_run(self, folder: Path, client: str, digests: Mapping[str, str]) -> None:
        """Put a run folder into the store of all runs, so that no reader takes half of it for a run.

        Parameters
        ----------
        folder : Path
            The run folder.
        client : str
        digests : mapping
            Path in the folder -> SHA-256; read back and compared.

        Raises
        ------
        DataError
            The store cannot be written, or holds something else than was sent.

        Notes
        -----
        On a disk the folder is written elsewhere and renamed. In an object store, where folders cannot be renamed in
        one step, manifest.json goes last: without it a folder is no run.
        """
        if self.disk is not None:
            self._asked(lambda: self._send_to_disk(folder, client, digests))
            return
        for name in sorted(digests, key=lambda name: name == places.MANIFEST):
            place = f"{client}/{folder.name}/{name}"
            self.write(place, (folder / name).read_bytes())
            arrived = self.read(place)
            if arrived is None or hashlib.sha256(arrived).hexdigest() != digests[name]:
                raise DataError("A file did not arrive in the store as it was sent.", name, "run again")

    def _send_to_disk(self, folder: Path, client: str, digests: Mapping[str, str]) -> None:
        from cxlib.batch.packing import folder_digests

        assert self.disk is not None
        target = self.disk / client / folder.name
        target.parent.mkdir(parents=True, exist_ok=True)
        with arriving(self.disk) as workshop:
            shutil.copytree(folder, workshop / folder.name)
            if folder_digests(workshop / folder.name) != dict(digests):
                raise DataError("A run did not arrive on the disk as it was sent.", folder.name, "run again")
            (workshop / folder.name).rename(target)

    def latest_run(self, client: str) -> str:
        """The name of the client's latest run; "" when there is none."""
        if self.disk is not None:
            found = places.follow(self.disk / client / places.LATEST)
            return found.name if (found / places.MANIFEST).is_file() else ""
        named = (self.read(f"{client}/{places.LATEST}") or b"").decode("utf-8", "replace").strip()
        return named if named and self.read(f"{client}/{named}/{places.MANIFEST}") is not None else ""

    def switch_latest(self, client: str, run: str) -> None:
        """Let `latest` name a run, in one step."""
        if self.disk is not None:
            switch_latest(self.disk / client, run)
        else:
            self.write(f"{client}/{places.LATEST}", f"{run}\n".encode())

    def _asked(self, ask: Callable[[], Any], **missing: Any) -> Any:
        """Whatever a store's own library raises, told as a problem of the store; its text can hold a key."""
        try:
            return ask()
        except FileNotFoundError:
            if "missing" in missing:
                return missing["missing"]
            raise DataError(
                "There is no such file in the store.", shown(self.address), "is the address right?"
            ) from None
        except (DataError, ParamsError):
            raise
        except Exception as error:
            raise DataError(
                f"The store could not be read or written ({type(error).__name__}).",
                shown(self.address),
                "is it there, is there room, and may this machine write in it?",
            ) from None


@contextmanager
def arriving(outputs: Path) -> Iterator[Path]:
    """A folder of its own on the disk of the runs, for what is not yet one; only this user reads it. Gone at the end.

    While it is held, nobody takes it for what a killed batch has left (`clear_leftovers`).
    """
    from filelock import FileLock

    folder = outputs / ARRIVING / secrets.token_hex(8)
    folder.parent.mkdir(parents=True, exist_ok=True)
    held = FileLock(_lock_of(folder))
    held.acquire(timeout=0)  # before the folder is there, so that there is none that nobody holds
    try:
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        held.release()
        _lock_of(folder).unlink(missing_ok=True)
        with suppress(OSError):
            folder.parent.rmdir()  # the last one leaves nothing behind


def clear_leftovers(outputs: Path) -> None:
    """Take away what batches that were killed had not yet put in place; what another batch holds stays."""
    from filelock import FileLock, Timeout

    for folder in (outputs / ARRIVING).glob("*/"):
        with suppress(Timeout, OSError), FileLock(_lock_of(folder), timeout=0):
            shutil.rmtree(folder, ignore_errors=True)
            _lock_of(folder).unlink(missing_ok=True)
    with suppress(OSError):
        (outputs / ARRIVING).rmdir()


def _lock_of(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.lock")


def refuse_password(address: str) -> None:
    """Refuse an address that holds a password: addresses stand in records, on pages and in what is said.

    Raises
    ------
    ParamsError
    """
    user, at, _ = address.partition("://")[2].partition("/")[0].rpartition("@")
    if at and ":" in user:
        how = "write it into the store's own configuration, or fsspec's: ~/.config/fsspec/conf.json"
        raise ParamsError("An address holds no password.", shown(address), how)


def shown(address: str) -> str:
    """An address as a message shows it: without a user's name, a password or a query in it.

    Examples
    --------
    >>> shown("sftp://me:secret@host/params/shop?key=1")
    'sftp://host/params/shop'
    """
    protocol, _, rest = address.partition("://")
    host, slash, path = rest.split("?", 1)[0].partition("/")
    return f"{protocol}://{host.rsplit('@', 1)[-1]}{slash}{path}"
