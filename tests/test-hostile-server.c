/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "devices/gauge.h"
#include "plant-rpc-enums.h"
#include "plant-rpc-server.h"
#include "plant-rpc-test-device.h"
#include "plant-rpc-test-zmtp.h"

/* A server made of plain sockets, which is correct except for one step of the conversation, on each
 * wire. The client must neither crash nor hang, and another client in the process must go on with
 * its server. */

typedef enum {
  WIRE_NATIVE,
  WIRE_GENERATION_1,
  WIRE_GENERATION_2,
  N_WIRES,
} Wire;

typedef enum {
  STEP_GREETING,
  STEP_READY,
  STEP_INVENTORY,
  STEP_SIGNALS,
  STEP_VALUES,
  STEP_CALL,
  STEP_SET,
  STEP_PUSH,
  N_STEPS,
} Step;

typedef enum {
  VICE_NOTHING,
  VICE_HALF,
  VICE_CLOSE,
  VICE_JUNK,
  VICE_EMPTY,
  VICE_TWICE,
  VICE_LATE,
  VICE_OTHER_ID,
  VICE_NO_ID,
  VICE_PUSH_ID,
  VICE_WRONG_KIND,
  VICE_MANY_FRAMES,
  VICE_FEW_FRAMES,
  VICE_OVERSIZED,
  N_VICES,
} Vice;

#define CALL_TIMEOUT_MS 60

#define SIGNAL \
  "{\"event\": \"EMIT_SIGNAL\", \"signal\": \"captured\", \"args\": [\"a\", 1], " \
  "\"blocking\": false}"

typedef struct {
  Wire              wire;
  Step              step;
  Vice              vice;
  TestZmtpListener *listener;  /* (owned) */
  TestZmtpListener *publisher; /* (owned): the port for signals of generation 2 */
  GPtrArray        *peers;     /* (owned) (element-type TestZmtp): connections for requests */
  GPtrArray        *hearers;   /* (owned) (element-type TestZmtp): connections for signals */
  GPtrArray        *late;      /* (owned) (element-type GPtrArray): replies that are sent after the
                                  next request */
} Hostile;

static Hostile *
hostile_new (Wire wire,
             Step step,
             Vice vice)
{
  Hostile *self = g_new0 (Hostile, 1);

  self->wire = wire;
  self->step = step;
  self->vice = vice;
  self->listener = test_zmtp_listener_new ();
  self->publisher = test_zmtp_listener_new ();
  self->peers = g_ptr_array_new_with_free_func ((GDestroyNotify) test_zmtp_free);
  self->hearers = g_ptr_array_new_with_free_func ((GDestroyNotify) test_zmtp_free);
  self->late = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  return self;
}

static void
hostile_free (Hostile *self)
{
  test_zmtp_listener_free (self->listener);
  test_zmtp_listener_free (self->publisher);
  g_ptr_array_unref (self->peers);
  g_ptr_array_unref (self->hearers);
  g_ptr_array_unref (self->late);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Hostile, hostile_free)

static gboolean
is_vicious (Hostile *self,
            Step     step)
{
  return self->step == step;
}

static GPtrArray *
make_frames (guint64  id,
             gboolean delimited,
             GBytes  *payload)
{
  GPtrArray *frames = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  guint64 wire_id = GUINT64_TO_LE (id);

  g_ptr_array_add (frames, g_bytes_new (&wire_id, sizeof wire_id));
  if (delimited)
    g_ptr_array_add (frames, g_bytes_new (NULL, 0));
  g_ptr_array_add (frames, g_bytes_ref (payload));
  return frames;
}

static GBytes *
make_text (const char *text)
{
  return g_bytes_new (text, strlen (text));
}

/* Sends only the first half of the last frame. */
static void
send_half (TestZmtp  *peer,
           GPtrArray *frames)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (frames->pdata[frames->len - 1], &size);

  for (guint i = 0; i + 1 < frames->len; i++)
    test_zmtp_send_frame (peer, g_bytes_get_data (frames->pdata[i], NULL),
                          g_bytes_get_size (frames->pdata[i]), TRUE);
  test_zmtp_send_head (peer, size, FALSE);
  test_zmtp_send_bytes (peer, data, size / 2);
}

static void
replace_payload (GPtrArray  *frames,
                 const char *text)
{
  g_bytes_unref (frames->pdata[frames->len - 1]);
  frames->pdata[frames->len - 1] = make_text (text);
}

