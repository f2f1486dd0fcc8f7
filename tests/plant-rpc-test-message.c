/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-error.h"
#include "plant-rpc-test-message.h"

static const char *const event_names[] = {
  [PLANT_RPC_EVENT_GET_INVENTORY] = "GET_INVENTORY",
  [PLANT_RPC_EVENT_FIND_PEER_ADDRESS] = "FIND_PEER_ADDRESS",
  [PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING] = "INIT_SIGNALS_HANDLING",
  [PLANT_RPC_EVENT_METHOD_CALL] = "METHOD_CALL",
  [PLANT_RPC_EVENT_PROPERTY_GET] = "PROPERTY_GET",
  [PLANT_RPC_EVENT_PROPERTY_SET] = "PROPERTY_SET",
  [PLANT_RPC_EVENT_STOP_SERVER] = "STOP_SERVER",
  [PLANT_RPC_EVENT_GET_ALL] = "GET_ALL",
  [PLANT_RPC_EVENT_SUBSCRIBE] = "SUBSCRIBE",
  [PLANT_RPC_EVENT_SUBSCRIBE_BUNDLED] = "SUBSCRIBE_BUNDLED",
  [PLANT_RPC_EVENT_JOIN] = "JOIN",
  [PLANT_RPC_EVENT_CREDIT] = "CREDIT",
  [PLANT_RPC_EVENT_CANCEL] = "CANCEL",
};

static const char *const emission_names[] = {
  [PLANT_RPC_EMISSION_SIGNAL] = "SIGNAL",
  [PLANT_RPC_EMISSION_CHANGED] = "CHANGED",
  [PLANT_RPC_EMISSION_LOST] = "LOST",
  [PLANT_RPC_EMISSION_FAILED] = "FAILED",
};

static void
put_variant (GString    *out,
             const char *key,
             GVariant   *value)
{
  g_autofree char *text = NULL;

  if (value == NULL)
    return;
  text = g_variant_print (value, TRUE);
  g_string_append_printf (out, "%s: %s\n", key, text);
}

static void
put_string (GString    *out,
            const char *key,
            const char *text)
{
  g_autofree char *escaped = NULL;

  if (text == NULL)
    return;
  escaped = g_strescape (text, NULL);
  g_string_append_printf (out, "%s: \"%s\"\n", key, escaped);
}

static void
put_number (GString    *out,
            const char *key,
            guint64     number)
{
  if (number != 0)
    g_string_append_printf (out, "%s: %" G_GUINT64_FORMAT "\n", key, number);
}

char *
test_message_describe_request (const PlantRpcRequest *request)
{
  GString *out = g_string_new (NULL);

  g_string_append_printf (out, "%s, %s\n", event_names[request->event],
                          request->format == PLANT_RPC_FORMAT_NATIVE ? "native" : "JSON");
  put_string (out, "name", request->name);
  put_variant (out, "args", request->args);
  put_variant (out, "kwargs", request->kwargs);
  put_variant (out, "value", request->value);
  put_string (out, "address", request->address);
  put_number (out, "port", request->port);
  put_string (out, "key", request->key);
  put_number (out, "number", request->number);
  put_number (out, "native version", request->native_version);
  return g_string_free (out, FALSE);
}

static void
put_error (GString      *out,
           const GError *error)
{
  g_autoptr (GEnumClass) codes = g_type_class_ref (PLANT_RPC_TYPE_ERROR);

  g_assert_cmpuint (error->domain, ==, PLANT_RPC_ERROR);
  put_string (out, "code", g_enum_get_value (codes, error->code)->value_nick);
  put_string (out, "message", error->message);
  put_string (out, "traceback", plant_rpc_error_get_traceback (error));
  put_string (out, "remote name", plant_rpc_error_get_remote_name (error));
}

char *
test_message_describe_reply (const PlantRpcReply *reply)
{
  GString *out = g_string_new (NULL);

  if (reply->error != NULL)
    {
      g_assert_null (reply->value);
      g_assert_null (reply->buffer);
      put_error (out, reply->error);
    }
  else if (reply->value == NULL)
    {
      g_string_append (out, "done\n");
    }
  put_variant (out, "value", reply->value);
  if (reply->buffer != NULL)
    put_number (out, "bytes in the buffer", g_bytes_get_size (reply->buffer));
  return g_string_free (out, FALSE);
}

char *
test_message_describe_inventory (const PlantRpcInventory *inventory)
{
  GString *out = g_string_new (NULL);

  put_variant (out, "json_methods", inventory->json_methods);
  put_variant (out, "buffer_methods", inventory->buffer_methods);
  put_variant (out, "signals", inventory->signals);
  put_variant (out, "properties", inventory->properties);
  put_string (out, "name", inventory->name);
  put_number (out, "native version", inventory->native_version);
  if (inventory->native_version > 0)
    {
      put_variant (out, "interface", inventory->interface);
      put_string (out, "instance", inventory->instance);
    }
  return g_string_free (out, FALSE);
}

