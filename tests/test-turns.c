/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <zmq.h>

#include "plant-rpc-client.h"
#include "plant-rpc-discovery.h"
#include "plant-rpc-registry-client.h"
#include "plant-rpc-server.h"

/* Whatever the other side does, nothing comes round without a wait: a main loop turns a few times a
 * second, and what has not changed is not notified again. */

#define WATCH_US  G_USEC_PER_SEC
/* A loop that comes round without a wait turns tens of thousands of times in a second. */
#define MAX_TURNS 200

/* ---- the other side */

typedef struct {
  const char *name;
  void      (*run)   (gpointer other); /* (nullable): on a thread of its own */
  const char *reply;                   /* (nullable): to each request */

  char    *url;     /* (owned) */
  GSocket *socket;  /* (owned) (nullable) */
  void    *context; /* (owned) (nullable): of ZeroMQ */
  void    *router;  /* (owned) (nullable) */
  GThread *thread;  /* (owned) (nullable) */
  gint     over;    /* (atomic) */
} Other;

static void
listen_with_socket (Other *self)
{
  g_autoptr (GSocketAddress) loopback = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr (GSocketAddress) bound = NULL;

  self->socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
                               G_SOCKET_PROTOCOL_DEFAULT, NULL);
  g_assert_true (g_socket_bind (self->socket, loopback, TRUE, NULL));
  g_assert_true (g_socket_listen (self->socket, NULL));
  bound = g_socket_get_local_address (self->socket, NULL);
  self->url = g_strdup_printf (
      "tcp://127.0.0.1:%u", g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)));
}

static GSocket *
accept_next (Other *self)
{
  g_socket_set_blocking (self->socket, FALSE);
  while (!g_atomic_int_get (&self->over))
    {
      GSocket *accepted = g_socket_accept (self->socket, NULL, NULL);

      if (accepted != NULL)
        return accepted;
      g_poll (NULL, 0, 1);
    }
  return NULL;
}

static void
close_at_once (gpointer other)
{
  for (;;)
    {
      g_autoptr (GSocket) accepted = accept_next (other);

      if (accepted == NULL)
        return;
      g_socket_close (accepted, NULL);
    }
}

static void
speak_another_protocol (gpointer other)
{
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func (g_object_unref);

  for (;;)
    {
      GSocket *accepted = accept_next (other);

      if (accepted == NULL)
        return;
      g_ptr_array_add (kept, accepted);
      g_socket_send (accepted, "HTTP/1.1 400 Bad Request\r\n\r\n", 28, NULL, NULL);
    }
}

/* Returns the envelope of a request to its sender, with the reply. */
static void
answer (gpointer other)
{
  Other *self = other;
  zmq_pollitem_t item = { self->router, 0, ZMQ_POLLIN, 0 };

  while (!g_atomic_int_get (&self->over))
    {
      gboolean in_envelope = TRUE;
      int more = 1;

      if (zmq_poll (&item, 1, 10) < 1)
        continue;
      while (more)
        {
          zmq_msg_t frame;

          zmq_msg_init (&frame);
          zmq_msg_recv (&frame, self->router, 0);
          more = zmq_msg_more (&frame);
          if (!in_envelope)
            {
              zmq_msg_close (&frame);
              continue;
            }
          in_envelope = zmq_msg_size (&frame) > 0;
          zmq_msg_send (&frame, self->router, ZMQ_SNDMORE);
        }
      zmq_send (self->router, self->reply, strlen (self->reply), 0);
    }
}

static void
listen_with_router (Other *self)
{
  char url[64];
  gsize size = sizeof url;
  int none = 0;

  self->context = zmq_ctx_new ();
  self->router = zmq_socket (self->context, ZMQ_ROUTER);
  zmq_setsockopt (self->router, ZMQ_LINGER, &none, sizeof none);
  g_assert_cmpint (zmq_bind (self->router, "tcp://127.0.0.1:*"), ==, 0);
  g_assert_cmpint (zmq_getsockopt (self->router, ZMQ_LAST_ENDPOINT, url, &size), ==, 0);
  self->url = g_strdup (url);
}

