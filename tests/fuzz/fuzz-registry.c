/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "plant-rpc-device-table-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-registry-message-private.h"

/* A registry without sockets, to which the messages of one input are given. */
typedef struct {
  PlantRpcDeviceTable *table; /* (owned) */
  gint64               now;   /* µs */
} Registry;

static void
check_valid (const char *text)
{
  g_assert_true (text == NULL || g_utf8_validate (text, -1, NULL));
}

static void
on_device (gpointer              owner,
           PlantRpcDeviceRecord *record,
           gboolean              added)
{
  check_valid (record->name);
  check_valid (record->url);
}

static void
check_records (GPtrArray *sent,
               GPtrArray *read)
{
  g_assert_nonnull (read);
  g_assert_cmpuint (sent->len, ==, read->len);
  for (guint i = 0; i < sent->len; i++)
    {
      PlantRpcDeviceRecord *a = g_ptr_array_index (sent, i);
      PlantRpcDeviceRecord *b = g_ptr_array_index (read, i);

      g_assert_cmpstr (a->name, ==, b->name);
      g_assert_cmpstr (a->device_type, ==, b->device_type);
      g_assert_cmpstr (a->url, ==, b->url);
      g_assert_cmpstr (a->uuid, ==, b->uuid);
    }
}

/* A client must be able to read the list that the registry sends. */
static void
check_list (Registry *registry)
{
  g_auto (PlantRpcRegistryReply) reply = { .type = PLANT_RPC_REGISTRY_DEVICES };
  g_auto (PlantRpcRegistryReply) again = { 0 };
  g_autoptr (GBytes) payload = NULL;
  g_autoptr (GError) error = NULL;

  reply.records = plant_rpc_device_table_list (registry->table);
  payload = plant_rpc_registry_reply_pack (&reply);
  g_assert_nonnull (payload);
  plant_rpc_registry_reply_unpack (&again, payload, &error);
  g_assert_no_error (error);
  check_records (reply.records, again.records);
}

static gboolean
register_device (Registry                 *registry,
                 PlantRpcRegistryRequest  *request,
                 GError                  **error)
{
  const PlantRpcCandidate candidate = {
    .device_type = request->device_type,
    .name = request->name,
    .url = request->url,
    .overwrite = request->overwrite,
    .peer = "127.0.0.1",
  };
  PlantRpcDeviceRecord *record =
    plant_rpc_device_table_register (registry->table, &candidate, registry->now, error);

  /* The uuid of a listed device is used, so that requests get beyond the look-up. */
  return record != NULL && plant_rpc_device_table_touch (registry->table, record->uuid,
                                                         G_USEC_PER_SEC, registry->now);
}

static gboolean
apply (Registry                 *registry,
       PlantRpcRegistryRequest  *request,
       GError                  **error)
{
  registry->now += G_USEC_PER_SEC;
  plant_rpc_device_table_expire (registry->table, registry->now);
  if (request->event == PLANT_RPC_REGISTRY_REGISTER)
    return register_device (registry, request, error);
  if (request->event == PLANT_RPC_REGISTRY_UNREGISTER)
    plant_rpc_device_table_unregister (registry->table, request->uuid);
  else if (request->event == PLANT_RPC_REGISTRY_CHECK_ALIVE)
    plant_rpc_device_table_touch (registry->table, request->uuid, request->alive_timeout,
                                  registry->now);
  return TRUE;
}

static void
try_request (Registry *registry,
             GBytes   *payload)
{
  g_auto (PlantRpcRegistryRequest) request = { 0 };
  g_auto (PlantRpcRegistryReply) reply = { .type = PLANT_RPC_REGISTRY_ACK };
  g_autoptr (GBytes) packed = NULL;
  g_autoptr (GError) error = NULL;
  gboolean good = plant_rpc_registry_request_unpack (&request, payload, &error) &&
                  apply (registry, &request, &error);

  g_assert_true (good == (error == NULL));
  if (!good)
    {
      check_valid (error->message);
      reply.error = g_strdup (error->message);
    }
  if (request.sent != NULL)
    reply.sent = g_variant_ref (request.sent);
  packed = plant_rpc_registry_reply_pack (&reply);
  g_assert_nonnull (packed);
}

static void
try_reply (GBytes *payload)
{
  g_auto (PlantRpcRegistryReply) reply = { 0 };
  g_autoptr (GBytes) packed = NULL;
  g_autoptr (GError) error = NULL;

  if (!plant_rpc_registry_reply_unpack (&reply, payload, &error))
    {
      g_assert_nonnull (error);
      check_valid (error->message);
      return;
    }
  g_assert_no_error (error);
  packed = plant_rpc_registry_reply_pack (&reply);
}

/* The input has one message a line. */
int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  Registry registry = { .table = plant_rpc_device_table_new (on_device, NULL) };
  const uint8_t *end = data + size;

  while (data < end)
    {
      const uint8_t *line = memchr (data, '\n', end - data);
      gsize length = (line != NULL ? line : end) - data;
      g_autoptr (GBytes) payload = g_bytes_new (data, length);

      try_request (&registry, payload);
      try_reply (payload);
      data += length + 1;
    }
  check_list (&registry);
  plant_rpc_device_table_free (registry.table);
  return 0;
}
