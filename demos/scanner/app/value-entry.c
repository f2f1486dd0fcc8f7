/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "value-entry.h"

#include "value-text.h"

struct _ScannerValueEntry
{
  AdwBin parent_instance;

  GtkWidget *entry;
  char      *type_string; /* (owned): of what is to be entered */
  char      *text;        /* (owned): as taken last */
  char      *error;       /* (owned) (nullable): why the text was not taken */
};

typedef enum
{
  PROP_TEXT = 1,
  PROP_ERROR,
} ScannerValueEntryProperty;

static GParamSpec *properties[PROP_ERROR + 1];

G_DEFINE_FINAL_TYPE (ScannerValueEntry, scanner_value_entry, ADW_TYPE_BIN)

static void
set_error (ScannerValueEntry *self,
           const char        *message)
{
  if (g_strcmp0 (self->error, message) == 0)
    return;
  g_free (self->error);
  self->error = g_strdup (message);
  if (message != NULL)
    gtk_widget_add_css_class (self->entry, "error");
  else
    gtk_widget_remove_css_class (self->entry, "error");
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
}

static void
take_back (ScannerValueEntry *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->entry), self->text);
  set_error (self, NULL);
}

static void
take (ScannerValueEntry *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) error = NULL;

  if (g_str_equal (text, self->text))
    return;
  value = scanner_value_text_parse (text, self->type_string, &error);
  set_error (self, error != NULL ? error->message : NULL);
  if (value == NULL)
    return;
  g_free (self->text);
  self->text = g_strdup (text);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TEXT]);
}

static gboolean
on_key (ScannerValueEntry *self,
        guint              key)
{
  if (key != GDK_KEY_Escape)
    return GDK_EVENT_PROPAGATE;
  take_back (self);
  return GDK_EVENT_STOP;
}

static gboolean
is_edited (ScannerValueEntry *self)
{
  GtkWidget *text = GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (self->entry)));

  return self->error != NULL ||
         (gtk_widget_has_focus (text) &&
          !g_str_equal (gtk_editable_get_text (GTK_EDITABLE (self->entry)), self->text));
}

static void
set_text (ScannerValueEntry *self,
          const char        *text)
{
  gboolean edited = is_edited (self);

  g_free (self->text);
  self->text = g_strdup (text != NULL ? text : "");
  if (!edited)
    take_back (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TEXT]);
}

static void
scanner_value_entry_get_property (GObject    *object,
                                  guint       prop_id,
                                  GValue     *value,
                                  GParamSpec *pspec)
{
  ScannerValueEntry *self = SCANNER_VALUE_ENTRY (object);

  switch ((ScannerValueEntryProperty) prop_id)
    {
    case PROP_TEXT:
      g_value_set_string (value, self->text);
      break;
    case PROP_ERROR:
      g_value_set_string (value, self->error);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
scanner_value_entry_set_property (GObject      *object,
                                  guint         prop_id,
                                  const GValue *value,
                                  GParamSpec   *pspec)
{
  ScannerValueEntry *self = SCANNER_VALUE_ENTRY (object);

  switch ((ScannerValueEntryProperty) prop_id)
    {
    case PROP_TEXT:
      set_text (self, g_value_get_string (value));
      break;
    case PROP_ERROR:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
scanner_value_entry_finalize (GObject *object)
{
  ScannerValueEntry *self = SCANNER_VALUE_ENTRY (object);

  g_free (self->type_string);
  g_free (self->text);
  g_free (self->error);
  G_OBJECT_CLASS (scanner_value_entry_parent_class)->finalize (object);
}

static void
scanner_value_entry_class_init (ScannerValueEntryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = scanner_value_entry_get_property;
  object_class->set_property = scanner_value_entry_set_property;
  object_class->finalize = scanner_value_entry_finalize;

  properties[PROP_TEXT] = g_param_spec_string ("text", NULL, NULL, "", flags | G_PARAM_WRITABLE);
  properties[PROP_ERROR] = g_param_spec_string ("error", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
scanner_value_entry_init (ScannerValueEntry *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();

  self->text = g_strdup ("");
  self->entry = gtk_entry_new ();
  adw_bin_set_child (ADW_BIN (self), self->entry);
  g_signal_connect_swapped (self->entry, "activate", G_CALLBACK (take), self);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (take), self);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (on_key), self);
  gtk_widget_add_controller (self->entry, focus);
  gtk_widget_add_controller (self->entry, keys);
}

/* type_string is that of the value that the text stands for. */
GtkWidget *
scanner_value_entry_new (const char *type_string)
{
  ScannerValueEntry *self = g_object_new (SCANNER_TYPE_VALUE_ENTRY, NULL);

  self->type_string = g_strdup (type_string);
  return GTK_WIDGET (self);
}

const char *
scanner_value_entry_get_type_string (ScannerValueEntry *self)
{
  return self->type_string;
}

/* As if the user had typed the text, and Enter. */
void
scanner_value_entry_enter (ScannerValueEntry *self,
                           const char        *text)
{
  gtk_editable_set_text (GTK_EDITABLE (self->entry), text);
  take (self);
}
