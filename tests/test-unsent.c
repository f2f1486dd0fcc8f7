/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "plant-rpc-socket-private.h"
#include "plant-rpc-test-wait.h"

#define LARGE 100000 /* bytes: a frame that is not copied */

/* The functions of libzmq that may fail. The test counts the calls, and one of them fails. */
int __real_zmq_send (void *socket, const void *data, size_t size, int flags);
int __wrap_zmq_send (void *socket, const void *data, size_t size, int flags);
int __real_zmq_msg_send (zmq_msg_t *frame, void *socket, int flags);
int __wrap_zmq_msg_send (zmq_msg_t *frame, void *socket, int flags);
int __real_zmq_msg_recv (zmq_msg_t *frame, void *socket, int flags);
int __wrap_zmq_msg_recv (zmq_msg_t *frame, void *socket, int flags);
int __real_zmq_msg_init_size (zmq_msg_t *frame, size_t size);
int __wrap_zmq_msg_init_size (zmq_msg_t *frame, size_t size);
int __real_zmq_msg_init_data (zmq_msg_t *frame, void *data, size_t size, zmq_free_fn *func,
                              void *hint);
int __wrap_zmq_msg_init_data (zmq_msg_t *frame, void *data, size_t size, zmq_free_fn *func,
                              void *hint);

static int n_until_failure = -1; /* calls that still succeed; below 0: all do */
static int failure;              /* errno */

static gboolean
fails (void)
{
  if (n_until_failure < 0 || n_until_failure-- > 0)
    return FALSE;
  errno = failure;
  return TRUE;
}

int
__wrap_zmq_send (void       *socket,
                 const void *data,
                 size_t      size,
                 int         flags)
{
  return fails () ? -1 : __real_zmq_send (socket, data, size, flags);
}

int
__wrap_zmq_msg_send (zmq_msg_t *frame,
                     void      *socket,
                     int        flags)
{
  return fails () ? -1 : __real_zmq_msg_send (frame, socket, flags);
}

int
__wrap_zmq_msg_recv (zmq_msg_t *frame,
                     void      *socket,
                     int        flags)
{
  return fails () ? -1 : __real_zmq_msg_recv (frame, socket, flags);
}

int
__wrap_zmq_msg_init_size (zmq_msg_t *frame,
                          size_t     size)
{
  return fails () ? -1 : __real_zmq_msg_init_size (frame, size);
}

int
__wrap_zmq_msg_init_data (zmq_msg_t   *frame,
                          void        *data,
                          size_t       size,
                          zmq_free_fn *func,
                          void        *hint)
{
  return fails () ? -1 : __real_zmq_msg_init_data (frame, data, size, func, hint);
}

typedef struct {
  PlantRpcSocket *bound;
  PlantRpcSocket *connected;
} Fixture;

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  /* A name is free again only some time after its socket was closed. */
  static guint n_names = 0;
  g_autofree char *url = g_strdup_printf ("inproc://unsent-%u", n_names++);

  n_until_failure = -1;
  self->bound = plant_rpc_socket_new (ZMQ_PAIR, NULL);
  self->connected = plant_rpc_socket_new (ZMQ_PAIR, NULL);
  g_assert_true (plant_rpc_socket_bind (self->bound, url, NULL));
  g_assert_true (plant_rpc_socket_connect (self->connected, url, NULL));
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  plant_rpc_socket_free (self->connected);
  plant_rpc_socket_free (self->bound);
}

static void
note_free (gpointer n_freed)
{
  g_atomic_int_inc ((gint *) n_freed);
}

/* Bytes that are counted in N_FREED once nobody has them any more. */
static GBytes *
new_bytes (gsize size,
           gint *n_freed)
{
  static const guint8 zeros[LARGE];

  return g_bytes_new_with_free_func (zeros, size, note_free, n_freed);
}

/* Envelopes of one to three frames of one byte. */
static void
make_envelope (PlantRpcEnvelope *self,
               guint             n_frames)
{
  plant_rpc_envelope_init (self);
  for (guint i = 0; i < n_frames; i++)
    g_assert_true (plant_rpc_envelope_append (self, "e", 1));
}

/* Receives a message of N_FRAMES, the last of which has LAST_SIZE bytes. */
static void
expect (Fixture *self,
        guint    n_frames,
        gsize    last_size)
{
  g_auto (PlantRpcFrames) frames = { 0 };

  test_wait_for (plant_rpc_socket_receive (self->bound, &frames));
  g_assert_cmpuint (frames.n_frames, ==, n_frames);
  g_assert_cmpuint (zmq_msg_size (&frames.frames[n_frames - 1]), ==, last_size);
}

/* The message after one that was broken off is not taken for the rest of it. */
static void
expect_broken_off (Fixture *self,
                   guint    n_sent)
{
  PlantRpcEnvelope envelope;
  g_autoptr (GBytes) payload = g_bytes_new_static ("next", 4);

  make_envelope (&envelope, 1);
  g_assert_cmpint (plant_rpc_socket_send (self->connected, &envelope, payload, NULL), ==,
                   PLANT_RPC_SEND_DONE);
  if (n_sent > 0)
    expect (self, n_sent + 1, 0);
  expect (self, 2, 4);
}

