/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "plant-rpc-error-private.h"
#include "plant-rpc-json-check-private.h"
#include "plant-rpc-json-number-private.h"
#include "plant-rpc-json-private.h"
#include "plant-rpc-json-reader-private.h"
#include "plant-rpc-object-private.h"

GBytes *
plant_rpc_object_pack (GVariant  *object,
                       GError   **error)
{
  g_autoptr (GVariant) value = g_variant_ref_sink (object);
  GString *out = g_string_sized_new (128);

  if (!plant_rpc_json_write_message (value, out, error))
    {
      g_string_free (out, TRUE);
      return NULL;
    }
  return g_string_free_to_bytes (out);
}

/* ---- writing member by member */

void
plant_rpc_object_writer_begin (PlantRpcObjectWriter *self)
{
  *self = (PlantRpcObjectWriter) { .out = g_string_sized_new (128), .depth = 1 };
  g_string_append_c (self->out, '{');
}

static void
add_name (PlantRpcObjectWriter *self,
          const char           *name)
{
  if (self->out->str[self->out->len - 1] != '{')
    g_string_append_c (self->out, ',');
  plant_rpc_json_append_string (self->out, name);
  g_string_append_c (self->out, ':');
}

void
plant_rpc_object_writer_add (PlantRpcObjectWriter *self,
                             const char           *name,
                             GVariant             *value)
{
  g_autoptr (GVariant) sunk = g_variant_ref_sink (value);

  add_name (self, name);
  if (self->error == NULL)
    plant_rpc_json_write_member (sunk, self->depth, self->out, &self->error);
}

void
plant_rpc_object_writer_add_string (PlantRpcObjectWriter *self,
                                    const char           *name,
                                    const char           *text)
{
  add_name (self, name);
  plant_rpc_json_append_string (self->out, text);
}

void
plant_rpc_object_writer_add_boolean (PlantRpcObjectWriter *self,
                                     const char           *name,
                                     gboolean              value)
{
  add_name (self, name);
  g_string_append (self->out, value ? "true" : "false");
}

void
plant_rpc_object_writer_add_number (PlantRpcObjectWriter *self,
                                    const char           *name,
                                    guint                 number)
{
  add_name (self, name);
  plant_rpc_json_append_unsigned (self->out, number);
}

void
plant_rpc_object_writer_open (PlantRpcObjectWriter *self,
                              const char           *name)
{
  add_name (self, name);
  g_string_append_c (self->out, '{');
  self->depth++;
}

void
plant_rpc_object_writer_close (PlantRpcObjectWriter *self)
{
  g_string_append_c (self->out, '}');
  self->depth--;
}

GBytes *
plant_rpc_object_writer_end (PlantRpcObjectWriter  *self,
                             GError               **error)
{
  GString *out = g_steal_pointer (&self->out);

  if (self->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self->error));
      g_string_free (out, TRUE);
      return NULL;
    }
  g_string_append_c (out, '}');
  return g_string_free_to_bytes (out);
}

/* ---- reading */

static gboolean
open_at (PlantRpcObject *self,
         const char     *text)
{
  if (*text != '{')
    return FALSE;
  plant_rpc_json_find_members (text, &self->members);
  return TRUE;
}

static const char *
find (const PlantRpcObject *self,
      const char           *name)
{
  return plant_rpc_json_find_member (&self->members, name);
}

gboolean
plant_rpc_object_unpack (GBytes          *payload,
                         PlantRpcObject  *object,
                         GError         **error)
{
  gsize size;
  const char *data = g_bytes_get_data (payload, &size);

  if (!plant_rpc_json_check (data != NULL ? data : "", size, error))
    return FALSE;
  if (open_at (object, plant_rpc_json_skip_space (data)))
    return TRUE;
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_PROTOCOL,
                               _("The message is not a JSON object"));
}

GVariant *
plant_rpc_object_read (const PlantRpcObject *self)
{
  return plant_rpc_json_read (self->members.text);
}

/* The first character of a JSON value tells a string, an array and an object apart. */
static gboolean
may_be (const char *text,
        const char *type_string)
{
  if (g_str_equal (type_string, "s"))
    return *text == '"';
  if (g_str_equal (type_string, "av"))
    return *text == '[';
  return g_str_equal (type_string, "a{sv}") ? *text == '{' : TRUE;
}

static GVariant *
read_as (const char *text,
         const char *type_string)
{
  g_autoptr (GVariant) value = NULL;

  if (!may_be (text, type_string))
    return NULL;
  value = plant_rpc_json_read (text);
  if (*type_string != '\0' && !g_variant_is_of_type (value, G_VARIANT_TYPE (type_string)))
    return NULL;
  return g_steal_pointer (&value);
}

/* The member is missing if LACKING is TRUE, and has the wrong type otherwise. */
static void
refuse (const char  *name,
        gboolean     lacking,
        GError     **error)
{
  g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL,
               lacking ? _("The message lacks the member “%s”")
                       : _("The member “%s” of the message has the wrong type"), name);
}

gboolean
plant_rpc_object_has (const PlantRpcObject *self,
                      const char           *name)
{
  return find (self, name) != NULL;
}

GVariant *
plant_rpc_object_get (const PlantRpcObject  *self,
                      const char            *name,
                      const char            *type_string,
                      GError               **error)
{
  const char *text = find (self, name);
  GVariant *value = text != NULL ? read_as (text, type_string) : NULL;

  if (value == NULL)
    refuse (name, text == NULL, error);
  return value;
}

char *
plant_rpc_object_dup_string (const PlantRpcObject  *self,
                             const char            *name,
                             GError               **error)
{
  g_autoptr (GVariant) value = plant_rpc_object_get (self, name, "s", error);

  return value != NULL ? g_variant_dup_string (value, NULL) : NULL;
}

gboolean
plant_rpc_object_open (const PlantRpcObject  *self,
                       const char            *name,
                       PlantRpcObject        *member,
                       GError               **error)
{
  const char *text = find (self, name);

  if (text != NULL && open_at (member, text))
    return TRUE;
  refuse (name, text == NULL, error);
  return FALSE;
}

GVariant *
plant_rpc_object_get_member (GVariant    *object,
                             const char  *name,
                             const char  *type_string,
                             GError     **error)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (object, name, NULL);

  if (value != NULL &&
      (*type_string == '\0' || g_variant_is_of_type (value, G_VARIANT_TYPE (type_string))))
    return g_steal_pointer (&value);
  refuse (name, value == NULL, error);
  return NULL;
}
