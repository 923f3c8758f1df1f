"""TensorFlow and this package live in one process, whichever is imported first, and neither notices the other."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from peers.tensorflow.writing import example, floats, ints, picture, texts, write

# All that the package ever imports, so that whatever it registers is registered.
IMPORT_ALL = """
import pkgutil, importlib, tfrecord_lite
for module in pkgutil.walk_packages(tfrecord_lite.__path__, "tfrecord_lite."):
    if module.name not in ("tfrecord_lite.__main__", "tfrecord_lite.beam"):  # one runs, the other needs Beam
        importlib.import_module(module.name)
"""
PRINT_WHAT_THE_DEFAULT_POOL_HAS = """
from google.protobuf import descriptor_pool
from tfrecord_lite.example.messages import POOL
names = ["tensorflow/core/example/example.proto", "tensorflow/core/example/feature.proto",
         "object_detection/protos/string_int_label_map.proto"]
for name in names:
    POOL.FindFileByName(name)
    try:
        descriptor_pool.Default().FindFileByName(name)
        print(name)
    except KeyError:
        pass
"""


@pytest.mark.parametrize(
    "order", ["tensorflow,tfrecord_lite", "tfrecord_lite,tfrecord_lite.example.messages,tensorflow"]
)
def test_both_read_the_same_records_in_one_process(tmp_path: Path, order: str) -> None:
    features = {
        "image/encoded": texts(picture("a.png", 64, 48)),
        "image/filename": texts("a.png"),
        "image/object/bbox/xmin": floats(0.125, 0.5),
        "image/object/bbox/ymin": floats(0.25, 0.0),
        "image/object/bbox/xmax": floats(0.375, 1.0),
        "image/object/bbox/ymax": floats(0.75, 0.5),
        "image/object/class/label": ints(1, 2),
        "image/object/class/text": texts("cat", "狗"),
    }
    write(tmp_path / "one.tfrecord", [example(features)])
    script = Path(__file__).with_name("together.py")
    command = [sys.executable, str(script), order, str(tmp_path / "one.tfrecord"), str(tmp_path / "one.json")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "modules": [name for name in order.split(",") if "." not in name],
        "features": [len(features), len(features)],
        "equal features": len(features),
        "ours, read by TensorFlow": True,
        "classes are two": True,
        "our descriptors are in our pool": True,
        "tensorflow.Example of the default pool is TensorFlow's": True,
        "label map in our pool": True,
        "label map in the default pool": False,
        "images and annotations": [1, 2],
    }


def test_nothing_of_ours_is_in_the_default_pool(tmp_path: Path) -> None:
    script = IMPORT_ALL + PRINT_WHAT_THE_DEFAULT_POOL_HAS
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_no_module_of_ours_imports_tensorflow_or_numpy(tmp_path: Path) -> None:
    script = IMPORT_ALL + "import sys; print([name for name in ('tensorflow', 'numpy') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr
