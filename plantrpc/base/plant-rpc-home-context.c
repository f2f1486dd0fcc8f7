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

static gboolean
on_visit (gpointer user_data)
{
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter (user_data);

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
plant_rpc_home_visit_later (PlantRpcHome *self)
{
  attach (self, on_visit, plant_rpc_home_ref (self), (GDestroyNotify) plant_rpc_home_unref);
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
  PlantRpcHome *home; /* (owned) */
  GWeakRef    object;
  GParamSpec *pspec;  /* (owned) */
  GValue      value;
} Setting;

static void
setting_free (gpointer data)
{
  Setting *setting = data;

  g_value_unset (&setting->value);
  g_param_spec_unref (setting->pspec);
  g_weak_ref_clear (&setting->object);
  plant_rpc_home_unref (setting->home);
  g_free (setting);
}

static gboolean
on_setting (gpointer user_data)
{
  Setting *setting = user_data;
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter (setting->home);
  g_autoptr (GObject) object = g_weak_ref_get (&setting->object);

  if (object != NULL)
    g_object_set_property (object, setting->pspec->name, &setting->value);
  return G_SOURCE_REMOVE;
}

PlantRpcHold *
plant_rpc_home_enter_to_set (PlantRpcHome *self,
                             GObject      *object,
                             GParamSpec   *pspec,
                             const GValue *value)
{
  PlantRpcHold *hold = plant_rpc_home_try_enter (self);
  Setting *setting;

  if (hold != NULL)
    return hold;
  setting = g_new0 (Setting, 1);
  setting->home = plant_rpc_home_ref (self);
  g_weak_ref_init (&setting->object, object);
  setting->pspec = g_param_spec_ref (pspec);
  g_value_init (&setting->value, G_VALUE_TYPE (value));
  g_value_copy (value, &setting->value);
  attach (self, on_setting, setting, setting_free);
  return NULL;
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
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_try_enter (self);
  g_auto (PlantRpcOutside) outside = { .n_stays = 0 };

  /* An object that is being made may notify while its thread holds the lock of a language. */
  if (hold == NULL || !plant_rpc_home_owns_context (self))
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
