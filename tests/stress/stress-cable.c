/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define _GNU_SOURCE
#include "config.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stress-cable.h"

/* Where frames go while the cable is cut. */
#define NOBODY "02:00:00:00:00:99"

struct _StressCable {
  pid_t holder; /* keeps the far namespace */
  int   far;    /* the far namespace */
};

static void
write_file (const char *path,
            const char *text)
{
  g_autoptr (GError) error = NULL;

  if (!g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0644, &error))
    g_debug ("%s", error->message);
}

/* Root makes a namespace as it is; others become the root of a user namespace first. */
static gboolean
enter_near (void)
{
  g_autofree char *uids = g_strdup_printf ("0 %u 1", getuid ());
  g_autofree char *gids = g_strdup_printf ("0 %u 1", getgid ());

  if (unshare (CLONE_NEWNET) == 0)
    return TRUE;
  if (unshare (CLONE_NEWUSER | CLONE_NEWNET) != 0)
    return FALSE;
  write_file ("/proc/self/setgroups", "deny");
  write_file ("/proc/self/uid_map", uids);
  write_file ("/proc/self/gid_map", gids);
  return TRUE;
}

static void
hold (int ready)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (unshare (CLONE_NEWNET) == 0 && write (ready, "", 1) == 1)
    for (;;)
      pause ();
  _exit (1);
}

static gboolean
start_holder (StressCable *self)
{
  g_autofree char *path = NULL;
  int ready[2];
  char c;

  if (pipe2 (ready, O_CLOEXEC) != 0)
    return FALSE;
  self->holder = fork ();
  if (self->holder == 0)
    hold (ready[1]);
  close (ready[1]);
  if (read (ready[0], &c, 1) == 1)
    {
      path = g_strdup_printf ("/proc/%d/ns/net", self->holder);
      self->far = open (path, O_RDONLY | O_CLOEXEC);
    }
  close (ready[0]);
  return self->far >= 0;
}

void
stress_cable_cross (gpointer user_data)
{
  StressCable *self = user_data;

  if (setns (self->far, CLONE_NEWNET) != 0)
    _exit (127);
}

static gboolean
run_ip (StressCable  *self,
        gboolean      far,
        const char   *arguments,
        GError      **error)
{
  g_autofree char *command = g_strdup_printf ("ip %s", arguments);
  g_auto (GStrv) argv = g_strsplit (command, " ", -1);
  int status;

  return g_spawn_sync (NULL, argv, NULL, G_SPAWN_SEARCH_PATH, far ? stress_cable_cross : NULL, self,
                       NULL, NULL, &status, error) &&
         g_spawn_check_wait_status (status, error);
}

static gboolean
lay (StressCable  *self,
     GError      **error)
{
  g_autofree char *veth =
      g_strdup_printf ("link add plant type veth peer name plant netns %d", self->holder);

  return run_ip (self, FALSE, veth, error) &&
         run_ip (self, FALSE, "link set lo up", error) &&
         run_ip (self, FALSE, "addr add 10.77.0.1/24 dev plant", error) &&
         run_ip (self, FALSE, "link set plant up", error) &&
         run_ip (self, TRUE, "link set lo up", error) &&
         run_ip (self, TRUE, "addr add 10.77.0.2/24 dev plant", error) &&
         run_ip (self, TRUE, "link set plant up", error);
}

StressCable *
stress_cable_new (GError **error)
{
  StressCable *self = g_new0 (StressCable, 1);

  self->far = -1;
  if (!enter_near () || !start_holder (self))
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                         "Network namespaces are not permitted here");
  else if (lay (self, error))
    return self;
  stress_cable_free (self);
  return NULL;
}

void
stress_cable_free (StressCable *self)
{
  if (self->holder > 0)
    {
      kill (self->holder, SIGKILL);
      waitpid (self->holder, NULL, 0);
    }
  if (self->far >= 0)
    close (self->far);
  g_free (self);
}

static void
change (StressCable *self,
        gboolean     far,
        const char  *arguments)
{
  g_autoptr (GError) error = NULL;

  run_ip (self, far, arguments, &error);
  g_assert_no_error (error);
}

void
stress_cable_cut (StressCable *self)
{
  change (self, FALSE, "neigh replace 10.77.0.2 lladdr " NOBODY " dev plant nud permanent");
  change (self, TRUE, "neigh replace 10.77.0.1 lladdr " NOBODY " dev plant nud permanent");
}

void
stress_cable_lose (StressCable *self,
                   const char  *address)
{
  g_autofree char *arguments =
      g_strdup_printf ("neigh replace %s lladdr " NOBODY " dev plant nud permanent", address);

  change (self, FALSE, arguments);
}

void
stress_cable_move (StressCable *self,
                   const char  *former,
                   const char  *address)
{
  g_autofree char *removal = g_strdup_printf ("addr del %s/24 dev plant", former);
  g_autofree char *addition = g_strdup_printf ("addr add %s/24 dev plant", address);

  change (self, TRUE, removal);
  change (self, TRUE, addition);
}

void
stress_cable_mend (StressCable *self)
{
  change (self, FALSE, "neigh del 10.77.0.2 dev plant");
  change (self, TRUE, "neigh del 10.77.0.1 dev plant");
}
