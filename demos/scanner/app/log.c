/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "log.h"

#define MAX_ENTRIES 5000
#define N_FORGOTTEN 500 /* at once, so that a full log is not moved for each new entry */

struct _ScannerLog
{
  GObject parent_instance;

  GListStore *entries; /* (owned) */
  GHashTable *last;    /* (owned) (element-type utf8 ScannerLogEntry): the last entry by device */
};

static void scanner_log_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ScannerLog, scanner_log, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      scanner_log_list_model_init))

static GType
get_item_type (GListModel *model)
{
  return SCANNER_TYPE_LOG_ENTRY;
}

static guint
get_n_items (GListModel *model)
{
  return g_list_model_get_n_items (G_LIST_MODEL (SCANNER_LOG (model)->entries));
}

static gpointer
get_item (GListModel *model,
          guint       position)
{
  return g_list_model_get_item (G_LIST_MODEL (SCANNER_LOG (model)->entries), position);
}

static void
scanner_log_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static void
scanner_log_finalize (GObject *object)
{
  ScannerLog *self = SCANNER_LOG (object);

  g_hash_table_unref (self->last);
  g_object_unref (self->entries);
  G_OBJECT_CLASS (scanner_log_parent_class)->finalize (object);
}

static void
scanner_log_class_init (ScannerLogClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = scanner_log_finalize;
}

static void
scanner_log_init (ScannerLog *self)
{
  self->entries = g_list_store_new (SCANNER_TYPE_LOG_ENTRY);
  self->last = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  g_signal_connect_swapped (self->entries, "items-changed",
                            G_CALLBACK (g_list_model_items_changed), self);
}

ScannerLog *
scanner_log_new (void)
{
  return g_object_new (SCANNER_TYPE_LOG, NULL);
}

/* (transfer none) */
ScannerLogEntry *
scanner_log_add (ScannerLog     *self,
                 const char     *device,
                 ScannerLogKind  kind,
                 const char     *title)
{
  ScannerLogEntry *last = g_hash_table_lookup (self->last, device);
  g_autoptr (ScannerLogEntry) entry = NULL;

  if (last != NULL && scanner_log_entry_is_repeated (last, kind, title))
    {
      scanner_log_entry_repeat (last);
      return last;
    }
  entry = scanner_log_entry_new (device, kind, title);
  if (get_n_items (G_LIST_MODEL (self)) >= MAX_ENTRIES)
    g_list_store_splice (self->entries, 0, N_FORGOTTEN, NULL, 0);
  g_list_store_append (self->entries, entry);
  g_hash_table_insert (self->last, g_strdup (device), g_object_ref (entry));
  return entry;
}

void
scanner_log_clear (ScannerLog *self)
{
  g_hash_table_remove_all (self->last);
  g_list_store_remove_all (self->entries);
}
