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

/* The properties of an object that other threads have changed. An object has one notice at most, so
 * a thread that sets properties without end does not fill the memory while the context stands. */
typedef struct {
  PlantRpcHome       *home;     /* (owned) */
  PlantRpcNotifyFunc  chain_up;
  GWeakRef            object;
  GPtrArray          *pspecs;   /* (owned) (element-type GParamSpec): each once */
} Notice;

static G_DEFINE_QUARK (plant-rpc-home-notice, notice)

static gboolean
on_notice (gpointer user_data)
{
  Notice *notice = user_data;
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter (notice->home);
  g_autoptr (GObject) object = g_weak_ref_get (&notice->object);

  if (object != NULL)
    {
      g_auto (PlantRpcOutside) outside = { .n_stays = 0 };

      g_object_set_qdata (object, notice_quark (), NULL);
      outside = plant_rpc_home_step_out ();
      notice->chain_up (object, notice->pspecs->len, (GParamSpec **) notice->pspecs->pdata);
    }
  return G_SOURCE_REMOVE;
}

/* The context may be destroyed before it has run the notice. */
static void
notice_free (gpointer data)
{
  Notice *notice = data;
  g_autoptr (GObject) object = g_weak_ref_get (&notice->object);

  if (object != NULL && g_object_get_qdata (object, notice_quark ()) == notice)
    g_object_set_qdata (object, notice_quark (), NULL);
  g_ptr_array_unref (notice->pspecs);
  g_weak_ref_clear (&notice->object);
  plant_rpc_home_unref (notice->home);
  g_free (notice);
}

static Notice *
post_notice (PlantRpcHome       *self,
             PlantRpcNotifyFunc  chain_up,
             GObject            *object)
{
  Notice *notice = g_new0 (Notice, 1);

  notice->home = plant_rpc_home_ref (self);
  notice->chain_up = chain_up;
  g_weak_ref_init (&notice->object, object);
  notice->pspecs = g_ptr_array_new_with_free_func ((GDestroyNotify) g_param_spec_unref);
  g_object_set_qdata (object, notice_quark (), notice);
  attach (self, on_notice, notice, notice_free);
  return notice;
}

static void
notify_later (PlantRpcHome        *self,
              PlantRpcNotifyFunc   chain_up,
              GObject             *object,
              guint                n_pspecs,
              GParamSpec         **pspecs)
{
  Notice *notice = g_object_get_qdata (object, notice_quark ());

  if (notice == NULL)
    notice = post_notice (self, chain_up, object);
  for (guint i = 0; i < n_pspecs; i++)
    {
      if (!g_ptr_array_find (notice->pspecs, pspecs[i], NULL))
        g_ptr_array_add (notice->pspecs, g_param_spec_ref (pspecs[i]));
    }
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
