/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <plantrpc/plantrpc.h>

#include "connect-dialog.h"

#define REGISTRY 1 /* the second choice */

struct _ScannerConnectDialog
{
  AdwMessageDialog parent_instance;

  char *registry; /* (owned) (nullable): the present one */

  AdwComboRow *kind;
  AdwEntryRow *address;
};

G_DEFINE_FINAL_TYPE (ScannerConnectDialog, scanner_connect_dialog, ADW_TYPE_MESSAGE_DIALOG)

static const char *
get_text (ScannerConnectDialog *self)
{
  return gtk_editable_get_text (GTK_EDITABLE (self->address));
}

static gboolean
is_untouched (ScannerConnectDialog *self)
{
  return g_str_equal (get_text (self), "tcp://") || *get_text (self) == '\0' ||
         g_strcmp0 (get_text (self), self->registry) == 0;
}

static void
on_kind (ScannerConnectDialog *self)
{
  gboolean registry = adw_combo_row_get_selected (self->kind) == REGISTRY;

  if (self->address != NULL && is_untouched (self))
    gtk_editable_set_text (GTK_EDITABLE (self->address),
                           registry && self->registry != NULL ? self->registry : "tcp://");
}

static void
on_changed (ScannerConnectDialog *self)
{
  const char *separator = strstr (get_text (self), "://");

  adw_message_dialog_set_response_enabled (ADW_MESSAGE_DIALOG (self), "connect",
                                           separator != NULL && separator > get_text (self) &&
                                             separator[3] != '\0');
}

static void
scanner_connect_dialog_response (AdwMessageDialog *dialog,
                                 const char       *response)
{
  ScannerConnectDialog *self = SCANNER_CONNECT_DIALOG (dialog);
  GtkWidget *parent = GTK_WIDGET (gtk_window_get_transient_for (GTK_WINDOW (dialog)));
  gboolean registry = adw_combo_row_get_selected (self->kind) == REGISTRY &&
                      !plant_rpc_is_invitation (get_text (self));

  if (g_str_equal (response, "connect"))
    gtk_widget_activate_action (parent, registry ? "win.use-registry" : "win.connect-to", "s",
                                get_text (self));
}

static void
scanner_connect_dialog_finalize (GObject *object)
{
  g_free (SCANNER_CONNECT_DIALOG (object)->registry);
  G_OBJECT_CLASS (scanner_connect_dialog_parent_class)->finalize (object);
}

static void
scanner_connect_dialog_class_init (ScannerConnectDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = scanner_connect_dialog_finalize;
  ADW_MESSAGE_DIALOG_CLASS (klass)->response = scanner_connect_dialog_response;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/plantrpc/Scanner/connect-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, ScannerConnectDialog, kind);
  gtk_widget_class_bind_template_child (widget_class, ScannerConnectDialog, address);
  gtk_widget_class_bind_template_callback (widget_class, on_kind);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
}

static void
scanner_connect_dialog_init (ScannerConnectDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* registry: the present one, or NULL. */
GtkWindow *
scanner_connect_dialog_new (GtkWindow  *parent,
                            const char *registry)
{
  ScannerConnectDialog *self = g_object_new (SCANNER_TYPE_CONNECT_DIALOG, "transient-for", parent,
                                             NULL);

  self->registry = g_strdup (registry);
  return GTK_WINDOW (self);
}
