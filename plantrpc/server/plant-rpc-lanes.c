/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "plant-rpc-descriptors-private.h"
#include "plant-rpc-emission-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-held-private.h"
#include "plant-rpc-init-private.h"
#include "plant-rpc-lane-door-private.h"
#include "plant-rpc-lane-private.h"
#include "plant-rpc-lanes-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-log-private.h"
#include "plant-rpc-reply-private.h"
#include "plant-rpc-rest-private.h"
#include "plant-rpc-source-private.h"

/* lanes that have a turn before the main loop goes on, and messages of one of them */
#define MAX_LANES    64
#define MAX_MESSAGES 16
/* messages that are taken of a client that has left */
#define MAX_LAST_MESSAGES 5000

#define PULSE_MS  1000
#define LINGER_MS 1000

/* bytes of a message that is not whole from which all such messages are counted */
#define MANY_HELD (1024 * 1024)

typedef struct {
  PlantRpcEnvelope  identity; /* the connection and the routing id of the client */
  PlantRpcLane     *lane;     /* (owned) (nullable): NULL while it is removed */
  gboolean          begun;    /* FALSE: it is connected, and nothing goes over it yet */
  guint32           events;   /* that the kernel is asked for */
  GList             link;     /* in the queue of those with a rest */
  gboolean          queued;
} Entry;

struct _PlantRpcLanes {
  GMainContext             *context; /* (owned) */
  const PlantRpcLanesFuncs *funcs;
  gpointer                  owner;   /* (unowned) */
  guint                     process; /* that has the descriptors */
  PlantRpcLaneDoor         *door;    /* (owned) (nullable): NULL once freed */
  int                       epoll;   /* (owned): -1 until there is a lane */
  GSource                  *source;  /* (owned) (nullable): of it */
  GSource                  *pulses;  /* (owned) (nullable): while something may be under way */
  PlantRpcRest              rest;    /* of the source */
  GHashTable               *entries; /* (owned) (element-type guint64 Entry): by connection */
  GQueue                    rests;   /* (element-type Entry): read, and not handed out */
};

static void
clear_lanes (PlantRpcLanes *self)
{
  g_hash_table_unref (self->entries);
  g_main_context_unref (self->context);
}

PLANT_RPC_DEFINE_HELD (PlantRpcLanes, clear_lanes)

static gboolean
is_freed (PlantRpcLanes *self)
{
  return self->door == NULL;
}

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_clear_pointer (&entry->lane, plant_rpc_lane_free);
  g_free (entry);
}

static Entry *
find (PlantRpcLanes *self,
      guint64        connection)
{
  return g_hash_table_lookup (self->entries, &connection);
}

/* ---- the descriptor of all */

/* A forked child shares what the kernel was asked for with its parent. Returns FALSE if the kernel
 * does not watch the lane as it should. */
static gboolean
watch (PlantRpcLanes *self,
       Entry         *entry,
       guint32        events)
{
  struct epoll_event event = { .events = events, .data = { .u64 = entry->identity.connection } };
  const int fd = plant_rpc_lane_get_descriptor (entry->lane);
  const guint32 former = entry->events;

  if (events == former || fd < 0 || plant_rpc_init_is_inherited (self->process))
    return TRUE;
  if (epoll_ctl (self->epoll, former == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event) != 0)
    return FALSE;
  entry->events = events;
  return TRUE;
}

static void
note_rest (PlantRpcLanes *self,
           Entry         *entry)
{
  if (entry->queued)
    return;
  entry->queued = TRUE;
  g_queue_push_tail_link (&self->rests, &entry->link);
  plant_rpc_source_set_ready (self->source);
}

static void
forget_rest (PlantRpcLanes *self,
             Entry         *entry)
{
  if (entry->queued)
    g_queue_unlink (&self->rests, &entry->link);
  entry->queued = FALSE;
}

