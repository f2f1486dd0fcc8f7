/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-inventory-reply-private.h"
#include "plant-rpc-json-private.h"
#include "plant-rpc-reply-private.h"
#include "plant-rpc-test-interface.h"
#include "plant-rpc-test-variant.h"

#define INTERFACE                                                                      \
  "{\"methods\": {\"echo\": {\"timeout\": 50}, \"wait\": {\"timeout\": null},"          \
  " \"get_image\": {\"buffer\": true}}, \"properties\": {\"level\": {\"type\": \"i\"}}," \
  " \"signals\": {\"ping\": {\"signature\": \"()\"}}}"

static GBytes *
build (const char *instance)
{
  g_autoptr (PlantRpcInterfaceInfo) interface = test_read_json (INTERFACE);
  g_autoptr (GError) error = NULL;
  GBytes *payload = plant_rpc_inventory_reply_build (interface, "cam", instance, &error);

  g_assert_no_error (error);
  return payload;
}

/* Without an instance it is the reply of a server that knows only the old wires. */
static void
test_old (void)
{
  g_autoptr (GBytes) payload = build (NULL);
  gsize size;
  const char *data = g_bytes_get_data (payload, &size);
  g_autoptr (GVariant) reply = plant_rpc_json_parse (data, size, NULL);

  test_assert_variant (reply, "{'json_methods': <{'echo': <int64 50>, 'wait': <@mv nothing>}>,"
                              " 'buffer_methods': <{'get_image': <int64 10000>}>,"
                              " 'signals': <[<'ping'>]>, 'properties': <[<'level'>]>,"
                              " 'name': <'cam'>}");
}

static void
test_native (void)
{
  g_autoptr (GBytes) payload = build ("instance-1");
  g_auto (PlantRpcInventory) inventory = { 0 };
  g_autoptr (PlantRpcInterfaceInfo) interface = test_read_json (INTERFACE);
  g_autoptr (PlantRpcInterfaceInfo) described = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (plant_rpc_inventory_unpack (&inventory, payload, &error));
  g_assert_cmpuint (inventory.native_version, ==, PLANT_RPC_NATIVE_VERSION);
  g_assert_cmpstr (inventory.instance, ==, "instance-1");
  g_assert_cmpstr (inventory.name, ==, "cam");
  described = plant_rpc_interface_info_new_from_variant (inventory.interface, &error);
  g_assert_no_error (error);
  g_assert_true (plant_rpc_interface_info_equal (described, interface));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/inventory-reply/old", test_old);
  g_test_add_func ("/inventory-reply/native", test_native);
  return g_test_run ();
}