/* Returns TRUE if the call numbered CALL was made, and failed. */
static gboolean
try_send (Fixture *self,
          guint    n_frames,
          gsize    size,
          guint    call,
          guint   *n_sent)
{
  gint n_freed = 0;
  GBytes *payload = new_bytes (size, &n_freed);
  GBytes *buffer = new_bytes (size, &n_freed);
  PlantRpcEnvelope envelope;
  gboolean failed;
  PlantRpcSendResult result;

  make_envelope (&envelope, n_frames);
  n_until_failure = (int) call;
  failure = ENOMEM;
  result = plant_rpc_socket_send (self->connected, &envelope, payload, buffer);
  failed = n_until_failure < 0;
  n_until_failure = -1;
  g_assert_cmpint (result, ==, failed ? PLANT_RPC_SEND_WOULD_BLOCK : PLANT_RPC_SEND_DONE);
  /* A frame of the envelope takes one call, the others two. */
  *n_sent = call < n_frames ? call : n_frames + (call - n_frames) / 2;
  if (failed)
    expect_broken_off (self, *n_sent);
  else
    expect (self, n_frames + 2, size);
  g_bytes_unref (payload);
  g_bytes_unref (buffer);
  test_wait_for (g_atomic_int_get (&n_freed) == 2);
  return failed;
}

static void
test_broken_off (Fixture       *self,
                 gconstpointer  data)
{
  static const gsize sizes[] = { 0, 7, LARGE };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint n_frames = 1; n_frames <= 3; n_frames++)
      {
        guint n_sent = 0;
        guint call = 0;

        while (try_send (self, n_frames, sizes[i], call, &n_sent))
          call++;
        g_assert_cmpuint (n_sent, ==, n_frames + 2);
      }
}

/* The same bytes for many peers. */
static void
test_common (Fixture       *self,
             gconstpointer  data)
{
  gint n_freed = 0;
  GBytes *payload = new_bytes (LARGE, &n_freed);
  zmq_msg_t common;

  plant_rpc_socket_init_common (&common, payload);
  g_bytes_unref (payload);
  for (guint call = 0; call <= 3; call++)
    {
      PlantRpcEnvelope envelope;
      PlantRpcSendResult result;

      make_envelope (&envelope, 2);
      n_until_failure = (int) call;
      failure = EAGAIN;
      result = plant_rpc_socket_send_common (self->connected, &envelope, &common);
      g_assert_cmpint (result, ==, call < 3 ? PLANT_RPC_SEND_WOULD_BLOCK : PLANT_RPC_SEND_DONE);
      n_until_failure = -1;
      if (call < 3)
        expect_broken_off (self, call);
      else
        expect (self, 3, LARGE);
    }
  g_assert_cmpint (g_atomic_int_get (&n_freed), ==, 0);
  zmq_msg_close (&common);
  test_wait_for (g_atomic_int_get (&n_freed) == 1);
}

/* Without memory for it the bytes are let go of, and what is sent is empty. */
static void
test_no_common (Fixture       *self,
                gconstpointer  data)
{
  gint n_freed = 0;
  GBytes *payload = new_bytes (LARGE, &n_freed);
  zmq_msg_t common;

  n_until_failure = 0;
  failure = ENOMEM;
  plant_rpc_socket_init_common (&common, payload);
  g_assert_cmpint (n_until_failure, <, 0);
  g_bytes_unref (payload);
  g_assert_cmpint (g_atomic_int_get (&n_freed), ==, 1);
  g_assert_cmpuint (zmq_msg_size (&common), ==, 0);
  zmq_msg_close (&common);
}

/* What an error means, and that a call that a signal interrupted is made again. */
static void
test_results (Fixture       *self,
              gconstpointer  data)
{
  static const struct {
    int                code;
    PlantRpcSendResult result;
  } cases[] = {
    { EAGAIN, PLANT_RPC_SEND_WOULD_BLOCK },       { ENOMEM, PLANT_RPC_SEND_WOULD_BLOCK },
    { EHOSTUNREACH, PLANT_RPC_SEND_UNREACHABLE }, { EFSM, PLANT_RPC_SEND_FAILED },
    { ETERM, PLANT_RPC_SEND_FAILED },             { EINTR, PLANT_RPC_SEND_DONE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint call = 0; call < 3; call += 2)
      {
        g_autoptr (GBytes) payload = g_bytes_new_static ("text", 4);
        PlantRpcEnvelope envelope;

        make_envelope (&envelope, 1);
        n_until_failure = (int) call;
        failure = cases[i].code;
        g_assert_cmpint (plant_rpc_socket_send (self->connected, &envelope, payload, NULL), ==,
                         cases[i].result);
        n_until_failure = -1;
        if (failure == EINTR)
          expect (self, 2, 4);
        else
          expect_broken_off (self, call > 0 ? 1 : 0);
      }
}

static void
test_interrupted_receive (Fixture       *self,
                          gconstpointer  data)
{
  for (int call = 0; call < 2; call++)
    {
      g_autoptr (GBytes) payload = g_bytes_new_static ("text", 4);
      PlantRpcEnvelope envelope;

      make_envelope (&envelope, 1);
      g_assert_cmpint (plant_rpc_socket_send (self->connected, &envelope, payload, NULL), ==,
                       PLANT_RPC_SEND_DONE);
      n_until_failure = call;
      failure = EINTR;
      expect (self, 2, 4);
      g_assert_cmpint (n_until_failure, <, 0);
    }
}

#define ADD(path, func) g_test_add ("/unsent/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("broken-off", test_broken_off);
  ADD ("common", test_common);
  ADD ("no-common", test_no_common);
  ADD ("results", test_results);
  ADD ("interrupted-receive", test_interrupted_receive);
  return g_test_run ();
}
