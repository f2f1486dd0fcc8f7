/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-emission-private.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-generation1-subscriber-private.h"
#include "plant-rpc-generation2-publisher-private.h"
#include "plant-rpc-log-private.h"
#include "plant-rpc-native-subscriber-private.h"
#include "plant-rpc-publisher-private.h"
#include "plant-rpc-reply-private.h"
#include "plant-rpc-source-private.h"

/* So many emissions are sent one by one, since most come alone and a client should not wait for
 * them. If more follow within PAUSE_USEC, those are gathered until the next turn of the loop. */
#define N_AT_ONCE  8
#define PAUSE_USEC 1000

struct _PlantRpcPublisher {
  PlantRpcRouter               *router;      /* (unowned) */
  const PlantRpcEndpoint       *endpoint;    /* (unowned) */
  GMainContext                 *context;     /* (owned) */
  PlantRpcPublisherFuncs        funcs;
  gpointer                      owner;
  gboolean                      heard;
  GHashTable                   *natives;     /* (owned): PlantRpcNativeSubscriber by peer */
  PlantRpcBundle               *gathered;    /* (owned) (nullable): for NATIVES */
  GSource                      *turn;        /* (owned) (nullable): the next turn of the loop, in
                                                which what is gathered goes out */
  guint                         n_recent;    /* emissions that were sent one by one */
  gint64                        last_time;   /* monotonic µs: of the latest emission */
  GPtrArray                    *generation1; /* (owned): PlantRpcGeneration1Subscriber */
  PlantRpcGeneration2Publisher *generation2; /* (owned) (nullable): since a client subscribed */
};

PlantRpcPublisher *
plant_rpc_publisher_new (PlantRpcRouter               *router,
                         const PlantRpcEndpoint       *endpoint,
                         GMainContext                 *context,
                         const PlantRpcPublisherFuncs *funcs,
                         gpointer                      owner)
{
  PlantRpcPublisher *self = g_new0 (PlantRpcPublisher, 1);

  self->router = router;
  self->endpoint = endpoint;
  self->context = g_main_context_ref (context);
  self->funcs = *funcs;
  self->owner = owner;
  self->natives = g_hash_table_new_full (g_bytes_hash, g_bytes_equal,
                                         (GDestroyNotify) g_bytes_unref,
                                         (GDestroyNotify) plant_rpc_native_subscriber_free);
  self->generation1 =
      g_ptr_array_new_with_free_func ((GDestroyNotify) plant_rpc_generation1_subscriber_free);
  return self;
}

void
plant_rpc_publisher_free (PlantRpcPublisher *self)
{
  plant_rpc_source_clear (&self->turn);
  g_clear_pointer (&self->gathered, plant_rpc_bundle_unref);
  g_hash_table_unref (self->natives);
  g_ptr_array_unref (self->generation1);
  g_clear_pointer (&self->generation2, plant_rpc_generation2_publisher_free);
  g_main_context_unref (self->context);
  g_free (self);
}

static void
update_heard (PlantRpcPublisher *self)
{
  gboolean heard = g_hash_table_size (self->natives) > 0 || self->generation1->len > 0 ||
                   self->generation2 != NULL;

  if (self->heard == heard)
    return;
  self->heard = heard;
  self->funcs.heard (self->owner, heard);
}

gboolean
plant_rpc_publisher_is_heard (PlantRpcPublisher *self)
{
  return self->heard;
}

static GBytes *
pack (const PlantRpcEmission *emission,
      PlantRpcFormat          format)
{
  g_autoptr (GError) error = NULL;
  GBytes *payload = plant_rpc_emission_pack (emission, format, &error);

  if (payload == NULL)
    plant_rpc_debug ("%s is not sent: %s", emission->name, error->message);
  return payload;
}

/* ---- native subscribers */

void
plant_rpc_publisher_flush (PlantRpcPublisher *self)
{
  g_autoptr (PlantRpcBundle) gathered = g_steal_pointer (&self->gathered);
  GHashTableIter iter;
  PlantRpcNativeSubscriber *subscriber;

  self->n_recent = 0;
  if (gathered == NULL)
    return;
  g_hash_table_iter_init (&iter, self->natives);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &subscriber))
    plant_rpc_native_subscriber_push_bundle (subscriber, gathered);
}

