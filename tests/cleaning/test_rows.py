"""The rules that set rows aside, one by one and in their order."""

from __future__ import annotations

import pytest

from cxlib.errors import DataError, ParamsError


def test_good_rows_are_kept(run, good_rows, count):
    cleaned = run(good_rows())
    assert len(cleaned.answers) == 8
    assert cleaned.set_aside.empty
    assert count(cleaned, "rows", "read") == count(cleaned, "rows", "kept") == 8


def with_row(rows, **changes):
    """The rows and one more: a copy of the first with changes."""
    return {key: [*cells, changes.get(key, cells[0])] for key, cells in rows.items()}


def test_equal_ratings_alone_are_no_duplicate(run, good_rows):
    assert len(run(with_row(good_rows())).answers) == 9


def test_an_equal_row_with_its_respondent_is_a_duplicate(run, good_rows):
    rows = {**good_rows(), "id": [f"r{place}" for place in range(8)]}
    cleaned = run(with_row(rows), respondent="id")
    assert list(cleaned.set_aside["rule"]) == ["exact_duplicate"]
    assert list(cleaned.set_aside["row"]) == [9]
    assert len(run(with_row(rows), {"duplicates": False}, respondent="id").answers) == 9


def test_rows_without_an_identifier_are_not_duplicates_of_each_other(run, good_rows):
    rows = {**good_rows(), "id": [None, *(f"r{place}" for place in range(7))]}
    assert len(run(with_row(rows), respondent="id").answers) == 9


def test_a_whole_sentence_or_a_duration_tells_an_interview_from_another(run, good_rows):
    said = {**good_rows(), "why": ["The queue at the till was far too long", *[None] * 7]}
    assert list(run(with_row(said), comments=["why"]).set_aside["rule"]) == ["exact_duplicate"]
    short = {**good_rows(), "why": ["nothing", *[None] * 7]}
    assert run(with_row(short), comments=["why"]).set_aside.empty
    timed = {**good_rows(), "seconds": [str(200 + place) for place in range(8)]}
    assert list(run(with_row(timed), duration="seconds").set_aside["rule"]) == ["exact_duplicate"]
    other = with_row(timed, seconds="999")
    assert run(other, duration="seconds").set_aside.empty


def test_the_latest_answer_of_a_respondent_is_kept_by_date(run, good_rows):
    rows = {**good_rows(), "id": [f"r{place}" for place in range(8)], "day": ["2025-01-20"] * 8}
    wave = {"column": "day", "every": "month"}
    earlier = run(with_row(rows, day="2025-01-05", referral="10"), respondent="id", wave=wave)
    assert list(earlier.set_aside["row"]) == [9]
    later = run(with_row(rows, day="2025-01-25", referral="10"), respondent="id", wave=wave)
    assert list(later.set_aside["row"]) == [1]
    assert list(later.set_aside["rule"]) == ["repeated_respondent"]
    next_wave = run(with_row(rows, day="2025-02-25"), respondent="id", wave=wave)
    assert next_wave.set_aside.empty


def test_without_a_date_the_file_order_tells_the_latest(run, good_rows):
    rows = {**good_rows(), "id": [str(place + 1) for place in range(8)]}
    cleaned = run(with_row(rows, referral="10"), respondent="id")
    assert list(cleaned.set_aside["row"]) == [1]


def test_outcome_missing_needs_every_asked_outcome_to_be_missing(run, good_rows, count):
    cleaned = run(with_row(good_rows(), referral="99"))
    assert list(cleaned.set_aside["rule"]) == ["outcome_missing"]
    label = {"vi": "a", "en": "b"}
    both = {
        "referral": {"column": "referral", "scale": [0, 10], "missing": [99], "label": label},
        "loyalty": {"column": "again", "scale": [1, 5], "label": label},
    }
    rows = {**good_rows(), "again": ["3"] * 8}
    assert run(with_row(rows, referral="99"), outcomes=both).set_aside.empty


@pytest.mark.parametrize(("answered", "kept"), [(2, 8), (3, 9)])
def test_too_few_factors(run, good_rows, answered, kept):
    blank = dict.fromkeys(["food", "staff", "price", "queue", "music"][answered:], "9")
    assert len(run(with_row(good_rows(), **blank)).answers) == kept


def test_only_the_factors_asked_in_the_file_count(tmp_path, small_params, good_rows):
    import pandas as pd

    from cxlib.cleaning import clean
    from cxlib.intake import read_responses

    rows = pd.DataFrame(good_rows())
    rows.to_csv(tmp_path / "a.csv", index=False)
    rows[["referral", "food", "staff"]].to_csv(tmp_path / "b.csv", index=False)
    params = small_params(data={"responses": [{"file": "a.csv", "wave": "1"}, {"file": "b.csv", "wave": "2"}]})
    cleaned = clean(read_responses(params, tmp_path), params)
    assert len(cleaned.answers) == 16
    fields = cleaned.ledger.query("what == 'cells' and wave == '2'")["field"].unique()
    assert set(fields) == {"referral", "food", "staff"}


