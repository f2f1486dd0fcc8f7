/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-error.h"
#include "plant-rpc-job-private.h"

/* A job as it is kept: its invocation holds one reference, and the list while it is under way. */
typedef struct {
  gatomicrefcount  ref_count;
  PlantRpcJob      job;
  PlantRpcMailbox *mailbox;     /* (owned) */
  GCancellable    *cancellable; /* (owned) */
  PlantRpcJobs    *jobs;        /* (nullable): in the context only; NULL once off the list */
  GList            link;
} Entry;

struct _PlantRpcJobs {
  PlantRpcMailbox *mailbox; /* (owned) */
  PlantRpcJobFunc  done;
  gpointer         owner;
  GQueue           entries; /* (element-type Entry) */
};

/* An answer on its way from another thread. */
typedef struct {
  Entry         *entry; /* (owned) */
  PlantRpcReply  reply;
  gboolean       accepted;
} Answer;

void
plant_rpc_job_clear (PlantRpcJob *self)
{
  g_clear_pointer (&self->property, plant_rpc_property_info_unref);
  g_clear_pointer (&self->value, g_variant_unref);
}

static void
unref_entry (gpointer data)
{
  Entry *entry = data;

  if (!g_atomic_ref_count_dec (&entry->ref_count))
    return;
  plant_rpc_job_clear (&entry->job);
  plant_rpc_mailbox_unref (entry->mailbox);
  g_object_unref (entry->cancellable);
  g_free (entry);
}

PlantRpcJobs *
plant_rpc_jobs_new (PlantRpcMailbox *mailbox,
                    PlantRpcJobFunc  done,
                    gpointer         owner)
{
  PlantRpcJobs *self = g_new0 (PlantRpcJobs, 1);

  self->mailbox = plant_rpc_mailbox_ref (mailbox);
  self->done = done;
  self->owner = owner;
  g_queue_init (&self->entries);
  return self;
}

static void
remove_entry (PlantRpcJobs *self,
              Entry        *entry)
{
  g_queue_unlink (&self->entries, &entry->link);
  entry->jobs = NULL;
  unref_entry (entry);
}

/* Whatever listens to a cancellable may answer at once, or stop the server: nothing here is touched
 * once the first has been cancelled. */
static void
cancel_all (GPtrArray *cancellables)
{
  for (guint i = 0; i < cancellables->len; i++)
    g_cancellable_cancel (g_ptr_array_index (cancellables, i));
}

void
plant_rpc_jobs_free (PlantRpcJobs *self)
{
  g_autoptr(GPtrArray) cancellables = g_ptr_array_new_with_free_func (g_object_unref);
  Entry *entry;

  while ((entry = g_queue_peek_head (&self->entries)) != NULL)
    {
      g_ptr_array_add (cancellables, g_object_ref (entry->cancellable));
      remove_entry (self, entry);
    }
  plant_rpc_mailbox_unref (self->mailbox);
  g_free (self);
  cancel_all (cancellables);
}

static void
deliver (Entry         *entry,
         PlantRpcReply *reply,
         gboolean       accepted)
{
  PlantRpcJobs *jobs = entry->jobs;

  if (jobs == NULL)
    return;
  g_atomic_ref_count_inc (&entry->ref_count);
  remove_entry (jobs, entry);
  jobs->done (jobs->owner, &entry->job, reply, accepted);
  unref_entry (entry);
}

static void
deliver_answer (gpointer data)
{
  Answer *letter = data;

  deliver (letter->entry, &letter->reply, letter->accepted);
}

static void
free_answer (gpointer data)
{
  Answer *letter = data;

  plant_rpc_reply_clear (&letter->reply);
  unref_entry (letter->entry);
  g_free (letter);
}

static void
on_answer (PlantRpcReply *reply,
           gboolean       accepted,
           gpointer       user_data)
{
  Entry *entry = user_data;
  Answer *letter;

  if (plant_rpc_mailbox_is_here (entry->mailbox))
    {
      deliver (entry, reply, accepted);
      plant_rpc_reply_clear (reply);
      return;
    }
  letter = g_new (Answer, 1);
  *letter = (Answer) { entry, *reply, accepted };
  *reply = (PlantRpcReply) { 0 };
  g_atomic_ref_count_inc (&entry->ref_count);
  plant_rpc_mailbox_post (entry->mailbox, deliver_answer, letter, free_answer);
}

PlantRpcInvocation *
plant_rpc_jobs_add (PlantRpcJobs                 *self,
                    PlantRpcJob                  *job,
                    const PlantRpcInvocationAsk  *ask,
                    GError                      **error)
{
  PlantRpcInvocationAsk full = *ask;
  Entry *entry;

  if (g_queue_get_length (&self->entries) >= PLANT_RPC_MAX_JOBS)
    {
      plant_rpc_job_clear (job);
      g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT,
                   "More than %d requests are under way", PLANT_RPC_MAX_JOBS);
      return NULL;
    }
  entry = g_new0 (Entry, 1);
  g_atomic_ref_count_init (&entry->ref_count);
  g_atomic_ref_count_inc (&entry->ref_count);
  entry->job = *job;
  *job = (PlantRpcJob) { 0 };
  entry->mailbox = plant_rpc_mailbox_ref (self->mailbox);
  entry->cancellable = g_cancellable_new ();
  entry->jobs = self;
  entry->link.data = entry;
  g_queue_push_tail_link (&self->entries, &entry->link);
  full.cancellable = entry->cancellable;
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
  g_autoptr(GPtrArray) cancellables = g_ptr_array_new_with_free_func (g_object_unref);

  for (GList *l = self->entries.head; l != NULL; l = l->next)
    {
      Entry *entry = l->data;

      if (is_same_peer (&entry->job.envelope, envelope) &&
          has_id (&entry->job.envelope, id))
        g_ptr_array_add (cancellables, g_object_ref (entry->cancellable));
    }
  cancel_all (cancellables);
}

void
plant_rpc_jobs_cancel_connection (PlantRpcJobs *self,
                                  guint64       connection)
{
  g_autoptr(GPtrArray) cancellables = g_ptr_array_new_with_free_func (g_object_unref);

  for (GList *l = self->entries.head; l != NULL; l = l->next)
    {
      Entry *entry = l->data;

      if (entry->job.envelope.connection == connection)
        g_ptr_array_add (cancellables, g_object_ref (entry->cancellable));
    }
  cancel_all (cancellables);
}
