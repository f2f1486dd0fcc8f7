/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-method-info.h"

#include <glib/gi18n-lib.h>

#include "plant-rpc-enums.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-names-private.h"
#include "plant-rpc-role-private.h"
#include "plant-rpc-serial-private.h"
#include "plant-rpc-serial-view-private.h"
#include "plant-rpc-signature-private.h"
#include "plant-rpc-value-basic-private.h"

/**
 * PlantRpcMethodInfo:
 *
 * A method of a remote object: its name, its parameters if they are known, whether it returns a
 * value or a buffer, and how long a caller should wait for the reply.
 *
 * Immutable; may be used from any thread.
 *
 * Since: 1.0
 */
G_DEFINE_BOXED_TYPE (PlantRpcMethodInfo, plant_rpc_method_info,
                     plant_rpc_method_info_ref, plant_rpc_method_info_unref)

static int
normalize_timeout (int timeout)
{
  if (timeout < 0)
    return PLANT_RPC_TIMEOUT_NONE;
  return timeout == PLANT_RPC_TIMEOUT_FROM_SERVER ? PLANT_RPC_TIMEOUT_DEFAULT : timeout;
}

/* The information about a buffer travels as the object of a JSON message. */
static gboolean
check_info_type (PlantRpcMethodInfo  *self,
                 GError             **error)
{
  if (!self->buffer || self->return_type == NULL || g_str_has_prefix (self->return_type, "a{s"))
    return TRUE;
  return plant_rpc_error_fail (
      error, PLANT_RPC_ERROR_INVALID_INTERFACE,
      /* Translators: a GVariant type */
      _("the information about a buffer is a dictionary with strings for keys, not %s"),
      self->return_type);
}

PlantRpcMethodInfo *
plant_rpc_method_info_new (const char  *name,
                           const char  *signature,
                           gboolean     buffer,
                           int          timeout,
                           GError     **error)
{
  g_autoptr (PlantRpcMethodInfo) self = g_new0 (PlantRpcMethodInfo, 1);
  g_autofree char *quoted = plant_rpc_names_quote (name);

  g_atomic_ref_count_init (&self->ref_count);
  self->name = g_strdup (name);
  self->signature = g_strdup (signature);
  self->buffer = buffer;
  self->timeout = normalize_timeout (timeout);
  self->role = PLANT_RPC_DEFAULT_ROLE;

  if (!plant_rpc_names_is_method (name))
    return plant_rpc_error_fail_null (
        error, PLANT_RPC_ERROR_INVALID_INTERFACE,
        /* Translators: a name in quotes */
        _("%s cannot be the name of a method: it is empty, too long or not UTF-8"), quoted);
  if (signature == NULL)
    return g_steal_pointer (&self);

  self->parameters = plant_rpc_signature_parse (signature, &self->return_type, error);
  if (self->parameters == NULL || !check_info_type (self, error))
    {
      /* Translators: a name in quotes; what is wrong follows */
      g_prefix_error (error, _("method %s: "), quoted);
      return NULL;
    }
  return g_steal_pointer (&self);
}

/**
 * plant_rpc_method_info_ref:
 * @self: a method
 *
 * Takes a reference.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
PlantRpcMethodInfo *
plant_rpc_method_info_ref (PlantRpcMethodInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

/**
 * plant_rpc_method_info_unref:
 * @self: (transfer full): a method
 *
 * Releases a reference, and frees the method with the last one.
 *
 * Since: 1.0
 */
void
plant_rpc_method_info_unref (PlantRpcMethodInfo *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_free (self->name);
  g_free (self->signature);
  g_free (self->return_type);
  g_clear_pointer (&self->parameters, g_ptr_array_unref);
  g_free (self);
}

/**
 * plant_rpc_method_info_get_name:
 * @self: a method
 *
 * Gets the name of the method on the wire.
 *
 * Returns: (transfer none): the name
 *
 * Since: 1.0
 */
const char *
plant_rpc_method_info_get_name (PlantRpcMethodInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->name;
}

/**
 * plant_rpc_method_info_get_signature:
 * @self: a method
 *
 * Gets the parameters and the type of the result, in the form of [func@type_declare_method].
 * [method@MethodInfo.get_parameter] returns the parameters one by one.
 *
 * Returns: (transfer none) (nullable): the signature, empty if there are no parameters, or %NULL
 *   if they are not known
 *
 * Since: 1.0
 */
const char *
plant_rpc_method_info_get_signature (PlantRpcMethodInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->signature;
}

