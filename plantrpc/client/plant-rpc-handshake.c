/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-generation2-subscription-private.h"
#include "plant-rpc-handshake-private.h"
#include "plant-rpc-held-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-names-private.h"
#include "plant-rpc-request-private.h"

/* µs without a reply until the request is sent again, since the reply may have been lost on the
 * way. Each time is twice the one before, up to the last, since the server may also be busy. */
#define FIRST_PATIENCE_US       (10 * G_USEC_PER_SEC)
#define LAST_PATIENCE_US        (320 * G_USEC_PER_SEC)
/* The same for the request for signals. A server that gets it twice sends each signal twice. */
#define OFFER_PATIENCE_US       (60 * G_USEC_PER_SEC)

#define SUBSCRIPTION_TIMEOUT_US (3 * G_USEC_PER_SEC)
/* A publisher may receive a subscription a moment after the connection is open. */
#define SECOND_SNAPSHOT_US      (150 * 1000)
/* µs between two attempts to subscribe to a publisher that could not be reached. */
#define RESUBSCRIBE_US          (2 * G_USEC_PER_SEC)

typedef enum {
  STEP_CLOSED,       /* the handshake was freed */
  STEP_IDLE,         /* no connection, or all is done */
  STEP_INVENTORY,
  STEP_SIGNALS,      /* decides how to subscribe */
  STEP_OFFER,        /* the server was offered a port; its reply tells the generation */
  STEP_BORROWED,     /* waits for note_standing() at a port that another client knew */
  STEP_SUBSCRIPTION, /* waits for note_standing() at the port that the server told */
  STEP_SNAPSHOT,
} Step;

struct _PlantRpcHandshake {
  PlantRpcLink                 *link;         /* (unowned) */
  PlantRpcSubscription         *subscription; /* (unowned) */
  PlantRpcServerProfile        *profile;      /* (unowned) */
  PlantRpcSnapshot             *snapshot;     /* (owned) */
  const PlantRpcHandshakeFuncs *funcs;
  gpointer                      owner;        /* (unowned) */

  Step               step;
  PlantRpcAlarm      alarm;
  gint64             patience;  /* µs: with the inventory */
  PlantRpcInventory  inventory; /* (owned) */
  gboolean           receives;  /* signals are wanted at all */
  gboolean           kept;      /* signals come since before this connection, unasked */
  char              *publisher; /* (owned) (nullable): URL of signals that could not be subscribed
                                   to; it is tried again every RESUBSCRIBE_US */
};

static void on_alarm (gpointer owner,
                      gint64   now);
static const PlantRpcSnapshotFuncs snapshot_funcs;

static void
clear_handshake (PlantRpcHandshake *self)
{
  plant_rpc_inventory_clear (&self->inventory);
  plant_rpc_snapshot_free (self->snapshot);
  g_free (self->publisher);
}

PLANT_RPC_DEFINE_HELD (PlantRpcHandshake, clear_handshake)

PlantRpcHandshake *
plant_rpc_handshake_new (PlantRpcLink                 *link,
                         PlantRpcSubscription         *subscription,
                         PlantRpcServerProfile        *profile,
                         PlantRpcTimer                *timer,
                         const PlantRpcHandshakeFuncs *funcs,
                         gpointer                      owner)
{
  PlantRpcHandshake *self = g_rc_box_new0 (PlantRpcHandshake);

  self->link = link;
  self->subscription = subscription;
  self->snapshot = plant_rpc_snapshot_new (link, profile, timer, &snapshot_funcs, self);
  self->profile = profile;
  self->funcs = funcs;
  self->owner = owner;
  self->step = STEP_IDLE;
  plant_rpc_alarm_init (&self->alarm, timer, "handshake", on_alarm, self);
  return self;
}

/* DELAY (µs) is how long until the alarm. A negative one means that there is none. */
static void
set_step (PlantRpcHandshake *self,
          Step               step,
          gint64             delay)
{
  self->step = step;
  if (delay < 0)
    plant_rpc_alarm_clear (&self->alarm);
  else
    plant_rpc_alarm_set (&self->alarm, g_get_monotonic_time () + delay);
}

