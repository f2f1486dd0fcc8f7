/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <zmq.h>

#include "devices/gauge.h"
#include "plant-rpc-client.h"
#include "plant-rpc-error.h"
#include "plant-rpc-registry-client.h"
#include "plant-rpc-registry.h"
#include "plant-rpc-server.h"
#include "plant-rpc-test-wait.h"

/* Objects that are used from other threads than the one that runs their main loop. The calls into
 * libzmq are watched: no socket may ever be used by two threads at once. */

/* ---- who uses which socket */

static GMutex lock;
static GHashTable *used; /* (mutex lock) */

static void
begin_use (void *socket)
{
  g_mutex_lock (&lock);
  if (used == NULL)
    used = g_hash_table_new (NULL, NULL);
  g_assert_true (g_hash_table_add (used, socket));
  g_mutex_unlock (&lock);
}

static void
end_use (void *socket)
{
  g_mutex_lock (&lock);
  g_assert_true (g_hash_table_remove (used, socket));
  g_mutex_unlock (&lock);
}

#define WATCH(name, parameters, arguments)  \
  int __real_##name parameters;             \
  int __wrap_##name parameters;             \
  int __wrap_##name parameters              \
  {                                         \
    int result;                             \
                                            \
    begin_use (socket);                     \
    result = __real_##name arguments;       \
    end_use (socket);                       \
    return result;                          \
  }

WATCH (zmq_send, (void *socket, const void *data, size_t size, int flags),
       (socket, data, size, flags))
WATCH (zmq_msg_send, (zmq_msg_t *message, void *socket, int flags), (message, socket, flags))
WATCH (zmq_msg_recv, (zmq_msg_t *message, void *socket, int flags), (message, socket, flags))
WATCH (zmq_getsockopt, (void *socket, int option, void *value, size_t *size),
       (socket, option, value, size))
WATCH (zmq_connect, (void *socket, const char *url), (socket, url))
WATCH (zmq_close, (void *socket), (socket))

/* ---- a device, and a loop of the default main context in another thread */

typedef struct {
  TestGauge      *gauge;
  PlantRpcServer *server;
  GThread        *serving; /* serves in a context of its own */
  GMainLoop      *loop;
  GThread        *looping;
  gint            ready;   /* (atomic): the server runs */
  gint            n_heard; /* (atomic): handlers that have run */
} Fixture;

static void
echo (PlantRpcInvocation  *invocation,
      gpointer             user_data,
      GError             **error)
{
  g_autoptr (GVariant) message = NULL;

  g_variant_get_child (plant_rpc_invocation_get_args (invocation), 0, "v", &message);
  plant_rpc_invocation_return_value (invocation, message);
}

/* Never answers while the device runs. */
static void
sleep_long (PlantRpcInvocation  *invocation,
            gpointer             user_data,
            GError             **error)
{
  g_object_set_data_full (user_data, "sleeping", g_object_ref (invocation), g_object_unref);
}

static void
make_server (Fixture *self)
{
  self->gauge = test_gauge_new ();
  self->server = plant_rpc_server_new (G_OBJECT (self->gauge), "tcp://127.0.0.1:*");
  plant_rpc_server_register_method_json (self->server, "echo", "message", 0,
                                         PLANT_RPC_METHOD_FLAGS_NONE, echo, NULL, NULL);
  plant_rpc_server_register_method_json (self->server, "sleep", "", 0, PLANT_RPC_METHOD_FLAGS_NONE,
                                         sleep_long, self->gauge, NULL);
}

static gpointer
serve (gpointer user_data)
{
  Fixture *self = user_data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GError) error = NULL;

  g_main_context_push_thread_default (context);
  make_server (self);
  g_assert_true (plant_rpc_server_start (self->server, &error));
  g_atomic_int_set (&self->ready, TRUE);
  g_assert_true (plant_rpc_server_serve_forever (self->server, &error));
  g_main_context_pop_thread_default (context);
  return NULL;
}

static gpointer
run_loop (gpointer loop)
{
  g_main_loop_run (loop);
  return NULL;
}

static void
start_loop (Fixture *self)
{
  self->loop = g_main_loop_new (NULL, FALSE);
  self->looping = g_thread_new ("loop", run_loop, self->loop);
  test_wait_for (g_main_loop_is_running (self->loop));
}

