"""Every file of `tests/configs_that_fail` is refused with the words that its comments promise."""

from pathlib import Path

import pytest

from haloscale.config import load, load_joint
from haloscale.errors import ConfigError

FILES = sorted((Path(__file__).resolve().parents[1] / "configs_that_fail").glob("*.toml"))


def test_there_are_files() -> None:
    assert len(FILES) > 50


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_is_refused_with_one_message(path: Path) -> None:
    promised = [line.removeprefix("# says: ") for line in path.read_text().splitlines() if line.startswith("# says: ")]
    with pytest.raises(ConfigError) as caught:
        load_joint(path) if path.stem.startswith("joint_") else load(path)
    error = caught.value
    assert promised
    assert [words for words in promised if words not in str(error)] == []
    assert all(part.strip() and "\n" not in part for part in (error.found, error.expected, error.advice))
    assert "pydantic" not in str(error).lower()
