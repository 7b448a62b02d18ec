"""The house around the code: dependencies, requirements, version, what the wheel carries, what may not be committed."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from haloscale._version import __version__

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKED = ("run", "test", "browser", "docs")
LOCKS = {name: (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8") for name in LOCKED}

EVIDENCE = {
    "furo": '"furo"',
    "import-linter": "importlinter",
    "myst-nb": '"myst_nb"',
    "nautilus-sampler": "from nautilus import",
    "psutil": "-n logical",
    "pytest-benchmark": "--benchmark-enable",
    "pytest-xdist": "-n logical",
    "sphinx": "sphinx-build",
    "mypy": "$(BIN)/mypy",
    "ruff": "$(BIN)/ruff",
}
"""What shows that a development tool is used, where it is not an import."""


def package_name(requirement: str) -> str:
    return re.split(r"[ <>=!~;\[]", requirement, maxsplit=1)[0]


def sources(*patterns: str) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for p in patterns for path in sorted(ROOT.glob(p)))


def imports(package: str, text: str) -> bool:
    module = package.replace("-", "_")
    return bool(re.search(rf"^\s*(import|from) {module}\b|importorskip\(\"{module}", text, re.MULTILINE))


def test_every_dependency_is_imported() -> None:
    text = sources("src/haloscale/**/*.py")
    assert [name for r in PROJECT["dependencies"] if not imports(name := package_name(r), text)] == []


def test_every_extra_is_used() -> None:
    text = sources("src/haloscale/**/*.py", "tests/**/*.py", "benchmarks/*.py", "docs/conf.py", "Makefile", ".ci/*")
    text = text.replace(Path(__file__).read_text(encoding="utf-8"), "")
    for extra, group in PROJECT["optional-dependencies"].items():
        unused = {package_name(r) for r in group if not imports(package_name(r), text)}
        assert {name for name in unused if EVIDENCE.get(name, name + " is not named") not in text} == set(), extra


def test_the_locks_hold_every_requirement_with_hashes() -> None:
    extras = PROJECT["optional-dependencies"]
    promised = {
        "run": PROJECT["dependencies"],
        "test": PROJECT["dependencies"] + extras["test"] + extras["jax"] + extras["nested"] + extras["web"],
        "browser": PROJECT["dependencies"] + extras["browser"],
        "docs": PROJECT["dependencies"] + extras["docs"] + extras["web"],
    }
    for name, requirements in promised.items():
        pinned = re.findall(r"^([\w.-]+)==\S+(?: ; .+?)? \\\n +--hash=sha256:", LOCKS[name], re.MULTILINE)
        wanted = {package_name(r) for r in requirements} | {"hatchling", "editables"}
        assert wanted <= set(pinned)
        assert len(pinned) == len(re.findall(r"^\w", LOCKS[name], re.MULTILINE))


@pytest.mark.parametrize("name", list(LOCKS))
def test_the_locks_name_no_index_and_no_place(name: str) -> None:
    assert not re.search(r"https?:|file:|--index|--extra-index|--find-links|(^|\s)/\w", LOCKS[name])


def test_the_locks_agree_with_each_other() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^[\w.-]+==.+?(?= \\$)", LOCKS[name], re.MULTILINE))

    names = {re.split("==", pin)[0] for pin in pins("run")}
    for other in ("test", "docs"):
        assert {pin for pin in pins(other) if re.split("==", pin)[0] in names} >= pins("run")


def test_one_version_everywhere() -> None:
    citation = re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE)
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert citation is not None
    assert newest is not None
    assert citation.group(1) == newest.group(1) == __version__


def test_the_wheel_carries_the_data_files(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    carried = set(zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist())
    source = ROOT / "src"
    wanted = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }
    assert "haloscale/py.typed" in wanted
    assert wanted <= carried


def test_no_machine_paths_and_no_index_addresses() -> None:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    private = re.compile(r"(^|[^\w.])/(work|tmp|root|farm|home)/[A-Za-z]|files\.pythonhosted|pypi\.org", re.M)
    text_files = [ROOT / name for name in listed.stdout.splitlines() if not name.endswith((".md", ".png", ".pdf"))]
    found = [path.name for path in text_files if path.is_file() and private.search(path.read_text(encoding="utf-8"))]
    assert found == []
