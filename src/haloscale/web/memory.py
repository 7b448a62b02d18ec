"""What was computed last, kept for those who ask for the same again."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Memory(Generic[T]):
    """The last few results by key; two threads that ask for one key compute it once.

    Parameters
    ----------
    n : int
        How many are kept; the one that was not asked for longest goes first.
    """

    def __init__(self, n: int) -> None:
        self._n, self._lock = n, Lock()
        self._kept: OrderedDict[Any, T] = OrderedDict()
        self._at_work: dict[Any, Lock] = {}

    def get(self, key: Any, compute: Callable[[], T]) -> T:
        """The result for a key, computed if it is not kept; a failure is not kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            own = self._at_work.setdefault(key, Lock())
        with own:
            with self._lock:
                if key in self._kept:
                    return self._kept[key]
            try:
                made = compute()
            finally:
                with self._lock:
                    self._at_work.pop(key, None)
            with self._lock:
                self._kept[key] = made
                while len(self._kept) > self._n:
                    self._kept.popitem(last=False)
            return made

    def peek(self, key: Any) -> T | None:
        """The result for a key if it is kept."""
        with self._lock:
            return self._kept.get(key)
