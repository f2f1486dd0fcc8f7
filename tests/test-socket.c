/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plant-rpc-socket-private.h"
#include "plant-rpc-test-endpoint.h"
#include "plant-rpc-test-wait.h"

#define SMALL 4096 /* bytes: the largest frame that is copied */

static PlantRpcSocket *
new_socket (int type)
{
  g_autoptr (GError) error = NULL;
  PlantRpcSocket *self = plant_rpc_socket_new (type, &error);

  g_assert_no_error (error);
  return self;
}

/* Two ends of one connection. */
typedef struct {
  PlantRpcSocket *bound;
  PlantRpcSocket *connected;
} Pair;

static void
pair_init (Pair       *self,
           int         bound_type,
           int         connected_type,
           const char *url)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *endpoint = NULL;

  self->bound = new_socket (bound_type);
  self->connected = new_socket (connected_type);
  plant_rpc_socket_bind (self->bound, url, &error);
  g_assert_no_error (error);
  endpoint = test_dup_endpoint (self->bound);
  plant_rpc_socket_connect (self->connected, endpoint, &error);
  g_assert_no_error (error);
}

static void
pair_clear (Pair *self)
{
  plant_rpc_socket_free (self->connected);
  plant_rpc_socket_free (self->bound);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pair, pair_clear)

static PlantRpcEnvelope
make_envelope (const char *id)
{
  PlantRpcEnvelope envelope;

  plant_rpc_envelope_init (&envelope);
  if (id != NULL)
    g_assert_true (plant_rpc_envelope_append (&envelope, id, strlen (id)));
  g_assert_true (plant_rpc_envelope_append (&envelope, NULL, 0));
  return envelope;
}

static PlantRpcSendResult
send_text (PlantRpcSocket *self,
           const char     *text)
{
  PlantRpcEnvelope envelope = make_envelope ("id");
  g_autoptr (GBytes) payload = g_bytes_new (text, strlen (text));

  return plant_rpc_socket_send (self, &envelope, payload, NULL);
}

static void
assert_frame (PlantRpcFrames *frames,
              guint           index,
              const char     *expected)
{
  g_assert_cmpuint (index, <, frames->n_frames);
  g_assert_cmpmem (zmq_msg_data (&frames->frames[index]), zmq_msg_size (&frames->frames[index]),
                   expected, strlen (expected));
}

/* ---- envelopes */

static void
test_envelope (void)
{
  PlantRpcEnvelope envelope;
  gsize size = 99;

  plant_rpc_envelope_init (&envelope);
  g_assert_null (plant_rpc_envelope_peek (&envelope, 0, &size));
  g_assert_true (plant_rpc_envelope_append (&envelope, "abc", 3));
  g_assert_true (plant_rpc_envelope_append (&envelope, NULL, 0));
  g_assert_true (plant_rpc_envelope_append (&envelope, "de", 2));
  g_assert_cmpmem (plant_rpc_envelope_peek (&envelope, 0, &size), 3, "abc", 3);
  g_assert_cmpuint (size, ==, 3);
  g_assert_nonnull (plant_rpc_envelope_peek (&envelope, 1, &size));
  g_assert_cmpuint (size, ==, 0);
  g_assert_cmpmem (plant_rpc_envelope_peek (&envelope, 2, &size), 2, "de", 2);
  g_assert_null (plant_rpc_envelope_peek (&envelope, 3, &size));
}

static void
test_envelope_limits (void)
{
  static const guint8 data[300] = { 0 };
  PlantRpcEnvelope envelope;

  plant_rpc_envelope_init (&envelope);
  g_assert_false (plant_rpc_envelope_append (&envelope, data, 256));
  g_assert_true (plant_rpc_envelope_append (&envelope, data, 255));
  g_assert_true (plant_rpc_envelope_append (&envelope, data, 255));
  g_assert_false (plant_rpc_envelope_append (&envelope, data, 3));
  g_assert_true (plant_rpc_envelope_append (&envelope, data, 2));
  g_assert_cmpuint (envelope.length, ==, sizeof envelope.data);
  while (envelope.n_frames < PLANT_RPC_MAX_ENVELOPE)
    g_assert_true (plant_rpc_envelope_append (&envelope, NULL, 0));
  g_assert_false (plant_rpc_envelope_append (&envelope, NULL, 0));
}

