/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-home-private.h"

G_BEGIN_DECLS

/* What a home is made of, for the files of its functions. */

/* A thread that waits in plant_rpc_home_poll(). */
typedef struct _PlantRpcSleeper PlantRpcSleeper;
struct _PlantRpcSleeper {
  int              fd;
  gboolean         woken;
  PlantRpcSleeper *next;
};

struct _PlantRpcHome {
  gatomicrefcount  ref_count;
  GMainContext    *context;   /* (owned) */
  GMutex           mutex;     /* held by the thread at home */
  GMutex           queue;     /* held by the first of those that wait, so that it comes next */
  guint            n_waiting; /* (atomic) */
  gpointer         holder;    /* (atomic) (nullable): identifies the thread at home */
  PlantRpcStay     stay;      /* (mutex mutex) */
  gboolean         polling;   /* (mutex mutex): the owner of the main context may be polling */
  PlantRpcSleeper *sleepers;  /* (mutex mutex) */
  gpointer         dweller;   /* (atomic) (nullable): identifies the thread that polled last */
  _Atomic gint64   dwelt;     /* monotonic µs: when that was */
};

/* Identifies the calling thread. */
gpointer plant_rpc_home_get_self    (void);
gboolean plant_rpc_home_is_mine     (PlantRpcHome *self);
/* Between these two nothing may enter. */
void     plant_rpc_home_lock        (PlantRpcHome *self);
void     plant_rpc_home_unlock      (PlantRpcHome *self);
/* After plant_rpc_home_lock(). Ends with plant_rpc_home_leave(). */
void     plant_rpc_home_move_in     (PlantRpcHome *self,
                                     PlantRpcStay  stay);
/* The threads that wait for something here see whether it has come. */
void     plant_rpc_home_wake_others (PlantRpcHome *self);

G_END_DECLS
