/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-credit-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-held-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-log-private.h"
#include "plant-rpc-native-subscription-private.h"
#include "plant-rpc-request-private.h"

struct _PlantRpcNativeSubscription {
  PlantRpcLink              *link;     /* (unowned) */
  const PlantRpcSignalFuncs *funcs;
  gpointer                   owner;    /* (unowned) */
  gboolean                   taking;   /* TRUE while pushes are accepted */
  guint64                    sequence; /* of the last push on this connection */
  PlantRpcCredit             credit;
  guint                      n_malformed;
};

PLANT_RPC_DEFINE_HELD (PlantRpcNativeSubscription, NULL)

/* Sequence numbers begin at 1 and grow. Elsewhere 0 means that a signal has no number. */
static gboolean
is_next (PlantRpcNativeSubscription *self,
         guint64                     sequence)
{
  return self->taking && sequence > self->sequence && sequence <= PLANT_RPC_MAX_SEQUENCE;
}

static gboolean
unpack_push (PlantRpcEmission   *emission,
             PlantRpcArguments  *plain,
             GBytes             *payload,
             GError            **error)
{
  if (plant_rpc_emission_unpack_plain (emission, plain, payload))
    return TRUE;
  if (plant_rpc_message_get_format (payload) == PLANT_RPC_FORMAT_NATIVE)
    return plant_rpc_emission_unpack (emission, payload, error);
  g_set_error_literal (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL,
                       "It is not a message of the native wire");
  return FALSE;
}

/* A push that has nothing for the application counts as seen. */
static void
spend (PlantRpcNativeSubscription *self,
       guint64                     number,
       gsize                       size)
{
  plant_rpc_native_subscription_acknowledge (self, number, size, FALSE);
}

void
plant_rpc_native_subscription_refuse (PlantRpcNativeSubscription *self,
                                      guint64                     sequence,
                                      gsize                       size,
                                      const GError               *error)
{
  self->n_malformed++;
  plant_rpc_debug ("What “%s” pushed cannot be understood: %s",
                   plant_rpc_link_get_label (self->link), error->message);
  spend (self, sequence, size);
  self->funcs->lost (self->owner, 1);
}

/* Returns the number of the push in all connections. */
static guint64
receive (PlantRpcNativeSubscription *self,
         guint64                     sequence)
{
  self->sequence = sequence;
  return plant_rpc_credit_receive (&self->credit, sequence);
}

static void
take_push (PlantRpcNativeSubscription *self,
           guint64                     number,
           GBytes                     *payload)
{
  g_auto (PlantRpcArguments) plain = { 0 };
  g_auto (PlantRpcEmission) emission = { 0 };
  g_autoptr (GError) error = NULL;
  gsize size = g_bytes_get_size (payload) + PLANT_RPC_PUSH_OVERHEAD;

  if (!unpack_push (&emission, &plain, payload, &error))
    {
      plant_rpc_native_subscription_refuse (self, number, size, error);
      return;
    }
  if (emission.type != PLANT_RPC_EMISSION_LOST)
    {
      self->funcs->received (self->owner, &emission, number, size);
      return;
    }
  spend (self, number, size);
  if (emission.n_lost > 0)
    self->funcs->lost (self->owner, emission.n_lost);
}

/* ---- bundles */

/* Hands the next emissions on to the owner as long as they are signals. Returns FALSE if the next
 * one is none. */
static gboolean
take_series (PlantRpcNativeSubscription *self,
             PlantRpcBundleIter         *iter)
{
  const PlantRpcBundleIter start = *iter;
  PlantRpcBundleIter ahead = *iter;
  const guint64 sequence = self->sequence + 1;
  guint64 first = 0;
  const guint8 *data;
  gsize size;

  for (guint64 next = sequence;
       plant_rpc_bundle_iter_next (&ahead, &data, &size) && data[0] == PLANT_RPC_KIND_SIGNAL;
       next++)
    {
      const guint64 number = receive (self, next);

      first = first > 0 ? first : number;
      *iter = ahead;
    }
  if (first == 0)
    return FALSE;
  self->funcs->series (self->owner,
                       plant_rpc_series_new (&start, (guint) (self->sequence + 1 - sequence),
                                             iter->place - start.place, first));
  return TRUE;
}

