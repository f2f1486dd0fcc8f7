# SPDX-License-Identifier: LGPL-2.1-or-later
"""The server: decorated methods are offered, a raising setter refuses, Ctrl-C ends it."""

import asyncio
import inspect
import weakref
from collections.abc import Callable
from types import TracebackType
from typing import Any

from gi._ossighelper import register_sigint_fallback, wakeup_on_signal
from gi.repository import GLib, GObject, PlantRpc

from . import errors, methods
from .values import from_variant, to_property, to_variant

PACKAGE = __package__ or ""
Introspected = PlantRpc.Server
Handler = Callable[..., None]


class Server(PlantRpc.Server):
    """Offers one object at one URL: its properties, its signals and its decorated methods.

    `Server(object=device, url="tcp://*")`; a subclass may be the device itself.  A property setter
    that raises refuses the write, and the caller is told why.  `with server:` starts it, and stops
    it at the end.
    """

    __module__ = PACKAGE
    _writer: weakref.ref[Any] | None = None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._offer()

    @classmethod
    def new(cls, object: GObject.Object | None, url: str | None) -> "Server":
        """Make a server that offers an object at a URL."""
        return cls(object=object, url=url)

    def _offer(self) -> None:
        """Register what the class of the device declares and is not registered yet."""
        if self._writer is None or self._writer() is None:
            self._set_writer(None)
        offered = set(self.dup_interface().list_methods())
        for attribute, declaration in methods.declarations(type(self.get_object())):
            if declaration.name not in offered:
                self._register(attribute, declaration)

    def _register(self, attribute: str, declaration: methods.Declaration) -> None:
        register = Introspected.register_method_buffer if declaration.buffer \
            else Introspected.register_method_json
        flags = PlantRpc.MethodFlags.BLOCKING if declaration.blocking \
            else PlantRpc.MethodFlags.NONE
        register(self, declaration.name, declaration.signature, declaration.timeout, flags,
                 _handler(self, attribute, declaration))

    def start(self) -> bool:
        """Listen, and serve from now on while the main loop runs."""
        if not self.get_running():
            self._offer()
        with errors.raising():
            return super().start()

    def serve_forever(self) -> bool:
        """Serve until the server is stopped, or until Ctrl-C, which ends it without an exception.
        """
        self.start()
        try:
            with register_sigint_fallback(self.stop), wakeup_on_signal(), errors.raising():
                return super().serve_forever()
        except KeyboardInterrupt:
            self.stop()
            return True

    def register_method_json(self, name: str, signature: str | None, timeout: int,
                             flags: PlantRpc.MethodFlags, handler: Handler, *data: Any) -> None:
        """Offer a method that is answered through its invocation; an exception answers it, too."""
        super().register_method_json(name, signature, timeout, flags, answering(handler), *data)

    def register_method_buffer(self, name: str, signature: str | None, timeout: int,
                               flags: PlantRpc.MethodFlags, handler: Handler, *data: Any) -> None:
        """As `register_method_json`, of a method that returns bytes."""
        super().register_method_buffer(name, signature, timeout, flags, answering(handler), *data)

    def set_write_handler(self, handler: Callable[..., bool] | None, *data: Any) -> None:
        """Have a function decide about writes; what it accepts goes to the property's setter."""
        self._set_writer(None if handler is None else lambda *args: handler(*args, *data))

    def _set_writer(self, decide: Callable[..., bool] | None) -> None:
        writer = _writer(weakref.ref(self), decide)
        # Only the library holds it: that tells whether stopping has let go of it.
        self._writer = weakref.ref(writer)
        super().set_write_handler(writer)

    def __enter__(self) -> "Server":
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 where: TracebackType | None) -> None:
        self.stop()

    def __repr__(self) -> str:
        device, state = self.get_object(), "running" if self.get_running() else "not running"
        of = "" if device is self or device is None else f" of {type(device).__name__}"
        name = f" “{self.get_name()}”" if self.get_name() else ""
        return f"<{type(self).__name__}{of}{name} at {self.get_url()}, {state}>"


def answering(handler: Handler) -> Handler:
    """Answer with an exception that comes out of a handler: PyGObject would print and drop it."""
    def handle(invocation: PlantRpc.Invocation, *data: Any) -> None:
        try:
            handler(invocation, *data)
        except GLib.Error:
            raise
        except Exception as error:
            errors.answer(invocation, error)
    return handle


