/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "plant-rpc-error-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-object-private.h"
#include "plant-rpc-reply-private.h"
#include "plant-rpc-role-private.h"
#include "plant-rpc-serial-private.h"
#include "plant-rpc-serial-view-private.h"
#include "plant-rpc-text-private.h"

void
plant_rpc_reply_clear (PlantRpcReply *self)
{
  g_clear_error (&self->error);
  g_clear_pointer (&self->value, g_variant_unref);
  g_clear_pointer (&self->buffer, g_bytes_unref);
}

gint64
plant_rpc_reply_get_asked (const PlantRpcReply *self)
{
  return self != NULL ? self->asked : G_MAXINT64;
}

/* The texts of an error as they travel. A device may give its errors any texts, and they must
 * always arrive. */
typedef struct {
  char *name;      /* (owned) */
  char *message;   /* (owned) */
  char *traceback; /* (owned) */
} ErrorTexts;

static void
error_texts_clear (ErrorTexts *self)
{
  g_free (self->name);
  g_free (self->message);
  g_free (self->traceback);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ErrorTexts, error_texts_clear)

static ErrorTexts
make_texts (const GError *error)
{
  const char *traceback = plant_rpc_error_get_traceback (error);
  g_autofree char *name = plant_rpc_error_dup_wire_name (error);

  return (ErrorTexts) {
    plant_rpc_text_shorten (name, PLANT_RPC_MAX_SHOWN_TEXT),
    plant_rpc_text_shorten (error->message, PLANT_RPC_MAX_ERROR_TEXT),
    plant_rpc_text_shorten (traceback != NULL ? traceback : "", PLANT_RPC_MAX_ERROR_TEXT),
  };
}

GVariant *
plant_rpc_reply_build_failure (const GError *error)
{
  g_auto (ErrorTexts) texts = make_texts (error);

  return g_variant_new ("(sss)", texts.name, texts.message, texts.traceback);
}

static GVariant *
build_native_error (const GError *error)
{
  g_auto (ErrorTexts) texts = make_texts (error);

  return g_variant_new ("(ysss)", PLANT_RPC_KIND_ERROR, texts.name, texts.message, texts.traceback);
}

static GBytes *
pack_native (const PlantRpcReply  *self,
             PlantRpcEvent         event,
             GError              **error)
{
  const guint8 done = PLANT_RPC_KIND_DONE;

  if (self->error != NULL)
    return plant_rpc_message_pack_native (build_native_error (self->error), error);
  if (self->buffer != NULL)
    return plant_rpc_message_pack_pair (PLANT_RPC_KIND_BUFFER, self->value, FALSE, error);
  if (event == PLANT_RPC_EVENT_GET_ALL || event == PLANT_RPC_EVENT_SUBSCRIBE ||
      event == PLANT_RPC_EVENT_SUBSCRIBE_BUNDLED)
    return plant_rpc_message_pack_pair (PLANT_RPC_KIND_VALUES, self->value, FALSE, error);
  if (self->value != NULL)
    return plant_rpc_message_pack_pair (PLANT_RPC_KIND_VALUE, self->value, TRUE, error);
  return g_bytes_new (&done, sizeof done);
}

static void
write_json_error (PlantRpcObjectWriter *object,
                  const GError         *refusal)
{
  g_auto (ErrorTexts) texts = make_texts (refusal);

  plant_rpc_object_writer_add_boolean (object, "success", FALSE);
  plant_rpc_object_writer_add_string (object, "error", texts.message);
  plant_rpc_object_writer_add_string (object, "traceback", texts.traceback);
  plant_rpc_object_writer_add_string (object, "name", texts.name);
}

static GBytes *
pack_json_error (const GError  *refusal,
                 GError       **error)
{
  PlantRpcObjectWriter object;

  plant_rpc_object_writer_begin (&object);
  write_json_error (&object, refusal);
  return plant_rpc_object_writer_end (&object, error);
}

static void
add_members (PlantRpcObjectWriter *object,
             GVariant             *members)
{
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, members);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    plant_rpc_object_writer_add (object, name, value);
}

static GBytes *
pack_json_success (const PlantRpcReply  *self,
                   PlantRpcEvent         event,
                   GError              **error)
{
  GVariant *value = self->value != NULL ? self->value
                                        : g_variant_new_maybe (G_VARIANT_TYPE_VARIANT, NULL);
  g_autoptr (GVariant) sunk = g_variant_ref_sink (value);
  const char *result = plant_rpc_event_forms[event].json_result;
  PlantRpcObjectWriter object;

  plant_rpc_object_writer_begin (&object);
  plant_rpc_object_writer_add_boolean (&object, "success", TRUE);
  if (result != NULL && *result != '\0')
    plant_rpc_object_writer_add (&object, result, sunk);
  else if (g_variant_is_of_type (sunk, G_VARIANT_TYPE_VARDICT))
    add_members (&object, sunk);
  return plant_rpc_object_writer_end (&object, error);
}

