/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Has a controller scan a plant: a client whose remote properties are bound to a progress bar. It
 * keeps the registry by which the devices find each other, and finds the controller there. */

#include "config.h"

#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <stdlib.h>

#include "album.h"
#include "imager-controller.h"
#include "path.h"
#include "progress-bar.h"
#include "service.h"

#define PATIENCE 10000 /* in ms, until the controller is there, and until it is ready */
#define EXIT_STOPPED 130

static char *controller_url;
static char *registry_url;
static char *output;
static int n_views = 24;

static GOptionEntry entries[] = {
  { "controller", 'c', 0, G_OPTION_ARG_STRING, &controller_url, N_("Where the controller is"),
    N_("URL") },
  { "registry", 'R', 0, G_OPTION_ARG_STRING, &registry_url,
    N_("Keep a registry at URL, and look for the controller there"), N_("URL") },
  { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
    N_("Save pictures there (a fresh directory)"), N_("DIR") },
  { "views", 'n', 0, G_OPTION_ARG_INT, &n_views, N_("Number of pictures (24)"), N_("NUMBER") },
  { NULL },
};

typedef struct
{
  PlantRpcRegistry       *registry;    /* (owned) (nullable) */
  ImagerControllerClient *controller;  /* (owned) */
  ScannerAlbum           *album;       /* (owned) */
  ScannerProgressBar     *bar;         /* (owned) */
  GMainLoop              *loop;        /* (owned) */
  GCancellable           *cancellable; /* (owned): of every call */
  guint                   n_settings;  /* sent and not confirmed */
  guint                   deadline;    /* 0 unless waiting for the cameras */
  gboolean                fetching;
  gboolean                scanned;     /* all pictures are taken */
  int                     status;
} Scan;

static void fetch (Scan *self);

/* Nothing is called back any more: the loop does not run again. */
static void
end (Scan *self,
     int   status)
{
  self->status = status;
  scanner_progress_bar_end (self->bar);
  g_main_loop_quit (self->loop);
}

static void
fail (Scan       *self,
      const char *what,
      const char *why)
{
  g_autofree char *shown = plant_rpc_text_escape (why);

  end (self, EXIT_FAILURE);
  g_printerr ("%s: %s\n", what, shown);
}

static void
complete (Scan *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *sheet = scanner_album_save_sheet (self->album, &error);

  if (sheet == NULL)
    {
      fail (self, _("The contact sheet was not saved"), error->message);
      return;
    }
  end (self, EXIT_SUCCESS);
  g_print (_("\nPictures       %s\nContact sheet  %s\n"),
           scanner_album_get_directory (self->album), sheet);
}

static void
on_fetched (GObject      *controller,
            GAsyncResult *result,
            gpointer      user_data)
{
  Scan *self = user_data;
  g_autoptr (GVariant) info = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) picture =
    imager_controller_client_call_get_picture_finish (self->controller, result, &info, &error);

  self->fetching = FALSE;
  if (picture == NULL)
    fail (self, _("A picture did not arrive"), error->message);
  else if (!scanner_album_add (self->album, picture, info, &error))
    fail (self, _("A picture was not saved"), error->message);
  else
    fetch (self);
}

/* Fetches pictures one after the other, as far as they have been taken. */
static void
fetch (Scan *self)
{
  int next = (int) scanner_album_get_n_saved (self->album);
  int n_taken = imager_controller_get_progress (IMAGER_CONTROLLER (self->controller));

  if (self->fetching)
    return;
  if (next == n_views)
    {
      if (self->scanned)
        complete (self);
      return;
    }
  if (!self->scanned && next >= n_taken)
    return;
  self->fetching = TRUE;
  imager_controller_client_call_get_picture (self->controller, next, self->cancellable, on_fetched,
                                             self);
}

static void
on_scanned (GObject      *controller,
            GAsyncResult *result,
            gpointer      user_data)
{
  Scan *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!imager_controller_client_call_run_scan_finish (self->controller, result, &error))
    {
      fail (self, _("The scan failed"), error->message);
      return;
    }
  self->scanned = TRUE;
  fetch (self);
}

static void
run (Scan *self)
{
  ImagerController *controller = IMAGER_CONTROLLER (self->controller);
  g_auto (GStrv) cameras = imager_controller_dup_camera_names (controller);
  g_autofree char *names = g_strjoinv (", ", cameras);
  g_autofree char *shown = plant_rpc_text_escape (names);

  g_print (_("Scanning with the camera: %s\n\n"), shown);

  g_object_bind_property (self->controller, "max-progress", self->bar, "maximum",
                          G_BINDING_SYNC_CREATE);
  g_object_bind_property (self->controller, "progress", self->bar, "value", G_BINDING_DEFAULT);
  g_signal_connect_swapped (self->controller, "notify::progress", G_CALLBACK (fetch), self);
  imager_controller_client_call_run_scan (self->controller, self->cancellable, on_scanned, self);
}