static void
frames_init (PlantRpcFrames *self,
             const gsize    *sizes)
{
  self->n_frames = 0;
  for (; *sizes != G_MAXSIZE; sizes++)
    {
      zmq_msg_init_size (&self->frames[self->n_frames], *sizes);
      memset (zmq_msg_data (&self->frames[self->n_frames]), 'x', *sizes);
      self->n_frames++;
    }
}

static void
test_split (void)
{
  static const struct {
    gsize sizes[12];
    gboolean good;
    guint payload_index;
  } cases[] = {
    { { 5, 8, 0, 100, 200, G_MAXSIZE }, TRUE, 3 },
    { { 0, 100, G_MAXSIZE }, TRUE, 1 },
    { { 0, 0, 0, G_MAXSIZE }, TRUE, 1 },
    { { 5, 0, G_MAXSIZE }, TRUE, 2 }, /* and no payload */
    { { 255, 255, 0, 1, G_MAXSIZE }, TRUE, 3 },
    { { 1, 1, 1, 1, 1, 1, 1, 0, 5, G_MAXSIZE }, TRUE, 8 },
    { { 1, 1, 1, 1, 1, 1, 1, 1, 0, 5, G_MAXSIZE }, FALSE, 0 },
    { { 256, 0, 5, G_MAXSIZE }, FALSE, 0 },
    { { 255, 255, 3, 0, G_MAXSIZE }, FALSE, 0 },
    { { 5, 6, G_MAXSIZE }, FALSE, 0 },
    { { 5, G_MAXSIZE }, FALSE, 0 },
    { { G_MAXSIZE }, FALSE, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (PlantRpcFrames) frames = { 0 };
      PlantRpcEnvelope envelope;
      guint index = 0;

      frames_init (&frames, cases[i].sizes);
      g_test_message ("case %u", i);
      g_assert_cmpint (plant_rpc_frames_split (&frames, &envelope, &index), ==, cases[i].good);
      if (!cases[i].good)
        continue;
      g_assert_cmpuint (index, ==, cases[i].payload_index);
      g_assert_cmpuint (envelope.n_frames, ==, index);
    }
}

/* ---- messages */

static void
test_round_trip (void)
{
  g_auto (Pair) pair = { 0 };
  g_auto (PlantRpcFrames) frames = { 0 };
  g_auto (PlantRpcFrames) answer = { 0 };
  PlantRpcEnvelope envelope = make_envelope ("id");
  g_autoptr (GBytes) payload = g_bytes_new_static ("payload", 7);
  g_autoptr (GBytes) buffer = g_bytes_new_static ("buffer", 6);
  guint index;

  pair_init (&pair, ZMQ_ROUTER, ZMQ_DEALER, "tcp://127.0.0.1:*");
  g_assert_false (plant_rpc_socket_receive (pair.bound, &frames));
  g_assert_cmpuint (frames.n_frames, ==, 0);
  g_assert_cmpint (plant_rpc_socket_send (pair.connected, &envelope, payload, buffer), ==,
                   PLANT_RPC_SEND_DONE);
  test_wait_for (plant_rpc_socket_receive (pair.bound, &frames));
  g_assert_cmpuint (frames.n_frames, ==, 5);
  g_assert_false (frames.truncated);
  assert_frame (&frames, 1, "id");
  assert_frame (&frames, 2, "");
  assert_frame (&frames, 3, "payload");
  assert_frame (&frames, 4, "buffer");

  /* What stood before the payload is the way back. */
  g_assert_true (plant_rpc_frames_split (&frames, &envelope, &index));
  g_assert_cmpint (plant_rpc_socket_send (pair.bound, &envelope, NULL, NULL), ==,
                   PLANT_RPC_SEND_DONE);
  test_wait_for (plant_rpc_socket_receive (pair.connected, &answer));
  g_assert_cmpuint (answer.n_frames, ==, 2);
  assert_frame (&answer, 0, "id");
  assert_frame (&answer, 1, "");
}

static void
send_frames (PlantRpcSocket *self,
             guint           n)
{
  for (guint i = 0; i < n; i++)
    {
      guint8 number = i;

      g_assert_cmpint (zmq_send (plant_rpc_socket_get_handle (self), &number, 1,
                                 i + 1 < n ? ZMQ_SNDMORE : 0), ==, 1);
    }
}

static void
test_truncated (void)
{
  static const guint counts[] = { 1, 15, 16, 17, 18, 40, 1000, 16 };
  g_auto (Pair) pair = { 0 };

  pair_init (&pair, ZMQ_PAIR, ZMQ_PAIR, "inproc://truncated");
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      g_auto (PlantRpcFrames) frames = { 0 };

      send_frames (pair.connected, counts[i]);
      test_wait_for (plant_rpc_socket_receive (pair.bound, &frames));
      g_assert_cmpuint (frames.n_frames, ==, MIN (counts[i], PLANT_RPC_MAX_FRAMES));
      g_assert_cmpint (frames.truncated, ==, counts[i] > PLANT_RPC_MAX_FRAMES);
      for (guint k = 0; k + 1 < frames.n_frames; k++)
        g_assert_cmpuint (*(guint8 *) zmq_msg_data (&frames.frames[k]), ==, k);
      plant_rpc_frames_clear (&frames);
      g_assert_false (plant_rpc_socket_receive (pair.bound, &frames));
    }
}

