/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-arrival-private.h"
#include "plant-rpc-change-signals-private.h"
#include "plant-rpc-early-signals-private.h"
#include "plant-rpc-emitter-private.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-remote-object-private.h"
#include "plant-rpc-runtime-type-private.h"

#define KEY_LOST    PLANT_RPC_INBOX_KEY ("lost")
#define KEY_ERROR   PLANT_RPC_INBOX_KEY ("error")

struct _PlantRpcRemoteObject {
  PlantRpcPropertyHost   host;            /* what the properties use; owns its writes */
  PlantRpcSession       *session;         /* (unowned) (nullable): NULL once detached */
  PlantRpcInterfaceInfo *type_info;       /* (owned) (nullable) */
  PlantRpcInterfaceInfo *described;       /* (owned) (nullable): the live one that the properties
                                             know */
  GHashTable            *properties;      /* (owned) (element-type utf8 PlantRpcProperty): by wire
                                             name, which belongs to what the property began with */
  GHashTable            *changes;         /* (owned) (nullable) (element-type utf8
                                             PlantRpcProperty): by the wire name of the signal that
                                             tells of its changes; NULL until it is looked up */
  GPtrArray             *installed;       /* (owned) (element-type PlantRpcProperty) */
  PlantRpcEarlySignals  *early;           /* (owned) */
  guint                  n_mistyped;
  guint64                n_lost;          /* not told to the application yet */
  PlantRpcEmitter       *emitter;         /* (owned) */
};

static void
detach_property (gpointer property)
{
  plant_rpc_property_detach (property);
  g_object_unref (property);
}

PlantRpcRemoteObject *
plant_rpc_remote_object_new (GObject         *client,
                             PlantRpcInbox   *inbox,
                             PlantRpcWaiters *waiters)
{
  PlantRpcRemoteObject *self = g_new0 (PlantRpcRemoteObject, 1);

  self->host = (PlantRpcPropertyHost) {
    .home = plant_rpc_inbox_get_home (inbox),
    .client = client,
    .inbox = inbox,
    .waiters = waiters,
    .writes = plant_rpc_write_queue_new (plant_rpc_property_send_write),
  };
  self->properties = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, detach_property);
  self->installed = g_ptr_array_new_with_free_func (g_object_unref);
  self->early = plant_rpc_early_signals_new ();
  self->emitter = plant_rpc_emitter_new (client);
  return self;
}

void
plant_rpc_remote_object_detach (PlantRpcRemoteObject *self)
{
  self->session = NULL;
  g_clear_pointer (&self->changes, g_hash_table_unref);
  g_hash_table_remove_all (self->properties);
}

void
plant_rpc_remote_object_free (PlantRpcRemoteObject *self)
{
  plant_rpc_remote_object_detach (self);
  g_clear_pointer (&self->type_info, plant_rpc_interface_info_unref);
  g_clear_pointer (&self->described, plant_rpc_interface_info_unref);
  g_hash_table_unref (self->properties);
  g_ptr_array_unref (self->installed);
  plant_rpc_emitter_free (self->emitter);
  plant_rpc_early_signals_free (self->early);
  plant_rpc_write_queue_free (self->host.writes);
  g_free (self);
}

/* ---- which members there are */

/* A remote property without a GObject property needs no enum type for its choices. */
static GType
find_type (PlantRpcRemoteObject *self,
           PlantRpcPropertyInfo *info)
{
  if (self->type_info != NULL || info->choices == NULL)
    return plant_rpc_runtime_type_of_property (info);
  return g_str_equal (info->type_string, "as") ? G_TYPE_STRV : G_TYPE_STRING;
}

static PlantRpcProperty *
add_property (PlantRpcRemoteObject *self,
              PlantRpcPropertyInfo *info)
{
  PlantRpcProperty *property =
      plant_rpc_property_new (info, find_type (self, info), &self->host);

  g_hash_table_insert (self->properties, info->wire_name, property);
  g_clear_pointer (&self->changes, g_hash_table_unref);
  return property;
}

/* Only a server of Plant Imager tells changes by signals alone. */
static PlantRpcProperty *
find_changed (PlantRpcRemoteObject *self,
              const char           *signal)
{
  if (self->changes == NULL)
    self->changes = plant_rpc_change_signals_new (
        self->properties, self->type_info != NULL ? self->type_info : self->described);
  return g_hash_table_lookup (self->changes, signal);
}

