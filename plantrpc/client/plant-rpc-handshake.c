/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-handshake-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-names-private.h"

#define SUBSCRIPTION_TIMEOUT_US (3 * G_USEC_PER_SEC)
/* A publisher may receive a subscription a moment after the connection is open. */
#define SECOND_SNAPSHOT_US      (150 * 1000)
/* µs between two attempts to subscribe to a publisher that could not be reached. */
#define RESUBSCRIBE_US          (2 * G_USEC_PER_SEC)

typedef enum {
  STEP_IDLE,
  STEP_INVENTORY,
  STEP_SIGNALS,
  STEP_SUBSCRIPTION, /* waits for note_standing() */
  STEP_SNAPSHOT,
} Step;

struct _PlantRpcHandshake {
  char                         *url;           /* (owned) */
  PlantRpcLink                 *link;          /* (unowned) */
  PlantRpcSubscription         *subscription;  /* (unowned) */
  PlantRpcInterfaceInfo        *template_info; /* (owned) (nullable) */
  const PlantRpcHandshakeFuncs *funcs;
  gpointer                      owner;

  Step               step;
  GHashTable        *gets;       /* (owned) (element-type Get Get): still without a reply */
  guint              n_left;     /* of those, in the snapshot under way */
  GHashTable        *values;     /* (owned) (element-type utf8 GVariant): of the snapshot under
                                    way */
  PlantRpcInventory  inventory;  /* (owned) */
  gboolean           receives;   /* signals are wanted at all */
  gboolean           promised;   /* the offer was sent, and its reply has not come */
  gboolean           borrowed;   /* the publisher's port is known from another client */
  gboolean           kept;       /* signals come since before this connection, unasked */
  char              *publisher;  /* (owned) (nullable): URL of signals that could not be subscribed
                                    to; it is tried again every RESUBSCRIBE_US */
  gint64             deadline;   /* monotonic µs; -1: none */
  gboolean           reading;    /* a snapshot is under way */
  gboolean           again;      /* another is wanted after it */
  gint64             begun;      /* monotonic µs: when the latest snapshot was begun */
  gint64             read_since; /* the same of the latest that is done */
  guint              n_begun;    /* snapshots */
  guint              n_done;
};

/* One property asked for. */
typedef struct {
  PlantRpcHandshake *handshake; /* (unowned) */
  char              *name;      /* (owned) */
  guint              number;    /* of the snapshot */
} Get;

static void
get_free (Get *get)
{
  g_free (get->name);
  g_free (get);
}

PlantRpcHandshake *
plant_rpc_handshake_new (const char                   *url,
                         PlantRpcLink                 *link,
                         PlantRpcSubscription         *subscription,
                         PlantRpcInterfaceInfo        *template_info,
                         const PlantRpcHandshakeFuncs *funcs,
                         gpointer                      owner)
{
  PlantRpcHandshake *self = g_new0 (PlantRpcHandshake, 1);

  self->url = g_strdup (url);
  self->link = link;
  self->subscription = subscription;
  if (template_info != NULL)
    self->template_info = plant_rpc_interface_info_ref (template_info);
  self->funcs = funcs;
  self->owner = owner;
  self->gets = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) get_free);
  self->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                        (GDestroyNotify) g_variant_unref);
  self->deadline = -1;
  self->receives = TRUE;
  return self;
}

void
plant_rpc_handshake_set_url (PlantRpcHandshake *self,
                             const char        *url)
{
  g_free (self->url);
  self->url = g_strdup (url);
}

void
plant_rpc_handshake_free (PlantRpcHandshake *self)
{
  plant_rpc_inventory_clear (&self->inventory);
  g_clear_pointer (&self->template_info, plant_rpc_interface_info_unref);
  g_hash_table_unref (self->gets);
  g_hash_table_unref (self->values);
  g_free (self->publisher);
  g_free (self->url);
  g_free (self);
}

void
plant_rpc_handshake_abort (PlantRpcHandshake *self)
{
  self->step = STEP_IDLE;
  self->deadline = -1;
  g_clear_pointer (&self->publisher, g_free);
  self->reading = FALSE;
  self->again = FALSE;
  if (self->promised)
    plant_rpc_subscription_withdraw_offer (self->subscription, TRUE);
  self->promised = FALSE;
}

static void
fail (PlantRpcHandshake *self,
      GError            *error)
{
  g_autoptr (GError) owned = error;

  plant_rpc_handshake_abort (self);
  g_prefix_error (&owned, _("“%s” does not answer as a device does: "), self->url);
  self->funcs->failed (self->owner, owned);
}

