"""The house rules of the code, as failing checks: layers, sizes, names, and units and shapes in docstrings."""

import ast
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "haloscale"
SOURCES = sorted(PACKAGE.rglob("*.py"))
ARRAY = re.compile(r"\b(Array|Floats|Ints|Bools|NDArray|ndarray)\b")
SHAPE = re.compile(r"\([^()]*\)")
UNIT = re.compile(r"\[[^\]]+\]|dimensionless|own units?|\b(int|bool|str|string|object) array|array of (int|bool|str)")

PURE_NUMBERS = re.compile(r"beta|c|log_slope|omega_m|overdensity|weight|.*sin2_psi")
"""Names of the glossary that have no unit."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def label(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def test_layer_contracts_hold() -> None:
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_files_are_small() -> None:
    lines = {label(path): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {name: n for name, n in lines.items() if n > 400} == {}
    assert statistics.median(lines.values()) <= 120


def test_functions_are_short() -> None:
    lengths = sorted(node.end_lineno - node.lineno + 1 for path in SOURCES for node in functions(parse(path)))
    assert statistics.median(lengths) <= 12
    assert lengths[int(0.95 * len(lengths))] <= 60


def test_names_say_what_a_thing_is() -> None:
    vague = re.compile(r"utils?|helpers?|managers?|handlers?", re.IGNORECASE)
    modules = {label(path) for path in SOURCES if vague.fullmatch(path.stem) or vague.fullmatch(path.parent.name)}
    classes = {
        node.name
        for path in SOURCES
        for node in ast.walk(parse(path))
        if isinstance(node, ast.ClassDef) and re.search(r"(Utils?|Helper|Manager|Handler)$", node.name)
    }
    assert modules | classes == set()


def _touches_the_outside(node: ast.AST) -> bool:
    """A print, or a call that reads or sets the working directory or the global random state."""
    if not isinstance(node, ast.Call):
        return False
    called = ast.unparse(node.func)
    return called in {"print", "os.getcwd", "os.chdir", "Path.cwd", "np.random.seed", "random.seed"}


def test_only_the_command_line_prints_or_knows_the_working_directory() -> None:
    found = {
        f"{label(path)}:{node.lineno}"
        for path in SOURCES
        if label(path) != "cli.py"
        for node in ast.walk(parse(path))
        if _touches_the_outside(node)
    }
    assert found == set()


def public_functions() -> list[tuple[str, Function]]:
    """Public functions and methods, named `file:function`."""
    found = []
    for path in SOURCES:
        for owner in ast.walk(parse(path)):
            if isinstance(owner, (ast.Module, ast.ClassDef)) and not getattr(owner, "name", "").startswith("_"):
                public = [f for f in owner.body if isinstance(f, Function) and not f.name.startswith("_")]
                found += [(f"{label(path)}:{f.name}", f) for f in public]
    return found


def documented(docstring: str) -> dict[str, str]:
    """Parameter name -> its text, from the numpydoc section Parameters."""
    section = re.search(r"^Parameters\n-+\n(.*?)(?=^\w[\w ]*\n-+\n|\Z)", docstring, re.MULTILINE | re.DOTALL)
    entries: dict[str, str] = {}
    for entry in re.split(r"\n(?=\S)", section.group(1)) if section else []:
        names, _, text = entry.partition(" : ")
        entries |= dict.fromkeys((name.strip().lstrip("*") for name in names.split(",")), text)
    return entries


def array_arguments(function: Function) -> list[str]:
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return [a.arg for a in arguments if a.annotation is not None and ARRAY.search(ast.unparse(a.annotation))]


def shortcomings(function: Function) -> list[str]:
    """What is missing in the docstring of a function that takes arrays."""
    docstring = ast.get_docstring(function)
    wanted = array_arguments(function)
    if docstring is None:  # a method that only implements what its base class documents
        return [] if function.args.args[:1] and function.args.args[0].arg == "self" else ["no docstring"]
    if re.search(r"\bsee `\w+\.\w+`", docstring):  # implements a documented method, and says which
        return []
    entries = documented(docstring)
    wrong = [f"{name} is not documented" for name in wanted if name not in entries and not _inline(docstring)]
    for name in dict.fromkeys([*wanted, *(n for n, text in entries.items() if re.search(r"\barray\b", text))]):
        text = entries.get(name, "")
        if text and not (SHAPE.search(text) or "float" in text):
            wrong.append(f"{name} has no shape")
        if text and not UNIT.search(text) and not PURE_NUMBERS.fullmatch(name):
            wrong.append(f"{name} has no unit")
    return wrong


def _inline(docstring: str) -> bool:
    """A one-line docstring may state shape and unit itself: "Mass inside r, array (n_r,) [kpc]"."""
    return "\n" not in docstring and bool(re.search(r"\barrays? \(", docstring) and UNIT.search(docstring))


def test_array_arguments_state_shape_and_unit() -> None:
    wrong = {name: shortcomings(function) for name, function in public_functions()}
    assert {name: lacks for name, lacks in wrong.items() if lacks} == {}


def test_the_docstring_check_bites() -> None:
    source = '''
def f(r: Array, v: Array, n: Ints) -> Array:
    """Do it.

    Parameters
    ----------
    r : array (n,)
        Radius.
    v : array [km/s]
    n : int array (n,)
    """
'''
    assert shortcomings(next(functions(ast.parse(source)))) == ["r has no unit", "v has no shape"]