static gpointer
run_other (gpointer data)
{
  Other *self = data;

  self->run (self);
  return NULL;
}

static void
other_start (Other *self)
{
  if (self->reply != NULL)
    listen_with_router (self);
  else if (!g_str_equal (self->name, "absent"))
    listen_with_socket (self);
  else
    self->url = g_strdup ("tcp://127.0.0.1:1");
  if (self->run != NULL)
    self->thread = g_thread_new (self->name, run_other, self);
}

static void
other_end (Other *self)
{
  g_atomic_int_set (&self->over, TRUE);
  g_clear_pointer (&self->thread, g_thread_join);
  g_clear_object (&self->socket);
  g_clear_pointer (&self->router, zmq_close);
  g_clear_pointer (&self->context, zmq_ctx_term);
  g_clear_pointer (&self->url, g_free);
}

/* ---- this side */

static GObject *
make_client (const char *url)
{
  return G_OBJECT (plant_rpc_client_new (url));
}

static GObject *
make_follower (const char *url)
{
  PlantRpcClient *client = g_object_new (PLANT_RPC_TYPE_CLIENT, NULL);

  plant_rpc_client_follow_device (client, url, "camera");
  return G_OBJECT (client);
}

static GObject *
make_discovery (const char *url)
{
  return G_OBJECT (plant_rpc_discovery_new (url));
}

static GObject *
make_discovery_of_device (const char *url)
{
  return G_OBJECT (plant_rpc_discovery_new_for_device (url, "camera"));
}

static GObject *
make_registry_client (const char *url)
{
  return G_OBJECT (plant_rpc_registry_client_new (url));
}

static void
ignore_result (GObject      *object,
               GAsyncResult *result,
               gpointer      user_data)
{
}

static GObject *
make_registering_server (const char *url)
{
  g_autoptr (GObject) device = g_object_new (G_TYPE_OBJECT, NULL);
  PlantRpcServer *server = plant_rpc_server_new (device, "tcp://127.0.0.1:*");

  g_assert_true (plant_rpc_server_start (server, NULL));
  plant_rpc_server_register_to_registry (server, url, "camera", "camera", FALSE, NULL,
                                         ignore_result, NULL);
  return G_OBJECT (server);
}

typedef struct {
  const char *name;
  GObject  *(*make) (const char *url);
} Side;

static const Side sides[] = {
  { "client", make_client },
  { "follower", make_follower },
  { "discovery", make_discovery },
  { "discovery of a device", make_discovery_of_device },
  { "registry client", make_registry_client },
  { "registering server", make_registering_server },
};

/* ---- a side beside another one, in a thread and a context of its own */

typedef struct {
  const Side  *side;
  const Other *other;
  GHashTable  *values; /* (owned) (element-type utf8 utf8): as last notified, by property */
  GThread     *thread; /* (owned) */
  guint        n_turns;
  char        *equal;  /* (owned) (nullable): a property that was notified without a change */
} Watch;

static char *
describe (const GValue *value)
{
  const GError *error;

  if (!G_VALUE_HOLDS (value, G_TYPE_ERROR))
    return g_strdup_value_contents (value);
  error = g_value_get_boxed (value);
  return error != NULL ? g_strdup_printf ("%d %s", error->code, error->message) : g_strdup ("none");
}

static void
on_notify (GObject    *object,
           GParamSpec *pspec,
           gpointer    user_data)
{
  Watch *self = user_data;
  g_auto (GValue) value = G_VALUE_INIT;
  g_autofree char *text = NULL;

  g_value_init (&value, pspec->value_type);
  g_object_get_property (object, pspec->name, &value);
  text = describe (&value);
  if (g_strcmp0 (g_hash_table_lookup (self->values, pspec->name), text) == 0 && self->equal == NULL)
    self->equal = g_strdup_printf ("%s: %s", pspec->name, text);
  g_hash_table_replace (self->values, g_strdup (pspec->name), g_steal_pointer (&text));
}

