/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-error-private.h"
#include "plant-rpc-exported-object-private.h"
#include "plant-rpc-log-private.h"
#include "plant-rpc-peer-locale-private.h"
#include "plant-rpc-untyped-private.h"
#include "plant-rpc-value-basic-private.h"
#include "plant-rpc-value-private.h"

/* An atomic rc box, with a reference for each watch and each emission that waits. */
struct _PlantRpcExportedObject {
  PlantRpcHandover            *handover;  /* (owned) */
  PlantRpcInterfaceInfo       *interface; /* (owned): never changed */
  GArray                      *handlers;  /* (owned) (element-type gulong) */
  gint                         heard;     /* (atomic) */
  /* In the context only: */
  GObject                     *object;    /* (nullable): NULL once closed */
  PlantRpcExportedObjectFuncs  funcs;
  gpointer                     owner;
};

/* Watches one signal of the object, or its notify. */
typedef struct {
  GClosure                closure;
  PlantRpcExportedObject *exported; /* (owned) */
  PlantRpcSignalInfo     *signal;   /* (owned) (nullable) */
} Watch;

/* An emission from another thread. */
typedef struct {
  PlantRpcExportedObject *exported; /* (owned) */
  PlantRpcSignalInfo     *signal;   /* (owned) (nullable) */
  GVariant               *args;     /* (owned) (nullable) */
  PlantRpcPropertyInfo   *property; /* (owned) (nullable) */
} Emission;

static void
clear_exported (gpointer data)
{
  PlantRpcExportedObject *self = data;

  plant_rpc_handover_unref (self->handover);
  g_array_unref (self->handlers);
  plant_rpc_interface_info_unref (self->interface);
}

static void
unref_exported (PlantRpcExportedObject *self)
{
  g_atomic_rc_box_release_full (self, clear_exported);
}

/* Exactly one of PLAIN and ARGS is set. */
static void
tell_signal (PlantRpcExportedObject  *self,
             PlantRpcSignalInfo      *signal,
             const PlantRpcArguments *plain,
             GVariant                *args)
{
  const PlantRpcEmission emission = {
    .type = PLANT_RPC_EMISSION_SIGNAL,
    .name = signal->wire_name,
    .value = args,
    .plain = plain,
  };

  if (self->object != NULL)
    self->funcs.emitted (self->owner, &emission);
}

static void
deliver_emission (gpointer data)
{
  Emission *emission = data;
  PlantRpcExportedObject *self = emission->exported;

  if (emission->signal != NULL)
    tell_signal (self, emission->signal, NULL, emission->args);
  else if (self->object != NULL)
    self->funcs.changed (self->owner, emission->property);
}

static void
emission_free (gpointer data)
{
  Emission *emission = data;

  g_clear_pointer (&emission->signal, plant_rpc_signal_info_unref);
  g_clear_pointer (&emission->args, g_variant_unref);
  g_clear_pointer (&emission->property, plant_rpc_property_info_unref);
  unref_exported (emission->exported);
  g_free (emission);
}

static void
post (PlantRpcExportedObject *self,
      Emission                emission)
{
  emission.exported = g_atomic_rc_box_acquire (self);
  plant_rpc_handover_post (self->handover, deliver_emission, g_memdup2 (&emission, sizeof emission),
                           emission_free);
}

/* The value is read in the context, where the latest one counts. */
static void
tell_change (PlantRpcExportedObject *self,
             PlantRpcPropertyInfo   *property)
{
  g_autoptr (PlantRpcHold) hold = plant_rpc_handover_enter (self->handover);

  if (hold == NULL)
    post (self, (Emission) { .property = plant_rpc_property_info_ref (property) });
  else if (self->object != NULL)
    self->funcs.changed (self->owner, property);
}

