/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-error.h"
#include "plant-rpc-json-private.h"
#include "plant-rpc-test-locale.h"
#include "plant-rpc-test-message.h"

/* One line of a recording. */
typedef struct {
  GVariant *line;
  const char *name;
  GVariant *request; /* the object of the one request frame */
  GBytes *request_frame;
  GPtrArray *reply_frames; /* (element-type GBytes) (nullable): none was sent */
  GVariant *reply;         /* (nullable): the object of the first */
} Exchange;

static void
exchange_clear (Exchange *self)
{
  g_clear_pointer (&self->line, g_variant_unref);
  g_clear_pointer (&self->request, g_variant_unref);
  g_clear_pointer (&self->request_frame, g_bytes_unref);
  g_clear_pointer (&self->reply_frames, g_ptr_array_unref);
  g_clear_pointer (&self->reply, g_variant_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Exchange, exchange_clear)

static GVariant *
parse (GBytes *frame)
{
  g_autoptr (GError) error = NULL;
  gsize size;
  const char *data = g_bytes_get_data (frame, &size);
  GVariant *value = plant_rpc_json_parse (data, size, &error);

  g_assert_no_error (error);
  return value;
}

/* Text as it is; the bytes of images do not matter to what is said about them. */
static GBytes *
take_frame (GVariant *frame)
{
  const char *text;

  if (!g_variant_is_of_type (frame, G_VARIANT_TYPE_STRING))
    return g_bytes_new_static ("image", 5);
  text = g_variant_get_string (frame, NULL);
  return g_bytes_new (text, strlen (text));
}

static GPtrArray *
take_frames (GVariant   *line,
             const char *member)
{
  g_autoptr (GVariant) list = g_variant_lookup_value (line, member, G_VARIANT_TYPE ("av"));
  GPtrArray *frames;

  if (list == NULL)
    return NULL;
  frames = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  for (gsize i = 0; i < g_variant_n_children (list); i++)
    {
      g_autoptr (GVariant) boxed = g_variant_get_child_value (list, i);
      g_autoptr (GVariant) frame = g_variant_get_variant (boxed);

      g_ptr_array_add (frames, take_frame (frame));
    }
  return frames;
}

static void
exchange_init (Exchange   *self,
               const char *json)
{
  g_autoptr (GBytes) line = g_bytes_new_static (json, strlen (json));
  g_autoptr (GPtrArray) frames = NULL;

  self->line = parse (line);
  g_assert_true (g_variant_lookup (self->line, "name", "&s", &self->name));
  g_test_message ("%s", self->name);
  frames = take_frames (self->line, "request_frames");
  g_assert_cmpuint (frames->len, ==, 1);
  self->request_frame = g_bytes_ref (frames->pdata[0]);
  self->request = parse (self->request_frame);
  self->reply_frames = take_frames (self->line, "reply_frames");
  if (self->reply_frames != NULL)
    self->reply = parse (self->reply_frames->pdata[0]);
}

/* What PAYLOAD tells beyond EXPECTED may be there. */
static void
assert_tells (GBytes   *payload,
              GVariant *expected)
{
  g_autoptr (GVariant) object = parse (payload);
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_iter_init (&iter, expected);
  while (g_variant_iter_loop (&iter, "{&sv}", &key, &value))
    {
      g_autoptr (GVariant) member = g_variant_lookup_value (object, key, NULL);
      g_autoptr (GString) told = g_string_new (NULL);
      g_autoptr (GString) wanted = g_string_new (NULL);

      g_assert_nonnull (member);
      /* The recorded device writes NaN and infinity, which are no JSON. */
      g_assert_true (plant_rpc_json_write (member, told, NULL));
      g_assert_true (plant_rpc_json_write (value, wanted, NULL));
      g_assert_cmpstr (told->str, ==, wanted->str);
    }
}

/* ---- requests and their replies */

/* What the recorded server would not understand either. */
static gboolean
is_no_request (const char *name)
{
  static const char *const names[] = {
    "METHOD_CALL without params", "PROPERTY_GET without property", "PROPERTY_SET without value",
    "unknown event",              "missing event",                 NULL,
  };

  return g_strv_contains (names, name);
}

static void
check_packed_request (const Exchange        *exchange,
                      const PlantRpcRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) packed = NULL;

  if (request->event == PLANT_RPC_EVENT_FIND_PEER_ADDRESS)
    return;
  packed = plant_rpc_request_pack (request, &error);
  g_assert_no_error (error);
  assert_tells (packed, exchange->request);
}

static gboolean
is_buffer_method (const char *method)
{
  static const char *const methods[] = {
    "get_image", "empty_buffer", "buffer_info_error_key", NULL,
  };

  return method != NULL && g_strv_contains (methods, method);
}

/* The recorded device names no errors; our own word for them is one member more. */
static void
check_packed_reply (const Exchange        *exchange,
                    const PlantRpcRequest *request,
                    const PlantRpcReply   *reply)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) packed =
    plant_rpc_reply_pack (reply, PLANT_RPC_FORMAT_JSON, request->event, &error);

  g_assert_no_error (error);
  assert_tells (packed, exchange->reply);
}

