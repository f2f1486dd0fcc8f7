/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-error.h"
#include "plant-rpc-test-owner.h"
#include "plant-rpc-test-zmtp.h"

#define PING_INVENTORY \
  "{\"json_methods\": {}, \"buffer_methods\": {}, \"signals\": [\"ping\"], \"properties\": []," \
  " \"name\": \"\"}"

/* ---- one connection after the other */

static void
test_restarts (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new_ready (device);
  g_autoptr (TestPeer) publisher = test_peer_new (ZMQ_PUB, NULL);
  g_autofree char *reply = test_make_port_reply (publisher);

  test_device_restart (&device);
  test_device_greet (device, 20, "y");
  test_assert_told (self, "disconnected connecting level:20 ready ");
  test_device_restart (&device);
  test_device_greet_json (device, 30, "y", "{\"success\": true}");
  test_owner_wait_state (self, PLANT_RPC_STATE_READY);
  g_assert_cmpint (plant_rpc_session_get_wire (self->session), ==, PLANT_RPC_WIRE_GENERATION_1);
  test_device_restart (&device);
  test_device_greet_json (device, 40, "y", reply);
  test_owner_wait_state (self, PLANT_RPC_STATE_READY);
  g_assert_cmpint (plant_rpc_session_get_wire (self->session), ==, PLANT_RPC_WIRE_GENERATION_2);
  test_device_restart (&device);
  test_device_greet (device, 50, "y");
  test_owner_wait_state (self, PLANT_RPC_STATE_READY);
  g_assert_cmpint (plant_rpc_session_get_wire (self->session), ==, PLANT_RPC_WIRE_NATIVE);
  g_assert_no_error (plant_rpc_session_get_error (self->session));
  g_assert_true (test_device_is_idle (device));
}

/* The connection of the calls was lost, that of the signals was not: it is the same process. */
static void
test_signals_kept (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestPeer) publisher = test_peer_new (ZMQ_PUB, NULL);
  g_autofree char *reply = test_make_port_reply (publisher);
  g_autoptr (TestOwner) self = test_owner_new (test_device_get_url (device), NULL);

  test_device_greet_json (device, 5, "x", reply);
  test_owner_wait_state (self, PLANT_RPC_STATE_READY);
  test_device_restart (&device);
  test_device_greet_json (device, 6, "x", NULL);
  test_owner_wait_state (self, PLANT_RPC_STATE_READY);
  /* They stop, and are asked for again. */
  test_peer_free (g_steal_pointer (&publisher));
  test_owner_wait_state (self, PLANT_RPC_STATE_DISCONNECTED);
  for (;;)
    {
      g_autoptr (TestRequest) request = test_device_next (device);

      if (request->request.event == PLANT_RPC_EVENT_PROPERTY_GET)
        continue; /* of the second snapshot */
      g_assert_cmpint (request->request.event, ==, PLANT_RPC_EVENT_GET_INVENTORY);
      test_device_reply_text (device, request, "{" TEST_DEVICE_INVENTORY "}");
      break;
    }
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING));
}

/* If the publisher closes its connection the client gets no signals, although calls still reach the
 * device. */
static void
test_publisher_left (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestPeer) publisher = test_peer_new (ZMQ_PUB, NULL);
  g_autofree char *reply = test_make_port_reply (publisher);
  g_autoptr (TestOwner) self = test_owner_new (test_device_get_url (device), NULL);

  test_device_greet_json (device, 5, "x", reply);
  test_owner_wait_state (self, PLANT_RPC_STATE_READY);
  g_assert_cmpint (plant_rpc_session_get_wire (self->session), ==, PLANT_RPC_WIRE_GENERATION_2);
  g_clear_pointer (&publisher, test_peer_free);
  test_owner_wait_state (self, PLANT_RPC_STATE_DISCONNECTED);
  g_assert_nonnull (strstr (plant_rpc_session_get_error (self->session)->message, "signals"));
}

