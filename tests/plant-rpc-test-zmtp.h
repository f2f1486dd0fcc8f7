/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A peer without libzmq: one TCP connection over loopback, on which the test writes ZMTP 3.0 by
 * hand: the greeting, READY, frames, halves of them, or whatever it likes. While it waits the
 * default main context runs. Waiting ends the test program after a deadline. */
typedef struct _TestZmtp TestZmtp;

/* A port of loopback that the system picks. */
typedef struct _TestZmtpListener TestZmtpListener;

TestZmtpListener *test_zmtp_listener_new   (void);
void              test_zmtp_listener_free  (TestZmtpListener  *self);
const char       *test_zmtp_listener_get_url (TestZmtpListener *self);
/* The next connection that comes. */
TestZmtp         *test_zmtp_listener_accept (TestZmtpListener  *self);
/* NULL if there is none by now. */
TestZmtp         *test_zmtp_listener_try_accept (TestZmtpListener *self);

TestZmtp         *test_zmtp_new            (guint16            port);
/* Closes the connection. */
void              test_zmtp_free           (TestZmtp          *self);

/* FALSE: the other end has closed the connection. */
gboolean          test_zmtp_send_bytes     (TestZmtp          *self,
                                            gconstpointer      data,
                                            gsize              size);
/* As much as goes without waiting, from the front of BYTES; how much. */
gsize             test_zmtp_try_send       (TestZmtp          *self,
                                            gconstpointer      data,
                                            gsize              size);
gboolean          test_zmtp_send_greeting  (TestZmtp          *self);
/* TYPE is that of the pretended socket, such as "ROUTER". */
gboolean          test_zmtp_send_ready     (TestZmtp          *self,
                                            const char        *type);
gboolean          test_zmtp_send_frame     (TestZmtp          *self,
                                            gconstpointer      data,
                                            gsize              size,
                                            gboolean           more);
/* The head alone of a frame of that size. */
gboolean          test_zmtp_send_head      (TestZmtp          *self,
                                            guint64            size,
                                            gboolean           more);
/* FRAMES (element-type GBytes). */
gboolean          test_zmtp_send           (TestZmtp          *self,
                                            GPtrArray         *frames);
/* Greeting and READY, and those of the other end. FALSE: it has closed the connection. */
gboolean          test_zmtp_shake_hands    (TestZmtp          *self,
                                            const char        *type);
/* The next whole message (element-type GBytes); NULL: the connection was closed before it. */
GPtrArray        *test_zmtp_receive        (TestZmtp          *self);
/* What has come by now; NULL: nothing whole. */
GPtrArray        *test_zmtp_try_receive    (TestZmtp          *self);
/* Whether the other end has closed the connection by now. */
gboolean          test_zmtp_is_closed      (TestZmtp          *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestZmtp, test_zmtp_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestZmtpListener, test_zmtp_listener_free)

G_END_DECLS
