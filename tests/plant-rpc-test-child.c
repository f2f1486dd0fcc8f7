/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-json-private.h"
#include "plant-rpc-test-child.h"
#include "plant-rpc-test-peer.h"

struct _TestChild {
  GSubprocess *process; /* (owned) */
  char        *url;     /* (owned) */
  TestPeer    *control; /* (owned) */
};

static GVariant *
read_line (GSubprocess *process)
{
  g_autoptr (GDataInputStream) stream =
      g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  g_autoptr (GError) error = NULL;
  g_autofree char *line = NULL;
  gsize length;
  GVariant *object;

  g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (stream), FALSE);
  line = g_data_input_stream_read_line (stream, &length, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (line);
  object = plant_rpc_json_parse (line, length, &error);
  g_assert_no_error (error);
  return object;
}

TestChild *
test_child_new (int         generation,
                const char *device)
{
  TestChild *self = g_new0 (TestChild, 1);
  g_autofree char *script = g_test_build_filename (G_TEST_DIST, "peer", "server.py", NULL);
  const char *number = generation == 1 ? "1" : "2";
  g_autoptr (GVariant) ready = NULL;
  g_autoptr (GError) error = NULL;
  const char *control;

  self->process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                                    &error, "/usr/bin/python3", script, "--generation", number,
                                    "--url", "tcp://127.0.0.1", "--device", device,
                                    "--until-stdin-closes", "--keep-control", NULL);
  g_assert_no_error (error);
  ready = read_line (self->process);
  g_assert_true (g_variant_lookup (ready, "url", "s", &self->url));
  g_assert_true (g_variant_lookup (ready, "control", "&s", &control));
  self->control = test_peer_new (ZMQ_REQ, control);
  return self;
}

/* A server of generation 1 that waits for an acknowledgement serves nobody. */
static gboolean
is_waiting (TestChild *self)
{
  g_autoptr (GVariant) state = test_child_command (self, "{\"command\": \"state\"}");
  gboolean waiting = TRUE;

  g_assert_true (g_variant_lookup (state, "waiting_ack", "b", &waiting));
  return waiting;
}

void
test_child_free (TestChild *self)
{
  g_autoptr (GVariant) answer = test_child_command (self, "{\"command\": \"violations\"}");
  g_autoptr (GVariant) violations = g_variant_lookup_value (answer, "violations", NULL);
  g_autofree char *text = g_variant_print (violations, FALSE);

  g_assert_cmpstr (text, ==, "[]");
  test_wait_until (!is_waiting (self));
  g_subprocess_force_exit (self->process);
  g_subprocess_wait (self->process, NULL, NULL);
  g_object_unref (self->process);
  test_peer_free (self->control);
  g_free (self->url);
  g_free (self);
}

const char *
test_child_get_url (TestChild *self)
{
  return self->url;
}

static GVariant *
command (TestChild  *self,
         const char *text)
{
  g_autoptr (GPtrArray) frames = NULL;
  GVariant *answer;
  gboolean ok = FALSE;

  test_peer_send_text (self->control, text, NULL);
  frames = test_peer_receive (self->control);
  answer = test_frame_parse (frames, 0);
  g_variant_lookup (answer, "ok", "b", &ok);
  if (!ok)
    g_error ("%s: %s", text, g_variant_print (answer, FALSE));
  return answer;
}

GVariant *
test_child_command (TestChild  *self,
                    const char *format,
                    ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  return command (self, text);
}

void
test_child_order (TestChild  *self,
                  const char *format,
                  ...)
{
  g_autofree char *text = NULL;
  g_autoptr (GVariant) answer = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  answer = command (self, text);
}

static gboolean
is_settled (TestChild *self)
{
  g_autoptr (GVariant) state = command (self, "{\"command\": \"state\"}");
  g_autoptr (GVariant) jobs = g_variant_lookup_value (state, "jobs", G_VARIANT_TYPE_VARDICT);
  gint64 queued, done;

  g_assert_true (g_variant_lookup (jobs, "queued", "x", &queued));
  g_assert_true (g_variant_lookup (jobs, "done", "x", &done));
  return queued == done;
}

void
test_child_settle (TestChild *self)
{
  test_wait_until (is_settled (self));
}
