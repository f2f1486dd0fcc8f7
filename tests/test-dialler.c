/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-dialler-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-test-peer.h"
#include "plant-rpc-test-resolver.h"

typedef struct {
  TestResolver    *names;   /* (owned) */
  GMainContext    *context; /* (owned): nobody runs it; the test drives the dialler */
  PlantRpcTimer   *timer;   /* (owned) */
  PlantRpcDialler *dialler; /* (owned) (nullable) */
  TestPeer        *server;  /* (owned) (nullable) */
  GSocketListener *mute;    /* (owned) (nullable): takes connections and says nothing */
  guint16          port;    /* of both */
  PlantRpcDialled  dialled; /* (owned): the connection made last */
  GError          *error;   /* (owned) (nullable): the last failure */
  guint            n_received;
  gboolean         frees;   /* TRUE: the callbacks free the dialler */
} Fixture;

static void
on_connected (gpointer         owner,
              PlantRpcDialled *dialled)
{
  Fixture *self = owner;

  self->dialled = *dialled;
  *dialled = (PlantRpcDialled) { 0 };
  if (self->frees)
    g_clear_pointer (&self->dialler, plant_rpc_dialler_free);
}

static void
on_failed (gpointer      owner,
           const GError *error)
{
  Fixture *self = owner;

  g_assert_null (self->error);
  self->error = g_error_copy (error);
  if (self->frees)
    g_clear_pointer (&self->dialler, plant_rpc_dialler_free);
}

static void
forget (Fixture *self)
{
  g_clear_pointer (&self->dialled.channel, plant_rpc_channel_discard);
  g_clear_pointer (&self->dialled.url, g_free);
  g_clear_pointer (&self->dialled.own_address, g_free);
  g_clear_pointer (&self->dialled.peer_address, g_free);
  g_clear_error (&self->error);
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  static const PlantRpcDiallerFuncs funcs = { .connected = on_connected, .failed = on_failed };
  static const PlantRpcChannelOptions options = { .name = "test", .type = ZMQ_DEALER };

  self->names = test_resolver_new ();
  self->context = g_main_context_new ();
  self->timer = plant_rpc_timer_new (self->context, "test");
  self->dialler = plant_rpc_dialler_new (&options, self->context, self->timer, &funcs, self);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  forget (self);
  g_clear_pointer (&self->dialler, plant_rpc_dialler_free);
  g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), ==, -1);
  plant_rpc_timer_free (self->timer);
  g_clear_pointer (&self->server, test_peer_free);
  if (self->mute != NULL)
    g_socket_listener_close (self->mute);
  g_clear_object (&self->mute);
  g_main_context_unref (self->context);
  test_resolver_free (self->names);
}

/* ---- what listens */

/* A server at ADDRESS. All addresses of a test have the same port. */
static void
serve (Fixture    *self,
       const char *address)
{
  g_autofree char *url = g_strdup_printf ("tcp://%s:*", address);
  char bound[64];
  gsize size = sizeof bound;

  self->server = test_peer_new (ZMQ_ROUTER, NULL);
  g_assert_cmpint (zmq_bind (test_peer_get_socket (self->server), url), ==, 0);
  g_assert_cmpint (zmq_getsockopt (test_peer_get_socket (self->server), ZMQ_LAST_ENDPOINT, bound,
                                   &size), ==, 0);
  self->port = (guint16) g_ascii_strtoull (strrchr (bound, ':') + 1, NULL, 10);
}

static void
be_mute (Fixture    *self,
         const char *address)
{
  g_autoptr (GSocketAddress) place = g_inet_socket_address_new_from_string (address, self->port);
  g_autoptr (GError) error = NULL;

  self->mute = g_socket_listener_new ();
  g_socket_listener_add_address (self->mute, place, G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_TCP, NULL, NULL, &error);
  g_assert_no_error (error);
}

/* ---- what dials */

static void
dial (Fixture    *self,
      const char *host)
{
  g_autofree char *url = g_strdup_printf ("tcp://%s:%u", host, self->port);

  forget (self);
  plant_rpc_dialler_dial (self->dialler, url);
}

/* Drives the dialler as a caller that blocks does. */
static gboolean
step (Fixture *self)
{
  zmq_pollitem_t items[PLANT_RPC_DIALLER_MAX_POLL];

  if (self->error != NULL || self->dialled.channel != NULL)
    return TRUE;
  zmq_poll (items, (int) plant_rpc_dialler_fill_poll (self->dialler, items), 1);
  plant_rpc_dialler_process (self->dialler);
  plant_rpc_timer_ring (self->timer, g_get_monotonic_time ());
  return FALSE;
}

