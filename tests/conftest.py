"""Fixtures shared by all tests."""

import os
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A loaded machine is slow, not wrong; and the same commit gives the same verdict.
settings.register_profile("house", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

ROOT = Path(__file__).resolve().parent.parent


def shared_folder() -> Path:
    """Folder with the real catalogues: $HALOSCALE_SHARED, or `shared` beside the checkout."""
    return Path(os.environ.get("HALOSCALE_SHARED", ROOT.parent / "shared")).resolve()


@pytest.fixture(scope="session")
def shared() -> Callable[[str], Path]:
    """Path of a file below the shared folder; the test is skipped, saying so, where it is absent."""

    def find(path: str) -> Path:
        found = shared_folder() / path
        if not found.exists():
            pytest.skip(f"{found} is absent: set HALOSCALE_SHARED to the folder that holds data/ and reference/")
        return found

    return find


@pytest.fixture(scope="session")
def joint_text() -> Callable[..., str]:
    """`joint_text(shared, giants=..., bhb=..., of_bhb=...)`: a file of two catalogues, with what they share."""

    def write(shared: str, giants: object = "a.parquet", bhb: object = "b.parquet", of_bhb: str = "") -> str:
        entries = (
            f'[[catalogue]]\nname = "{name}"\npath = "{path}"\nsurvey = "generic"\n'
            for name, path in (("giants", giants), ("bhb", bhb))
        )
        return f"{shared}\n{''.join(entries)}{of_bhb}"

    return write


@dataclass(frozen=True)
class Outcome:
    """What a command did: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


@pytest.fixture
def haloscale(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Run the command line in this process: `haloscale("weigh", path, "-o", folder)`."""
    from haloscale.cli import app

    def run(*words: object) -> Outcome:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            app([str(word) for word in words], prog_name="haloscale")
        said = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), said.out, said.err)

    return run


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """With HALOSCALE_REQUIRE=1 a skip is a failure, but for an absent shared folder and for lack of root's rights."""
    if os.environ.get("HALOSCALE_REQUIRE") != "1" or not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if ("HALOSCALE_SHARED" in reason and not shared_folder().is_dir()) or "needs root" in reason:
        return
    report.outcome = "failed"
    report.longrepr = f"{reason} (HALOSCALE_REQUIRE=1: nothing may be skipped)"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse_skip(report)
    return report
