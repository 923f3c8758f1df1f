"""Each dataset is converted once, then shown to every reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from peers.readers.datasets import DATASETS, SPLITS, Converted
from tfrecord_lite import convert


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Dataset folders by the name of the dataset."""
    found = {}
    for name, dataset in DATASETS.items():
        records = tmp_path_factory.mktemp("records")
        dataset.write(records)
        found[name] = tmp_path_factory.mktemp("coco")
        convert(records, found[name], strict=True)
    return found


@pytest.fixture(scope="session")
def roboflow_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dataset ``varied`` in the schema of Roboflow: ``<split>/_annotations.coco.json`` beside the images."""
    records, folder = tmp_path_factory.mktemp("records"), tmp_path_factory.mktemp("roboflow")
    DATASETS["varied"].write(records)
    convert(records, folder, layout="roboflow", strict=True)
    return folder


@pytest.fixture(params=SPLITS, ids=lambda split: ": ".join(split))
def converted(request: pytest.FixtureRequest, folders: dict[str, Path]) -> Converted:
    """One split after the other."""
    name, split = request.param
    return Converted(DATASETS[name], split, folders[name])