def _handler(server: Server, attribute: str, declaration: methods.Declaration) -> Handler:
    """What runs a decorated method, without keeping its server alive."""
    device = server.get_object()
    itself = device is server
    owner: Callable[[], Any] = weakref.ref(server) if itself else lambda: device
    context = GLib.MainContext.ref_thread_default()

    def handle(invocation: PlantRpc.Invocation, *data: Any) -> None:
        target = owner()
        try:
            args, kwargs = methods.bind(declaration, from_variant(invocation.get_args()),
                                        from_variant(invocation.get_kwargs()) or {})
            result = getattr(target, attribute)(*args, **kwargs)
            if inspect.isawaitable(result):
                _answer_later(invocation, result, declaration.buffer)
            else:
                _answer(invocation, result, declaration.buffer)
        except Exception as error:
            errors.answer(invocation, error)
        finally:
            if itself and declaration.blocking:
                _release_in(context, [target])
                del target
    return handle


def _release_in(context: GLib.MainContext, held: list[Any]) -> None:
    """Let go of what a worker thread holds in the context that it belongs to."""
    source = GLib.Idle()
    source.set_callback(lambda *data: held.clear())
    source.attach(context)


def _answer(invocation: PlantRpc.Invocation, result: Any, buffer: bool) -> None:
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
        except Exception as error:
            errors.answer(invocation, error)
    try:
        task = asyncio.get_running_loop().create_task(run())
    except RuntimeError as error:
        if inspect.iscoroutine(result):
            result.close()
        raise RuntimeError("a coroutine needs an asyncio loop that runs the main loop") from error
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


_tasks: set[Any] = set()


def _writer(server: Any, decide: Callable[..., bool] | None) -> Callable[..., bool]:
    """What decides about writes: the owner first, then the setter by not raising."""
    def handle(invocation: PlantRpc.Invocation, name: str, value: GLib.Variant,
               *data: Any) -> bool:
        owner = server()
        try:
            if decide is not None:
                accepted = decide(invocation, name, value)
            elif _has_own(type(owner), "do_write_property", Introspected):
                accepted = owner.do_write_property(invocation, name, value)
            else:
                accepted = True
        except GLib.Error:
            raise
        except Exception as error:
            errors.answer(invocation, error)
            return False
        return bool(accepted) and _take(owner.get_object(), invocation, name, value)
    return handle


def _has_own(kind: type, name: str, base: type) -> bool:
    """Whether a class has a method that its base does not have."""
    return any(name in vars(klass) for klass in kind.__mro__[:kind.__mro__.index(base)]
               if klass is not Server)


def _take(device: GObject.Object, invocation: PlantRpc.Invocation, name: str,
          value: GLib.Variant) -> bool:
    """Have an accepted value set, by the device or by who asked; whether it is to be set yet."""
    try:
        return not _set(device, invocation, name, value)
    except Exception as error:
        errors.answer(invocation, error)
        return False


def _set(device: GObject.Object, invocation: PlantRpc.Invocation, name: str,
         value: GLib.Variant) -> bool:
    """Call the setter of a property that is declared in Python; whether there is one.

    Through GObject its exception would be printed and lost.
    """
    spec = device.find_property(name)
    declared = _declared(type(device), spec.name)
    if declared is None:
        if "do_set_property" not in vars(spec.owner_type.pytype or object):
            return False
    elif declared.fset == declared._default_setter:
        return False
    elif declared.fset == declared._readonly_setter:
        raise GLib.Error(f"the property “{name}” cannot be written",
                         GLib.quark_to_string(PlantRpc.Error.quark()),
                         PlantRpc.Error.NOT_WRITABLE)
    with device.freeze_notify():
        device.do_set_property(spec, to_property(spec, _local(spec, value)))
        if not spec.flags & GObject.ParamFlags.EXPLICIT_NOTIFY:
            device.notify(spec.name)
    invocation.return_value(None)
    return True


def _local(spec: GObject.ParamSpec, value: GLib.Variant) -> Any:
    return value if spec.value_type.is_a(GObject.TYPE_VARIANT) else from_variant(value)


def _declared(kind: type, name: str) -> Any:
    """The declaration of a property of a Python class, by its GObject name."""
    attribute = name.replace("-", "_")
    for klass in kind.__mro__:
        member = vars(klass).get(attribute)
        if isinstance(member, GObject.Property):
            return member
    return None
