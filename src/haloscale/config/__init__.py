"""The configuration: recipes, the user's settings on top of them, and the checks of both. Only here is pydantic used.

`load` joins and checks; `RunConfig` is the result; `to_toml` writes it; `annotated` explains it.
"""

from haloscale.config.annotate import annotated
from haloscale.config.joint import JointConfig, about_catalogue, members
from haloscale.config.layers import diff
from haloscale.config.loading import Loaded, change, load, load_joint, parse_setting, restore
from haloscale.config.recipes import lists_catalogues, recipes, title
from haloscale.config.run_config import RunConfig
from haloscale.config.toml_text import to_toml

__all__ = [
    "JointConfig",
    "Loaded",
    "RunConfig",
    "about_catalogue",
    "annotated",
    "change",
    "diff",
    "lists_catalogues",
    "load",
    "load_joint",
    "members",
    "parse_setting",
    "recipes",
    "restore",
    "title",
    "to_toml",
]