static void
on_ready_changed (Scan *self)
{
  if (!imager_controller_get_ready_to_scan (IMAGER_CONTROLLER (self->controller)))
    return;
  g_signal_handlers_disconnect_by_func (self->controller, on_ready_changed, self);
  g_clear_handle_id (&self->deadline, g_source_remove);
  run (self);
}

static gboolean
on_never_ready (gpointer user_data)
{
  Scan *self = user_data;

  self->deadline = 0;
  fail (self, _("The scan cannot start"),
        _("the controller is not ready, maybe it has no camera"));
  return G_SOURCE_REMOVE;
}

static void
await_cameras (Scan *self)
{
  self->deadline = g_timeout_add (PATIENCE, on_never_ready, self);
  g_signal_connect_swapped (self->controller, "notify::ready-to-scan",
                            G_CALLBACK (on_ready_changed), self);
  on_ready_changed (self);
}

static void
on_set_up (GObject      *controller,
           GAsyncResult *result,
           gpointer      user_data)
{
  Scan *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) nothing =
    plant_rpc_client_call_finish (PLANT_RPC_CLIENT (controller), result, &error);

  if (nothing == NULL)
    fail (self, _("The scan was refused"), error->message);
  else if (--self->n_settings == 0)
    await_cameras (self);
}

static void
on_connected (GObject      *controller,
              GAsyncResult *result,
              gpointer      user_data)
{
  Scan *self = user_data;
  ScannerPath path = SCANNER_PATH_INIT;
  g_autofree char *name = scanner_album_dup_name (self->album);
  g_autoptr (GError) error = NULL;

  if (!plant_rpc_client_wait_ready_finish (PLANT_RPC_CLIENT (controller), result, &error))
    {
      fail (self, _("The controller cannot be reached"), error->message);
      return;
    }
  path.n_points = (guint) n_views;
  self->n_settings = 2;
  imager_controller_client_call_set_config (self->controller, scanner_path_write (&path),
                                            self->cancellable, on_set_up, self);
  imager_controller_client_call_set_dataset_name (self->controller, name, self->cancellable,
                                                  on_set_up, self);
}

static gboolean
on_signal (gpointer user_data)
{
  Scan *self = user_data;

  end (self, EXIT_STOPPED);
  g_cancellable_cancel (self->cancellable);
  g_print (g_dngettext (GETTEXT_PACKAGE, "Stopped: %u of %d picture is in %s\n",
                        "Stopped: %u of %d pictures are in %s\n", (gulong) n_views),
           scanner_album_get_n_saved (self->album), n_views,
           scanner_album_get_directory (self->album));
  return G_SOURCE_CONTINUE;
}

static void
scan_clear (Scan *self)
{
  g_clear_object (&self->controller);
  g_clear_object (&self->registry);
  g_clear_pointer (&self->album, scanner_album_free);
  g_clear_object (&self->bar);
  g_clear_pointer (&self->loop, g_main_loop_unref);
  g_clear_object (&self->cancellable);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scan, scan_clear)

static gboolean
find_controller (Scan    *self,
                 GError **error)
{
  if (controller_url != NULL)
    {
      self->controller = imager_controller_client_new (controller_url);
      return TRUE;
    }
  self->registry = plant_rpc_registry_new (registry_url);
  if (!plant_rpc_registry_start (self->registry, error))
    return FALSE;
  self->controller = imager_controller_client_new_for_device (
      plant_rpc_registry_get_url (self->registry), "controller");
  return TRUE;
}

static gboolean
scan_init (Scan    *self,
           GError **error)
{
  if (!find_controller (self, error))
    return FALSE;
  self->album = scanner_album_new (output, (guint) n_views, error);
  self->bar = scanner_progress_bar_new ();
  self->loop = g_main_loop_new (NULL, FALSE);
  self->cancellable = g_cancellable_new ();
  return self->album != NULL;
}

/* (nullable) */
static char *
dup_mistake (void)
{
  if (controller_url == NULL && registry_url == NULL)
    return g_strdup (_("“--controller” or “--registry” is needed"));
  if (n_views < 1 || n_views > SCANNER_PATH_MAX_POINTS)
    return g_strdup_printf (_("“--views” is to be a number from 1 to %d"), SCANNER_PATH_MAX_POINTS);
  return NULL;
}

int
main (int    argc,
      char **argv)
{
  g_auto (Scan) self = { 0 };
  g_autofree char *mistake = NULL;
  g_autoptr (GError) error = NULL;

  if (!scanner_service_parse (N_("Has a controller scan a plant, and saves the pictures."), entries,
                              &argc, &argv))
    return EXIT_FAILURE;
  mistake = dup_mistake ();
  if (mistake != NULL || !scan_init (&self, &error))
    {
      g_printerr ("%s: %s\n", g_get_prgname (), error != NULL ? error->message : mistake);
      return EXIT_FAILURE;
    }
  g_unix_signal_add (SIGINT, on_signal, &self);
  g_unix_signal_add (SIGTERM, on_signal, &self);
  plant_rpc_client_wait_ready (PLANT_RPC_CLIENT (self.controller), PATIENCE, self.cancellable,
                               on_connected, &self);
  g_main_loop_run (self.loop);
  return self.status;
}
