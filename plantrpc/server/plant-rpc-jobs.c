/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdatomic.h>
#include <string.h>

#include "plant-rpc-error-private.h"
#include "plant-rpc-jobs-private.h"

/* A peer that has had a job under way. */
typedef struct {
  guint64 connection;
  guint64 number;  /* a number unique among the peers of this process */
  GQueue  entries; /* (element-type Entry) */
} Peer;

/* A job in the lists, an atomic rc box. Its invocation holds a reference, and so do the lists while
 * it is under way. */
typedef struct {
  PlantRpcJob       job;
  PlantRpcHandover *handover;    /* (owned) */
  GCancellable     *cancellable; /* (owned) */
  PlantRpcJobs     *jobs;        /* (nullable): in the context only; NULL once off the list */
  Peer             *peer;        /* (nullable): NULL once the peer has left */
  GList             link;        /* in the entries of its peer, or in LEFT */
} Entry;

struct _PlantRpcJobs {
  PlantRpcHandover *handover; /* (owned) */
  guint             peer_limit;
  PlantRpcJobFunc   done;
  gpointer          owner;
  GHashTable       *peers;    /* (owned) (element-type guint64 Peer): by connection */
  guint             n_jobs;   /* jobs of all PEERS */
  GQueue            left;     /* (element-type Entry): writes of peers that have left */
};

void
plant_rpc_job_clear (PlantRpcJob *self)
{
  g_clear_pointer (&self->property, plant_rpc_property_info_unref);
  g_clear_pointer (&self->value, g_variant_unref);
}

static void
clear_entry (gpointer data)
{
  Entry *entry = data;

  plant_rpc_job_clear (&entry->job);
  plant_rpc_handover_unref (entry->handover);
  g_object_unref (entry->cancellable);
}

static void
unref_entry (gpointer entry)
{
  g_atomic_rc_box_release_full (entry, clear_entry);
}

PlantRpcJobs *
plant_rpc_jobs_new (PlantRpcHandover *handover,
                    guint             peer_limit,
                    PlantRpcJobFunc   done,
                    gpointer          owner)
{
  PlantRpcJobs *self = g_new0 (PlantRpcJobs, 1);

  self->handover = plant_rpc_handover_ref (handover);
  self->peer_limit = peer_limit;
  self->done = done;
  self->owner = owner;
  self->peers = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  g_queue_init (&self->left);
  return self;
}

static Peer *
ensure_peer (PlantRpcJobs *self,
             guint64       connection)
{
  static _Atomic guint64 last_number;
  Peer *peer = g_hash_table_lookup (self->peers, &connection);

  if (peer != NULL)
    return peer;
  peer = g_new0 (Peer, 1);
  peer->connection = connection;
  peer->number = atomic_fetch_add (&last_number, 1) + 1;
  g_queue_init (&peer->entries);
  g_hash_table_insert (self->peers, &peer->connection, peer);
  return peer;
}

/* Takes ownership of what JOB holds. The reference that is returned belongs to the invocation. */
static Entry *
add_entry (PlantRpcJobs *self,
           Peer         *peer,
           PlantRpcJob  *job)
{
  Entry *entry = g_atomic_rc_box_new0 (Entry);

  entry->job = *job;
  *job = (PlantRpcJob) { 0 };
  entry->handover = plant_rpc_handover_ref (self->handover);
  entry->cancellable = g_cancellable_new ();
  entry->jobs = self;
  entry->peer = peer;
  entry->link.data = entry;
  g_queue_push_tail_link (&peer->entries, &entry->link);
  self->n_jobs++;
  return g_atomic_rc_box_acquire (entry);
}

static void
unlink_entry (PlantRpcJobs *self,
              Entry        *entry)
{
  if (entry->peer == NULL)
    {
      g_queue_unlink (&self->left, &entry->link);
      return;
    }
  g_queue_unlink (&entry->peer->entries, &entry->link);
  entry->peer = NULL;
  self->n_jobs--;
}

static void
remove_entry (PlantRpcJobs *self,
              Entry        *entry)
{
  unlink_entry (self, entry);
  entry->jobs = NULL;
  unref_entry (entry);
}

/* A callback of a cancellable may answer at once, or stop the server. So nothing of the jobs is
 * accessed after the first cancellable has been cancelled. */
static void
cancel_all (GPtrArray *cancellables)
{
  g_auto (PlantRpcOutside) outside = plant_rpc_home_step_out ();

  for (guint i = 0; i < cancellables->len; i++)
    g_cancellable_cancel (g_ptr_array_index (cancellables, i));
}