/* A publisher whose message never ends is disconnected, although the message never arrives. */
static void
test_publisher_floods (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestZmtpListener) listener = test_zmtp_listener_new ();
  g_autofree char *reply = g_strdup_printf (
      "{\"success\": true, \"signal_port\": %s}",
      strrchr (test_zmtp_listener_get_url (listener), ':') + 1);
  g_autoptr (TestOwner) self = test_owner_new (test_device_get_url (device), NULL);
  g_autoptr (TestRequest) inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  g_autoptr (TestRequest) init = NULL;
  g_autoptr (TestZmtp) publisher = NULL;
  const gsize size = 1024 * 1024;
  g_autofree char *data = g_malloc0 (size);

  test_device_reply_text (device, inventory, PING_INVENTORY);
  init = test_device_expect (device, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING);
  test_device_reply_text (device, init, reply);
  publisher = test_zmtp_listener_accept (listener);
  test_zmtp_shake_hands (publisher, "PUB");
  test_owner_wait_state (self, PLANT_RPC_STATE_READY);
  for (gsize sent = 0; sent < PLANT_RPC_MAX_UNFINISHED + 16 * size; sent += size)
    {
      if (!test_zmtp_send_frame (publisher, data, size, TRUE))
        break;
    }
  test_owner_wait_state (self, PLANT_RPC_STATE_DISCONNECTED);
}

/* Returns the port that the next client offers to DEVICE. */
static guint16
take_offer (TestDevice *device)
{
  g_autoptr (TestRequest) inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  g_autoptr (TestRequest) init = NULL;

  test_device_reply_text (device, inventory, PING_INVENTORY);
  init = test_device_expect (device, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING);
  test_device_reply_text (device, init, "{\"success\": true}");
  return init->request.port;
}

static void
push (TestPeer *pusher)
{
  test_peer_send_text (pusher, "{\"event\": \"EMIT_SIGNAL\", \"signal\": \"ping\", \"args\": [],"
                               " \"blocking\": false}", NULL);
  g_ptr_array_unref (test_peer_receive (pusher));
}

static TestPeer *
connect_pusher (guint16 port)
{
  g_autofree char *url = g_strdup_printf ("tcp://127.0.0.1:%u", port);

  return test_peer_new (ZMQ_REQ, url);
}

/* What is thought to stand may be that of a process that is gone. */
static void
test_pushed_signals_kept (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new (test_device_get_url (device), NULL);
  g_autoptr (TestRequest) inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  g_autoptr (TestRequest) init = NULL;
  g_autoptr (TestPeer) pusher = NULL;

  test_device_reply_text (device, inventory, PING_INVENTORY);
  init = test_device_expect (device, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING);
  pusher = connect_pusher (init->request.port);
  test_peer_send_text (pusher, "{}", NULL);
  g_ptr_array_unref (test_peer_receive (pusher));
  test_device_reply_text (device, init, "{\"success\": true}");
  test_owner_wait_state (self, PLANT_RPC_STATE_READY);

  test_device_restart (&device);
  g_clear_pointer (&inventory, test_request_free);
  inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  test_device_reply_text (device, inventory, PING_INVENTORY);
  test_owner_wait_state (self, PLANT_RPC_STATE_READY);
  g_assert_true (test_device_is_idle (device));
  g_clear_pointer (&pusher, test_peer_free);
  g_clear_pointer (&inventory, test_request_free);
  inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  test_device_reply_text (device, inventory, PING_INVENTORY);
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING));
}

/* Of two offers the server may take the later one first, and then the other. Both clients hear it
 * at the port where it is now. */
static void
test_pushed_elsewhere (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) first = test_owner_new (test_device_get_url (device), NULL);
  guint16 first_port = take_offer (device);
  g_autoptr (TestOwner) second = NULL;
  g_autoptr (TestRequest) inventory = NULL;
  g_autoptr (TestPeer) pusher = NULL;
  guint16 second_port;

  test_owner_wait_state (first, PLANT_RPC_STATE_READY);
  second = test_owner_new (test_device_get_url (device), NULL);
  second_port = take_offer (device);
  g_assert_cmpuint (second_port, !=, first_port);
  test_owner_wait_state (second, PLANT_RPC_STATE_READY);
  pusher = connect_pusher (first_port);
  push (pusher);
  test_peer_free (pusher);
  pusher = connect_pusher (second_port);
  push (pusher);
  inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  test_device_reply_text (device, inventory, PING_INVENTORY);
  test_owner_wait_state (first, PLANT_RPC_STATE_READY);
  g_assert_true (test_device_is_idle (device));
  push (pusher);
  test_assert_told (first, "level:none ready ping disconnected connecting level:none"
                            " ready ping ");
  test_assert_told (second, "level:none ready ping ping ");
}

