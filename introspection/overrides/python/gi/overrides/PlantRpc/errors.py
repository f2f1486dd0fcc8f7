# SPDX-License-Identifier: LGPL-2.1-or-later
"""Errors on their way from a device to its caller, as Python exceptions."""

import re
import threading
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any, NoReturn

from gi.repository import Gio, GLib, PlantRpc

from .interrupt import leave

PACKAGE = __package__ or ""


def show(text: str) -> str:
    """A text of a device for people, in its lines, see `PlantRpc.text_escape()`."""
    return re.sub(r"[^\n\t]+", lambda part: PlantRpc.text_escape(part[0]), text)


def line(text: object) -> str:
    """A text that may be a peer's as one line of a log, see `PlantRpc.text_escape()`."""
    return PlantRpc.text_escape(plain(str(text)))


class CallError(GLib.Error):
    """What a function of the library could not do: a call, a read, a registration.

    `message` is the text of the error as it came; `str()`, which is what Python prints, has no
    escape sequences of a device.  `traceback` is the text in which the device tells where, or None;
    it is shown where Python prints the exception.  `may_have_run` tells whether the device may have
    done it all the same.
    """

    __module__ = "gi.repository.PlantRpc"

    def __init__(self, message: str = "unknown error", domain: str = "pygi-error", code: int = 0,
                 remote_traceback: str | None = None, harmless: bool = False) -> None:
        super().__init__(message, domain, code)
        self.traceback = remote_traceback
        self.may_have_run: bool = not harmless and PlantRpc.Error.may_have_run(
            GLib.Error(message, domain, code))
        if remote_traceback:
            self.add_note(f"\nOn the device:\n\n{show(remote_traceback.rstrip())}")

    def __str__(self) -> str:
        return show(self.message)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.message!r}, {self.domain!r}, {self.code})"

    def __reduce__(self) -> Any:
        return type(self), (self.message, self.domain, self.code, self.traceback,
                            not self.may_have_run)


class CallTimeout(CallError, TimeoutError):
    """A call that had no answer in its time; a `TimeoutError` of Python, too."""

    __module__ = "gi.repository.PlantRpc"


class CallValueError(CallError, ValueError):
    """A value that is not taken; a `ValueError` of Python, too."""

    __module__ = "gi.repository.PlantRpc"


def wrap(error: GLib.Error, remote_traceback: str | None = None, harmless: bool = False,
         ) -> CallError:
    """The exception for an error of the library; `harmless` if nothing was asked of a device."""
    if isinstance(error, CallError):
        return error
    kind = CallError
    if error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.TIMED_OUT):
        kind = CallTimeout
    elif error.matches(PlantRpc.Error.quark(), PlantRpc.Error.INVALID_VALUE):
        kind = CallValueError
    return kind(error.message, error.domain, error.code, remote_traceback, harmless)


def raise_told(domain: str, code: int, message: str, remote_traceback: str | None) -> NoReturn:
    """Raise the exception for an error of the library that comes in its parts."""
    raise wrap(GLib.Error(message, domain, code), remote_traceback)


def refusal(message: str) -> CallValueError:
    """The exception for a value that is refused before it is sent."""
    return CallValueError(message, GLib.quark_to_string(PlantRpc.Error.quark()),
                          PlantRpc.Error.INVALID_VALUE)


class naming:  # noqa: N801
    """Have the name of a property in front of a refusal of its value, unless it is named there."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 where: TracebackType | None) -> None:
        if isinstance(error, CallValueError) and self._name not in error.message:
            raise CallValueError(f"{self._name}: {error.message}", error.domain, error.code,
                                 error.traceback) from None


def describe(error: BaseException) -> str:
    """The message of an exception for the caller; its class tells something if it has none."""
    kind = type(error).__name__
    try:
        message = plain(error.message if isinstance(error, GLib.Error) else str(error))
    except BaseException as failure:
        return f"{kind}, whose text cannot be told: {type(failure).__name__}"
    return message or kind


def trace(error: BaseException) -> str:
    """The traceback of an exception without the frames of this package and of PyGObject."""
    where: TracebackType | None = error.__traceback__
    while where is not None and where.tb_frame.f_globals.get("__package__") in (PACKAGE, "gi"):
        where = where.tb_next
    try:
        return plain("".join(traceback.format_exception(type(error), error, where)))
    except BaseException:
        return plain("".join(traceback.format_tb(where)))


def plain(text: str) -> str:
    """A text as it can travel: with escapes for NUL and for what is no text, as in file names."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\x00")


def is_own(error: BaseException) -> bool:
    """Whether an exception is an error of this library, whose code is to travel."""
    return isinstance(error, GLib.Error) and error.domain == GLib.quark_to_string(
        PlantRpc.Error.quark())


def answer(invocation: PlantRpc.Invocation, error: BaseException, by_name: bool = False) -> None:
    """Answer a call, a read or a write with an exception.

    With `by_name` the caller gets domain and code of every GLib.Error, and no traceback.
    """
    if invocation.get_answered():
        return
    is_named = isinstance(error, GLib.Error) if by_name else is_own(error)
    if is_named and not isinstance(error, CallError):
        invocation.return_gerror(GLib.Error(describe(error), error.domain, error.code))
    else:
        invocation.return_failure(describe(error), trace(error))


def answering(invocation: PlantRpc.Invocation, run: Callable[[], Any],
              by_name: bool = False) -> Any:
    """Run what answers an invocation; if it raises, answer with the exception."""
    try:
        return run()
    except BaseException as error:
        answer(invocation, error, by_name)
        pass_on(error)
    return None


def pass_on(error: BaseException) -> None:
    """Raise again what ends a program, after the caller has been told of it as of any exception."""
    if isinstance(error, SystemExit) and leave(error):
        return
    is_main = threading.current_thread() is threading.main_thread()
    if isinstance(error, (SystemExit, KeyboardInterrupt)) and is_main:
        raise error
