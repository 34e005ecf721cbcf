"""`cx doctor` measures a kernel of each kind."""

from __future__ import annotations

import json

import pytest

from cxlib.kernels import provisioner, spec

pytestmark = pytest.mark.kernel


def test_doctor_says_which_kernels_are_in_use_and_what_they_save(cx):
    done = cx("doctor", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)["kernels"]
    assert told["cold"]["seconds"] > 0
    if provisioner.can_fork() and spec.is_registered():
        assert told["in_use"] == "warm"
        assert told["missing"] == []
        assert told["warm"]["warm"]
        assert told["warm"]["private_mb"] < told["cold"]["private_mb"] / 2
    else:
        assert told["in_use"] == "cold"
        assert told["why_cold"]


def test_the_kernelspec_of_an_environment_names_the_warm_provisioner(tmp_path):
    path = spec.install(tmp_path)
    assert path == tmp_path / "share" / "jupyter" / "kernels" / "python3" / "kernel.json"
    assert spec.installed_provisioner(tmp_path) == (spec.PROVISIONER if spec.is_registered() else "")
    assert spec.installed_provisioner(tmp_path / "none") == ""
