/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dlfcn.h>
#include <string.h>

#include "torture.h"

static const struct {
  const char  *name;
  TortureFunc  run;
} conversations[] = {
  { "native", torture_native },
  { "blocking", torture_blocking },
  { "restart", torture_restart },
  { "lane-unix", torture_lane_unix },
  { "lane-tcp", torture_lane_tcp },
  { "lane-ipc", torture_lane_ipc },
  { "lane-blocking", torture_lane_blocking },
  { "nobody", torture_nobody },
  { "file", torture_file },
  { "watchdog", torture_watchdog },
  { "keys", torture_keys },
  { "generation1", torture_generation1 },
  { "generation2", torture_generation2 },
  { "address", torture_address },
  { "old-device", torture_old_device },
  { "old-publisher", torture_old_publisher },
  { "registry", torture_registry },
  { "follow", torture_follow },
};

static gboolean
on_timeout (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

/* It wakes up at intervals, since some events are not sources of this context. */
void
torture_iterate (void)
{
  gboolean over = FALSE;
  guint id = g_timeout_add (2, on_timeout, &over);

  g_main_context_iteration (NULL, TRUE);
  if (!over)
    g_source_remove (id);
}

gboolean
torture_check (gboolean   good,
               GError   **error)
{
  if (good == (*error != NULL))
    g_error ("%s", good ? "There is a result and an error" : "There is neither result nor error");
  if (!good)
    {
      g_assert_true (g_utf8_validate ((*error)->message, -1, NULL));
      /* A failure that was injected has a more precise code. */
      g_assert_false (g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_FAILED));
      g_message ("%s", (*error)->message);
    }
  g_clear_error (error);
  return good;
}

void
torture_keep (GObject      *object,
              GAsyncResult *result,
              gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

/* ---- the device */

static void
handle_echo (PlantRpcInvocation  *invocation,
             gpointer             user_data,
             GError             **error)
{
  g_autoptr (GVariant) message = NULL;

  g_variant_get_child (plant_rpc_invocation_get_args (invocation), 0, "v", &message);
  plant_rpc_invocation_return_value (invocation, message);
}

static void
handle_shoot (PlantRpcInvocation  *invocation,
              gpointer             user_data,
              GError             **error)
{
  gsize size = 100000;
  g_autoptr (GBytes) picture = g_bytes_new_take (g_malloc0 (size), size);

  plant_rpc_invocation_return_buffer (invocation, picture, NULL);
}

PlantRpcServer *
torture_serve (TestGauge  *gauge,
               const char *url)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcServer) server =
    plant_rpc_server_new (G_OBJECT (gauge), url != NULL ? url : "tcp://127.0.0.1:*");

  plant_rpc_server_register_method_json (server, "echo", "message", 0, PLANT_RPC_METHOD_FLAGS_NONE,
                                         handle_echo, NULL, NULL);
  plant_rpc_server_register_method_json (server, "think", "message", 0,
                                         PLANT_RPC_METHOD_FLAGS_BLOCKING, handle_echo, NULL, NULL);
  plant_rpc_server_register_method_buffer (server, "shoot", "", 0, PLANT_RPC_METHOD_FLAGS_NONE,
                                           handle_shoot, NULL, NULL);
  return torture_check (plant_rpc_server_start (server, &error), &error)
           ? g_steal_pointer (&server)
           : NULL;
}

/* ---- a client after the failure */

const char *
torture_get_failed (void)
{
  const char *(*ask) (void) = (const char *(*) (void)) dlsym (RTLD_DEFAULT, "preload_get_failed");

  return ask != NULL ? ask () : NULL;
}

static gboolean
is_served (const char *url)
{
  g_autoptr (PlantRpcClient) client = plant_rpc_client_new (url);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) error = NULL;

  plant_rpc_client_call (client, "echo", g_variant_new_parsed ("[<5>]"), NULL, 5000, NULL,
                         torture_keep, &result);
  torture_expect (result != NULL);
  value = plant_rpc_client_call_finish (client, result, &error);
  plant_rpc_client_close (client);
  return torture_check (value != NULL, &error);
}

void
torture_check_served (const char *url)
{
  gboolean failed = torture_get_failed () != NULL;

  if (is_served (url))
    return;
  if (failed || torture_get_failed () == NULL)
    g_error ("A client that began after the failure was not served");
  if (!is_served (url))
    g_error ("The second client was not served either");
}

/* ---- plain sockets */

char *
torture_receive (void *socket)
{
  g_autoptr (GString) text = g_string_new (NULL);
  int more = 1;

  while (more)
    {
      zmq_msg_t frame;

      zmq_msg_init (&frame);
      if (zmq_msg_recv (&frame, socket, ZMQ_DONTWAIT) < 0)
        return NULL;
      g_string_truncate (text, 0);
      g_string_append_len (text, zmq_msg_data (&frame), zmq_msg_size (&frame));
      more = zmq_msg_more (&frame);
      zmq_msg_close (&frame);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

void
torture_send (void       *socket,
              const char *text)
{
  zmq_send (socket, text, strlen (text), ZMQ_DONTWAIT);
}

/* The argument is the name of a conversation. Without one, the names are printed. */
int
main (int    argc,
      char **argv)
{
  for (gsize i = 0; i < G_N_ELEMENTS (conversations); i++)
    {
      if (argc < 2)
        g_print ("%s\n", conversations[i].name);
      else if (g_str_equal (argv[1], conversations[i].name))
        {
          conversations[i].run ();
          return 0;
        }
    }
  return argc < 2 ? 0 : 2;
}