void
plant_rpc_handshake_abort (PlantRpcHandshake *self)
{
  if (self->step == STEP_OFFER)
    plant_rpc_subscription_withdraw_offer (self->subscription, TRUE);
  set_step (self, STEP_IDLE, -1);
  g_clear_pointer (&self->publisher, g_free);
  plant_rpc_snapshot_abort (self->snapshot);
}

void
plant_rpc_handshake_free (PlantRpcHandshake *self)
{
  plant_rpc_handshake_abort (self);
  set_step (self, STEP_CLOSED, -1);
  release (self);
}

static void
fail (PlantRpcHandshake *self,
      GError            *error)
{
  g_autoptr (GError) owned = error;

  plant_rpc_handshake_abort (self);
  /* A relay tells what it waits for. */
  if (plant_rpc_server_profile_get_relays (self->profile) != NULL &&
      plant_rpc_error_get_remote_name (owned) != NULL)
    {
      self->funcs->failed (self->owner, owned);
      return;
    }
  /* A server that says why it does not serve this client does answer as a device does. */
  g_prefix_error (&owned,
                  plant_rpc_error_get_remote_name (owned) != NULL
                      /* Translators: an address. What the server has answered follows */
                      ? _("“%s” refuses this client: ")
                      : _("“%s” does not answer as a device does: "),
                  plant_rpc_link_get_label (self->link));
  self->funcs->failed (self->owner, owned);
}

static void
send_request (PlantRpcHandshake     *self,
              PlantRpcRequest       *request,
              PlantRpcReplyFunc      func)
{
  g_autoptr (GBytes) payload = plant_rpc_request_pack (request, NULL);

  if (plant_rpc_link_is_open (self->link))
    plant_rpc_link_send (self->link, payload, func, self);
}

/* ---- the last step: values */

static gboolean
is_native (PlantRpcHandshake *self)
{
  return self->inventory.native_version > 0;
}

/* The values of a publisher's server are read once more, since a subscription may take effect a
 * moment after its connection is open. */
static gboolean
wants_second_snapshot (PlantRpcHandshake *self)
{
  return !is_native (self) && plant_rpc_subscription_is_standing (self->subscription) &&
         !plant_rpc_subscription_is_pushed (self->subscription);
}

/* The owner has learnt what a native server offers. Meanwhile, INTERFACE may have been replaced by
 * that of a later connection. */
static void
forget_members (PlantRpcHandshake *self,
                GVariant          *interface)
{
  if (self->step != STEP_CLOSED && interface != NULL && self->inventory.interface == interface)
    plant_rpc_inventory_forget_members (&self->inventory);
}

static void
on_snapshot (gpointer  owner,
             GVariant *values)
{
  PlantRpcHandshake *self = owner;
  g_autoptr (Held) held = g_rc_box_acquire (self);
  PlantRpcHandshakeResult result = {
    .format = is_native (self) ? PLANT_RPC_FORMAT_NATIVE : PLANT_RPC_FORMAT_JSON,
    .inventory = &self->inventory,
    .values = values,
  };
  GVariant *interface = self->inventory.interface;
  gboolean first = self->step != STEP_IDLE;
  gint64 delay = self->publisher != NULL ? RESUBSCRIBE_US : -1;

  set_step (self, STEP_IDLE, delay);
  if (first && wants_second_snapshot (self) && self->step == STEP_IDLE)
    set_step (self, STEP_IDLE, SECOND_SNAPSHOT_US);
  if (self->step != STEP_CLOSED)
    self->funcs->done (self->owner, &result);
  forget_members (self, interface);
}

static void
on_snapshot_failed (gpointer      owner,
                    const GError *error)
{
  fail (owner, g_error_copy (error));
}

static const PlantRpcSnapshotFuncs snapshot_funcs = {
  .done = on_snapshot,
  .failed = on_snapshot_failed,
};