/* A client that does not know what arguments a signal has emits it with the list of them. */
static gboolean
is_list_of_all (PlantRpcSignalInfo *signal,
                const GValue       *values,
                guint               n_values)
{
  GVariant *list = signal->signature == NULL && n_values == 1 && G_VALUE_HOLDS_VARIANT (values)
                       ? g_value_get_variant (values) : NULL;

  return list != NULL && g_variant_is_of_type (list, G_VARIANT_TYPE ("av"));
}

/* The result is never floating. It is NULL if one of the arguments cannot travel. */
static GVariant *
build_args (PlantRpcSignalInfo *signal,
            const GValue       *values,
            guint               n_values)
{
  GVariantBuilder args;

  if (is_list_of_all (signal, values, n_values))
    return g_value_dup_variant (&values[0]);
  g_variant_builder_init (&args, G_VARIANT_TYPE ("av"));
  for (guint i = 0; i < n_values; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) arg = plant_rpc_value_to_variant (&values[i], &error);

      if (arg == NULL)
        {
          plant_rpc_debug ("%s is not sent: %s", signal->wire_name, error->message);
          g_variant_builder_clear (&args);
          return NULL;
        }
      g_variant_builder_add (&args, "v", arg);
    }
  return g_variant_ref_sink (g_variant_builder_end (&args));
}

static void
tell_emission (PlantRpcExportedObject *self,
               PlantRpcSignalInfo     *signal,
               const GValue           *values,
               guint                   n_values)
{
  g_autoptr (PlantRpcHold) here = plant_rpc_handover_enter (self->handover);
  g_autoptr (GVariant) args = NULL;
  PlantRpcArguments plain;

  if (here != NULL && plant_rpc_arguments_from_values (&plain, values, n_values))
    {
      tell_signal (self, signal, &plain, NULL);
      return;
    }
  args = build_args (signal, values, n_values);
  if (args == NULL)
    return;
  if (here != NULL)
    {
      tell_signal (self, signal, NULL, args);
      return;
    }
  post (self, (Emission) { .signal = plant_rpc_signal_info_ref (signal),
                           .args = g_steal_pointer (&args) });
}

/* If the signal has a return value, it is not changed. */
static void
marshal (GClosure     *closure,
         GValue       *return_value,
         guint         n_values,
         const GValue *values,
         gpointer      hint,
         gpointer      marshal_data)
{
  Watch *watch = (Watch *) closure;
  PlantRpcExportedObject *self = watch->exported;
  PlantRpcPropertyInfo *property;

  if (!g_atomic_int_get (&self->heard))
    return;
  if (watch->signal != NULL)
    {
      tell_emission (self, watch->signal, values + 1, n_values - 1);
      return;
    }
  property = g_hash_table_lookup (self->interface->properties.by_name,
                                  g_value_get_param (&values[1])->name);
  if (property != NULL && property->readable)
    tell_change (self, property);
}

static void
watch_free (gpointer  data,
            GClosure *closure)
{
  Watch *watch = (Watch *) closure;

  g_clear_pointer (&watch->signal, plant_rpc_signal_info_unref);
  unref_exported (watch->exported);
}

static void
add_watch (PlantRpcExportedObject *self,
           guint                   signal_id,
           PlantRpcSignalInfo     *signal)
{
  GClosure *closure = g_closure_new_simple (sizeof (Watch), NULL);
  Watch *watch = (Watch *) closure;
  gulong handler;

  watch->exported = g_atomic_rc_box_acquire (self);
  watch->signal = signal != NULL ? plant_rpc_signal_info_ref (signal) : NULL;
  g_closure_set_marshal (closure, marshal);
  g_closure_add_finalize_notifier (closure, NULL, watch_free);
  handler = g_signal_connect_closure_by_id (self->object, signal_id, 0, closure, FALSE);
  g_array_append_val (self->handlers, handler);
}

