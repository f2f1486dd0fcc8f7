/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>

#include "plant-rpc-method-table-private.h"
#include "plant-rpc-peer-locale-private.h"

struct _PlantRpcMethod {
  grefcount              ref_count; /* counted in the context only */
  PlantRpcMethodInfo    *info;      /* (owned) */
  PlantRpcMethodFlags    flags;
  PlantRpcMethodHandler  handler;
  gpointer               user_data; /* (owned by notify) */
  GDestroyNotify         notify;
  GMainContext          *context;   /* (owned) */
};

struct _PlantRpcMethodTable {
  GMainContext *context; /* (owned) */
  GPtrArray    *methods; /* (owned) (element-type PlantRpcMethod) */
  GHashTable   *by_name; /* (owned) (element-type utf8 PlantRpcMethod): borrowed from METHODS */
};

/* One run on a worker thread. */
typedef struct {
  PlantRpcMethod     *method;     /* (owned) */
  PlantRpcInvocation *invocation; /* (owned) */
} Run;

static void
unref_method (PlantRpcMethod *self)
{
  if (!g_ref_count_dec (&self->ref_count))
    return;
  if (self->notify != NULL)
    self->notify (self->user_data);
  plant_rpc_method_info_unref (self->info);
  g_main_context_unref (self->context);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcMethod, unref_method)

static PlantRpcMethod *
ref_method (PlantRpcMethod *self)
{
  g_ref_count_inc (&self->ref_count);
  return self;
}

PlantRpcMethodTable *
plant_rpc_method_table_new (GMainContext *context)
{
  PlantRpcMethodTable *self = g_new0 (PlantRpcMethodTable, 1);

  self->context = g_main_context_ref (context);
  self->methods = g_ptr_array_new_with_free_func ((GDestroyNotify) unref_method);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  return self;
}

void
plant_rpc_method_table_free (PlantRpcMethodTable *self)
{
  plant_rpc_method_table_clear (self);
  g_hash_table_unref (self->by_name);
  g_ptr_array_unref (self->methods);
  g_main_context_unref (self->context);
  g_free (self);
}

void
plant_rpc_method_table_add (PlantRpcMethodTable   *self,
                            PlantRpcMethodInfo    *info,
                            PlantRpcMethodFlags    flags,
                            PlantRpcMethodHandler  handler,
                            gpointer               user_data,
                            GDestroyNotify         notify)
{
  PlantRpcMethod *method = g_new0 (PlantRpcMethod, 1);
  PlantRpcMethod *former = g_hash_table_lookup (self->by_name, info->name);
  g_autoptr(PlantRpcMethod) replaced = NULL;
  guint index = self->methods->len;

  g_ref_count_init (&method->ref_count);
  method->info = info;
  method->flags = flags;
  method->handler = handler;
  method->user_data = user_data;
  method->notify = notify;
  method->context = g_main_context_ref (self->context);

  if (former != NULL && g_ptr_array_find (self->methods, former, &index))
    replaced = g_steal_pointer (&g_ptr_array_index (self->methods, index));
  else
    g_ptr_array_add (self->methods, NULL);
  g_ptr_array_index (self->methods, index) = method;
  g_hash_table_replace (self->by_name, info->name, method);
}

void
plant_rpc_method_table_clear (PlantRpcMethodTable *self)
{
  g_autoptr(GPtrArray) methods = g_steal_pointer (&self->methods);

  self->methods = g_ptr_array_new_with_free_func ((GDestroyNotify) unref_method);
  g_hash_table_remove_all (self->by_name);
}

PlantRpcMethod *
plant_rpc_method_table_lookup (PlantRpcMethodTable *self,
                               const char          *name)
{
  return g_hash_table_lookup (self->by_name, name);
}

GPtrArray *
plant_rpc_method_table_list (PlantRpcMethodTable *self)
{
  GPtrArray *infos = g_ptr_array_new_with_free_func ((GDestroyNotify) plant_rpc_method_info_unref);

  for (guint i = 0; i < self->methods->len; i++)
    {
      PlantRpcMethod *method = g_ptr_array_index (self->methods, i);

      g_ptr_array_add (infos, plant_rpc_method_info_ref (method->info));
    }
  return infos;
}

PlantRpcMethodInfo *
plant_rpc_method_get_info (PlantRpcMethod *self)
{
  return self->info;
}

static void
run_handler (PlantRpcMethod     *self,
             PlantRpcInvocation *invocation)
{
  g_autoptr(GError) error = NULL;

  self->handler (invocation, self->user_data, &error);
  if (error == NULL)
    return;
  if (plant_rpc_invocation_get_answered (invocation))
    g_warning ("“%s” failed after it had answered: %s", self->info->name, error->message);
  else
    plant_rpc_invocation_return_gerror (invocation, error);
}

static void
free_run (gpointer data)
{
  Run *run = data;

  g_object_unref (run->invocation);
  unref_method (run->method);
  g_free (run);
}

static gboolean
remove_source (gpointer data)
{
  return G_SOURCE_REMOVE;
}

/* Bindings do not survive that a handler's data is let go of on another thread. */
static void
finish_run (Run *run)
{
  g_autoptr(GMainContext) context = g_main_context_ref (run->method->context);
  g_autoptr(GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "[plantrpc] handler done");
  g_source_set_callback (source, remove_source, run, free_run);
  g_source_attach (source, context);
}

/* Many may wait for a thread; what was cancelled meanwhile must not start. */
static gboolean
check_cancelled (PlantRpcInvocation  *invocation,
                 GError             **error)
{
  g_auto(PlantRpcPeerLocale) locale = plant_rpc_peer_locale_enter ();

  return g_cancellable_set_error_if_cancelled (plant_rpc_invocation_get_cancellable (invocation),
                                               error);
}

static void
run_on_worker (gpointer data,
               gpointer user_data)
{
  Run *run = data;
  g_autoptr(GError) error = NULL;

  if (check_cancelled (run->invocation, &error))
    plant_rpc_invocation_return_gerror (run->invocation, error);
  else
    run_handler (run->method, run->invocation);
  finish_run (run);
}

static GThreadPool *
get_workers (void)
{
  static GThreadPool *workers = NULL;
  static gsize done = 0;

  if (g_once_init_enter (&done))
    {
      workers = g_thread_pool_new (run_on_worker, NULL, PLANT_RPC_MAX_WORKERS, FALSE, NULL);
      g_once_init_leave (&done, 1);
    }
  return workers;
}

void
plant_rpc_method_run (PlantRpcMethod     *self,
                      PlantRpcInvocation *invocation)
{
  g_autoptr(PlantRpcMethod) method = ref_method (self);
  Run *run;

  if ((self->flags & PLANT_RPC_METHOD_FLAGS_BLOCKING) == 0)
    {
      run_handler (self, invocation);
      g_object_unref (invocation);
      return;
    }
  run = g_new (Run, 1);
  *run = (Run) { g_steal_pointer (&method), invocation };
  g_thread_pool_push (get_workers (), run, NULL);
}
