/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "plant-rpc-error-private.h"
#include "plant-rpc-object-private.h"
#include "plant-rpc-request-private.h"
#include "plant-rpc-text-private.h"

#define CALL_TYPE "(ysava{sv})"
#define JOIN_TYPE "(yss)"
#define CALL_ROOM 64 /* bytes that a call has at most around its members, and while it is written */

#define EVENT(name) [PLANT_RPC_EVENT_##name]
#define KIND(name)  PLANT_RPC_KIND_##name

const PlantRpcEventForm plant_rpc_event_forms[PLANT_RPC_N_EVENTS] = {
  EVENT (GET_INVENTORY) = { .json_name = "GET_INVENTORY" },
  EVENT (FIND_PEER_ADDRESS) = { .json_name = "FIND_PEER_ADDRESS" },
  EVENT (INIT_SIGNALS_HANDLING) = { .json_name = "INIT_SIGNALS_HANDLING", .json_result = "" },
  EVENT (METHOD_CALL) = { "METHOD_CALL", "method", "result", KIND (METHOD_CALL), CALL_TYPE,
                          { KIND (VALUE), KIND (DONE), KIND (BUFFER) } },
  EVENT (PROPERTY_GET) = { "PROPERTY_GET", "property", "value", KIND (PROPERTY_GET), "(ys)",
                           { KIND (VALUE) } },
  EVENT (PROPERTY_SET) = { "PROPERTY_SET", "property", NULL, KIND (PROPERTY_SET), "(ysv)",
                           { KIND (VALUE), KIND (DONE) } },
  EVENT (STOP_SERVER) = { "STOP_SERVER", NULL, NULL, KIND (STOP_SERVER), "(y)",
                          { KIND (VALUE), KIND (DONE) } },
  EVENT (GET_ALL) = { NULL, NULL, NULL, KIND (GET_ALL), "(y)", { KIND (VALUES) } },
  EVENT (SUBSCRIBE) = { NULL, NULL, NULL, KIND (SUBSCRIBE), "(yt)", { KIND (VALUES) } },
  EVENT (SUBSCRIBE_BUNDLED) = { NULL, NULL, NULL, KIND (SUBSCRIBE_BUNDLED), "(yt)",
                                { KIND (VALUES) } },
  EVENT (JOIN) = { NULL, NULL, NULL, KIND (JOIN), JOIN_TYPE, { KIND (VALUE) } },
  EVENT (CREDIT) = { NULL, NULL, NULL, KIND (CREDIT), "(yt)", { 0 } },
  EVENT (CANCEL) = { NULL, NULL, NULL, KIND (CANCEL), "(yt)", { 0 } },
};

void
plant_rpc_request_clear (PlantRpcRequest *self)
{
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->args, g_variant_unref);
  g_clear_pointer (&self->kwargs, g_variant_unref);
  g_clear_pointer (&self->value, g_variant_unref);
  g_clear_pointer (&self->address, g_free);
  g_clear_pointer (&self->key, g_free);
}

static GVariant *
or_empty (GVariant   *given,
          const char *element_type)
{
  return given != NULL ? given : g_variant_new_array (G_VARIANT_TYPE (element_type), NULL, 0);
}

/* The type tells which members the event has. */
static GVariant *
build_native (const PlantRpcRequest   *self,
              const PlantRpcEventForm *form)
{
  if (g_str_equal (form->native_type, "(yt)"))
    return g_variant_new ("(yt)", form->kind, self->number);
  if (g_str_equal (form->native_type, JOIN_TYPE))
    return g_variant_new (JOIN_TYPE, form->kind, self->key, self->name);
  return g_variant_new ("(y)", form->kind);
}

static void
append_or_empty (PlantRpcSerial *serial,
                 GVariant       *given)
{
  if (given != NULL)
    plant_rpc_serial_append_value (serial, given);
  else
    plant_rpc_serial_align (serial, 8);
}

static gsize
measure (GVariant *given)
{
  return given != NULL ? g_variant_get_size (given) : 0;
}

static gboolean
check_size (gsize    size,
            GError **error)
{
  if (size <= PLANT_RPC_MAX_REQUEST_SIZE)
    return TRUE;
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_LIMIT,
                               _("The request has %zu bytes, more than %zu"), size,
                               PLANT_RPC_MAX_REQUEST_SIZE);
}

static GBytes *
pack_call (const PlantRpcRequest  *self,
           GError                **error)
{
  const guint8 kind = PLANT_RPC_KIND_METHOD_CALL;
  const gsize name_size = strlen (self->name) + 1;
  const gsize size = name_size + measure (self->args) + measure (self->kwargs);
  g_auto (PlantRpcSerial) serial = PLANT_RPC_SERIAL_INIT;
  PlantRpcSerialMark mark = plant_rpc_serial_begin (&serial);

  g_return_val_if_fail (g_utf8_validate (self->name, -1, NULL), NULL);

  if (!check_size (size, error))
    return NULL;
  plant_rpc_serial_reserve (&serial, CALL_ROOM + size);
  plant_rpc_serial_append (&serial, &kind, 1);
  plant_rpc_serial_append (&serial, self->name, name_size);
  plant_rpc_serial_end_child (&serial);
  append_or_empty (&serial, self->args);
  plant_rpc_serial_end_child (&serial);
  append_or_empty (&serial, self->kwargs);
  plant_rpc_serial_end_tuple (&serial, mark);
  return plant_rpc_message_pack_serial (&serial, CALL_TYPE, error);
}