static void
replace_id (GPtrArray *frames,
            guint64    id)
{
  guint64 wire_id = GUINT64_TO_LE (id);

  g_bytes_unref (frames->pdata[0]);
  frames->pdata[0] = g_bytes_new (&wire_id, sizeof wire_id);
}

/* Returns 0 if the message has no id. */
static guint64
get_id (GPtrArray *frames)
{
  guint64 id = 0;

  if (g_bytes_get_size (frames->pdata[0]) == sizeof id)
    memcpy (&id, g_bytes_get_data (frames->pdata[0], NULL), sizeof id);
  return GUINT64_FROM_LE (id);
}

/* Sends FRAMES with the vice. A connection that the vice hangs up is closed later, together with
 * all others. */
static void
send_viciously (Hostile   *self,
                TestZmtp  *peer,
                GPtrArray *frames)
{
  guint64 id = get_id (frames);

  switch (self->vice)
    {
    case VICE_NOTHING:
      return;
    case VICE_HALF:
      send_half (peer, frames);
      return;
    case VICE_CLOSE:
      send_half (peer, frames);
      g_ptr_array_remove (self->peers, peer);
      return;
    case VICE_OVERSIZED:
      test_zmtp_send_head (peer, (guint64) 1 << 62, FALSE);
      return;
    case VICE_LATE:
      g_ptr_array_add (self->late, g_ptr_array_ref (frames));
      return;
    case VICE_JUNK:
      replace_payload (frames, "\x90\xff\xff\xff{]\"");
      break;
    case VICE_EMPTY:
      replace_payload (frames, "");
      break;
    case VICE_WRONG_KIND:
      replace_payload (frames,
                       self->wire == WIRE_NATIVE ? "\xa2\0\0\0\0\0\0\0" : "{\"success\": 5}");
      break;
    case VICE_OTHER_ID:
      replace_id (frames, id + 7);
      break;
    case VICE_NO_ID:
      replace_id (frames, 0);
      break;
    case VICE_PUSH_ID:
      replace_id (frames, PLANT_RPC_PUSH_BIT | id);
      break;
    case VICE_MANY_FRAMES:
      for (guint i = 0; i < 3 * PLANT_RPC_MAX_FRAMES; i++)
        g_ptr_array_add (frames, make_text ("more"));
      break;
    case VICE_FEW_FRAMES:
      g_ptr_array_set_size (frames, 1);
      break;
    case VICE_TWICE:
      test_zmtp_send (peer, frames);
      break;
    case N_VICES:
    default:
      break;
    }
  test_zmtp_send (peer, frames);
}

/* ---- the messages of the server */

static GBytes *
pack_reply (const PlantRpcRequest *request,
            GVariant              *value)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (value);
  PlantRpcReply reply = { .value = owned };
  g_autoptr (GError) error = NULL;
  GBytes *payload = plant_rpc_reply_pack (&reply, request->format, request->event, &error);

  g_assert_no_error (error);
  return payload;
}

static guint16
find_port (TestZmtpListener *listener)
{
  return g_ascii_strtoull (strrchr (test_zmtp_listener_get_url (listener), ':') + 1, NULL, 10);
}

/* A server of generation 1 connects to the client. */
static void
connect_back (Hostile               *self,
              const PlantRpcRequest *request)
{
  g_autoptr (TestZmtp) hearer = test_zmtp_new (request->port);

  if (test_zmtp_shake_hands (hearer, "REQ"))
    g_ptr_array_add (self->hearers, g_steal_pointer (&hearer));
}

static GBytes *
answer_signals (Hostile               *self,
                const PlantRpcRequest *request)
{
  g_autofree char *text = NULL;

  if (self->wire == WIRE_GENERATION_1)
    {
      connect_back (self, request);
      return make_text ("{\"success\": true}");
    }
  text = g_strdup_printf ("{\"success\": true, \"signal_port\": %u}", find_port (self->publisher));
  return make_text (text);
}

