/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Saves pictures of the application's pages, light and dark, small and large: screenshots DIR. */

#include <glib/gstdio.h>
#include <signal.h>

#include "app-fixture.h"
#include "stall-watch.h"
#include "value-entry.h"

static const struct
{
  const char *name;
  int         width;
  int         height;
} sizes[] = {
  { "small", 360, 640 },
  { "large", 1200, 800 },
};

static const char *directory;

static gboolean
has_size (AppFixture *self,
          gpointer    size)
{
  const int *wanted = size;

  return gtk_widget_get_width (GTK_WIDGET (self->window)) == wanted[0] &&
         gtk_widget_get_height (GTK_WIDGET (self->window)) == wanted[1];
}

static gboolean
count_frames (GtkWidget     *widget,
              GdkFrameClock *clock,
              gpointer       n_frames)
{
  ++*(guint *) n_frames;
  gtk_widget_queue_draw (widget);
  return G_SOURCE_CONTINUE;
}

static gboolean
is_settled (AppFixture *self,
            gpointer    n_frames)
{
  return *(guint *) n_frames >= 30;
}

/* Animations run by frames. */
static void
settle (AppFixture *self)
{
  guint n_frames = 0;
  guint id = gtk_widget_add_tick_callback (GTK_WIDGET (self->window), count_frames, &n_frames,
                                           NULL);

  app_fixture_wait (self, "frames", is_settled, &n_frames);
  gtk_widget_remove_tick_callback (GTK_WIDGET (self->window), id);
}

static void
save (gpointer    window,
      const char *name)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (window);
  g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
  g_autofree char *path = g_build_filename (directory, name, NULL);
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;

  gdk_paintable_snapshot (paintable, snapshot, gdk_paintable_get_intrinsic_width (paintable),
                          gdk_paintable_get_intrinsic_height (paintable));
  node = gtk_snapshot_to_node (snapshot);
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (window), node,
                                         NULL);
  g_assert_true (gdk_texture_save_to_png (texture, path));
  g_print ("%s\n", path);
}

/* Where no compositor draws shadows, GTK draws a border instead, at the cost of the size. */
static void
remove_border (void)
{
  g_autoptr (GtkCssProvider) provider = gtk_css_provider_new ();

  gtk_css_provider_load_from_data (provider,
                                   "window.solid-csd { padding: 0; box-shadow: none; }", -1);
  gtk_style_context_add_provider_for_display (gdk_display_get_default (),
                                              GTK_STYLE_PROVIDER (provider),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

/* In every size, light and dark. */
static void
shoot (AppFixture *self,
       const char *page)
{
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      int size[] = { sizes[i].width, sizes[i].height };

      gtk_window_set_default_size (GTK_WINDOW (self->window), size[0], size[1]);
      app_fixture_wait (self, "the size of the window", has_size, size);
      for (guint dark = 0; dark < 2; dark++)
        {
          g_autofree char *name = g_strdup_printf ("%s-%s-%s.png", page, sizes[i].name,
                                                   dark ? "dark" : "light");

          adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                              dark ? ADW_COLOR_SCHEME_FORCE_DARK
                                                   : ADW_COLOR_SCHEME_FORCE_LIGHT);
          settle (self);
          save (self->window, name);
        }
    }
}

static gboolean
shows_pictures (AppFixture *self,
                gpointer    data)
{
  ScannerCameraPage *page = scanner_window_get_camera_page (self->window);

  return scanner_live_view_get_n_shown (scanner_camera_page_get_view (page)) > 0;
}

static void
shoot_camera (AppFixture *self)
{
  app_fixture_act (self, "win.select", "simulated");
  app_fixture_wait (self, "a picture", shows_pictures, NULL);
  shoot (self, "camera");
}

static void
shoot_refusal (AppFixture *self)
{
  ScannerCameraPage *page = scanner_window_get_camera_page (self->window);
  ScannerPropertyRow *row;

  app_fixture_act (self, "win.select", "simulated");
  app_fixture_act (self, "win.show-page", "camera");
  settle (self);
  row = scanner_property_group_find_row (scanner_camera_page_get_settings (page), "resolution");
  scanner_value_entry_enter (SCANNER_VALUE_ENTRY (scanner_property_row_get_editor (row)),
                             "9000 × 9000");
  app_fixture_wait_for_state (self, "simulated", SCANNER_CONNECTION_REFUSED);
  shoot (self, "refused");
}