/* Closing a descriptor that a forked child has as well would not end the watching. */
static void
unwatch (PlantRpcLanes *self,
         Entry         *entry)
{
  const int fd = plant_rpc_lane_get_descriptor (entry->lane);

  if (entry->events != 0 && fd >= 0 && !plant_rpc_init_is_inherited (self->process))
    epoll_ctl (self->epoll, EPOLL_CTL_DEL, fd, NULL);
  entry->events = 0;
}

static void
drop (PlantRpcLanes *self,
      Entry         *entry)
{
  forget_rest (self, entry);
  unwatch (self, entry);
  g_hash_table_remove (self->entries, &entry->identity.connection);
}

/* After the lane was used. If it has broken, the client says what it has received. */
static void
settle (PlantRpcLanes *self,
        Entry         *entry)
{
  const guint32 events =
      plant_rpc_lane_wants_write (entry->lane) ? EPOLLIN | EPOLLOUT : EPOLLIN;

  if (!plant_rpc_lane_is_broken (entry->lane) && entry->begun && !watch (self, entry, events))
    plant_rpc_lane_break (entry->lane);
  if (!plant_rpc_lane_is_broken (entry->lane))
    return;
  unwatch (self, entry);
  plant_rpc_lane_close (entry->lane);
}

/* ---- whether the other ends still acknowledge */

static gboolean
on_pulses (gpointer user_data)
{
  PlantRpcLanes *self = user_data;
  gboolean calm = TRUE;
  GHashTableIter iter;
  Entry *entry;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &entry))
    {
      const PlantRpcPulseState state = plant_rpc_lane_feel_pulse (entry->lane);

      calm = calm && state == PLANT_RPC_PULSE_CALM;
      if (state != PLANT_RPC_PULSE_LOST)
        continue;
      plant_rpc_lane_break (entry->lane);
      settle (self, entry);
    }
  if (!calm)
    return G_SOURCE_CONTINUE;
  plant_rpc_source_clear (&self->pulses);
  return G_SOURCE_REMOVE;
}

static void
note_sent (PlantRpcLanes *self)
{
  if (self->pulses == NULL)
    self->pulses = plant_rpc_source_start (g_timeout_source_new (PULSE_MS), self->context,
                                           on_pulses, self, "[plantrpc] pulses of lanes");
}

/* ---- what comes */

static void
hand_out (PlantRpcLanes       *self,
          Entry               *entry,
          PlantRpcLaneMessage *message)
{
  const guint64 id = GUINT64_TO_LE (message->id);
  PlantRpcEnvelope envelope = entry->identity;

  plant_rpc_envelope_append (&envelope, &id, sizeof id);
  plant_rpc_envelope_append (&envelope, NULL, 0);
  self->funcs->received (self->owner, &envelope, message->payload, message->buffer);
}

/* Hands out up to N messages. Returns the entry, or NULL if it has been removed meanwhile. */
static Entry *
take_messages (PlantRpcLanes *self,
               guint64        connection,
               guint          n)
{
  Entry *entry = find (self, connection);

  while (entry != NULL && entry->begun && n > 0)
    {
      g_auto (PlantRpcLaneMessage) message = { .id = 0 };

      if (!plant_rpc_lane_take (entry->lane, &message))
        return entry;
      hand_out (self, entry, &message);
      entry = is_freed (self) ? NULL : find (self, connection);
      n--;
    }
  return entry;
}

/* Ends the lane for which the most is held that is not whole, if all hold too much. */
static void
check_held (PlantRpcLanes *self)
{
  GHashTableIter iter;
  Entry *entry, *worst = NULL;
  gsize n_held = 0;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &entry))
    {
      n_held += plant_rpc_lane_get_held (entry->lane);
      if (worst == NULL ||
          plant_rpc_lane_get_held (entry->lane) > plant_rpc_lane_get_held (worst->lane))
        worst = entry;
    }
  if (n_held <= PLANT_RPC_MAX_UNREAD_TOTAL || worst == NULL)
    return;
  plant_rpc_debug ("A client for which much is held has lost its lane");
  plant_rpc_lane_break (worst->lane);
  settle (self, worst);
}

