/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include "plant-rpc-json-private.h"
#include "stress-device.h"
#include "stress.h"

struct _StressServer {
  StressKind  kind;
  GPid        pid;     /* 0: ended */
  int         input;
  FILE       *output;  /* (owned) */
  char       *url;     /* (owned) */
  char       *control; /* (owned) (nullable): url of the control socket of a Python server */
  void       *context; /* (owned) (nullable) */
  void       *asking;  /* (owned) (nullable): a request is under way */
  guint       n_begun; /* commands to a native server that have not been answered with "done" */
};

typedef struct {
  void     (*prepare) (gpointer);
  gpointer   user_data;
} Setup;

const char *
stress_kind_get_name (StressKind kind)
{
  static const char *const names[] = { "native", "generation-1", "generation-2" };

  return names[kind];
}

PlantRpcWire
stress_kind_get_wire (StressKind kind)
{
  static const PlantRpcWire wires[] = { PLANT_RPC_WIRE_NATIVE, PLANT_RPC_WIRE_GENERATION_1,
                                        PLANT_RPC_WIRE_GENERATION_2 };

  return wires[kind];
}

/* ---- the process */

/* A stopped server must not outlive a test that failed. */
static void
set_up (gpointer user_data)
{
  Setup *setup = user_data;

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (setup->prepare != NULL)
    setup->prepare (setup->user_data);
}

static GPtrArray *
make_argv (StressKind  kind,
           const char *url,
           const char *journal)
{
  GPtrArray *argv = g_ptr_array_new_with_free_func (g_free);

  if (kind == STRESS_NATIVE)
    {
      g_ptr_array_add (argv, g_test_build_filename (G_TEST_BUILT, "stress", "stress-server", NULL));
    }
  else
    {
      g_ptr_array_add (argv, g_strdup ("/usr/bin/python3"));
      g_ptr_array_add (argv, g_test_build_filename (G_TEST_DIST, "peer", "server.py", NULL));
      g_ptr_array_add (argv, g_strdup_printf ("--generation=%d", kind));
      g_ptr_array_add (argv, g_strdup ("--device=extended"));
      g_ptr_array_add (argv, g_strdup ("--until-stdin-closes"));
    }
  g_ptr_array_add (argv, g_strdup_printf ("--url=%s", url));
  if (journal != NULL)
    g_ptr_array_add (argv, g_strdup_printf ("--journal=%s", journal));
  g_ptr_array_add (argv, NULL);
  return argv;
}

static char *
read_line (StressServer *self)
{
  g_autofree char *line = NULL;
  size_t size = 0;
  char *copy;

  if (getline (&line, &size, self->output) <= 0)
    g_error ("The %s server ended", stress_kind_get_name (self->kind));
  copy = g_strdup (line);
  free (g_steal_pointer (&line));
  return g_strchomp (copy);
}

static void
read_greeting (StressServer *self)
{
  g_autofree char *line = read_line (self);
  g_autoptr (GVariant) greeting = plant_rpc_json_parse (line, strlen (line), NULL);

  g_assert_nonnull (greeting);
  g_assert_true (g_variant_lookup (greeting, "url", "s", &self->url));
  g_variant_lookup (greeting, "control", "s", &self->control);
}

StressServer *
stress_server_new (StressKind   kind,
                   const char  *url,
                   const char  *journal,
                   void       (*prepare) (gpointer),
                   gpointer     user_data)
{
  StressServer *self = g_new0 (StressServer, 1);
  g_autoptr (GPtrArray) argv = make_argv (kind, url, journal);
  Setup setup = { prepare, user_data };
  g_autoptr (GError) error = NULL;
  int output;

  self->kind = kind;
  g_spawn_async_with_pipes (NULL, (char **) argv->pdata, NULL, G_SPAWN_DO_NOT_REAP_CHILD, set_up,
                            &setup, &self->pid, &self->input, &output, NULL, &error);
  g_assert_no_error (error);
  self->output = fdopen (output, "r");
  read_greeting (self);
  return self;
}

