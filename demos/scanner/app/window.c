/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "connect-dialog.h"
#include "connection-row.h"
#include "value-text.h"
#include "window.h"

struct _ScannerWindow
{
  AdwApplicationWindow parent_instance;

  ScannerRoster     *roster;     /* (owned) */
  ScannerConnection *connection; /* (owned) (nullable): what is shown */

  AdwToastOverlay       *toasts;
  AdwLeaflet            *leaflet;
  GtkWidget             *sidebar;
  GtkWidget             *content;
  GtkStack              *list_stack;
  AdwStatusPage         *empty;
  GtkSingleSelection    *selection;
  AdwViewSwitcherTitle  *switcher;
  GtkWidget             *switcher_bar;
  GtkRevealer           *trouble;
  GtkLabel              *trouble_text;
  GtkStack              *content_stack;
  AdwStatusPage         *connecting;
  GtkButton             *trust;
  AdwViewStack          *pages;
  AdwViewStackPage      *camera_stack_page;
  AdwViewStackPage      *scan_stack_page;
  AdwViewStackPage      *properties_stack_page;
  ScannerCameraPage     *camera_page;
  ScannerScanPage       *scan_page;
  ScannerPropertyGroup  *properties;
  ScannerLogPage        *log_page;
};

G_DEFINE_FINAL_TYPE (ScannerWindow, scanner_window, ADW_TYPE_APPLICATION_WINDOW)

/* ---- what the shown connection tells */

static void
show_trouble (ScannerWindow *self)
{
  ScannerConnectionState state = scanner_connection_get_state (self->connection);
  gboolean trouble = state == SCANNER_CONNECTION_STALE || state >= SCANNER_CONNECTION_GONE;
  g_autofree char *detail = NULL;
  g_autofree char *text = NULL;

  if (trouble && state == SCANNER_CONNECTION_STALE)
    text = g_strdup (_("The device does not answer. What is shown is what it told last."));
  else if (trouble)
    g_object_get (self->connection, "detail", &detail, NULL);
  if (detail != NULL && state != SCANNER_CONNECTION_GONE)
    text = g_steal_pointer (&detail);
  else if (detail != NULL)
    {
      /* Translators: the device was lost, for the reason that follows. */
      text = g_strdup_printf (_("The device is gone; it is looked for. %s"), detail);
    }
  if (trouble)
    gtk_label_set_label (self->trouble_text, text);
  gtk_revealer_set_reveal_child (self->trouble,
                                 trouble &&
                                   scanner_connection_get_client (self->connection) != NULL);
}

static void
show_progress_of_connecting (ScannerWindow *self)
{
  g_autofree char *title = NULL;
  g_autofree char *detail = NULL;
  g_autofree char *markup = NULL;
  const char *remedy = scanner_connection_get_remedy (self->connection);

  gtk_widget_set_visible (GTK_WIDGET (self->trust), remedy != NULL);
  if (remedy != NULL)
    gtk_button_set_label (self->trust, remedy);
  g_object_get (self->connection, "state-text", &title, "detail", &detail, NULL);
  markup = scanner_value_text_to_markup (detail);
  adw_status_page_set_title (self->connecting, title);
  adw_status_page_set_description (self->connecting, markup);
}

static void
show_connection (ScannerWindow *self)
{
  const char *page = "none";
  g_autofree char *name = NULL;

  if (self->connection != NULL)
    {
      page = scanner_connection_get_client (self->connection) != NULL ? "device" : "connecting";
      g_object_get (self->connection, "name", &name, NULL);
      show_progress_of_connecting (self);
      show_trouble (self);
    }
  adw_view_switcher_title_set_title (self->switcher,
                                     name != NULL ? name : _("Scanner"));
  adw_view_switcher_title_set_view_switcher_enabled (self->switcher,
                                                     g_str_equal (page, "device"));
  gtk_widget_set_visible (self->switcher_bar, g_str_equal (page, "device"));
  gtk_stack_set_visible_child_name (self->content_stack, page);
}

