"""What the pages point at exists: links, files, codes; and the recipes work as they are written."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from record_files import picture, write

from tfrecord_lite.options.codes import CODES

ROOT = Path(__file__).parent.parent
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "llms.txt", ROOT / "benchmarks" / "README.md", *DOCS]
RECIPES = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
NOBODY = 54321  # a user without a name or a home
AS_NOBODY = f"""
import os, sys
from tfrecord_lite.commands.cli import main
main([*sys.argv[1:-1], "as-root"])  # for whatever is imported: the interpreter may be where nobody else can read
os.setgroups([]), os.setgid({NOBODY}), os.setuid({NOBODY}), os.chdir("/")
os.environ["HOME"] = "/nowhere"
sys.exit(main(sys.argv[1:]))
"""


def anchors(page: Path) -> set[str]:
    """What a link can name of a page, as GitHub makes it of the headings."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_file_of_the_project_that_a_page_names_is_there(page: Path) -> None:
    folders = "benchmarks|completions|docs|proto|tests|tfrecord_lite"
    named = re.findall(rf"(?<![\w/.-])(?:{folders})/[\w./-]+\.\w+", page.read_text(encoding="utf-8"))
    assert [name for name in named if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_code_that_an_example_names_exists(page: Path) -> None:
    named = re.findall(r"--fail-on ([a-z,-]*[a-z])", page.read_text(encoding="utf-8"))
    assert {code for codes in named for code in codes.split(",")} <= CODES.keys()


def test_every_page_is_named_in_the_readme() -> None:
    named = set(re.findall(r"\(docs/([\w-]+\.md)", PAGES[0].read_text(encoding="utf-8")))
    assert named == {page.name for page in DOCS}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become somebody else")
def test_a_user_without_a_name_converts_into_a_mounted_folder() -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders are closed to others
        os.chmod(folder, 0o755)
        _convert_as_nobody(Path(folder))


def _convert_as_nobody(folder: Path) -> None:
    write(folder / "records" / "train.tfrecord", picture("a.jpg"))
    output = folder / "coco"
    output.mkdir()
    os.chown(output, NOBODY, NOBODY)
    (command,) = re.findall(r"^\$ docker run .* tfrecord2coco (convert .*)$", RECIPES, re.MULTILINE)
    words = [word.replace("/records", str(folder / "records")) for word in shlex.split(command)]
    words = [str(output) if word == "/coco" else word for word in words]
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, *words], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (output / "images" / "train" / "a.jpg").stat().st_uid == NOBODY


def test_the_ci_job_stops_where_anything_is_lossy_and_says_why(tmp_path: Path) -> None:
    (script,) = re.findall(r"```bash\n(.*?)```", RECIPES, re.DOTALL)
    script = script.replace("tfrecord2coco ", f"{shlex.quote(sys.executable)} -m tfrecord_lite ")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for lost, status in (({}, 0), ({"mine": picture("x")["image/filename"]}, 1)):
        folder = tmp_path / str(status)
        write(folder / "records" / "train.tfrecord", picture("a.jpg", **lost))
        done = subprocess.run(
            ["bash", "-e", "-c", script], cwd=folder, env=environment, capture_output=True, check=False
        )
        assert done.returncode == status
        assert (folder / "validate.json").exists() == (status == 0)
        assert ("mine" in (folder / "convert.json").read_text(encoding="utf-8")) == (status == 1)