/* ---- memory */

static void
test_steal (void)
{
  static const gsize sizes[] = { 0, 1, 7, SMALL - 1, SMALL, SMALL + 1, 1000000, G_MAXSIZE };
  g_auto (PlantRpcFrames) frames = { 0 };
  GBytes *stolen[G_N_ELEMENTS (sizes)] = { NULL };

  frames_init (&frames, sizes);
  for (guint i = 0; i < frames.n_frames; i++)
    {
      gconstpointer frame = zmq_msg_data (&frames.frames[i]), data;
      gsize size;

      stolen[i] = plant_rpc_frames_steal (&frames, i);
      data = g_bytes_get_data (stolen[i], &size);
      g_assert_cmpuint (size, ==, sizes[i]);
      g_assert_true ((data == frame) == (sizes[i] > SMALL));
      if (sizes[i] <= SMALL)
        g_assert_cmpuint (GPOINTER_TO_SIZE (data) % 8, ==, 0);
    }
  plant_rpc_frames_clear (&frames);
  for (guint i = 0; sizes[i] != G_MAXSIZE; i++)
    {
      const char *data = g_bytes_get_data (stolen[i], NULL);

      for (gsize k = 0; k < sizes[i]; k++)
        g_assert_cmpint (data[k], ==, 'x');
      g_bytes_unref (stolen[i]);
    }
}

static void
note_free (gpointer flag)
{
  g_atomic_int_set ((gint *) flag, 1);
}

static void
test_no_copy (void)
{
  g_auto (Pair) pair = { 0 };
  g_auto (PlantRpcFrames) frames = { 0 };
  PlantRpcEnvelope envelope = make_envelope (NULL);
  static guint8 image[1000000];
  gint freed = 0;
  GBytes *buffer = g_bytes_new_with_free_func (image, sizeof image, note_free, &freed);
  GBytes *received;

  pair_init (&pair, ZMQ_PAIR, ZMQ_PAIR, "inproc://no-copy");
  g_assert_cmpint (plant_rpc_socket_send (pair.connected, &envelope, NULL, buffer), ==,
                   PLANT_RPC_SEND_DONE);
  g_bytes_unref (buffer);
  test_wait_for (plant_rpc_socket_receive (pair.bound, &frames));
  received = plant_rpc_frames_steal (&frames, 1);
  plant_rpc_frames_clear (&frames);
  g_assert_true (g_bytes_get_data (received, NULL) == (gconstpointer) image);
  g_assert_cmpint (g_atomic_int_get (&freed), ==, 0);
  g_bytes_unref (received);
  test_wait_for (g_atomic_int_get (&freed));
}

