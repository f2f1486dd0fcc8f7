/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/prctl.h>

#include "stress-proxy.h"

struct _StressProxy {
  GSubprocess      *process; /* (owned) */
  GDataInputStream *output;  /* (owned) */
  char             *url;     /* (owned) */
};

static void
set_up (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

/* Lines before that event are skipped. */
static char *
read_until (StressProxy *self,
            const char  *event)
{
  g_autofree char *wanted = g_strdup_printf ("\"event\":\"%s\"", event);

  while (TRUE)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *line = g_data_input_stream_read_line (self->output, NULL, NULL, &error);

      g_assert_no_error (error);
      if (line == NULL)
        g_error ("The proxy has ended before it told “%s”", event);
      if (strstr (line, wanted) != NULL)
        return g_steal_pointer (&line);
    }
}

static char *
read_url (StressProxy *self)
{
  g_autofree char *line = read_until (self, "serves");
  const char *name = strstr (line, "\"name\":\"");

  g_assert_nonnull (name);
  name += strlen ("\"name\":\"");
  return g_strndup (name, strcspn (name, "\""));
}

static void
add_options (GPtrArray  *argv,
             va_list     options)
{
  char *option;

  while ((option = va_arg (options, char *)) != NULL)
    g_ptr_array_add (argv, g_strdup (option));
  g_ptr_array_add (argv, NULL);
}

StressProxy *
stress_proxy_new (const char *url,
                  ...)
{
  StressProxy *self = g_new0 (StressProxy, 1);
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  va_list options;

  g_ptr_array_add (argv, g_test_build_filename (G_TEST_BUILT, "..", "plantrpc", "tools", "plantrpc",
                                                NULL));
  g_ptr_array_add (argv, g_strdup ("fault"));
  g_ptr_array_add (argv, g_strdup ("--json"));
  g_ptr_array_add (argv, g_strdup (url));
  va_start (options, url);
  add_options (argv, options);
  va_end (options);
  g_subprocess_launcher_set_child_setup (launcher, set_up, NULL, NULL);
  self->process = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv->pdata,
                                                &error);
  g_assert_no_error (error);
  self->output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  self->url = read_url (self);
  return self;
}

void
stress_proxy_free (StressProxy *self)
{
  g_subprocess_send_signal (self->process, SIGTERM);
  g_assert_true (g_subprocess_wait_check (self->process, NULL, NULL));
  g_object_unref (self->output);
  g_object_unref (self->process);
  g_free (self->url);
  g_free (self);
}

const char *
stress_proxy_get_url (StressProxy *self)
{
  return self->url;
}

void
stress_proxy_do (StressProxy *self,
                 const char  *fault)
{
  g_autofree char *line = g_strconcat (fault, "\n", NULL);
  g_autofree char *event = g_strndup (fault, strcspn (fault, " "));
  g_autofree char *told = NULL;
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all (g_subprocess_get_stdin_pipe (self->process), line, strlen (line), NULL,
                             NULL, &error);
  g_assert_no_error (error);
  told = read_until (self, event);
}
