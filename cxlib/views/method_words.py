"""The names of methods as a reader may see them."""

from __future__ import annotations

from cxlib.views.say import Said, joined, said, say

# Codes of the tables of the factor test: what was computed, then how, joined by "_".
COMPUTED = (
    "semipartial_spearman", "semipartial_pearson", "semipartial_kendall", "partial_spearman", "partial_pearson",
    "partial_kendall", "spearman", "pearson", "kendall", "somers_d", "polychoric", "polyserial", "beta",
    "relative_weights", "lmg", "dominance", "mcfadden", "owen",
)  # fmt: skip
HOW = ("weighted", "clustered", "stratified", "few_units", "resampled")


def method_in_words(code: str, *, brief: bool = False) -> Said:
    """A method's code as a reader may see it; a code of a later room is shown as it is. `brief` leaves out how.

    Examples
    --------
    >>> method_in_words("spearman_weighted_clustered").en
    "Spearman's rank correlation (weighted; answers of one place counted as alike)"
    """
    name = next((known for known in COMPUTED if code == known or code.startswith(known + "_")), None)
    if name is None:
        return said(code)
    words, rest = say(f"page_how_{name}"), code.removeprefix(name)
    how = joined([say(f"page_how_{part}") for part in HOW if f"_{part}" in rest], "; ")
    return Said(f"{words.vi} ({how.vi})", f"{words.en} ({how.en})") if how.en and not brief else words
