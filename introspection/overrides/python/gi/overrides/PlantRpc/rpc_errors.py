# SPDX-License-Identifier: LGPL-2.1-or-later
"""The exceptions of ZeroMQ's module, which ported scripts handle, where they have loaded it."""

import contextlib
import errno
import sys
from collections.abc import Iterator
from typing import Any

from gi.repository import Gio

from . import errors

CODES = {Gio.IOErrorEnum.ADDRESS_IN_USE: errno.EADDRINUSE,
         Gio.IOErrorEnum.PERMISSION_DENIED: errno.EACCES}


@contextlib.contextmanager
def of_zmq() -> Iterator[None]:
    """Have an address that cannot be listened at told as a ZMQError, too."""
    try:
        yield
    except errors.CallError as error:
        zmq: Any = sys.modules.get("zmq")
        code = next((code for kind, code in CODES.items()
                     if error.matches(Gio.io_error_quark(), kind)), None)
        if zmq is None or code is None:
            raise
        raise _both(zmq.ZMQError)(error, code) from None


def _both(zmq_error: type[Exception]) -> Any:
    class BindError(errors.CallError, zmq_error):  # type: ignore[misc, valid-type]
        __module__ = errors.CallError.__module__

        def __init__(self, error: errors.CallError, code: int) -> None:
            errors.CallError.__init__(self, error.message, error.domain, error.code)
            self.errno, self.strerror = code, error.message
    return BindError
