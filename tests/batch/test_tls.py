"""A scheduler that talks over TLS: with certificates of its own authority a batch runs, with others it is refused."""

from __future__ import annotations

import datetime
import ipaddress
from pathlib import Path

import dask
import distributed  # noqa: F401  (its settings are there before a test changes some)
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from cxlib.batch import cluster as clusters
from cxlib.batch.batch import lines_of, run_batch
from cxlib.batch.record import BatchRecord
from cxlib.errors import ParamsError
from cxlib.runs.latest import latest_run

pytestmark = pytest.mark.kernel

ROLES = ("scheduler", "worker", "client")


def write_certificates(folder: Path) -> dict[str, str]:
    """An authority and one certificate for 127.0.0.1 that it has signed; as dask's configuration names them."""
    folder.mkdir()
    now = datetime.datetime.now(datetime.UTC)

    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    def certificate(subject: str, key, issuer_key, *, authority: bool) -> bytes:
        made = (
            x509.CertificateBuilder()
            .subject_name(name(subject))
            .issuer_name(name("authority"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(minutes=5))
            .not_valid_after(now + datetime.timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
            )
        )
        return made.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    authority, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    key = own.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "ca.pem").write_bytes(certificate("authority", authority, authority, authority=True))
    (folder / "own.pem").write_bytes(key + certificate("own", own, authority, authority=False))
    return {
        "distributed.comm.tls.ca-file": str(folder / "ca.pem"),
        **{
            f"distributed.comm.tls.{role}.{part}": str(folder / "own.pem") for role in ROLES for part in ("cert", "key")
        },
    }


def as_environment(settings: dict[str, str]) -> dict[str, str]:
    """Dask's configuration as environment variables, as an administrator would give it to a service."""
    return {f"DASK_{key.upper().replace('.', '__').replace('-', '_')}": value for key, value in settings.items()}


@pytest.fixture(scope="module")
def tls(start_cluster, tmp_path_factory):
    """(address, settings) of a scheduler and a worker, each a process of its own."""
    settings = write_certificates(tmp_path_factory.mktemp("certificates") / "right")
    with start_cluster(workers=1, words=("--protocol", "tls"), **as_environment(settings)) as found:
        yield found.address, settings


def test_a_batch_runs_over_tls(runners, tls, tmp_path):
    address, settings = tls
    assert address.startswith("tls://")
    folders = [runners.add_client(tmp_path / "params", name) for name in ("one", "two")]
    record = BatchRecord.begin("batch", str(tmp_path / "outputs"), lines_of([str(path) for path in folders], {}))
    with dask.config.set(settings):
        run_batch(record, scheduler=address, runner=runners.run_mini)
    assert record.status == "done"
    assert [latest_run(tmp_path / "outputs" / line.key).name for line in record.lines] == [
        line.run for line in record.lines
    ]


def refused(address: str, settings: dict[str, str]) -> str:
    with (
        dask.config.set(settings),
        pytest.raises(ParamsError) as caught,
        clusters.connected(address, jobs=1),
    ):
        pass
    return str(caught.value)


def test_other_certificates_are_refused_and_said_to_be(tls, tmp_path):
    told = refused(tls[0], write_certificates(tmp_path / "other"))
    assert "The certificates do not fit those of the scheduler." in told
    assert f"--scheduler {tls[0]}" in told


def test_missing_certificates_are_named(tls, tmp_path):
    nowhere = tls[1] | {"distributed.comm.tls.ca-file": str(tmp_path / "none.pem")}
    assert "A certificate cannot be read" in refused(tls[0], nowhere)
    assert "No certificates are named" in refused(tls[0], dict.fromkeys(tls[1]))