static GBytes *
pack_native (const PlantRpcRequest  *self,
             GError                **error)
{
  switch ((int) self->event)
    {
    case PLANT_RPC_EVENT_PROPERTY_GET:
      return plant_rpc_message_pack_name (PLANT_RPC_KIND_PROPERTY_GET, self->name);
    case PLANT_RPC_EVENT_PROPERTY_SET:
      return plant_rpc_message_pack_named (PLANT_RPC_KIND_PROPERTY_SET, self->name, self->value,
                                           error);
    case PLANT_RPC_EVENT_METHOD_CALL:
      return pack_call (self, error);
    default:
      return plant_rpc_message_pack_native (
          build_native (self, &plant_rpc_event_forms[self->event]), error);
    }
}

static void
add_params (PlantRpcObjectWriter  *object,
            const PlantRpcRequest *self)
{
  plant_rpc_object_writer_open (object, "params");
  plant_rpc_object_writer_add (object, "args", or_empty (self->args, "v"));
  plant_rpc_object_writer_add (object, "kwargs", or_empty (self->kwargs, "{sv}"));
  plant_rpc_object_writer_close (object);
}

static GBytes *
pack_json (const PlantRpcRequest    *self,
           const PlantRpcEventForm  *form,
           GError                  **error)
{
  PlantRpcObjectWriter object;

  plant_rpc_object_writer_begin (&object);
  plant_rpc_object_writer_add_string (&object, "event", form->json_name);
  if (form->json_target != NULL)
    plant_rpc_object_writer_add_string (&object, form->json_target, self->name);
  if (self->event == PLANT_RPC_EVENT_METHOD_CALL)
    add_params (&object, self);
  if (self->value != NULL)
    plant_rpc_object_writer_add (&object, "value", self->value);
  if (self->address != NULL)
    {
      plant_rpc_object_writer_add_string (&object, "address", self->address);
      plant_rpc_object_writer_add_number (&object, "port", self->port);
    }
  if (self->native_version > 0)
    plant_rpc_object_writer_add_number (&object, "plantrpc", self->native_version);
  return plant_rpc_object_writer_end (&object, error);
}

GBytes *
plant_rpc_request_pack (const PlantRpcRequest  *self,
                        GError                **error)
{
  const PlantRpcEventForm *form = &plant_rpc_event_forms[self->event];
  g_autoptr (GBytes) payload = NULL;

  g_return_val_if_fail (self->event != PLANT_RPC_EVENT_FIND_PEER_ADDRESS, NULL);

  if (self->format == PLANT_RPC_FORMAT_NATIVE && form->native_type != NULL)
    payload = pack_native (self, error);
  else if (form->json_name != NULL)
    payload = pack_json (self, form, error);
  else
    g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL,
                 _("This peer does not know the request"));

  if (payload == NULL || !check_size (g_bytes_get_size (payload), error))
    return NULL;
  return g_steal_pointer (&payload);
}

static gboolean
unpack_call (PlantRpcRequest  *self,
             GBytes           *payload,
             GError          **error)
{
  PlantRpcSerialView members[4];
  const char *name;

  if (!plant_rpc_message_split (payload, CALL_TYPE, members, error))
    return FALSE;
  name = plant_rpc_serial_view_peek_string (&members[1]);
  if (name == NULL)
    return plant_rpc_message_refuse (CALL_TYPE, error) != NULL;
  self->args = plant_rpc_message_take_member (payload, &members[2], CALL_TYPE, error);
  if (self->args != NULL)
    self->kwargs = plant_rpc_message_take_member (payload, &members[3], CALL_TYPE, error);
  if (self->kwargs == NULL)
    return FALSE;
  self->event = PLANT_RPC_EVENT_METHOD_CALL;
  self->name = g_strdup (name);
  return TRUE;
}

static gboolean
unpack_write (PlantRpcRequest  *self,
              GBytes           *payload,
              GError          **error)
{
  if (!plant_rpc_message_unpack_named (payload, &self->name, &self->value, error))
    return FALSE;
  self->event = PLANT_RPC_EVENT_PROPERTY_SET;
  return TRUE;
}

