"""Proof against other people's software, each in an environment of its own.

    python tests/peers/run.py [NAME...] [--python PATH]

For each environment: a virtual environment ``.venv-peers/NAME`` with ``tests/peers/NAME/requirements.txt``, with what
``alone.txt`` beside it lists, but not what that depends on, and with the wheel of this checkout; then pytest in it.
What is tested is the installed package, never the checkout: nothing puts the root of the repository on the import path.
An environment is kept, and made again when what it needs has changed; the wheel is always built and installed again.

One line an environment; the output of what failed stands above its line. The exit status is 0 only if all is well: an
environment that cannot be installed is a failure, and so is one that has no tests. One whose version of Python is not
to be found here, on the path or in pyenv, is left out, and says so.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

PEERS = Path(__file__).resolve().parent
TESTS = PEERS.parent
ROOT = TESTS.parent
VENVS = ROOT / ".venv-peers"
STAMP = "installed-for.txt"  # in each environment: what it was made of

INSTALLED = "peers/test_installed.py"
# The ordinary tests of the modules between the bytes and protobuf, and of the whole.
ORDINARY = (
    "example/test_messages.py",
    "example/test_example.py",
    "tfrecord/test_framing.py",
    "tfrecord/test_framing_messages.py",
    "pipeline/test_convert.py",
    "pipeline/test_convert_splits.py",
)
# What else touches the bounds of dependencies and what a new Python changes, in some seconds.
TOUCHING = (
    *ORDINARY,
    "commands/test_arguments.py",
    "commands/test_cli_results.py",
    "images/test_header.py",
    "output/test_stage.py",
    "pipeline/test_pool.py",
    "tfrecord/test_crc.py",
)
PROTOBUF = "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION"

INSTALL_LIMIT = 1800  # seconds
TEST_LIMIT = 900
TOGETHER = 2  # environments at a time: one installs while another computes


@dataclass(frozen=True)
class Environment:
    """Where tests run.

    name: of the folder that holds its requirements.txt.
    tests: files and folders below tests/.
    runs: the tests run once for each: what to call the run, and the value of PROTOBUF, empty to leave it unset.
    by_name_only: whether it is left out where none is named: it takes gigabytes.
    python: the version of Python that it is about; empty for the one to use.
    requirements: the folder of its requirements.txt, where it is not the name.
    """

    name: str
    tests: tuple[str, ...]
    runs: Mapping[str, str]
    by_name_only: bool = False
    python: str = ""
    requirements: str = ""

    @property
    def requirements_file(self) -> Path:
        """What it needs besides the wheel."""
        return PEERS / (self.requirements or self.name) / "requirements.txt"

    @property
    def alone_file(self) -> Path:
        """What is installed without its dependencies: what it asks for is too much, or too old. It may be missing."""
        return self.requirements_file.with_name("alone.txt")


DEFAULT_RUN = {"": ""}
BOTH_IMPLEMENTATIONS = {"upb": "upb", "pure Python": "python"}
PURE_PYTHON = {"pure Python": "python"}  # code that protoc generated before 2022 loads nowhere else
ENVIRONMENTS = (
    Environment("tensorflow", (INSTALLED, "peers/tensorflow"), DEFAULT_RUN),
    Environment("object-detection", (INSTALLED, "peers/decoders/test_object_detection.py"), PURE_PYTHON),
    Environment(
        "record-readers",
        (INSTALLED, "peers/decoders/test_model_garden.py", "peers/decoders/test_datumaro.py"),
        DEFAULT_RUN,
    ),
    Environment("tfds", (INSTALLED, "peers/tfds"), DEFAULT_RUN),
    Environment("readers", (INSTALLED, "peers/readers"), DEFAULT_RUN),
    Environment("beam", (INSTALLED, "peers/beam"), DEFAULT_RUN),
    Environment("beam-2.64", (INSTALLED, "peers/beam"), DEFAULT_RUN),
    Environment("remote", (INSTALLED, "peers/remote"), DEFAULT_RUN),
    Environment("trainers", (INSTALLED, "peers/trainers"), DEFAULT_RUN, by_name_only=True),
    Environment("fiftyone", (INSTALLED, "peers/fiftyone"), DEFAULT_RUN, by_name_only=True),
    *(
        Environment(f"protobuf-{version}", (INSTALLED, "peers/protobuf", *ORDINARY), BOTH_IMPLEMENTATIONS)
        for version in ("4.25", "5", "6", "7")
    ),
    Environment("lowest", (INSTALLED, *TOUCHING), DEFAULT_RUN),
    *(
        Environment(f"python-{version}", (INSTALLED, *TOUCHING), DEFAULT_RUN, python=version, requirements="python")
        for version in ("3.10", "3.12", "3.13", "3.14")
    ),
)


class FailedError(Exception):
    """A step failed. output: all that it printed."""

    def __init__(self, step: str, output: str) -> None:
        super().__init__(step)
        self.output = output


def run(step: str, command: Sequence[str | Path], limit: int, **settings: str) -> str:
    """Runs a command in tests/, away from the package's sources. Returns what it printed."""
    # Neither the caller's import path and warnings nor the caller's options of pytest are to change the result.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST"))}
    quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore", "PIP_NO_INPUT": "1"}
    try:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=TESTS,
            env={**kept, **quiet, **settings},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=limit,
            check=False,
        )
    except OSError as error:
        raise FailedError(step, str(error)) from None
    except subprocess.TimeoutExpired as late:
        printed = late.output.decode("utf-8", "replace") if isinstance(late.output, bytes) else late.output or ""
        raise FailedError(f"{step} took more than {limit} s", printed) from None
    if done.returncode:
        raise FailedError(step, done.stdout)
    return done.stdout