static void
add_watches (PlantRpcExportedObject *self)
{
  GPtrArray *signals = self->interface->signals.list;
  GType type = G_OBJECT_TYPE (self->object);

  add_watch (self, g_signal_lookup ("notify", G_TYPE_OBJECT), NULL);
  for (guint i = 0; i < signals->len; i++)
    {
      PlantRpcSignalInfo *signal = g_ptr_array_index (signals, i);
      guint id = signal->implicit ? 0 : g_signal_lookup (signal->name, type);

      if (id != 0)
        add_watch (self, id, signal);
    }
}

PlantRpcExportedObject *
plant_rpc_exported_object_new (GObject                           *object,
                               PlantRpcInterfaceInfo             *interface,
                               PlantRpcHandover                  *handover,
                               const PlantRpcExportedObjectFuncs *funcs,
                               gpointer                           owner)
{
  PlantRpcExportedObject *self = g_atomic_rc_box_new0 (PlantRpcExportedObject);

  self->handover = plant_rpc_handover_ref (handover);
  self->interface = plant_rpc_interface_info_ref (interface);
  self->object = object;
  self->funcs = *funcs;
  self->owner = owner;
  self->handlers = g_array_new (FALSE, FALSE, sizeof (gulong));
  add_watches (self);
  return self;
}

void
plant_rpc_exported_object_close (PlantRpcExportedObject *self)
{
  GObject *object = g_steal_pointer (&self->object);

  g_atomic_int_set (&self->heard, FALSE);
  for (guint i = 0; i < self->handlers->len; i++)
    g_signal_handler_disconnect (object, g_array_index (self->handlers, gulong, i));
  unref_exported (self);
}

void
plant_rpc_exported_object_set_heard (PlantRpcExportedObject *self,
                                     gboolean                heard)
{
  g_atomic_int_set (&self->heard, heard);
}

/* The type of a variant may be declared beside the GParamSpec of the object. */
static GParamSpec *
find_pspec (PlantRpcExportedObject *self,
            PlantRpcPropertyInfo   *property)
{
  if (property->pspec != NULL && G_IS_PARAM_SPEC_VARIANT (property->pspec))
    return property->pspec;
  return g_object_class_find_property (G_OBJECT_GET_CLASS (self->object), property->name);
}

static GVariant *
value_to_variant (const GValue  *value,
                  GError       **error)
{
  g_auto (PlantRpcPeerLocale) locale = plant_rpc_peer_locale_enter ();

  return plant_rpc_value_to_variant (value, error);
}

static gboolean
value_from_variant (GVariant    *variant,
                    GParamSpec  *pspec,
                    GValue      *value,
                    GError     **error)
{
  g_auto (PlantRpcPeerLocale) locale = plant_rpc_peer_locale_enter ();

  return plant_rpc_value_from_variant_for (variant, pspec, value, error);
}

/* While the getter or setter runs, another thread may stop the server and drop the object. */
static void
get_property (GObject    *object,
              const char *name,
              GValue     *value)
{
  g_autoptr (GObject) guard = g_object_ref (object);
  g_auto (PlantRpcOutside) outside = plant_rpc_home_step_out ();

  g_object_get_property (object, name, value);
}

static void
set_property (GObject      *object,
              const char   *name,
              const GValue *value)
{
  g_autoptr (GObject) guard = g_object_ref (object);
  g_auto (PlantRpcOutside) outside = plant_rpc_home_step_out ();

  g_object_set_property (object, name, value);
}

GVariant *
plant_rpc_exported_object_read (PlantRpcExportedObject  *self,
                                PlantRpcPropertyInfo    *property,
                                GError                 **error)
{
  g_auto (GValue) value = G_VALUE_INIT;

  if (!property->readable)
    return plant_rpc_error_fail_null (error, PLANT_RPC_ERROR_INVALID_VALUE,
                                      "The property “%s” can only be written", property->wire_name);
  g_value_init (&value, find_pspec (self, property)->value_type);
  get_property (self->object, property->name, &value);
  return value_to_variant (&value, error);
}

