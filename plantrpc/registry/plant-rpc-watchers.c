/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-error-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-registry-message-private.h"
#include "plant-rpc-watchers-private.h"

typedef struct {
  PlantRpcEnvelope  envelope;
  char             *address; /* (owned) (nullable): its network address */
  gint64            end;     /* monotonic µs: end of the lease */
  gboolean          behind;  /* TRUE: its queue had no room for the last push */
} Watcher;

struct _PlantRpcWatchers {
  PlantRpcSocket      *socket;      /* (unowned) */
  PlantRpcConnections *connections; /* (unowned) */
  GHashTable          *watchers;    /* (owned): Watcher by peer */
  zmq_msg_t            last;        /* the last push; empty before the first */
};

static void
watcher_free (gpointer data)
{
  Watcher *watcher = data;

  g_free (watcher->address);
  g_free (watcher);
}

PlantRpcWatchers *
plant_rpc_watchers_new (PlantRpcSocket      *socket,
                        PlantRpcConnections *connections)
{
  PlantRpcWatchers *self = g_new0 (PlantRpcWatchers, 1);

  self->socket = socket;
  self->connections = connections;
  self->watchers = g_hash_table_new_full (g_bytes_hash, g_bytes_equal,
                                          (GDestroyNotify) g_bytes_unref, watcher_free);
  zmq_msg_init (&self->last);
  return self;
}

void
plant_rpc_watchers_free (PlantRpcWatchers *self)
{
  zmq_msg_close (&self->last);
  g_hash_table_unref (self->watchers);
  g_free (self);
}

guint
plant_rpc_watchers_count (PlantRpcWatchers *self)
{
  return g_hash_table_size (self->watchers);
}

static guint
count_from (PlantRpcWatchers *self,
            const char       *address)
{
  GHashTableIter iter;
  gpointer watcher;
  guint n = 0;

  g_hash_table_iter_init (&iter, self->watchers);
  while (address != NULL && g_hash_table_iter_next (&iter, NULL, &watcher))
    n += g_strcmp0 (((Watcher *) watcher)->address, address) == 0;
  return n;
}

static gboolean
check_room (PlantRpcWatchers  *self,
            const char        *address,
            GError           **error)
{
  if (g_hash_table_size (self->watchers) >= PLANT_RPC_MAX_WATCHERS)
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_LIMIT,
                                 "The registry has %d watchers already, and takes no more",
                                 PLANT_RPC_MAX_WATCHERS);
  if (count_from (self, address) >= PLANT_RPC_MAX_WATCHERS_OF_PEER)
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_LIMIT,
                                 "From %s the registry has %d watchers already, and takes no more",
                                 address, PLANT_RPC_MAX_WATCHERS_OF_PEER);
  return TRUE;
}

gboolean
plant_rpc_watchers_add (PlantRpcWatchers        *self,
                        const PlantRpcEnvelope  *envelope,
                        const char              *address,
                        gint64                   now,
                        GError                 **error)
{
  g_autoptr (GBytes) peer = plant_rpc_envelope_dup_peer (envelope);
  Watcher *watcher = g_hash_table_lookup (self->watchers, peer);

  if (watcher == NULL && !check_room (self, address, error))
    return FALSE;
  watcher = g_new0 (Watcher, 1);
  watcher->envelope = *envelope;
  watcher->address = g_strdup (address);
  watcher->end = now + PLANT_RPC_WATCH_LEASE;
  g_hash_table_replace (self->watchers, g_steal_pointer (&peer), watcher);
  return TRUE;
}

/* Returns FALSE if the peer has left. */
static gboolean
send_last (PlantRpcWatchers *self,
           Watcher          *watcher)
{
  PlantRpcSendResult result;

  /* Another peer may have claimed the routing id of a peer that has left. */
  if (!plant_rpc_connections_is_open (self->connections, watcher->envelope.connection))
    return FALSE;
  result = plant_rpc_socket_send_common (self->socket, &watcher->envelope, &self->last);
  watcher->behind = result == PLANT_RPC_SEND_WOULD_BLOCK;
  return result == PLANT_RPC_SEND_DONE || watcher->behind;
}

void
plant_rpc_watchers_push (PlantRpcWatchers *self,
                         GBytes           *payload)
{
  GHashTableIter iter;
  gpointer watcher;

  if (g_hash_table_size (self->watchers) > 0)
    plant_rpc_connections_note_sent (self->connections);
  zmq_msg_close (&self->last);
  plant_rpc_socket_init_common (&self->last, payload);
  g_hash_table_iter_init (&iter, self->watchers);
  while (g_hash_table_iter_next (&iter, NULL, &watcher))
    {
      if (!send_last (self, watcher))
        g_hash_table_iter_remove (&iter);
    }
}

void
plant_rpc_watchers_leave (PlantRpcWatchers *self,
                          guint64           connection)
{
  GHashTableIter iter;
  gpointer watcher;

  g_hash_table_iter_init (&iter, self->watchers);
  while (g_hash_table_iter_next (&iter, NULL, &watcher))
    {
      if (((Watcher *) watcher)->envelope.connection == connection)
        g_hash_table_iter_remove (&iter);
    }
}

void
plant_rpc_watchers_look_after (PlantRpcWatchers *self,
                               gint64            now)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->watchers);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Watcher *watcher = value;

      if (watcher->end <= now || (watcher->behind && !send_last (self, watcher)))
        g_hash_table_iter_remove (&iter);
    }
}