static int
reap (StressServer *self)
{
  int status;

  g_assert_cmpint (waitpid (self->pid, &status, 0), ==, self->pid);
  self->pid = 0;
  fclose (self->output);
  return status;
}

void
stress_server_free (StressServer *self)
{
  if (self->pid != 0 && self->kind == STRESS_NATIVE)
    {
      close (self->input);
      g_assert_cmpint (reap (self), ==, 0);
    }
  else if (self->pid != 0)
    {
      stress_server_kill (self);
    }
  g_free (self->url);
  g_free (self->control);
  g_free (self);
}

void
stress_server_kill (StressServer *self)
{
  stress_server_send_signal (self, SIGKILL);
  close (self->input);
  reap (self);
}

void
stress_server_send_signal (StressServer *self,
                           int           signum)
{
  g_assert_cmpint (kill (self->pid, signum), ==, 0);
}

const char *
stress_server_get_url (StressServer *self)
{
  return self->url;
}

StressKind
stress_server_get_kind (StressServer *self)
{
  return self->kind;
}

gint
stress_server_get_pid (StressServer *self)
{
  return self->pid;
}

/* ---- commands */

static void
ask (StressServer *self,
     const char   *url,
     const char   *json)
{
  int no_linger = 0, timeout = STRESS_DEADLINE_S * 1000;

  g_assert_null (self->asking);
  self->context = zmq_ctx_new ();
  self->asking = zmq_socket (self->context, ZMQ_REQ);
  zmq_setsockopt (self->asking, ZMQ_LINGER, &no_linger, sizeof no_linger);
  zmq_setsockopt (self->asking, ZMQ_RCVTIMEO, &timeout, sizeof timeout);
  g_assert_cmpint (zmq_connect (self->asking, url), ==, 0);
  g_assert_cmpint (zmq_send (self->asking, json, strlen (json), 0), >, 0);
}

static GVariant *
hear (StressServer *self,
      const char   *member)
{
  g_autoptr (GVariant) answer = NULL;
  gboolean good = FALSE;
  zmq_msg_t frame;

  zmq_msg_init (&frame);
  g_assert_cmpint (zmq_msg_recv (&frame, self->asking, 0), >, 0);
  answer = plant_rpc_json_parse (zmq_msg_data (&frame), zmq_msg_size (&frame), NULL);
  zmq_msg_close (&frame);
  zmq_close (g_steal_pointer (&self->asking));
  zmq_ctx_term (g_steal_pointer (&self->context));
  g_assert_nonnull (answer);
  g_assert_true (g_variant_lookup (answer, member, "b", &good) && good);
  return g_steal_pointer (&answer);
}

GVariant *
stress_server_command (StressServer *self,
                       const char   *json)
{
  ask (self, self->control, json);
  return hear (self, "ok");
}

gint64
stress_server_count (StressServer *self,
                     const char   *command,
                     const char   *member)
{
  g_autofree char *json = g_strdup_printf ("{\"command\": \"%s\"}", command);
  g_autoptr (GVariant) answer = stress_server_command (self, json);
  gint64 number = 0;

  g_assert_true (g_variant_lookup (answer, member, "x", &number));
  return number;
}

void
stress_server_assert_clean (StressServer *self)
{
  g_autoptr (GVariant) answer = NULL;
  g_autoptr (GVariant) violations = NULL;
  g_autofree char *text = NULL;

  if (self->kind == STRESS_NATIVE)
    return;
  answer = stress_server_command (self, "{\"command\": \"violations\"}");
  violations = g_variant_lookup_value (answer, "violations", NULL);
  text = g_variant_print (violations, FALSE);
  if (g_variant_n_children (violations) > 0)
    g_error ("Violations: %s", text);
}

static void
write_line (StressServer *self,
            const char   *line)
{
  g_assert_cmpint (write (self->input, line, strlen (line)), ==, strlen (line));
}

static void
wait_for_done (StressServer *self)
{
  g_autofree char *line = read_line (self);

  g_assert_cmpstr (line, ==, "done");
}