/* A client on the device's computer, which looks for a device that had the port before, is not the
 * device that has left. */
static void
test_pushed_beside_client (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new (test_device_get_url (device), NULL);
  guint16 port = take_offer (device);
  g_autoptr (TestPeer) pusher = connect_pusher (port);
  g_autoptr (TestPeer) client = NULL;

  test_owner_wait_state (self, PLANT_RPC_STATE_READY);
  push (pusher);
  client = connect_pusher (port);
  test_peer_send_text (client, "{\"event\": \"GET_INVENTORY\"}", NULL);
  g_ptr_array_unref (test_peer_receive (client));
  g_clear_pointer (&pusher, test_peer_free);
  test_device_restart (&device);
  g_assert_cmpuint (take_offer (device), !=, port);
}

/* Lets a server of generation 1 with PROPERTIES, in quotes, connect to the socket that it is
 * offered, whose URL is kept in SIGNAL_URL. */
static TestPeer *
begin_pushing (TestDevice  *device,
               const char  *properties,
               char       **signal_url)
{
  g_autoptr (TestRequest) inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  g_autoptr (TestRequest) init = NULL;
  g_autofree char *text = g_strdup_printf (
      "{\"json_methods\": {}, \"buffer_methods\": {}, \"signals\": [\"ping\"],"
      " \"properties\": [%s], \"name\": \"\"}",
      properties);
  TestPeer *pusher;

  test_device_reply_text (device, inventory, text);
  init = test_device_expect (device, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING);
  *signal_url = g_strdup_printf ("tcp://127.0.0.1:%u", init->request.port);
  pusher = test_peer_new (ZMQ_REQ, *signal_url);
  test_peer_send_text (pusher, "{}", NULL);
  g_ptr_array_unref (test_peer_receive (pusher));
  test_device_reply_text (device, init, "{\"success\": true}");
  return pusher;
}

/* Another client took the signals of an old server: they are not taken back, for ever and ever. */
static void
test_pushed_signals_taken (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new (test_device_get_url (device), NULL);
  g_autofree char *signal_url = NULL;
  g_autoptr (TestPeer) pusher = begin_pushing (device, "", &signal_url);

  test_owner_wait_state (self, PLANT_RPC_STATE_READY);
  g_clear_pointer (&pusher, test_peer_free);
  test_wait_until (plant_rpc_session_get_error (self->session) != NULL);
  g_assert_cmpint (plant_rpc_session_get_state (self->session), ==, PLANT_RPC_STATE_READY);
  g_assert_true (test_device_is_idle (device));
}

/* If only the connection of the signals was lost, the server connects again. It may have changed
 * meanwhile, so the values are read once more. */
static void
test_pushed_signals_return (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new (test_device_get_url (device), NULL);
  g_autofree char *signal_url = NULL;
  g_autoptr (TestPeer) pusher = begin_pushing (device, "\"level\"", &signal_url);
  g_autoptr (TestRequest) get = NULL;

  get = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
  test_device_reply_text (device, get, "{\"success\": true, \"value\": 1}");
  test_owner_wait_state (self, PLANT_RPC_STATE_READY);
  g_clear_pointer (&pusher, test_peer_free);
  test_wait_until (plant_rpc_session_get_error (self->session) != NULL);
  g_assert_true (test_device_is_idle (device));
  pusher = test_peer_new (ZMQ_REQ, signal_url);
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET));
  g_assert_null (plant_rpc_session_get_error (self->session));
  g_assert_cmpint (plant_rpc_session_get_state (self->session), ==, PLANT_RPC_STATE_READY);
}