static void
take_turn_of (PlantRpcLanes *self,
              guint64        connection)
{
  Entry *entry = find (self, connection);

  if (entry == NULL)
    return;
  forget_rest (self, entry);
  if (plant_rpc_lane_wants_write (entry->lane))
    {
      plant_rpc_lane_flush (entry->lane);
      if (plant_rpc_lane_has_room (entry->lane))
        self->funcs->drained (self->owner);
    }
  if (is_freed (self))
    return;
  entry = take_messages (self, connection, MAX_MESSAGES);
  if (entry == NULL)
    return;
  if (entry->begun && plant_rpc_lane_has_rest (entry->lane))
    note_rest (self, entry);
  settle (self, entry);
  if (plant_rpc_lane_get_held (entry->lane) > MANY_HELD)
    check_held (self);
}

/* Returns the connections whose turn it is. */
static guint
list_ready (PlantRpcLanes *self,
            guint64       *connections)
{
  struct epoll_event events[MAX_LANES];
  const int n = epoll_wait (self->epoll, events, G_N_ELEMENTS (events), 0);
  guint n_ready = 0;

  for (int i = 0; i < n; i++)
    connections[n_ready++] = events[i].data.u64;
  for (GList *l = self->rests.head; l != NULL && n_ready < 2 * MAX_LANES; l = l->next)
    connections[n_ready++] = ((Entry *) l->data)->identity.connection;
  return n_ready;
}

static gboolean
on_ready (gpointer user_data)
{
  g_autoptr (Held) self = g_rc_box_acquire ((Held *) user_data);
  const gint64 begun = g_get_monotonic_time ();
  guint64 connections[2 * MAX_LANES];
  const guint n = list_ready (self, connections);

  for (guint i = 0; i < n && !is_freed (self); i++)
    {
      take_turn_of (self, connections[i]);
      if (g_get_monotonic_time () >= begun + PLANT_RPC_SOURCE_BATCH_USEC)
        break;
    }
  if (is_freed (self))
    return G_SOURCE_REMOVE;
  if (self->rests.length > 0)
    plant_rpc_source_set_ready (self->source);
  if (plant_rpc_rest_after (&self->rest, g_get_monotonic_time () - begun))
    plant_rpc_source_set_paused (self->source, TRUE);
  return G_SOURCE_CONTINUE;
}

static void
on_rested (gpointer owner)
{
  PlantRpcLanes *self = owner;

  if (self->source != NULL)
    plant_rpc_source_set_paused (self->source, FALSE);
}

/* ---- what is sent */

/* Returns FALSE for a message that no lane carries, since its id is not of eight bytes. */
static gboolean
find_id (const PlantRpcEnvelope *envelope,
         guint64                *id)
{
  gsize size = 0;
  const guint8 *data = plant_rpc_envelope_peek (envelope, 1, &size);

  if (data == NULL || size != sizeof *id || envelope->n_frames > 3)
    return FALSE;
  memcpy (id, data, sizeof *id);
  *id = GUINT64_FROM_LE (*id);
  return TRUE;
}

PlantRpcSendResult
plant_rpc_lanes_send (PlantRpcLanes          *self,
                      const PlantRpcEnvelope *envelope,
                      GBytes                 *payload,
                      GBytes                 *buffer)
{
  Entry *entry = find (self, envelope->connection);
  guint64 id;

  if (entry == NULL || !entry->begun || !find_id (envelope, &id))
    return PLANT_RPC_SEND_UNREACHABLE;
  if (!plant_rpc_lane_has_room (entry->lane))
    return PLANT_RPC_SEND_WOULD_BLOCK;
  plant_rpc_lane_send (entry->lane, id, payload, buffer);
  settle (self, entry);
  note_sent (self);
  return PLANT_RPC_SEND_DONE;
}

/* ---- requests about lanes */

static GBytes *
pack_refusal (void)
{
  g_autoptr (GError) error = g_error_new_literal (PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED,
                                                  "There is no lane for this client");
  const PlantRpcReply reply = { .error = error };

  return plant_rpc_reply_pack (&reply, PLANT_RPC_FORMAT_NATIVE, PLANT_RPC_EVENT_CANCEL, NULL);
}

