/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A peer without libzmq: one TCP connection over loopback, on which the test writes ZMTP 3.0 by
 * hand: the greeting, READY, frames, parts of frames, or any bytes. While it waits it runs the
 * default main context. If the deadline passes, the test program fails. */
typedef struct _TestZmtp TestZmtp;

/* A listening socket on a port of loopback that the system picks. */
typedef struct _TestZmtpListener TestZmtpListener;

TestZmtpListener *test_zmtp_listener_new   (void);
void              test_zmtp_listener_free  (TestZmtpListener  *self);
const char       *test_zmtp_listener_get_url (TestZmtpListener *self);
/* Waits for the next connection and returns it. */
TestZmtp         *test_zmtp_listener_accept (TestZmtpListener  *self);
/* Returns NULL if no connection has come. */
TestZmtp         *test_zmtp_listener_try_accept (TestZmtpListener *self);

TestZmtp         *test_zmtp_new            (guint16            port);
/* Closes the connection. */
void              test_zmtp_free           (TestZmtp          *self);

/* Returns FALSE if the other end has closed the connection. */
gboolean          test_zmtp_send_bytes     (TestZmtp          *self,
                                            gconstpointer      data,
                                            gsize              size);
/* Sends the beginning of BYTES, as much as is possible without waiting. Returns how many bytes it
 * was. */
gsize             test_zmtp_try_send       (TestZmtp          *self,
                                            gconstpointer      data,
                                            gsize              size);
gboolean          test_zmtp_send_greeting  (TestZmtp          *self);
/* TYPE is the type of the pretended socket, such as "ROUTER". */
gboolean          test_zmtp_send_ready     (TestZmtp          *self,
                                            const char        *type);
gboolean          test_zmtp_send_frame     (TestZmtp          *self,
                                            gconstpointer      data,
                                            gsize              size,
                                            gboolean           more);
/* Sends only the header of a frame of that size. */
gboolean          test_zmtp_send_head      (TestZmtp          *self,
                                            guint64            size,
                                            gboolean           more);
/* FRAMES is (element-type GBytes). */
gboolean          test_zmtp_send           (TestZmtp          *self,
                                            GPtrArray         *frames);
/* Sends the greeting and READY, and reads those of the other end. Returns FALSE if the other end
 * has closed the connection. */
gboolean          test_zmtp_shake_hands    (TestZmtp          *self,
                                            const char        *type);
/* Waits for the next whole message (element-type GBytes). Returns NULL if the connection was closed
 * before. */
GPtrArray        *test_zmtp_receive        (TestZmtp          *self);
/* Returns the next whole message that has come, or NULL. */
GPtrArray        *test_zmtp_try_receive    (TestZmtp          *self);
/* Returns TRUE if the other end has closed the connection. */
gboolean          test_zmtp_is_closed      (TestZmtp          *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestZmtp, test_zmtp_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestZmtpListener, test_zmtp_listener_free)

G_END_DECLS
