/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-test-recorder.h"

void
test_record (TestRecorder *self,
             const char   *format,
             ...)
{
  void (*action) (gpointer recorder) = g_steal_pointer (&self->action);
  va_list args;

  va_start (args, format);
  g_string_append_vprintf (self->told, format, args);
  va_end (args);
  if (action != NULL)
    action (self);
}

static void
on_level (GObject    *object,
          GParamSpec *pspec,
          gpointer    user_data)
{
  int level;

  g_object_get (object, "level", &level, NULL);
  test_record (user_data, "level:%d ", level);
}

static void
on_mode (GObject    *object,
         GParamSpec *pspec,
         gpointer    user_data)
{
  g_autofree char *mode = NULL;

  g_object_get (object, "mode", &mode, NULL);
  test_record (user_data, "mode:%s ", mode);
}

static void
on_state (GObject    *object,
          GParamSpec *pspec,
          gpointer    user_data)
{
  g_autoptr (GEnumClass) states = g_type_class_ref (PLANT_RPC_TYPE_STATE);
  PlantRpcState state = plant_rpc_client_get_state (PLANT_RPC_CLIENT (object));

  test_record (user_data, "%s ", g_enum_get_value (states, state)->value_nick);
}

static void
on_captured (PlantRpcClient *client,
             const char     *name,
             int             number,
             gpointer        user_data)
{
  test_record (user_data, "%s:%d ", name, number);
}

static void
on_write_failed (PlantRpcClient *client,
                 const char     *name,
                 const GError   *error,
                 gpointer        user_data)
{
  test_record (user_data, "failed:%s:%s ", name, error->message);
}

static void
on_signals_lost (PlantRpcClient *client,
                 guint64         n_lost,
                 gpointer        user_data)
{
  test_record (user_data, "lost:%" G_GUINT64_FORMAT " ", n_lost);
}

static void
on_protocol_error (PlantRpcClient *client,
                   const GError   *error,
                   gpointer        user_data)
{
  test_record (user_data, "error ");
}

TestRecorder *
test_recorder_new (PlantRpcClient *client)
{
  TestRecorder *self = g_new0 (TestRecorder, 1);

  self->client = client;
  self->watched = G_OBJECT (client);
  g_object_add_weak_pointer (self->watched, (gpointer *) &self->watched);
  self->told = g_string_new (NULL);
  g_signal_connect (client, "notify::level", G_CALLBACK (on_level), self);
  g_signal_connect (client, "notify::mode", G_CALLBACK (on_mode), self);
  g_signal_connect (client, "notify::state", G_CALLBACK (on_state), self);
  g_signal_connect (client, "captured", G_CALLBACK (on_captured), self);
  g_signal_connect (client, "write-failed", G_CALLBACK (on_write_failed), self);
  g_signal_connect (client, "signals-lost", G_CALLBACK (on_signals_lost), self);
  g_signal_connect (client, "protocol-error", G_CALLBACK (on_protocol_error), self);
  return self;
}

void
test_recorder_free (TestRecorder *self)
{
  if (self->watched != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->watched, self);
      g_object_remove_weak_pointer (self->watched, (gpointer *) &self->watched);
    }
  g_string_free (self->told, TRUE);
  g_free (self);
}

void
test_run_pending (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

/* One that is ready, with level 10 and mode "x", and has notified that. */
PlantRpcClient *
test_client_new_ready (TestDevice *device)
{
  PlantRpcClient *client = test_client_new (test_device_get_url (device));

  test_device_greet (device, 10, "x");
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  test_run_pending ();
  return client;
}

void
test_device_restart (TestDevice **device)
{
  g_autofree char *url = g_strdup (test_device_get_url (*device));

  test_device_free (*device);
  *device = test_device_new_at (url);
}

void
test_call (PlantRpcClient  *client,
           const char      *method,
           int              timeout,
           GCancellable    *cancellable,
           GAsyncResult   **result)
{
  plant_rpc_client_call (client, method, NULL, NULL, timeout, cancellable, test_keep_result,
                         result);
}

void
test_assert_value (PlantRpcClient *client,
                   GAsyncResult   *result,
                   const char     *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value = plant_rpc_client_call_finish (client, result, &error);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  text = g_variant_print (value, FALSE);
  g_assert_cmpstr (text, ==, expected);
}

GVariant *
test_captured (const char *name,
               int         number)
{
  return g_variant_new_parsed ("[<%s>, <%i>]", name, number);
}

void
test_record_reply (GObject      *object,
                   GAsyncResult *result,
                   gpointer      recorder)
{
  test_record (recorder, "reply ");
}
