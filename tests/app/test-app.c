/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The application among devices that come and go, refuse, freeze and die. */

#include <signal.h>

#include "app-fixture.h"
#include "thumbnail.h"
#include "value-entry.h"

/* ---- what a user sees and does */

static ScannerScan *
get_scan (AppFixture *self)
{
  return scanner_scan_page_get_scan (scanner_window_get_scan_page (self->window));
}

static void
open_camera (AppFixture *self)
{
  app_fixture_wait_for_state (self, "simulated", SCANNER_CONNECTION_CONNECTED);
  app_fixture_act (self, "win.select", "simulated");
  app_fixture_wait_for_pictures (self);
}

static ScannerPropertyRow *
find_row (AppFixture *self,
          const char *name)
{
  ScannerCameraPage *page = scanner_window_get_camera_page (self->window);
  ScannerPropertyRow *row =
    scanner_property_group_find_row (scanner_camera_page_get_settings (page), name);

  g_assert_nonnull (row);
  return row;
}

static void
enter (AppFixture *self,
       const char *name,
       const char *text)
{
  GtkWidget *editor = scanner_property_row_get_editor (find_row (self, name));

  scanner_value_entry_enter (SCANNER_VALUE_ENTRY (editor), text);
}

static void
assert_entry (AppFixture *self,
              const char *name,
              const char *expected)
{
  GtkWidget *editor = scanner_property_row_get_editor (find_row (self, name));
  GtkWidget *entry = adw_bin_get_child (ADW_BIN (editor));

  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, expected);
}

static gboolean
is_settled (AppFixture *self,
            gpointer    row)
{
  PlantRpcProperty *property = scanner_property_row_get_property (row);

  return plant_rpc_property_get_state (property) == PLANT_RPC_PROPERTY_STATE_CURRENT;
}

/* The label that a row has for complaints, if it is shown. */
static const char *
get_complaint (GtkWidget *widget)
{
  const char *complaint = NULL;

  if (GTK_IS_LABEL (widget) && gtk_widget_has_css_class (widget, "error") &&
      gtk_widget_get_visible (widget))
    return gtk_label_get_label (GTK_LABEL (widget));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && complaint == NULL;
       child = gtk_widget_get_next_sibling (child))
    complaint = get_complaint (child);
  return complaint;
}

/* ---- cameras */

static gboolean
has_registry (AppFixture *self,
              gpointer    unused)
{
  PlantRpcState state;

  g_object_get (self->roster, "registry-state", &state, NULL);
  return state == PLANT_RPC_STATE_READY;
}

static void
test_come_and_go (AppFixture    *self,
                  gconstpointer  unused)
{
  g_autofree char *text = NULL;
  GSubprocess *camera;
  GtkWidget *editor;

  app_fixture_wait (self, "the registry", has_registry, NULL);
  g_object_get (self->roster, "registry-text", &text, NULL);
  g_assert_true (g_str_has_prefix (text, "Devices that register at ipc://"));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (self->roster)), ==, 0);
  camera = app_fixture_start_camera (self);
  app_fixture_start_controller (self);
  app_fixture_wait_for_state (self, "controller-0", SCANNER_CONNECTION_CONNECTED);
  open_camera (self);
  editor = scanner_property_row_get_editor (find_row (self, "resolution"));
  g_assert_true (gtk_widget_get_sensitive (editor));

  app_fixture_stop_device (self, camera, SIGKILL);
  app_fixture_wait_for_state (self, "simulated", SCANNER_CONNECTION_GONE);
  g_assert_false (gtk_widget_get_sensitive (editor));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (self->roster)), ==, 2);

  app_fixture_start_camera (self);
  app_fixture_wait_for_state (self, "simulated", SCANNER_CONNECTION_CONNECTED);
  app_fixture_wait_for_pictures (self);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (self->roster)), ==, 2);
  editor = scanner_property_row_get_editor (find_row (self, "resolution"));
  g_assert_true (gtk_widget_get_sensitive (editor));
}

static void
test_refused (AppFixture    *self,
              gconstpointer  unused)
{
  ScannerPropertyRow *row;

  app_fixture_start_camera (self);
  open_camera (self);
  row = find_row (self, "resolution");
  assert_entry (self, "resolution", "640 × 480");

  enter (self, "resolution", "9000 × 9000");
  app_fixture_wait_for_state (self, "simulated", SCANNER_CONNECTION_REFUSED);
  app_fixture_wait (self, "the write to settle", is_settled, row);
  assert_entry (self, "resolution", "640 × 480");
  g_assert_nonnull (strstr (get_complaint (GTK_WIDGET (row)), "8192 pixels"));

  enter (self, "resolution", "320 × 240");
  app_fixture_wait (self, "the write to settle", is_settled, row);
  assert_entry (self, "resolution", "320 × 240");
  g_assert_null (get_complaint (GTK_WIDGET (row)));

  enter (self, "resolution", "wide");
  g_assert_nonnull (strstr (get_complaint (GTK_WIDGET (row)), "640 × 480"));
}