static void
assert_reaches (Fixture    *self,
                const char *host,
                const char *address)
{
  dial (self, host);
  test_wait_until (step (self));
  g_assert_no_error (self->error);
  g_assert_cmpstr (self->dialled.peer_address, ==, address);
  g_assert_nonnull (self->dialled.own_address);
}

static void
assert_fails (Fixture      *self,
              const char   *host,
              GIOErrorEnum  code)
{
  dial (self, host);
  test_wait_until (step (self));
  g_assert_error (self->error, G_IO_ERROR, (int) code);
}

/* The look-up alone has one descriptor. */
static gboolean
is_connecting (Fixture *self)
{
  zmq_pollitem_t items[PLANT_RPC_DIALLER_MAX_POLL];

  return plant_rpc_dialler_fill_poll (self->dialler, items) > 1;
}

/* Passes the deadline of the dialler at once. */
static void
run_out_of_patience (Fixture *self)
{
  plant_rpc_timer_ring (self->timer, g_get_monotonic_time () + 10 * G_USEC_PER_SEC);
}

/* ---- the tests */

/* Numbers are not looked up. */
static void
test_literal (Fixture       *self,
              gconstpointer  data)
{
  g_autofree char *url = NULL;

  serve (self, "127.0.0.1");
  url = g_strdup_printf ("tcp://127.0.0.1:%u", self->port);
  test_resolver_set (self->names, "127.0.0.1", "10.0.0.1");
  assert_reaches (self, "127.0.0.1", "127.0.0.1");
  g_assert_cmpstr (self->dialled.url, ==, url);
  g_assert_cmpstr (self->dialled.own_address, ==, "127.0.0.1");
  g_assert_cmpuint (test_resolver_count (self->names, "127.0.0.1"), ==, 0);
}

static void
test_nobody (Fixture       *self,
             gconstpointer  data)
{
  self->port = 1;
  assert_fails (self, "127.0.0.1", G_IO_ERROR_CONNECTION_REFUSED);
  test_resolver_set (self->names, "camera", "127.0.0.1 127.0.0.2 127.0.0.3");
  assert_fails (self, "camera", G_IO_ERROR_CONNECTION_REFUSED);
  g_assert_cmpstr (self->error->message, ==, "Nobody listens at “tcp://camera:1”");
}

static void
test_bad_url (Fixture       *self,
              gconstpointer  data)
{
  plant_rpc_dialler_dial (self->dialler, "camera");
  g_assert_error (self->error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL);
}

/* The first addresses refuse, do not exist here, or say nothing. */
static void
test_other_address (Fixture       *self,
                    gconstpointer  data)
{
  g_autofree char *url = NULL;

  serve (self, "127.0.0.1");
  be_mute (self, "127.0.0.9");
  test_resolver_set (self->names, "refusing", "127.0.0.2 127.0.0.3 127.0.0.1");
  assert_reaches (self, "refusing", "127.0.0.1");
  test_resolver_set (self->names, "dual", "::1 127.0.0.1");
  assert_reaches (self, "dual", "127.0.0.1");
  url = g_strdup_printf ("tcp://127.0.0.1:%u", self->port);
  g_assert_cmpstr (self->dialled.url, ==, url);
  test_resolver_set (self->names, "mute", "127.0.0.9 127.0.0.1");
  assert_reaches (self, "mute", "127.0.0.1");
  test_resolver_set (self->names, "all",
                     "127.0.0.9 127.0.0.9 127.0.0.9 127.0.0.9 127.0.0.9 127.0.0.9 127.0.0.9 "
                     "127.0.0.9 127.0.0.9 127.0.0.9 127.0.0.2 127.0.0.1");
  assert_reaches (self, "all", "127.0.0.1");
}