void
stress_server_set_rotation (StressServer *self,
                            int           rotation)
{
  g_autofree char *text = NULL;
  g_autoptr (GVariant) answer = NULL;

  if (self->kind == STRESS_NATIVE)
    {
      text = g_strdup_printf ("rotation %d\n", rotation);
      write_line (self, text);
      wait_for_done (self);
      return;
    }
  text = g_strdup_printf ("{\"event\": \"PROPERTY_SET\", \"property\": \"rotation\", "
                          "\"value\": %d}", rotation);
  ask (self, self->url, text);
  answer = hear (self, "success");
}

void
stress_server_begin_burst (StressServer *self,
                           gint64        number)
{
  g_autofree char *text = NULL;

  if (self->kind == STRESS_NATIVE)
    {
      text = g_strdup_printf ("burst %" G_GINT64_FORMAT "\n", number);
      write_line (self, text);
      return;
    }
  text = g_strdup_printf ("{\"event\": \"METHOD_CALL\", \"method\": \"burst\", \"params\": "
                          "{\"args\": [%" G_GINT64_FORMAT "], \"kwargs\": {}}}", number);
  ask (self, self->url, text);
}

void
stress_server_end_burst (StressServer *self)
{
  g_autoptr (GVariant) answer = NULL;

  if (self->kind == STRESS_NATIVE)
    wait_for_done (self);
  else
    answer = hear (self, "success");
}

void
stress_server_burst (StressServer *self,
                     gint64        number)
{
  stress_server_begin_burst (self, number);
  stress_server_end_burst (self);
}

/* ---- commands that may be sent while the server does not run */

void
stress_server_begin_rotation (StressServer *self,
                              int           rotation)
{
  g_autofree char *text = NULL;
  g_autoptr (GVariant) answer = NULL;

  if (self->kind == STRESS_NATIVE)
    {
      text = g_strdup_printf ("rotation %d\n", rotation);
      write_line (self, text);
      self->n_begun++;
      return;
    }
  text = g_strdup_printf ("{\"command\": \"set\", \"property\": \"rotation\", \"value\": %d}",
                          rotation);
  answer = stress_server_command (self, text);
}

void
stress_server_begin_number (StressServer *self,
                            gint64        number)
{
  g_autofree char *text = NULL;
  g_autoptr (GVariant) answer = NULL;

  if (self->kind == STRESS_NATIVE)
    {
      text = g_strdup_printf ("number %" G_GINT64_FORMAT "\n", number);
      write_line (self, text);
      self->n_begun++;
      return;
    }
  text = g_strdup_printf ("{\"command\": \"emit\", \"signal\": \"captured\", \"args\": "
                          "[\"number\", %" G_GINT64_FORMAT "]}", number);
  answer = stress_server_command (self, text);
}

