/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "stress-device.h"
#include "stress-memory.h"

/* Serves a StressDevice natively. Once it listens it prints one JSON line with its url. Each line
 * of stdin is a command: "rotation N", "burst N", "number N" or "flood FIRST N". The server answers
 * it with a line "done". It ends when stdin ends.
 *
 * The lines of the journal are those of tests/peer/server.py: `{"count": TOKEN}` when count is
 * called, and `{"set": PROPERTY, "value": VALUE}` for a write. Each is written before anything else
 * is done. */

static char *url = NULL;
static char *journal_path = NULL;
static int journal = -1;
static StressDevice *device;
static GHashTable *executions; /* (element-type utf8 guint): in this life, by token */

static const GOptionEntry options[] = {
  { "url", 0, 0, G_OPTION_ARG_STRING, &url, "Where to listen", "URL" },
  { "journal", 0, 0, G_OPTION_ARG_FILENAME, &journal_path, "Note writes and counts", "FILE" },
  G_OPTION_ENTRY_NULL,
};

static void G_GNUC_PRINTF (1, 2)
note (const char *format,
      ...)
{
  g_autofree char *line = NULL;
  va_list args;

  if (journal < 0)
    return;
  va_start (args, format);
  line = g_strdup_vprintf (format, args);
  va_end (args);
  if (write (journal, line, strlen (line)) != (gssize) strlen (line))
    g_error ("The journal cannot be written");
}

/* ---- methods */

static GVariant *
dup_arg (PlantRpcInvocation *invocation,
         gsize               index)
{
  GVariant *value;

  g_variant_get_child (plant_rpc_invocation_get_args (invocation), index, "v", &value);
  return value;
}

static gboolean
on_counted (gpointer user_data)
{
  PlantRpcInvocation *invocation = user_data;
  g_autoptr (GVariant) token = dup_arg (invocation, 0);
  gpointer n = g_hash_table_lookup (executions, g_variant_get_string (token, NULL));

  plant_rpc_invocation_return_value (invocation, g_variant_new_int64 (GPOINTER_TO_UINT (n)));
  return G_SOURCE_REMOVE;
}

static void
handle_count (PlantRpcInvocation  *invocation,
              gpointer             user_data,
              GError             **error)
{
  g_autoptr (GVariant) token = dup_arg (invocation, 0), seconds = dup_arg (invocation, 1);
  const char *name = g_variant_get_string (token, NULL);
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (executions, name)) + 1;

  note ("{\"count\": \"%s\"}\n", name);
  g_hash_table_replace (executions, g_strdup (name), GUINT_TO_POINTER (n));
  g_timeout_add_full (G_PRIORITY_DEFAULT, g_variant_get_double (seconds) * 1000, on_counted,
                      g_object_ref (invocation), g_object_unref);
}

static void
handle_echo (PlantRpcInvocation  *invocation,
             gpointer             user_data,
             GError             **error)
{
  g_autoptr (GVariant) message = dup_arg (invocation, 0);

  plant_rpc_invocation_return_value (invocation, message);
}

static void
handle_burst (PlantRpcInvocation  *invocation,
              gpointer             user_data,
              GError             **error)
{
  g_autoptr (GVariant) number = dup_arg (invocation, 0);

  stress_device_burst (device, g_variant_get_int64 (number));
  plant_rpc_invocation_return_value (invocation, number);
}

/* Byte i is i modulo 251. */
static void
handle_get_bytes (PlantRpcInvocation  *invocation,
                  gpointer             user_data,
                  GError             **error)
{
  g_autoptr (GVariant) length = dup_arg (invocation, 0);
  gsize size = CLAMP (g_variant_get_int64 (length), 0, G_MAXINT);
  guint8 *data = g_malloc (size);
  g_autoptr (GBytes) bytes = g_bytes_new_take (data, size);

  for (gsize i = 0; i < size; i++)
    data[i] = i % 251;
  plant_rpc_invocation_return_buffer (invocation, bytes,
                                      g_variant_new_parsed ("{'length': %v}", length));
}