static gboolean
on_turn (gpointer user_data)
{
  PlantRpcPublisher *self = user_data;

  g_source_set_ready_time (self->turn, -1);
  plant_rpc_publisher_flush (self);
  return G_SOURCE_CONTINUE;
}

/* Nothing that is ready in the next turn comes before it. */
static void
await_turn (PlantRpcPublisher *self)
{
  if (self->turn == NULL)
    {
      self->turn =
          plant_rpc_source_new_alarm (self->context, on_turn, self, "[plantrpc] emissions");
      g_source_set_priority (self->turn, G_PRIORITY_HIGH);
    }
  if (g_source_get_ready_time (self->turn) != 0)
    g_source_set_ready_time (self->turn, 0);
}

static gboolean
must_gather (PlantRpcPublisher *self)
{
  const gint64 time = g_get_monotonic_time ();
  const gint64 pause = time - self->last_time;

  self->last_time = time;
  if (pause > PAUSE_USEC)
    plant_rpc_publisher_flush (self);
  if (self->n_recent == N_AT_ONCE)
    return TRUE;
  self->n_recent++;
  return FALSE;
}

static PlantRpcBundle *
ensure_gathered (PlantRpcPublisher *self)
{
  if (self->gathered != NULL && plant_rpc_bundle_is_full (self->gathered))
    {
      plant_rpc_publisher_flush (self);
      self->n_recent = N_AT_ONCE;
    }
  if (self->gathered == NULL)
    {
      self->gathered = plant_rpc_bundle_new ();
      await_turn (self);
    }
  return self->gathered;
}

/* Returns the payload if it must be sent by itself. */
static GBytes *
gather (PlantRpcPublisher      *self,
        const PlantRpcEmission *emission)
{
  g_autoptr (GBytes) payload = NULL;

  if (plant_rpc_bundle_append_plain (ensure_gathered (self), emission))
    return NULL;
  payload = pack (emission, PLANT_RPC_FORMAT_NATIVE);
  if (payload != NULL && g_bytes_get_size (payload) > PLANT_RPC_MAX_BUNDLED_PAYLOAD)
    {
      plant_rpc_publisher_flush (self);
      return g_steal_pointer (&payload);
    }
  if (payload != NULL)
    plant_rpc_bundle_append_payload (ensure_gathered (self), payload);
  return NULL;
}

static void
push_native (PlantRpcPublisher      *self,
             const PlantRpcEmission *emission)
{
  g_autoptr (GBytes) payload = NULL;
  GHashTableIter iter;
  PlantRpcNativeSubscriber *subscriber;

  if (g_hash_table_size (self->natives) == 0)
    return;
  payload = must_gather (self) ? gather (self, emission)
                               : pack (emission, PLANT_RPC_FORMAT_NATIVE);
  if (payload == NULL)
    return;
  g_hash_table_iter_init (&iter, self->natives);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &subscriber))
    {
      if (emission->type != PLANT_RPC_EMISSION_SIGNAL)
        plant_rpc_native_subscriber_push_changed (subscriber, emission->name, payload);
      else
        plant_rpc_native_subscriber_push_signal (subscriber, payload);
    }
}

/* ---- subscribers of the older wires */

static gsize
get_unacknowledged (PlantRpcPublisher *self,
                    guint              index)
{
  return plant_rpc_generation1_subscriber_get_unacknowledged (
      g_ptr_array_index (self->generation1, index));
}

/* While all clients together hold too much, the one with the most unacknowledged bytes is
 * dropped. */
static void
bound_generation1 (PlantRpcPublisher *self)
{
  gsize total = 0;

  for (guint i = 0; i < self->generation1->len; i++)
    total += get_unacknowledged (self, i);
  while (total > PLANT_RPC_MAX_ALL_UNACKNOWLEDGED)
    {
      guint worst = 0;

      for (guint i = 1; i < self->generation1->len; i++)
        {
          if (get_unacknowledged (self, i) > get_unacknowledged (self, worst))
            worst = i;
        }
      total -= get_unacknowledged (self, worst);
      g_ptr_array_remove_index (self->generation1, worst);
    }
}