void
plant_rpc_remote_object_install (PlantRpcRemoteObject  *self,
                                 PlantRpcInterfaceInfo *type_info)
{
  GPtrArray *infos = type_info->properties.list;

  self->type_info = plant_rpc_interface_info_ref (type_info);
  plant_rpc_emitter_set_type (self->emitter, type_info);
  for (guint i = 0; i < infos->len; i++)
    {
      PlantRpcProperty *property = add_property (self, infos->pdata[i]);

      g_ptr_array_add (self->installed, g_object_ref (property));
      plant_rpc_property_set_default (property);
    }
}

void
plant_rpc_remote_object_set_session (PlantRpcRemoteObject *self,
                                     PlantRpcSession      *session)
{
  self->session = session;
  self->host.calls = plant_rpc_session_get_calls (session);
}

static gboolean
is_former (gpointer name,
           gpointer property,
           gpointer info)
{
  return plant_rpc_interface_info_find_property (info, name) == NULL;
}

/* A device that reconnects with new properties each time must not make the client keep all the
 * former ones. A PlantRpcProperty that the application still holds keeps its last value. */
static void
drop_former (PlantRpcRemoteObject  *self,
             PlantRpcInterfaceInfo *info)
{
  guint n_live = info->properties.list->len;

  if (self->type_info != NULL ||
      g_hash_table_size (self->properties) <= n_live + PLANT_RPC_MAX_FORMER_PROPERTIES)
    return;
  g_clear_pointer (&self->changes, g_hash_table_unref);
  g_hash_table_foreach_remove (self->properties, is_former, info);
}

/* Takes over what the device tells of its properties: which there are if the client has no type,
 * and limits, units and access if the device tells them. */
static void
describe_properties (PlantRpcRemoteObject *self)
{
  PlantRpcInterfaceInfo *info = plant_rpc_session_get_interface (self->session);
  gboolean typed = plant_rpc_session_get_wire (self->session) == PLANT_RPC_WIRE_NATIVE;
  g_autoptr (PlantRpcInterfaceInfo) guard = NULL;
  GPtrArray *infos;

  if (info == NULL || info == self->described)
    return;
  guard = plant_rpc_interface_info_ref (info);
  g_clear_pointer (&self->described, plant_rpc_interface_info_unref);
  self->described = plant_rpc_interface_info_ref (info);
  infos = info->properties.list;
  for (guint i = 0; i < infos->len; i++)
    {
      PlantRpcPropertyInfo *live = infos->pdata[i];
      PlantRpcProperty *property = g_hash_table_lookup (self->properties, live->wire_name);

      if (property == NULL && self->type_info == NULL)
        add_property (self, live);
      else if (property != NULL && typed)
        plant_rpc_property_describe (property, live);
    }
  drop_former (self, info);
}

PlantRpcInterfaceInfo *
plant_rpc_remote_object_get_interface (PlantRpcRemoteObject *self)
{
  if (self->type_info != NULL)
    return self->type_info;
  return self->session != NULL ? plant_rpc_session_get_interface (self->session) : NULL;
}

PlantRpcProperty *
plant_rpc_remote_object_find_property (PlantRpcRemoteObject *self,
                                       const char           *wire_name)
{
  return g_hash_table_lookup (self->properties, wire_name);
}

void
plant_rpc_remote_object_send_writes (PlantRpcRemoteObject *self)
{
  self->host.n_quiet++;
  plant_rpc_write_queue_send_all (self->host.writes);
  self->host.n_quiet--;
}

gboolean
plant_rpc_remote_object_has_pending_writes (PlantRpcRemoteObject *self)
{
  GHashTableIter iter;
  gpointer property;

  g_hash_table_iter_init (&iter, self->properties);
  while (g_hash_table_iter_next (&iter, NULL, &property))
    {
      if (plant_rpc_property_is_pending (property))
        return TRUE;
    }
  return FALSE;
}

guint
plant_rpc_remote_object_get_n_mistyped (PlantRpcRemoteObject *self)
{
  return self->n_mistyped;
}

/* ---- values */

