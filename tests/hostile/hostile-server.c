/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <glib-unix.h>

#include "hostile-device.h"
#include "plant-rpc-authenticator.h"
#include "plant-rpc-error.h"
#include "plant-rpc-keypair.h"
#include "plant-rpc-server.h"

/* Serves a HostileDevice on loopback, with a method of each kind. Once it listens it prints one
 * JSON line, {"port": ..., "url": ...}. It ends on SIGTERM, or when the process that started it
 * ends. The first argument is the time that a blocking call may take, in ms. A server with a second
 * argument is secured, and lets in who has that public key. */

#define MAX_BURST    100
#define MAX_SIZE     (1024 * 1024) /* bytes */
#define MAX_DELAY_MS 100

static HostileDevice *device;
static gint64 patience = MAX_DELAY_MS;

static gint64
read_integer (PlantRpcInvocation *invocation,
              gint64              most)
{
  g_autoptr (GVariant) arg = NULL;

  g_variant_get_child (plant_rpc_invocation_get_args (invocation), 0, "v", &arg);
  return CLAMP (g_variant_get_int64 (arg), 0, most);
}

static void
handle_add (PlantRpcInvocation  *invocation,
            gpointer             user_data,
            GError             **error)
{
  g_autoptr (GVariant) a = NULL, b = NULL;

  g_variant_get_child (plant_rpc_invocation_get_args (invocation), 0, "v", &a);
  g_variant_get_child (plant_rpc_invocation_get_args (invocation), 1, "v", &b);
  plant_rpc_invocation_return_value (
      invocation,
      g_variant_new_int64 ((gint64) g_variant_get_int32 (a) + g_variant_get_int32 (b)));
}

/* Returns its arguments, whatever they are. */
static void
handle_echo (PlantRpcInvocation  *invocation,
             gpointer             user_data,
             GError             **error)
{
  plant_rpc_invocation_return_value (invocation, plant_rpc_invocation_get_args (invocation));
}

static gboolean
on_late (gpointer user_data)
{
  plant_rpc_invocation_return_value (user_data, g_variant_new_boolean (TRUE));
  return G_SOURCE_REMOVE;
}

static void
handle_late (PlantRpcInvocation  *invocation,
             gpointer             user_data,
             GError             **error)
{
  g_timeout_add_full (G_PRIORITY_DEFAULT, read_integer (invocation, MAX_DELAY_MS), on_late,
                      g_object_ref (invocation), g_object_unref);
}

static void
on_cancelled (GCancellable *cancellable,
              gpointer      user_data)
{
  const GError error = {
    G_IO_ERROR, G_IO_ERROR_CANCELLED, (char *) "Nobody waits any more",
  };

  plant_rpc_invocation_return_gerror (user_data, &error);
}

/* Answers only after its caller has cancelled it or has left. */
static void
handle_wait (PlantRpcInvocation  *invocation,
             gpointer             user_data,
             GError             **error)
{
  g_cancellable_connect (plant_rpc_invocation_get_cancellable (invocation),
                         G_CALLBACK (on_cancelled), g_object_ref (invocation), g_object_unref);
}

/* Blocks its thread until the time is over or the call is cancelled. */
static void
handle_block (PlantRpcInvocation  *invocation,
              gpointer             user_data,
              GError             **error)
{
  GCancellable *cancellable = plant_rpc_invocation_get_cancellable (invocation);
  gint64 milliseconds = read_integer (invocation, patience);
  GPollFD fd;

  if (g_cancellable_make_pollfd (cancellable, &fd))
    {
      g_poll (&fd, 1, milliseconds);
      g_cancellable_release_fd (cancellable);
    }
  if (!g_cancellable_set_error_if_cancelled (cancellable, error))
    plant_rpc_invocation_return_value (invocation, g_variant_new_int64 (milliseconds));
}

static void
handle_burst (PlantRpcInvocation  *invocation,
              gpointer             user_data,
              GError             **error)
{
  gint64 number = read_integer (invocation, MAX_BURST);

  hostile_device_burst (device, number);
  plant_rpc_invocation_return_value (invocation, g_variant_new_int64 (number));
}