static void
send_request (PlantRpcHandshake     *self,
              PlantRpcRequest       *request,
              PlantRpcLinkReplyFunc  func)
{
  GError *error = NULL;
  g_autoptr (GBytes) payload = plant_rpc_request_pack (request, &error);

  if (payload == NULL)
    fail (self, error);
  else if (plant_rpc_link_is_open (self->link))
    plant_rpc_link_send (self->link, payload, func, self);
}

/* ---- the last step: values */

static gboolean
is_native (PlantRpcHandshake *self)
{
  return self->inventory.native_version > 0;
}

static void
finish (PlantRpcHandshake *self,
        GVariant          *values)
{
  PlantRpcHandshakeResult result = {
    .format = is_native (self) ? PLANT_RPC_FORMAT_NATIVE : PLANT_RPC_FORMAT_JSON,
    .inventory = &self->inventory,
    .values = values,
  };
  gboolean first = self->step != STEP_IDLE;

  self->step = STEP_IDLE;
  self->deadline = -1;
  self->reading = FALSE;
  self->n_done = self->n_begun;
  self->read_since = self->begun;
  if (self->again)
    plant_rpc_handshake_take_snapshot (self);
  if (self->publisher != NULL)
    {
      self->deadline = g_get_monotonic_time () + RESUBSCRIBE_US;
      self->funcs->rearm (self->owner);
    }
  if (first && !is_native (self) && plant_rpc_subscription_is_standing (self->subscription) &&
      !plant_rpc_subscription_is_pushed (self->subscription))
    {
      self->deadline = g_get_monotonic_time () + SECOND_SNAPSHOT_US;
      self->funcs->rearm (self->owner);
    }
  self->funcs->done (self->owner, &result);
}

static void
finish_gets (PlantRpcHandshake *self)
{
  g_autoptr (GVariant) values = NULL;
  GVariantBuilder builder;
  GHashTableIter iter;
  gpointer name, value;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_hash_table_iter_init (&iter, self->values);
  while (g_hash_table_iter_next (&iter, &name, &value))
    g_variant_builder_add (&builder, "{sv}", name, value);
  values = g_variant_ref_sink (g_variant_builder_end (&builder));
  g_hash_table_remove_all (self->values);
  finish (self, values);
}

static void
on_value (GBytes       *payload,
          GBytes       *buffer,
          const GError *error,
          gpointer      user_data)
{
  Get *get = user_data;
  PlantRpcHandshake *self = get->handshake;
  g_auto (PlantRpcReply) reply = { 0 };
  g_autofree char *name = g_steal_pointer (&get->name);
  gboolean current = self->reading && get->number == self->n_begun;

  g_hash_table_remove (self->gets, get);
  if (payload == NULL || !current)
    return; /* the loss of the connection is told to the owner */
  /* A property that cannot be read has no value. The others are shown all the same. */
  if (plant_rpc_reply_unpack (&reply, PLANT_RPC_EVENT_PROPERTY_GET, FALSE, payload, NULL, NULL) &&
      reply.error == NULL)
    g_hash_table_insert (self->values, g_steal_pointer (&name), g_steal_pointer (&reply.value));
  if (--self->n_left == 0)
    finish_gets (self);
}

static gboolean
is_wanted (PlantRpcHandshake *self,
           const char        *property)
{
  return self->template_info == NULL ||
         plant_rpc_interface_info_find_property (self->template_info, property) != NULL;
}

static void
send_get (PlantRpcHandshake *self,
          const char        *name)
{
  PlantRpcRequest request = { .event = PLANT_RPC_EVENT_PROPERTY_GET, .name = (char *) name };
  g_autoptr (GBytes) payload = plant_rpc_request_pack (&request, NULL);
  Get *get;

  if (payload == NULL || !plant_rpc_link_is_open (self->link))
    return;
  get = g_new (Get, 1);
  *get = (Get) { self, g_strdup (name), self->n_begun };
  g_hash_table_add (self->gets, get);
  self->n_left++;
  plant_rpc_link_send (self->link, payload, on_value, get);
}

static void
get_each (PlantRpcHandshake *self)
{
  gsize n_names;
  g_autofree const char **names = g_variant_get_strv (self->inventory.properties, &n_names);

  g_hash_table_remove_all (self->values);
  self->reading = TRUE;
  self->begun = g_get_monotonic_time ();
  self->n_begun++;
  self->n_left = 0;
  for (gsize i = 0; i < n_names; i++)
    {
      if (is_wanted (self, names[i]))
        send_get (self, names[i]);
    }
  if (self->n_left == 0)
    finish_gets (self);
}

