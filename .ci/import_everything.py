"""Import every module of haloscale and touch every public name: nothing may need an extra."""

import importlib
import pkgutil
import sys

import haloscale

for module in pkgutil.walk_packages(haloscale.__path__, "haloscale."):
    importlib.import_module(module.name)
for name in haloscale.__all__:
    getattr(haloscale, name)
present = {"arviz", "galpy", "hypothesis", "jax", "nautilus", "numpyro", "pandas", "pytest"} & set(sys.modules)
if present:
    sys.exit(f"the base install must do without {', '.join(sorted(present))}")