/**
 * plant_rpc_method_info_get_n_parameters:
 * @self: a method
 *
 * Gets the number of parameters of the method.
 *
 * Returns: the number, or -1 if the parameters are not known, so that any arguments may be given
 *
 * Since: 1.0
 */
int
plant_rpc_method_info_get_n_parameters (PlantRpcMethodInfo *self)
{
  g_return_val_if_fail (self != NULL, -1);

  return self->parameters != NULL ? (int) self->parameters->len : -1;
}

/**
 * plant_rpc_method_info_get_parameter:
 * @self: a method
 * @index: the position of a parameter, counted from zero
 *
 * Gets one parameter, in the order in which arguments are given.
 *
 * Returns: (transfer none) (nullable): the parameter, or %NULL if there are not so many or if the
 *   parameters are not known
 *
 * Since: 1.0
 */
PlantRpcParameterInfo *
plant_rpc_method_info_get_parameter (PlantRpcMethodInfo *self,
                                     guint               index)
{
  g_return_val_if_fail (self != NULL, NULL);

  if (self->parameters == NULL || index >= self->parameters->len)
    return NULL;
  return self->parameters->pdata[index];
}

/**
 * plant_rpc_method_info_get_return_type:
 * @self: a method
 *
 * Gets the type of the result. For a method that returns a buffer, this is the type of the
 * information about the buffer.
 *
 * Returns: (transfer none) (nullable): a GVariant type, `v` for any value, `()` if nothing is
 *   returned, or %NULL if it is not known
 *
 * Since: 1.0
 */
const char *
plant_rpc_method_info_get_return_type (PlantRpcMethodInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->return_type;
}

/**
 * plant_rpc_method_info_get_buffer:
 * @self: a method
 *
 * Tells whether the method returns a buffer with its information instead of a value.
 *
 * Returns: whether it is a buffer method
 *
 * Since: 1.0
 */
gboolean
plant_rpc_method_info_get_buffer (PlantRpcMethodInfo *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->buffer;
}

/**
 * plant_rpc_method_info_get_timeout:
 * @self: a method
 *
 * Gets how long a caller should wait for the reply.
 *
 * Returns: the time in ms, or %PLANT_RPC_TIMEOUT_NONE to wait for ever
 *
 * Since: 1.0
 */
int
plant_rpc_method_info_get_timeout (PlantRpcMethodInfo *self)
{
  g_return_val_if_fail (self != NULL, PLANT_RPC_TIMEOUT_DEFAULT);

  return self->timeout;
}

/**
 * plant_rpc_method_info_get_role:
 * @self: a method
 *
 * Gets the role that a secured server asks of who calls the method.
 *
 * Returns: the role
 *
 * Since: 1.1
 */
PlantRpcRole
plant_rpc_method_info_get_role (PlantRpcMethodInfo *self)
{
  g_return_val_if_fail (self != NULL, PLANT_RPC_DEFAULT_ROLE);

  return self->role;
}

/* A binding under way. It has one place for each parameter, which is NULL until it is bound. */
typedef struct {
  PlantRpcMethodInfo *method; /* (unowned) */
  GVariant           *values[PLANT_RPC_MAX_ARGUMENTS];
} Binding;

static void
binding_clear (Binding *binding)
{
  for (guint i = 0; i < PLANT_RPC_MAX_ARGUMENTS; i++)
    g_clear_pointer (&binding->values[i], g_variant_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Binding, binding_clear)

static gboolean
bind_argument (Binding   *binding,
               guint      index,
               GVariant  *value,
               GError   **error)
{
  PlantRpcParameterInfo *parameter = binding->method->parameters->pdata[index];
  g_autoptr (GError) local_error = NULL;

  if (binding->values[index] != NULL)
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_ARGUMENTS,
                                 "argument “%s” is given twice", parameter->name);
  binding->values[index] = plant_rpc_signature_convert (value, parameter->type_string, FALSE,
                                                        &local_error);
  if (binding->values[index] != NULL)
    return TRUE;
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_ARGUMENTS, "argument “%s”: %s",
                               parameter->name, local_error->message);
}

