/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tool.h"

#include <glib-unix.h>
#include <signal.h>

/* What all commands share while they run. */

gboolean
tool_is_interrupted (Tool *self)
{
  return g_cancellable_is_cancelled (self->cancellable);
}

/* How much of --timeout is left in ms, or FALLBACK where it was not given. */
int
tool_get_time (Tool *self,
               int   fallback)
{
  gint64 left;

  if (!self->has_timeout)
    return fallback;
  if (self->deadline < 0)
    return PLANT_RPC_TIMEOUT_NONE;
  left = (self->deadline - g_get_monotonic_time () + 999) / 1000;
  return (int) CLAMP (left, 1, G_MAXINT);
}

static gboolean
set_flag (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_CONTINUE;
}

/* Runs the main loop until a condition holds; FALSE when time is up, or at Ctrl-C. */
gboolean
tool_run_until (Tool      *self,
                gboolean (*holds) (gpointer data),
                gpointer   data,
                int        timeout)
{
  gboolean late = FALSE;
  guint alarm = timeout >= 0 ? g_timeout_add ((guint) timeout, set_flag, &late) : 0;

  while (!holds (data) && !late && !tool_is_interrupted (self))
    g_main_context_iteration (NULL, TRUE);
  if (alarm != 0)
    g_source_remove (alarm);
  return holds (data);
}

static gboolean
is_set (gpointer data)
{
  return *(gboolean *) data;
}

/* Has SIGTERM end tool_run(), from now on. A command calls it before it tells that it is there. */
void
tool_catch_terminate (Tool *self)
{
  g_unix_signal_add (SIGTERM, set_flag, &self->terminated);
}

/* Runs the main loop until the process is to end. */
void
tool_run (Tool *self)
{
  tool_run_until (self, is_set, &self->terminated, tool_get_time (self, PLANT_RPC_TIMEOUT_NONE));
}

/* A callback for asynchronous functions, for tool_await(). */
void
tool_take_result (GObject      *source,
                  GAsyncResult *result,
                  gpointer      slot)
{
  *(GAsyncResult **) slot = g_object_ref (result);
}

/* Runs the main loop until there is a result; Ctrl-C ends it by the operation's cancellable. */
GAsyncResult *
tool_await (GAsyncResult **slot)
{
  while (*slot == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *slot;
}
