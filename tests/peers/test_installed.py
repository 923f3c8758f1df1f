"""What is tested in every environment is the package as users install it, not the checkout beside these tests."""

from __future__ import annotations

import os
import sysconfig
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import tfrecord_lite


def test_the_package_under_test_is_the_installed_one() -> None:
    site_packages = Path(sysconfig.get_path("purelib")).resolve()
    assert site_packages in Path(tfrecord_lite.__file__).resolve().parents
    assert metadata.version("tfrecord2coco") == tfrecord_lite.__version__


def test_it_comes_with_its_messages_and_type_information() -> None:
    folder = Path(tfrecord_lite.__file__).parent
    assert (folder / "example" / "messages.binpb").is_file()
    assert (folder / "py.typed").is_file()


def test_only_environments_that_ask_for_tensorflow_have_it() -> None:
    with_tensorflow = ("tensorflow", "object-detection", "record-readers", "tfds", "fiftyone")
    assert (find_spec("tensorflow") is not None) == (os.environ["PEERS_ENVIRONMENT"] in with_tensorflow)
