/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-test-owner.h"

static void
on_changed (gpointer owner)
{
  TestOwner *self = owner;
  PlantRpcState state = plant_rpc_session_get_state (self->session);
  g_autoptr (GEnumClass) states = g_type_class_ref (PLANT_RPC_TYPE_STATE);

  if (state == self->state)
    return;
  self->state = state;
  g_string_append_printf (self->told, "%s ", g_enum_get_value (states, state)->value_nick);
}

static void
on_snapshot (gpointer  owner,
             GVariant *values)
{
  TestOwner *self = owner;
  g_autoptr (GVariant) level = g_variant_lookup_value (values, "level", NULL);
  g_autofree char *text = level != NULL ? g_variant_print (level, FALSE) : g_strdup ("none");

  self->n_snapshots++;
  g_string_append_printf (self->told, "level:%s ", text);
}

static void
on_received (gpointer                owner,
             const PlantRpcEmission *emission,
             guint64                 sequence,
             gsize                   size)
{
  TestOwner *self = owner;

  g_string_append_printf (self->told, "%s ", emission->name);
  if (sequence > 0)
    g_array_append_val (self->sequences, sequence);
  self->size = size;
}

static void
on_lost (gpointer owner,
         guint64  n_lost)
{
  g_string_append (((TestOwner *) owner)->told, "lost ");
}

static void
on_series (gpointer        owner,
           PlantRpcSeries *series)
{
  TestOwner *self = owner;

  while (series->n_left > 0)
    {
      g_auto (PlantRpcSeriesSignal) signal;

      g_assert_true (plant_rpc_series_next (series, &signal, NULL));
      g_string_append_printf (self->told, "%s ", signal.name);
      g_array_append_val (self->sequences, signal.number);
      self->size = signal.size;
    }
  plant_rpc_series_free (series);
}

static void
on_together (gpointer owner,
             gboolean together)
{
}

static const PlantRpcSessionFuncs funcs = { on_changed, on_snapshot,
                                            { on_received, on_lost, on_together,
                                              on_series } };

TestOwner *
test_owner_new (const char *url,
                const char *interface)
{
  TestOwner *self = g_new0 (TestOwner, 1);
  g_autoptr (PlantRpcInterfaceInfo) info = NULL;
  g_autoptr (GError) error = NULL;

  if (interface != NULL)
    info = plant_rpc_interface_info_new_from_json (interface, &error);
  g_assert_no_error (error);
  self->told = g_string_new (NULL);
  self->sequences = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->session = plant_rpc_session_new (g_main_context_default ());
  plant_rpc_link_set_url (plant_rpc_session_get_link (self->session), url);
  plant_rpc_heartbeat_set_interval (plant_rpc_session_get_heartbeat (self->session), 0);
  if (info != NULL)
    plant_rpc_server_profile_set_template (plant_rpc_session_get_profile (self->session), info);
  plant_rpc_session_set_owner (self->session, &funcs, self);
  plant_rpc_session_start (self->session);
  self->state = plant_rpc_session_get_state (self->session);
  return self;
}

void
test_owner_free (TestOwner *self)
{
  plant_rpc_session_close (self->session);
  plant_rpc_session_unref (self->session);
  g_array_unref (self->sequences);
  g_string_free (self->told, TRUE);
  g_free (self);
}

void
test_owner_wait_state (TestOwner     *self,
                       PlantRpcState  state)
{
  test_wait_until (plant_rpc_session_get_state (self->session) == state);
}

TestOwner *
test_owner_new_ready (TestDevice *device)
{
  TestOwner *self = test_owner_new (test_device_get_url (device), NULL);

  test_device_greet (device, 10, "x");
  test_owner_wait_state (self, PLANT_RPC_STATE_READY);
  g_string_truncate (self->told, 0);
  return self;
}

char *
test_make_port_reply (TestPeer *publisher)
{
  return g_strdup_printf ("{\"success\": true, \"signal_port\": %u}", test_peer_bind (publisher));
}