static gboolean
is_live (PlantRpcRemoteObject *self)
{
  return self->session != NULL &&
         plant_rpc_state_is_ready (plant_rpc_session_get_state (self->session));
}

/* Returns whether the device, which is there, has no property of that name and its type. */
static gboolean
lacks (PlantRpcRemoteObject *self,
       const char           *wire_name)
{
  PlantRpcInterfaceInfo *info = plant_rpc_session_get_interface (self->session);
  PlantRpcServerProfile *profile = plant_rpc_session_get_profile (self->session);

  if (self->type_info != NULL)
    return g_strv_contains (plant_rpc_server_profile_get_missing (profile), wire_name);
  return info != NULL && plant_rpc_interface_info_find_property (info, wire_name) == NULL;
}

static gboolean
bars (PlantRpcRemoteObject *self,
      const char           *wire_name)
{
  PlantRpcInterfaceInfo *info = plant_rpc_session_get_interface (self->session);
  PlantRpcServerProfile *profile = plant_rpc_session_get_profile (self->session);
  PlantRpcPropertyInfo *property =
      info != NULL ? plant_rpc_interface_info_find_property (info, wire_name) : NULL;

  return property != NULL && property->role > plant_rpc_server_profile_get_role (profile);
}

void
plant_rpc_remote_object_update_live (PlantRpcRemoteObject *self)
{
  gboolean live = is_live (self);
  GHashTableIter iter;
  gpointer name, property;

  self->host.n_quiet++;
  g_hash_table_iter_init (&iter, self->properties);
  while (g_hash_table_iter_next (&iter, &name, &property))
    {
      gboolean lacking = live && lacks (self, name);

      plant_rpc_property_set_lacking (property, lacking);
      if (live)
        plant_rpc_property_set_barred (property, bars (self, name));
      plant_rpc_property_set_live (property, live && !lacking);
    }
  self->host.n_quiet--;
}

static void
emit_protocol_error (gpointer owner,
                     gpointer data)
{
  g_auto (PlantRpcOutside) outside = plant_rpc_home_step_out ();

  g_signal_emit_by_name (owner, "protocol-error", data);
}

static void
report_mistyped (PlantRpcRemoteObject *self,
                 GError               *error)
{
  self->n_mistyped++;
  plant_rpc_inbox_post (self->host.inbox, KEY_ERROR, emit_protocol_error, error,
                        (GDestroyNotify) g_error_free);
}

/* Returns whether the value fits the type of the property. One that is only beyond the limits may
 * still be an argument of a signal. */
static gboolean
tell_property (PlantRpcRemoteObject *self,
               PlantRpcProperty     *property,
               GVariant             *value,
               gint64                asked)
{
  g_autoptr (GVariant) fitted = NULL;
  GError *error = NULL;

  if (plant_rpc_property_answered (property, value, asked, &error))
    return TRUE;
  report_mistyped (self, error);
  fitted = plant_rpc_property_fit (property, value, NULL);
  return fitted != NULL;
}

void
plant_rpc_remote_object_take_value (PlantRpcRemoteObject *self,
                                    const char           *wire_name,
                                    GVariant             *value,
                                    gint64                asked)
{
  PlantRpcProperty *property = g_hash_table_lookup (self->properties, wire_name);

  if (property != NULL)
    tell_property (self, property, value, asked);
}

/* A signal that is a change has one argument. */
static gboolean
tell_argument (PlantRpcRemoteObject *self,
               PlantRpcProperty     *property,
               GVariant             *args)
{
  g_autoptr (GVariant) boxed = g_variant_get_child_value (args, 0);
  g_autoptr (GVariant) value = g_variant_get_variant (boxed);
  gboolean fits = tell_property (self, property, value, G_MAXINT64);

  plant_rpc_property_note_signal (property);
  return fits;
}

/* Keeps a signal that arrives while the properties of a device without a type are read for the
 * first time. What cannot be kept is read again. */
static void
keep_early (PlantRpcRemoteObject   *self,
            const PlantRpcEmission *emission)
{
  if (self->type_info != NULL || self->session == NULL ||
      plant_rpc_session_get_state (self->session) != PLANT_RPC_STATE_CONNECTING)
    return;
  if (!plant_rpc_early_signals_keep (self->early, emission->name, emission->value))
    plant_rpc_snapshot_renew (plant_rpc_session_get_snapshot (self->session));
}