static void
choose_pages (ScannerWindow *self)
{
  gboolean camera = self->connection != NULL &&
                    scanner_connection_has_method (self->connection, "get_image");
  gboolean scan = self->connection != NULL &&
                  scanner_connection_has_method (self->connection, "run_scan");
  PlantRpcClient *client =
    self->connection != NULL ? scanner_connection_get_client (self->connection) : NULL;

  adw_view_stack_page_set_visible (self->camera_stack_page, camera);
  adw_view_stack_page_set_visible (self->scan_stack_page, scan);
  adw_view_stack_page_set_visible (self->properties_stack_page, !camera);
  g_object_set (self->properties, "client", camera ? NULL : client, NULL);
  if (client != NULL && !g_str_equal (adw_view_stack_get_visible_child_name (self->pages), "log"))
    adw_view_stack_set_visible_child_name (self->pages,
                                           camera ? "camera" : scan ? "scan" : "properties");
  show_connection (self);
}

static void
set_connection (ScannerWindow     *self,
                ScannerConnection *connection)
{
  if (self->connection == connection)
    return;
  if (self->connection != NULL)
    g_signal_handlers_disconnect_by_data (self->connection, self);
  g_set_object (&self->connection, connection);
  if (connection != NULL)
    {
      g_signal_connect_swapped (connection, "notify::client", G_CALLBACK (choose_pages), self);
      g_signal_connect_swapped (connection, "notify::detail", G_CALLBACK (show_connection), self);
    }
  g_object_set (self->camera_page, "connection", connection, NULL);
  g_object_set (self->scan_page, "connection", connection, NULL);
  scanner_log_page_set_device (self->log_page, connection != NULL
                                                 ? scanner_connection_get_name (connection)
                                                 : NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.forget", connection != NULL);
  choose_pages (self);
}

/* ---- the list */

static void
on_selected (ScannerWindow *self)
{
  ScannerConnection *connection = gtk_single_selection_get_selected_item (self->selection);

  if (connection == NULL)
    return;
  set_connection (self, connection);
  adw_leaflet_set_visible_child (self->leaflet, self->content);
}

static void
select_connection (ScannerWindow     *self,
                   ScannerConnection *connection)
{
  GListModel *model = G_LIST_MODEL (self->selection);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (ScannerConnection) item = g_list_model_get_item (model, i);

      if (item == connection)
        gtk_single_selection_set_selected (self->selection, i);
    }
}

static void
on_devices_changed (ScannerWindow *self)
{
  gboolean none = g_list_model_get_n_items (G_LIST_MODEL (self->roster)) == 0;

  gtk_stack_set_visible_child_name (self->list_stack, none ? "empty" : "list");
}

/* ---- actions */

static void
on_back (GtkWidget  *widget,
         const char *name,
         GVariant   *parameter)
{
  ScannerWindow *self = SCANNER_WINDOW (widget);

  gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
  adw_leaflet_set_visible_child (self->leaflet, self->sidebar);
}

static void
on_select (GtkWidget  *widget,
           const char *name,
           GVariant   *parameter)
{
  ScannerWindow *self = SCANNER_WINDOW (widget);
  ScannerConnection *connection =
    scanner_roster_find (self->roster, g_variant_get_string (parameter, NULL));

  if (connection != NULL)
    select_connection (self, connection);
}

static void
on_forget (GtkWidget  *widget,
           const char *name,
           GVariant   *parameter)
{
  ScannerWindow *self = SCANNER_WINDOW (widget);
  g_autoptr (ScannerConnection) connection = g_object_ref (self->connection);

  set_connection (self, NULL);
  scanner_roster_forget (self->roster, connection);
  on_back (widget, NULL, NULL);
}

static void
on_trust (GtkWidget  *widget,
          const char *name,
          GVariant   *parameter)
{
  ScannerWindow *self = SCANNER_WINDOW (widget);

  if (self->connection != NULL)
    scanner_connection_trust (self->connection);
}

