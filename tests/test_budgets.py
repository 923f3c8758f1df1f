"""What a hostile record costs: an error that names the budget, or 300 MB and 20 s at most."""

from __future__ import annotations

from pathlib import Path

import pytest
from hostile import LABEL, OVER, WITHIN, Record, file_of, with_features
from measured import converted, linux
from tfrecords import ints

from tfrecord_lite import BudgetError, RejectedInputError, budgets, convert


def measured(record: Record | Path, folder: Path) -> tuple[int, str]:
    """Converts a record, or a file, in a process of its own. Returns the exit status and what was said."""
    path = record if isinstance(record, Path) else folder / "x.tfrecord"
    if not isinstance(record, Path):
        path.write_bytes(file_of(record))
    return converted(path, folder / "out")


@linux
@pytest.mark.slow
@pytest.mark.parametrize("name", OVER)
def test_what_goes_beyond_a_budget_is_an_error_that_names_it(name: str, tmp_path: Path) -> None:
    make, reason = OVER[name]
    status, said = measured(make(), tmp_path)
    assert status == 1
    assert reason in said
    # What is small and unpacks to much spends the pixels of the input first, which grow with it.
    assert ("the budget of a record is " in said) != ("the budget of an input" in reason)


@linux
@pytest.mark.slow
@pytest.mark.parametrize("name", WITHIN)
def test_what_is_within_the_budgets_is_read(name: str, tmp_path: Path) -> None:
    status, said = measured(WITHIN[name](), tmp_path)
    assert status == 0, said


CHEAP = ["many captions", "a mask beyond all memory", "a mask of many scans", "a tile of a gigabyte"]


@pytest.mark.parametrize("name", [pytest.param("many boxes", marks=pytest.mark.slow), *CHEAP])
def test_a_budget_costs_its_record_and_no_other(name: str, tmp_path: Path) -> None:
    make, reason = OVER[name]
    path = tmp_path / "x.tfrecord"
    path.write_bytes(file_of(make()) + file_of(with_features({})))
    with pytest.raises(RejectedInputError, match=reason) as caught:
        convert(path, tmp_path / "strict")
    (problem,) = caught.value.problems
    assert isinstance(problem, BudgetError)
    assert problem.where.record == 0
    summary = convert(path, tmp_path / "skipped", on_error="skip")
    assert summary.images == 1
    assert summary.splits[0].dropped_records == 1


def of_classes(*groups: range, key: str = LABEL) -> bytes:
    """A file of records with these class numbers."""
    return b"".join(file_of(with_features({key: ints(*numbers)}, len(numbers))) for numbers in groups)


@linux
@pytest.mark.slow
@pytest.mark.parametrize("most", [budgets.CLASSES, budgets.CLASSES + 1])
def test_distinct_classes_have_a_budget_of_their_own(most: int, tmp_path: Path) -> None:
    path = tmp_path / "x.tfrecord"
    numbers = range(1000, 1000 + most)
    path.write_bytes(of_classes(*(numbers[at : at + 30_000] for at in range(0, most, 30_000))))
    status, said = measured(path, tmp_path)
    assert (status, "the budget of a conversion" in said) == ((0, False) if most == budgets.CLASSES else (1, True))


@pytest.mark.parametrize("jobs", [1, 2])
def test_classes_are_counted_over_all_files_and_splits(
    jobs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("coco.draft.part_summary", "pipeline.reading.part_reader"):
        monkeypatch.setattr(f"tfrecord_lite.{module}.CLASSES", 50)
    monkeypatch.setattr("tfrecord_lite.pipeline.conversion.read_splits._Run._is_worth_workers", lambda *_: True)
    for name, numbers in {"train": range(1, 31), "val": range(1, 31), "test": range(21, 51)}.items():
        (tmp_path / f"{name}.tfrecord").write_bytes(of_classes(numbers))
    assert convert(tmp_path, tmp_path / "out", jobs=jobs).categories == 50
    (tmp_path / "val.tfrecord").write_bytes(of_classes(range(22, 52)))
    with pytest.raises(BudgetError) as caught:
        convert(tmp_path, tmp_path / "more", jobs=jobs, on_error="skip")
    said = "the input: classes: objects have more distinct classes than 50, the budget of a conversion"
    assert str(caught.value) == f"{said}. Are they names of single things?"


@pytest.mark.parametrize(
    "number",
    [
        f"at most {budgets.CLASSES:,} of them",
        f"objects; captions; features | {budgets.OBJECTS:,} each",
        f"keypoints | {budgets.POINTS:,}",
        f"whole numbers and texts | {budgets.VALUES:,}",
        f"decoded pixels of masks | {budgets.DECODED_PIXELS:,}",
        f"runs of masks | {budgets.MASK_RUNS:,}",
        f"columns of pixels of polygons | {budgets.POLYGON_COLUMNS:,}",
        f"memory of one decoded image | {budgets.DECODED_BYTES // 10**6} MB",
        f"scans of a JPEG; tags of a TIFF | {budgets.SCANS}; {budgets.METADATA >> 20} MiB",
        f"| {budgets.OF_INPUT[budgets.PIXELS][1]:,} decoded pixels | byte",
        f"{budgets.OF_INPUT[budgets.RUNS][1]} runs of masks",
        f"{budgets.OF_INPUT[budgets.COLUMNS][1]} columns of polygons",
    ],
)
def test_the_page_of_guarantees_shows_the_numbers(number: str) -> None:
    page = (Path(__file__).parents[1] / "docs" / "bad-data.md").read_text(encoding="utf-8")
    assert number in " ".join(page.split())


def test_as_many_captions_and_features_as_objects() -> None:
    # docs/bad-data.md says it in these words
    assert budgets.FEATURES == budgets.OBJECTS