static gboolean
do_nothing (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static gpointer
run_watch (gpointer data)
{
  Watch *self = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GSource) wake = g_timeout_source_new (100);
  GObject *object;
  gint64 end;

  g_main_context_push_thread_default (context);
  g_source_set_callback (wake, do_nothing, NULL, NULL);
  g_source_attach (wake, context);
  object = self->side->make (self->other->url);
  g_signal_connect (object, "notify", G_CALLBACK (on_notify), self);
  for (end = g_get_monotonic_time () + WATCH_US; g_get_monotonic_time () < end; self->n_turns++)
    g_main_context_iteration (context, TRUE);
  g_signal_handlers_disconnect_by_data (object, self);
  g_object_unref (object);
  while (g_main_context_iteration (context, FALSE))
    continue;
  g_source_destroy (wake);
  g_main_context_pop_thread_default (context);
  return NULL;
}

static void
watch_start (Watch       *self,
             const Side  *side,
             const Other *other)
{
  self->side = side;
  self->other = other;
  self->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->thread = g_thread_new (side->name, run_watch, self);
}

static void
watch_end (Watch *self)
{
  g_thread_join (self->thread);
  g_test_message ("%s, %s: %u turns", self->side->name, self->other->name, self->n_turns);
  g_assert_cmpstr (self->equal, ==, NULL);
  g_assert_cmpuint (self->n_turns, <, MAX_TURNS);
  g_hash_table_unref (self->values);
}

/* Each side beside each of the others, all at the same time. */
static void
watch_all (Other *others,
           guint  n_others)
{
  const guint n_watches = n_others * G_N_ELEMENTS (sides);
  g_autofree Watch *watches = g_new0 (Watch, n_watches);

  for (guint i = 0; i < n_others; i++)
    other_start (&others[i]);
  for (guint i = 0; i < n_watches; i++)
    watch_start (&watches[i], &sides[i % G_N_ELEMENTS (sides)],
                 &others[i / G_N_ELEMENTS (sides)]);
  for (guint i = 0; i < n_watches; i++)
    watch_end (&watches[i]);
  for (guint i = 0; i < n_others; i++)
    other_end (&others[i]);
}

static void
test_absent (void)
{
  Other other = { .name = "absent" };

  watch_all (&other, 1);
}

static void
test_mute (void)
{
  Other other = { .name = "mute" };

  watch_all (&other, 1);
}

static void
test_closing (void)
{
  Other other = { .name = "closing", .run = close_at_once };

  watch_all (&other, 1);
}

static void
test_another_protocol (void)
{
  Other other = { .name = "another protocol", .run = speak_another_protocol };

  watch_all (&other, 1);
}

static void
test_nonsense (void)
{
  static const char *const replies[] = {
    "nonsense", "{}", "[]", "{\"success\": false, \"error\": \"no\"}",
    "{\"event\": \"REGISTER_ACK\", \"payload\": {\"name\": \"x\", \"uuid\": \"y\"}}",
    "{\"json_methods\": {}, \"buffer_methods\": {}, \"signals\": [\"x\"], \"properties\": [\"y\"],"
    " \"name\": \"\"}",
  };
  Other others[G_N_ELEMENTS (replies)] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    others[i] = (Other) { .name = replies[i], .run = answer, .reply = replies[i] };
  watch_all (others, G_N_ELEMENTS (replies));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/turns/absent", test_absent);
  g_test_add_func ("/turns/mute", test_mute);
  g_test_add_func ("/turns/closing", test_closing);
  g_test_add_func ("/turns/another-protocol", test_another_protocol);
  g_test_add_func ("/turns/nonsense", test_nonsense);

  return g_test_run ();
}