static void
on_values (GBytes       *payload,
           GBytes       *buffer,
           const GError *failure,
           gpointer      user_data)
{
  PlantRpcHandshake *self = user_data;
  g_auto (PlantRpcReply) reply = { 0 };
  GError *error = NULL;

  if (payload == NULL)
    return;
  if (!plant_rpc_reply_unpack (&reply, PLANT_RPC_EVENT_GET_ALL, FALSE, payload, NULL, &error))
    fail (self, error);
  else if (reply.error != NULL)
    fail (self, g_steal_pointer (&reply.error));
  else
    finish (self, reply.value);
}

static void
get_all (PlantRpcHandshake *self,
         PlantRpcEvent      event)
{
  PlantRpcRequest request = { .format = PLANT_RPC_FORMAT_NATIVE,
                              .event = event,
                              .number = PLANT_RPC_SUBSCRIBER_WINDOW };

  self->reading = TRUE;
  self->begun = G_MAXINT64;
  self->n_begun++;
  send_request (self, &request, on_values);
}

guint
plant_rpc_handshake_take_snapshot (PlantRpcHandshake *self)
{
  self->again = self->reading;
  if (self->step != STEP_IDLE || self->reading || !plant_rpc_link_is_open (self->link))
    return self->n_begun + 1;
  if (is_native (self))
    get_all (self, PLANT_RPC_EVENT_GET_ALL);
  else
    get_each (self);
  return self->n_begun;
}

guint
plant_rpc_handshake_get_n_snapshots (PlantRpcHandshake *self)
{
  return self->n_done;
}

gint64
plant_rpc_handshake_get_read_since (PlantRpcHandshake *self)
{
  return self->read_since;
}

static void
begin_snapshot (PlantRpcHandshake *self)
{
  self->step = STEP_SNAPSHOT;
  self->deadline = -1;
  get_each (self);
}

/* ---- the step before: signals */

static void
warn (PlantRpcHandshake *self,
      const GError      *error)
{
  if (error != NULL)
    self->funcs->warned (self->owner, error);
}

/* The handshake goes on, since calls work without signals. */
static void
go_on_without_signals (PlantRpcHandshake *self,
                       const GError      *reason)
{
  warn (self, reason);
  begin_snapshot (self);
}

static void
await_subscription (PlantRpcHandshake *self,
                    const char        *signal_url)
{
  g_autoptr (GError) error = NULL;

  g_free (self->publisher);
  self->publisher = g_strdup (signal_url);
  if (!plant_rpc_subscription_connect (self->subscription, signal_url, &error))
    {
      go_on_without_signals (self, error);
      return;
    }
  self->step = STEP_SUBSCRIPTION;
  self->deadline = g_get_monotonic_time () + SUBSCRIPTION_TIMEOUT_US;
  self->funcs->rearm (self->owner);
}

void
plant_rpc_handshake_note_standing (PlantRpcHandshake *self)
{
  gboolean late = self->step == STEP_IDLE && self->publisher != NULL;

  if (self->step == STEP_SUBSCRIPTION || late)
    g_clear_pointer (&self->publisher, g_free);
  if (self->step == STEP_SUBSCRIPTION)
    begin_snapshot (self);
  if (!late)
    return;
  /* Changes may have been missed. */
  self->deadline = -1;
  plant_rpc_handshake_take_snapshot (self);
}

static void
subscribe_again (PlantRpcHandshake *self)
{
  plant_rpc_subscription_connect (self->subscription, self->publisher, NULL);
  self->deadline = g_get_monotonic_time () + RESUBSCRIBE_US;
  self->funcs->rearm (self->owner);
}