/* Plant Imager's clients take a member “error” for a failure. */
static gboolean
check_info (GVariant  *info,
            GError   **error)
{
  g_autoptr (GVariant) member = g_variant_lookup_value (info, "error", NULL);

  if (member == NULL)
    return TRUE;
  /* Not INVALID_VALUE: the method has run. */
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_REMOTE,
                               "The information about a buffer must not have a member “error”");
}

GBytes *
plant_rpc_reply_pack (const PlantRpcReply  *self,
                      PlantRpcFormat        format,
                      PlantRpcEvent         event,
                      GError              **error)
{
  if (self->buffer != NULL && self->error == NULL && !check_info (self->value, error))
    return NULL;
  if (format == PLANT_RPC_FORMAT_NATIVE)
    return pack_native (self, event, error);
  if (self->error != NULL)
    return pack_json_error (self->error, error);
  if (self->buffer != NULL)
    return plant_rpc_object_pack (self->value, error);
  return pack_json_success (self, event, error);
}

static void
take_error (PlantRpcReply *self,
            const char    *name,
            const char    *message,
            const char    *traceback)
{
  if (*message == '\0')
    message = _("The device gave no reason");
  self->error = plant_rpc_error_new_remote (name, message, traceback);
}

static gboolean
unpack_native_error (PlantRpcReply  *self,
                     GBytes         *payload,
                     GError        **error)
{
  g_autoptr (GVariant) message = plant_rpc_message_unpack_native (payload, "(ysss)", error);
  const char *name, *text, *traceback;

  if (message == NULL)
    return FALSE;
  g_variant_get (message, "(y&s&s&s)", NULL, &name, &text, &traceback);
  take_error (self, name, text, traceback);
  return TRUE;
}

static gboolean
unpack_native (PlantRpcReply  *self,
               PlantRpcEvent   event,
               GBytes         *payload,
               GBytes         *buffer,
               GError        **error)
{
  const PlantRpcEventForm *form = &plant_rpc_event_forms[event];
  guint8 kind = plant_rpc_message_get_kind (payload);
  g_autoptr (GVariant) message = NULL;

  if (kind == PLANT_RPC_KIND_ERROR)
    return unpack_native_error (self, payload, error);
  if (memchr (form->replies, kind, sizeof form->replies) == NULL || kind == 0 ||
      (kind == PLANT_RPC_KIND_BUFFER && buffer == NULL))
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_PROTOCOL,
                                 _("The reply of kind %#x does not fit the request"), kind);
  if (kind == PLANT_RPC_KIND_DONE)
    {
      message = plant_rpc_message_unpack_native (payload, "(y)", error);
      return message != NULL;
    }
  self->value = plant_rpc_message_unpack_pair (payload, kind == PLANT_RPC_KIND_VALUE, error);
  if (self->value == NULL)
    return FALSE;
  if (kind == PLANT_RPC_KIND_BUFFER)
    self->buffer = g_bytes_ref (buffer);
  return TRUE;
}

static void
take_json_error (PlantRpcReply        *self,
                 const PlantRpcObject *object)
{
  g_autofree char *message = plant_rpc_object_dup_string (object, "error", NULL);
  g_autofree char *traceback = plant_rpc_object_dup_string (object, "traceback", NULL);
  g_autofree char *name = plant_rpc_object_dup_string (object, "name", NULL);

  take_error (self, name, message != NULL ? message : "", traceback);
}

static gboolean
take_json_buffer (PlantRpcReply         *self,
                  const PlantRpcObject  *object,
                  GBytes                *buffer,
                  GError               **error)
{
  if (plant_rpc_object_has (object, "error"))
    {
      take_json_error (self, object);
      return TRUE;
    }
  if (buffer == NULL)
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_PROTOCOL,
                                 _("The reply of a buffer method has no buffer"));
  self->value = plant_rpc_object_read (object);
  self->buffer = g_bytes_ref (buffer);
  return TRUE;
}

static gboolean
take_json_success (PlantRpcReply         *self,
                   PlantRpcEvent          event,
                   const PlantRpcObject  *object,
                   GError               **error)
{
  const PlantRpcEventForm *form = &plant_rpc_event_forms[event];

  if (form->json_name == NULL)
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_PROTOCOL,
                                 _("The reply to a typed request is not typed"));
  if (form->json_result == NULL)
    return TRUE;
  self->value = *form->json_result != '\0'
                    ? plant_rpc_object_get (object, form->json_result, "", error)
                    : plant_rpc_object_read (object);
  return self->value != NULL;
}