static gboolean
has_pictures (AppFixture *self,
              gpointer    n_pictures)
{
  ScannerScan *scan = scanner_scan_page_get_scan (scanner_window_get_scan_page (self->window));

  return g_list_model_get_n_items (scanner_scan_get_pictures (scan)) >=
         GPOINTER_TO_UINT (n_pictures);
}

static void
shoot_scan (AppFixture *self)
{
  ScannerScanPage *page = scanner_window_get_scan_page (self->window);

  app_fixture_act (self, "win.select", "controller-0");
  shoot (self, "scan-before");
  g_object_set (scanner_scan_page_get_scan (page), "n-points", 60, NULL);
  app_fixture_act (self, "win.show-page", "scan");
  gtk_widget_activate_action (GTK_WIDGET (page), "scan.run", NULL);
  app_fixture_wait (self, "pictures", has_pictures, GUINT_TO_POINTER (14));
  shoot (self, "scan");
}

static void
shoot_rest (AppFixture *self)
{
  app_fixture_act (self, "win.show-page", "properties");
  shoot (self, "properties");
  app_fixture_act (self, "win.show-page", "log");
  shoot (self, "log");
}

static GtkWindow *
find_dialog (AppFixture *self)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *link = windows; link != NULL; link = link->next)
    {
      if (gtk_widget_get_mapped (link->data) && link->data != (gpointer) self->window)
        return link->data;
    }
  return NULL;
}

static void
shoot_dialog (AppFixture *self,
              const char *action,
              const char *name)
{
  app_fixture_act (self, action, NULL);
  settle (self);
  save (find_dialog (self), name);
  gtk_window_close (find_dialog (self));
  settle (self);
}

static void
shoot_hung (AppFixture  *self,
            GSubprocess *camera)
{
  g_subprocess_send_signal (camera, SIGSTOP);
  app_fixture_wait_for_state (self, "simulated", SCANNER_CONNECTION_STALE);
  shoot (self, "hung");
  g_subprocess_send_signal (camera, SIGCONT);
  app_fixture_wait_for_state (self, "simulated", SCANNER_CONNECTION_CONNECTED);
}

static void
shoot_gone (AppFixture  *self,
            GSubprocess *camera)
{
  app_fixture_stop_device (self, camera, SIGKILL);
  app_fixture_wait_for_state (self, "simulated", SCANNER_CONNECTION_GONE);
  shoot (self, "gone");
}

/* A device with a key that a registry lists and nobody knows. */
static void
shoot_doubted (AppFixture *self)
{
  g_autoptr (GObject) object = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (PlantRpcKeypair) keypair = plant_rpc_keypair_new (NULL);
  g_autoptr (PlantRpcServer) server = plant_rpc_server_new (object, "tcp://127.0.0.1:*");

  plant_rpc_server_set_keypair (server, keypair);
  if (!plant_rpc_server_start (server, NULL))
    g_error ("The secured device cannot listen");
  plant_rpc_server_register_to_registry (server, "lamp", "lamp",
                                         plant_rpc_registry_get_url (self->registry), TRUE, NULL,
                                         NULL, NULL);
  app_fixture_wait_for_state (self, "lamp", SCANNER_CONNECTION_DOUBTED);
  app_fixture_act (self, "win.select", "lamp");
  shoot (self, "doubted");
}

int
main (int    argc,
      char **argv)
{
  AppFixture fixture = { NULL };
  GSubprocess *camera;

  if (argc != 2)
    {
      g_printerr ("Usage: %s DIR\n", argv[0]);
      return 2;
    }
  directory = argv[1];
  g_mkdir_with_parents (directory, 0777);
  app_fixture_set_up (&fixture, NULL);
  remove_border ();
  shoot (&fixture, "empty");
  camera = app_fixture_start_camera (&fixture);
  app_fixture_start_controller (&fixture);
  app_fixture_wait_for_state (&fixture, "simulated", SCANNER_CONNECTION_CONNECTED);
  shoot (&fixture, "devices");
  shoot_camera (&fixture);
  shoot_scan (&fixture);
  shoot_rest (&fixture);
  shoot_refusal (&fixture);
  shoot_hung (&fixture, camera);
  shoot_gone (&fixture, camera);
  shoot_doubted (&fixture);
  shoot_dialog (&fixture, "win.connect", "connect.png");
  shoot_dialog (&fixture, "win.show-help-overlay", "shortcuts.png");
  /* What the pictures have cost is not the application's fault. */
  stall_watch_start ();
  app_fixture_tear_down (&fixture, NULL);
  return 0;
}
