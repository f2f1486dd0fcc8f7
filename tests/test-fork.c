/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devices/gauge.h"
#include "plant-rpc-client.h"
#include "plant-rpc-error.h"
#include "plant-rpc-registry-client.h"
#include "plant-rpc-registry.h"
#include "plant-rpc-test-stand.h"
#include "plant-rpc-test-wait.h"

/* What a process uses that was forked from one with clients, servers and a registry. */

typedef struct {
  TestStand               stand;
  PlantRpcRegistry       *registry;
  PlantRpcServer         *unstarted;
  GMainLoop              *loop;
  GThread                *looping;
  PlantRpcClient         *client;
  PlantRpcRegistryClient *list;  /* (nullable) */
  pid_t                   child;
} Fixture;

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
  g_thread_join (self->looping);
  g_clear_pointer (&self->loop, g_main_loop_unref);
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  test_stand_set_up (&self->stand, NULL);
  self->registry = plant_rpc_registry_new ("tcp://127.0.0.1:*");
  g_assert_true (plant_rpc_registry_start (self->registry, &error));
  self->unstarted = plant_rpc_server_new (G_OBJECT (self->stand.gauge), "tcp://127.0.0.1:*");
  start_loop (self);
  self->client = plant_rpc_client_discover_sync (plant_rpc_server_get_url (self->stand.server),
                                                 TEST_WAIT_S * 1000, NULL, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  stop_loop (self);
  g_assert_finalize_object (self->client);
  g_assert_finalize_object (self->registry);
  g_assert_finalize_object (self->unstarted);
  test_stand_tear_down (&self->stand, NULL);
}

static void
check_call (PlantRpcClient *client)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) result = plant_rpc_client_call_sync (
      client, "echo", g_variant_new ("(i)", 3), NULL, TEST_WAIT_S * 1000, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (g_variant_get_int32 (result), ==, 3);
}

/* Runs BODY in a child. A child that hangs ends by an alarm. No thread may run the default main
 * context during the fork, since it would be its owner in the child, too. */
static void
in_child (Fixture  *self,
          void    (*body) (Fixture *self))
{
  pid_t pid;
  int status = -1;

  stop_loop (self);
  pid = fork ();
  if (pid == 0)
    {
      alarm (TEST_WAIT_S);
      body (self);
      _exit (0);
    }
  start_loop (self);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
  check_call (self->client);
}

static void
check_error (gboolean   success,
             GError   **error)
{
  g_assert_false (success);
  g_assert_error (*error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED);
  g_assert_nonnull (strstr ((*error)->message, "forked"));
  g_clear_error (error);
}

static void
on_ended (GObject      *client,
          GAsyncResult *result,
          gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

/* Each function says at once that the object is the parent's. */
static void
use_client (Fixture *self)
{
  PlantRpcClient *client = self->client;
  GVariant *value;
  GAsyncResult *result = NULL;
  GError *error = NULL;

  value = plant_rpc_client_call_sync (client, "echo", NULL, NULL, -1, NULL, &error);
  check_error (value != NULL, &error);
  value = plant_rpc_client_read_property_sync (client, "level", NULL, &error);
  check_error (value != NULL, &error);
  check_error (plant_rpc_client_write_property_sync (client, "level", g_variant_new_int32 (5), NULL,
                                                     &error),
               &error);
  check_error (plant_rpc_client_wait_ready_sync (client, -1, NULL, &error), &error);
  check_error (plant_rpc_client_refresh_sync (client, NULL, &error), &error);
  check_error (plant_rpc_client_flush_sync (client, NULL, &error), &error);
  plant_rpc_client_call (client, "echo", NULL, NULL, -1, NULL, on_ended, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  value = plant_rpc_client_call_finish (client, result, &error);
  check_error (value != NULL, &error);
  plant_rpc_client_close (client);
  g_object_unref (client);
}

static void
test_client (Fixture       *self,
             gconstpointer  data)
{
  in_child (self, use_client);
}

static void
use_servers (Fixture *self)
{
  GError *error = NULL;

  check_error (plant_rpc_server_start (self->stand.server, &error), &error);
  check_error (plant_rpc_server_serve_forever (self->stand.server, &error), &error);
  check_error (plant_rpc_registry_start (self->registry, &error), &error);
  plant_rpc_server_stop (self->stand.server);
  plant_rpc_registry_stop (self->registry);
  g_object_unref (self->registry);
  g_object_unref (self->stand.server);
}

static void
test_servers (Fixture       *self,
              gconstpointer  data)
{
  in_child (self, use_servers);
}

/* ---- registrations */

static void
enter (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = plant_rpc_server_register_to_registry_sync (
      self->stand.server, "gauge", "parent", plant_rpc_registry_get_url (self->registry), TRUE,
      NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (name, ==, "parent");
}

static void
check_entered (Fixture *self)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (self->registry)), ==, 1);
  g_assert_nonnull (plant_rpc_registry_find_device (self->registry, "parent"));
  g_assert_true (plant_rpc_server_unregister_sync (self->stand.server, NULL, &error));
  g_assert_no_error (error);
}

static GAsyncResult *
wait_for_result (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return g_steal_pointer (result);
}