static void
handle_get_bytes (PlantRpcInvocation  *invocation,
                  gpointer             user_data,
                  GError             **error)
{
  gint64 length = read_integer (invocation, MAX_SIZE);
  guint8 *data = g_malloc (length);
  g_autoptr (GBytes) bytes = g_bytes_new_take (data, length);

  /* Memory counts as resident only after it has been written to. */
  for (gint64 i = 0; i < length; i++)
    data[i] = i % 251;
  plant_rpc_invocation_return_buffer (invocation, bytes,
                                      g_variant_new_parsed ("{'length': <%x>}", length));
}

#define EVERY_TYPE "b: b = true, y: y = 1, n: n = 1, q: q = 1, i: i = 1, u: u = 1, x: x = 1, "     \
                   "t: t = 1, d: d = 1.0, s: s = '', o: ms = nothing, "                           \
                   "strings: as = [], dictionary: a{sv} = {}, pair: (ib) = (1, true), any: v = <1>"

static void
offer (PlantRpcServer *server)
{
  static const struct {
    const char            *name;
    const char            *signature;
    PlantRpcMethodFlags    flags;
    PlantRpcMethodHandler  handler;
  } methods[] = {
    { "add", "a: i, b: i = 0", PLANT_RPC_METHOD_FLAGS_NONE, handle_add },
    { "echo", "message", PLANT_RPC_METHOD_FLAGS_NONE, handle_echo },
    { "typed", EVERY_TYPE, PLANT_RPC_METHOD_FLAGS_NONE, handle_echo },
    { "free", NULL, PLANT_RPC_METHOD_FLAGS_NONE, handle_echo },
    { "late", "milliseconds: x = 0", PLANT_RPC_METHOD_FLAGS_NONE, handle_late },
    { "wait", "", PLANT_RPC_METHOD_FLAGS_NONE, handle_wait },
    { "block", "milliseconds: x = 0", PLANT_RPC_METHOD_FLAGS_BLOCKING, handle_block },
    { "burst", "number: x = 1", PLANT_RPC_METHOD_FLAGS_NONE, handle_burst },
  };

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    plant_rpc_server_register_method_json (server, methods[i].name, methods[i].signature,
                                           PLANT_RPC_TIMEOUT_DEFAULT, methods[i].flags,
                                           methods[i].handler, NULL, NULL);
  plant_rpc_server_register_method_buffer (server, "get_bytes", "length: x = 4096",
                                           PLANT_RPC_TIMEOUT_DEFAULT, PLANT_RPC_METHOD_FLAGS_NONE,
                                           handle_get_bytes, NULL, NULL);
}

static gboolean
on_signal (gpointer user_data)
{
  plant_rpc_server_stop (user_data);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_stdin (int           fd,
          GIOCondition  condition,
          gpointer      user_data)
{
  plant_rpc_server_stop (user_data);
  return G_SOURCE_REMOVE;
}

static gboolean
secure (PlantRpcServer  *server,
        const char      *key,
        GError         **error)
{
  g_autoptr (PlantRpcKeypair) keypair = plant_rpc_keypair_new (error);
  g_autoptr (PlantRpcAuthenticator) authenticator = plant_rpc_authenticator_new ();

  if (keypair == NULL || !plant_rpc_authenticator_allow (authenticator, key,
                                                         PLANT_RPC_ROLE_ADMINISTRATOR, "peers",
                                                         error))
    return FALSE;
  plant_rpc_server_set_keypair (server, keypair);
  plant_rpc_server_set_authenticator (server, authenticator);
  return TRUE;
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcServer) server = NULL;
  gboolean served;

  if (argc > 1)
    patience = g_ascii_strtoll (argv[1], NULL, 10);
  device = hostile_device_new ();
  server = plant_rpc_server_new (G_OBJECT (device), "tcp://127.0.0.1:*");
  offer (server);
  if ((argc > 2 && !secure (server, argv[2], &error)) || !plant_rpc_server_start (server, &error))
    g_error ("%s", error->message);
  g_unix_signal_add (SIGTERM, on_signal, server);
  g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP, on_stdin, server);
  g_print ("{\"port\": %u, \"url\": \"%s\"}\n", plant_rpc_server_get_port (server),
           plant_rpc_server_get_url (server));
  served = plant_rpc_server_serve_forever (server, &error);
  g_clear_object (&device);
  return served ? 0 : 1;
}
