/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-inbox-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-source-private.h"
#include "plant-rpc-test-clock.h"

/* An owner that writes down what it is shown. */
typedef struct {
  PlantRpcInbox *inbox;       /* (owned) (nullable) */
  GString       *seen;        /* (owned) */
  guint          n_destroyed;
} Owner;

/* One entry. */
typedef struct {
  Owner      *owner;
  char        letter;
  void      (*action) (Owner *self);
} Entry;

static inline void
show (gpointer owner,
      gpointer data)
{
  Owner *self = owner;
  Entry *entry = data;

  g_assert_true (self == entry->owner);
  g_string_append_c (self->seen, entry->letter);
  if (entry->action != NULL)
    entry->action (self);
}

static inline void
entry_free (gpointer data)
{
  Entry *entry = data;

  entry->owner->n_destroyed++;
  g_free (entry);
}

static inline Entry *
entry_new (Owner *self,
           char   letter,
           void (*action) (Owner *self))
{
  Entry *entry = g_new (Entry, 1);

  *entry = (Entry) { self, letter, action };
  return entry;
}

static inline Owner *
owner_new (void)
{
  Owner *self = g_new0 (Owner, 1);

  self->inbox = plant_rpc_inbox_new (g_main_context_default (), self);
  self->seen = g_string_new (NULL);
  return self;
}

static inline void
owner_free (Owner *self)
{
  g_clear_pointer (&self->inbox, plant_rpc_inbox_free);
  g_string_free (self->seen, TRUE);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Owner, owner_free)

static inline void
post (Owner *self,
      char   letter)
{
  plant_rpc_inbox_post (self->inbox, NULL, show, entry_new (self, letter, NULL), entry_free);
}

static inline void
latest (Owner      *self,
        const char *key,
        char        letter)
{
  plant_rpc_inbox_post (self->inbox, key, show, entry_new (self, letter, NULL), entry_free);
}

static inline void
defer (Owner *self,
       char   letter,
       void (*action) (Owner *self))
{
  plant_rpc_inbox_defer (self->inbox, NULL, show, entry_new (self, letter, action), entry_free);
}

static inline gboolean
bounded_size (Owner *self,
              char   letter,
              gsize  size)
{
  return plant_rpc_inbox_defer_bounded (self->inbox, show, entry_new (self, letter, NULL), size,
                                        entry_free);
}

static inline gboolean
bounded (Owner *self,
         char   letter)
{
  return bounded_size (self, letter, 1);
}

static inline void
change (Owner      *self,
        const char *key,
        char        letter,
        void      (*action) (Owner *self))
{
  plant_rpc_inbox_defer_change (self->inbox, key, show, entry_new (self, letter, action),
                                entry_free);
}

/* As a signal is shown. */
static inline void
signal_now (Owner *self,
            char   letter)
{
  Entry *entry = entry_new (self, letter, NULL);

  if (plant_rpc_inbox_run_now (self->inbox, FALSE, show, entry, entry_free))
    return;
  g_assert_true (plant_rpc_inbox_defer_bounded (self->inbox, show, entry, 1, entry_free));
  plant_rpc_inbox_add_fence (self->inbox);
  plant_rpc_inbox_show (self->inbox);
}

static inline void
run (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static inline void
run_loop (Owner *self)
{
  post (self, 'n');
  run ();
  g_string_append_c (self->seen, '.');
}

static inline void
block (Owner *self)
{
  plant_rpc_inbox_block (self->inbox);
  post (self, 'z');
  plant_rpc_inbox_unblock (self->inbox);
  g_string_append_c (self->seen, '.');
}

static inline void
inbox_free (Owner *self)
{
  g_clear_pointer (&self->inbox, plant_rpc_inbox_free);
}

static inline void
take_long (Owner *self)
{
  static gint64 now;

  now += PLANT_RPC_SOURCE_BATCH_USEC;
  test_clock_step (now);
}
