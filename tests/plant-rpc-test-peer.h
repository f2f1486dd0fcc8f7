/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <zmq.h>

#include "plant-rpc-emission-private.h"
#include "plant-rpc-keypair.h"
#include "plant-rpc-reply-private.h"
#include "plant-rpc-request-private.h"
#include "plant-rpc-test-variant.h"

G_BEGIN_DECLS

/* A raw peer: one zmq socket in a context of its own, that sends the frames it is given and hands
 * back those that come. It can stay silent, answer twice, send rubbish, vanish. While it waits, the
 * default main context runs, so that what is tested may live in the same thread. Waiting ends the
 * test program after a deadline. */
typedef struct _TestPeer TestPeer;

#define TEST_DEADLINE_S 30

/* TYPE: ZMQ_DEALER and so on. URL is connected to; NULL: nothing is. */
TestPeer   *test_peer_new            (int                type,
                                      const char        *url);
/* A DEALER that connects by CURVE to a port of loopback. */
TestPeer   *test_peer_new_secured    (guint16            port,
                                      PlantRpcKeypair   *server,
                                      PlantRpcKeypair   *own);
/* Vanishes at once, with whatever it has not sent. */
void        test_peer_free           (TestPeer          *self);
void       *test_peer_get_socket     (TestPeer          *self);
/* Returns a socket of the peer's own context on which libzmq reports the EVENTS; the caller closes
 * it. */
void       *test_peer_watch          (TestPeer          *self,
                                      int                events);
/* Takes the next event, if there is one. Returns whether there was. */
gboolean    test_peer_has_event      (void              *events);
/* Binds a port of loopback that the system picks. */
guint16     test_peer_bind           (TestPeer          *self);

/* FRAMES (element-type GBytes). */
void        test_peer_send           (TestPeer          *self,
                                      GPtrArray         *frames);
/* Frames of text, up to a NULL; "" is an empty frame. */
void        test_peer_send_text      (TestPeer          *self,
                                      ...) G_GNUC_NULL_TERMINATED;
/* The next message (element-type GBytes). */
GPtrArray  *test_peer_receive        (TestPeer          *self);
/* NULL if there is none by now. */
GPtrArray  *test_peer_try_receive    (TestPeer          *self);

/* Frames of a message as text, or of the last one. */
char       *test_frame_dup_text      (GPtrArray         *frames,
                                      guint              index);
GVariant   *test_frame_parse         (GPtrArray         *frames,
                                      guint              index);

/* One request from a DEALER and its reply: JSON text, and the object that answers it. */
GVariant   *test_peer_ask_json       (TestPeer          *self,
                                      const char        *json);

/* REPLY is a whole error reply; NAME and TEXT are what it must tell, unless NULL. */
void        test_assert_error        (GVariant          *reply,
                                      const char        *name,
                                      const char        *text);
/* EXPECTED: the whole reply. */
void        test_peer_assert_reply   (TestPeer          *self,
                                      const char        *request,
                                      const char        *expected);
void        test_peer_assert_refused (TestPeer          *self,
                                      const char        *request,
                                      const char        *name);

/* The same natively. The request is cleared; the reply's error is a reply too. */
void        test_peer_send_native    (TestPeer          *self,
                                      guint64            id,
                                      PlantRpcRequest   *request);
/* Unpacks the frames [id][][payload][buffer], and checks the id. */
void        test_peer_take_reply     (GPtrArray         *frames,
                                      guint64            id,
                                      PlantRpcEvent      event,
                                      PlantRpcReply     *reply);
void        test_peer_ask_native     (TestPeer          *self,
                                      PlantRpcRequest   *request,
                                      PlantRpcReply     *reply);
/* Whether FRAMES are a push; then its number and what it tells. */
gboolean    test_peer_take_push      (GPtrArray         *frames,
                                      guint64           *sequence,
                                      PlantRpcEmission  *emission);
/* The next message, which must be a push. */
guint64     test_peer_receive_push   (TestPeer          *self,
                                      PlantRpcEmission  *emission);

/* Runs the default main context until EXPRESSION holds. */
#define test_wait_until(expression)                                                          \
  G_STMT_START                                                                               \
    {                                                                                        \
      gint64 test_end = g_get_monotonic_time () + TEST_DEADLINE_S * G_USEC_PER_SEC;          \
                                                                                             \
      while (!(expression))                                                                  \
        {                                                                                    \
          if (g_get_monotonic_time () > test_end)                                            \
            g_error ("%s:%d: not in time: %s", __FILE__, __LINE__, #expression);             \
          test_iterate ();                                                                   \
        }                                                                                    \
    }                                                                                        \
  G_STMT_END

/* One turn of the default main context; waits a moment if there is nothing to do. */
void        test_iterate             (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestPeer, test_peer_free)

G_END_DECLS