/* What could not be sent is let go of at once. */
static void
test_unsent_is_released (void)
{
  g_autoptr (PlantRpcSocket) socket = new_socket (ZMQ_DEALER);
  PlantRpcEnvelope envelope = make_envelope (NULL);
  static guint8 image[100000];
  gint freed = 0;
  GBytes *buffer = g_bytes_new_with_free_func (image, sizeof image, note_free, &freed);

  g_assert_cmpint (plant_rpc_socket_send (socket, &envelope, buffer, NULL), ==,
                   PLANT_RPC_SEND_WOULD_BLOCK);
  g_bytes_unref (buffer);
  test_wait_for (g_atomic_int_get (&freed));
}

static void
test_address (void)
{
  g_autofree char *ipc = g_strdup_printf ("ipc://@plantrpc-test-socket-%d", getpid ());
  const struct {
    const char *url;
    const char *address;
  } cases[] = { { "tcp://127.0.0.1:*", "127.0.0.1" }, { ipc, "" }, { "inproc://address", "" } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Pair) pair = { 0 };
      g_auto (PlantRpcFrames) frames = { 0 };
      g_autofree char *address = NULL;

      pair_init (&pair, ZMQ_PAIR, ZMQ_PAIR, cases[i].url);
      g_assert_cmpint (send_text (pair.connected, "x"), ==, PLANT_RPC_SEND_DONE);
      test_wait_for (plant_rpc_socket_receive (pair.bound, &frames));
      address = plant_rpc_frames_dup_address (&frames);
      g_assert_cmpstr (address, ==, cases[i].address);
    }
}

/* ---- results of sending */

static void
test_unreachable (void)
{
  g_autoptr (PlantRpcSocket) router = new_socket (ZMQ_ROUTER);
  g_autoptr (PlantRpcSocket) sub = new_socket (ZMQ_SUB);

  plant_rpc_socket_set_int (router, ZMQ_ROUTER_MANDATORY, 1);
  g_assert_cmpint (send_text (router, "x"), ==, PLANT_RPC_SEND_UNREACHABLE);
  g_assert_cmpint (send_text (sub, "x"), ==, PLANT_RPC_SEND_FAILED);
}

/* Numbered messages of four frames until no more goes. */
static guint
fill (PlantRpcSocket *self)
{
  static guint8 image[100000];
  g_autoptr (GBytes) buffer = g_bytes_new_static (image, sizeof image);
  PlantRpcEnvelope envelope = make_envelope ("id");
  guint n = 0;

  while (TRUE)
    {
      g_autoptr (GBytes) payload = g_bytes_new (&n, sizeof n);
      PlantRpcSendResult result = plant_rpc_socket_send (self, &envelope, payload, buffer);

      if (result == PLANT_RPC_SEND_WOULD_BLOCK)
        return n;
      g_assert_cmpint (result, ==, PLANT_RPC_SEND_DONE);
      g_assert_cmpuint (++n, <, 10000);
    }
}

