"""How the house is built: imports run one way, and what must stay out stays out."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from record_files import write
from tfrecords import detection

import tfrecord_lite

ROOT = Path(tfrecord_lite.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
PACKAGE = "tfrecord_lite"


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join((PACKAGE, *(part for part in parts if part != "__init__")))


MODULES = {module_name(path): path for path in FILES}
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}


def only_for_types(tree: ast.Module) -> set[ast.AST]:
    """What is below ``if TYPE_CHECKING``: nothing of it is imported when the program runs."""
    return {
        below
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for child in node.body
        for below in ast.walk(child)
    }


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, be it within a function."""
    tree = TREES[path]
    skipped = only_for_types(tree)
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in MODULES else str(node.module)


IMPORTS = {name: set(imports(path)) for name, path in MODULES.items()}
GRAPH = {name: needed & MODULES.keys() for name, needed in IMPORTS.items()}


def reachable(start: str) -> set[str]:
    """Every module of the package that another one needs, directly or not."""
    found: set[str] = set()
    open_ends = [start]
    while open_ends:
        for each in GRAPH[open_ends.pop()]:
            if each not in found:
                found.add(each)
                open_ends.append(each)
    return found


def family(name: str) -> set[str]:
    """A module, or all modules of a folder."""
    found = {each for each in MODULES if each == f"{PACKAGE}.{name}" or each.startswith(f"{PACKAGE}.{name}.")}
    assert found, f"there is no {name} any more: mend the test"
    return found


def test_there_are_no_circles() -> None:
    assert [name for name in MODULES if name in reachable(name)] == []


def test_errors_are_the_ground_floor() -> None:
    assert GRAPH[f"{PACKAGE}.errors"] == {f"{PACKAGE}.spelling"}
    assert GRAPH[f"{PACKAGE}.spelling"] == set()


def test_nobody_inside_imports_the_face_of_the_package() -> None:
    # but for the version that the command line shows
    users = {name for name, needed in GRAPH.items() if PACKAGE in needed}
    assert users <= {f"{PACKAGE}.commands.arguments"}


def test_nothing_but_the_entry_imports_the_command_line() -> None:
    cli = f"{PACKAGE}.commands.cli"
    assert {name for name, needed in GRAPH.items() if cli in needed} == {f"{PACKAGE}.__main__"}


STREET = (
    "spelling",
    "errors",
    "budgets",
    "inputs",
    "images",
    "tfrecord",
    "output",
    "masks",
    "sample options report",
    "example",
    "labels",
    "schemas",
    "look",
    "coco",
    "comparison",
    "pipeline",
    "beam",
    "commands",
    "__main__",
)
"""Folders and single modules from the ground up: each imports only from those below it. One line, one floor."""
FLOORS = {room: floor for floor, rooms in enumerate(STREET) for room in rooms.split()}


WITHIN = {
    "coco": ("draft", "read", "resolve", "write", "rules yolo"),
    "pipeline": (
        "pool judge",
        "reading",
        "previews",
        "conversion",
        "inspection comparing",
        "packing",
        "validate verify demos",
    ),
}
"""The floors within a folder that has floors of its own, likewise."""


def room_of(name: str) -> str:
    """The folder, or the single module, that a module of the package belongs to."""
    return name.split(".")[1]


def test_every_module_has_a_floor() -> None:
    assert {room_of(name) for name in MODULES if name != PACKAGE} == FLOORS.keys()


def test_imports_run_down_only() -> None:
    upward = [
        (name, needed)
        for name, all_needed in GRAPH.items()
        for needed in all_needed
        if PACKAGE not in (name, needed)
        and room_of(name) != room_of(needed)
        and FLOORS[room_of(needed)] >= FLOORS[room_of(name)]
        and not {room_of(name), room_of(needed)} <= {"sample", "options", "report"}
    ]
    assert upward == []


@pytest.mark.parametrize("folder", WITHIN)
def test_imports_within_a_folder_run_down_only_as_well(folder: str) -> None:
    floors = {room: floor for floor, rooms in enumerate(WITHIN[folder]) for room in rooms.split()}
    inside = family(folder) - {f"{PACKAGE}.{folder}"}
    assert {name.split(".")[2] for name in inside} == floors.keys()
    upward = [
        (name, needed)
        for name in inside
        for needed in GRAPH[name] & inside
        if name.split(".")[2] != needed.split(".")[2] and floors[needed.split(".")[2]] >= floors[name.split(".")[2]]
    ]
    assert upward == []


def test_neither_schemas_nor_coco_know_the_messages_themselves() -> None:
    for part in ("schemas", "coco"):
        for name in family(part):
            assert f"{PACKAGE}.example.messages" not in GRAPH[name]


def test_only_one_module_knows_protobuf() -> None:
    users = {name for name, needed in IMPORTS.items() if any(each.startswith("google") for each in needed)}
    assert users == {f"{PACKAGE}.example.messages"}


OPENING = {
    "open",
    "FileIO",
    "stat",
    "lstat",
    "scandir",
    "listdir",
    "walk",
    "glob",
    "iglob",
    "isfile",
    "isdir",
    "getsize",
}


def test_inputs_are_opened_and_listed_in_one_place() -> None:
    reading = [name for room in ("images", "tfrecord", "example", "labels", "schemas") for name in family(room)]
    calls = {
        (name.removeprefix(f"{PACKAGE}."), called)
        for name in [*reading, f"{PACKAGE}.inputs.discover", f"{PACKAGE}.inputs.names"]
        for node in ast.walk(TREES[MODULES[name]])
        if isinstance(node, ast.Call)
        for called in [getattr(node.func, "attr", getattr(node.func, "id", ""))]
        if called in OPENING and getattr(getattr(node.func, "value", None), "id", "os") in ("os", "glob", "path")
    }
    assert calls == {("schemas.write.record_writer", "open")}