/* Adds to CANCELLABLES what the caller is to cancel. The peer itself is kept. */
static void
forget_calls (PlantRpcJobs *self,
              Peer         *peer,
              GPtrArray    *cancellables)
{
  Entry *entry;

  while ((entry = g_queue_peek_head (&peer->entries)) != NULL)
    {
      g_ptr_array_add (cancellables, g_object_ref (entry->cancellable));
      unlink_entry (self, entry);
      if (entry->job.event == PLANT_RPC_EVENT_PROPERTY_SET)
        {
          g_queue_push_tail_link (&self->left, &entry->link);
          continue;
        }
      entry->jobs = NULL;
      unref_entry (entry);
    }
}

void
plant_rpc_jobs_free (PlantRpcJobs *self)
{
  g_autoptr (GPtrArray) cancellables = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iter;
  Peer *peer;
  Entry *entry;

  g_hash_table_iter_init (&iter, self->peers);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &peer))
    forget_calls (self, peer, cancellables);
  while ((entry = g_queue_peek_head (&self->left)) != NULL)
    remove_entry (self, entry);
  g_hash_table_unref (self->peers);
  plant_rpc_handover_unref (self->handover);
  g_free (self);
  cancel_all (cancellables);
}

static void
deliver (gpointer       asker,
         PlantRpcReply *reply,
         gboolean       accepted)
{
  Entry *entry = asker;
  PlantRpcJobs *jobs = entry->jobs;

  if (jobs == NULL)
    return;
  g_atomic_rc_box_acquire (entry);
  remove_entry (jobs, entry);
  jobs->done (jobs->owner, &entry->job, reply, accepted);
  unref_entry (entry);
}

static void
on_answer (PlantRpcReply *reply,
           gboolean       accepted,
           gpointer       user_data)
{
  Entry *entry = user_data;

  plant_rpc_handover_answer (entry->handover, entry, reply, accepted, deliver, unref_entry);
}

/* A peer may add a job only while more places are free than it uses. So many peers together always
 * leave a place for one that comes later. */
static gboolean
check_limit (PlantRpcJobs  *self,
             Peer          *peer,
             GError       **error)
{
  guint n_jobs = g_queue_get_length (&peer->entries);

  if (n_jobs < MIN (self->peer_limit, PLANT_RPC_MAX_JOBS - self->n_jobs))
    return TRUE;
  return plant_rpc_error_fail (
      error, PLANT_RPC_ERROR_LIMIT,
      "%u requests of this client are under way; it may ask again once some are answered", n_jobs);
}

PlantRpcInvocation *
plant_rpc_jobs_add (PlantRpcJobs                 *self,
                    PlantRpcJob                  *job,
                    const PlantRpcInvocationAsk  *ask,
                    GError                      **error)
{
  PlantRpcInvocationAsk full = *ask;
  Peer *peer = ensure_peer (self, job->envelope.connection);
  Entry *entry;

  if (!check_limit (self, peer, error))
    {
      plant_rpc_job_clear (job);
      return NULL;
    }
  entry = add_entry (self, peer, job);
  full.cancellable = entry->cancellable;
  full.peer = peer->number;
  return plant_rpc_invocation_new (&full, on_answer, entry, unref_entry);
}

static gboolean
is_same_peer (const PlantRpcEnvelope *a,
              const PlantRpcEnvelope *b)
{
  return a->connection == b->connection && a->sizes[0] == b->sizes[0] &&
         memcmp (a->data, b->data, a->sizes[0]) == 0;
}

static gboolean
has_id (const PlantRpcEnvelope *envelope,
        guint64                 id)
{
  gsize size;
  const guint8 *frame = plant_rpc_envelope_peek (envelope, 1, &size);
  guint64 wire_id;

  if (frame == NULL || size != sizeof wire_id)
    return FALSE;
  memcpy (&wire_id, frame, sizeof wire_id);
  return GUINT64_FROM_LE (wire_id) == id;
}

void
plant_rpc_jobs_cancel (PlantRpcJobs           *self,
                       const PlantRpcEnvelope *envelope,
                       guint64                 id)
{
  g_autoptr (GPtrArray) cancellables = g_ptr_array_new_with_free_func (g_object_unref);
  Peer *peer = g_hash_table_lookup (self->peers, &envelope->connection);

  for (GList *l = peer != NULL ? peer->entries.head : NULL; l != NULL; l = l->next)
    {
      Entry *entry = l->data;

      if (is_same_peer (&entry->job.envelope, envelope) &&
          has_id (&entry->job.envelope, id))
        g_ptr_array_add (cancellables, g_object_ref (entry->cancellable));
    }
  cancel_all (cancellables);
}

void
plant_rpc_jobs_remove_connection (PlantRpcJobs *self,
                                  guint64       connection)
{
  g_autoptr (GPtrArray) cancellables = g_ptr_array_new_with_free_func (g_object_unref);
  Peer *peer = g_hash_table_lookup (self->peers, &connection);

  if (peer == NULL)
    return;
  forget_calls (self, peer, cancellables);
  g_hash_table_remove (self->peers, &connection);
  cancel_all (cancellables);
}