PlantRpcSnapshot *
plant_rpc_handshake_get_snapshot (PlantRpcHandshake *self)
{
  return self->snapshot;
}

static void
begin_snapshot (PlantRpcHandshake *self)
{
  set_step (self, STEP_SNAPSHOT, -1);
  plant_rpc_snapshot_begin (self->snapshot, self->inventory.properties);
}

/* ---- the step before: signals */

/* The handshake goes on, since calls work without signals. */
static void
go_on_without_signals (PlantRpcHandshake *self,
                       const GError      *reason)
{
  self->funcs->warned (self->owner, reason);
  begin_snapshot (self);
}

/* STEP is STEP_BORROWED or STEP_SUBSCRIPTION. */
static void
await_subscription (PlantRpcHandshake *self,
                    const char        *signal_url,
                    Step               step)
{
  g_autoptr (GError) error = NULL;

  g_free (self->publisher);
  self->publisher = g_strdup (signal_url);
  if (plant_rpc_subscription_connect (self->subscription, signal_url, &error))
    set_step (self, step, SUBSCRIPTION_TIMEOUT_US);
  else
    go_on_without_signals (self, error);
}

void
plant_rpc_handshake_note_standing (PlantRpcHandshake *self)
{
  if (self->step == STEP_SUBSCRIPTION || self->step == STEP_BORROWED)
    {
      g_clear_pointer (&self->publisher, g_free);
      begin_snapshot (self);
    }
  else if (self->step == STEP_IDLE)
    {
      g_clear_pointer (&self->publisher, g_free);
      plant_rpc_alarm_clear (&self->alarm);
      /* Changes may have been missed. */
      plant_rpc_snapshot_take (self->snapshot);
    }
}

/* The host may have several addresses, and the server is at the one that was reached. */
static char *
make_signal_url (PlantRpcHandshake  *self,
                 GVariant           *told,
                 GError            **error)
{
  g_autoptr (PlantRpcEndpoint) endpoint =
      plant_rpc_endpoint_parse (plant_rpc_link_get_numeric_url (self->link), NULL);
  gint64 port = 0;

  if (g_variant_is_of_type (told, G_VARIANT_TYPE_INT64))
    port = g_variant_get_int64 (told);
  if (endpoint != NULL && endpoint->tcp && port >= 1 && port <= G_MAXUINT16)
    return plant_rpc_endpoint_print (endpoint, port);
  g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL,
               _("The member “%s” of the message has the wrong type"), "signal_port");
  return NULL;
}

/* An invalid port in a reply does not prove that the server is one of generation 1. */
static void
subscribe_to_port (PlantRpcHandshake *self,
                   GVariant          *told)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *signal_url = make_signal_url (self, told, &error);

  plant_rpc_subscription_withdraw_offer (self->subscription, FALSE);
  if (signal_url != NULL)
    await_subscription (self, signal_url, STEP_SUBSCRIPTION);
  else
    go_on_without_signals (self, error);
}

static void
on_signals (GBytes       *payload,
            GBytes       *buffer,
            const GError *failure,
            gpointer      user_data)
{
  PlantRpcHandshake *self = user_data;
  g_auto (PlantRpcReply) reply = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) port = NULL;

  if (payload == NULL || self->step != STEP_OFFER)
    return;
  if (!plant_rpc_reply_unpack (&reply, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING, FALSE, payload, NULL,
                               &error) ||
      reply.error != NULL)
    {
      plant_rpc_subscription_withdraw_offer (self->subscription, TRUE);
      go_on_without_signals (self, error != NULL ? error : reply.error);
    }
  else if ((port = g_variant_lookup_value (reply.value, "signal_port", NULL)) != NULL)
    {
      subscribe_to_port (self, port);
    }
  else
    {
      plant_rpc_subscription_accept_offer (self->subscription);
      begin_snapshot (self);
    }
}