/* A message that could not be sent has not been sent in part. */
static void
test_would_block (void)
{
  g_auto (Pair) pair = { 0 };
  guint n;

  pair_init (&pair, ZMQ_PAIR, ZMQ_PAIR, "tcp://127.0.0.1:*");
  plant_rpc_socket_set_int (pair.connected, ZMQ_SNDHWM, 3);
  n = fill (pair.connected);
  g_assert_cmpuint (n, >, 0);
  for (guint i = 0; i < n; i++)
    {
      g_auto (PlantRpcFrames) frames = { 0 };
      guint number;

      test_wait_for (plant_rpc_socket_receive (pair.bound, &frames));
      g_assert_cmpuint (frames.n_frames, ==, 4);
      assert_frame (&frames, 0, "id");
      memcpy (&number, zmq_msg_data (&frames.frames[2]), sizeof number);
      g_assert_cmpuint (number, ==, i);
      g_assert_cmpuint (zmq_msg_size (&frames.frames[3]), ==, 100000);
    }
  test_wait_for (send_text (pair.connected, "again") == PLANT_RPC_SEND_DONE);
}

/* ---- errors */

static void
test_errors_of_urls (void)
{
  static const char *const wrong[] = {
    "", "nonsense", "tcp://", "tcp://127.0.0.1", "tcp://127.0.0.1:x", "nothing://127.0.0.1:1",
    "ipc:///no/such/folder/socket", "tcp://203.0.113.7:4000",
  };
  g_autoptr (PlantRpcSocket) socket = new_socket (ZMQ_ROUTER);

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *quoted = g_strdup_printf ("“%s”", wrong[i]);

      g_test_message ("%s", wrong[i]);
      g_assert_false (plant_rpc_socket_bind (socket, wrong[i], &error));
      g_assert_nonnull (error);
      g_assert_cmpuint (error->domain, ==, G_IO_ERROR);
      g_assert_nonnull (strstr (error->message, quoted));
    }
  for (guint i = 0; i < 6; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (plant_rpc_socket_connect (socket, wrong[i], &error));
      g_assert_nonnull (error);
      g_assert_cmpuint (error->domain, ==, G_IO_ERROR);
    }
}

