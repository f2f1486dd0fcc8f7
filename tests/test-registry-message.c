/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-error.h"
#include "plant-rpc-registry-message-private.h"
#include "plant-rpc-test-variant.h"

static gboolean
read_request (const char               *json,
              PlantRpcRegistryRequest  *request,
              GError                  **error)
{
  g_autoptr (GBytes) payload = g_bytes_new_static (json, strlen (json));

  return plant_rpc_registry_request_unpack (request, payload, error);
}

static gboolean
read_reply (const char             *json,
            PlantRpcRegistryReply  *reply,
            GError                **error)
{
  g_autoptr (GBytes) payload = g_bytes_new_static (json, strlen (json));

  return plant_rpc_registry_reply_unpack (reply, payload, error);
}

/* A request comes back as it was sent. */
static void
test_requests (void)
{
  const PlantRpcRegistryRequest requests[] = {
    { .event = PLANT_RPC_REGISTRY_REGISTER, .device_type = (char *) "camera",
      .url = (char *) "tcp://127.0.0.1:5000", .name = (char *) "", .overwrite = TRUE },
    { .event = PLANT_RPC_REGISTRY_UNREGISTER, .uuid = (char *) "u" },
    { .event = PLANT_RPC_REGISTRY_CHECK_ALIVE, .uuid = (char *) "u",
      .alive_timeout = 30 * G_USEC_PER_SEC },
    { .event = PLANT_RPC_REGISTRY_LIST },
    { .event = PLANT_RPC_REGISTRY_WATCH },
  };

  for (guint i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      g_autoptr (GBytes) payload = plant_rpc_registry_request_pack (&requests[i]);
      g_auto (PlantRpcRegistryRequest) read = { 0 };
      g_autoptr (GError) error = NULL;

      g_assert_true (plant_rpc_registry_request_unpack (&read, payload, &error));
      g_assert_no_error (error);
      g_assert_cmpint (read.event, ==, requests[i].event);
      g_assert_cmpstr (read.device_type, ==, requests[i].device_type);
      g_assert_cmpstr (read.url, ==, requests[i].url);
      g_assert_cmpstr (read.name, ==, requests[i].name);
      g_assert_cmpint (read.overwrite, ==, requests[i].overwrite);
      g_assert_cmpstr (read.uuid, ==, requests[i].uuid);
      g_assert_cmpint (read.alive_timeout, ==, requests[i].alive_timeout);
    }
}

/* Servers of Plant Imager give the port twice, and may give null for the name. */
static void
test_registration (void)
{
  g_auto (PlantRpcRegistryRequest) request = { 0 };

  g_assert_true (read_request ("{\"event\": \"REGISTER\", \"payload\": {\"device_type\": \"t\","
                               " \"addr\": \"tcp://127.0.0.1:5000:5000\", \"name\": null,"
                               " \"overwrite\": 1}}", &request, NULL));
  g_assert_cmpstr (request.url, ==, "tcp://127.0.0.1:5000");
  g_assert_cmpstr (request.name, ==, "");
  g_assert_true (request.overwrite);
}