static void
on_connect (GtkWidget  *widget,
            const char *name,
            GVariant   *parameter)
{
  ScannerWindow *self = SCANNER_WINDOW (widget);

  gtk_window_present (scanner_connect_dialog_new (GTK_WINDOW (self),
                                                  scanner_roster_get_registry (self->roster)));
}

/* The reference to the window is dropped. */
static void
on_paired (GObject      *source,
           GAsyncResult *result,
           gpointer      window)
{
  g_autoptr (ScannerWindow) self = window;
  g_autoptr (GError) error = NULL;
  g_autofree char *url = plant_rpc_pair_finish (result, &error);

  if (self->roster == NULL)
    return;
  if (url != NULL)
    select_connection (self, scanner_roster_connect (self->roster, url));
  else
    scanner_window_toast (self, error->message);
}

static void
on_connect_to (GtkWidget  *widget,
               const char *name,
               GVariant   *parameter)
{
  ScannerWindow *self = SCANNER_WINDOW (widget);
  const char *text = g_variant_get_string (parameter, NULL);

  if (plant_rpc_is_invitation (text))
    plant_rpc_pair (text, NULL, NULL, NULL, on_paired, g_object_ref (self));
  else
    select_connection (self, scanner_roster_connect (self->roster, text));
}

static void
on_use_registry (GtkWidget  *widget,
                 const char *name,
                 GVariant   *parameter)
{
  ScannerWindow *self = SCANNER_WINDOW (widget);
  g_autofree char *text = NULL;

  scanner_roster_set_registry (self->roster, g_variant_get_string (parameter, NULL));
  g_object_get (self->roster, "registry-text", &text, NULL);
  scanner_window_toast (self, text);
}

static void
on_show_page (GtkWidget  *widget,
              const char *name,
              GVariant   *parameter)
{
  adw_view_stack_set_visible_child_name (SCANNER_WINDOW (widget)->pages,
                                         g_variant_get_string (parameter, NULL));
}

/* ---- the object */

static void
scanner_window_dispose (GObject *object)
{
  ScannerWindow *self = SCANNER_WINDOW (object);

  g_action_map_remove_action (G_ACTION_MAP (self), "hold");
  if (self->connection != NULL)
    g_signal_handlers_disconnect_by_data (self->connection, self);
  g_clear_object (&self->connection);
  if (self->roster != NULL)
    g_signal_handlers_disconnect_by_data (self->roster, self);
  g_clear_object (&self->roster);
  G_OBJECT_CLASS (scanner_window_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, ScannerWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, ScannerWindow, leaflet);
  gtk_widget_class_bind_template_child (widget_class, ScannerWindow, sidebar);
  gtk_widget_class_bind_template_child (widget_class, ScannerWindow, content);
  gtk_widget_class_bind_template_child (widget_class, ScannerWindow, list_stack);
  gtk_widget_class_bind_template_child (widget_class, ScannerWindow, empty);
  gtk_widget_class_bind_template_child (widget_class, ScannerWindow, selection);
  gtk_widget_class_bind_template_child (widget_class, ScannerWindow, switcher);
  gtk_widget_class_bind_template_child (widget_class, ScannerWindow, switcher_bar);
  gtk_widget_class_bind_template_child (widget_class, ScannerWindow, trouble);
  gtk_widget_class_bind_template_child (widget_class, ScannerWindow, trouble_text);
  gtk_widget_class_bind_template_child (widget_class, ScannerWindow, content_stack);
  gtk_widget_class_bind_template_child (widget_class, ScannerWindow, connecting);
  gtk_widget_class_bind_template_child (widget_class, ScannerWindow, trust);
  gtk_widget_class_bind_template_child (widget_class, ScannerWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, ScannerWindow, camera_stack_page);
  gtk_widget_class_bind_template_child (widget_class, ScannerWindow, scan_stack_page);
  gtk_widget_class_bind_template_child (widget_class, ScannerWindow, properties_stack_page);
  gtk_widget_class_bind_template_child (widget_class, ScannerWindow, camera_page);
  gtk_widget_class_bind_template_child (widget_class, ScannerWindow, scan_page);
  gtk_widget_class_bind_template_child (widget_class, ScannerWindow, properties);
  gtk_widget_class_bind_template_child (widget_class, ScannerWindow, log_page);
}

