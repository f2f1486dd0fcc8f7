/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "log-page.h"

#include "log-row.h"

/* In the order of the choices in the template. */
enum
{
  SHOWN_ALL,
  SHOWN_CALLS,
  SHOWN_SIGNALS,
  SHOWN_CHANGES,
  SHOWN_STATES,
  SHOWN_FAILURES,
};

struct _ScannerLogPage
{
  AdwBin parent_instance;

  ScannerLog         *log;     /* (owned) (nullable) */
  char               *device;  /* (owned) (nullable): the one that is shown */
  char               *needle;  /* (owned): what is searched, case-folded */
  GtkCustomFilter    *filter;  /* (owned) */
  GtkFilterListModel *entries; /* (owned) */

  GtkSearchEntry    *search;
  GtkDropDown       *kind;
  GtkToggleButton   *everybody;
  GtkStack          *stack;
  GtkScrolledWindow *scrolled;
  GtkListView       *list;
};

G_DEFINE_FINAL_TYPE (ScannerLogPage, scanner_log_page, ADW_TYPE_BIN)

static gboolean
contains (const char *text,
          const char *needle)
{
  g_autofree char *folded = text != NULL ? g_utf8_casefold (text, -1) : NULL;

  return folded != NULL && strstr (folded, needle) != NULL;
}

static gboolean
is_of_kind (ScannerLogEntry *entry,
            guint            shown)
{
  switch (shown)
    {
    case SHOWN_CALLS:
      return scanner_log_entry_get_kind (entry) == SCANNER_LOG_CALL;
    case SHOWN_SIGNALS:
      return scanner_log_entry_get_kind (entry) == SCANNER_LOG_SIGNAL;
    case SHOWN_CHANGES:
      return scanner_log_entry_get_kind (entry) == SCANNER_LOG_CHANGE;
    case SHOWN_STATES:
      return scanner_log_entry_get_kind (entry) == SCANNER_LOG_STATE;
    case SHOWN_FAILURES:
      return scanner_log_entry_get_failed (entry);
    default:
      return TRUE;
    }
}

static gboolean
is_shown (gpointer item,
          gpointer user_data)
{
  ScannerLogPage *self = user_data;

  if (!gtk_toggle_button_get_active (self->everybody) && self->device != NULL &&
      !g_str_equal (scanner_log_entry_get_device (item), self->device))
    return FALSE;
  if (!is_of_kind (item, gtk_drop_down_get_selected (self->kind)))
    return FALSE;
  return *self->needle == '\0' || contains (scanner_log_entry_get_title (item), self->needle) ||
         contains (scanner_log_entry_get_outcome (item), self->needle);
}

static void
on_filter_changed (ScannerLogPage *self)
{
  g_free (self->needle);
  self->needle = g_utf8_casefold (gtk_editable_get_text (GTK_EDITABLE (self->search)), -1);
  gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
}

static void
on_clear (ScannerLogPage *self)
{
  scanner_log_clear (self->log);
}

static gboolean
is_at_end (ScannerLogPage *self)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scrolled);

  return gtk_adjustment_get_value (adjustment) + gtk_adjustment_get_page_size (adjustment) >=
         gtk_adjustment_get_upper (adjustment) - 60;
}

static void
scroll_to_end (ScannerLogPage *self)
{
  guint n_entries = g_list_model_get_n_items (G_LIST_MODEL (self->entries));

  if (n_entries > 0)
    gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u",
                                n_entries - 1);
}

/* Whoever looks at the newest entry goes on doing so. */
static void
on_entries_changed (ScannerLogPage *self)
{
  guint n_entries = g_list_model_get_n_items (G_LIST_MODEL (self->entries));

  gtk_stack_set_visible_child_name (self->stack, n_entries > 0 ? "list" : "empty");
  if (is_at_end (self))
    scroll_to_end (self);
}

static gboolean
on_frame (GtkWidget     *widget,
          GdkFrameClock *clock,
          gpointer       unused)
{
  ScannerLogPage *self = SCANNER_LOG_PAGE (widget);

  if (gtk_widget_get_height (GTK_WIDGET (self->list)) == 0)
    return G_SOURCE_CONTINUE;
  scroll_to_end (self);
  return G_SOURCE_REMOVE;
}

/* A list without a size cannot be scrolled. */
static void
scanner_log_page_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (scanner_log_page_parent_class)->map (widget);
  gtk_widget_add_tick_callback (widget, on_frame, NULL, NULL);
}

static void
scanner_log_page_dispose (GObject *object)
{
  ScannerLogPage *self = SCANNER_LOG_PAGE (object);

  gtk_custom_filter_set_filter_func (self->filter, NULL, NULL, NULL);
  g_clear_object (&self->log);
  G_OBJECT_CLASS (scanner_log_page_parent_class)->dispose (object);
}

static void
scanner_log_page_finalize (GObject *object)
{
  ScannerLogPage *self = SCANNER_LOG_PAGE (object);

  g_clear_object (&self->entries);
  g_clear_object (&self->filter);
  g_free (self->device);
  g_free (self->needle);
  G_OBJECT_CLASS (scanner_log_page_parent_class)->finalize (object);
}

static void
scanner_log_page_class_init (ScannerLogPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = scanner_log_page_dispose;
  object_class->finalize = scanner_log_page_finalize;
  widget_class->map = scanner_log_page_map;

  g_type_ensure (SCANNER_TYPE_LOG_ROW);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/plantrpc/Scanner/log-page.ui");
  gtk_widget_class_bind_template_child (widget_class, ScannerLogPage, search);
  gtk_widget_class_bind_template_child (widget_class, ScannerLogPage, kind);
  gtk_widget_class_bind_template_child (widget_class, ScannerLogPage, everybody);
  gtk_widget_class_bind_template_child (widget_class, ScannerLogPage, stack);
  gtk_widget_class_bind_template_child (widget_class, ScannerLogPage, scrolled);
  gtk_widget_class_bind_template_child (widget_class, ScannerLogPage, list);
  gtk_widget_class_bind_template_callback (widget_class, on_filter_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_clear);
}

static void
scanner_log_page_init (ScannerLogPage *self)
{
  self->needle = g_strdup ("");
  self->filter = gtk_custom_filter_new (is_shown, self, NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
scanner_log_page_set_log (ScannerLogPage *self,
                          ScannerLog     *log)
{
  GtkNoSelection *selection;

  self->log = g_object_ref (log);
  self->entries = gtk_filter_list_model_new (G_LIST_MODEL (g_object_ref (log)),
                                             GTK_FILTER (g_object_ref (self->filter)));
  gtk_filter_list_model_set_incremental (self->entries, TRUE);
  selection = gtk_no_selection_new (G_LIST_MODEL (g_object_ref (self->entries)));
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (selection));
  g_object_unref (selection);
  g_signal_connect_object (self->entries, "items-changed", G_CALLBACK (on_entries_changed), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  on_entries_changed (self);
}

/* device may be NULL. */
void
scanner_log_page_set_device (ScannerLogPage *self,
                             const char     *device)
{
  g_free (self->device);
  self->device = g_strdup (device);
  gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
}

void
scanner_log_page_search (ScannerLogPage *self,
                         const char     *text)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search), text);
}

GListModel *
scanner_log_page_get_entries (ScannerLogPage *self)
{
  return G_LIST_MODEL (self->entries);
}