static gboolean
is_selected (AppFixture *self,
             gpointer    drop_down)
{
  return gtk_drop_down_get_selected (drop_down) == 1;
}

/* Somebody else changes it. */
static void
test_follows (AppFixture    *self,
              gconstpointer  unused)
{
  GtkWidget *editor;
  PlantRpcClient *camera, *other;

  app_fixture_start_camera (self);
  open_camera (self);
  editor = scanner_property_row_get_editor (find_row (self, "mode"));
  g_assert_cmpuint (gtk_drop_down_get_selected (GTK_DROP_DOWN (editor)), ==, 0);

  camera = scanner_connection_get_client (scanner_window_get_connection (self->window));
  other = plant_rpc_client_new (plant_rpc_client_get_url (camera));
  plant_rpc_client_write_property (other, "mode", g_variant_new_string ("VIDEO"), NULL, NULL, NULL);
  app_fixture_wait (self, "the mode to be followed", is_selected, editor);
  g_object_unref (other);

  gtk_drop_down_set_selected (GTK_DROP_DOWN (editor), 0);
  app_fixture_wait (self, "the write to settle", is_settled, find_row (self, "mode"));
  g_assert_cmpuint (gtk_drop_down_get_selected (GTK_DROP_DOWN (editor)), ==, 0);
}

static void
test_frozen (AppFixture    *self,
             gconstpointer  unused)
{
  GSubprocess *camera = app_fixture_start_camera (self);

  open_camera (self);
  g_subprocess_send_signal (camera, SIGSTOP);
  app_fixture_wait_for_state (self, "simulated", SCANNER_CONNECTION_BUSY);
  app_fixture_wait_for_state (self, "simulated", SCANNER_CONNECTION_STALE);
  g_subprocess_send_signal (camera, SIGCONT);
  app_fixture_wait_for_state (self, "simulated", SCANNER_CONNECTION_CONNECTED);
  app_fixture_wait_for_pictures (self);
}

/* ---- scans */

static gboolean
has_thumbnails (AppFixture *self,
                gpointer    n_thumbnails)
{
  return g_list_model_get_n_items (scanner_scan_get_pictures (get_scan (self))) >=
         GPOINTER_TO_UINT (n_thumbnails);
}

static gboolean
has_ended (AppFixture *self,
           gpointer    unused)
{
  return !scanner_scan_get_running (get_scan (self));
}

static gboolean
can_run (AppFixture *self,
         gpointer    unused)
{
  gboolean ready;

  g_object_get (get_scan (self), "can-run", &ready, NULL);
  return ready;
}

static GSubprocess *
run_scan (AppFixture *self,
          guint       n_points)
{
  GtkWidget *page = GTK_WIDGET (scanner_window_get_scan_page (self->window));
  GSubprocess *controller = app_fixture_start_controller (self);

  app_fixture_start_camera (self);
  app_fixture_wait_for_state (self, "simulated", SCANNER_CONNECTION_CONNECTED);
  app_fixture_wait_for_state (self, "controller-0", SCANNER_CONNECTION_CONNECTED);
  app_fixture_act (self, "win.select", "controller-0");
  app_fixture_wait (self, "a controller that can scan", can_run, NULL);
  g_object_set (get_scan (self), "n-points", n_points, NULL);
  g_assert_true (gtk_widget_activate_action (page, "scan.run", NULL));
  g_assert_true (scanner_scan_get_running (get_scan (self)));
  return controller;
}

static void
assert_status (AppFixture *self,
               const char *part)
{
  g_autofree char *status = NULL;

  g_object_get (get_scan (self), "status", &status, NULL);
  if (strstr (status, part) == NULL)
    g_error ("The status is “%s”", status);
}

static void
assert_thumbnail (AppFixture *self,
                  guint       position,
                  const char *expected)
{
  g_autoptr (ScannerThumbnail) thumbnail =
      g_list_model_get_item (scanner_scan_get_pictures (get_scan (self)), position);
  g_autofree char *text = scanner_thumbnail_describe (thumbnail);

  g_assert_nonnull (strstr (text, expected));
}

static void
test_scan (AppFixture    *self,
           gconstpointer  unused)
{
  double fraction;

  g_object_set (get_scan (self), "n-points", 5, NULL);
  g_assert_cmpuint (scanner_scan_get_n_points (get_scan (self)), ==, 5);
  run_scan (self, 12);
  app_fixture_wait (self, "the end of the scan", has_ended, NULL);
  app_fixture_wait (self, "all pictures", has_thumbnails, GUINT_TO_POINTER (12));
  assert_status (self, "All 12 pictures");
  g_object_get (get_scan (self), "fraction", &fraction, NULL);
  g_assert_cmpfloat (fraction, ==, 1);
  g_assert_cmpuint (scanner_scan_get_n_taken (get_scan (self)), ==, 12);
  g_assert_cmpuint (scanner_scan_get_n_points (get_scan (self)), ==, 12);
  assert_thumbnail (self, 0, "0°");
  assert_thumbnail (self, 11, "330°");
  app_fixture_wait (self, "the next scan to be possible", can_run, NULL);
}