/* A server that goes in the middle of the handshake. */
static void
test_restarts_in_handshake (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new (test_device_get_url (device), NULL);
  g_autoptr (TestRequest) request = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);

  test_device_restart (&device);
  g_clear_pointer (&request, test_request_free);
  request = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  test_device_reply_text (device, request, "{" TEST_DEVICE_INVENTORY "}");
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING));
  test_device_restart (&device);
  g_clear_pointer (&request, test_request_free);
  request = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  test_device_reply_text (device, request, "{" TEST_DEVICE_INVENTORY "}");
  g_clear_pointer (&request, test_request_free);
  request = test_device_expect (device, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING);
  test_device_reply_text (device, request, "{\"success\": true}");
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET));
  test_device_restart (&device);
  test_device_greet_json (device, 5, "x", "{\"success\": true}");
  test_owner_wait_state (self, PLANT_RPC_STATE_READY);
  g_assert_cmpuint (self->n_snapshots, ==, 1);
}

/* ---- moves */

/* The client has no request under way, and yet the loss is reported. */
static void
test_move_idle (void)
{
  g_autoptr (TestDevice) device = test_device_new (), next = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new_ready (device);

  plant_rpc_session_move (self->session, test_device_get_url (next));
  g_assert_true (g_str_has_prefix (self->told->str, "disconnected "));
  g_assert_cmpstr (plant_rpc_link_get_url (plant_rpc_session_get_link (self->session)), ==,
                   test_device_get_url (next));
  test_device_greet (next, 20, "y");
  test_assert_told (self, "disconnected connecting level:20 ready ");
  /* The client gives up the former connection. */
  g_assert_true (test_device_is_idle (device));
}

static void
close_session (PlantRpcReply *reply,
               GError        *error,
               gpointer       user_data)
{
  plant_rpc_session_close (((TestOwner *) user_data)->session);
}

/* Whoever is told of the loss may want no other device. */
static void
test_move_closed (void)
{
  g_autoptr (TestDevice) device = test_device_new (), next = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new_ready (device);
  PlantRpcRequest request = { .event = PLANT_RPC_EVENT_METHOD_CALL, .name = g_strdup ("echo") };

  plant_rpc_calls_add (plant_rpc_session_get_calls (self->session), &request, FALSE, 10000, NULL,
                       FALSE, close_session, self);
  plant_rpc_session_move (self->session, test_device_get_url (next));
  g_assert_true (plant_rpc_session_get_state (self->session) == PLANT_RPC_STATE_CLOSED);
  g_assert_true (test_device_is_idle (next));
  plant_rpc_session_move (self->session, test_device_get_url (next));
  g_assert_true (plant_rpc_session_get_state (self->session) == PLANT_RPC_STATE_CLOSED);
  g_assert_true (test_device_is_idle (next));
}

void __real_plant_rpc_alarm_set (PlantRpcAlarm *self,
                                 gint64         time);
void __wrap_plant_rpc_alarm_set (PlantRpcAlarm *self,
                                 gint64         time);

static PlantRpcAlarm *connection_alarm; /* of the link that set it last */

void
__wrap_plant_rpc_alarm_set (PlantRpcAlarm *self,
                            gint64         time)
{
  if (g_str_equal (self->name, "connection"))
    connection_alarm = self;
  __real_plant_rpc_alarm_set (self, time);
}


/* The long pauses after a lost device do not apply to the next device. */
static void
test_move_impatient (void)
{
  g_autoptr (TestDevice) gone = test_device_new ();
  g_autofree char *url = g_strdup (test_device_get_url (gone));
  g_autoptr (TestZmtpListener) next = test_zmtp_listener_new ();
  g_autoptr (TestOwner) self = NULL;
  gint64 begin = 0, end;

  g_clear_pointer (&gone, test_device_free);
  self = test_owner_new (url, NULL);
  end = g_get_monotonic_time () + 3 * G_USEC_PER_SEC;
  test_wait_until (g_get_monotonic_time () > end);
  plant_rpc_session_move (self->session, test_zmtp_listener_get_url (next));
  for (guint i = 0; i < 5; i++)
    {
      test_zmtp_free (test_zmtp_listener_accept (next));
      if (begin == 0)
        begin = g_get_monotonic_time ();
    }
  /* With the former pause it would take at least four seconds. */
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 3 * G_USEC_PER_SEC);
}