char *
test_message_describe_emission (const PlantRpcEmission *emission)
{
  GString *out = g_string_new (NULL);
  g_autoptr (GVariant) args = NULL;

  g_string_append_printf (out, "%s\n", emission_names[emission->type]);
  put_string (out, "name", emission->name);
  if (emission->type == PLANT_RPC_EMISSION_SIGNAL)
    args = plant_rpc_emission_dup_args (emission);
  put_variant (out, "args", args);
  if (emission->type == PLANT_RPC_EMISSION_CHANGED || emission->type == PLANT_RPC_EMISSION_FAILED)
    put_variant (out, "value", emission->value);
  put_number (out, "lost", emission->n_lost);
  return g_string_free (out, FALSE);
}

static char *
read_request (GBytes  *payload,
              GError **error)
{
  g_auto (PlantRpcRequest) request = { 0 };

  if (plant_rpc_request_unpack (&request, payload, error))
    return test_message_describe_request (&request);
  if (request.event != PLANT_RPC_EVENT_METHOD_CALL)
    g_assert_null (request.name);
  g_assert_null (request.args);
  g_assert_null (request.kwargs);
  g_assert_null (request.value);
  g_assert_null (request.address);
  g_assert_cmpuint (request.format, ==, plant_rpc_message_get_format (payload));
  return NULL;
}

static char *
read_inventory (GBytes  *payload,
                GError **error)
{
  g_auto (PlantRpcInventory) inventory = { 0 };

  if (plant_rpc_inventory_unpack (&inventory, payload, error))
    return test_message_describe_inventory (&inventory);
  g_assert_null (inventory.json_methods);
  g_assert_null (inventory.name);
  return NULL;
}

/* What can be read without a tree is what can be read with one. */
static void
check_plain (GBytes     *payload,
             const char *expected)
{
  g_auto (PlantRpcEmission) emission = { 0 };
  g_auto (PlantRpcArguments) plain = { 0 };
  g_autofree char *text = NULL;

  if (!plant_rpc_emission_unpack_plain (&emission, &plain, payload))
    return;
  text = test_message_describe_emission (&emission);
  g_assert_cmpstr (text, ==, expected);
}

static char *
read_emission (GBytes  *payload,
               GError **error)
{
  g_auto (PlantRpcEmission) emission = { 0 };
  char *text = NULL;

  if (plant_rpc_emission_unpack (&emission, payload, error))
    text = test_message_describe_emission (&emission);
  else
    g_assert_null (emission.name);
  check_plain (payload, text);
  return text;
}

static const struct {
  const char *prefix;
  PlantRpcEvent event;
  gboolean wants_buffer;
  gboolean has_buffer;
} reply_kinds[] = {
  { "reply-call-", PLANT_RPC_EVENT_METHOD_CALL, FALSE, FALSE },
  { "reply-buffer-", PLANT_RPC_EVENT_METHOD_CALL, TRUE, TRUE },
  { "reply-bufferless-", PLANT_RPC_EVENT_METHOD_CALL, TRUE, FALSE },
  { "reply-get-", PLANT_RPC_EVENT_PROPERTY_GET, FALSE, FALSE },
  { "reply-set-", PLANT_RPC_EVENT_PROPERTY_SET, FALSE, FALSE },
  { "reply-all-", PLANT_RPC_EVENT_GET_ALL, FALSE, FALSE },
  { "reply-subscribe-", PLANT_RPC_EVENT_SUBSCRIBE, FALSE, FALSE },
  { "reply-init-", PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING, FALSE, FALSE },
  { "reply-stop-", PLANT_RPC_EVENT_STOP_SERVER, FALSE, FALSE },
};

static char *
read_reply (const char *name,
            GBytes     *payload,
            GError    **error)
{
  g_auto (PlantRpcReply) reply = { 0 };
  g_autoptr (GBytes) buffer = g_bytes_new_static ("bytes", 5);
  guint i = 0;

  while (!g_str_has_prefix (name, reply_kinds[i].prefix))
    g_assert_cmpuint (++i, <, G_N_ELEMENTS (reply_kinds));

  if (plant_rpc_reply_unpack (&reply, reply_kinds[i].event, reply_kinds[i].wants_buffer, payload,
                              reply_kinds[i].has_buffer ? buffer : NULL, error))
    return test_message_describe_reply (&reply);
  g_assert_null (reply.error);
  g_assert_null (reply.value);
  g_assert_null (reply.buffer);
  return NULL;
}

char *
test_message_read (const char *name,
                   GBytes     *payload,
                   GError    **error)
{
  if (g_str_has_prefix (name, "request-"))
    return read_request (payload, error);
  if (g_str_has_prefix (name, "inventory-"))
    return read_inventory (payload, error);
  if (g_str_has_prefix (name, "emission-"))
    return read_emission (payload, error);
  return read_reply (name, payload, error);
}
