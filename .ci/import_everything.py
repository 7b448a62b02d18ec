"""Import every module of haloscale and touch every public name: none but the explorer's server may need an extra."""

import importlib
import pkgutil
import sys

import haloscale

extra = {"starlette", "uvicorn", "websockets"}  # what the explorer's server alone is built on
for module in pkgutil.walk_packages(haloscale.__path__, "haloscale."):
    try:
        importlib.import_module(module.name)
    except ModuleNotFoundError as error:
        if error.name.partition(".")[0] not in extra or not module.name.startswith("haloscale.web."):
            raise
for name in haloscale.__all__:
    getattr(haloscale, name)
present = {"arviz", "galpy", "hypothesis", "jax", "nautilus", "numpyro", "pandas", "pytest", *extra} & set(sys.modules)
if present:
    sys.exit(f"the base install must do without {', '.join(sorted(present))}")