static void
install_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "win.back", NULL, on_back);
  gtk_widget_class_install_action (widget_class, "win.connect", NULL, on_connect);
  gtk_widget_class_install_action (widget_class, "win.connect-to", "s", on_connect_to);
  gtk_widget_class_install_action (widget_class, "win.use-registry", "s", on_use_registry);
  gtk_widget_class_install_action (widget_class, "win.select", "s", on_select);
  gtk_widget_class_install_action (widget_class, "win.show-page", "s", on_show_page);
  gtk_widget_class_install_action (widget_class, "win.forget", NULL, on_forget);
  gtk_widget_class_install_action (widget_class, "win.trust", NULL, on_trust);
}

static void
scanner_window_class_init (ScannerWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = scanner_window_dispose;

  g_type_ensure (SCANNER_TYPE_CAMERA_PAGE);
  g_type_ensure (SCANNER_TYPE_CONNECTION_ROW);
  g_type_ensure (SCANNER_TYPE_LOG_PAGE);
  g_type_ensure (SCANNER_TYPE_SCAN_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/plantrpc/Scanner/window.ui");
  gtk_widget_class_bind_template_callback (widget_class, on_selected);
  bind_children (widget_class);
  install_actions (widget_class);
}

static void
scanner_window_init (ScannerWindow *self)
{
  g_autoptr (GPropertyAction) hold = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.forget", FALSE);
  hold = g_object_new (G_TYPE_PROPERTY_ACTION, "name", "hold", "object",
                       scanner_camera_page_get_view (self->camera_page), "property-name",
                       "running", "invert-boolean", TRUE, NULL);
  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (hold));
}

/* The description of a status page is markup. */
static gboolean
to_markup (GBinding     *binding,
           const GValue *from,
           GValue       *to,
           gpointer      unused)
{
  g_value_take_string (to, scanner_value_text_to_markup (g_value_get_string (from)));
  return TRUE;
}

GtkWindow *
scanner_window_new (AdwApplication *application,
                    ScannerRoster  *roster)
{
  ScannerWindow *self = g_object_new (SCANNER_TYPE_WINDOW, "application", application, NULL);

  self->roster = g_object_ref (roster);
  gtk_single_selection_set_model (self->selection, G_LIST_MODEL (roster));
  g_object_bind_property_full (roster, "registry-text", self->empty, "description",
                               G_BINDING_SYNC_CREATE, to_markup, NULL, NULL, NULL);
  g_signal_connect_swapped (roster, "items-changed", G_CALLBACK (on_devices_changed), self);
  on_devices_changed (self);
  choose_pages (self);
  scanner_log_page_set_log (self->log_page, scanner_roster_get_log (roster));
  return GTK_WINDOW (self);
}

void
scanner_window_toast (ScannerWindow *self,
                      const char    *text)
{
  g_autofree char *markup = scanner_value_text_to_markup (text);

  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (markup));
}

/* (transfer none) (nullable) */
ScannerConnection *
scanner_window_get_connection (ScannerWindow *self)
{
  return self->connection;
}

ScannerCameraPage *
scanner_window_get_camera_page (ScannerWindow *self)
{
  return self->camera_page;
}

ScannerScanPage *
scanner_window_get_scan_page (ScannerWindow *self)
{
  return self->scan_page;
}

ScannerLogPage *
scanner_window_get_log_page (ScannerWindow *self)
{
  return self->log_page;
}