/* Returns whether the owner knows any of the signals. */
static gboolean
wants_signals (PlantRpcHandshake *self)
{
  PlantRpcInterfaceInfo *template_info = plant_rpc_server_profile_get_template (self->profile);
  gsize n_names;
  g_autofree const char **names = g_variant_get_strv (self->inventory.signals, &n_names);

  if (template_info == NULL)
    return n_names > 0;
  for (gsize i = 0; i < n_names; i++)
    {
      GPtrArray *properties = template_info->properties.list;

      if (plant_rpc_interface_info_find_signal (template_info, names[i]) != NULL)
        return TRUE;
      for (guint k = 0; k < properties->len; k++)
        {
          PlantRpcPropertyInfo *property = properties->pdata[k];
          g_autofree char *change = plant_rpc_names_change_signal (property->wire_name);

          if (g_str_equal (change, names[i]))
            return TRUE;
        }
    }
  return FALSE;
}

/* The request has an address, which a server of generation 1 needs and one of generation 2
 * ignores. */
static void
offer_address (PlantRpcHandshake *self)
{
  g_autoptr (Held) held = g_rc_box_acquire (self);
  PlantRpcRequest request = { .event = PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING };
  g_autoptr (GError) error = NULL;
  gboolean standing;

  request.address = (char *) plant_rpc_link_get_own_address (self->link);
  if (request.address == NULL || plant_rpc_link_get_peer_address (self->link) == NULL)
    {
      begin_snapshot (self);
      return;
    }
  if (!plant_rpc_subscription_offer (self->subscription, &request.port, &error))
    {
      go_on_without_signals (self, error);
      return;
    }
  standing = plant_rpc_subscription_is_standing (self->subscription);
  if (self->step != STEP_SIGNALS)
    return;
  /* Another client of this process has already asked the server for its signals. */
  if (standing)
    {
      self->kept = TRUE;
      plant_rpc_subscription_accept_offer (self->subscription);
      begin_snapshot (self);
      return;
    }
  set_step (self, STEP_OFFER, OFFER_PATIENCE_US);
  send_request (self, &request, on_signals);
}

gboolean
plant_rpc_handshake_note_left (PlantRpcHandshake *self,
                               const GError      *reason)
{
  switch (self->step)
    {
    case STEP_INVENTORY:
    case STEP_SIGNALS:
      /* The subscription is asked for later anyway. */
      return TRUE;
    case STEP_IDLE:
      return self->publisher != NULL;
    case STEP_BORROWED:
      /* The other client knew the port of a server that has gone. */
      g_clear_pointer (&self->publisher, g_free);
      set_step (self, STEP_SIGNALS, -1);
      offer_address (self);
      return TRUE;
    case STEP_SUBSCRIPTION:
      go_on_without_signals (self, reason);
      return TRUE;
    case STEP_CLOSED:
    case STEP_OFFER:
    case STEP_SNAPSHOT:
    default:
      return FALSE;
    }
}

gboolean
plant_rpc_handshake_has_kept_signals (PlantRpcHandshake *self)
{
  return self->kept;
}

static void
begin_signals (PlantRpcHandshake *self)
{
  g_autoptr (Held) held = g_rc_box_acquire (self);
  g_autofree char *signal_url = NULL;

  set_step (self, STEP_SIGNALS, -1);
  self->kept = plant_rpc_subscription_is_standing (self->subscription);
  if (self->step != STEP_SIGNALS)
    return;
  if (self->kept || !self->receives || !wants_signals (self))
    {
      begin_snapshot (self);
      return;
    }
  signal_url = plant_rpc_generation2_subscription_find (plant_rpc_link_get_url (self->link));
  if (signal_url != NULL)
    await_subscription (self, signal_url, STEP_BORROWED);
  else
    offer_address (self);
}

static void
subscribe_natively (PlantRpcHandshake *self)
{
  set_step (self, STEP_SNAPSHOT, -1);
  plant_rpc_subscription_begin_pushes (self->subscription);
  plant_rpc_snapshot_begin_natively (self->snapshot, self->inventory.native_version);
  if (self->inventory.has_lanes && plant_rpc_link_is_open (self->link))
    plant_rpc_link_allow_lane (self->link);
}