def test_straight_lining_needs_four_equal_answers(run, good_rows):
    same = dict.fromkeys(["food", "staff", "price", "queue", "music"], "5")
    assert list(run(with_row(good_rows(), **same)).set_aside["rule"]) == ["straight_lining"]
    assert run(with_row(good_rows(), **same), {"straightlining": False}).set_aside.empty
    assert list(run(with_row(good_rows(), **(same | {"music": "9"}))).set_aside["rule"]) == ["straight_lining"]
    assert run(with_row(good_rows(), **(same | {"music": "9", "queue": ""}))).set_aside.empty


def test_on_different_scales_the_place_on_the_scale_counts(run, good_rows):
    label = {"vi": "a", "en": "b"}
    factors = {key: {"column": key, "scale": [1, 5], "label": label} for key in ("food", "staff", "price", "queue")}
    factors["music"] = {"column": "music", "scale": [0, 10], "label": label}
    rows = good_rows()
    top = {"food": "5", "staff": "5", "price": "5", "queue": "5"}
    assert run(with_row(rows, **top, music="5"), factors=factors).set_aside.empty
    assert len(run(with_row(rows, **top, music="10"), factors=factors).set_aside) == 1


def test_speeding(run, good_rows):
    rows = {**good_rows(), "seconds": ["300", "20", "", "n/a", "61", "59.5", "60", "1:00:00"]}
    cleaned = run(rows, {"min_seconds": 60}, duration="seconds")
    assert list(cleaned.set_aside["row"]) == [2, 6]
    assert set(cleaned.set_aside["rule"]) == {"speeding"}
    assert "seconds" not in cleaned.answers
    assert run(rows, duration="seconds").set_aside.empty


def test_no_wave(run, good_rows, count):
    rows = {**good_rows(), "day": ["2025-01-05"] * 7 + ["soon"]}
    cleaned = run(rows, wave={"column": "day", "every": "year"})
    assert list(cleaned.set_aside["rule"]) == ["no_wave"]
    assert list(cleaned.set_aside["wave"]) == [""]
    assert count(cleaned, "rows", "no_wave") == 1


def test_a_row_ends_under_the_first_rule_that_takes_it(run, good_rows):
    rows = {**good_rows(), "seconds": ["300"] * 8, "id": [str(place) for place in range(8)]}
    same = dict.fromkeys(["food", "staff", "price", "queue", "music"], "5")
    settings = {"min_seconds": 60}
    more = {"respondent": "id", "duration": "seconds"}
    careless = with_row(rows, **same, seconds="3", id="new")
    assert list(run(careless, settings, **more).set_aside["rule"]) == ["straight_lining"]
    silent = with_row(rows, **same, seconds="3", id="new", referral="")
    assert list(run(silent, settings, **more).set_aside["rule"]) == ["outcome_missing"]


def test_settings_that_make_no_sense(run, good_rows):
    with pytest.raises(ParamsError) as error:
        run(good_rows(), {"min_answered": 1.5, "min_seconds": 60})
    assert len(error.value.problems) == 2


def test_a_wrong_scale_and_a_column_of_words_are_named_together(run, good_rows):
    rows = good_rows(40)
    rows["food"] = [str(60 + place) for place in range(40)]
    rows["staff"] = ["agree", "disagree"] * 20
    rows["price"] = ["n/a"] * 30 + ["5"] * 5 + ["4"] * 5
    with pytest.raises(DataError) as error:
        run(rows)
    problems = error.value.problems
    assert [problem.where for problem in problems] == [
        "survey.csv, column 'food' (food)",
        "survey.csv, column 'staff' (staff)",
    ]
    assert "scale 1 to 5" in problems[0].what
    assert "words" in problems[1].what
    assert "agree" not in str(error.value)


def test_a_respondent_column_that_tells_nobody_apart(run, good_rows):
    rows = {**good_rows(60), "id": ["north", "south", "west"] * 20}
    with pytest.raises(DataError, match="repeat a respondent"):
        run(rows, respondent="id")


def test_check_responses_looks_on_past_the_first_mistake(tmp_path, small_params, good_rows):
    import pandas as pd

    from cxlib.cleaning import check_responses

    rows = good_rows(20)
    rows["food"] = ["80"] * 20
    del rows["music"]
    rows["day"] = ["01/02/2025"] * 20
    pd.DataFrame(rows).to_csv(tmp_path / "survey.csv", index=False)
    problems = check_responses(small_params(wave={"column": "day", "every": "month"}), tmp_path)
    text = "\n".join(map(str, problems))
    assert "'music'" in text
    assert "day first" in text
    assert "outside the scale" in text
    assert len(problems) == 3