static char *
make_signal_url (PlantRpcHandshake  *self,
                 GVariant           *told,
                 GError            **error)
{
  g_autoptr (PlantRpcEndpoint) endpoint = plant_rpc_endpoint_parse (self->url, NULL);
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
    {
      await_subscription (self, signal_url);
      return;
    }
  warn (self, error);
  begin_snapshot (self);
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

  if (payload == NULL)
    return;
  self->promised = FALSE;
  if (!plant_rpc_reply_unpack (&reply, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING, FALSE, payload, NULL,
                               &error) ||
      reply.error != NULL)
    {
      plant_rpc_subscription_withdraw_offer (self->subscription, TRUE);
      warn (self, error != NULL ? error : reply.error);
      begin_snapshot (self);
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
  gsize n_names;
  g_autofree const char **names = g_variant_get_strv (self->inventory.signals, &n_names);

  if (self->template_info == NULL)
    return n_names > 0;
  for (gsize i = 0; i < n_names; i++)
    {
      GPtrArray *properties = plant_rpc_interface_info_get_properties (self->template_info);

      if (plant_rpc_interface_info_find_signal (self->template_info, names[i]) != NULL)
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
  const char *own_address = plant_rpc_link_get_own_address (self->link);
  const char *server_address = plant_rpc_link_get_peer_address (self->link);
  PlantRpcRequest request = { .event = PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING,
                              .address = (char *) own_address };
  g_autoptr (GError) error = NULL;

  if (own_address == NULL || server_address == NULL)
    {
      begin_snapshot (self);
      return;
    }
  if (!plant_rpc_subscription_offer (self->subscription, server_address, own_address, &request.port,
                                     &error))
    {
      warn (self, error);
      begin_snapshot (self);
      return;
    }
  /* Another client of this process has already asked the server for its signals. */
  if (plant_rpc_subscription_is_standing (self->subscription))
    {
      self->kept = TRUE;
      plant_rpc_subscription_accept_offer (self->subscription);
      begin_snapshot (self);
      return;
    }
  self->promised = TRUE;
  send_request (self, &request, on_signals);
}

gboolean
plant_rpc_handshake_note_left (PlantRpcHandshake *self,
                               const GError      *reason)
{
  /* The subscription is asked for later anyway. */
  if (self->step == STEP_INVENTORY || (self->step == STEP_SIGNALS && !self->promised))
    return TRUE;
  if (self->step == STEP_IDLE && self->publisher != NULL)
    return TRUE;
  if (self->step != STEP_SUBSCRIPTION)
    return FALSE;
  /* The other client knew the port of a server that has gone. */
  if (self->borrowed)
    {
      self->borrowed = FALSE;
      g_clear_pointer (&self->publisher, g_free);
      self->step = STEP_SIGNALS;
      self->deadline = -1;
      offer_address (self);
      return TRUE;
    }
  go_on_without_signals (self, reason);
  return TRUE;
}

gboolean
plant_rpc_handshake_has_kept_signals (PlantRpcHandshake *self)
{
  return self->kept;
}

static void
begin_signals (PlantRpcHandshake *self)
{
  g_autofree char *signal_url = NULL;

  self->step = STEP_SIGNALS;
  self->kept = plant_rpc_subscription_is_standing (self->subscription);
  if (self->kept || !self->receives || !wants_signals (self))
    {
      begin_snapshot (self);
      return;
    }
  signal_url = plant_rpc_subscription_find_publisher (self->subscription);
  self->borrowed = signal_url != NULL;
  if (self->borrowed)
    await_subscription (self, signal_url);
  else
    offer_address (self);
}

static void
subscribe_natively (PlantRpcHandshake *self)
{
  self->step = STEP_SNAPSHOT;
  plant_rpc_subscription_begin_pushes (self->subscription);
  get_all (self, PLANT_RPC_EVENT_SUBSCRIBE);
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
      gsize n_members = g_variant_n_children (members[i]);

      if (n_members <= PLANT_RPC_MAX_MEMBERS)
        continue;
      g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT,
                   _("the peer offers %zu members of one kind: at most %d are taken"), n_members,
                   PLANT_RPC_MAX_MEMBERS);
      return FALSE;
    }
  return TRUE;
}

static void
on_inventory (GBytes       *payload,
              GBytes       *buffer,
              const GError *failure,
              gpointer      user_data)
{
  PlantRpcHandshake *self = user_data;
  GError *error = NULL;

  if (payload == NULL)
    return;
  plant_rpc_inventory_clear (&self->inventory);
  self->inventory.native_version = 0;
  if (!plant_rpc_inventory_unpack (&self->inventory, payload, &error) ||
      !check_counts (&self->inventory, &error))
    fail (self, error);
  else if (is_native (self))
    subscribe_natively (self);
  else
    begin_signals (self);
}

void
plant_rpc_handshake_set_receives (PlantRpcHandshake *self,
                                  gboolean           receives)
{
  self->receives = receives;
}

void
plant_rpc_handshake_start (PlantRpcHandshake *self)
{
  PlantRpcRequest request = { .event = PLANT_RPC_EVENT_GET_INVENTORY,
                              .native_version = PLANT_RPC_NATIVE_VERSION };

  plant_rpc_handshake_abort (self);
  self->step = STEP_INVENTORY;
  send_request (self, &request, on_inventory);
}

gint64
plant_rpc_handshake_get_deadline (PlantRpcHandshake *self)
{
  return self->deadline;
}

void
plant_rpc_handshake_check_time (PlantRpcHandshake *self,
                                gint64             now)
{
  g_autoptr (GError) error = NULL;

  if (self->deadline < 0 || now < self->deadline)
    return;
  self->deadline = -1;
  if (self->step == STEP_IDLE && self->publisher != NULL)
    {
      subscribe_again (self);
    }
  else if (self->step == STEP_IDLE)
    {
      plant_rpc_handshake_take_snapshot (self);
    }
  else if (self->step == STEP_SUBSCRIPTION)
    {
      g_set_error (&error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                   _("The port at which “%s” publishes its signals does not answer"), self->url);
      go_on_without_signals (self, error);
    }
}
