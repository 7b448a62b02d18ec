"""Stars in globular clusters and dwarf galaxies."""

import numpy as np

from haloscale.frames import icrs_to_galactic
from haloscale.known_objects import flag_known_objects, known_objects
from haloscale.records import StarTable


def test_the_table_is_sound() -> None:
    objects = known_objects()
    assert len(set(objects.name)) == len(objects)
    assert objects.kind.count("globular cluster") >= 150
    assert objects.kind.count("dwarf galaxy") >= 40
    assert (np.abs(objects.dec) <= 90).all()
    assert ((objects.ra >= 0) & (objects.ra < 360)).all()
    assert ((objects.distance > 1) & (objects.distance < 500)).all()
    assert ((objects.radius > 0.01) & (objects.radius <= 5)).all()


def test_famous_objects_are_where_astronomers_find_them() -> None:
    # Galactic coordinates from Harris (1996, 2010 edition) and McConnachie (2012).
    objects = known_objects()
    for name, l, b in [
        ("NGC 6205", 59.0, 40.9),
        ("NGC 104", 305.9, -44.9),
        ("Draco", 86.4, 34.7),
        ("Fornax", 237.1, -65.7),
    ]:
        i = objects.name.index(name)
        assert np.allclose(icrs_to_galactic(objects.ra[i], objects.dec[i]), (l, b), atol=0.15), name


def test_position_and_distance_must_agree() -> None:
    objects = known_objects()
    i = objects.name.index("NGC 5272")
    ra, dec, d = objects.ra[i], objects.dec[i], objects.distance[i]
    table = StarTable(
        {
            "row": np.arange(6),
            "ra": np.array([ra, ra, ra, ra, ra, np.nan]),
            "dec": np.array([dec + 0.9 * objects.radius[i], dec + 1.1 * objects.radius[i], dec, dec, dec, dec]),
            "distance": np.array([d, d, 2 * d, 2 * d, np.nan, d]),
            "distance_error": np.array([1.0, 1.0, 0.1, d, np.nan, 1.0]),
        },
        "generic",
    )
    assert flag_known_objects(table).tolist() == ["NGC 5272", "", "", "NGC 5272", "NGC 5272", ""]


def test_galactic_positions_and_no_distance_do_too() -> None:
    objects = known_objects()
    l, b = icrs_to_galactic(objects.ra, objects.dec)
    names = flag_known_objects(StarTable({"row": np.arange(len(l)), "l": l, "b": b}, "generic"))
    wrong = [(mine, name) for mine, name in zip(names, objects.name, strict=True) if mine != name]
    assert wrong == []


def test_an_empty_sky_gives_no_names() -> None:
    table = StarTable({"row": np.arange(2), "ra": np.full(2, np.nan), "dec": np.full(2, np.nan)}, "generic")
    assert flag_known_objects(table).tolist() == ["", ""]
