"""Surveys whose truth is known, for the calibration: skewed answers with a halo, gaps, weights and stores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from cxlib.drivers.survey import Settings, Survey
from cxlib.stats.binormal import binormal
from cxlib.stats.tables import Tables

# shares of answers, lowest first; as satisfied customers give them, and one even scale
FIVE = (
    (0.04, 0.08, 0.18, 0.40, 0.30),
    (0.05, 0.10, 0.20, 0.35, 0.30),
    (0.03, 0.05, 0.12, 0.35, 0.45),
    (0.10, 0.20, 0.40, 0.20, 0.10),
)
ELEVEN = (0.03, 0.01, 0.02, 0.03, 0.04, 0.08, 0.09, 0.15, 0.20, 0.15, 0.20)
STORE_SHARE = 0.1  # part of each variable's variance that lies between stores
GAPS = 0.1  # part of the answers that is missing
DESIGNS = ("plain", "gaps", "stores", "weights")


@dataclass(frozen=True)
class Plan:
    """How people answer: normal leanings, cut into answers.

    Parameters
    ----------
    latent : array of shape (questions, questions)
        Correlations of the leanings, the outcomes last.
    shares : tuple of tuples
        Of each question the shares of its answers, lowest first.
    outcomes : int
        How many of the questions are outcomes.
    """

    latent: np.ndarray
    shares: tuple[tuple[float, ...], ...]
    outcomes: int = 1

    @property
    def names(self) -> list[str]:
        """Of the questions: f0, f1, ..., y0, ..."""
        factors = len(self.shares) - self.outcomes
        return [f"f{i}" for i in range(factors)] + [f"y{i}" for i in range(self.outcomes)]

    def chances(self) -> Tables:
        """The tables of the whole population: exact probabilities in place of people."""
        starts = np.concatenate([[0], np.cumsum([len(share) for share in self.shares])])
        counts = np.zeros((1, starts[-1], starts[-1]))
        edges = [np.concatenate([[-np.inf], ndtri(np.cumsum(share)[:-1]), [np.inf]]) for share in self.shares]
        for i, share in enumerate(self.shares):
            for j in range(len(self.shares)):
                below = binormal(edges[i][:, None], edges[j], self.latent[i, j]) if i != j else None
                block = np.diag(share) if below is None else np.diff(np.diff(below, axis=0), axis=1)
                counts[0, starts[i] : starts[i + 1], starts[j] : starts[j + 1]] = np.maximum(block, 0.0)
        size = len(self.shares)
        levels = tuple(np.arange(len(share), dtype=float) for share in self.shares)
        return Tables(tuple(self.names), levels, counts, np.full((size, size), 10**9), np.full((size, size), 1e9))

    def answers(self, rng: np.random.Generator, n: int, stores: np.ndarray | None = None) -> np.ndarray:
        """Answers of n people as level numbers; with stores, part of every leaning is the store's."""
        root = np.linalg.cholesky(self.latent)
        leaning = normal(rng, n, len(root), stores) @ root.T
        return cut(leaning, self.shares)


def halo_plan(factors: int, halo: float, effects: tuple[float, ...], five: int = 4) -> Plan:
    """Factors that all correlate by `halo`, and an outcome of 0-10 that depends on the first of them."""
    inner = np.full((factors, factors), halo)
    np.fill_diagonal(inner, 1.0)
    weights = np.zeros(factors)
    weights[: len(effects)] = effects
    latent = np.eye(factors + 1)
    latent[:-1, :-1] = inner
    latent[-1, :-1] = latent[:-1, -1] = inner @ weights
    return Plan(latent, (*(FIVE[j % five] for j in range(factors)), ELEVEN))


def normal(rng: np.random.Generator, n: int, columns: int, stores: np.ndarray | None) -> np.ndarray:
    """Independent standard normal columns; people of a store share `STORE_SHARE` of the variance."""
    own = rng.standard_normal((n, columns))
    if stores is None:
        return own
    between = rng.standard_normal((stores.max() + 1, columns))
    return np.sqrt(1 - STORE_SHARE) * own + np.sqrt(STORE_SHARE) * between[stores]


def cut(leaning: np.ndarray, shares: tuple[tuple[float, ...], ...]) -> np.ndarray:
    """Leanings as level numbers 0, 1, ..."""
    columns = [np.searchsorted(ndtri(np.cumsum(share)[:-1]), leaning[:, j]) for j, share in enumerate(shares)]
    return np.column_stack(columns).astype(float)


def leave_gaps(rng: np.random.Generator, answers: np.ndarray, outcomes: int, *, at_random: bool) -> np.ndarray:
    """Take a tenth of the factors' answers away.

    Completely at random, or (`at_random`) depending on the first factor, which everybody answers: its low raters leave
    out up to four times as much as its high raters.
    """
    answers = answers.copy()
    factors = answers.shape[1] - outcomes
    chance = np.full((len(answers), 1), GAPS)
    if at_random:
        chance = GAPS * (1.6 - 1.2 * answers[:, :1] / answers[:, 0].max())
    gone = rng.random((len(answers), factors)) < chance
    if at_random:
        gone[:, 0] = False
    answers[:, :factors][gone] = np.nan
    return answers


def as_survey(
    plan: Plan,
    answers: np.ndarray,
    *,
    stores: np.ndarray | None = None,
    weights: np.ndarray | None = None,
    resamples: int,
    seed: int,
) -> Survey:
    """The answers as the factor test takes them."""
    names = plan.names
    factors = len(names) - plan.outcomes
    scales = {name: (0.0, len(share) - 1.0) for name, share in zip(names, plan.shares, strict=True)}
    units = None if stores is None else np.array([f"s{number}" for number in stores], dtype=object)
    settings = Settings(0.05, 0.95, resamples, seed, 30)
    frame = pd.DataFrame(answers, columns=names)
    return Survey(frame, tuple(names[:factors]), tuple(names[factors:]), scales, weights, units, frozenset(), settings)


def some_stores(n: int) -> np.ndarray:
    """Stores of n people: 10 people each up to 40 stores, then larger ones."""
    return np.arange(n) % max(10, min(40, n // 10))


def some_weights(rng: np.random.Generator, n: int) -> np.ndarray:
    """Design weights of mean 1 with a design effect near 1.3."""
    weights = rng.lognormal(0.0, 0.5, n)
    return weights / weights.mean()
