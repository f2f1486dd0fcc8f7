/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "app-fixture.h"

#include <glib/gstdio.h>
#include <signal.h>

#define DEADLINE (60 * G_USEC_PER_SEC)

void
app_fixture_set_up (AppFixture    *self,
                    gconstpointer  unused)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *url = NULL;

  self->directory = g_dir_make_tmp ("scanner-app-XXXXXX", &error);
  g_assert_no_error (error);
  url = g_strdup_printf ("ipc://%s/registry", self->directory);
  self->registry = plant_rpc_registry_new (url);
  plant_rpc_registry_start (self->registry, &error);
  g_assert_no_error (error);
  self->devices = g_ptr_array_new_with_free_func (g_object_unref);

  self->app = scanner_application_new (G_APPLICATION_NON_UNIQUE);
  g_application_register (G_APPLICATION (self->app), NULL, &error);
  g_assert_no_error (error);
  self->roster = scanner_application_get_roster (self->app);
  scanner_roster_set_registry (self->roster, url);
  g_application_activate (G_APPLICATION (self->app));
  self->window = SCANNER_WINDOW (gtk_application_get_active_window (GTK_APPLICATION (self->app)));
}

static gboolean
has_ended (AppFixture *self,
           gpointer    device)
{
  return g_subprocess_get_identifier (device) == NULL;
}

/* signal ends it, sooner or later. */
void
app_fixture_stop_device (AppFixture  *self,
                         GSubprocess *device,
                         int          signal)
{
  g_subprocess_send_signal (device, signal);
  app_fixture_wait (self, "the end of a device", has_ended, device);
}

void
app_fixture_tear_down (AppFixture    *self,
                       gconstpointer  unused)
{
  g_autofree char *socket = g_build_filename (self->directory, "registry", NULL);

  for (guint i = 0; i < self->devices->len; i++)
    {
      GSubprocess *device = g_ptr_array_index (self->devices, i);

      g_subprocess_force_exit (device);
      g_subprocess_wait (device, NULL, NULL);
    }
  g_ptr_array_unref (self->devices);
  gtk_window_destroy (GTK_WINDOW (self->window));
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_finalize_object (self->app);
  g_object_unref (self->registry);
  g_unlink (socket);
  g_rmdir (self->directory);
  g_free (self->directory);
}

static GSubprocess *
start (AppFixture *self,
       const char *program)
{
  const char *url = plant_rpc_registry_get_url (self->registry);
  g_autofree char *path = g_build_filename (g_getenv ("SCANNER_PROGRAMS"), program, NULL);
  g_autoptr(GError) error = NULL;
  GSubprocess *device = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE, &error, path,
                                          "--registry", url, NULL);

  g_assert_no_error (error);
  g_ptr_array_add (self->devices, device);
  return device;
}

GSubprocess *
app_fixture_start_camera (AppFixture *self)
{
  return start (self, "scanner-camera");
}

GSubprocess *
app_fixture_start_controller (AppFixture *self)
{
  return start (self, "scanner-controller");
}

static gboolean
wake_up (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

void
app_fixture_wait (AppFixture   *self,
                  const char   *what,
                  AppCondition  condition,
                  gpointer      data)
{
  gint64 deadline = g_get_monotonic_time () + DEADLINE;
  guint alarm = g_timeout_add (20, wake_up, NULL);

  while (!condition (self, data))
    {
      if (g_get_monotonic_time () > deadline)
        g_error ("Waited in vain for %s", what);
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (alarm);
}

typedef struct
{
  const char             *name;
  ScannerConnectionState  state;
} Wanted;

static gboolean
is_in_state (AppFixture *self,
             gpointer    data)
{
  const Wanted *wanted = data;
  ScannerConnection *connection = scanner_roster_find (self->roster, wanted->name);

  return connection != NULL && scanner_connection_get_state (connection) == wanted->state;
}

void
app_fixture_wait_for_state (AppFixture             *self,
                            const char             *name,
                            ScannerConnectionState  state)
{
  Wanted wanted = { name, state };
  g_autofree char *text = g_enum_to_string (SCANNER_TYPE_CONNECTION_STATE, state);
  g_autofree char *what = g_strdup_printf ("%s to be %s", name, text);

  app_fixture_wait (self, what, is_in_state, &wanted);
}

/* As if the user had chosen it. */
void
app_fixture_act (AppFixture *self,
                 const char *action,
                 const char *parameter)
{
  GVariant *value = parameter != NULL ? g_variant_new_string (parameter) : NULL;
  gboolean known = gtk_widget_activate_action_variant (GTK_WIDGET (self->window), action, value);

  g_assert_true (known);
}
