/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-error-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-reply-private.h"
#include "plant-rpc-request-private.h"
#include "plant-rpc-snapshot-private.h"

/* µs without a value until all are asked for anew, since a reply may have been lost on the way. A
 * server may also be busy for longer, so each time is twice the one before, up to the last. */
#define FIRST_PATIENCE_US (10 * G_USEC_PER_SEC)
#define LAST_PATIENCE_US  (320 * G_USEC_PER_SEC)

/* µs between two renewals. */
#define RENEWAL_US G_USEC_PER_SEC

typedef enum {
  STATE_IDLE,          /* nothing can be read until the next connection is ready for it */
  STATE_READING,
  STATE_READING_AGAIN, /* another snapshot is wanted after the one under way */
  STATE_DONE,
} State;

struct _PlantRpcSnapshot {
  PlantRpcLink                *link;    /* (unowned) */
  PlantRpcServerProfile       *profile; /* (unowned) */
  const PlantRpcSnapshotFuncs *funcs;
  gpointer                     owner;   /* (unowned) */

  State       state;
  GVariant   *names;      /* (owned) (nullable): as; NULL for a native server */
  GHashTable *gets;       /* (owned) (element-type Get Get): those still without a reply */
  guint       n_left;     /* of those, in the snapshot under way */
  GHashTable *values;     /* (owned) (element-type utf8 GVariant): of the snapshot under way */
  GHashTable *failures;   /* (owned) (element-type utf8 GError): why others could not be read in the
                             latest snapshot, by wire name */
  gint64      begun;      /* monotonic µs: when the latest snapshot was begun */
  gint64      read_since; /* the same of the latest that is done */
  guint       n_begun;
  guint       n_done;

  PlantRpcAlarm alarm;    /* set while a server of Plant Imager is asked */
  gint64        patience; /* µs */

  PlantRpcAlarm renewal;   /* set while the next renewal is put off */
  gint64        renewable; /* monotonic µs: when it may be renewed next */
};

static void on_alarm   (gpointer owner,
                        gint64   now);
static void on_renewal (gpointer owner,
                        gint64   now);

/* One property asked for. */
typedef struct {
  PlantRpcSnapshot *snapshot; /* (unowned) */
  char             *name;     /* (owned) */
  guint             number;   /* of the snapshot */
} Get;

static void
get_free (gpointer data)
{
  Get *get = data;

  g_free (get->name);
  g_free (get);
}

PlantRpcSnapshot *
plant_rpc_snapshot_new (PlantRpcLink                *link,
                        PlantRpcServerProfile       *profile,
                        PlantRpcTimer               *timer,
                        const PlantRpcSnapshotFuncs *funcs,
                        gpointer                     owner)
{
  PlantRpcSnapshot *self = g_new0 (PlantRpcSnapshot, 1);

  self->link = link;
  self->profile = profile;
  self->funcs = funcs;
  self->owner = owner;
  self->gets = g_hash_table_new_full (NULL, NULL, NULL, get_free);
  self->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                        (GDestroyNotify) g_variant_unref);
  self->failures = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                          (GDestroyNotify) g_error_free);
  plant_rpc_alarm_init (&self->alarm, timer, "snapshot", on_alarm, self);
  plant_rpc_alarm_init (&self->renewal, timer, "renewal", on_renewal, self);
  return self;
}

void
plant_rpc_snapshot_free (PlantRpcSnapshot *self)
{
  plant_rpc_alarm_clear (&self->alarm);
  plant_rpc_alarm_clear (&self->renewal);
  g_clear_pointer (&self->names, g_variant_unref);
  g_hash_table_unref (self->gets);
  g_hash_table_unref (self->values);
  g_hash_table_unref (self->failures);
  g_free (self);
}

static gboolean
is_reading (PlantRpcSnapshot *self)
{
  return self->state == STATE_READING || self->state == STATE_READING_AGAIN;
}

static void
finish (PlantRpcSnapshot *self,
        GVariant         *values)
{
  gboolean again = self->state == STATE_READING_AGAIN;

  plant_rpc_alarm_clear (&self->alarm);
  self->patience = FIRST_PATIENCE_US;
  self->state = STATE_DONE;
  self->n_done = self->n_begun;
  self->read_since = self->begun;
  if (again)
    plant_rpc_snapshot_take (self);
  self->funcs->done (self->owner, values);
}

