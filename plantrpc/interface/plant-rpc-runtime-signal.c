/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "plant-rpc-description-private.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-home-private.h"
#include "plant-rpc-runtime-type-private.h"
#include "plant-rpc-signature-private.h"
#include "plant-rpc-value-private.h"

/* A GVariant argument must have its declared type. Null becomes a NULL GVariant. */
static gboolean
convert_variant (PlantRpcSignalInfo  *signal,
                 guint                index,
                 GType                type,
                 GVariant            *argument,
                 GValue              *result,
                 GError             **error)
{
  g_autofree char *type_string = NULL;
  g_autoptr (GVariant) opened = plant_rpc_description_open (argument);
  g_autoptr (GVariant) converted = NULL;

  g_value_init (result, type);
  if (opened == NULL)
    return TRUE;
  if (signal->signature != NULL && index < signal->n_params)
    type_string = plant_rpc_signature_dup_nth (signal->signature, index);
  converted = plant_rpc_signature_convert (opened, type_string != NULL ? type_string : "v", FALSE,
                                           error);
  g_value_set_variant (result, converted);
  return converted != NULL;
}

static gboolean
convert_argument (PlantRpcSignalInfo  *signal,
                  guint                index,
                  GType                type,
                  GVariant            *argument,
                  GValue              *result,
                  GError             **error)
{
  g_autoptr (GError) local_error = NULL;
  gboolean success = g_type_is_a (type, G_TYPE_VARIANT)
                       ? convert_variant (signal, index, type, argument, result, &local_error)
                       : plant_rpc_value_from_variant (argument, type, result, &local_error);

  if (!success)
    g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS,
                 _("signal “%s”, argument %u: %s"), signal->wire_name, index + 1,
                 local_error->message);
  return success;
}

static gboolean
convert_arguments (PlantRpcSignalInfo  *signal,
                   const GSignalQuery  *query,
                   GVariant            *args,
                   GArray              *values,
                   GError             **error)
{
  if (g_variant_n_children (args) != query->n_params)
    return plant_rpc_error_fail (
        error, PLANT_RPC_ERROR_INVALID_ARGUMENTS,
        g_dngettext (GETTEXT_PACKAGE, "signal “%s”: expected %u argument, got %zu",
                     "signal “%s”: expected %u arguments, got %zu", query->n_params),
        signal->wire_name, query->n_params, g_variant_n_children (args));
  for (guint i = 0; i < query->n_params; i++)
    {
      g_autoptr (GVariant) argument = g_variant_get_child_value (args, i);
      GType type = query->param_types[i] & ~G_SIGNAL_TYPE_STATIC_SCOPE;

      if (!convert_argument (signal, i, type, argument,
                             &g_array_index (values, GValue, i + 1), error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
takes_all (PlantRpcSignalInfo *signal,
           const GSignalQuery *query)
{
  return signal->signature == NULL && query->n_params == 1 &&
         (query->param_types[0] & ~G_SIGNAL_TYPE_STATIC_SCOPE) == G_TYPE_VARIANT;
}

static void
emit (const GSignalQuery *query,
      GArray             *values)
{
  gboolean returns = query->return_type != G_TYPE_NONE;
  g_auto (GValue) ignored = G_VALUE_INIT;
  g_auto (PlantRpcOutside) outside = plant_rpc_home_step_out ();

  if (returns)
    g_value_init (&ignored, query->return_type);
  g_signal_emitv ((const GValue *) (gpointer) values->data, query->signal_id, 0,
                  returns ? &ignored : NULL);
}

void
plant_rpc_runtime_signal_init (PlantRpcRuntimeSignal *self,
                               GType                  type,
                               PlantRpcSignalInfo    *info)
{
  *self = (PlantRpcRuntimeSignal) { .info = info };
  g_signal_query (g_signal_lookup (info->name, type), &self->query);
}

gboolean
plant_rpc_runtime_signal_emit (const PlantRpcRuntimeSignal  *self,
                               GObject                      *instance,
                               GVariant                     *args,
                               GError                      **error)
{
  const GSignalQuery *query = &self->query;
  g_autoptr (GArray) values = NULL;

  if (query->signal_id == 0)
    /* Translators: the name of a GType, and that of a signal */
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_MISMATCH, _("%s has no signal “%s”"),
                                 G_OBJECT_TYPE_NAME (instance), self->info->name);

  values = g_array_sized_new (FALSE, TRUE, sizeof (GValue), query->n_params + 1);
  g_array_set_clear_func (values, (GDestroyNotify) g_value_unset);
  g_array_set_size (values, query->n_params + 1);
  g_value_init (&g_array_index (values, GValue, 0), G_OBJECT_TYPE (instance));
  g_value_set_object (&g_array_index (values, GValue, 0), instance);

  if (takes_all (self->info, query))
    {
      g_value_init (&g_array_index (values, GValue, 1), G_TYPE_VARIANT);
      g_value_set_variant (&g_array_index (values, GValue, 1), args);
    }
  else if (!convert_arguments (self->info, query, args, values, error))
    return FALSE;

  emit (query, values);
  return TRUE;
}

gboolean
plant_rpc_runtime_signal_emit_plain (const PlantRpcRuntimeSignal *self,
                                     GObject                     *instance,
                                     const PlantRpcArguments     *arguments)
{
  GValue values[PLANT_RPC_MAX_PLAIN + 1];
  const GSignalQuery *query = &self->query;
  guint n_values = 0;

  if (query->signal_id == 0 || query->n_params != arguments->n_plain ||
      query->return_type != G_TYPE_NONE)
    return FALSE;
  memset (values, 0, (query->n_params + 1) * sizeof (GValue));
  while (n_values < query->n_params &&
         plant_rpc_arguments_to_value (arguments, n_values,
                                       query->param_types[n_values] & ~G_SIGNAL_TYPE_STATIC_SCOPE,
                                       &values[n_values + 1]))
    n_values++;
  if (n_values == query->n_params)
    {
      g_auto (PlantRpcOutside) outside = plant_rpc_home_step_out ();

      g_value_init_from_instance (&values[0], instance);
      g_signal_emitv (values, query->signal_id, 0, NULL);
      g_value_unset (&values[0]);
    }
  for (guint i = 1; i <= n_values; i++)
    g_value_unset (&values[i]);
  return n_values == query->n_params;
}