static void
test_alive_timeout (void)
{
  static const struct {
    const char *json;
    gint64      timeout; /* ms */
  } cases[] = {
    { "5", 5000 }, { "0.5", 500 }, { "-1", 0 }, { "null", 20000 }, { "true", 1000 },
    { "NaN", 20000 }, { "1e300", PLANT_RPC_MAX_ALIVE_TIMEOUT_S * G_GINT64_CONSTANT (1000) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (PlantRpcRegistryRequest) request = { 0 };
      g_autofree char *json =
          g_strdup_printf ("{\"event\": \"CHECK_ALIVE\", \"payload\": {\"uuid\": \"u\","
                           " \"alive_timeout\": %s}}", cases[i].json);

      g_assert_true (read_request (json, &request, NULL));
      g_assert_cmpint (request.alive_timeout, ==, cases[i].timeout * 1000);
    }
}

/* What a reply to a request must repeat is known even if the request cannot be read. */
static void
test_bad_requests (void)
{
  static const struct {
    const char *json;
    const char *sent; /* NULL: there is no event */
  } cases[] = {
    { "[]", NULL },
    { "{}", NULL },
    { "{\"event\": \"LIST\"}", "'LIST'" },
    { "{\"event\": \"LIST\", \"payload\": []}", "'LIST'" },
    { "{\"event\": \"UNREGISTER\", \"payload\": {}}", "'UNREGISTER'" },
    { "{\"event\": \"UNREGISTER\", \"payload\": {\"uuid\": 5}}", "'UNREGISTER'" },
    { "{\"event\": \"CHECK_ALIVE\", \"payload\": {\"uuid\": \"\", \"alive_timeout\": \"x\"}}",
      "'CHECK_ALIVE'" },
    { "{\"event\": \"REGISTER\", \"payload\": {\"device_type\": \"t\", \"addr\": \"a\"}}",
      "'REGISTER'" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (PlantRpcRegistryRequest) request = { 0 };
      g_autoptr (GError) error = NULL;

      g_assert_false (read_request (cases[i].json, &request, &error));
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL);
      if (cases[i].sent != NULL)
        test_assert_variant (request.sent, cases[i].sent);
      else
        g_assert_null (request.sent);
    }
}

/* An unknown event may be any value, of which only a small part is sent back. */
static void
test_unknown_events (void)
{
  g_autofree char *text = g_strnfill (5000, 'x');
  g_autofree char *json = g_strdup_printf ("{\"event\": \"%s\"}", text);
  g_auto (PlantRpcRegistryRequest) number = { 0 }, list = { 0 }, long_text = { 0 };

  g_assert_true (read_request ("{\"event\": 5}", &number, NULL));
  g_assert_cmpint (number.event, ==, PLANT_RPC_REGISTRY_UNKNOWN);
  test_assert_variant (number.sent, "int64 5");
  g_assert_true (read_request ("{\"event\": [[\"LIST\"]]}", &list, NULL));
  test_assert_variant (list.sent, "@mv nothing");
  g_assert_true (read_request (json, &long_text, NULL));
  g_assert_cmpuint (strlen (g_variant_get_string (long_text.sent, NULL)), <=,
                    PLANT_RPC_MAX_REGISTRY_TEXT);
}

static void
test_request_size (void)
{
  g_autofree char *spaces = g_strnfill (PLANT_RPC_MAX_REGISTRY_REQUEST, ' ');
  g_autofree char *json = g_strconcat (spaces, "{}", NULL);
  g_auto (PlantRpcRegistryRequest) request = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_false (read_request (json, &request, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT);
}

static void
test_replies (void)
{
  g_autoptr (GVariant) sent = test_parse ("'LIST'");
  const PlantRpcRegistryReply replies[] = {
    { .type = PLANT_RPC_REGISTRY_ACK, .sent = sent, .success = TRUE },
    { .type = PLANT_RPC_REGISTRY_ACK, .sent = sent, .error = (char *) "no" },
    { .type = PLANT_RPC_REGISTRY_REGISTER_ACK, .name = (char *) "n", .uuid = (char *) "u" },
    { .type = PLANT_RPC_REGISTRY_UNSUPPORTED, .sent = sent },
    { .type = PLANT_RPC_REGISTRY_DEVICE_REMOVED, .serial = 7, .uuid = (char *) "u" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_autoptr (GBytes) payload = plant_rpc_registry_reply_pack (&replies[i]);
      g_auto (PlantRpcRegistryReply) read = { 0 };
      g_autoptr (GError) error = NULL;

      g_assert_true (plant_rpc_registry_reply_unpack (&read, payload, &error));
      g_assert_no_error (error);
      g_assert_cmpint (read.type, ==, replies[i].type);
      g_assert_cmpint (read.success, ==, replies[i].success);
      g_assert_cmpstr (read.error, ==, replies[i].error);
      g_assert_cmpstr (read.name, ==, replies[i].name);
      g_assert_cmpstr (read.uuid, ==, replies[i].uuid);
      g_assert_cmpint (read.serial, ==, replies[i].serial);
      g_assert_cmpint (read.sent != NULL, ==, replies[i].sent != NULL);
    }
}

/* The age travels, so that both sides agree on when the device was seen. A record whose text is
 * kept and one whose text is not are written alike. */
static void
test_records (void)
{
  gint64 seen = g_get_monotonic_time () - 5 * G_USEC_PER_SEC;
  g_autoptr (PlantRpcDeviceRecord) record =
      plant_rpc_device_record_new ("camera", "top \"1\"", "tcp://127.0.0.1:5000", "u", seen);
  g_autoptr (GPtrArray) records = g_ptr_array_new ();
  PlantRpcRegistryReply reply = { .type = PLANT_RPC_REGISTRY_DEVICES, .serial = 3,
                                  .records = records };

  g_ptr_array_add (records, record);
  g_ptr_array_add (records, record);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GBytes) payload = plant_rpc_registry_reply_pack (&reply);
      g_auto (PlantRpcRegistryReply) read = { 0 };
      PlantRpcDeviceRecord *second;

      g_assert_true (plant_rpc_registry_reply_unpack (&read, payload, NULL));
      g_assert_cmpint (read.serial, ==, 3);
      g_assert_cmpuint (read.records->len, ==, 2);
      second = g_ptr_array_index (read.records, 1);
      g_assert_cmpstr (second->name, ==, "top \"1\"");
      g_assert_cmpstr (second->device_type, ==, "camera");
      g_assert_cmpstr (second->url, ==, "tcp://127.0.0.1:5000");
      g_assert_cmpstr (second->uuid, ==, "u");
      g_assert_cmpint (atomic_load (&second->last_seen), >=, seen - 1);
      g_assert_cmpint (atomic_load (&second->last_seen), <=,
                       g_get_monotonic_time () - 5 * G_USEC_PER_SEC + 1);
      record->written = i == 0 ? plant_rpc_registry_write_record (record) : record->written;
    }
}

/* A device that cannot be read does not hide the others. */
static void
test_odd_records (void)
{
  g_auto (PlantRpcRegistryReply) read = { 0 };

  g_assert_true (read_reply (
      "{\"event\": \"DEVICES\", \"payload\": {\"serial\": 1, \"devices\": [5, {},"
      " {\"name\": \"n\", \"device_type\": \"t\", \"addr\": \"x\", \"uuid\": \"u\","
      " \"age\": -5}]}}",
      &read, NULL));
  g_assert_cmpuint (read.records->len, ==, 1);
}

static void
test_bad_replies (void)
{
  static const char *const replies[] = {
    "5",
    "{\"event\": \"LIST\", \"payload\": {}}",
    "{\"event\": 5, \"payload\": {}}",
    "{\"event\": \"ACK\"}",
    "{\"event\": \"DEVICES\", \"payload\": {\"devices\": []}}",
    "{\"event\": \"DEVICES\", \"payload\": {\"serial\": 1, \"devices\": {}}}",
    "{\"event\": \"DEVICE_REMOVED\", \"payload\": {\"serial\": 1}}",
    "{\"event\": \"REGISTER_ACK\", \"payload\": {\"name\": \"n\"}}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_auto (PlantRpcRegistryReply) read = { 0 };
      g_autoptr (GError) error = NULL;

      g_assert_false (read_reply (replies[i], &read, &error));
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/registry-message/requests", test_requests);
  g_test_add_func ("/registry-message/registration", test_registration);
  g_test_add_func ("/registry-message/alive-timeout", test_alive_timeout);
  g_test_add_func ("/registry-message/bad-requests", test_bad_requests);
  g_test_add_func ("/registry-message/unknown-events", test_unknown_events);
  g_test_add_func ("/registry-message/request-size", test_request_size);
  g_test_add_func ("/registry-message/replies", test_replies);
  g_test_add_func ("/registry-message/records", test_records);
  g_test_add_func ("/registry-message/odd-records", test_odd_records);
  g_test_add_func ("/registry-message/bad-replies", test_bad_replies);
  return g_test_run ();
}