static void
start (PlantRpcSnapshot *self,
       gint64            begun)
{
  self->state = STATE_READING;
  self->begun = begun;
  self->n_begun++;
  g_hash_table_remove_all (self->failures);
}

static void
set_alarm (PlantRpcSnapshot *self)
{
  plant_rpc_alarm_set (&self->alarm, g_get_monotonic_time () + self->patience);
}

/* ---- one by one */

static void
finish_gets (PlantRpcSnapshot *self)
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

/* A property that cannot be read has no value. The others are shown all the same. Takes what REPLY
 * holds, and ownership of NAME. */
static void
keep_reply (PlantRpcSnapshot *self,
            char             *name,
            PlantRpcReply    *reply)
{
  if (reply->error != NULL)
    g_hash_table_insert (self->failures, name, g_steal_pointer (&reply->error));
  else
    g_hash_table_insert (self->values, name, g_steal_pointer (&reply->value));
}

static void
on_value (GBytes       *payload,
          GBytes       *buffer,
          const GError *error,
          gpointer      user_data)
{
  Get *get = user_data;
  PlantRpcSnapshot *self = get->snapshot;
  g_auto (PlantRpcReply) reply = { 0 };
  g_autoptr (GError) garbled = NULL;
  g_autofree char *name = g_steal_pointer (&get->name);
  gboolean current = is_reading (self) && get->number == self->n_begun;

  g_hash_table_remove (self->gets, get);
  if (payload == NULL || !current)
    return;
  if (!plant_rpc_reply_unpack (&reply, PLANT_RPC_EVENT_PROPERTY_GET, FALSE, payload, NULL,
                               &garbled))
    {
      plant_rpc_reply_clear (&reply);
      reply.error = g_steal_pointer (&garbled);
    }
  keep_reply (self, g_steal_pointer (&name), &reply);
  set_alarm (self);
  if (--self->n_left == 0)
    finish_gets (self);
}

static gboolean
is_wanted (PlantRpcSnapshot *self,
           const char       *property)
{
  PlantRpcInterfaceInfo *template_info = plant_rpc_server_profile_get_template (self->profile);

  if (plant_rpc_server_profile_is_legacy (self->profile))
    return FALSE;
  return template_info == NULL ||
         plant_rpc_interface_info_find_property (template_info, property) != NULL;
}

static void
send_get (PlantRpcSnapshot *self,
          const char       *name)
{
  PlantRpcRequest request = { .event = PLANT_RPC_EVENT_PROPERTY_GET, .name = (char *) name };
  g_autoptr (GBytes) payload = plant_rpc_request_pack (&request, NULL);
  Get *get;

  if (payload == NULL || !plant_rpc_link_is_open (self->link))
    return;
  get = g_new (Get, 1);
  *get = (Get) { self, g_strdup (name), self->n_begun };
  g_hash_table_add (self->gets, get);
  /* A snapshot of which one was not sent is never done: it is aborted. */
  self->n_left++;
  if (plant_rpc_link_send (self->link, payload, on_value, get) == 0)
    g_hash_table_remove (self->gets, get);
}

static void
get_each (PlantRpcSnapshot *self)
{
  gsize n_names;
  g_autofree const char **names = g_variant_get_strv (self->names, &n_names);

  start (self, g_get_monotonic_time ());
  set_alarm (self);
  g_hash_table_remove_all (self->values);
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
on_alarm (gpointer owner,
          gint64   now)
{
  PlantRpcSnapshot *self = owner;

  self->patience = MIN (self->patience * 2, LAST_PATIENCE_US);
  get_each (self);
}

/* ---- all at once */

static void
fail (PlantRpcSnapshot *self,
      const GError     *error)
{
  self->state = STATE_IDLE;
  self->funcs->failed (self->owner, error);
}

/* What is no reason is ignored. */
static void
keep_failures (PlantRpcSnapshot *self,
               GVariant         *values)
{
  g_autoptr (GVariant) failures = g_variant_lookup_value (values, PLANT_RPC_FAILURES_KEY,
                                                          G_VARIANT_TYPE_VARDICT);
  GVariantIter iter;
  const char *name;
  GVariant *failure;

  if (failures == NULL)
    return;
  g_variant_iter_init (&iter, failures);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &failure))
    {
      const char *error_name, *message, *traceback;

      if (!g_variant_is_of_type (failure, G_VARIANT_TYPE ("(sss)")))
        continue;
      g_variant_get (failure, "(&s&s&s)", &error_name, &message, &traceback);
      g_hash_table_insert (self->failures, g_strdup (name),
                           plant_rpc_error_new_remote (error_name, message, traceback));
    }
}

