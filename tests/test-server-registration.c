/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>

#include "plant-rpc-error.h"
#include "plant-rpc-registry.h"
#include "plant-rpc-server.h"
#include "plant-rpc-test-log.h"
#include "plant-rpc-test-peer.h"

typedef struct {
  PlantRpcRegistry *registry;
  PlantRpcServer   *server;
  const char       *url; /* of the registry */
} Fixture;

static PlantRpcServer *
start_server (const char *url)
{
  PlantRpcServer *server = plant_rpc_server_new (NULL, url);
  g_autoptr (GError) error = NULL;

  plant_rpc_server_set_alive_timeout (server, 1);
  g_assert_true (plant_rpc_server_start (server, &error));
  g_assert_no_error (error);
  return server;
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  self->registry = plant_rpc_registry_new ("tcp://127.0.0.1:*");
  g_assert_true (plant_rpc_registry_start (self->registry, &error));
  self->url = plant_rpc_registry_get_url (self->registry);
  self->server = start_server ("tcp://127.0.0.1:*");
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  if (self->server != NULL)
    g_assert_finalize_object (self->server);
  if (self->registry != NULL)
    g_assert_finalize_object (self->registry);
}

static guint
count (Fixture *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->registry));
}

static PlantRpcDevice *
find (Fixture    *self,
      const char *name)
{
  return plant_rpc_registry_find_device (self->registry, name);
}