/* For a native server only. */
void
stress_server_begin_flood (StressServer *self,
                           gint64        first,
                           gint64        number)
{
  g_autofree char *text =
      g_strdup_printf ("flood %" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n", first, number);

  write_line (self, text);
  self->n_begun++;
}

static gboolean
has_jobs (StressServer *self)
{
  g_autoptr (GVariant) state = stress_server_command (self, "{\"command\": \"state\"}");
  g_autoptr (GVariant) jobs = g_variant_lookup_value (state, "jobs", G_VARIANT_TYPE_VARDICT);
  gint64 n_queued = 0, n_done = 0;

  g_variant_lookup (jobs, "queued", "x", &n_queued);
  g_variant_lookup (jobs, "done", "x", &n_done);
  return n_queued > n_done;
}

void
stress_server_settle (StressServer *self)
{
  for (; self->n_begun > 0; self->n_begun--)
    wait_for_done (self);
  if (self->kind != STRESS_NATIVE)
    STRESS_WAIT (!has_jobs (self));
}

int
stress_server_get_rotation (StressServer *self)
{
  g_autoptr (GVariant) answer = NULL;
  gint64 rotation = 0;

  ask (self, self->url, "{\"event\": \"PROPERTY_GET\", \"property\": \"rotation\"}");
  answer = hear (self, "success");
  g_assert_true (g_variant_lookup (answer, "value", "x", &rotation));
  return rotation;
}

void
stress_server_measure (StressServer *self,
                       StressMemory *memory)
{
  g_autoptr (GVariant) answer = NULL;
  g_autoptr (GVariant) result = NULL;

  ask (self, self->url, "{\"event\": \"METHOD_CALL\", \"method\": \"measure\", \"params\": "
                        "{\"args\": [], \"kwargs\": {}}}");
  answer = hear (self, "success");
  result = g_variant_lookup_value (answer, "result", G_VARIANT_TYPE_VARDICT);
  g_assert_nonnull (result);
  g_assert_true (g_variant_lookup (result, "resident", "x", &memory->resident));
  g_assert_true (g_variant_lookup (result, "used", "x", &memory->used));
  g_assert_true (g_variant_lookup (result, "fds", "x", &memory->n_fds));
}

int
stress_server_count_fds (StressServer *self)
{
  StressMemory memory;

  stress_server_measure (self, &memory);
  return (int) memory.n_fds;
}

/* ---- waiting */

static gboolean
on_tick (gpointer user_data)
{
  return G_SOURCE_REMOVE;
}

void
stress_iterate (gint64      end,
                const char *what,
                const char *file,
                int         line)
{
  guint id = g_timeout_add (10, on_tick, NULL);

  g_main_context_iteration (NULL, TRUE);
  if (g_main_context_find_source_by_id (NULL, id) != NULL)
    g_source_remove (id);
  if (g_get_monotonic_time () > end)
    g_error ("%s:%d: not within %d s: %s", file, line, STRESS_DEADLINE_S, what);
}

void
stress_iterate_for (guint ms)
{
  gint64 end = g_get_monotonic_time () + ms * 1000;

  do
    stress_iterate (G_MAXINT64, "", "", 0);
  while (g_get_monotonic_time () < end);
}

/* ---- the client */

PlantRpcClient *
stress_client_new (const char *url)
{
  g_autoptr (GError) error = NULL;
  PlantRpcClient *client = plant_rpc_client_new_for_type (STRESS_TYPE_DEVICE, url, &error);

  g_assert_no_error (error);
  return client;
}

gboolean
stress_client_is_ready (PlantRpcClient *client)
{
  return plant_rpc_client_get_state (client) == PLANT_RPC_STATE_READY;
}

int
stress_client_get_rotation (PlantRpcClient *client)
{
  int rotation;

  g_object_get (client, "rotation", &rotation, NULL);
  return rotation;
}

static void
on_captured (PlantRpcClient *client,
             const char     *what,
             gint64          index,
             guint          *count)
{
  g_assert_cmpstr (what, ==, "burst");
  (*count)++;
}

void
stress_client_count (PlantRpcClient *client,
                     guint          *count)
{
  g_signal_connect (client, "captured", G_CALLBACK (on_captured), count);
}

/* ---- the journal */

GHashTable *
stress_journal_read (const char *path)
{
  GHashTable *journal = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return journal;
  lines = g_strsplit (text, "\n", -1);
  for (gsize i = 0; lines[i] != NULL; i++)
    {
      guint n = GPOINTER_TO_UINT (g_hash_table_lookup (journal, lines[i])) + 1;

      g_hash_table_replace (journal, g_strdup (lines[i]), GUINT_TO_POINTER (n));
    }
  return journal;
}

guint
stress_journal_count (GHashTable *journal,
                      const char *token)
{
  g_autofree char *line = g_strdup_printf ("{\"count\": \"%s\"}", token);

  return GPOINTER_TO_UINT (g_hash_table_lookup (journal, line));
}

guint
stress_journal_count_set (GHashTable *journal,
                          const char *property,
                          int         value)
{
  g_autofree char *line = g_strdup_printf ("{\"set\": \"%s\", \"value\": %d}", property, value);

  return GPOINTER_TO_UINT (g_hash_table_lookup (journal, line));
}

gboolean
stress_journal_has (const char *path,
                    const char *token)
{
  g_autoptr (GHashTable) journal = stress_journal_read (path);

  return stress_journal_count (journal, token) > 0;
}