ALLOWED = {"crc32c", "google", "orjson", "PIL", "tqdm", "yaml", "obstore", "fsspec", "apache_beam"}


def test_nothing_else_is_needed_at_run_time() -> None:
    outside = {
        each.split(".")[0]
        for needed in IMPORTS.values()
        for each in needed
        if each.split(".")[0] not in sys.stdlib_module_names and not each.startswith(PACKAGE)
    }
    assert outside <= ALLOWED
    assert not outside & {"numpy", "tensorflow", "pycocotools"}


CHECKOUT = Path(__file__).resolve().parents[1]
BESIDE = sorted(path for folder in ("tests", "benchmarks", "proto") for path in (CHECKOUT / folder).rglob("*.py"))


def assert_one_idea(path: Path, tree: ast.Module) -> None:
    assert path.read_text(encoding="utf-8").count("\n") <= 400
    assert path.stem not in ("utils", "util", "helpers", "misc", "common")
    assert ast.get_docstring(tree) or not tree.body, "the first thing in a file is what it is for"


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
def test_a_file_has_one_idea_says_it_first_and_ends_before_400_lines(path: Path) -> None:
    assert_one_idea(path, TREES[path])
    assert TREES[path].body, "a folder of the package says what it is for, too"


@pytest.mark.parametrize("path", BESIDE, ids=[path.relative_to(CHECKOUT).as_posix() for path in BESIDE])
def test_a_file_of_the_tests_and_of_the_benchmarks_does_so_too(path: Path) -> None:
    assert_one_idea(path, ast.parse(path.read_text(encoding="utf-8")))


def test_no_statement_about_data_vanishes_with_the_option_to_optimise() -> None:
    asserting = [
        f"{path.name}:{node.lineno}" for path in FILES for node in ast.walk(TREES[path]) if isinstance(node, ast.Assert)
    ]
    assert asserting == []


NOT_LOADED = """
import sys
import {module}
late = ("google.protobuf", "PIL", "orjson", "tqdm", "yaml", "sqlite3", "numpy", "http.client", "ssl")
print([name for name in late if name in sys.modules])
"""


@pytest.mark.parametrize("module", ["tfrecord_lite", "tfrecord_lite.commands.cli"])
def test_help_and_wrong_options_do_not_wait_for_what_they_do_not_need(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NOT_LOADED.format(module=module)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


NOT_FOR_A_PLAIN_RUN = (
    *("asyncio", "concurrent", "email", "hashlib", "http", "multiprocessing", "sqlite3", "ssl", "tempfile", "urllib"),
    *("PIL", "yaml", "numpy"),
    *("comparison", "look", "beam", "masks", "images.decode", "images.pillow", "images.tiff", "inputs.web"),
    *("tfrecord.recovery", "tfrecord.resync", "schemas.own_keys", "schemas.custom", "schemas.guess", "schemas.roles"),
    *("coco.read.reader", "coco.draft.segmentation", "coco.resolve.choose_classes", "coco.yolo.labels", "labels.load"),
    *("pipeline.pool", "pipeline.conversion.page", "output.remote"),
)
"""Each has a use that some calls or records have: what decides it is where it is imported."""


def test_a_plain_conversion_loads_nothing_that_only_others_need(tmp_path: Path) -> None:
    write(tmp_path / "x.tfrecord", detection("a.jpg", boxes=[(1, 1, 9, 9)]))
    code = "import sys; from tfrecord_lite.commands.cli import main; main(); print(*sys.modules, file=sys.stderr)"
    words = ["convert", "x.tfrecord", "-o", "out", "-j", "1", "-q"]
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    loaded = {name.removeprefix(f"{PACKAGE}.") for name in done.stderr.split()}
    assert "pipeline.conversion.convert" in loaded
    assert {each for each in NOT_FOR_A_PLAIN_RUN if any(f"{name}.".startswith(f"{each}.") for name in loaded)} == set()
    assert all(
        each in sys.stdlib_module_names or each in ALLOWED | {"numpy"} or family(each) for each in NOT_FOR_A_PLAIN_RUN
    )


EXTRAS = {"obstore": "inputs.object_stores", "fsspec": "inputs.by_fsspec", "apache_beam": "beam"}
"""What only extras install, and the one module or folder that may import it."""


@pytest.mark.parametrize("package", EXTRAS)
def test_what_an_extra_installs_is_known_to_one_module_and_not_before_it_is_needed(package: str) -> None:
    def needs(imported: str) -> bool:
        return imported.partition(".")[0] == package

    users = {name for name, needed in IMPORTS.items() if any(map(needs, needed))}
    assert {name for name in users if not name.startswith(f"{PACKAGE}.{EXTRAS[package]}")} == set()
    assert users, "nobody imports it any more: mend the test"
    at_once = [
        name
        for name, path in MODULES.items()
        for node in TREES[path].body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for each in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [str(node.module)])
        if needs(each) and not name.startswith(f"{PACKAGE}.beam")
    ]
    assert at_once == []


def test_a_conversion_of_files_runs_where_no_extra_can_be_imported(tmp_path: Path) -> None:
    for package in EXTRAS:
        (tmp_path / f"{package}.py").write_text("raise SystemExit(f'{__name__} was imported')")
    write(tmp_path / "x.tfrecord", detection("a.jpg", boxes=[(1, 1, 9, 9)]))
    code = "import sys; sys.path.insert(0, '.'); from tfrecord_lite.commands.cli import main; sys.exit(main())"
    done = subprocess.run([sys.executable, "-c", code, "convert", "x.tfrecord", "-o", "out"], cwd=tmp_path, check=False)
    assert done.returncode == 0
