"""Parquet with a unit on every column, read and written without pandas."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from haloscale.tables.atomic import atomic_path
from haloscale.tables.units import states_unit

_ASTROPY_KEY = b"table_meta_yaml"


def write_parquet(
    path: str | Path,
    columns: Mapping[str, NDArray[Any]],
    units: Mapping[str, str],
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write columns with their units, twice: in the field metadata, and as astropy's own header with lengths of texts.

    Parameters
    ----------
    path : str or path
    columns : mapping of str to array (n,) [own units]
        In their order.
    units : mapping of str to str
        Units of some or all of them.
    metadata : mapping of str to str, optional
        Stored in the schema.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays = {name: pa.array(values) for name, values in columns.items()}
    fields = [
        pa.field(name, array.type, metadata={"unit": units[name]} if states_unit(units.get(name)) else None)
        for name, array in arrays.items()
    ]
    texts = {name: values for name, values in columns.items() if values.dtype.kind in "OSU"}
    lengths = {f"table::len::{name}": str(max(map(len, map(str, v)), default=1)) for name, v in texts.items()}
    whole = {**(metadata or {}), **lengths, _ASTROPY_KEY.decode(): _astropy_header(columns, units)}
    table = pa.Table.from_arrays(list(arrays.values()), schema=pa.schema(fields, metadata=whole))
    with atomic_path(path) as aside, aside.open("wb") as file:
        pq.write_table(table, file)


def read_parquet(path: str | Path) -> tuple[dict[str, NDArray[Any]], dict[str, str], dict[str, str]]:
    """The columns (name -> array (n,)), their units and the schema's metadata."""
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    metadata = {k.decode(): v.decode() for k, v in (table.schema.metadata or {}).items()}
    return {name: table.column(name).to_numpy() for name in table.column_names}, units_of(table.schema), metadata


def units_of(schema: Any) -> dict[str, str]:
    """Units from the field metadata (``unit``) or from the header that astropy writes."""
    stated = (schema.metadata or {}).get(_ASTROPY_KEY)
    units = _astropy_units(stated.decode()) if stated else {}
    for field in schema:
        unit = (field.metadata or {}).get(b"unit")
        if unit:
            units[field.name] = unit.decode()
    return units


def _astropy_units(header: str) -> dict[str, str]:
    from astropy.table.meta import get_header_from_yaml

    described = get_header_from_yaml(header.splitlines())["datatype"]
    return {column["name"]: str(column["unit"]) for column in described if column.get("unit")}


def _astropy_header(columns: Mapping[str, NDArray[Any]], units: Mapping[str, str]) -> str:
    """The YAML that `astropy.table.Table.read(format="parquet")` takes units from."""
    lines = []
    for name, values in columns.items():
        unit = f", unit: {json.dumps(units[name])}" if states_unit(units.get(name)) else ""
        kind = "string" if values.dtype.kind in "OSU" else values.dtype.name
        lines.append(f"- {{name: {json.dumps(name)}{unit}, datatype: {kind}}}")
    return "\n".join(["datatype:", *lines])