static void
on_values (GBytes       *payload,
           GBytes       *buffer,
           const GError *failure,
           gpointer      user_data)
{
  PlantRpcSnapshot *self = user_data;
  g_auto (PlantRpcReply) reply = { 0 };
  g_autoptr (GError) error = NULL;

  if (payload == NULL)
    return;
  if (!plant_rpc_reply_unpack (&reply, PLANT_RPC_EVENT_GET_ALL, FALSE, payload, NULL, &error))
    fail (self, error);
  else if (reply.error != NULL)
    fail (self, reply.error);
  else
    {
      keep_failures (self, reply.value);
      finish (self, reply.value);
    }
}

static void
get_all (PlantRpcSnapshot *self,
         PlantRpcEvent     event)
{
  PlantRpcRequest request = { .format = PLANT_RPC_FORMAT_NATIVE,
                              .event = event,
                              .number = PLANT_RPC_SUBSCRIBER_WINDOW };
  g_autoptr (GBytes) payload = plant_rpc_request_pack (&request, NULL);

  start (self, G_MAXINT64);
  if (plant_rpc_link_is_open (self->link))
    plant_rpc_link_send (self->link, payload, on_values, self);
}

/* ---- for the owner */

void
plant_rpc_snapshot_begin (PlantRpcSnapshot *self,
                          GVariant         *names)
{
  g_clear_pointer (&self->names, g_variant_unref);
  self->names = g_variant_ref (names);
  self->patience = FIRST_PATIENCE_US;
  get_each (self);
}

void
plant_rpc_snapshot_begin_natively (PlantRpcSnapshot *self,
                                   guint             version)
{
  g_clear_pointer (&self->names, g_variant_unref);
  get_all (self, version >= 2 ? PLANT_RPC_EVENT_SUBSCRIBE_BUNDLED : PLANT_RPC_EVENT_SUBSCRIBE);
}

void
plant_rpc_snapshot_abort (PlantRpcSnapshot *self)
{
  plant_rpc_alarm_clear (&self->alarm);
  plant_rpc_alarm_clear (&self->renewal);
  self->state = STATE_IDLE;
}

guint
plant_rpc_snapshot_take (PlantRpcSnapshot *self)
{
  if (is_reading (self))
    self->state = STATE_READING_AGAIN;
  if (self->state != STATE_DONE || !plant_rpc_link_is_open (self->link))
    return self->n_begun + 1;
  if (self->names != NULL)
    get_each (self);
  else
    get_all (self, PLANT_RPC_EVENT_GET_ALL);
  return self->n_begun;
}

void
plant_rpc_snapshot_renew (PlantRpcSnapshot *self)
{
  gint64 now = g_get_monotonic_time ();

  if (now < self->renewable)
    plant_rpc_alarm_set (&self->renewal, self->renewable);
  else
    on_renewal (self, now);
}

static void
on_renewal (gpointer owner,
            gint64   now)
{
  PlantRpcSnapshot *self = owner;

  self->renewable = now + RENEWAL_US;
  plant_rpc_snapshot_take (self);
}

const GError *
plant_rpc_snapshot_get_failure (PlantRpcSnapshot *self,
                                const char       *wire_name)
{
  return g_hash_table_lookup (self->failures, wire_name);
}

guint
plant_rpc_snapshot_get_n_done (PlantRpcSnapshot *self)
{
  return self->n_done;
}

gint64
plant_rpc_snapshot_get_read_since (PlantRpcSnapshot *self)
{
  return self->read_since;
}
