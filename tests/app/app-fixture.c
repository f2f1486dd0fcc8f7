/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "app-fixture.h"

#include <json-glib/json-glib.h>

#include <glib/gstdio.h>
#include "device-process.h"
#include "stall-watch.h"

#define DEADLINE (60 * G_USEC_PER_SEC)
/* The odd long turn is the machine's: a page that is read from disk, an X server that does not get
 * the processor, a host that is busy elsewhere. Whoever waits for a device that does not answer is
 * away for seconds, or again and again. */
#define MAX_STALL 1000 /* in ms */
#define MAX_LONG 4

/* One for all tests of a process: an application that was not run cannot be let go of. */
static ScannerApplication *
get_application (void)
{
  static ScannerApplication *application;
  g_autoptr (GError) error = NULL;

  if (application != NULL)
    return application;
  application = scanner_application_new (G_APPLICATION_NON_UNIQUE);
  g_application_register (G_APPLICATION (application), NULL, &error);
  g_assert_no_error (error);
  return application;
}

static gboolean
is_drawn (AppFixture *self,
          gpointer    unused)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (self->window));

  if (clock != NULL && gdk_frame_clock_get_frame_counter (clock) > 2)
    return TRUE;
  /* A window of which nothing changes draws no further frame. */
  gtk_widget_queue_draw (GTK_WIDGET (self->window));
  return FALSE;
}

void
app_fixture_set_up (AppFixture    *self,
                    gconstpointer  unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *url = NULL;

  self->directory = g_dir_make_tmp ("scanner-app-XXXXXX", &error);
  g_assert_no_error (error);
  url = g_strdup_printf ("ipc://%s/registry", self->directory);
  self->registry = plant_rpc_registry_new (url);
  plant_rpc_registry_start (self->registry, &error);
  g_assert_no_error (error);
  self->devices = g_ptr_array_new_with_free_func (g_object_unref);

  self->app = get_application ();
  self->roster = scanner_application_get_roster (self->app);
  scanner_roster_set_registry (self->roster, url);
  g_application_activate (G_APPLICATION (self->app));
  self->window = SCANNER_WINDOW (gtk_application_get_active_window (GTK_APPLICATION (self->app)));
  app_fixture_wait (self, "the window", is_drawn, NULL);
  stall_watch_start ();
}

static gboolean
has_ended (AppFixture *self,
           gpointer    device)
{
  return g_subprocess_get_identifier (device) == NULL;
}

static gboolean
is_null (AppFixture *self,
         gpointer    pointer)
{
  return *(gpointer *) pointer == NULL;
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

/* Nobody may keep a device that is forgotten, once its calls have ended. */
static void
forget_devices (AppFixture *self)
{
  while (g_list_model_get_n_items (G_LIST_MODEL (self->roster)) > 0)
    {
      ScannerConnection *connection = g_list_model_get_item (G_LIST_MODEL (self->roster), 0);

      scanner_roster_forget (self->roster, connection);
      g_object_add_weak_pointer (G_OBJECT (connection), (gpointer *) &connection);
      g_object_unref (connection);
      app_fixture_wait (self, "the end of a connection", is_null, &connection);
    }
}

void
app_fixture_tear_down (AppFixture    *self,
                       gconstpointer  unused)
{
  g_autofree char *socket = g_build_filename (self->directory, "registry", NULL);
  StallWatch stall = stall_watch_stop ();

  g_test_message ("The main loop was away for %.1f ms at most", stall.longest);
  g_assert_cmpfloat (stall.longest, <, MAX_STALL);
  g_assert_cmpuint (stall.n_long, <=, MAX_LONG);
  for (guint i = 0; i < self->devices->len; i++)
    device_process_end (g_ptr_array_index (self->devices, i));
  g_ptr_array_unref (self->devices);
  g_object_add_weak_pointer (G_OBJECT (self->window), (gpointer *) &self->window);
  gtk_window_destroy (GTK_WINDOW (self->window));
  app_fixture_wait (self, "the end of the window", is_null, &self->window);
  forget_devices (self);
  g_object_unref (self->registry);
  g_unlink (socket);
  g_rmdir (self->directory);
  g_free (self->directory);
}

static GSubprocess *
start (AppFixture *self,
       const char *program)
{
  GSubprocess *device = device_process_start (program, plant_rpc_registry_get_url (self->registry));

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

ScannerLiveView *
app_fixture_get_view (AppFixture *self)
{
  return scanner_camera_page_get_view (scanner_window_get_camera_page (self->window));
}

static gboolean
shows_pictures (AppFixture *self,
                gpointer    n_pictures)
{
  return scanner_live_view_get_n_shown (app_fixture_get_view (self)) >=
         GPOINTER_TO_UINT (n_pictures);
}

void
app_fixture_wait_for_pictures (AppFixture *self)
{
  guint n_pictures = scanner_live_view_get_n_shown (app_fixture_get_view (self)) + 2;

  app_fixture_wait (self, "pictures", shows_pictures, GUINT_TO_POINTER (n_pictures));
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

char *
app_fixture_start_old_camera (AppFixture *self,
                              const char *generation)
{
  const char *arguments[] = { "/usr/bin/python3", g_getenv ("SCANNER_OLD_CAMERA"), generation,
                              NULL };
  GSubprocess *peer = device_process_spawn (arguments);
  g_autofree char *line = device_process_read_line (peer);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) told = json_from_string (line, &error);

  g_assert_no_error (error);
  g_ptr_array_add (self->devices, peer);
  return g_strdup (json_object_get_string_member (json_node_get_object (told), "url"));
}