/* After a client has been ready, its first pause is short again. */
static void
test_impatient_once_ready (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autofree char *url = g_strdup (test_device_get_url (device));
  g_autoptr (TestOwner) self = NULL;
  gint64 end;

  g_clear_pointer (&device, test_device_free);
  self = test_owner_new (url, NULL);
  end = g_get_monotonic_time () + 3 * G_USEC_PER_SEC;
  test_wait_until (g_get_monotonic_time () > end);
  device = test_device_new_at (url);
  test_device_greet (device, 1, "x");
  test_owner_wait_state (self, PLANT_RPC_STATE_READY);
  g_clear_pointer (&device, test_device_free);
  test_owner_wait_state (self, PLANT_RPC_STATE_DISCONNECTED);
  /* With the former pause it would wait at least a second. */
  g_assert_cmpint (connection_alarm->time, <, g_get_monotonic_time () + G_USEC_PER_SEC / 2);
}

/* ---- suspicion */

static void
ignore_end (PlantRpcReply *reply,
            GError        *error,
            gpointer       user_data)
{
  guint *n = user_data;

  (*n)++;
}

static void
call (TestOwner *self,
      guint     *n_ended)
{
  PlantRpcRequest request = { .event = PLANT_RPC_EVENT_METHOD_CALL, .name = g_strdup ("told") };

  plant_rpc_calls_add (plant_rpc_session_get_calls (self->session), &request, FALSE,
                       PLANT_RPC_TIMEOUT_FROM_SERVER, NULL, FALSE, ignore_end, n_ended);
}

static void
test_suspect (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new_ready (device);
  g_autoptr (TestRequest) request = NULL, probe = NULL;
  guint n_ended = 0;

  call (self, &n_ended);
  request = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  test_owner_wait_state (self, PLANT_RPC_STATE_SUSPECT);
  g_assert_cmpuint (n_ended, ==, 1);
  g_assert_error (plant_rpc_session_get_error (self->session), G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  call (self, &n_ended);
  test_wait_until (n_ended == 2);
  /* It is asked once for something that each server answers. */
  probe = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL));
  g_assert_true (test_device_is_idle (device));
  test_device_reply_value (device, request, NULL);
  test_owner_wait_state (self, PLANT_RPC_STATE_READY);
  g_assert_no_error (plant_rpc_session_get_error (self->session));
  g_assert_cmpuint (plant_rpc_link_get_n_late (plant_rpc_session_get_link (self->session)), ==, 1);
  test_device_reply_text (device, probe, "{}");
  g_assert_true (test_device_is_idle (device));
  g_assert_cmpstr (self->told->str, ==, "suspect ready ");
}

/* What else is wrong is told again afterwards. */
static void
test_suspect_mismatch (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new (test_device_get_url (device),
                                              "{\"properties\": {\"zoom\": {\"type\": \"d\"}}}");
  g_autoptr (TestRequest) request = NULL;
  guint n_ended = 0;

  test_device_greet (device, 1, "x");
  test_owner_wait_state (self, PLANT_RPC_STATE_MISMATCH);
  call (self, &n_ended);
  request = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  test_owner_wait_state (self, PLANT_RPC_STATE_SUSPECT);
  test_device_reply_value (device, request, NULL);
  test_owner_wait_state (self, PLANT_RPC_STATE_MISMATCH);
  g_assert_error (plant_rpc_session_get_error (self->session), PLANT_RPC_ERROR,
                  PLANT_RPC_ERROR_MISMATCH);
}

static void
test_suspect_then_lost (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new_ready (device);
  guint n_ended = 0;

  call (self, &n_ended);
  test_owner_wait_state (self, PLANT_RPC_STATE_SUSPECT);
  test_device_restart (&device);
  test_device_greet (device, 1, "x");
  test_owner_wait_state (self, PLANT_RPC_STATE_READY);
  g_assert_cmpstr (self->told->str, ==, "suspect disconnected connecting level:1 ready ");
}