static void
on_early (const char *name,
          GVariant   *args,
          gpointer    user_data)
{
  PlantRpcRemoteObject *self = user_data;
  PlantRpcProperty *property = find_changed (self, name);

  if (property != NULL)
    tell_argument (self, property, args);
}

void
plant_rpc_remote_object_take_failure (PlantRpcRemoteObject *self,
                                      const char           *wire_name,
                                      const GError         *error,
                                      gint64                asked)
{
  PlantRpcProperty *property = g_hash_table_lookup (self->properties, wire_name);

  if (property != NULL)
    plant_rpc_property_told_failure (property, error, asked);
}

/* A native server leaves out what it cannot tell at once. */
static gboolean
is_left_out (PlantRpcRemoteObject *self,
             const char           *wire_name,
             GVariant             *values)
{
  PlantRpcInterfaceInfo *live = plant_rpc_session_get_interface (self->session);
  PlantRpcPropertyInfo *info =
      live != NULL ? plant_rpc_interface_info_find_property (live, wire_name) : NULL;
  g_autoptr (GVariant) value = g_variant_lookup_value (values, wire_name, NULL);

  return value == NULL && info != NULL && info->readable &&
         plant_rpc_session_get_wire (self->session) == PLANT_RPC_WIRE_NATIVE;
}

/* A property without a value says why. */
static void
end_doubt (PlantRpcRemoteObject *self,
           const char           *wire_name,
           PlantRpcProperty     *property,
           GVariant             *values)
{
  PlantRpcSnapshot *snapshot = plant_rpc_session_get_snapshot (self->session);
  const GError *failure = plant_rpc_snapshot_get_failure (snapshot, wire_name);

  if (failure != NULL)
    plant_rpc_property_told_failure (property, failure,
                                     plant_rpc_snapshot_get_read_since (snapshot));
  else if (!plant_rpc_property_is_known (property) && is_left_out (self, wire_name, values))
    plant_rpc_property_ask (property);
  plant_rpc_property_end_doubt (property);
}

void
plant_rpc_remote_object_take_snapshot (PlantRpcRemoteObject *self,
                                       GVariant             *values)
{
  const gint64 read_since =
      plant_rpc_snapshot_get_read_since (plant_rpc_session_get_snapshot (self->session));
  GHashTableIter properties;
  GVariantIter iter;
  gpointer wire_name, property;
  const char *name;
  GVariant *value;

  /* All that is known of a property by then is notified together. */
  self->host.n_quiet++;
  describe_properties (self);
  /* Now that the properties are known, what is newer than the values that were read comes first. */
  plant_rpc_early_signals_tell (self->early, read_since, on_early, self);
  g_hash_table_iter_init (&properties, self->properties);
  while (g_hash_table_iter_next (&properties, NULL, &property))
    {
      if (!plant_rpc_property_has_signal_since (property, read_since))
        plant_rpc_property_doubt (property);
    }
  g_variant_iter_init (&iter, values);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    plant_rpc_remote_object_take_value (self, name, value, read_since);
  g_hash_table_iter_init (&properties, self->properties);
  while (g_hash_table_iter_next (&properties, &wire_name, &property))
    end_doubt (self, wire_name, property, values);
  self->host.n_quiet--;
  plant_rpc_waiters_check_later (self->host.waiters, self->host.inbox);
}

void
plant_rpc_remote_object_forget_changes (PlantRpcRemoteObject *self)
{
  GHashTableIter iter;
  gpointer property;

  g_hash_table_iter_init (&iter, self->properties);
  while (g_hash_table_iter_next (&iter, NULL, &property))
    plant_rpc_property_forget_changes (property);
}

void
plant_rpc_remote_object_set_installed (PlantRpcRemoteObject *self,
                                       guint                 index,
                                       const GValue         *value)
{
  self->host.n_quiet++;
  plant_rpc_property_write (self->installed->pdata[index], value);
  self->host.n_quiet--;
}

const GValue *
plant_rpc_remote_object_peek_installed (PlantRpcRemoteObject *self,
                                        guint                 index)
{
  return plant_rpc_property_peek_shown (self->installed->pdata[index]);
}