def venv_python(folder: Path) -> Path:
    """The interpreter of a virtual environment."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def find_python(version: str) -> str | None:
    """An interpreter of this version, such as 3.13; None where this machine has none."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for candidate in (f"python{version}", *sorted(map(str, pyenv.glob(f"{version}.*/bin/python")))):
        if (path := shutil.which(candidate)) is None:
            continue
        with contextlib.suppress(FailedError):  # as of a name on the path that leads to no interpreter
            found = run("asking", [path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], INSTALL_LIMIT)
            if found.strip() == version:
                return path
    return None


def make_wheel(python: str, folder: Path) -> Path:
    """Builds the checkout once for all environments, in one of its own."""
    builder = venv_python(folder / "venv")
    run("making a virtual environment", [python, "-m", "venv", folder / "venv"], INSTALL_LIMIT)
    run("building the wheel", [builder, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, ROOT], INSTALL_LIMIT)
    (wheel,) = folder.glob("*.whl")
    return wheel


def needs(environment: Environment, wheel: Path, python: str) -> str:
    """All that decides whether an environment must be made again: interpreter, requirements, and the wheel's own."""
    show = "import sys; print(sys.version, sys.base_prefix)"
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        lines = archive.read(metadata).decode().splitlines()
    return "\n".join(
        (
            run("asking for the version of Python", [python, "-c", show], INSTALL_LIMIT).strip(),
            environment.requirements_file.read_text(encoding="utf-8"),
            environment.alone_file.read_text(encoding="utf-8") if environment.alone_file.exists() else "",
            *(line for line in lines if line.startswith("Requires-")),
        )
    )