static void
use_registration (Fixture *self)
{
  PlantRpcServer *server = self->stand.server;
  const char *url = plant_rpc_registry_get_url (self->registry);
  GAsyncResult *result = NULL;
  GError *error = NULL;
  char *name;

  check_error (plant_rpc_server_unregister_sync (server, NULL, &error), &error);
  plant_rpc_server_unregister (server, NULL, on_ended, &result);
  check_error (plant_rpc_server_unregister_finish (server, wait_for_result (&result), &error),
               &error);
  name = plant_rpc_server_register_to_registry_sync (server, "gauge", "child", url, TRUE, NULL,
                                                     &error);
  check_error (name != NULL, &error);
  plant_rpc_server_register_to_registry (server, "gauge", "child", url, TRUE, NULL, on_ended,
                                         &result);
  name = plant_rpc_server_register_to_registry_finish (server, wait_for_result (&result), &error);
  check_error (name != NULL, &error);
  plant_rpc_server_stop (server);
}

static void
test_registered (Fixture       *self,
                 gconstpointer  data)
{
  enter (self);
  in_child (self, use_registration);
  check_entered (self);
}

static void
test_unregistered (Fixture       *self,
                   gconstpointer  data)
{
  in_child (self, use_registration);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (self->registry)), ==, 0);
}

static void
use_list (Fixture *self)
{
  PlantRpcRegistryClient *list = self->list;
  GError *error = g_error_copy (plant_rpc_registry_client_get_last_error (list));

  check_error (FALSE, &error);
  g_assert_cmpint (plant_rpc_registry_client_get_state (list), ==, PLANT_RPC_STATE_CLOSED);
  g_object_get (list, "last-error", &error, NULL);
  check_error (FALSE, &error);
  g_object_unref (list);
}

static void
test_list (Fixture       *self,
           gconstpointer  data)
{
  self->list = plant_rpc_registry_client_new (plant_rpc_registry_get_url (self->registry));
  test_wait_for (plant_rpc_registry_client_get_state (self->list) == PLANT_RPC_STATE_READY);
  in_child (self, use_list);
  g_assert_null (plant_rpc_registry_client_get_last_error (self->list));
  g_assert_cmpint (plant_rpc_registry_client_get_state (self->list), ==, PLANT_RPC_STATE_READY);
  stop_loop (self);
  g_assert_finalize_object (self->list);
  start_loop (self);
}

/* ---- forks by what the loop calls */

static gpointer
call_and_stop (gpointer data)
{
  Fixture *self = data;

  check_call (self->client);
  plant_rpc_server_stop (self->stand.server);
  return NULL;
}

static gboolean
fork_and_go_on (gpointer data)
{
  Fixture *self = data;

  self->child = fork ();
  if (self->child == 0)
    alarm (TEST_WAIT_S);
  else
    self->looping = g_thread_new ("caller", call_and_stop, self);
  return G_SOURCE_REMOVE;
}

/* The child comes back from serve_forever() with an error, and the parent goes on serving. */
static void
test_served (Fixture       *self,
             gconstpointer  data)
{
  GError *error = NULL;
  gboolean stopped;
  int status = -1;

  stop_loop (self);
  g_idle_add (fork_and_go_on, self);
  stopped = plant_rpc_server_serve_forever (self->stand.server, &error);
  if (self->child == 0)
    {
      check_error (stopped, &error);
      check_error (plant_rpc_server_serve_forever (self->stand.server, &error), &error);
      _exit (0);
    }
  g_assert_no_error (error);
  g_assert_true (stopped);
  g_thread_join (self->looping);
  g_assert_cmpint (waitpid (self->child, &status, 0), ==, self->child);
  g_assert_cmpint (status, ==, 0);
  start_loop (self);
}

/* A server that was made before the fork and started after it works, and so do new objects. */
static void
use_others (Fixture *self)
{
  g_autoptr (PlantRpcClient) other = NULL;
  g_autoptr (PlantRpcClient) own = NULL;
  g_autoptr (GError) error = NULL;

  other = plant_rpc_client_discover_sync (plant_rpc_server_get_url (self->stand.server),
                                          TEST_WAIT_S * 1000, NULL, &error);
  g_assert_no_error (error);
  check_call (other);
  g_assert_true (plant_rpc_server_start (self->unstarted, &error));
  start_loop (self);
  own = plant_rpc_client_discover_sync (plant_rpc_server_get_url (self->unstarted),
                                        TEST_WAIT_S * 1000, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (plant_rpc_client_is_ready (own));
  plant_rpc_server_stop (self->unstarted);
}

static void
test_others (Fixture       *self,
             gconstpointer  data)
{
  in_child (self, use_others);
}

/* The loop of a child sleeps, although the parent's sockets are busy. */
static gboolean
set_flag (gpointer flag)
{
  *(gboolean *) flag = TRUE;
  return G_SOURCE_REMOVE;
}

static void
iterate (Fixture *self)
{
  gboolean over = FALSE;
  guint n_turns = 0;

  g_timeout_add (300, set_flag, &over);
  while (!over && n_turns++ < 1000)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (over);
}

static void
test_loop (Fixture       *self,
           gconstpointer  data)
{
  in_child (self, iterate);
}

#define ADD(name, function) g_test_add ("/fork/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("client", test_client);
  ADD ("servers", test_servers);
  ADD ("registered", test_registered);
  ADD ("unregistered", test_unregistered);
  ADD ("list", test_list);
  ADD ("served", test_served);
  ADD ("others", test_others);
  ADD ("loop", test_loop);
  return g_test_run ();
}