static gboolean
prepare (PlantRpcLanes *self)
{
  if (self->epoll >= 0)
    return TRUE;
  self->epoll = epoll_create1 (EPOLL_CLOEXEC);
  if (self->epoll < 0)
    return FALSE;
  self->source = plant_rpc_source_attach_descriptor (self->epoll, self->context, on_ready, self,
                                                     "[plantrpc] lanes");
  return TRUE;
}

static GBytes *
answer_ask (PlantRpcLanes *self,
            guint64        connection,
            GBytes        *payload,
            int            fd)
{
  g_autofree char *address = plant_rpc_lane_message_unpack_ask (payload);
  g_auto (PlantRpcLaneOffer) offer = { .name = NULL };

  if (address == NULL || fd < 0 || find (self, connection) != NULL ||
      g_hash_table_size (self->entries) >= PLANT_RPC_MAX_LANES ||
      !plant_rpc_descriptors_are_left (fd, self->epoll < 0 ? 2 : 1) ||
      !plant_rpc_lane_door_offer (self->door, connection, fd, address, &offer))
    return NULL;
  if (!prepare (self))
    {
      plant_rpc_lane_door_forget (self->door, connection);
      return NULL;
    }
  return plant_rpc_lane_message_pack_offer (&offer);
}

static GBytes *
answer_begin (PlantRpcLanes          *self,
              const PlantRpcEnvelope *envelope)
{
  static const guint8 done[] = { PLANT_RPC_KIND_DONE };
  Entry *entry = find (self, envelope->connection);

  if (entry == NULL || entry->begun)
    return NULL;
  if (!watch (self, entry, EPOLLIN))
    {
      drop (self, entry);
      return NULL;
    }
  entry->begun = TRUE;
  plant_rpc_envelope_append (&entry->identity, envelope->data, envelope->sizes[0]);
  return g_bytes_new_static (done, sizeof done);
}

typedef struct {
  PlantRpcLanes    *lanes;
  PlantRpcEnvelope  identity;
} Return;

/* A push has no delimiter. */
static void
return_message (gpointer  owner,
                guint64   id,
                GBytes   *payload,
                GBytes   *buffer)
{
  Return *returned = owner;
  PlantRpcEnvelope envelope = returned->identity;
  const guint64 wire_id = GUINT64_TO_LE (id);

  if (is_freed (returned->lanes))
    return;
  plant_rpc_envelope_append (&envelope, &wire_id, sizeof wire_id);
  if ((id & PLANT_RPC_PUSH_BIT) == 0)
    plant_rpc_envelope_append (&envelope, NULL, 0);
  returned->lanes->funcs->send (returned->lanes->owner, &envelope, payload, buffer);
}

/* The lane may not have begun if its first request and the end have crossed. */
static void
answer_end (PlantRpcLanes          *self,
            const PlantRpcEnvelope *envelope,
            GBytes                 *payload)
{
  Entry *entry = find (self, envelope->connection);
  g_autoptr (GBytes) reply = NULL;
  g_autoptr (PlantRpcLane) lane = NULL;
  Return returned = { .lanes = self };
  guint64 n_received;

  if (entry == NULL || !entry->begun || !plant_rpc_lane_message_unpack_end (payload, &n_received))
    {
      reply = pack_refusal ();
      self->funcs->send (self->owner, envelope, reply, NULL);
      return;
    }
  forget_rest (self, entry);
  returned.identity = entry->identity;
  unwatch (self, entry);
  lane = g_steal_pointer (&entry->lane);
  g_hash_table_remove (self->entries, &envelope->connection);
  plant_rpc_lane_break (lane);
  reply = plant_rpc_lane_message_pack_end (plant_rpc_lane_get_n_received (lane));
  self->funcs->send (self->owner, envelope, reply, NULL);
  plant_rpc_lane_hand_back (lane, n_received, return_message, &returned);
}