static gboolean
unpack_native (PlantRpcRequest  *self,
               GBytes           *payload,
               GError          **error)
{
  guint8 kind = plant_rpc_message_get_kind (payload);
  const char *name = plant_rpc_message_peek_name (payload);

  self->format = PLANT_RPC_FORMAT_NATIVE;
  if (kind == PLANT_RPC_KIND_PROPERTY_GET && name != NULL)
    {
      self->event = PLANT_RPC_EVENT_PROPERTY_GET;
      self->name = g_strdup (name);
      return TRUE;
    }
  if (kind == PLANT_RPC_KIND_METHOD_CALL)
    return unpack_call (self, payload, error);
  if (kind == PLANT_RPC_KIND_PROPERTY_SET)
    return unpack_write (self, payload, error);
  for (guint i = 0; i < PLANT_RPC_N_EVENTS; i++)
    {
      const char *type = plant_rpc_event_forms[i].native_type;
      g_autoptr (GVariant) message = NULL;

      if (type == NULL || plant_rpc_event_forms[i].kind != kind)
        continue;
      message = plant_rpc_message_unpack_native (payload, type, error);
      if (message == NULL)
        return FALSE;
      self->event = i;
      if (g_str_equal (type, "(yt)"))
        g_variant_get (message, "(yt)", NULL, &self->number);
      else if (g_str_equal (type, JOIN_TYPE))
        g_variant_get (message, JOIN_TYPE, NULL, &self->key, &self->name);
      return TRUE;
    }
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_PROTOCOL, "There is no request of kind %#x",
                               kind);
}

static gboolean
take_string (const PlantRpcObject  *object,
             const char            *name,
             char                 **result,
             GError               **error)
{
  *result = plant_rpc_object_dup_string (object, name, error);
  return *result != NULL;
}

static gboolean
take_params (PlantRpcRequest       *self,
             const PlantRpcObject  *object,
             GError               **error)
{
  PlantRpcObject params;

  if (!plant_rpc_object_open (object, "params", &params, error))
    return FALSE;
  self->args = plant_rpc_object_get (&params, "args", "av", error);
  if (self->args == NULL)
    return FALSE;
  self->kwargs = plant_rpc_object_get (&params, "kwargs", "a{sv}", error);
  return self->kwargs != NULL;
}

/* A generation 1 client sends its address, and a generation 2 client sends none. */
static gboolean
take_address (PlantRpcRequest       *self,
              const PlantRpcObject  *object,
              GError               **error)
{
  g_autoptr (GVariant) port = NULL;

  if (!plant_rpc_object_has (object, "address"))
    return TRUE;
  if (!take_string (object, "address", &self->address, error))
    return FALSE;
  port = plant_rpc_object_get (object, "port", "x", error);
  if (port == NULL)
    return FALSE;
  if (g_variant_get_int64 (port) < 1 || g_variant_get_int64 (port) > G_MAXUINT16)
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_PROTOCOL,
                                 "The port is not between 1 and 65535");
  self->port = g_variant_get_int64 (port);
  return TRUE;
}

static void
take_offer (PlantRpcRequest      *self,
            const PlantRpcObject *object)
{
  g_autoptr (GVariant) version = plant_rpc_object_get (object, "plantrpc", "x", NULL);

  if (version != NULL && g_variant_get_int64 (version) > 0)
    self->native_version = MIN (g_variant_get_int64 (version), PLANT_RPC_NATIVE_VERSION);
}

static gboolean
take_json (PlantRpcRequest       *self,
           const PlantRpcObject  *object,
           GError               **error)
{
  const char *target = plant_rpc_event_forms[self->event].json_target;

  if (target != NULL && !take_string (object, target, &self->name, error))
    return FALSE;
  if (self->event == PLANT_RPC_EVENT_METHOD_CALL)
    return take_params (self, object, error);
  if (self->event == PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING)
    return take_address (self, object, error);
  if (self->event == PLANT_RPC_EVENT_GET_INVENTORY)
    take_offer (self, object);
  if (self->event != PLANT_RPC_EVENT_PROPERTY_SET)
    return TRUE;
  self->value = plant_rpc_object_get (object, "value", "", error);
  return self->value != NULL;
}

/* The event determines which other members are read. */
static gboolean
unpack_json (PlantRpcRequest  *self,
             GBytes           *payload,
             GError          **error)
{
  PlantRpcObject object;
  g_autofree char *event = NULL;
  g_autofree char *shown = NULL;

  if (!plant_rpc_object_unpack (payload, &object, error) ||
      !take_string (&object, "event", &event, error))
    return FALSE;
  for (guint i = 0; i < PLANT_RPC_N_EVENTS; i++)
    {
      if (g_strcmp0 (plant_rpc_event_forms[i].json_name, event) != 0)
        continue;
      self->event = i;
      return take_json (self, &object, error);
    }
  shown = plant_rpc_text_show (event);
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_PROTOCOL, "There is no event “%s”", shown);
}

/* Keeps what the answer depends on. */
static void
reset (PlantRpcRequest *self)
{
  PlantRpcRequest rest = { .format = self->format };

  if (self->event == PLANT_RPC_EVENT_METHOD_CALL && self->name != NULL)
    {
      rest.event = self->event;
      rest.name = g_steal_pointer (&self->name);
    }
  plant_rpc_request_clear (self);
  *self = rest;
}

gboolean
plant_rpc_request_unpack (PlantRpcRequest  *self,
                          GBytes           *payload,
                          GError          **error)
{
  gboolean done;

  self->format = plant_rpc_message_get_format (payload);
  if (self->format == PLANT_RPC_FORMAT_NATIVE)
    done = unpack_native (self, payload, error);
  else
    done = unpack_json (self, payload, error);

  if (!done)
    reset (self);
  return done;
}