static gboolean
unpack_json (PlantRpcReply  *self,
             PlantRpcEvent   event,
             gboolean        wants_buffer,
             GBytes         *payload,
             GBytes         *buffer,
             GError        **error)
{
  g_autoptr (GVariant) success = NULL;
  PlantRpcObject object;

  if (!plant_rpc_object_unpack (payload, &object, error))
    return FALSE;
  if (wants_buffer)
    return take_json_buffer (self, &object, buffer, error);
  success = plant_rpc_object_get (&object, "success", "", error);
  if (success == NULL)
    return FALSE;
  if (plant_rpc_message_is_true (success))
    return take_json_success (self, event, &object, error);
  take_json_error (self, &object);
  return TRUE;
}

gboolean
plant_rpc_reply_unpack (PlantRpcReply  *self,
                        PlantRpcEvent   event,
                        gboolean        wants_buffer,
                        GBytes         *payload,
                        GBytes         *buffer,
                        GError        **error)
{
  if (plant_rpc_message_get_format (payload) == PLANT_RPC_FORMAT_NATIVE)
    return unpack_native (self, event, payload, buffer, error);
  return unpack_json (self, event, wants_buffer, payload, buffer, error);
}

void
plant_rpc_inventory_forget_members (PlantRpcInventory *self)
{
  g_clear_pointer (&self->signals, g_variant_unref);
  g_clear_pointer (&self->properties, g_variant_unref);
  g_clear_pointer (&self->interface, g_variant_unref);
}

void
plant_rpc_inventory_clear (PlantRpcInventory *self)
{
  g_clear_pointer (&self->json_methods, g_variant_unref);
  g_clear_pointer (&self->buffer_methods, g_variant_unref);
  plant_rpc_inventory_forget_members (self);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->instance, g_free);
  g_clear_pointer (&self->relays, g_strfreev);
}

static GVariant *
build_extension (const PlantRpcInventory *self)
{
  GVariantBuilder object;

  g_variant_builder_init (&object, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&object, "{sv}", "version", g_variant_new_int64 (self->native_version));
  g_variant_builder_add (&object, "{sv}", "instance", g_variant_new_string (self->instance));
  g_variant_builder_add (&object, "{sv}", "lane", g_variant_new_boolean (TRUE));
  if (self->role != PLANT_RPC_ROLE_ADMINISTRATOR)
    g_variant_builder_add (&object, "{sv}", "role",
                           g_variant_new_string (plant_rpc_role_get_nick (self->role)));
  if (self->relays != NULL)
    g_variant_builder_add (&object, "{sv}", "relays",
                           g_variant_new_strv ((const char *const *) self->relays, -1));
  g_variant_builder_add (&object, "{sv}", "interface", self->interface);
  return g_variant_builder_end (&object);
}

GBytes *
plant_rpc_inventory_pack (const PlantRpcInventory  *self,
                          GError                  **error)
{
  GVariantBuilder object;

  g_variant_builder_init (&object, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&object, "{sv}", "json_methods", self->json_methods);
  g_variant_builder_add (&object, "{sv}", "buffer_methods", self->buffer_methods);
  g_variant_builder_add (&object, "{sv}", "signals", self->signals);
  g_variant_builder_add (&object, "{sv}", "properties", self->properties);
  g_variant_builder_add (&object, "{sv}", "name", g_variant_new_string (self->name));
  if (self->native_version > 0)
    g_variant_builder_add (&object, "{sv}", "plantrpc", build_extension (self));
  return plant_rpc_object_pack (g_variant_builder_end (&object), error);
}

GBytes *
plant_rpc_inventory_pack_absent (const GError       *reason,
                                 const char *const  *relays,
                                 GError            **error)
{
  PlantRpcObjectWriter object;

  plant_rpc_object_writer_begin (&object);
  write_json_error (&object, reason);
  plant_rpc_object_writer_open (&object, "plantrpc");
  plant_rpc_object_writer_add (&object, "relays", g_variant_new_strv (relays, -1));
  plant_rpc_object_writer_close (&object);
  return plant_rpc_object_writer_end (&object, error);
}

/* Returns the strings of an array of anything. Elements that are no strings are skipped. */
static GVariant *
take_names (const PlantRpcObject  *object,
            const char            *member,
            GError               **error)
{
  g_autoptr (GVariant) array = plant_rpc_object_get (object, member, "av", error);
  PlantRpcSerial names = PLANT_RPC_SERIAL_INIT;
  PlantRpcSerialMark mark = plant_rpc_serial_begin (&names);
  PlantRpcSerialView view, name;
  PlantRpcSerialIter iter;

  if (array == NULL)
    return NULL;
  view = plant_rpc_serial_view_of (array);
  plant_rpc_serial_iter_init (&iter, &view);
  while (plant_rpc_serial_iter_next (&iter, &name))
    {
      name = plant_rpc_serial_view_open (&name);
      if (!plant_rpc_serial_view_is (&name, G_VARIANT_TYPE_STRING))
        continue;
      plant_rpc_serial_append (&names, name.data, name.size);
      plant_rpc_serial_end_child (&names);
    }
  plant_rpc_serial_end_array (&names, mark);
  return plant_rpc_serial_finish (&names, G_VARIANT_TYPE_STRING_ARRAY);
}