static void
push_json (PlantRpcPublisher      *self,
           const PlantRpcEmission *emission)
{
  gboolean published = self->generation2 != NULL &&
                       plant_rpc_generation2_publisher_is_heard (self->generation2);
  g_autoptr (GBytes) payload = NULL;

  if (self->generation1->len == 0 && !published)
    return;
  payload = pack (emission, PLANT_RPC_FORMAT_JSON);
  if (payload == NULL)
    return;
  if (published)
    plant_rpc_generation2_publisher_push (self->generation2, payload);
  for (guint i = self->generation1->len; i > 0; i--)
    {
      PlantRpcGeneration1Subscriber *subscriber = g_ptr_array_index (self->generation1, i - 1);

      if (!plant_rpc_generation1_subscriber_push (subscriber, payload))
        g_ptr_array_remove_index (self->generation1, i - 1);
    }
  bound_generation1 (self);
  update_heard (self);
}

void
plant_rpc_publisher_emit (PlantRpcPublisher      *self,
                          const PlantRpcEmission *emission)
{
  push_native (self, emission);
  push_json (self, emission);
}

static void
push_change_signal (PlantRpcPublisher *self,
                    const char        *signal,
                    GVariant          *value)
{
  GVariant *arg = g_variant_new_variant (value);
  g_autoptr (GVariant) args = g_variant_ref_sink (g_variant_new_array (NULL, &arg, 1));
  const PlantRpcEmission emission = {
    .type = PLANT_RPC_EMISSION_SIGNAL,
    .name = (char *) signal,
    .value = args,
  };

  push_json (self, &emission);
}

void
plant_rpc_publisher_change (PlantRpcPublisher *self,
                            const char        *property,
                            const char        *signal,
                            GVariant          *value)
{
  const PlantRpcEmission emission = {
    .type = PLANT_RPC_EMISSION_CHANGED,
    .name = (char *) property,
    .value = value,
  };

  push_native (self, &emission);
  if (signal != NULL)
    push_change_signal (self, signal, value);
}

/* Not everybody who sees the property may see how the device is made. */
void
plant_rpc_publisher_fail (PlantRpcPublisher *self,
                          const char        *property,
                          const GError      *error)
{
  g_autoptr (GError) told = g_error_copy (error);
  g_autoptr (GVariant) failure = NULL;

  plant_rpc_error_drop_traceback (told);
  failure = g_variant_ref_sink (plant_rpc_reply_build_failure (told));
  push_native (self, &(PlantRpcEmission) { .type = PLANT_RPC_EMISSION_FAILED,
                                           .name = (char *) property,
                                           .value = failure });
}

void
plant_rpc_publisher_drop_old (PlantRpcPublisher *self)
{
  g_ptr_array_set_size (self->generation1, 0);
  g_clear_pointer (&self->generation2, plant_rpc_generation2_publisher_free);
  update_heard (self);
}

static PlantRpcNativeSubscriber *
find_native (PlantRpcPublisher      *self,
             const PlantRpcEnvelope *envelope)
{
  g_autoptr (GBytes) peer = plant_rpc_envelope_dup_peer (envelope);

  return g_hash_table_lookup (self->natives, peer);
}

gboolean
plant_rpc_publisher_subscribe_native (PlantRpcPublisher       *self,
                                      const PlantRpcEnvelope  *envelope,
                                      guint64                  window,
                                      gboolean                 bundled,
                                      GError                 **error)
{
  /* What was emitted before is not for it. */
  plant_rpc_publisher_flush (self);
  if (find_native (self, envelope) == NULL &&
      g_hash_table_size (self->natives) >= PLANT_RPC_MAX_NATIVE_SUBSCRIBERS)
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_LIMIT,
                                 "The server is full: it has %d clients and takes no more",
                                 PLANT_RPC_MAX_NATIVE_SUBSCRIBERS);
  g_hash_table_replace (self->natives, plant_rpc_envelope_dup_peer (envelope),
                        plant_rpc_native_subscriber_new (self->router, envelope, window,
                                                         bundled));
  update_heard (self);
  return TRUE;
}

