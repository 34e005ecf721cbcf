"""The look before a run finds the same in a process of its own as here."""

from __future__ import annotations

import pytest

from cxlib.check import check_client
from cxlib.kernels import parents
from cxlib.runs.checking import check_apart


def told(errors) -> list:
    return [(type(error), error.problems) for error in errors]


@pytest.fixture
def wrong(client):
    """The tiny client with a mistake in its parameters and two in its data."""
    text = (client / "params.yaml").read_text(encoding="utf-8")
    (client / "params.yaml").write_text(text + "sement: x\n", encoding="utf-8")
    (client / "survey.csv").write_text("r,w\n1,2\n77,3\n", encoding="utf-8")
    return client


@pytest.mark.kernel
@pytest.mark.skipif(not parents.can_fork(), reason="this platform cannot fork safely")
def test_in_a_forked_process(wrong, monkeypatch):
    monkeypatch.delenv(parents.OFF)
    here = told(check_client(wrong))
    assert len(here) == 2
    monkeypatch.setattr("cxlib.runs.checking.check_client", None)  # not here
    assert told(check_apart(wrong)) == here


def test_here_where_nothing_can_be_forked(wrong):
    assert told(check_apart(wrong)) == told(check_client(wrong))


def test_a_survey_that_is_known_is_not_read_again(client):
    (client / "survey.csv").write_text("x\n1\n", encoding="utf-8")
    assert check_apart(client, survey=False) == []
    assert check_apart(client) != []