/* ---- signals */

static void
emit_signals_lost (gpointer owner,
                   gpointer data)
{
  PlantRpcRemoteObject *self = data;
  guint64 n_lost = self->n_lost;
  g_auto (PlantRpcOutside) outside = { .n_stays = 0 };

  self->n_lost = 0;
  outside = plant_rpc_home_step_out ();
  g_signal_emit_by_name (owner, "signals-lost", n_lost);
}

void
plant_rpc_remote_object_note_lost (PlantRpcRemoteObject *self,
                                   guint64               n_lost)
{
  self->n_lost = n_lost < G_MAXUINT64 - self->n_lost ? self->n_lost + n_lost : G_MAXUINT64;
  plant_rpc_inbox_post (self->host.inbox, KEY_LOST, emit_signals_lost, self, NULL);
}

static void
acknowledge (PlantRpcRemoteObject *self,
             guint64               sequence,
             gsize                 size,
             gboolean              in_order)
{
  if (sequence > 0 && self->session != NULL)
    plant_rpc_subscription_acknowledge (plant_rpc_session_get_subscription (self->session),
                                        sequence, size, in_order);
}

static void
emit (PlantRpcRemoteObject  *self,
      const PlantRpcArrival *arrival)
{
  GError *error = NULL;

  if (!plant_rpc_emitter_emit (self->emitter, arrival, &error))
    report_mistyped (self, error);
}

static gboolean
is_closed (PlantRpcRemoteObject *self)
{
  return self->session == NULL ||
         plant_rpc_session_get_state (self->session) == PLANT_RPC_STATE_CLOSED;
}

static void
emit_signal (gpointer owner,
             gpointer data)
{
  const PlantRpcArrival *arrival = data;
  PlantRpcRemoteObject *self = arrival->owner;
  g_autoptr (GObject) guard = g_object_ref (owner);

  if (is_closed (self))
    return;
  emit (self, arrival);
  acknowledge (self, arrival->sequence, arrival->size, TRUE);
}

/* The arguments are in the memory of the series, or of SIGNAL. */
static void
emit_next (PlantRpcRemoteObject *self,
           PlantRpcSeries       *series)
{
  g_auto (PlantRpcSeriesSignal) signal;
  g_autoptr (GError) error = NULL;

  if (plant_rpc_series_next (series, &signal, &error))
    {
      const PlantRpcArrival arrival = { self, (char *) signal.name, signal.emission.value,
                                        signal.is_plain ? &signal.plain : NULL, signal.number,
                                        signal.size };

      emit (self, &arrival);
      acknowledge (self, signal.number, signal.size, TRUE);
    }
  else if (self->session != NULL)
    plant_rpc_subscription_refuse (plant_rpc_session_get_subscription (self->session),
                                   signal.number, signal.size, error);
}

static gboolean
emit_series (gpointer owner,
             gpointer data,
             gint64   end)
{
  PlantRpcSeries *series = data;
  PlantRpcRemoteObject *self = series->owner;
  g_autoptr (GObject) guard = g_object_ref (owner);

  while (series->n_left > 0 && !is_closed (self) &&
         plant_rpc_inbox_may_go_on (self->host.inbox, end))
    emit_next (self, series);
  return series->n_left > 0 && !is_closed (self);
}

void
plant_rpc_remote_object_take_series (PlantRpcRemoteObject *self,
                                     PlantRpcSeries       *series)
{
  const guint n = series->n_left;

  series->owner = self;
  if (plant_rpc_inbox_defer_row (self->host.inbox, emit_series, series, n,
                                 series->size, plant_rpc_series_free))
    return;
  plant_rpc_subscription_leave_out (plant_rpc_session_get_subscription (self->session), series,
                                    FALSE);
  plant_rpc_remote_object_note_lost (self, n);
}

/* If nothing is queued, it is emitted from the caller's memory without a copy. A signal OF_CHANGE
 * tells what the change of a property tells, so the two need no order. */