def install(environment: Environment, wheel: Path, python: str) -> Path:
    """Makes the environment, or only puts today's wheel into it. Returns its interpreter."""
    folder = VENVS / environment.name
    inside = venv_python(folder)
    stamp, wanted = folder / STAMP, needs(environment, wheel, python)
    pip: list[str | Path] = [inside, "-m", "pip", "install", "-q"]
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        run("installing the wheel", [*pip, "--no-deps", "--force-reinstall", wheel], INSTALL_LIMIT)
        return inside
    if folder.exists():
        shutil.rmtree(folder)
    run("making the virtual environment", [python, "-m", "venv", folder], INSTALL_LIMIT)
    run("upgrading pip", [*pip, "--upgrade", "pip"], INSTALL_LIMIT)
    # Most of what TensorFlow and Datumaro bring is never imported: not compiling it saves half a minute each.
    pip.append("--no-compile")
    run("installing the requirements", [*pip, wheel, "-r", environment.requirements_file], INSTALL_LIMIT)
    if environment.alone_file.exists():
        run("installing what comes alone", [*pip, "--no-deps", "-r", environment.alone_file], INSTALL_LIMIT)
    stamp.write_text(wanted, encoding="utf-8")
    return inside


def run_tests(environment: Environment, python: Path) -> tuple[str, list[str], bool]:
    """Runs the tests of an environment. Returns what failures printed, a line for each run, and whether all passed."""
    pytest: list[str | Path] = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", PEERS / "pytest.ini"]
    # tests/conftest.py is there for the ordinary tests only.
    ours = all(test.startswith("peers/") for test in environment.tests)
    pytest += ["--rootdir", TESTS, "--confcutdir", PEERS if ours else TESTS]
    output, lines, passed = "", [], True
    for name, implementation in environment.runs.items():
        settings = {"PEERS_ENVIRONMENT": environment.name, "TF_CPP_MIN_LOG_LEVEL": "2", "CUDA_VISIBLE_DEVICES": "-1"}
        if implementation:
            settings[PROTOBUF] = implementation
        try:
            printed = run("pytest", [*pytest, *environment.tests], TEST_LIMIT, **settings)
        except FailedError as failed:
            output += f"{failed.output}\n"
            printed, passed = failed.output or str(failed), False
        summary = printed.strip().rpartition("\n")[2].strip("= ")
        lines.append(f"{name}: {summary}" if name else summary)
    return output, lines, passed


def prove(environment: Environment, wheel: Path, python: str) -> tuple[str, bool]:
    """Installs and tests one environment. Returns what there is to print, its line last, and whether all is well."""
    start = time.monotonic()
    if environment.python:
        if (found := find_python(environment.python)) is None:
            return f"{environment.name:16} left out: there is no Python {environment.python} on this machine", True
        python = found
    try:
        inside = install(environment, wheel, python)
    except FailedError as failed:
        return f"{failed.output}\n{environment.name:16} FAILED  {failed}", False
    installed = time.monotonic() - start
    output, lines, passed = run_tests(environment, inside)
    verdict = "ok" if passed else "FAILED"
    line = f"{environment.name:16} {verdict:7} {'; '.join(lines)}; installed in {installed:.0f} s"
    return f"{output}{line}", passed


def main() -> int:
    """Runs the environments that were named, else all."""
    known = {environment.name: environment for environment in ENVIRONMENTS}
    parser = argparse.ArgumentParser(description="Tests this package against other people's software.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}; default: all but trainers and fiftyone"
    )
    parser.add_argument("--python", default=sys.executable, metavar="PATH", help="the interpreter to use")
    options = parser.parse_args()
    if (python := shutil.which(options.python)) is None:
        parser.error(f"no such interpreter: {options.python}")
    python = os.path.abspath(python)  # commands run in another folder than this one
    if unknown := [name for name in options.names if name not in known]:
        parser.error(f"no such environment: {', '.join(unknown)}")
    status = 0
    with tempfile.TemporaryDirectory() as folder:
        try:
            wheel = make_wheel(python, Path(folder))
        except FailedError as failed:
            print(failed.output)
            print(f"FAILED  {failed}")
            return 1
        names = options.names or [name for name, environment in known.items() if not environment.by_name_only]
        with ThreadPoolExecutor(max_workers=TOGETHER) as pool:
            for line, well in pool.map(lambda name: prove(known[name], wheel, python), names):
                print(line, flush=True)
                status |= not well
    return status


if __name__ == "__main__":
    sys.exit(main())