static void
take_bundle (PlantRpcNativeSubscription *self,
             PlantRpcBundleIter         *iter)
{
  const guint8 *start = g_bytes_get_data (iter->payload, NULL), *data;
  gsize size;

  self->funcs->together (self->owner, TRUE);
  while (self->taking && iter->n_left > 0)
    {
      g_autoptr (GBytes) payload = NULL;

      if (take_series (self, iter))
        continue;
      plant_rpc_bundle_iter_next (iter, &data, &size);
      payload = g_bytes_new_from_bytes (iter->payload, (gsize) (data - start), size);
      take_push (self, receive (self, self->sequence + 1), payload);
    }
  self->funcs->together (self->owner, FALSE);
}

/* A message that is not understood counts as one push. The next one shows how many it had. */
static void
take_message (PlantRpcNativeSubscription *self,
              guint64                     sequence,
              GBytes                     *payload)
{
  g_autoptr (GError) error = NULL;
  PlantRpcBundleIter iter;

  if (plant_rpc_message_get_kind (payload) != PLANT_RPC_KIND_BUNDLE)
    {
      take_push (self, receive (self, sequence), payload);
    }
  else if (!plant_rpc_bundle_iter_init (&iter, payload, &error) ||
           iter.n_left - 1 > PLANT_RPC_MAX_SEQUENCE - sequence)
    {
      if (error == NULL)
        plant_rpc_message_refuse ("(yav)", &error);
      plant_rpc_native_subscription_refuse (
          self, receive (self, sequence), g_bytes_get_size (payload) + PLANT_RPC_PUSH_OVERHEAD,
          error);
    }
  else
    {
      self->sequence = sequence - 1;
      take_bundle (self, &iter);
    }
}

static void
on_pushed (gpointer  owner,
           guint64   sequence,
           GBytes   *payload)
{
  g_autoptr (Held) self = g_rc_box_acquire ((Held *) owner);

  if (!is_next (self, sequence))
    {
      self->n_malformed++;
      plant_rpc_debug ("“%s” pushed what nobody waits for", plant_rpc_link_get_label (self->link));
      return;
    }
  if (sequence != self->sequence + 1)
    {
      self->sequence = sequence - 1;
      self->funcs->lost (self->owner, 0);
    }
  if (self->taking && self->sequence == sequence - 1)
    take_message (self, sequence, payload);
}

PlantRpcNativeSubscription *
plant_rpc_native_subscription_new (PlantRpcLink              *link,
                                   const PlantRpcSignalFuncs *funcs,
                                   gpointer                   owner)
{
  PlantRpcNativeSubscription *self = g_rc_box_new0 (PlantRpcNativeSubscription);

  self->link = link;
  self->funcs = funcs;
  self->owner = owner;
  plant_rpc_link_set_push_func (link, on_pushed, self);
  return self;
}

void
plant_rpc_native_subscription_free (PlantRpcNativeSubscription *self)
{
  plant_rpc_link_set_push_func (self->link, NULL, NULL);
  plant_rpc_native_subscription_end (self);
  release (self);
}

void
plant_rpc_native_subscription_begin (PlantRpcNativeSubscription *self)
{
  self->taking = TRUE;
  self->sequence = 0;
}

void
plant_rpc_native_subscription_end (PlantRpcNativeSubscription *self)
{
  self->taking = FALSE;
  self->sequence = 0;
  plant_rpc_credit_restart (&self->credit);
}

void
plant_rpc_native_subscription_acknowledge (PlantRpcNativeSubscription *self,
                                           guint64                     sequence,
                                           gsize                       size,
                                           gboolean                    in_order)
{
  PlantRpcRequest request = { .format = PLANT_RPC_FORMAT_NATIVE,
                              .event = PLANT_RPC_EVENT_CREDIT };
  g_autoptr (GBytes) payload = NULL;

  request.number =
      plant_rpc_credit_see (&self->credit, sequence, size, in_order, self->sequence);
  if (request.number == 0 || !plant_rpc_link_is_open (self->link))
    return;
  payload = plant_rpc_request_pack (&request, NULL);
  plant_rpc_link_send (self->link, payload, NULL, NULL);
}

guint
plant_rpc_native_subscription_get_n_malformed (PlantRpcNativeSubscription *self)
{
  return self->n_malformed;
}