static PlantRpcSnapshot *
snapshot (TestOwner *self)
{
  return plant_rpc_session_get_snapshot (self->session);
}

/* ---- snapshots */

static void
test_refresh (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new_ready (device);
  g_autoptr (TestRequest) first = NULL, second = NULL;
  guint a, b, c;

  a = plant_rpc_snapshot_take (snapshot (self));
  b = plant_rpc_snapshot_take (snapshot (self));
  c = plant_rpc_snapshot_take (snapshot (self));
  g_assert_cmpuint (b, ==, a + 1);
  g_assert_cmpuint (c, ==, b);
  first = test_device_expect (device, PLANT_RPC_EVENT_GET_ALL);
  g_assert_true (test_device_is_idle (device));
  test_device_reply_value (device, first, g_variant_new_parsed ("{'level': <11>}"));
  second = test_device_expect (device, PLANT_RPC_EVENT_GET_ALL);
  test_wait_until (plant_rpc_snapshot_get_n_done (snapshot (self)) == a);
  test_device_reply_value (device, second, g_variant_new_parsed ("{'level': <12>}"));
  test_wait_until (plant_rpc_snapshot_get_n_done (snapshot (self)) == b);
  g_assert_cmpstr (self->told->str, ==, "level:11 level:12 ");
  g_assert_true (test_device_is_idle (device));
}

/* In the middle of the first snapshot one is wanted that begins after it. */
static void
test_refresh_in_handshake (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new (test_device_get_url (device), NULL);
  g_autoptr (TestRequest) inventory = NULL, subscribe = NULL, all = NULL;
  guint early = plant_rpc_snapshot_take (snapshot (self)), late;

  inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  test_device_reply_text (device, inventory,
                          "{" TEST_DEVICE_INVENTORY ", \"plantrpc\": {\"version\": 1, \"instance\":"
                          " \"i\", \"interface\": " TEST_DEVICE_INTERFACE "}}");
  subscribe = test_device_expect (device, PLANT_RPC_EVENT_SUBSCRIBE);
  late = plant_rpc_snapshot_take (snapshot (self));
  test_device_reply_value (device, subscribe, g_variant_new_parsed ("{'level': <1>}"));
  test_owner_wait_state (self, PLANT_RPC_STATE_READY);
  g_assert_cmpuint (plant_rpc_snapshot_get_n_done (snapshot (self)), ==, early);
  all = test_device_expect (device, PLANT_RPC_EVENT_GET_ALL);
  test_device_reply_value (device, all, g_variant_new_parsed ("{'level': <2>}"));
  test_wait_until (plant_rpc_snapshot_get_n_done (snapshot (self)) == late);
}

/* One that was under way when the connection went is made up for by that of the next. */
static void
test_refresh_across_restart (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new_ready (device);
  guint number = plant_rpc_snapshot_take (snapshot (self));

  test_device_restart (&device);
  test_device_greet (device, 3, "x");
  test_owner_wait_state (self, PLANT_RPC_STATE_READY);
  g_assert_cmpuint (plant_rpc_snapshot_get_n_done (snapshot (self)), >=, number);
  g_assert_true (test_device_is_idle (device));
}

/* What was missed may have changed a property. */
static void
test_gap (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new_ready (device);
  g_autoptr (TestRequest) all = NULL;

  test_device_push_signal (device, 1, "ping", g_variant_new_parsed ("@av []"));
  test_device_push_signal (device, 3, "ping", g_variant_new_parsed ("@av []"));
  test_assert_told (self, "ping lost ping ");
  all = test_device_expect (device, PLANT_RPC_EVENT_GET_ALL);
  test_device_reply_value (device, all, g_variant_new_parsed ("{'level': <2>}"));
  test_assert_told (self, "ping lost ping level:2 ");
  g_assert_true (test_device_is_idle (device));
}

/* Pushes that come before the subscription of this connection were not asked for and are
 * refused. */