/* Each value of a device that tells no types has its own. */
static gboolean
is_untyped (GParamSpec *pspec)
{
  return pspec->value_type == PLANT_RPC_TYPE_UNTYPED;
}

/* Only in JSON does nothing stand for NaN. */
static gboolean
is_missing_number (GVariant  *value,
                   GType      type,
                   GError   **error)
{
  g_autoptr (GVariant) opened = plant_rpc_value_open (value);

  if ((type != G_TYPE_DOUBLE && type != G_TYPE_FLOAT) || !plant_rpc_value_is_nothing (opened))
    return FALSE;
  plant_rpc_value_refuse (opened, "a number", error);
  return TRUE;
}

/* A getter is trusted to stay in range, but the type of a GVariant is for the owner to give. */
static gboolean
convert (GVariant    *value,
         GParamSpec  *pspec,
         GValue      *converted,
         GError     **error)
{
  if (G_IS_PARAM_SPEC_VARIANT (pspec))
    return plant_rpc_value_from_variant_for (value, pspec, converted, error);
  return plant_rpc_value_from_variant (value, pspec->value_type, converted, error);
}

/* A value that does not fit is a mistake of the device's program, not of the peer that reads. */
GVariant *
plant_rpc_exported_object_fit (PlantRpcExportedObject  *self,
                               PlantRpcPropertyInfo    *property,
                               GVariant                *value,
                               GError                 **error)
{
  g_auto (PlantRpcPeerLocale) locale = plant_rpc_peer_locale_enter ();
  GParamSpec *pspec = find_pspec (self, property);
  GType type = pspec->value_type;
  g_auto (GValue) converted = G_VALUE_INIT;
  g_autoptr (GVariant) given = NULL;
  g_autoptr (GError) misfit = NULL;

  given = g_variant_ref_sink (value != NULL ? value
                                            : g_variant_new_maybe (G_VARIANT_TYPE_VARIANT, NULL));
  if (is_untyped (pspec))
    return g_steal_pointer (&given);
  if (!is_missing_number (given, type, &misfit) &&
      convert (given, pspec, &converted, &misfit))
    return plant_rpc_value_to_variant (&converted, error);
  return plant_rpc_error_fail_null (error, PLANT_RPC_ERROR_REMOTE,
                                    "The value of “%s” is not of type %s: %s",
                                    property->wire_name,
                                    plant_rpc_value_type_string (pspec->value_type),
                                    misfit->message);
}

GVariant *
plant_rpc_exported_object_check (PlantRpcExportedObject  *self,
                                 PlantRpcPropertyInfo    *property,
                                 GVariant                *value,
                                 GError                 **error)
{
  g_auto (PlantRpcPeerLocale) locale = plant_rpc_peer_locale_enter ();
  GParamSpec *pspec = find_pspec (self, property);
  g_auto (GValue) converted = G_VALUE_INIT;

  if (!property->writable)
    return plant_rpc_error_fail_null (error, PLANT_RPC_ERROR_NOT_WRITABLE,
                                      "The property “%s” cannot be written", property->wire_name);
  if (is_untyped (pspec))
    return g_variant_ref_sink (value);
  /* A list of strings has no range, and validating it would copy each string for nothing. */
  if (pspec->value_type == G_TYPE_STRV)
    return plant_rpc_value_fit (value, "as", error);
  if (!plant_rpc_value_from_variant_for (value, pspec, &converted, error))
    return NULL;
  return plant_rpc_value_to_variant (&converted, error);
}

gboolean
plant_rpc_exported_object_write (PlantRpcExportedObject  *self,
                                 PlantRpcPropertyInfo    *property,
                                 GVariant                *value,
                                 GError                 **error)
{
  g_auto (GValue) converted = G_VALUE_INIT;

  if (!value_from_variant (value, find_pspec (self, property), &converted, error))
    return FALSE;
  set_property (self->object, property->name, &converted);
  return TRUE;
}