/* ---- the first step: what there is */

/* The handshake compares member by member, so it checks their number first. */
static gboolean
check_counts (const PlantRpcInventory  *inventory,
              GError                  **error)
{
  GVariant *const members[] = { inventory->json_methods, inventory->buffer_methods,
                                inventory->signals, inventory->properties };

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      if (!plant_rpc_interface_info_check_count (members[i], error))
        return FALSE;
    }
  return TRUE;
}

/* The signals of the other wires come over connections that are not secured. */
static gboolean
check_wire (PlantRpcHandshake  *self,
            GError            **error)
{
  if (is_native (self) || !plant_rpc_link_is_secured (self->link))
    return TRUE;
  g_set_error_literal (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL,
                       _("it is secured, but does not speak the native wire"));
  return FALSE;
}

static void
on_inventory (GBytes       *payload,
              GBytes       *buffer,
              const GError *failure,
              gpointer      user_data)
{
  PlantRpcHandshake *self = user_data;
  GError *error = NULL;
  gboolean taken;

  if (payload == NULL || self->step != STEP_INVENTORY)
    return;
  plant_rpc_inventory_clear (&self->inventory);
  self->inventory.native_version = 0;
  self->inventory.has_lanes = FALSE;
  taken = plant_rpc_inventory_unpack (&self->inventory, payload, &error);
  plant_rpc_server_profile_take_relays (self->profile, g_steal_pointer (&self->inventory.relays));
  if (!taken || !check_counts (&self->inventory, &error) || !check_wire (self, &error))
    fail (self, error);
  else if (is_native (self))
    subscribe_natively (self);
  else
    begin_signals (self);
}

static void
ask_inventory (PlantRpcHandshake *self)
{
  PlantRpcRequest request = { .event = PLANT_RPC_EVENT_GET_INVENTORY };

  if (!plant_rpc_server_profile_is_legacy (self->profile))
    request.native_version = PLANT_RPC_NATIVE_VERSION;
  set_step (self, STEP_INVENTORY, self->patience);
  self->patience = MIN (self->patience * 2, LAST_PATIENCE_US);
  send_request (self, &request, on_inventory);
}

void
plant_rpc_handshake_start (PlantRpcHandshake *self,
                           gboolean           receives)
{
  plant_rpc_handshake_abort (self);
  self->receives = receives;
  self->patience = FIRST_PATIENCE_US;
  ask_inventory (self);
}

/* ---- what does not come in time */

/* A server of generation 1 that has connected to the offered port has got the request. */
static void
offer_again (PlantRpcHandshake *self)
{
  g_autoptr (Held) held = g_rc_box_acquire (self);
  gboolean standing = plant_rpc_subscription_is_standing (self->subscription);

  if (self->step != STEP_OFFER)
    return;
  if (standing)
    {
      plant_rpc_subscription_accept_offer (self->subscription);
      begin_snapshot (self);
      return;
    }
  set_step (self, STEP_SIGNALS, -1);
  offer_address (self);
}

static void
give_up_subscription (PlantRpcHandshake *self)
{
  g_autoptr (GError) error =
      g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                   _("The port at which “%s” publishes its signals does not answer"),
                   plant_rpc_link_get_label (self->link));

  go_on_without_signals (self, error);
}

static void
on_alarm (gpointer owner,
          gint64   now)
{
  PlantRpcHandshake *self = owner;

  if (self->step == STEP_INVENTORY)
    {
      ask_inventory (self);
    }
  else if (self->step == STEP_OFFER)
    {
      offer_again (self);
    }
  else if (self->step != STEP_IDLE)
    {
      give_up_subscription (self);
    }
  else if (self->publisher != NULL)
    {
      plant_rpc_subscription_connect (self->subscription, self->publisher, NULL);
      set_step (self, STEP_IDLE, RESUBSCRIBE_US);
    }
  else
    {
      plant_rpc_snapshot_take (self->snapshot);
    }
}
