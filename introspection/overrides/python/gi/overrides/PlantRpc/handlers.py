# SPDX-License-Identifier: LGPL-2.1-or-later
"""What runs the methods of a device, and answers with what they return or raise."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

from gi.repository import GLib, PlantRpc

from . import errors
from .invocation import given, return_plain
from .methods import Declaration, bind
from .values import PLAIN, to_variant

Handler = Callable[..., None]

_tasks: set[Any] = set()


def answering(handler: Handler) -> Handler:
    """Answer with an exception that comes out of a handler: PyGObject would print and drop it."""
    def handle(invocation: PlantRpc.Invocation, *data: Any) -> None:
        errors.answering(invocation, lambda: handler(invocation, *data), by_name=True)
    return handle


def running(owner: Callable[[], Any], attribute: str, declaration: Declaration,
            context: GLib.MainContext | None = None) -> Handler:
    """What runs a decorated method of an object.

    Where a context is given, what a worker thread held of the object is let go of in that context.
    """
    def handle(invocation: PlantRpc.Invocation, *data: Any) -> None:
        # Nothing else holds the object here: its last reference is to go in that context.
        held = [owner()]

        try:
            args, kwargs = bind(declaration, *given(invocation))
            if declaration.invocation:
                args = [invocation, *args]
            result = getattr(held[0], attribute)(*args, **kwargs)
            if type(result) not in PLAIN and inspect.isawaitable(result):
                _answer_later(invocation, result, declaration.buffer)
            elif declaration.buffer or not return_plain(invocation, result):
                _answer(invocation, result, declaration.buffer)
        except BaseException as error:
            errors.answer(invocation, error)
            errors.pass_on(error)
        finally:
            if context is not None and declaration.blocking:
                _release_in(context, held)
    return handle


def _release_in(context: GLib.MainContext, held: list[Any]) -> None:
    source = GLib.Idle()
    source.set_callback(lambda *data: held.clear())
    source.attach(context)


def _answer(invocation: PlantRpc.Invocation, result: Any, buffer: bool) -> None:
    if invocation.get_answered():
        return  # by the method itself, or its caller has given up
    if not buffer:
        invocation.return_value(to_variant(result))
        return
    data, info = result if isinstance(result, tuple) else (result, None)
    invocation.return_buffer(data, info)


def _answer_later(invocation: PlantRpc.Invocation, result: Any, buffer: bool) -> None:
    """Answer when a coroutine has ended; it runs in the asyncio loop that runs this one."""
    async def run() -> None:
        try:
            _answer(invocation, await result, buffer)
        except BaseException as error:
            errors.answer(invocation, error)
            errors.pass_on(error)
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError as error:
        if inspect.iscoroutine(result):
            result.close()
        raise RuntimeError("a coroutine needs an asyncio loop that runs the main loop") from error
    task = loop.create_task(run())
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
