/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-emission-private.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-object-private.h"
#include "plant-rpc-serial-view-private.h"
#include "plant-rpc-text-private.h"
#include "plant-rpc-value-basic-private.h"

void
plant_rpc_emission_clear (PlantRpcEmission *self)
{
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->value, g_variant_unref);
}

GVariant *
plant_rpc_emission_dup_args (const PlantRpcEmission *self)
{
  return g_variant_ref_sink (self->plain != NULL ? plant_rpc_arguments_to_variant (self->plain)
                                                 : self->value);
}

static GVariant *
build_native (const PlantRpcEmission *self)
{
  g_autoptr (GVariant) args = NULL;

  if (self->type == PLANT_RPC_EMISSION_LOST)
    return g_variant_new ("(yt)", PLANT_RPC_KIND_LOST, self->n_lost);
  args = plant_rpc_emission_dup_args (self);
  return g_variant_new ("(ys@av)", PLANT_RPC_KIND_SIGNAL, self->name, args);
}

/* Returns whether a value of the type can hold a null. */
static gboolean
may_have_null (const GVariantType *type)
{
  const char *letters = g_variant_type_peek_string (type);

  for (gsize i = 0; i < g_variant_type_get_string_length (type); i++)
    {
      if (letters[i] == 'v' || letters[i] == 'm')
        return TRUE;
    }
  return FALSE;
}

/* A null in a dictionary does not count, since clients hardly ever declare what is in one. */
static gboolean
has_null (const PlantRpcSerialView *value)
{
  PlantRpcSerialView opened = plant_rpc_serial_view_open (value);
  PlantRpcSerialView child;
  PlantRpcSerialIter iter;

  if (g_variant_type_is_maybe (opened.type))
    return TRUE;
  if (!g_variant_type_is_container (opened.type) || !may_have_null (opened.type) ||
      g_variant_type_is_subtype_of (opened.type, G_VARIANT_TYPE_DICTIONARY))
    return FALSE;
  plant_rpc_serial_iter_init (&iter, &opened);
  while (plant_rpc_serial_iter_next (&iter, &child))
    {
      if (has_null (&child))
        return TRUE;
    }
  return FALSE;
}

/* A client of Plant Imager never receives another signal after a value that the type it declares
 * does not take. These types are not known here, and hardly any takes null. Plain arguments are no
 * null. The others are looked at one by one, since GLib would copy a large one to look at all of
 * them. */
static gboolean
check_taken (const PlantRpcEmission  *self,
             GVariant                *args,
             GError                 **error)
{
  const gboolean taken = self->typed || self->plain != NULL;

  for (gsize i = 0; !taken && i < g_variant_n_children (args); i++)
    {
      g_autoptr (GVariant) arg = g_variant_get_child_value (args, i);
      g_autoptr (GVariant) opened = plant_rpc_value_open (arg);
      g_autoptr (GVariant) normal = g_variant_get_normal_form (opened);
      PlantRpcSerialView view = plant_rpc_serial_view_of (normal);

      if (has_null (&view))
        return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_VALUE, "“%s” has a null",
                                     self->name);
    }
  return TRUE;
}

static GBytes *
pack_json (const PlantRpcEmission  *self,
           GError                 **error)
{
  g_autoptr (GVariant) args = plant_rpc_emission_dup_args (self);
  PlantRpcObjectWriter object;

  if (!check_taken (self, args, error))
    return NULL;
  plant_rpc_object_writer_begin (&object);
  plant_rpc_object_writer_add_string (&object, "event", "EMIT_SIGNAL");
  plant_rpc_object_writer_add_string (&object, "signal", self->name);
  plant_rpc_object_writer_add (&object, "args", args);
  plant_rpc_object_writer_add_boolean (&object, "blocking", FALSE);
  return plant_rpc_object_writer_end (&object, error);
}

GBytes *
plant_rpc_emission_pack (const PlantRpcEmission  *self,
                         PlantRpcFormat           format,
                         GError                 **error)
{
  GBytes *payload = NULL;

  if (format == PLANT_RPC_FORMAT_NATIVE && self->plain != NULL)
    payload = plant_rpc_arguments_pack (self->plain, PLANT_RPC_KIND_SIGNAL, self->name);
  if (payload != NULL)
    return payload;
  if (format == PLANT_RPC_FORMAT_NATIVE && self->type == PLANT_RPC_EMISSION_CHANGED)
    return plant_rpc_message_pack_named (PLANT_RPC_KIND_CHANGED, self->name, self->value, error);
  if (format == PLANT_RPC_FORMAT_NATIVE && self->type == PLANT_RPC_EMISSION_FAILED)
    return plant_rpc_message_pack_named (PLANT_RPC_KIND_FAILED, self->name, self->value, error);
  if (format == PLANT_RPC_FORMAT_NATIVE)
    return plant_rpc_message_pack_native (build_native (self), error);
  g_return_val_if_fail (self->type == PLANT_RPC_EMISSION_SIGNAL, NULL);
  return pack_json (self, error);
}