/* Returns NULL if the request has no reply. */
static GBytes *
answer (Hostile               *self,
        const PlantRpcRequest *request,
        Step                  *step)
{
  switch (request->event)
    {
    case PLANT_RPC_EVENT_GET_INVENTORY:
      *step = STEP_INVENTORY;
      return make_text (self->wire == WIRE_NATIVE
                            ? "{" TEST_DEVICE_INVENTORY ", \"plantrpc\": {\"version\": 2,"
                              " \"instance\": \"i\", \"interface\": " TEST_DEVICE_INTERFACE "}}"
                            : "{" TEST_DEVICE_INVENTORY "}");
    case PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING:
      *step = STEP_SIGNALS;
      return answer_signals (self, request);
    case PLANT_RPC_EVENT_SUBSCRIBE:
    case PLANT_RPC_EVENT_SUBSCRIBE_BUNDLED:
    case PLANT_RPC_EVENT_GET_ALL:
      *step = request->event == PLANT_RPC_EVENT_GET_ALL ? STEP_VALUES : STEP_SIGNALS;
      return pack_reply (request, g_variant_new_parsed ("{'level': <1>, 'mode': <'x'>}"));
    case PLANT_RPC_EVENT_PROPERTY_GET:
      *step = STEP_VALUES;
      return pack_reply (request, g_str_equal (request->name, "level")
                                      ? g_variant_new_parsed ("int64 1")
                                      : g_variant_new_parsed ("'x'"));
    case PLANT_RPC_EVENT_PROPERTY_SET:
      *step = STEP_SET;
      return pack_reply (request, g_variant_new_parsed ("2"));
    case PLANT_RPC_EVENT_METHOD_CALL:
      *step = STEP_CALL;
      return pack_reply (request, g_variant_new_parsed ("'done'"));
    case PLANT_RPC_EVENT_FIND_PEER_ADDRESS:
    case PLANT_RPC_EVENT_JOIN:
    case PLANT_RPC_EVENT_STOP_SERVER:
    case PLANT_RPC_EVENT_CREDIT:
    case PLANT_RPC_EVENT_CANCEL:
    default:
      return NULL;
    }
}

static void
take_request (Hostile   *self,
              TestZmtp  *peer,
              GPtrArray *message)
{
  g_auto (PlantRpcRequest) request = { 0 };
  g_autoptr (GBytes) payload = NULL;
  g_autoptr (GPtrArray) frames = NULL;
  g_autoptr (GError) error = NULL;
  Step step = N_STEPS;

  g_assert_cmpuint (message->len, ==, 3);
  plant_rpc_request_unpack (&request, message->pdata[2], &error);
  g_assert_no_error (error);
  for (; self->late->len > 0; g_ptr_array_remove_index (self->late, 0))
    test_zmtp_send (peer, self->late->pdata[0]);
  payload = answer (self, &request, &step);
  if (payload == NULL)
    return;
  frames = make_frames (get_id (message), TRUE, payload);
  if (is_vicious (self, step))
    send_viciously (self, peer, frames);
  else
    test_zmtp_send (peer, frames);
}

/* ---- the main loop of the server */

