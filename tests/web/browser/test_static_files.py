"""What the page is made of: the code of others unchanged, every module announced, nothing inline or from elsewhere."""

import hashlib
import re
from pathlib import Path

STATIC = Path(__file__).resolve().parents[3] / "src" / "haloscale" / "web" / "static"
PAGE = (STATIC / "index.html").read_text(encoding="utf-8")
MODULES = sorted((STATIC / "js").rglob("*.js"))


def test_the_code_of_others_is_what_its_readme_says() -> None:
    readme = (STATIC / "vendor" / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| (\S+) \| .* \| ([0-9a-f]{64}) \|$", readme, re.MULTILINE)
    carried = {path.name for path in (STATIC / "vendor").iterdir()} - {"README.md", "uPlot.LICENSE"}
    assert {name for name, _ in named} == carried
    for name, digest in named:
        assert hashlib.sha256((STATIC / "vendor" / name).read_bytes()).hexdigest() == digest


def test_every_module_is_announced_so_that_they_are_fetched_together() -> None:
    announced = set(re.findall(r'rel="modulepreload" href="static/(\S+)"', PAGE))
    wanted = {path.relative_to(STATIC).as_posix() for path in MODULES} - {"js/early.js", "js/main.js"}
    assert announced == wanted


def test_every_import_finds_its_module() -> None:
    for path in MODULES:
        for name in re.findall(r'^(?:import|export) .*? from "(.+?)";$', path.read_text(encoding="utf-8"), re.M | re.S):
            assert (path.parent / name).is_file(), f"{path.name}: {name}"


def test_nothing_is_inline_or_from_elsewhere() -> None:
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", PAGE)
    texts = [PAGE, *(path.read_text(encoding="utf-8") for path in (*MODULES, *STATIC.glob("*.css")))]
    for text in texts:
        assert not re.search(r"https?://|@import|innerHTML|insertAdjacentHTML|document\.write|\beval\(", text)


def test_modules_are_small() -> None:
    lengths = sorted(len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES)
    assert lengths[len(lengths) // 2] <= 120
    assert lengths[-1] <= 400