static void
test_address_in_use (void)
{
  g_autoptr (PlantRpcSocket) first = new_socket (ZMQ_ROUTER);
  g_autoptr (PlantRpcSocket) second = new_socket (ZMQ_ROUTER);
  g_autoptr (GError) error = NULL;
  g_autofree char *endpoint = NULL;

  plant_rpc_socket_bind (first, "tcp://127.0.0.1:*", &error);
  g_assert_no_error (error);
  endpoint = test_dup_endpoint (first);
  g_assert_nonnull (strstr (endpoint, "127.0.0.1"));
  g_assert_false (plant_rpc_socket_bind (second, endpoint, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
}

static void
test_errno (void)
{
  static const struct {
    int code;
    int expected;
  } cases[] = {
    { EADDRINUSE, G_IO_ERROR_ADDRESS_IN_USE }, { EACCES, G_IO_ERROR_PERMISSION_DENIED },
    { ECONNREFUSED, G_IO_ERROR_CONNECTION_REFUSED }, { EFSM, G_IO_ERROR_FAILED },
    { ETERM, G_IO_ERROR_FAILED }, { EMTHREAD, G_IO_ERROR_FAILED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      plant_rpc_socket_set_error (&error, cases[i].code, "Cannot");
      g_assert_error (error, G_IO_ERROR, cases[i].expected);
      g_assert_true (g_str_has_prefix (error->message, "Cannot: "));
    }
}

/* ---- what happens to connections */

static void
wait_for_event (PlantRpcSocket      *self,
                int                  type,
                PlantRpcSocketEvent *event)
{
  do
    test_wait_for (plant_rpc_socket_next_event (self, event));
  while (event->type != type);
}

static void
test_monitor (void)
{
  g_autoptr (PlantRpcSocket) server = new_socket (ZMQ_ROUTER);
  PlantRpcSocket *client = new_socket (ZMQ_DEALER);
  g_autoptr (GError) error = NULL;
  g_autofree char *endpoint = NULL;
  PlantRpcSocketEvent event;

  g_assert_null (plant_rpc_socket_get_monitor (server));
  g_assert_false (plant_rpc_socket_next_event (server, &event));
  g_assert_true (plant_rpc_socket_watch (server, ZMQ_EVENT_ALL, &error));
  g_assert_nonnull (plant_rpc_socket_get_monitor (server));
  g_assert_true (plant_rpc_socket_watch (client, ZMQ_EVENT_ALL, &error));
  g_assert_true (plant_rpc_socket_bind (server, "tcp://127.0.0.1:*", &error));
  wait_for_event (server, ZMQ_EVENT_LISTENING, &event);

  endpoint = test_dup_endpoint (server);
  g_assert_true (plant_rpc_socket_connect (client, endpoint, &error));
  wait_for_event (client, ZMQ_EVENT_CONNECTED, &event);
  wait_for_event (client, ZMQ_EVENT_HANDSHAKE_SUCCEEDED, &event);
  wait_for_event (server, ZMQ_EVENT_ACCEPTED, &event);
  g_assert_cmpuint (event.value, >, 2);
  wait_for_event (server, ZMQ_EVENT_HANDSHAKE_SUCCEEDED, &event);
  g_assert_false (plant_rpc_socket_next_event (server, &event));

  plant_rpc_socket_free (client);
  wait_for_event (server, ZMQ_EVENT_DISCONNECTED, &event);
}

/* A message above the limit ends its connection before any of it is kept. */
static void
test_message_size (void)
{
  g_auto (Pair) pair = { 0 };
  g_auto (PlantRpcFrames) frames = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *endpoint = NULL;
  g_autofree char *text = g_strnfill (1001, 'x');
  PlantRpcSocketEvent event;

  pair.bound = new_socket (ZMQ_ROUTER);
  pair.connected = new_socket (ZMQ_DEALER);
  plant_rpc_socket_set_max_frame (pair.bound, 1000);
  plant_rpc_socket_set_int (pair.connected, ZMQ_RECONNECT_IVL, -1);
  g_assert_true (plant_rpc_socket_watch (pair.bound, ZMQ_EVENT_ALL, &error));
  g_assert_true (plant_rpc_socket_bind (pair.bound, "tcp://127.0.0.1:*", &error));
  endpoint = test_dup_endpoint (pair.bound);
  g_assert_true (plant_rpc_socket_connect (pair.connected, endpoint, &error));

  g_assert_cmpint (send_text (pair.connected, text + 1), ==, PLANT_RPC_SEND_DONE);
  test_wait_for (plant_rpc_socket_receive (pair.bound, &frames));
  assert_frame (&frames, 3, text + 1);
  plant_rpc_frames_clear (&frames);
  g_assert_cmpint (send_text (pair.connected, text), ==, PLANT_RPC_SEND_DONE);
  wait_for_event (pair.bound, ZMQ_EVENT_DISCONNECTED, &event);
  g_assert_false (plant_rpc_socket_receive (pair.bound, &frames));
}

/* ---- routing ids that libzmq assigns */

/* Returns the routing id of the first unnamed peer of a new ROUTER, if the program's own sequence
 * of random numbers begins with SEED. */
static GBytes *
dup_first_number (unsigned int seed)
{
  g_auto (Pair) pair = { 0 };
  g_auto (PlantRpcFrames) frames = { 0 };

  srand (seed);
  pair_init (&pair, ZMQ_ROUTER, ZMQ_DEALER, "tcp://127.0.0.1:*");
  send_text (pair.connected, "text");
  test_wait_for (plant_rpc_socket_receive (pair.bound, &frames));
  return plant_rpc_frames_steal (&frames, 0);
}

/* A peer that knows the next number can claim it, and libzmq then aborts the process. */
static void
test_numbers (void)
{
  g_autoptr (GBytes) first = dup_first_number (1);
  g_autoptr (GBytes) second = dup_first_number (1);
  g_autoptr (PlantRpcSocket) socket = NULL;
  int expected;

  g_assert_cmpuint (g_bytes_get_size (first), ==, 5);
  g_assert_false (g_bytes_equal (first, second));

  srand (7);
  rand ();
  expected = rand ();
  srand (7);
  rand ();
  socket = new_socket (ZMQ_REP);
  g_assert_cmpint (rand (), ==, expected);
}

/* A server is busy while many peers come and go. The I/O thread of libzmq must not wait until
 * somebody reads the monitor. */
static void
test_unread_monitor (void)
{
  g_auto (Pair) pair = { 0 };
  g_auto (PlantRpcFrames) frames = { 0 };
  g_autoptr (PlantRpcSocket) watched = new_socket (ZMQ_ROUTER);
  g_autoptr (GError) error = NULL;
  g_autofree char *endpoint = NULL;

  g_assert_true (plant_rpc_socket_watch (watched, ZMQ_EVENT_ALL, &error));
  g_assert_true (plant_rpc_socket_bind (watched, "tcp://127.0.0.1:*", &error));
  endpoint = test_dup_endpoint (watched);
  for (guint i = 0; i < 1000; i++)
    {
      g_autoptr (PlantRpcSocket) client = new_socket (ZMQ_DEALER);

      g_assert_true (plant_rpc_socket_connect (client, endpoint, &error));
      send_text (client, "text");
      test_wait_for (plant_rpc_socket_receive (watched, &frames));
      plant_rpc_frames_clear (&frames);
    }
  pair_init (&pair, ZMQ_ROUTER, ZMQ_DEALER, "tcp://127.0.0.1:*");
  send_text (pair.connected, "text");
  test_wait_for (plant_rpc_socket_receive (pair.bound, &frames));
}

/* If an option such as a limit cannot be set, the socket cannot be used. */
static void
test_option (void)
{
  g_autoptr (PlantRpcSocket) socket = new_socket (ZMQ_DEALER);
  g_autoptr (GError) error = NULL;

  plant_rpc_socket_set_int (socket, ZMQ_LINGER, -5);
  plant_rpc_socket_set_int (socket, ZMQ_LINGER, 0);
  g_assert_false (plant_rpc_socket_bind (socket, "tcp://127.0.0.1:*", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (plant_rpc_socket_connect (socket, "tcp://127.0.0.1:1", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
}

static gpointer
make_sockets (gpointer data)
{
  for (guint i = 0; i < 2000; i++)
    plant_rpc_socket_free (new_socket (ZMQ_ROUTER));
  return NULL;
}

/* The process has one sequence of random numbers, and sockets are made on many threads. */
static void
test_numbers_of_threads (void)
{
  static char state[64];
  char *former = initstate (7, state, sizeof state);
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("sockets", make_sockets, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_true (setstate (former) == state);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/socket/envelope", test_envelope);
  g_test_add_func ("/socket/envelope-limits", test_envelope_limits);
  g_test_add_func ("/socket/split", test_split);
  g_test_add_func ("/socket/round-trip", test_round_trip);
  g_test_add_func ("/socket/truncated", test_truncated);
  g_test_add_func ("/socket/steal", test_steal);
  g_test_add_func ("/socket/no-copy", test_no_copy);
  g_test_add_func ("/socket/unsent-is-released", test_unsent_is_released);
  g_test_add_func ("/socket/address", test_address);
  g_test_add_func ("/socket/unreachable", test_unreachable);
  g_test_add_func ("/socket/would-block", test_would_block);
  g_test_add_func ("/socket/errors-of-urls", test_errors_of_urls);
  g_test_add_func ("/socket/address-in-use", test_address_in_use);
  g_test_add_func ("/socket/errno", test_errno);
  g_test_add_func ("/socket/monitor", test_monitor);
  g_test_add_func ("/socket/message-size", test_message_size);
  g_test_add_func ("/socket/option", test_option);
  g_test_add_func ("/socket/numbers", test_numbers);
  g_test_add_func ("/socket/numbers/threads", test_numbers_of_threads);
  g_test_add_func ("/socket/unread-monitor", test_unread_monitor);
  return g_test_run ();
}