/* The vices before the first message. Returns FALSE if the connection is not to be kept. */
static gboolean
greet (Hostile  *self,
       TestZmtp *peer)
{
  static const char half[] = "\xff\0\0\0\0\0\0\0\0\x7f\3\0NULL";
  static const char junk[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
  g_autofree char *large = NULL;

  if (!is_vicious (self, STEP_GREETING) && !is_vicious (self, STEP_READY))
    return test_zmtp_shake_hands (peer, "ROUTER");
  if (is_vicious (self, STEP_READY))
    test_zmtp_send_greeting (peer);
  switch (self->vice)
    {
    case VICE_NOTHING:
      return TRUE;
    case VICE_CLOSE:
      return FALSE;
    case VICE_TWICE:
      test_zmtp_send_greeting (peer);
      test_zmtp_send_ready (peer, "ROUTER");
      return test_zmtp_send_greeting (peer) && test_zmtp_send_ready (peer, "ROUTER");
    case VICE_WRONG_KIND:
      return test_zmtp_shake_hands (peer, "PUB");
    case VICE_EMPTY:
      return test_zmtp_send_bytes (peer, "\4\0", 2);
    case VICE_OVERSIZED:
      large = g_strnfill (200000, '\x04');
      return test_zmtp_send_bytes (peer, large, 200000);
    case VICE_HALF:
      return test_zmtp_send_bytes (peer, half, sizeof half - 1);
    case VICE_JUNK:
    case VICE_LATE:
    case VICE_OTHER_ID:
    case VICE_NO_ID:
    case VICE_PUSH_ID:
    case VICE_MANY_FRAMES:
    case VICE_FEW_FRAMES:
    case N_VICES:
    default:
      return test_zmtp_send_bytes (peer, junk, sizeof junk - 1);
    }
}

static void
take_connection (Hostile *self)
{
  g_autoptr (TestZmtp) peer = test_zmtp_listener_try_accept (self->listener);
  g_autoptr (TestZmtp) hearer = test_zmtp_listener_try_accept (self->publisher);

  if (peer != NULL && greet (self, peer))
    g_ptr_array_add (self->peers, g_steal_pointer (&peer));
  if (hearer != NULL && test_zmtp_shake_hands (hearer, "PUB"))
    g_ptr_array_add (self->hearers, g_steal_pointer (&hearer));
}

static void
turn (Hostile *self)
{
  take_connection (self);
  for (guint i = 0; i < self->peers->len; i++)
    {
      TestZmtp *peer = self->peers->pdata[i];
      g_autoptr (GPtrArray) message = test_zmtp_try_receive (peer);

      if (message != NULL)
        take_request (self, peer, message);
      else if (test_zmtp_is_closed (peer))
        g_ptr_array_remove_index (self->peers, i--);
    }
  test_iterate ();
}

#define wait_until(self, expression)                                                     \
  G_STMT_START                                                                           \
    {                                                                                    \
      gint64 end = g_get_monotonic_time () + TEST_DEADLINE_S * G_USEC_PER_SEC;           \
                                                                                         \
      while (!(expression))                                                              \
        {                                                                                \
          if (g_get_monotonic_time () > end)                                             \
            g_error ("%s:%d: wire %d, step %d, vice %d: not in time: %s", __FILE__,      \
                     __LINE__, self->wire, self->step, self->vice, #expression);         \
          turn (self);                                                                   \
        }                                                                                \
    }                                                                                    \
  G_STMT_END

static void
push_natively (Hostile *self)
{
  g_autoptr (GVariant) args = g_variant_ref_sink (g_variant_new_parsed ("[<'a'>, <1>]"));
  PlantRpcEmission emission = { .type = PLANT_RPC_EMISSION_SIGNAL, .name = (char *) "captured",
                                .value = args };
  g_autoptr (GBytes) payload = plant_rpc_emission_pack (&emission, PLANT_RPC_FORMAT_NATIVE, NULL);

  for (guint i = 0; i <= 3 && self->peers->len > 0; i++)
    {
      g_autoptr (GPtrArray) frames = make_frames (PLANT_RPC_PUSH_BIT | i, FALSE, payload);

      send_viciously (self, self->peers->pdata[0], frames);
    }
}

static void
push (Hostile *self)
{
  if (self->wire == WIRE_NATIVE)
    push_natively (self);
  for (guint i = 0; i < self->hearers->len; i++)
    {
      g_autoptr (GPtrArray) frames =
          g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

      if (self->wire == WIRE_GENERATION_1)
        g_ptr_array_add (frames, g_bytes_new (NULL, 0));
      g_ptr_array_add (frames, make_text (SIGNAL));
      send_viciously (self, self->hearers->pdata[i], frames);
    }
}

static void
count (guint *n)
{
  (*n)++;
}

/* ---- the client and server that must not be harmed */

typedef struct {
  PlantRpcServer *server; /* (owned) */
  PlantRpcClient *client; /* (owned) */
  guint           n_losses;
} Honest;

static void
on_state (PlantRpcClient *client,
          GParamSpec     *pspec,
          Honest         *self)
{
  self->n_losses += plant_rpc_client_get_state (client) != PLANT_RPC_STATE_READY;
}

static void
set_up (Honest        *self,
        gconstpointer  data)
{
  g_autoptr (GObject) gauge = G_OBJECT (test_gauge_new ());
  g_autoptr (GError) error = NULL;

  self->server = plant_rpc_server_new (gauge, "tcp://127.0.0.1:*");
  plant_rpc_server_start (self->server, &error);
  g_assert_no_error (error);
  self->client = plant_rpc_client_new (plant_rpc_server_get_url (self->server));
  test_client_wait_state (self->client, PLANT_RPC_STATE_READY);
  g_signal_connect (self->client, "notify::state", G_CALLBACK (on_state), self);
}

static void
tear_down (Honest        *self,
           gconstpointer  data)
{
  g_assert_cmpuint (self->n_losses, ==, 0);
  g_assert_finalize_object (self->client);
  g_assert_finalize_object (self->server);
}

static void
attack (Honest  *honest,
        Hostile *hostile)
{
  g_autoptr (PlantRpcClient) client =
      test_client_new (test_zmtp_listener_get_url (hostile->listener));
  g_autoptr (GAsyncResult) ready = NULL, called = NULL, read = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) error = NULL;

  plant_rpc_client_wait_ready (client, CALL_TIMEOUT_MS, NULL, test_keep_result, &ready);
  wait_until (hostile, ready != NULL);
  push (hostile);
  g_object_set (client, "level", 2, NULL);
  plant_rpc_client_call (client, "echo", NULL, NULL, CALL_TIMEOUT_MS, NULL, test_keep_result,
                         &called);
  plant_rpc_client_read_property (honest->client, "level", NULL, test_keep_result, &read);
  wait_until (hostile, called != NULL && read != NULL);
  value = plant_rpc_client_read_property_finish (honest->client, read, &error);
  g_assert_no_error (error);
  /* A read must give an error or the value that was sent, nothing else. */
  g_clear_pointer (&value, g_variant_unref);
  value = plant_rpc_client_call_finish (client, called, &error);
  g_assert_true ((value == NULL) == (error != NULL));
}

/* Without a vice the server works. */
static void
test_none (Wire wire)
{
  g_autoptr (Hostile) self = hostile_new (wire, N_STEPS, N_VICES);
  g_autoptr (PlantRpcClient) client = test_client_new (test_zmtp_listener_get_url (self->listener));
  g_autoptr (GAsyncResult) called = NULL;
  g_autoptr (GVariant) value = NULL;
  guint n_captured = 0;

  wait_until (self, plant_rpc_client_get_state (client) == PLANT_RPC_STATE_READY);
  g_signal_connect_swapped (client, "captured", G_CALLBACK (count), &n_captured);
  plant_rpc_client_call (client, "echo", NULL, NULL, PLANT_RPC_TIMEOUT_FROM_SERVER, NULL,
                         test_keep_result, &called);
  wait_until (self, called != NULL);
  value = plant_rpc_client_call_finish (client, called, NULL);
  g_assert_cmpstr (g_variant_get_string (value, NULL), ==, "done");
  push (self);
  wait_until (self, n_captured > 0);
}

static void
test_vices (Honest        *honest,
            gconstpointer  data)
{
  Wire wire = GPOINTER_TO_UINT (data);

  test_none (wire);
  for (guint step = 0; step < N_STEPS; step++)
    {
      for (guint vice = 0; vice < N_VICES; vice++)
        {
          g_autoptr (Hostile) hostile = hostile_new (wire, step, vice);

          attack (honest, hostile);
        }
    }
}

/* The reply of a method may be larger, and come later, than any other message. */
static void
test_large_reply (void)
{
  g_autoptr (Hostile) self = hostile_new (WIRE_NATIVE, STEP_CALL, VICE_NOTHING);
  g_autoptr (PlantRpcClient) client = test_client_new (test_zmtp_listener_get_url (self->listener));
  const gsize size = PLANT_RPC_MAX_UNFINISHED + 1024 * 1024;
  g_autofree char *data = g_malloc0 (size);
  g_autoptr (GAsyncResult) called = NULL;
  g_autoptr (GPtrArray) request = NULL;
  g_autoptr (GBytes) buffer = NULL;
  g_autoptr (GError) error = NULL;
  TestZmtp *peer;
  gint64 until;

  wait_until (self, plant_rpc_client_get_state (client) == PLANT_RPC_STATE_READY);
  peer = self->peers->pdata[0];
  plant_rpc_client_call_buffer (client, "get_image", NULL, NULL, PLANT_RPC_TIMEOUT_NONE, NULL,
                                test_keep_result, &called);
  request = test_zmtp_receive (peer);
  test_zmtp_send_frame (peer, g_bytes_get_data (request->pdata[0], NULL),
                        g_bytes_get_size (request->pdata[0]), TRUE);
  test_zmtp_send_frame (peer, "", 0, TRUE);
  test_zmtp_send_frame (peer, "\x92\0\0\0\0\0\0\0", 8, TRUE);
  test_zmtp_send_head (peer, size, FALSE);
  g_assert_true (test_zmtp_send_bytes (peer, data, size - 1));
  /* The client checks the connection meanwhile. */
  until = g_get_monotonic_time () + 3 * G_USEC_PER_SEC;
  test_wait_until (g_get_monotonic_time () > until);
  g_assert_true (test_zmtp_send_bytes (peer, "x", 1));
  test_wait_until (called != NULL);
  buffer = plant_rpc_client_call_buffer_finish (client, called, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (buffer), ==, size);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/hostile-server/native", Honest, GUINT_TO_POINTER (WIRE_NATIVE), set_up, test_vices,
              tear_down);
  g_test_add ("/hostile-server/generation1", Honest, GUINT_TO_POINTER (WIRE_GENERATION_1), set_up,
              test_vices, tear_down);
  g_test_add ("/hostile-server/generation2", Honest, GUINT_TO_POINTER (WIRE_GENERATION_2), set_up,
              test_vices, tear_down);

  g_test_add_func ("/hostile-server/large-reply", test_large_reply);

  return g_test_run ();
}
