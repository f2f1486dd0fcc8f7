/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device-process.h"

#include <signal.h>
#include <sys/prctl.h>

static void
end_with_parent (gpointer unused)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

/* (transfer full): its standard output is a pipe. */
GSubprocess *
device_process_spawn (const char *const *arguments)
{
  g_autoptr (GSubprocessLauncher) launcher =
    g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GError) error = NULL;
  GSubprocess *device;

  g_subprocess_launcher_set_child_setup (launcher, end_with_parent, NULL, NULL);
  device = g_subprocess_launcher_spawnv (launcher, arguments, &error);
  g_assert_no_error (error);
  return device;
}

/* (transfer full): a device of the demo. registry_url may be NULL. */
GSubprocess *
device_process_start (const char *program,
                      const char *registry_url)
{
  g_autofree char *path = g_build_filename (g_getenv ("SCANNER_PROGRAMS"), program, NULL);
  const char *arguments[] = { path, registry_url != NULL ? "--registry" : NULL, registry_url,
                              NULL };

  return device_process_spawn (arguments);
}

/* (transfer full): the first line that it prints. */
char *
device_process_read_line (GSubprocess *device)
{
  g_autoptr (GDataInputStream) lines =
    g_data_input_stream_new (g_subprocess_get_stdout_pipe (device));
  g_autoptr (GError) error = NULL;
  char *line = g_data_input_stream_read_line (lines, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (line);
  return line;
}

void
device_process_end (GSubprocess *device)
{
  g_subprocess_force_exit (device);
  g_subprocess_wait (device, NULL, NULL);
}