static gboolean
bind_positional (Binding   *binding,
                 GVariant  *args,
                 GError   **error)
{
  gsize n_args = g_variant_n_children (args);
  guint n_parameters = binding->method->parameters->len;

  if (n_args > n_parameters)
    return plant_rpc_error_fail (
        error, PLANT_RPC_ERROR_INVALID_ARGUMENTS,
        "too many arguments for “%s”: at most %u are taken, %zu were given", binding->method->name,
        n_parameters, n_args);
  for (gsize i = 0; i < n_args; i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (args, i);
      g_autoptr (GVariant) value = g_variant_get_variant (child);

      if (!bind_argument (binding, i, value, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
bind_name (Binding     *binding,
           const char  *name,
           GVariant    *value,
           GError     **error)
{
  g_autofree char *quoted = NULL;

  for (guint i = 0; i < binding->method->parameters->len; i++)
    {
      PlantRpcParameterInfo *parameter = binding->method->parameters->pdata[i];

      if (g_str_equal (parameter->name, name))
        return bind_argument (binding, i, value, error);
    }
  quoted = plant_rpc_names_quote (name);
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_ARGUMENTS, "“%s” has no argument %s",
                               binding->method->name, quoted);
}

static gboolean
bind_named (Binding   *binding,
            GVariant  *kwargs,
            GError   **error)
{
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, kwargs);
  while (g_variant_iter_next (&iter, "{&sv}", &name, &value))
    {
      g_autoptr (GVariant) owned = value;

      if (!bind_name (binding, name, owned, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
bind_defaults (Binding  *binding,
               GError  **error)
{
  for (guint i = 0; i < binding->method->parameters->len; i++)
    {
      PlantRpcParameterInfo *parameter = binding->method->parameters->pdata[i];

      if (binding->values[i] != NULL)
        continue;
      if (parameter->default_value == NULL)
        return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_ARGUMENTS,
                                     "argument “%s” of “%s” is missing", parameter->name,
                                     binding->method->name);
      binding->values[i] = g_variant_ref (parameter->default_value);
    }
  return TRUE;
}

/* Returns whether the arguments in a serialised array (av) in normal form are boolean, numbers and
 * texts of exactly the types of the parameters, as most are. */
static gboolean
are_as_declared (PlantRpcMethodInfo *self,
                 GVariant           *args,
                 GVariant           *kwargs)
{
  PlantRpcSerialView view, arg;
  PlantRpcSerialIter iter;

  if (g_variant_n_children (kwargs) > 0 || g_variant_n_children (args) != self->parameters->len)
    return FALSE;
  view = plant_rpc_serial_view_of (args);
  plant_rpc_serial_iter_init (&iter, &view);
  for (guint i = 0; plant_rpc_serial_iter_next (&iter, &arg); i++)
    {
      PlantRpcParameterInfo *parameter = self->parameters->pdata[i];
      const char *type = parameter->type_string;

      /* A variant ends with a zero and the type of its child. */
      if ((plant_rpc_serial_get_size (*type) == 0 && *type != 's') || type[1] != '\0' ||
          arg.size < 2 || arg.data[arg.size - 1] != (guint8) *type || arg.data[arg.size - 2] != 0)
        return FALSE;
    }
  return TRUE;
}

GVariant *
plant_rpc_method_info_bind (PlantRpcMethodInfo  *self,
                            GVariant            *args,
                            GVariant            *kwargs,
                            GError             **error)
{
  g_auto (Binding) binding = { self, { NULL } };
  GVariantBuilder builder;

  if (self->parameters == NULL || are_as_declared (self, args, kwargs))
    return g_variant_ref_sink (args);
  if (!bind_positional (&binding, args, error) || !bind_named (&binding, kwargs, error) ||
      !bind_defaults (&binding, error))
    return NULL;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("av"));
  for (guint i = 0; i < self->parameters->len; i++)
    g_variant_builder_add (&builder, "v", binding.values[i]);
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static GVariant *
fit_nothing (PlantRpcMethodInfo  *self,
             GVariant            *nothing,
             GError             **error)
{
  if (g_str_equal (self->return_type, "()"))
    return g_variant_ref_sink (g_variant_new_tuple (NULL, 0));
  return plant_rpc_signature_convert (nothing, self->return_type, FALSE, error);
}

GVariant *
plant_rpc_method_info_fit (PlantRpcMethodInfo  *self,
                           GVariant            *value,
                           GError             **error)
{
  g_autoptr (GVariant) given = NULL;
  g_autoptr (GVariant) opened = NULL;

  given = g_variant_ref_sink (value != NULL ? value
                                            : g_variant_new_maybe (G_VARIANT_TYPE_VARIANT, NULL));
  if (g_str_equal (self->return_type, "v"))
    return g_steal_pointer (&given);
  opened = plant_rpc_value_open (given);
  if (plant_rpc_value_is_nothing (opened))
    return fit_nothing (self, opened, error);
  if (g_str_equal (self->return_type, "()") && !g_variant_is_of_type (opened, G_VARIANT_TYPE_UNIT))
    return plant_rpc_value_refuse (opened, _("nothing"), error);
  return plant_rpc_signature_convert (opened, self->return_type, FALSE, error);
}
