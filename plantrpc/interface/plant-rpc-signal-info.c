/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-signal-info.h"

#include <glib/gi18n-lib.h>

#include "plant-rpc-error-private.h"
#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-signature-private.h"

/**
 * PlantRpcSignalInfo:
 *
 * A signal of a remote object: its names on the wire and as a GSignal, and the types of its
 * arguments if they are known.
 *
 * Immutable; may be used from any thread.
 *
 * Since: 1.0
 */
G_DEFINE_BOXED_TYPE (PlantRpcSignalInfo, plant_rpc_signal_info,
                     plant_rpc_signal_info_ref, plant_rpc_signal_info_unref)

PlantRpcSignalInfo *
plant_rpc_signal_info_new (const char *name,
                           const char *wire_name,
                           const char *signature)
{
  PlantRpcSignalInfo *self = g_new0 (PlantRpcSignalInfo, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->name = g_strdup (name);
  self->wire_name = g_strdup (wire_name);
  self->signature = g_strdup (signature);
  self->n_params = signature != NULL ? plant_rpc_signature_count (signature) : 0;
  return self;
}

/**
 * plant_rpc_signal_info_ref:
 * @self: a signal
 *
 * Takes a reference.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
PlantRpcSignalInfo *
plant_rpc_signal_info_ref (PlantRpcSignalInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

/**
 * plant_rpc_signal_info_unref:
 * @self: (transfer full): a signal
 *
 * Releases a reference, and frees the signal with the last one.
 *
 * Since: 1.0
 */
void
plant_rpc_signal_info_unref (PlantRpcSignalInfo *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_free (self->name);
  g_free (self->wire_name);
  g_free (self->signature);
  g_free (self->property);
  g_free (self->param_types);
  g_free (self);
}

/**
 * plant_rpc_signal_info_get_name:
 * @self: a signal
 *
 * Gets the name of the GSignal that stands for it, such as `video-url-changed`.
 *
 * Returns: (transfer none): the name, unique among the signals of its interface
 *
 * Since: 1.0
 */
const char *
plant_rpc_signal_info_get_name (PlantRpcSignalInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->name;
}

/**
 * plant_rpc_signal_info_get_wire_name:
 * @self: a signal
 *
 * Gets the name on the wire, such as `videoUrlChanged`.
 *
 * Returns: (transfer none): the name
 *
 * Since: 1.0
 */
const char *
plant_rpc_signal_info_get_wire_name (PlantRpcSignalInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->wire_name;
}

/**
 * plant_rpc_signal_info_get_signature:
 * @self: a signal
 *
 * Gets the types of the arguments, as a GVariant type string: a tuple with one member for each
 * argument, such as `(si)`.
 *
 * Returns: (transfer none) (nullable): the types, or %NULL if they are not known
 *
 * Since: 1.0
 */
const char *
plant_rpc_signal_info_get_signature (PlantRpcSignalInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->signature;
}

/**
 * plant_rpc_signal_info_get_property:
 * @self: a signal
 *
 * Gets the GObject name of the property whose changes the signal tells.
 *
 * Returns: (transfer none) (nullable): the name, or %NULL if it tells those of none
 *
 * Since: 1.0
 */
const char *
plant_rpc_signal_info_get_property (PlantRpcSignalInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->property;
}

/**
 * plant_rpc_signal_info_get_implicit:
 * @self: a signal
 *
 * Gets whether the object of the server has no such signal: the server sends it when the property
 * notifies.
 *
 * Returns: whether it stands for a notification
 *
 * Since: 1.0
 */
gboolean
plant_rpc_signal_info_get_implicit (PlantRpcSignalInfo *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->implicit;
}

static gboolean
check_count (PlantRpcSignalInfo  *self,
             GVariant            *args,
             GError             **error)
{
  if (!g_variant_type_is_array (g_variant_get_type (args)) &&
      !g_variant_type_is_tuple (g_variant_get_type (args)))
    return plant_rpc_error_fail (
        error, PLANT_RPC_ERROR_INVALID_ARGUMENTS,
        _("signal “%s”: expected an array or tuple of arguments, got type %s"), self->wire_name,
        g_variant_get_type_string (args));
  if (self->signature != NULL && g_variant_n_children (args) != self->n_params)
    return plant_rpc_error_fail (
        error, PLANT_RPC_ERROR_INVALID_ARGUMENTS,
        g_dngettext (GETTEXT_PACKAGE, "signal “%s”: expected %u argument, got %zu",
                     "signal “%s”: expected %u arguments, got %zu", self->n_params),
        self->wire_name, self->n_params, g_variant_n_children (args));
  return TRUE;
}

static GVariant *
dup_argument (GVariant *args,
              gsize     index)
{
  g_autoptr (GVariant) child = g_variant_get_child_value (args, index);

  if (g_variant_is_of_type (child, G_VARIANT_TYPE_VARIANT))
    return g_variant_get_variant (child);
  return g_steal_pointer (&child);
}

static GVariant *
convert (PlantRpcSignalInfo  *self,
         gsize                index,
         GVariant            *argument,
         gboolean             coerce,
         GError             **error)
{
  g_autofree char *type_string = NULL;
  g_autoptr (GError) local_error = NULL;
  GVariant *result;

  if (self->signature == NULL)
    return g_variant_ref (argument);

  type_string = plant_rpc_signature_dup_nth (self->signature, index);
  result = plant_rpc_signature_convert (argument, type_string, coerce, &local_error);
  if (result == NULL)
    g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS,
                 _("signal “%s”, argument %zu: %s"), self->wire_name, index + 1,
                 local_error->message);
  return result;
}

/**
 * plant_rpc_signal_info_validate_args:
 * @self: a signal
 * @args: the arguments, as an array or tuple
 * @coerce: whether to convert arguments that do not fit
 * @error: return location for an error
 *
 * Checks arguments against the declared types.
 *
 * Without @coerce an argument is only converted if nothing is lost: any integer for a type that can
 * hold it, and an integer for a floating type. With @coerce the arguments are converted like in the
 * Python module: integers from decimal text and from numbers whose fraction is cut off, floating
 * numbers from text, and text from anything. Counterpart of `RPCSignal.validate_args`.
 *
 * Fails with %PLANT_RPC_ERROR_INVALID_ARGUMENTS. The message has the number of the argument,
 * counted from one.
 *
 * Returns: (transfer full): the arguments as an array of variants (`av`), each of its declared
 *   type, or of its own type if the types are not known
 *
 * Since: 1.0
 */
GVariant *
plant_rpc_signal_info_validate_args (PlantRpcSignalInfo  *self,
                                     GVariant            *args,
                                     gboolean             coerce,
                                     GError             **error)
{
  g_autoptr (GVariant) owned = NULL;
  g_autoptr (GVariantBuilder) builder = NULL;
  gsize n_args;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (args != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  owned = g_variant_ref_sink (args);
  if (!check_count (self, owned, error))
    return NULL;

  builder = g_variant_builder_new (G_VARIANT_TYPE ("av"));
  n_args = g_variant_n_children (owned);
  for (gsize i = 0; i < n_args; i++)
    {
      g_autoptr (GVariant) argument = dup_argument (owned, i);
      g_autoptr (GVariant) value = convert (self, i, argument, coerce, error);

      if (value == NULL)
        return NULL;
      g_variant_builder_add (builder, "v", value);
    }
  return g_variant_ref_sink (g_variant_builder_end (builder));
}