static gboolean
unpack_failure (PlantRpcEmission  *self,
                GBytes            *payload,
                GError           **error)
{
  if (!plant_rpc_message_unpack_named (payload, &self->name, &self->value, error))
    return FALSE;
  if (!g_variant_is_of_type (self->value, G_VARIANT_TYPE ("(sss)")))
    {
      plant_rpc_emission_clear (self);
      return plant_rpc_message_refuse ("(ys(sss))", error) != NULL;
    }
  self->type = PLANT_RPC_EMISSION_FAILED;
  return TRUE;
}

static gboolean
unpack_native (PlantRpcEmission  *self,
               GBytes            *payload,
               GError           **error)
{
  guint8 kind = plant_rpc_message_get_kind (payload);
  const char *type = kind == PLANT_RPC_KIND_SIGNAL ? "(ysav)" : "(yt)";
  g_autoptr (GVariant) message = NULL;

  if (kind == PLANT_RPC_KIND_FAILED)
    return unpack_failure (self, payload, error);
  if (kind < PLANT_RPC_KIND_SIGNAL || kind > PLANT_RPC_KIND_LOST)
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_PROTOCOL,
                                 "There is no emission of kind %#x", kind);
  if (kind == PLANT_RPC_KIND_CHANGED)
    {
      if (!plant_rpc_message_unpack_named (payload, &self->name, &self->value, error))
        return FALSE;
      self->type = PLANT_RPC_EMISSION_CHANGED;
      return TRUE;
    }
  message = plant_rpc_message_unpack_native (payload, type, error);
  if (message == NULL)
    return FALSE;
  if (kind == PLANT_RPC_KIND_SIGNAL)
    g_variant_get (message, "(ys@av)", NULL, &self->name, &self->value);
  else
    g_variant_get (message, "(yt)", NULL, &self->n_lost);
  self->type = (PlantRpcEmissionType) (kind - PLANT_RPC_KIND_SIGNAL);
  return TRUE;
}

static gboolean
check_event (const PlantRpcObject  *object,
             GError               **error)
{
  g_autofree char *event = plant_rpc_object_dup_string (object, "event", error);
  g_autofree char *shown = NULL;

  if (event == NULL)
    return FALSE;
  if (g_str_equal (event, "EMIT_SIGNAL"))
    return TRUE;
  shown = plant_rpc_text_show (event);
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_PROTOCOL, "“%s” is not an emission", shown);
}

static gboolean
unpack_json (PlantRpcEmission  *self,
             GBytes            *payload,
             GError           **error)
{
  g_autofree char *name = NULL;
  PlantRpcObject object;

  if (!plant_rpc_object_unpack (payload, &object, error) || !check_event (&object, error))
    return FALSE;
  name = plant_rpc_object_dup_string (&object, "signal", error);
  if (name == NULL)
    return FALSE;
  self->value = plant_rpc_object_get (&object, "args", "av", error);
  if (self->value == NULL)
    return FALSE;
  self->type = PLANT_RPC_EMISSION_SIGNAL;
  self->name = g_steal_pointer (&name);
  return TRUE;
}

gboolean
plant_rpc_emission_unpack (PlantRpcEmission  *self,
                           GBytes            *payload,
                           GError           **error)
{
  if (plant_rpc_message_get_format (payload) == PLANT_RPC_FORMAT_NATIVE)
    return unpack_native (self, payload, error);
  return unpack_json (self, payload, error);
}

gboolean
plant_rpc_emission_unpack_plain (PlantRpcEmission  *self,
                                 PlantRpcArguments *plain,
                                 GBytes            *payload)
{
  const char *name;

  if (plant_rpc_message_get_kind (payload) != PLANT_RPC_KIND_SIGNAL ||
      !plant_rpc_arguments_unpack (plain, payload, &name))
    return FALSE;
  self->type = PLANT_RPC_EMISSION_SIGNAL;
  self->name = g_strdup (name);
  self->plain = plain;
  return TRUE;
}

GBytes *
plant_rpc_emission_pack_acknowledgement (gboolean success)
{
  static const char *const texts[] = { "{\"success\": false}", "{\"success\": true}" };

  return g_bytes_new_static (texts[success ? 1 : 0], success ? 17 : 18);
}