static void
handle_measure (PlantRpcInvocation  *invocation,
                gpointer             user_data,
                GError             **error)
{
  StressMemory memory;

  stress_memory_measure (&memory);
  plant_rpc_invocation_return_value (
      invocation, g_variant_new_parsed ("{'resident': <%x>, 'used': <%x>, 'fds': <%x>}",
                                        memory.resident, memory.used, memory.n_fds));
}

static gboolean
on_write (PlantRpcInvocation  *invocation,
          const char          *name,
          GVariant            *value,
          gpointer             user_data,
          GError             **error)
{
  g_autofree char *text = g_variant_print (value, FALSE);

  note ("{\"set\": \"%s\", \"value\": %s}\n", name, text);
  return TRUE;
}

static void
offer (PlantRpcServer *server)
{
  static const struct {
    const char            *name;
    const char            *signature;
    PlantRpcMethodHandler  handler;
  } methods[] = {
    { "count", "token: s, seconds: d = 0.0, filling: s = ''", handle_count },
    { "echo", "message", handle_echo },
    { "burst", "number: x", handle_burst },
    { "measure", "", handle_measure },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (methods); i++)
    plant_rpc_server_register_method_json (server, methods[i].name, methods[i].signature,
                                           PLANT_RPC_TIMEOUT_DEFAULT, PLANT_RPC_METHOD_FLAGS_NONE,
                                           methods[i].handler, NULL, NULL);
  plant_rpc_server_register_method_buffer (server, "get_bytes", "length: x",
                                           PLANT_RPC_TIMEOUT_DEFAULT, PLANT_RPC_METHOD_FLAGS_NONE,
                                           handle_get_bytes, NULL, NULL);
  plant_rpc_server_set_write_handler (server, on_write, NULL, NULL);
}

/* ---- commands */

static void
obey (const char *command)
{
  gint64 number, first;

  if (sscanf (command, "rotation %" G_GINT64_FORMAT, &number) == 1)
    g_object_set (device, "rotation", (int) number, NULL);
  else if (sscanf (command, "burst %" G_GINT64_FORMAT, &number) == 1)
    stress_device_burst (device, number);
  else if (sscanf (command, "number %" G_GINT64_FORMAT, &number) == 1)
    stress_device_number (device, number);
  else if (sscanf (command, "flood %" G_GINT64_FORMAT " %" G_GINT64_FORMAT, &first, &number) == 2)
    stress_device_flood (device, first, number);
  else
    g_error ("What is “%s”?", command);
  g_print ("done\n");
}

static gboolean
on_stdin (int          fd,
          GIOCondition condition,
          gpointer     user_data)
{
  static GString *text = NULL;
  char buffer[512];
  gssize n_read = read (fd, buffer, sizeof buffer);
  char *end;

  if (n_read <= 0)
    {
      plant_rpc_server_stop (user_data);
      return G_SOURCE_REMOVE;
    }
  if (text == NULL)
    text = g_string_new (NULL);
  g_string_append_len (text, buffer, n_read);
  while ((end = strchr (text->str, '\n')) != NULL)
    {
      *end = '\0';
      obey (text->str);
      g_string_erase (text, 0, end + 1 - text->str);
    }
  return G_SOURCE_CONTINUE;
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (PlantRpcServer) server = NULL;
  g_autoptr (GError) error = NULL;

  stress_memory_prepare ();
  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    g_error ("%s", error->message);
  if (journal_path != NULL)
    journal = open (journal_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  executions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  device = g_object_new (STRESS_TYPE_DEVICE, NULL);
  server = plant_rpc_server_new (G_OBJECT (device), url);
  offer (server);
  if (!plant_rpc_server_start (server, &error))
    g_error ("%s", error->message);
  g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP, on_stdin, server);
  g_print ("{\"url\": \"%s\"}\n", plant_rpc_server_get_url (server));
  plant_rpc_server_serve_forever (server, NULL);
  g_object_unref (device);
  g_hash_table_unref (executions);
  return 0;
}