static void
check_failure (const Exchange *exchange,
               const GError   *error)
{
  const char *message = NULL, *traceback = NULL;

  g_variant_lookup (exchange->reply, "error", "&s", &message);
  g_variant_lookup (exchange->reply, "traceback", "&s", &traceback);
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_cmpstr (plant_rpc_error_get_traceback (error), ==, traceback);
  g_assert_null (plant_rpc_error_get_remote_name (error));
  g_assert_true (plant_rpc_error_may_have_run (error));
}

static void
check_inventory (const Exchange *exchange)
{
  g_auto (PlantRpcInventory) inventory = { 0 };
  g_autoptr (GBytes) packed = NULL;
  g_autoptr (GError) error = NULL;

  plant_rpc_inventory_unpack (&inventory, exchange->reply_frames->pdata[0], &error);
  g_assert_no_error (error);
  g_assert_cmpuint (inventory.native_version, ==, 0);
  g_assert_cmpstr (inventory.name, ==, "");
  packed = plant_rpc_inventory_pack (&inventory, &error);
  g_assert_no_error (error);
  assert_tells (packed, exchange->reply);
}

static void
check_reply (const Exchange        *exchange,
             const PlantRpcRequest *request)
{
  g_auto (PlantRpcReply) reply = { 0 };
  g_autoptr (GError) error = NULL;
  GPtrArray *frames = exchange->reply_frames;
  gboolean wants_buffer = is_buffer_method (request->name);
  gboolean succeeds = wants_buffer;

  g_variant_lookup (exchange->reply, "success", "b", &succeeds);
  if (g_variant_lookup (exchange->reply, "error", "s", NULL))
    succeeds = FALSE;
  plant_rpc_reply_unpack (&reply, request->event, wants_buffer, frames->pdata[0],
                          frames->len > 1 ? frames->pdata[1] : NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (reply.error == NULL, ==, succeeds);
  if (reply.error != NULL)
    check_failure (exchange, reply.error);
  /* It is never sent, so nothing of it is read. */
  if (request->event != PLANT_RPC_EVENT_FIND_PEER_ADDRESS)
    check_packed_reply (exchange, request, &reply);
  g_assert_true ((reply.buffer != NULL) == (wants_buffer && succeeds));
}

static gboolean
check_call (const Exchange *exchange)
{
  g_auto (PlantRpcRequest) request = { 0 };
  g_autoptr (GError) error = NULL;
  const char *event = NULL;

  plant_rpc_request_unpack (&request, exchange->request_frame, &error);
  if (is_no_request (exchange->name))
    {
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL);
      return FALSE;
    }
  g_assert_no_error (error);
  g_assert_true (g_variant_lookup (exchange->request, "event", "&s", &event));
  g_assert_cmpint (request.format, ==, PLANT_RPC_FORMAT_JSON);
  g_assert_true (g_str_has_prefix (exchange->name, event));
  check_packed_request (exchange, &request);
  if (exchange->reply == NULL)
    return TRUE;
  if (request.event == PLANT_RPC_EVENT_GET_INVENTORY)
    check_inventory (exchange);
  else
    check_reply (exchange, &request);
  return TRUE;
}

/* ---- emissions and their acknowledgements */

static void
check_acknowledgement (const Exchange *exchange,
                       gboolean        success)
{
  g_autoptr (GBytes) acknowledgement = plant_rpc_emission_pack_acknowledgement (success);

  if (exchange->reply_frames != NULL)
    g_assert_true (g_bytes_equal (acknowledgement, exchange->reply_frames->pdata[0]));
}

static gboolean
check_emission (const Exchange *exchange)
{
  g_auto (PlantRpcEmission) emission = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) packed = NULL;
  gboolean blocking = FALSE;

  if (!g_str_has_prefix (exchange->name, "EMIT_SIGNAL"))
    {
      g_assert_false (plant_rpc_emission_unpack (&emission, exchange->request_frame, &error));
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL);
      check_acknowledgement (exchange, FALSE);
      return FALSE;
    }
  plant_rpc_emission_unpack (&emission, exchange->request_frame, &error);
  g_assert_no_error (error);
  check_acknowledgement (exchange, TRUE);
  packed = plant_rpc_emission_pack (&emission, PLANT_RPC_FORMAT_JSON, &error);
  g_assert_no_error (error);
  g_variant_lookup (exchange->request, "blocking", "b", &blocking);
  if (!blocking)
    assert_tells (packed, exchange->request);
  return TRUE;
}

static void
check_recording (const char *file,
                 guint       n_calls,
                 guint       n_emissions)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "wire", file, NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    {
      g_auto (Exchange) exchange = { 0 };
      const char *direction = NULL;

      if (strstr (lines[i], "(socket-level message)") != NULL) /* libzmq's own */
        continue;
      exchange_init (&exchange, lines[i]);
      g_assert_true (g_variant_lookup (exchange.line, "direction", "&s", &direction));
      if (g_str_equal (direction, "server->client"))
        n_emissions -= check_emission (&exchange) ? 1 : 0;
      else
        n_calls -= check_call (&exchange) ? 1 : 0;
    }
  g_assert_cmpuint (n_calls, ==, 0);
  g_assert_cmpuint (n_emissions, ==, 0);
}

static void
test_generation_1 (void)
{
  check_recording ("gen1.jsonl", 60, 11);
}

static void
test_generation_2 (void)
{
  check_recording ("gen2.jsonl", 60, 10);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  plant_rpc_test_add ("/recording/generation-1", test_generation_1);
  plant_rpc_test_add ("/recording/generation-2", test_generation_2);
  return g_test_run ();
}
