/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Asks for the addresses of HOST, and blocks until the answer is there. If the program has set a
 * GResolver of its own, that one is asked. Otherwise the name service of the system is, in this
 * thread: GLib's own resolver has 20 threads, and would keep everybody waiting while as many names
 * are not answered.
 *
 * Returns (element-type utf8) the numeric addresses in the order of the resolver. An IPv6 address
 * that is valid on one link only has its zone, if the name service tells it. Fails with
 * G_RESOLVER_ERROR. Only a resolver of the program heeds CANCELLABLE. */
GPtrArray *plant_rpc_resolver_look_up (const char    *host,
                                       GCancellable  *cancellable,
                                       GError       **error);

G_END_DECLS