static void
post_signal (PlantRpcRemoteObject   *self,
             const PlantRpcEmission *emission,
             guint64                 sequence,
             gsize                   size,
             gboolean                of_change)
{
  PlantRpcInbox *inbox = self->host.inbox;
  const PlantRpcArrival arrival = { self, emission->name, emission->value,
                                    (PlantRpcArguments *) emission->plain, sequence, size };

  if (plant_rpc_inbox_run_now (inbox, of_change, emit_signal, (gpointer) &arrival, NULL))
    return;
  if (!plant_rpc_inbox_defer_bounded (inbox, emit_signal, plant_rpc_arrival_dup (&arrival),
                                      plant_rpc_arrival_measure (&arrival),
                                      plant_rpc_arrival_free))
    {
      acknowledge (self, sequence, size, FALSE);
      plant_rpc_remote_object_note_lost (self, 1);
    }
  else if (!of_change)
    {
      plant_rpc_inbox_add_fence (inbox);
      plant_rpc_inbox_show (inbox);
    }
}

static void
post_implicit (PlantRpcRemoteObject *self,
               PlantRpcSignalInfo   *signal,
               GVariant             *value)
{
  GVariant *boxed = g_variant_new_variant (value);
  g_autoptr (GVariant) args =
      g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE_VARIANT, &boxed, 1));
  const PlantRpcEmission emission = { .name = signal->wire_name, .value = args };

  post_signal (self, &emission, 0, 0, TRUE);
}

/* A signal that a device declares for changes is like any other. One that is made from its notify
 * is not sent natively, since the change itself is sent. */
static void
take_change (PlantRpcRemoteObject   *self,
             const PlantRpcEmission *emission)
{
  PlantRpcProperty *property = g_hash_table_lookup (self->properties, emission->name);
  PlantRpcInterfaceInfo *live;
  PlantRpcPropertyInfo *info = NULL;
  PlantRpcSignalInfo *signal = NULL;

  if (property == NULL || !tell_property (self, property, emission->value, G_MAXINT64))
    return;
  live = self->session != NULL ? plant_rpc_session_get_interface (self->session) : NULL;
  if (live != NULL)
    info = plant_rpc_interface_info_find_property (live, emission->name);
  if (info != NULL && info->change_signal != NULL)
    signal = plant_rpc_interface_info_find_signal (live, info->change_signal);
  if (signal != NULL && signal->implicit)
    post_implicit (self, signal, emission->value);
}

static void
take_signal (PlantRpcRemoteObject   *self,
             const PlantRpcEmission *emission,
             guint64                 sequence,
             gsize                   size)
{
  /* A native server sends the change itself, too. With another number of arguments the signal does
   * not tell the new value. */
  PlantRpcProperty *property =
      sequence == 0 ? find_changed (self, emission->name) : NULL;
  g_autoptr (PlantRpcProperty) guard = NULL;

  if (property != NULL && g_variant_n_children (emission->value) == 1)
    {
      guard = g_object_ref (property);
      if (!tell_argument (self, property, emission->value))
        return;
    }
  else if (property != NULL)
    plant_rpc_property_ask (property);
  else if (sequence == 0 && g_variant_n_children (emission->value) == 1)
    keep_early (self, emission);
  post_signal (self, emission, sequence, size, property != NULL);
}

/* The server cannot tell the value any more, until it tells a change. */
static void
take_told_failure (PlantRpcRemoteObject   *self,
                   const PlantRpcEmission *emission)
{
  const char *name, *message, *traceback;
  g_autoptr (GError) error = NULL;

  g_variant_get (emission->value, "(&s&s&s)", &name, &message, &traceback);
  error = plant_rpc_error_new_remote (name, message, traceback);
  plant_rpc_remote_object_take_failure (self, emission->name, error, G_MAXINT64);
}

void
plant_rpc_remote_object_take_emission (PlantRpcRemoteObject   *self,
                                       const PlantRpcEmission *emission,
                                       guint64                 sequence,
                                       gsize                   size)
{
  if (emission->type == PLANT_RPC_EMISSION_SIGNAL)
    {
      take_signal (self, emission, sequence, size);
      return;
    }
  /* Signals that arrived earlier may still wait if the application blocks, so this is not
   * acknowledged in order. */
  if (emission->type == PLANT_RPC_EMISSION_FAILED)
    take_told_failure (self, emission);
  else
    take_change (self, emission);
  acknowledge (self, sequence, size, FALSE);
}