/* An id is passed on, so it must be text also where it is cut. */
static char *
take_id (const char *given)
{
  char *id = g_strndup (given, PLANT_RPC_MAX_RELAY_ID);

  for (char *c = id; *c != '\0'; c++)
    {
      if (!g_ascii_isgraph (*c))
        *c = '?';
    }
  return id;
}

/* One more than the most is kept, which tells that there are too many. */
static void
take_relays (PlantRpcInventory    *self,
             const PlantRpcObject *extension)
{
  g_autoptr (GVariant) names = take_names (extension, "relays", NULL);
  g_autofree const char **strv = NULL;
  g_autoptr (GStrvBuilder) relays = NULL;

  if (names == NULL || g_variant_n_children (names) == 0)
    return;
  strv = g_variant_get_strv (names, NULL);
  relays = g_strv_builder_new ();
  for (guint i = 0; strv[i] != NULL && i <= PLANT_RPC_MAX_RELAYS; i++)
    {
      g_autofree char *id = take_id (strv[i]);

      g_strv_builder_add (relays, id);
    }
  self->relays = g_strv_builder_end (relays);
}

static void
take_extension (PlantRpcInventory    *self,
                const PlantRpcObject *object)
{
  g_autoptr (GVariant) version = NULL;
  g_autoptr (GVariant) lane = NULL;
  g_autofree char *role = NULL;
  PlantRpcObject extension;

  self->role = PLANT_RPC_ROLE_ADMINISTRATOR;
  if (!plant_rpc_object_open (object, "plantrpc", &extension, NULL))
    return;
  take_relays (self, &extension);
  version = plant_rpc_object_get (&extension, "version", "x", NULL);
  if (version == NULL || g_variant_get_int64 (version) < 1)
    return;
  self->interface = plant_rpc_object_get (&extension, "interface", "a{sv}", NULL);
  self->instance = plant_rpc_object_dup_string (&extension, "instance", NULL);
  role = plant_rpc_object_dup_string (&extension, "role", NULL);
  if (role != NULL && !plant_rpc_role_parse (role, &self->role))
    self->role = PLANT_RPC_ROLE_VIEWER;
  lane = plant_rpc_object_get (&extension, "lane", "b", NULL);
  self->has_lanes = lane != NULL && g_variant_get_boolean (lane);
  if (self->interface != NULL && self->instance != NULL)
    self->native_version = MIN (g_variant_get_int64 (version), PLANT_RPC_NATIVE_VERSION);
}

static gboolean
unpack_inventory (PlantRpcInventory     *self,
                  const PlantRpcObject  *object,
                  GError               **error)
{
  self->json_methods = plant_rpc_object_get (object, "json_methods", "a{sv}", error);
  if (self->json_methods == NULL)
    return FALSE;
  self->buffer_methods = plant_rpc_object_get (object, "buffer_methods", "a{sv}", error);
  if (self->buffer_methods == NULL)
    return FALSE;
  self->signals = take_names (object, "signals", error);
  if (self->signals == NULL)
    return FALSE;
  self->properties = take_names (object, "properties", error);
  if (self->properties == NULL)
    return FALSE;
  self->name = plant_rpc_object_dup_string (object, "name", NULL);
  if (self->name == NULL)
    self->name = g_strdup ("");
  take_extension (self, object);
  return TRUE;
}

/* Returns TRUE, with the error of a relay, if it has nothing to offer. */
static gboolean
unpack_absent (PlantRpcInventory     *self,
               const PlantRpcObject  *object,
               GError               **error)
{
  g_auto (PlantRpcReply) reply = { 0 };
  PlantRpcObject extension;

  if (!plant_rpc_object_has (object, "error") ||
      !plant_rpc_object_open (object, "plantrpc", &extension, NULL))
    return FALSE;
  take_relays (self, &extension);
  if (self->relays == NULL)
    return FALSE;
  take_json_error (&reply, object);
  g_propagate_error (error, g_steal_pointer (&reply.error));
  return TRUE;
}

gboolean
plant_rpc_inventory_unpack (PlantRpcInventory  *self,
                            GBytes             *payload,
                            GError            **error)
{
  PlantRpcObject object;

  if (!plant_rpc_object_unpack (payload, &object, error) || unpack_absent (self, &object, error))
    return FALSE;
  if (unpack_inventory (self, &object, error))
    return TRUE;
  plant_rpc_inventory_clear (self);
  return FALSE;
}
