"""Work in a process of its own: with a limit on time and memory, so that no file and no setting can stop the server."""

import multiprocessing
import os
import sys
import warnings
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from threading import BoundedSemaphore, Thread
from typing import Any, Final, TypeVar

from haloscale.errors import HaloscaleError, InputError

T = TypeVar("T")

_MOST_BYTES: Final = 6 * 1024**3
"""Address space of a process; the libraries alone map about one gigabyte."""
_AT_ONCE: Final = BoundedSemaphore(2)


def context() -> BaseContext:
    """How processes are started: from a small server that has the libraries loaded, where the system knows that."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(["haloscale.web.scene"])
    return made


def isolated(work: Callable[..., T], *arguments: Any, seconds: float, what: str) -> T:
    """The result of a function of a module, computed in a process of its own.

    Parameters
    ----------
    work : callable
    arguments
        Sent to the process.
    seconds : float [s]
        After which the process is ended.
    what : str
        What is done, in words, for the message.

    Raises
    ------
    InputError
        The work raised one, took too long, needed too much memory, or ended without an answer.
    """
    with _AT_ONCE:
        here, there = multiprocessing.Pipe(duplex=False)
        process = context().Process(target=_answer, args=(there, work, arguments), daemon=True)  # type: ignore[attr-defined]
        process.start()
        there.close()
        try:
            if not here.poll(seconds):
                raise InputError(
                    f"{what} took longer than {seconds:g} s", "something smaller", "run it with `haloscale weigh`"
                )
            good, answer = here.recv()
        except (EOFError, OSError):
            raise InputError(
                f"{what} ended without an answer", "a file and settings that fit into memory", "try fewer rows"
            ) from None
        finally:
            end(process)
            here.close()
    if good:
        return answer  # type: ignore[no-any-return]
    raise answer


def end(process: Any) -> None:
    """End a process and wait for it."""
    process.terminate()
    process.join(5.0)
    if process.is_alive():
        process.kill()
        process.join()


def bounded() -> None:
    """Bound the address space of this process, where the system can, and let it end with the server."""
    Thread(target=_end_with_parent, daemon=True).start()
    if sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = _MOST_BYTES if hard == resource.RLIM_INFINITY else min(_MOST_BYTES, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def _end_with_parent() -> None:
    """A process whose server was killed would work on for nobody."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _answer(there: Connection, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    bounded()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            answer = True, work(*arguments)
    except HaloscaleError as error:
        answer = False, error
    except MemoryError:
        answer = False, InputError("there is not enough memory for this", "a smaller file", "try fewer rows")
    except Exception as error:  # the other side has to hear of it
        answer = False, HaloscaleError(f"{type(error).__name__}: {error}")
    there.send(answer)
    there.close()
