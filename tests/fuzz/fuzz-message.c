/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"
#include "plant-rpc-bundle-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-test-message.h"

/* What is understood can be told, unless it is nested too deeply, and is understood as the same
 * again. */
static void
check_told (GBytes       *payload,
            const GError *error)
{
  if (payload == NULL)
    g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT);
}

static void
try_request (GBytes *payload)
{
  g_auto (PlantRpcRequest) request = { 0 };
  g_auto (PlantRpcRequest) again = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) packed = NULL;
  g_autofree char *text = NULL;
  g_autofree char *text_again = NULL;

  if (!plant_rpc_request_unpack (&request, payload, &error))
    {
      g_assert_nonnull (error);
      return;
    }
  g_assert_no_error (error);
  text = test_message_describe_request (&request);
  if (request.event == PLANT_RPC_EVENT_FIND_PEER_ADDRESS)
    return;
  packed = plant_rpc_request_pack (&request, &error);
  check_told (packed, error);
  if (packed == NULL)
    return;
  plant_rpc_request_unpack (&again, packed, &error);
  g_assert_no_error (error);
  text_again = test_message_describe_request (&again);
  g_assert_cmpstr (text, ==, text_again);
}

static void
try_reply (GBytes       *payload,
           PlantRpcEvent event,
           GBytes       *buffer)
{
  g_auto (PlantRpcReply) reply = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) packed = NULL;
  g_autofree char *text = NULL;

  if (!plant_rpc_reply_unpack (&reply, event, buffer != NULL, payload, buffer, &error))
    {
      g_assert_nonnull (error);
      return;
    }
  g_assert_no_error (error);
  text = test_message_describe_reply (&reply);
  packed = plant_rpc_reply_pack (&reply, plant_rpc_message_get_format (payload), event, &error);
  if (packed == NULL)
    g_assert_nonnull (error);
}

static void
try_inventory (GBytes *payload)
{
  g_auto (PlantRpcInventory) inventory = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) packed = NULL;

  if (!plant_rpc_inventory_unpack (&inventory, payload, &error))
    {
      g_assert_nonnull (error);
      return;
    }
  g_assert_no_error (error);
  packed = plant_rpc_inventory_pack (&inventory, &error);
  check_told (packed, error);
}

static void
try_emission (GBytes *payload)
{
  g_auto (PlantRpcEmission) emission = { 0 };
  g_auto (PlantRpcEmission) plain_emission = { 0 };
  g_auto (PlantRpcArguments) plain = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) packed = NULL;
  g_autoptr (GBytes) untyped = NULL;
  g_autofree char *text = NULL;
  g_autofree char *plain_text = NULL;
  gboolean good = plant_rpc_emission_unpack (&emission, payload, &error);

  g_assert_true (good == (error == NULL));
  if (plant_rpc_emission_unpack_plain (&plain_emission, &plain, payload))
    plain_text = test_message_describe_emission (&plain_emission);
  if (!good)
    {
      g_assert_null (plain_text);
      return;
    }
  text = test_message_describe_emission (&emission);
  if (plain_text != NULL)
    g_assert_cmpstr (text, ==, plain_text);
  /* A null is refused unless it is of a type that clients declare. */
  untyped = plant_rpc_emission_pack (&emission, plant_rpc_message_get_format (payload), NULL);
  emission.typed = TRUE;
  packed = plant_rpc_emission_pack (&emission, plant_rpc_message_get_format (payload), &error);
  check_told (packed, error);
  g_assert_true (untyped == NULL || g_bytes_equal (untyped, packed));
}

static void
try_bundle (GBytes *payload)
{
  gsize size, part_size;
  const guint8 *data = g_bytes_get_data (payload, &size), *part;
  g_autoptr (GError) error = NULL;
  PlantRpcBundleIter iter;

  if (plant_rpc_message_get_kind (payload) != PLANT_RPC_KIND_BUNDLE)
    return;
  if (!plant_rpc_bundle_iter_init (&iter, payload, &error))
    {
      g_assert_nonnull (error);
      return;
    }
  g_assert_no_error (error);
  while (plant_rpc_bundle_iter_next (&iter, &part, &part_size))
    {
      g_autoptr (GBytes) single =
          g_bytes_new_from_bytes (payload, (gsize) (part - data), part_size);

      g_assert_true (part_size > 0 && part + part_size < data + size);
      try_emission (single);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autoptr (GBytes) payload = g_bytes_new (data, size);
  g_autoptr (GBytes) buffer = g_bytes_new_static ("bytes", 5);

  try_request (payload);
  for (PlantRpcEvent event = 0; event <= PLANT_RPC_EVENT_CANCEL; event++)
    try_reply (payload, event, NULL);
  try_reply (payload, PLANT_RPC_EVENT_METHOD_CALL, buffer);
  try_inventory (payload);
  try_emission (payload);
  try_bundle (payload);
  return 0;
}