void
plant_rpc_publisher_release_native (PlantRpcPublisher      *self,
                                    const PlantRpcEnvelope *envelope)
{
  PlantRpcNativeSubscriber *subscriber = find_native (self, envelope);

  if (subscriber != NULL)
    plant_rpc_native_subscriber_release (subscriber);
}

void
plant_rpc_publisher_credit_native (PlantRpcPublisher      *self,
                                   const PlantRpcEnvelope *envelope,
                                   guint64                 sequence)
{
  PlantRpcNativeSubscriber *subscriber = find_native (self, envelope);

  if (subscriber != NULL)
    plant_rpc_native_subscriber_credit (subscriber, sequence);
}

static gboolean
came_by (gpointer peer,
         gpointer subscriber,
         gpointer connection)
{
  return plant_rpc_native_subscriber_get_connection (subscriber) == *(guint64 *) connection;
}

gsize
plant_rpc_publisher_give_way (PlantRpcPublisher *self,
                              guint64            connection)
{
  GHashTableIter iter;
  PlantRpcNativeSubscriber *subscriber;
  gsize size = 0;

  g_hash_table_iter_init (&iter, self->natives);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &subscriber))
    {
      if (plant_rpc_native_subscriber_get_connection (subscriber) == connection)
        size += plant_rpc_native_subscriber_give_way (subscriber);
    }
  return size;
}

void
plant_rpc_publisher_remove_connection (PlantRpcPublisher *self,
                                       guint64            connection)
{
  g_hash_table_foreach_remove (self->natives, came_by, &connection);
  update_heard (self);
}

static void
on_generation1_gone (gpointer                       user_data,
                     PlantRpcGeneration1Subscriber *subscriber)
{
  PlantRpcPublisher *self = user_data;

  g_ptr_array_remove (self->generation1, subscriber);
  update_heard (self);
}

/* A client that subscribes again, or the next one at its address, replaces the former subscription,
 * so that nobody gets a signal twice. */
static void
remove_former (PlantRpcPublisher *self,
               const char        *address,
               guint16            port,
               GBytes            *peer)
{
  for (guint i = self->generation1->len; i > 0; i--)
    {
      PlantRpcGeneration1Subscriber *former = g_ptr_array_index (self->generation1, i - 1);

      if (plant_rpc_generation1_subscriber_matches (former, address, port, peer))
        g_ptr_array_remove_index (self->generation1, i - 1);
    }
}

gboolean
plant_rpc_publisher_subscribe_generation1 (PlantRpcPublisher       *self,
                                           const PlantRpcEnvelope  *envelope,
                                           const char              *address,
                                           guint16                  port,
                                           GError                 **error)
{
  g_autoptr (GBytes) peer = plant_rpc_envelope_dup_peer (envelope);
  PlantRpcGeneration1Subscriber *subscriber;

  remove_former (self, address, port, peer);
  if (self->generation1->len >= PLANT_RPC_MAX_GENERATION1_SUBSCRIBERS)
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_LIMIT,
                                 "The server is full: it has %d clients of generation 1 and takes "
                                 "no more",
                                 PLANT_RPC_MAX_GENERATION1_SUBSCRIBERS);
  subscriber = plant_rpc_generation1_subscriber_new (address, port, peer, self->context,
                                                     on_generation1_gone, self, error);
  if (subscriber != NULL)
    g_ptr_array_add (self->generation1, subscriber);
  update_heard (self);
  return subscriber != NULL;
}

guint16
plant_rpc_publisher_subscribe_generation2 (PlantRpcPublisher  *self,
                                           GError            **error)
{
  if (self->generation2 == NULL)
    self->generation2 = plant_rpc_generation2_publisher_new (self->endpoint, self->context,
                                                             self->funcs.knows_signal, self->owner,
                                                             error);
  if (self->generation2 == NULL)
    return 0;
  update_heard (self);
  return plant_rpc_generation2_publisher_get_port (self->generation2);
}
