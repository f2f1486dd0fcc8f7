/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "connection-private.h"
#include "value-text.h"

typedef struct
{
  ScannerLogEntry *entry;   /* (owned) */
  gint64           started; /* monotonic µs */
  GVariant        *info;    /* (owned) (nullable): of the buffer */
} Call;

static void
call_free (gpointer data)
{
  Call *self = data;

  g_object_unref (self->entry);
  g_clear_pointer (&self->info, g_variant_unref);
  g_free (self);
}

/* Takes value and error over. */
static void
end (GTask          *task,
     gpointer        value,
     GDestroyNotify  free_value,
     const char     *outcome,
     GError         *error)
{
  Call *call = g_task_get_task_data (task);

  scanner_log_entry_set_outcome (call->entry, error != NULL ? error->message : outcome,
                                 error != NULL);
  scanner_connection_end_call (g_task_get_source_object (task));
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, value, free_value);
}

/* NULL: it has failed, since there is no client yet. */
static GTask *
begin (ScannerConnection   *self,
       const char          *method,
       GVariant            *args,
       GCancellable        *cancellable,
       GAsyncReadyCallback  callback,
       gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Call *call = g_new0 (Call, 1);
  g_autofree char *arguments = scanner_value_text_of_arguments (args);
  g_autofree char *title = g_strdup_printf ("%s (%s)", method, arguments);

  /* What it has come to is told by the client: a call may have run before it was cancelled. */
  g_task_set_check_cancellable (task, FALSE);
  call->entry = g_object_ref (scanner_log_add (scanner_connection_get_log (self),
                                               scanner_connection_get_name (self),
                                               SCANNER_LOG_CALL, title));
  call->started = g_get_monotonic_time ();
  g_task_set_task_data (task, call, call_free);
  scanner_connection_begin_call (self);
  if (scanner_connection_get_client (self) != NULL)
    return g_steal_pointer (&task);
  end (task, NULL, NULL, NULL,
       g_error_new (G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED, _("“%s” is not connected yet"),
                    scanner_connection_get_name (self)));
  return NULL;
}

static int
measure (Call *call)
{
  return (int) ((g_get_monotonic_time () - call->started) / 1000);
}

static void
on_called (GObject      *client,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  GVariant *value = plant_rpc_client_call_finish (PLANT_RPC_CLIENT (client), result, &error);
  /* Translators: a call of a device took so many milliseconds. */
  g_autofree char *outcome = g_strdup_printf (_("%d ms"), measure (g_task_get_task_data (task)));

  end (task, value, (GDestroyNotify) g_variant_unref, outcome, error);
}

static void
on_buffer (GObject      *client,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Call *call = g_task_get_task_data (task);
  GError *error = NULL;
  GBytes *buffer =
    plant_rpc_client_call_buffer_finish (PLANT_RPC_CLIENT (client), result, &call->info, &error);
  g_autofree char *size = g_format_size (buffer != NULL ? g_bytes_get_size (buffer) : 0);
  /* Translators: the size of what a call returned, as in “23 kB”, and the milliseconds it took. */
  g_autofree char *outcome = g_strdup_printf (_("%s in %d ms"), size, measure (call));

  end (task, buffer, (GDestroyNotify) g_bytes_unref, outcome, error);
}

/* args may be floating. */
void
scanner_connection_call (ScannerConnection   *self,
                         const char          *method,
                         GVariant            *args,
                         int                  timeout,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  g_autoptr (GVariant) arguments = args != NULL ? g_variant_ref_sink (args) : NULL;
  GTask *task = begin (self, method, arguments, cancellable, callback, user_data);

  if (task != NULL)
    plant_rpc_client_call (scanner_connection_get_client (self), method, arguments, NULL, timeout,
                           cancellable, on_called, task);
}

/* NULL without an error: the method returns nothing. */
GVariant *
scanner_connection_call_finish (ScannerConnection  *self,
                                GAsyncResult       *result,
                                GError            **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

void
scanner_connection_call_buffer (ScannerConnection   *self,
                                const char          *method,
                                GVariant            *args,
                                int                  timeout,
                                GCancellable        *cancellable,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  g_autoptr (GVariant) arguments = args != NULL ? g_variant_ref_sink (args) : NULL;
  GTask *task = begin (self, method, arguments, cancellable, callback, user_data);

  if (task != NULL)
    plant_rpc_client_call_buffer (scanner_connection_get_client (self), method, arguments, NULL,
                                  timeout, cancellable, on_buffer, task);
}

/* info may be NULL. */
GBytes *
scanner_connection_call_buffer_finish (ScannerConnection  *self,
                                       GAsyncResult       *result,
                                       GVariant          **info,
                                       GError            **error)
{
  Call *call;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  call = g_task_get_task_data (G_TASK (result));
  if (info != NULL)
    *info = call->info != NULL ? g_variant_ref (call->info) : NULL;
  return g_task_propagate_pointer (G_TASK (result), error);
}
