/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdatomic.h>

#include "plant-rpc-home-parts-private.h"

/* A home and the loop of its main context. */

/* µs within which a thread that has iterated the context is expected to do so again. */
#define DWELLER_PAUSE (500 * 1000)

/* ---- the sources */

/* Nothing inside enters again, so this is less than a stay. */
PlantRpcLook
plant_rpc_home_look_in (PlantRpcHome *self,
                        GSource      *source,
                        gboolean      polls)
{
  PlantRpcLook look = { .home = plant_rpc_home_is_mine (self) ? NULL : self };

  if (look.home != NULL)
    plant_rpc_home_lock (self);
  look.exists = !g_source_is_destroyed (source);
  if (look.exists)
    self->polling = polls;
  if (polls)
    {
      g_atomic_pointer_set (&self->dweller, plant_rpc_home_get_self ());
      atomic_store (&self->dwelt, g_get_monotonic_time ());
    }
  return look;
}

void
plant_rpc_home_look_out (PlantRpcLook *look)
{
  if (look->home != NULL)
    plant_rpc_home_unlock (look->home);
}

/* The thread that dispatches a source owns its context. */
PlantRpcHold *
plant_rpc_home_enter_source (PlantRpcHome *self,
                             GSource      *source)
{
  if (plant_rpc_home_is_mine (self))
    {
      self->stay.depth++;
    }
  else
    {
      plant_rpc_home_lock (self);
      plant_rpc_home_move_in (self, (PlantRpcStay) { .home = self, .depth = 1, .stirred = TRUE,
                                                     .ownership = PLANT_RPC_OWNERSHIP_HELD });
    }
  if (!g_source_is_destroyed (source))
    return self;
  plant_rpc_home_leave (self);
  return NULL;
}

/* ---- who runs it */

/* A thread that iterates the context now and then is its owner for moments only. Nothing is locked,
 * since the caller may be at another home, and a thread of this one may ask for that one. */
gboolean
plant_rpc_home_has_other_dweller (PlantRpcHome *self)
{
  const gpointer dweller = g_atomic_pointer_get (&self->dweller);

  return dweller != NULL && dweller != plant_rpc_home_get_self () &&
         g_get_monotonic_time () - atomic_load (&self->dwelt) < DWELLER_PAUSE;
}

PlantRpcDweller
plant_rpc_home_find_dweller (PlantRpcHome *self)
{
  if (g_main_context_is_owner (self->context))
    return PLANT_RPC_DWELLER_SELF;
  if (plant_rpc_home_has_other_dweller (self) || !g_main_context_acquire (self->context))
    return PLANT_RPC_DWELLER_OTHER;
  g_main_context_release (self->context);
  return PLANT_RPC_DWELLER_NONE;
}

/* ---- what is shown */

gboolean
plant_rpc_home_is_shown_here (PlantRpcHome *self)
{
  return self->stay.n_blocks == 0 && plant_rpc_home_owns_context (self);
}

void
plant_rpc_home_block (PlantRpcHome *self)
{
  plant_rpc_home_enter (self);
  self->stay.n_blocks++;
}

void
plant_rpc_home_unblock (PlantRpcHome *self)
{
  g_assert (self->stay.n_blocks > 0);
  self->stay.n_blocks--;
  plant_rpc_home_leave (self);
}
