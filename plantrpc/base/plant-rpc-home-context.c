/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-home-private.h"

/* What a thread at home leaves to the main context, and what it does outside. */

/* What waits here must not keep its object, since nobody may ever run the context again. */
typedef struct {
  PlantRpcHome  *home;   /* (owned) */
  void         (*func) (GObject *object);
  GWeakRef       object;
} Later;

static void
later_free (gpointer data)
{
  Later *later = data;

  g_weak_ref_clear (&later->object);
  plant_rpc_home_unref (later->home);
  g_free (later);
}

static gboolean
on_later (gpointer user_data)
{
  Later *later = user_data;
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter (later->home);
  g_autoptr (GObject) object = g_weak_ref_get (&later->object);

  if (object != NULL)
    later->func (object);
  return G_SOURCE_REMOVE;
}

static void
attach (PlantRpcHome   *self,
        GSourceFunc     func,
        gpointer        data,
        GDestroyNotify  destroy)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "[plantrpc] home");
  g_source_set_callback (source, func, data, destroy);
  g_source_attach (source, plant_rpc_home_get_context (self));
}

void
plant_rpc_home_invoke_later (PlantRpcHome  *self,
                             void         (*func) (GObject *object),
                             GObject       *object)
{
  Later *later = g_new0 (Later, 1);

  later->home = plant_rpc_home_ref (self);
  later->func = func;
  g_weak_ref_init (&later->object, object);
  attach (self, on_later, later, later_free);
}

typedef struct {
  PlantRpcHome        *home;   /* (owned) */
  PlantRpcNotifyFunc   chain_up;
  GWeakRef             object;
  guint                n_pspecs;
  GParamSpec         **pspecs; /* (owned) (element-type GParamSpec) */
} Notice;

static void
notice_free (gpointer data)
{
  Notice *notice = data;

  for (guint i = 0; i < notice->n_pspecs; i++)
    g_param_spec_unref (notice->pspecs[i]);
  g_free (notice->pspecs);
  g_weak_ref_clear (&notice->object);
  plant_rpc_home_unref (notice->home);
  g_free (notice);
}

static gboolean
on_notice (gpointer user_data)
{
  Notice *notice = user_data;
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter (notice->home);
  g_autoptr (GObject) object = g_weak_ref_get (&notice->object);

  if (object != NULL)
    {
      g_auto (PlantRpcOutside) outside = plant_rpc_home_step_out ();

      notice->chain_up (object, notice->n_pspecs, notice->pspecs);
    }
  return G_SOURCE_REMOVE;
}

static void
notify_later (PlantRpcHome        *self,
              PlantRpcNotifyFunc   chain_up,
              GObject             *object,
              guint                n_pspecs,
              GParamSpec         **pspecs)
{
  Notice *notice = g_new0 (Notice, 1);

  notice->home = plant_rpc_home_ref (self);
  notice->chain_up = chain_up;
  g_weak_ref_init (&notice->object, object);
  notice->n_pspecs = n_pspecs;
  notice->pspecs = g_memdup2 (pspecs, n_pspecs * sizeof *pspecs);
  for (guint i = 0; i < n_pspecs; i++)
    g_param_spec_ref (pspecs[i]);
  attach (self, on_notice, notice, notice_free);
}

static void
notify (PlantRpcHome        *self,
        PlantRpcNotifyFunc   chain_up,
        GObject             *object,
        guint                n_pspecs,
        GParamSpec         **pspecs)
{
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter (self);
  g_auto (PlantRpcOutside) outside = { .n_stays = 0 };

  if (!plant_rpc_home_owns_context (self))
    {
      notify_later (self, chain_up, object, n_pspecs, pspecs);
      return;
    }
  outside = plant_rpc_home_step_out ();
  chain_up (object, n_pspecs, pspecs);
}

void
plant_rpc_home_notify (PlantRpcHome        *self,
                       PlantRpcNotifyFunc   chain_up,
                       GObject             *object,
                       guint                n_pspecs,
                       GParamSpec         **pspecs)
{
  plant_rpc_home_set_notifying (TRUE);
  notify (self, chain_up, object, n_pspecs, pspecs);
  plant_rpc_home_set_notifying (FALSE);
}

void
plant_rpc_home_call_outside (GDestroyNotify destroy,
                             gpointer       data)
{
  g_auto (PlantRpcOutside) outside = { .n_stays = 0 };

  if (destroy == NULL)
    return;
  outside = plant_rpc_home_step_out ();
  destroy (data);
}