static gboolean
quit (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

static void
stop_loop (Fixture *self)
{
  g_idle_add (quit, self->loop);
  g_thread_join (g_steal_pointer (&self->looping));
  g_clear_pointer (&self->loop, g_main_loop_unref);
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  self->serving = g_thread_new ("device", serve, self);
  test_wait_for (g_atomic_int_get (&self->ready));
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  /* From another thread, it ends serve_forever(). */
  plant_rpc_server_stop (self->server);
  g_thread_join (self->serving);
  g_object_set_data (G_OBJECT (self->gauge), "sleeping", NULL);
  g_assert_finalize_object (self->server);
  g_assert_finalize_object (self->gauge);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static PlantRpcClient *
discover (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  PlantRpcClient *client = plant_rpc_client_discover_sync (
      plant_rpc_server_get_url (self->server), TEST_WAIT_S * 1000, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (client);
  return client;
}

static void
call (PlantRpcClient *client,
      int             number)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) result = plant_rpc_client_call_sync (
      client, "echo", g_variant_new ("(i)", number), NULL, TEST_WAIT_S * 1000, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (g_variant_is_of_type (result, G_VARIANT_TYPE_INT32));
  g_assert_cmpint (g_variant_get_int32 (result), ==, number);
}

/* ---- a notebook: the loop runs in a thread, and this one calls */

static void
on_level (GObject    *client,
          GParamSpec *pspec,
          gpointer    user_data)
{
  Fixture *self = user_data;
  int level;

  g_assert_true (g_thread_self () == self->looping);
  g_object_get (client, "level", &level, NULL);
  g_atomic_int_inc (&self->n_heard);
}

static void
on_pinged (GObject  *client,
           gpointer  user_data)
{
  Fixture *self = user_data;

  g_assert_true (g_thread_self () == self->looping);
  g_atomic_int_inc (&self->n_heard);
}

static void
test_notebook (Fixture       *self,
               gconstpointer  data)
{
  g_autoptr (PlantRpcClient) client = NULL;
  g_autoptr (GError) error = NULL;
  int level;

  start_loop (self);
  client = discover (self);
  g_assert_false (plant_rpc_client_is_context_owner (client));
  g_signal_connect (client, "notify::level", G_CALLBACK (on_level), self);
  g_signal_connect (client, "pinged", G_CALLBACK (on_pinged), self);
  for (int i = 0; i < 100; i++)
    call (client, i);
  g_object_set (client, "level", 15, NULL);
  g_assert_true (plant_rpc_client_flush_sync (client, NULL, &error));
  g_assert_cmpint (test_gauge_get_level (self->gauge), ==, 15);
  test_wait_for (g_atomic_int_get (&self->n_heard) > 0);
  g_atomic_int_set (&self->n_heard, 0);
  /* The device itself changes, on this thread. */
  test_gauge_set_level (self->gauge, 40);
  test_gauge_ping (self->gauge);
  test_wait_for (g_atomic_int_get (&self->n_heard) >= 2);
  g_object_get (client, "level", &level, NULL);
  g_assert_cmpint (level, ==, 40);
  g_assert_true (plant_rpc_client_refresh_sync (client, NULL, &error));
  g_assert_true (plant_rpc_client_wait_ready_sync (client, 0, NULL, &error));
  plant_rpc_client_close (client);
  g_clear_object (&client);
  stop_loop (self);
}

/* ---- a window: this thread's loop runs, and a worker calls */

static gpointer
work (gpointer user_data)
{
  Fixture *self = user_data;
  g_autoptr (PlantRpcClient) client = discover (self);

  for (int i = 0; i < 100; i++)
    call (client, i);
  g_atomic_int_inc (&self->n_heard);
  g_main_context_wakeup (NULL);
  return NULL;
}

static void
test_window (Fixture       *self,
             gconstpointer  data)
{
  g_autoptr (GThread) worker = g_thread_ref (g_thread_new ("worker", work, self));

  while (g_atomic_int_get (&self->n_heard) == 0)
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (worker);
}

/* A handler of the loop waits for a thread that calls. */
static gboolean
wait_for_worker (gpointer user_data)
{
  g_thread_join (g_thread_new ("worker", work, user_data));
  return G_SOURCE_REMOVE;
}

static void
test_waiting_handler (Fixture       *self,
                      gconstpointer  data)
{
  g_idle_add (wait_for_worker, self);
  while (g_atomic_int_get (&self->n_heard) == 0)
    g_main_context_iteration (NULL, TRUE);
}

/* ---- threads without any loop */

static gpointer
call_often (gpointer client)
{
  for (int i = 0; i < 100; i++)
    call (client, i);
  return NULL;
}

static void
test_scripts (Fixture       *self,
              gconstpointer  data)
{
  g_autoptr (PlantRpcClient) client = discover (self);
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("script", call_often, client);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

/* A call of one thread does not hold up those of another. */
static gpointer
call_sleep (gpointer user_data)
{
  gpointer *arguments = user_data;
  GError *error = NULL;

  g_assert_null (plant_rpc_client_call_sync (arguments[0], "sleep", NULL, NULL,
                                             PLANT_RPC_TIMEOUT_NONE, arguments[1], &error));
  return error;
}

static gboolean
is_asleep (Fixture *self)
{
  return g_object_get_data (G_OBJECT (self->gauge), "sleeping") != NULL;
}

static void
check_long_call (Fixture *self)
{
  g_autoptr (PlantRpcClient) client = discover (self);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  gpointer arguments[] = { client, cancellable };
  GThread *thread = g_thread_new ("long call", call_sleep, arguments);
  g_autoptr (GError) error = NULL;

  test_wait_for (is_asleep (self));
  call (client, 1);
  g_cancellable_cancel (cancellable);
  error = g_thread_join (thread);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_long_call (Fixture       *self,
                gconstpointer  data)
{
  check_long_call (self);
}

static gboolean
stand_still (gpointer released)
{
  test_wait_for (g_atomic_int_get ((gint *) released));
  return G_SOURCE_REMOVE;
}

/* The loop stands still, and the call ends nevertheless. */
static void
test_still_loop (Fixture       *self,
                 gconstpointer  data)
{
  gint released = FALSE;

  start_loop (self);
  g_idle_add (stand_still, &released);
  check_long_call (self);
  g_atomic_int_set (&released, TRUE);
  stop_loop (self);
}

/* ---- asynchronous functions: the callback arrives in the caller's own context */

static void
on_called (GObject      *client,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value =
      plant_rpc_client_call_finish (PLANT_RPC_CLIENT (client), result, &error);

  g_assert_no_error (error);
  *(GThread **) user_data = g_thread_self ();
}

static void
test_callback (Fixture       *self,
               gconstpointer  data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (PlantRpcClient) client = NULL;
  GThread *told = NULL;

  start_loop (self);
  client = discover (self);
  g_main_context_push_thread_default (context);
  plant_rpc_client_call (client, "echo", g_variant_new ("(i)", 1), NULL, TEST_WAIT_S * 1000, NULL,
                         on_called, &told);
  while (told == NULL)
    g_main_context_iteration (context, TRUE);
  g_assert_true (told == g_thread_self ());
  g_main_context_pop_thread_default (context);
  g_clear_object (&client);
  stop_loop (self);
}

/* ---- the last reference */

static gpointer
drop (gpointer client)
{
  g_object_unref (client);
  return NULL;
}

static guint
count_descriptors (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
test_last_reference (Fixture       *self,
                     gconstpointer  data)
{
  guint n_descriptors = 0;

  start_loop (self);
  for (guint i = 0; i < 30; i++)
    {
      PlantRpcClient *client = discover (self);

      g_signal_connect (client, "notify::level", G_CALLBACK (on_level), self);
      test_gauge_set_level (self->gauge, 5 * (i % 10));
      g_thread_join (g_thread_new ("collector", drop, client));
      if (i == 5)
        n_descriptors = count_descriptors ();
    }
  test_wait_for (count_descriptors () <= n_descriptors);
  stop_loop (self);
}

/* ---- a server that this very thread would have to serve */

static void
check_would_block (const char *url,
                   gboolean    all)
{
  g_autoptr (PlantRpcClient) client = plant_rpc_client_new (url);
  g_autoptr (PlantRpcClient) found = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) error = NULL;

  found = plant_rpc_client_discover_sync (url, TEST_WAIT_S * 1000, NULL, &error);
  g_assert_null (found);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  g_assert_false (plant_rpc_error_may_have_run (error));
  g_clear_error (&error);
  if (!all)
    return;
  g_assert_false (plant_rpc_client_wait_ready_sync (client, -1, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  g_clear_error (&error);
  value = plant_rpc_client_call_sync (client, "echo", NULL, NULL, -1, NULL, &error);
  g_assert_null (value);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  g_clear_error (&error);
  g_assert_false (plant_rpc_client_write_property_sync (client, "level", g_variant_new_int32 (5),
                                                        NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
}

static gboolean
check_in_loop (gpointer url)
{
  check_would_block (url, TRUE);
  return G_SOURCE_REMOVE;
}

static void
test_same_thread (Fixture       *self,
                  gconstpointer  data)
{
  g_autoptr (PlantRpcServer) server = NULL;
  g_autoptr (PlantRpcClient) other = discover (self);
  g_autoptr (GError) error = NULL;

  server = plant_rpc_server_new (G_OBJECT (self->gauge), "tcp://127.0.0.1:*");
  g_assert_true (plant_rpc_server_start (server, &error));
  check_would_block (plant_rpc_server_get_url (server), FALSE);
  g_idle_add (check_in_loop, (gpointer) plant_rpc_server_get_url (server));
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  /* The server of another thread is none of these. */
  call (other, 1);
}

/* ---- a registry */

static void
test_registry (Fixture       *self,
               gconstpointer  data)
{
  g_autoptr (PlantRpcRegistry) registry = NULL;
  g_autoptr (PlantRpcRegistryClient) watcher = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;
  g_autoptr (PlantRpcClient) client = NULL;

  start_loop (self);
  registry = plant_rpc_registry_new ("tcp://127.0.0.1:*");
  g_assert_true (plant_rpc_registry_start (registry, &error));
  watcher = plant_rpc_registry_client_new (plant_rpc_registry_get_url (registry));
  name = plant_rpc_server_register_to_registry_sync (self->server, "gauge", "one",
                                                     plant_rpc_registry_get_url (registry), FALSE,
                                                     NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (name, ==, "one");
  test_wait_for (g_list_model_get_n_items (G_LIST_MODEL (registry)) == 1);
  test_wait_for (plant_rpc_registry_client_find_device (watcher, "one") != NULL);
  client = plant_rpc_client_discover_device_sync (plant_rpc_registry_get_url (registry), "one",
                                                  TEST_WAIT_S * 1000, NULL, &error);
  g_assert_no_error (error);
  call (client, 7);
  plant_rpc_registry_stop (registry);
  test_wait_for (g_list_model_get_n_items (G_LIST_MODEL (registry)) == 0);
  plant_rpc_registry_client_close (watcher);
  g_clear_object (&client);
  stop_loop (self);
}

/* ---- everything at once */

typedef struct {
  Fixture        *fixture;
  PlantRpcClient *client;
  guint32         seed;
} Strain;

static void
ignore (GObject      *client,
        GAsyncResult *result,
        gpointer      user_data)
{
}

static void
call_and_cancel (PlantRpcClient *client)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  plant_rpc_client_call (client, "sleep", NULL, NULL, 5000, cancellable, ignore, NULL);
  g_cancellable_cancel (cancellable);
}

static void
do_something (Strain *self,
              GRand  *rand)
{
  PlantRpcClient *client = self->client;
  g_autoptr (PlantRpcClient) other = NULL;
  g_autoptr (GVariant) value = NULL;
  int level;

  switch (g_rand_int_range (rand, 0, 9))
    {
    case 0:
      value = plant_rpc_client_read_property_sync (client, "level", NULL, NULL);
      break;
    case 1:
      plant_rpc_client_write_property_sync (client, "level", g_variant_new_int32 (20), NULL, NULL);
      break;
    case 2:
      g_object_set (client, "level", g_rand_int_range (rand, 0, 100), NULL);
      break;
    case 3:
      g_object_get (client, "level", &level, NULL);
      break;
    case 4:
      test_gauge_ping (self->fixture->gauge);
      break;
    case 5:
      call_and_cancel (client);
      break;
    case 6:
      other = plant_rpc_client_new (plant_rpc_server_get_url (self->fixture->server));
      plant_rpc_client_wait_ready_sync (other, TEST_WAIT_S * 1000, NULL, NULL);
      break;
    case 7:
      test_gauge_set_level (self->fixture->gauge, g_rand_int_range (rand, 0, 100));
      break;
    default:
      call (client, g_rand_int_range (rand, 0, 1000));
    }
}

static gpointer
strain (gpointer user_data)
{
  Strain *self = user_data;
  g_autoptr (GRand) rand = g_rand_new_with_seed (self->seed);

  for (guint i = 0; i < 150; i++)
    do_something (self, rand);
  return NULL;
}

static void
test_stress (Fixture       *self,
             gconstpointer  data)
{
  g_autoptr (PlantRpcClient) client = NULL;
  Strain strains[6];
  GThread *threads[G_N_ELEMENTS (strains)];

  start_loop (self);
  client = discover (self);
  g_signal_connect (client, "notify::level", G_CALLBACK (on_level), self);
  g_signal_connect (client, "pinged", G_CALLBACK (on_pinged), self);
  for (guint i = 0; i < G_N_ELEMENTS (strains); i++)
    {
      strains[i] = (Strain) { self, client, g_test_rand_int () };
      threads[i] = g_thread_new ("strain", strain, &strains[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (strains); i++)
    g_thread_join (threads[i]);
  g_signal_handlers_disconnect_by_data (client, self);
  g_clear_object (&client);
  stop_loop (self);
}

#define ADD(name, function) \
  g_test_add ("/threads/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("notebook", test_notebook);
  ADD ("window", test_window);
  ADD ("waiting-handler", test_waiting_handler);
  ADD ("scripts", test_scripts);
  ADD ("long-call", test_long_call);
  ADD ("still-loop", test_still_loop);
  ADD ("callback", test_callback);
  ADD ("last-reference", test_last_reference);
  ADD ("same-thread", test_same_thread);
  ADD ("registry", test_registry);
  ADD ("stress", test_stress);
  return g_test_run ();
}