/* One that takes the connection and says nothing is told from one that refuses. */
static void
test_silence (Fixture       *self,
              gconstpointer  data)
{
  serve (self, "127.0.0.1");
  be_mute (self, "127.0.0.9");
  test_resolver_set (self->names, "mute", "127.0.0.2 127.0.0.9");
  dial (self, "mute");
  test_wait_until (step (self) || is_connecting (self));
  g_assert_no_error (self->error);
  run_out_of_patience (self);
  test_wait_until (step (self));
  g_assert_error (self->error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_nonnull (strstr (self->error->message, "did not answer the connection"));
}

/* Each time the name is looked up anew. */
static void
test_moves (Fixture       *self,
            gconstpointer  data)
{
  serve (self, "127.0.0.1");
  test_resolver_set (self->names, "camera", "127.0.0.2");
  assert_fails (self, "camera", G_IO_ERROR_CONNECTION_REFUSED);
  test_resolver_set (self->names, "camera", "127.0.0.1");
  assert_reaches (self, "camera", "127.0.0.1");
  g_assert_cmpuint (test_resolver_count (self->names, "camera"), ==, 2);
  test_resolver_set_error (self->names, "camera", G_RESOLVER_ERROR_NOT_FOUND);
  assert_fails (self, "camera", G_IO_ERROR_HOST_NOT_FOUND);
  test_resolver_set_error (self->names, "camera", G_RESOLVER_ERROR_TEMPORARY_FAILURE);
  assert_fails (self, "camera", G_IO_ERROR_HOST_UNREACHABLE);
}

/* The owner hears of a name server that does not answer. It is not asked once more for each
 * attempt, and a late answer counts. */
static void
test_slow_names (Fixture       *self,
                 gconstpointer  data)
{
  serve (self, "127.0.0.1");
  test_resolver_set_silent (self->names, "camera");
  dial (self, "camera");
  test_wait_until (step (self) || test_resolver_count_open (self->names) == 1);
  run_out_of_patience (self);
  g_assert_error (self->error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpstr (self->error->message, ==,
                   "The name server has not answered yet where “camera” is");
  dial (self, "camera");
  run_out_of_patience (self);
  g_assert_error (self->error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpuint (test_resolver_count (self->names, "camera"), ==, 1);

  test_resolver_set (self->names, "camera", "127.0.0.1");
  assert_reaches (self, "camera", "127.0.0.1");
  g_assert_cmpuint (test_resolver_count (self->names, "camera"), ==, 1);
  assert_reaches (self, "camera", "127.0.0.1");
  g_assert_cmpuint (test_resolver_count (self->names, "camera"), ==, 2);
}

/* The question for a host that is dialled no more is withdrawn. */
static void
test_other_host (Fixture       *self,
                 gconstpointer  data)
{
  serve (self, "127.0.0.1");
  test_resolver_set_silent (self->names, "far");
  test_resolver_set (self->names, "near", "127.0.0.1");
  dial (self, "far");
  test_wait_until (test_resolver_count_open (self->names) == 1);
  assert_reaches (self, "near", "127.0.0.1");
  test_wait_until (test_resolver_count_open (self->names) == 0);
  dial (self, "far");
  test_wait_until (test_resolver_count_open (self->names) == 1);
  plant_rpc_dialler_hang_up (self->dialler);
  test_resolver_set (self->names, "far", "127.0.0.1");
  test_wait_until (test_resolver_count_open (self->names) == 0);
  plant_rpc_dialler_process (self->dialler);
  g_assert_null (self->dialled.channel);
}

static void
count_message (gpointer        owner,
               PlantRpcFrames *frames)
{
  ((Fixture *) owner)->n_received++;
}

static void
ignore_event (gpointer                   owner,
              const PlantRpcSocketEvent *event)
{
}

/* The channel goes over to its new owner as it is. */
static void
test_taken_over (Fixture       *self,
                 gconstpointer  data)
{
  static const PlantRpcChannelFuncs funcs = { .received = count_message,
                                              .reported = ignore_event };
  g_autoptr (GPtrArray) request = NULL;

  serve (self, "127.0.0.1");
  self->frees = TRUE;
  assert_reaches (self, "127.0.0.1", "127.0.0.1");
  g_assert_null (self->dialler);
  plant_rpc_channel_set_owner (self->dialled.channel, &funcs, self);
  zmq_send (plant_rpc_socket_get_handle (plant_rpc_channel_get_socket (self->dialled.channel)),
            "hello", 5, 0);
  request = test_peer_receive (self->server);
  test_peer_send (self->server, request);
  test_wait_until ((plant_rpc_channel_process (self->dialled.channel), self->n_received == 1));
}

static void
test_freed (Fixture       *self,
            gconstpointer  data)
{
  self->port = 1;
  self->frees = TRUE;
  if (data != NULL)
    test_resolver_set (self->names, "camera", data);
  dial (self, "camera");
  test_wait_until (step (self));
  g_assert_null (self->dialler);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, func, data) g_test_add ("/dialler/" name, Fixture, data, set_up, func, tear_down)
  ADD ("literal", test_literal, NULL);
  ADD ("nobody", test_nobody, NULL);
  ADD ("bad-url", test_bad_url, NULL);
  ADD ("other-address", test_other_address, NULL);
  ADD ("silence", test_silence, NULL);
  ADD ("moves", test_moves, NULL);
  ADD ("slow-names", test_slow_names, NULL);
  ADD ("other-host", test_other_host, NULL);
  ADD ("taken-over", test_taken_over, NULL);
  ADD ("freed/unknown", test_freed, NULL);
  ADD ("freed/refused", test_freed, "127.0.0.1 127.0.0.2");

  return g_test_run ();
}