static void
test_pushed_before_subscription (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new_ready (device);
  g_autoptr (TestRequest) inventory = NULL;

  test_device_push_signal (device, 1, "ping", g_variant_new_parsed ("@av []"));
  test_assert_told (self, "ping ");
  test_device_restart (&device);
  inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  test_device_push_signal (device, 2, "ping", g_variant_new_parsed ("@av []"));
  test_wait_until (plant_rpc_session_get_n_malformed (self->session) == 1);
  g_assert_cmpstr (self->told->str, ==, "ping disconnected connecting ");
}

/* ---- its end */

static void
test_closed (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new_ready (device);
  guint n_ended = 0;

  call (self, &n_ended);
  plant_rpc_session_close (self->session);
  g_assert_cmpuint (n_ended, ==, 1);
  g_assert_cmpstr (self->told->str, ==, "closed ");
  g_assert_true (plant_rpc_session_get_state (self->session) == PLANT_RPC_STATE_CLOSED);
  call (self, &n_ended);
  g_assert_cmpuint (n_ended, ==, 2);
  plant_rpc_session_close (self->session);
  /* What was sent before goes out. */
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL));
  g_assert_true (test_device_is_idle (device));
  g_assert_cmpstr (self->told->str, ==, "closed ");
}

/* It needs no signals any more, although somebody may still hold it. */
static void
test_closed_to_signals (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestPeer) publisher = test_peer_new (ZMQ_XPUB, NULL);
  g_autofree char *reply = test_make_port_reply (publisher);
  g_autoptr (TestOwner) self = test_owner_new (test_device_get_url (device), NULL);
  g_autoptr (GPtrArray) subscribed = NULL, unsubscribed = NULL;

  test_device_greet_json (device, 5, "x", reply);
  test_owner_wait_state (self, PLANT_RPC_STATE_READY);
  subscribed = test_peer_receive (publisher);
  g_assert_cmpint (*(const char *) g_bytes_get_data (subscribed->pdata[0], NULL), ==, 1);
  plant_rpc_session_close (self->session);
  unsubscribed = test_peer_receive (publisher);
  g_assert_cmpint (*(const char *) g_bytes_get_data (unsubscribed->pdata[0], NULL), ==, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/session/restarts", test_restarts);
  g_test_add_func ("/session/signals-kept", test_signals_kept);
  g_test_add_func ("/session/publisher-left", test_publisher_left);
  g_test_add_func ("/session/publisher-floods", test_publisher_floods);
  g_test_add_func ("/session/pushed-signals-kept", test_pushed_signals_kept);
  g_test_add_func ("/session/pushed-elsewhere", test_pushed_elsewhere);
  g_test_add_func ("/session/pushed-beside-client", test_pushed_beside_client);
  g_test_add_func ("/session/pushed-signals-taken", test_pushed_signals_taken);
  g_test_add_func ("/session/pushed-signals-return", test_pushed_signals_return);
  g_test_add_func ("/session/restarts-in-handshake", test_restarts_in_handshake);
  g_test_add_func ("/session/move-idle", test_move_idle);
  g_test_add_func ("/session/move-closed", test_move_closed);
  g_test_add_func ("/session/move-impatient", test_move_impatient);
  g_test_add_func ("/session/impatient-once-ready", test_impatient_once_ready);
  g_test_add_func ("/session/suspect", test_suspect);
  g_test_add_func ("/session/suspect-mismatch", test_suspect_mismatch);
  g_test_add_func ("/session/suspect-then-lost", test_suspect_then_lost);
  g_test_add_func ("/session/refresh", test_refresh);
  g_test_add_func ("/session/refresh-in-handshake", test_refresh_in_handshake);
  g_test_add_func ("/session/refresh-across-restart", test_refresh_across_restart);
  g_test_add_func ("/session/gap", test_gap);
  g_test_add_func ("/session/pushed-before-subscription", test_pushed_before_subscription);
  g_test_add_func ("/session/closed", test_closed);
  g_test_add_func ("/session/closed-to-signals", test_closed_to_signals);

  return g_test_run ();
}