static void
test_abort (AppFixture    *self,
            gconstpointer  unused)
{
  GtkWidget *page = GTK_WIDGET (scanner_window_get_scan_page (self->window));

  run_scan (self, 360);
  app_fixture_wait (self, "pictures", has_thumbnails, GUINT_TO_POINTER (2));
  g_assert_true (gtk_widget_activate_action (page, "scan.abort", NULL));
  app_fixture_wait (self, "the end of the scan", has_ended, NULL);
  assert_status (self, "aborted");
}

static void
test_dies_mid_scan (AppFixture    *self,
                    gconstpointer  unused)
{
  GSubprocess *controller = run_scan (self, 360);

  app_fixture_wait (self, "pictures", has_thumbnails, GUINT_TO_POINTER (2));
  g_subprocess_send_signal (controller, SIGSTOP);
  app_fixture_wait_for_state (self, "controller-0", SCANNER_CONNECTION_STALE);
  g_assert_true (scanner_scan_get_running (get_scan (self)));
  app_fixture_stop_device (self, controller, SIGKILL);
  app_fixture_wait (self, "the end of the scan", has_ended, NULL);
  app_fixture_wait_for_state (self, "controller-0", SCANNER_CONNECTION_GONE);
  assert_status (self, "failed");
  g_assert_false (can_run (self, NULL));
}

/* ---- the log */

static gboolean
has_entries (AppFixture *self,
             gpointer    n_entries)
{
  ScannerLogPage *page = scanner_window_get_log_page (self->window);

  return g_list_model_get_n_items (scanner_log_page_get_entries (page)) ==
         GPOINTER_TO_UINT (n_entries);
}

static void
test_log (AppFixture    *self,
          gconstpointer  unused)
{
  ScannerLogPage *page = scanner_window_get_log_page (self->window);
  g_autoptr (ScannerLogEntry) entry = NULL;

  scanner_log_clear (scanner_roster_get_log (self->roster));
  run_scan (self, 3);
  app_fixture_wait (self, "the end of the scan", has_ended, NULL);
  app_fixture_wait (self, "all pictures", has_thumbnails, GUINT_TO_POINTER (3));
  app_fixture_act (self, "win.show-page", "log");
  scanner_log_page_search (page, "GET_picture");
  app_fixture_wait (self, "three calls", has_entries, GUINT_TO_POINTER (3));
  scanner_log_page_search (page, "run_scan");
  app_fixture_wait (self, "one call", has_entries, GUINT_TO_POINTER (1));
  entry = g_list_model_get_item (scanner_log_page_get_entries (page), 0);
  g_assert_cmpstr (scanner_log_entry_get_device (entry), ==, "controller-0");
  g_assert_cmpint (scanner_log_entry_get_kind (entry), ==, SCANNER_LOG_CALL);
  g_assert_nonnull (scanner_log_entry_get_outcome (entry));
  scanner_log_page_search (page, "");
}

/* ---- cameras of Plant Imager */

static void
test_old_camera (AppFixture    *self,
                 gconstpointer  generation)
{
  g_autofree char *url = app_fixture_start_old_camera (self, generation);
  ScannerPropertyRow *row;

  app_fixture_act (self, "win.connect-to", url);
  app_fixture_wait_for_state (self, url, SCANNER_CONNECTION_CONNECTED);
  app_fixture_wait_for_pictures (self);
  row = find_row (self, "mode");
  assert_entry (self, "mode", "STILL");
  assert_entry (self, "resolution", "[640,480]");

  enter (self, "mode", "NOISE");
  app_fixture_wait_for_state (self, url, SCANNER_CONNECTION_REFUSED);
  app_fixture_wait (self, "the write to settle", is_settled, row);
  assert_entry (self, "mode", "STILL");
  g_assert_nonnull (strstr (get_complaint (GTK_WIDGET (row)), "mode"));

  enter (self, "mode", "VIDEO");
  app_fixture_wait (self, "the write to settle", is_settled, row);
  assert_entry (self, "mode", "VIDEO");
}

#define ADD(path, data, test) \
  g_test_add ("/app/" path, AppFixture, data, app_fixture_set_up, test, app_fixture_tear_down)

int
main (int    argc,
      char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  ADD ("come-and-go", NULL, test_come_and_go);
  ADD ("refused", NULL, test_refused);
  ADD ("follows", NULL, test_follows);
  ADD ("frozen", NULL, test_frozen);
  ADD ("scan", NULL, test_scan);
  ADD ("abort", NULL, test_abort);
  ADD ("dies-mid-scan", NULL, test_dies_mid_scan);
  ADD ("log", NULL, test_log);
  ADD ("generation-1", "1", test_old_camera);
  ADD ("generation-2", "2", test_old_camera);
  return g_test_run ();
}