static void
enter (Fixture    *self,
       const char *name,
       const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *accepted = plant_rpc_server_register_to_registry_sync (
      self->server, "camera", name, self->url, FALSE, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (accepted, ==, expected);
  g_assert_cmpstr (plant_rpc_server_get_name (self->server), ==, expected);
  g_assert_true (plant_rpc_server_get_registered (self->server));
  test_wait_until (find (self, expected) != NULL);
}

static void
test_sync (Fixture       *self,
           gconstpointer  data)
{
  g_autofree char *instance = g_strdup (plant_rpc_server_get_uuid (self->server));
  g_autoptr (GError) error = NULL;
  PlantRpcDevice *device;

  enter (self, "cam", "cam");
  device = find (self, "cam");
  g_assert_cmpstr (plant_rpc_device_get_url (device), ==,
                   plant_rpc_server_get_url (self->server));
  g_assert_cmpstr (plant_rpc_device_get_device_type (device), ==, "camera");
  g_assert_cmpstr (plant_rpc_device_get_uuid (device), ==,
                   plant_rpc_server_get_uuid (self->server));
  g_assert_cmpstr (plant_rpc_server_get_uuid (self->server), !=, instance);

  g_assert_true (plant_rpc_server_unregister_sync (self->server, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (plant_rpc_server_get_registered (self->server));
  g_assert_cmpstr (plant_rpc_server_get_name (self->server), ==, "");
  g_assert_cmpstr (plant_rpc_server_get_uuid (self->server), ==, instance);
  test_wait_until (count (self) == 0);
  g_assert_false (plant_rpc_server_unregister_sync (self->server, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static void
keep_result (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
test_async (Fixture       *self,
            gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL, gone = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;

  plant_rpc_server_register_to_registry (self->server, "lamp", NULL, self->url, TRUE, cancellable,
                                         keep_result, &result);
  test_wait_until (result != NULL);
  name = plant_rpc_server_register_to_registry_finish (self->server, result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (name, ==, "lamp-0");
  test_wait_until (count (self) == 1);
  /* What has been done cannot be cancelled any more. */
  g_cancellable_cancel (cancellable);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_true (plant_rpc_server_get_registered (self->server));
  plant_rpc_server_unregister (self->server, NULL, keep_result, &gone);
  test_wait_until (gone != NULL);
  g_assert_true (plant_rpc_server_unregister_finish (self->server, gone, &error));
  test_wait_until (count (self) == 0);
}

static void
test_failures (Fixture       *self,
               gconstpointer  data)
{
  g_autoptr (PlantRpcServer) idle = plant_rpc_server_new (NULL, "tcp://127.0.0.1:*");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (plant_rpc_server_register_to_registry_sync (idle, "camera", "c", self->url, FALSE,
                                                             NULL, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_null (plant_rpc_server_register_to_registry_sync (self->server, "camera", "c",
                                                             "nonsense", FALSE, NULL, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL);
  g_clear_error (&error);

  /* Nobody is there. */
  plant_rpc_server_register_to_registry (self->server, "camera", "c", "tcp://127.0.0.1:1", FALSE,
                                         cancellable, keep_result, &result);
  g_assert_null (result);
  g_cancellable_cancel (cancellable);
  test_wait_until (result != NULL);
  g_assert_null (plant_rpc_server_register_to_registry_finish (self->server, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_object (&result);
  g_clear_error (&error);
  /* A cancelled registration does not go on in the background. */
  g_assert_false (plant_rpc_server_unregister_sync (self->server, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);

  plant_rpc_server_register_to_registry (self->server, "camera", "c", "tcp://127.0.0.1:1", FALSE,
                                         NULL, keep_result, &result);
  plant_rpc_server_stop (self->server);
  test_wait_until (result != NULL);
  g_assert_null (plant_rpc_server_register_to_registry_finish (self->server, result, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED);
}

static void
test_wildcard (Fixture       *self,
               gconstpointer  data)
{
  g_autoptr (PlantRpcServer) server = start_server ("tcp://*:*");
  g_autoptr (GError) error = NULL;
  g_autofree char *expected =
      g_strdup_printf ("tcp://127.0.0.1:%u", plant_rpc_server_get_port (server));
  g_autofree char *name = plant_rpc_server_register_to_registry_sync (
      server, "camera", "everywhere", self->url, FALSE, NULL, &error);

  g_assert_no_error (error);
  test_wait_until (find (self, name) != NULL);
  g_assert_cmpstr (plant_rpc_device_get_url (find (self, name)), ==, expected);
}

static void
test_overwrite (Fixture       *self,
                gconstpointer  data)
{
  g_autoptr (PlantRpcServer) other = start_server ("tcp://127.0.0.1:*");
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;

  enter (self, "cam", "cam");
  name = plant_rpc_server_register_to_registry_sync (other, "camera", "cam", self->url, TRUE, NULL,
                                                     &error);
  g_assert_cmpstr (name, ==, "cam");
  /* The former finds out, and comes back under another name. */
  test_wait_until (g_str_equal (plant_rpc_server_get_name (self->server), "cam-1"));
  test_wait_until (find (self, "cam-1") != NULL && find (self, "cam") != NULL);
  g_assert_cmpuint (count (self), ==, 2);
}

static void
test_registry_restart (Fixture       *self,
                       gconstpointer  data)
{
  g_autofree char *url = g_strdup (self->url);

  enter (self, "cam", "cam");
  g_clear_object (&self->registry);
  self->registry = plant_rpc_registry_new (url);
  test_wait_until (plant_rpc_registry_start (self->registry, NULL));
  test_wait_until (find (self, "cam") != NULL);
  test_wait_until (plant_rpc_server_get_registered (self->server) &&
                   g_str_equal (plant_rpc_server_get_uuid (self->server),
                                plant_rpc_device_get_uuid (find (self, "cam"))));
  g_assert_cmpuint (count (self), ==, 1);
}

static void
test_registry_later (Fixture       *self,
                     gconstpointer  data)
{
  g_autofree char *url = g_strdup (self->url);
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *name = NULL;

  g_clear_object (&self->registry);
  plant_rpc_server_register_to_registry (self->server, "camera", "cam", url, TRUE, NULL,
                                         keep_result, &result);
  self->registry = plant_rpc_registry_new (url);
  test_wait_until (plant_rpc_registry_start (self->registry, NULL));
  test_wait_until (result != NULL);
  name = plant_rpc_server_register_to_registry_finish (self->server, result, NULL);
  g_assert_cmpstr (name, ==, "cam");
}

static void
test_stop (Fixture       *self,
           gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  enter (self, "cam", "cam");
  plant_rpc_server_stop (self->server);
  g_assert_false (plant_rpc_server_get_registered (self->server));
  test_wait_until (count (self) == 0);

  g_assert_true (plant_rpc_server_start (self->server, &error));
  enter (self, "cam", "cam");
  g_assert_finalize_object (g_steal_pointer (&self->server));
  test_wait_until (count (self) == 0);
}

static void
test_stop_server (Fixture       *self,
                  gconstpointer  data)
{
  g_autoptr (TestPeer) peer = NULL;

  plant_rpc_server_set_allow_stop (self->server, TRUE);
  enter (self, "cam", "cam");
  peer = test_peer_new (ZMQ_DEALER, plant_rpc_server_get_url (self->server));
  test_peer_assert_reply (peer, "{\"event\":\"STOP_SERVER\"}", "{'success': <true>}");
  test_wait_until (count (self) == 0);
}

static gboolean
raise_signal (gpointer number)
{
  raise (GPOINTER_TO_INT (number));
  return G_SOURCE_REMOVE;
}

static void
test_signals (Fixture       *self,
              gconstpointer  data)
{
  static const int numbers[] = { SIGTERM, SIGINT };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      test_wait_until (plant_rpc_server_start (self->server, NULL));
      enter (self, "cam", "cam");
      g_idle_add (raise_signal, GINT_TO_POINTER (numbers[i]));
      g_assert_true (plant_rpc_server_serve_forever (self->server, &error));
      g_assert_false (plant_rpc_server_get_running (self->server));
      test_wait_until (count (self) == 0);
    }
}

/* ---- heartbeats, as a registry hears them */

typedef struct {
  void    *socket; /* (owned): ROUTER */
  GThread *thread;
  GMutex   mutex;
  GCond    cond;
  guint    n_beats;     /* (mutex mutex) */
  guint    n_seconds;   /* (mutex mutex): beats that tell a second as the timeout */
  guint    n_forgotten; /* (mutex mutex): beats to answer with no success */
  guint    n_registers; /* (mutex mutex) */
  guint    n_withdrawn; /* (mutex mutex) */
  gboolean done;        /* (mutex mutex) */
} Listener;

static const char *
answer (Listener   *self,
        const char *request)
{
  const char *reply = "{\"event\":\"ACK\",\"payload\":{\"success\":true}}";

  g_mutex_lock (&self->mutex);
  if (strstr (request, "\"REGISTER\"") != NULL)
    {
      self->n_registers++;
      reply = "{\"event\":\"REGISTER_ACK\",\"payload\":{\"name\":\"cam\",\"uuid\":\"1\"}}";
    }
  else if (strstr (request, "\"UNREGISTER\"") != NULL)
    {
      self->n_withdrawn++;
    }
  else if (strstr (request, "CHECK_ALIVE") != NULL)
    {
      self->n_beats++;
      self->n_seconds += strstr (request, "\"alive_timeout\":1}") != NULL;
      if (self->n_forgotten > 0)
        {
          self->n_forgotten--;
          reply = "{\"event\":\"ACK\",\"payload\":{\"success\":false}}";
        }
    }
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->mutex);
  return reply;
}

static gboolean
is_done (Listener *self)
{
  gboolean done;

  g_mutex_lock (&self->mutex);
  done = self->done;
  g_mutex_unlock (&self->mutex);
  return done;
}

static gpointer
listen_to_beats (gpointer data)
{
  Listener *self = data;

  while (!is_done (self))
    {
      char request[1024] = "";
      int n = zmq_recv (self->socket, request, sizeof request - 1, 0);
      const char *reply;

      if (n <= 0)
        continue;
      reply = answer (self, request);
      zmq_send (self->socket, reply, strlen (reply), 0);
    }
  return NULL;
}

static char *
listener_start (Listener *self,
                void     *context)
{
  char url[256];
  gsize size = sizeof url;
  int wait = 50;

  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
  self->socket = zmq_socket (context, ZMQ_REP);
  zmq_setsockopt (self->socket, ZMQ_RCVTIMEO, &wait, sizeof wait);
  g_assert_cmpint (zmq_bind (self->socket, "tcp://127.0.0.1:*"), ==, 0);
  zmq_getsockopt (self->socket, ZMQ_LAST_ENDPOINT, url, &size);
  self->thread = g_thread_new ("listener", listen_to_beats, self);
  return g_strdup (url);
}

static void
listener_stop (Listener *self)
{
  g_mutex_lock (&self->mutex);
  self->done = TRUE;
  g_mutex_unlock (&self->mutex);
  g_thread_join (self->thread);
  zmq_close (self->socket);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
}

/* Blocks the context that the server lives in. */
static void
wait_for (Listener *self,
          guint    *value,
          guint     expected)
{
  gint64 end = g_get_monotonic_time () + TEST_DEADLINE_S * G_USEC_PER_SEC;

  g_mutex_lock (&self->mutex);
  while (*value < expected)
    g_assert_true (g_cond_wait_until (&self->cond, &self->mutex, end));
  g_mutex_unlock (&self->mutex);
}

static void
test_busy (Fixture       *self,
           gconstpointer  data)
{
  void *context = zmq_ctx_new ();
  Listener listener = { 0 };
  g_autofree char *url = listener_start (&listener, context);
  g_autofree char *name = plant_rpc_server_register_to_registry_sync (
      self->server, "camera", "cam", url, FALSE, NULL, NULL);

  g_assert_cmpstr (name, ==, "cam");
  /* Three a second at least, for three times the second after which it would be forgotten. */
  wait_for (&listener, &listener.n_beats, 12);
  g_mutex_lock (&listener.mutex);
  g_assert_cmpuint (listener.n_seconds, ==, listener.n_beats);
  g_mutex_unlock (&listener.mutex);
  g_assert_cmpuint (listener.n_registers, ==, 1);

  /* Forgotten, it comes back while its context is blocked. */
  g_mutex_lock (&listener.mutex);
  listener.n_forgotten = 1;
  g_mutex_unlock (&listener.mutex);
  wait_for (&listener, &listener.n_registers, 2);
  plant_rpc_server_stop (self->server);
  listener_stop (&listener);
  zmq_ctx_term (context);
}

/* A second registration withdraws the first one, since two would replace each other for ever. */
static void
test_twice (Fixture       *self,
            gconstpointer  data)
{
  void *context = zmq_ctx_new ();
  Listener listener = { 0 };
  g_autofree char *url = listener_start (&listener, context);
  g_autofree char *first = plant_rpc_server_register_to_registry_sync (
      self->server, "camera", "cam", url, FALSE, NULL, NULL);
  g_autofree char *second = plant_rpc_server_register_to_registry_sync (
      self->server, "camera", "cam", url, FALSE, NULL, NULL);

  g_assert_cmpstr (first, ==, "cam");
  g_assert_cmpstr (second, ==, "cam");
  wait_for (&listener, &listener.n_withdrawn, 1);
  wait_for (&listener, &listener.n_beats, 3);
  g_mutex_lock (&listener.mutex);
  g_assert_cmpuint (listener.n_registers, ==, 2);
  g_assert_cmpuint (listener.n_withdrawn, ==, 1);
  g_mutex_unlock (&listener.mutex);
  plant_rpc_server_stop (self->server);
  listener_stop (&listener);
  zmq_ctx_term (context);
}

/* A registry that reads requests and never answers. */
typedef struct {
  void         *socket; /* (owned): REP */
  GCancellable *cancellable;
} Silence;

static gpointer
cancel_once_asked (gpointer data)
{
  Silence *silence = data;
  char request[1024];

  g_assert_cmpint (zmq_recv (silence->socket, request, sizeof request, 0), >, 0);
  g_cancellable_cancel (silence->cancellable);
  return NULL;
}

/* Without an answer the registration fails after 15 s. Cancelling must end the wait before that. */
#define NOT_WAITED_S 10

static void
test_sync_cancelled (Fixture       *self,
                     gconstpointer  data)
{
  void *context = zmq_ctx_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Silence silence = { zmq_socket (context, ZMQ_REP), cancellable };
  const gint64 begin = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;
  char url[256];
  gsize size = sizeof url;
  GThread *thread;

  g_assert_cmpint (zmq_bind (silence.socket, "tcp://127.0.0.1:*"), ==, 0);
  zmq_getsockopt (silence.socket, ZMQ_LAST_ENDPOINT, url, &size);
  thread = g_thread_new ("cancel", cancel_once_asked, &silence);
  g_assert_null (plant_rpc_server_register_to_registry_sync (
      self->server, "camera", "c", url, FALSE, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, NOT_WAITED_S * G_USEC_PER_SEC);
  g_thread_join (thread);
  g_clear_error (&error);
  g_assert_false (plant_rpc_server_unregister_sync (self->server, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  zmq_close (silence.socket);
  zmq_ctx_term (context);
}

static void
test_exit_without_registry (Fixture       *self,
                            gconstpointer  data)
{
  g_autoptr (PlantRpcServer) staying = start_server ("tcp://127.0.0.1:*");
  g_autofree char *uuid = g_strdup (plant_rpc_server_get_uuid (staying));
  g_autofree char *name = NULL;

  enter (self, "cam", "cam");
  name = plant_rpc_server_register_to_registry_sync (staying, "camera", "stays", self->url, FALSE,
                                                     NULL, NULL);
  plant_rpc_server_set_exit_without_registry (self->server, TRUE);
  g_clear_object (&self->registry);
  test_wait_until (!plant_rpc_server_get_running (self->server));
  test_wait_until (!plant_rpc_server_get_registered (staying));
  g_assert_true (plant_rpc_server_get_running (staying));
  g_assert_cmpstr (plant_rpc_server_get_name (staying), ==, "stays");
  g_assert_cmpstr (plant_rpc_server_get_uuid (staying), ==, uuid);
}

/* What the handler of notify::registered does, once. */
typedef struct {
  Fixture      *fixture;
  gboolean      when;   /* the value of the property at which it acts */
  gboolean      stops;  /* TRUE: it stops the server; FALSE: it registers it as “nested” */
  gboolean      done;
  GAsyncResult *result; /* (owned) (nullable): of its registration */
} Handler;

static void
on_registered (PlantRpcServer *server,
               GParamSpec     *pspec,
               Handler        *self)
{
  if (self->done || plant_rpc_server_get_registered (server) != self->when)
    return;
  self->done = TRUE;
  if (self->stops)
    plant_rpc_server_stop (server);
  else
    plant_rpc_server_register_to_registry (server, "camera", "nested", self->fixture->url, FALSE,
                                           NULL, keep_result, &self->result);
}

/* The latest registration counts, also if a handler makes it. */
static void
test_registers_in_handler (Fixture       *self,
                           gconstpointer  data)
{
  for (guint i = 0; i < 2; i++)
    {
      Handler handler = { .fixture = self, .when = i == 1 };
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *first = NULL, *nested = NULL;

      if (!handler.when)
        enter (self, "former", "former");
      g_signal_connect (self->server, "notify::registered", G_CALLBACK (on_registered), &handler);
      plant_rpc_server_register_to_registry (self->server, "camera", "first", self->url, FALSE,
                                             NULL, keep_result, &result);
      test_wait_until (result != NULL && handler.result != NULL);
      first = plant_rpc_server_register_to_registry_finish (self->server, result, &error);
      if (handler.when)
        g_assert_cmpstr (first, ==, "first");
      else
        g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED);
      g_clear_error (&error);
      nested = plant_rpc_server_register_to_registry_finish (self->server, handler.result, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (nested, ==, "nested");
      g_assert_cmpstr (plant_rpc_server_get_name (self->server), ==, "nested");
      test_wait_until (count (self) == 1 && find (self, "nested") != NULL);
      g_signal_handlers_disconnect_by_data (self->server, &handler);
      g_object_unref (handler.result);
      g_assert_true (plant_rpc_server_unregister_sync (self->server, NULL, &error));
      g_assert_cmpstr (plant_rpc_server_get_name (self->server), ==, "");
      test_wait_until (count (self) == 0);
    }
}

/* A server that a handler stops is not registered. */
static void
test_stops_in_handler (Fixture       *self,
                       gconstpointer  data)
{
  Handler handler = { .fixture = self, .stops = TRUE };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  enter (self, "former", "former");
  g_signal_connect (self->server, "notify::registered", G_CALLBACK (on_registered), &handler);
  plant_rpc_server_register_to_registry (self->server, "camera", "first", self->url, FALSE, NULL,
                                         keep_result, &result);
  test_wait_until (result != NULL);
  g_assert_null (plant_rpc_server_register_to_registry_finish (self->server, result, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED);
  g_assert_false (plant_rpc_server_get_running (self->server));
  g_assert_false (plant_rpc_server_get_registered (self->server));
  test_wait_until (count (self) == 0);
}

/* A registration ends when it is cancelled, even if the cancellable is used again. */
static void
test_cancelled_and_reset (Fixture       *self,
                          gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  plant_rpc_server_register_to_registry (self->server, "camera", "cam", "tcp://127.0.0.1:1", FALSE,
                                         cancellable, keep_result, &result);
  g_cancellable_cancel (cancellable);
  g_cancellable_reset (cancellable);
  test_wait_until (result != NULL);
  g_assert_null (plant_rpc_server_register_to_registry_finish (self->server, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) \
  g_test_add ("/server-registration/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("sync", test_sync);
  ADD ("async", test_async);
  ADD ("failures", test_failures);
  ADD ("sync-cancelled", test_sync_cancelled);
  ADD ("wildcard", test_wildcard);
  ADD ("overwrite", test_overwrite);
  ADD ("registry-restart", test_registry_restart);
  ADD ("registry-later", test_registry_later);
  ADD ("stop", test_stop);
  ADD ("stop-server", test_stop_server);
  ADD ("signals", test_signals);
  ADD ("busy", test_busy);
  ADD ("twice", test_twice);
  ADD ("exit-without-registry", test_exit_without_registry);
  ADD ("registers-in-handler", test_registers_in_handler);
  ADD ("stops-in-handler", test_stops_in_handler);
  ADD ("cancelled-and-reset", test_cancelled_and_reset);
  return g_test_run ();
}