void
plant_rpc_lanes_answer (PlantRpcLanes          *self,
                        const PlantRpcEnvelope *envelope,
                        GBytes                 *payload,
                        int                     fd)
{
  g_autoptr (Held) held = g_rc_box_acquire (self);
  g_autoptr (GBytes) reply = NULL;

  switch (plant_rpc_message_get_kind (payload))
    {
    case PLANT_RPC_KIND_LANE_ASK:
      reply = answer_ask (self, envelope->connection, payload, fd);
      break;
    case PLANT_RPC_KIND_LANE_BEGIN:
      reply = answer_begin (self, envelope);
      break;
    case PLANT_RPC_KIND_LANE_END:
    default:
      answer_end (self, envelope, payload);
      return;
    }
  if (reply == NULL)
    reply = pack_refusal ();
  self->funcs->send (self->owner, envelope, reply, NULL);
}

/* ---- lanes that come and go */

static void
on_admitted (gpointer owner,
             guint64  connection,
             int      fd)
{
  PlantRpcLanes *self = owner;
  Entry *entry;

  if (find (self, connection) != NULL)
    {
      close (fd);
      return;
    }
  entry = g_new0 (Entry, 1);
  entry->lane = plant_rpc_lane_new (fd, PLANT_RPC_MAX_REQUEST_SIZE);
  entry->identity.connection = connection;
  entry->link.data = entry;
  g_hash_table_insert (self->entries, &entry->identity.connection, entry);
}

static const PlantRpcLaneDoorFuncs door_funcs = {
  .admitted = on_admitted,
};

void
plant_rpc_lanes_remove (PlantRpcLanes *self,
                        guint64        connection)
{
  g_autoptr (Held) held = g_rc_box_acquire (self);
  Entry *entry;

  plant_rpc_lane_door_forget (self->door, connection);
  entry = take_messages (self, connection, MAX_LAST_MESSAGES);
  if (entry != NULL)
    drop (self, entry);
}

gboolean
plant_rpc_lanes_spare_one (PlantRpcLanes *self)
{
  GHashTableIter iter;
  Entry *entry;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &entry))
    {
      if (plant_rpc_lane_is_broken (entry->lane))
        continue;
      plant_rpc_lane_break (entry->lane);
      settle (self, entry);
      return TRUE;
    }
  return FALSE;
}

PlantRpcLanes *
plant_rpc_lanes_new (GMainContext             *context,
                     gboolean                  local,
                     const PlantRpcLanesFuncs *funcs,
                     gpointer                  owner)
{
  PlantRpcLanes *self = g_rc_box_new0 (PlantRpcLanes);

  self->context = g_main_context_ref (context);
  self->funcs = funcs;
  self->owner = owner;
  self->process = plant_rpc_init_get_process ();
  self->epoll = -1;
  self->entries = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, entry_free);
  g_queue_init (&self->rests);
  self->door = plant_rpc_lane_door_new (context, local, &door_funcs, self);
  plant_rpc_rest_init (&self->rest, self->context, on_rested, self);
  return self;
}

/* What was sent still goes out, if the clients read it. */
static void
linger (PlantRpcLanes *self)
{
  const gint64 end = g_get_monotonic_time () + LINGER_MS * 1000;
  GHashTableIter iter;
  Entry *entry;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &entry))
    {
      plant_rpc_lane_linger (entry->lane, MAX (0, (end - g_get_monotonic_time ()) / 1000));
      unwatch (self, entry);
    }
}

void
plant_rpc_lanes_free (PlantRpcLanes *self)
{
  linger (self);
  plant_rpc_rest_clear (&self->rest);
  plant_rpc_source_clear (&self->source);
  plant_rpc_source_clear (&self->pulses);
  g_clear_pointer (&self->door, plant_rpc_lane_door_free);
  g_queue_init (&self->rests);
  g_hash_table_remove_all (self->entries);
  if (self->epoll >= 0)
    close (self->epoll);
  self->epoll = -1;
  release (self);
}
