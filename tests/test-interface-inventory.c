/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-enums.h"
#include "plant-rpc-error.h"
#include "plant-rpc-json-private.h"
#include "plant-rpc-reply-private.h"
#include "plant-rpc-test-interface.h"
#include "plant-rpc-test-variant.h"

typedef struct {
  GPtrArray             *skipped; /* (owned) (element-type utf8) */
  PlantRpcInterfaceInfo *info;    /* (owned) (nullable) */
  GError                *error;   /* (owned) (nullable) */
} Inventory;

static void
read_inventory (Inventory  *self,
                const char *methods,
                const char *properties,
                const char *signals,
                const char *values)
{
  g_autoptr (GVariant) json_methods = test_parse (methods);
  g_autoptr (GVariant) buffer_methods = test_parse ("@a{sv} {'get_image': <@mv nothing>}");
  g_autoptr (GVariant) property_names = test_parse (properties);
  g_autoptr (GVariant) signal_names = test_parse (signals);
  g_autoptr (GVariant) known = values != NULL ? test_parse (values) : NULL;

  self->skipped = g_ptr_array_new_with_free_func (g_free);
  self->error = NULL;
  self->info = plant_rpc_interface_info_new_from_inventory (json_methods, buffer_methods,
                                                            property_names, signal_names, known,
                                                            self->skipped, &self->error);
}

static void
inventory_clear (Inventory *self)
{
  g_clear_pointer (&self->skipped, g_ptr_array_unref);
  g_clear_pointer (&self->info, plant_rpc_interface_info_unref);
  g_clear_error (&self->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Inventory, inventory_clear)

static void
test_inventory (void)
{
  g_auto (Inventory) inventory = { NULL, NULL, NULL };
  PlantRpcSignalInfo *signal;

  read_inventory (&inventory,
                  "@a{sv} {'echo': <int64 10000>, 'slow': <int64 -5>, 'zero': <int64 0>,"
                  " 'odd': <'x'>, 'late': <1e300>, 'later': <int64 9223372036854775807>,"
                  " 'latest': <int64 2147483647>, 'never': <int64 -9223372036854775808>,"
                  " 'get_image': <int64 5>}",
                  "[<'mode'>, <'video_url'>, <'rotation'>, <'name'>, <'config'>]",
                  "[<'modeChanged'>, <'videoUrlChanged'>, <'rotation_changed'>, <'connect'>]",
                  NULL);
  g_assert_no_error (inventory.error);
  g_assert_cmpuint (inventory.skipped->len, ==, 1);
  g_assert_nonnull (strstr (g_ptr_array_index (inventory.skipped, 0), "get_image"));
  g_assert_cmpint (plant_rpc_interface_info_find_method (inventory.info, "slow")->timeout, ==,
                   PLANT_RPC_TIMEOUT_NONE);
  g_assert_cmpint (plant_rpc_interface_info_find_method (inventory.info, "zero")->timeout, ==,
                   PLANT_RPC_TIMEOUT_DEFAULT);
  g_assert_cmpint (plant_rpc_interface_info_find_method (inventory.info, "odd")->timeout, ==,
                   PLANT_RPC_TIMEOUT_DEFAULT);
  g_assert_cmpint (plant_rpc_interface_info_find_method (inventory.info, "late")->timeout, ==,
                   G_MAXINT);
  g_assert_cmpint (plant_rpc_interface_info_find_method (inventory.info, "later")->timeout, ==,
                   G_MAXINT);
  g_assert_cmpint (plant_rpc_interface_info_find_method (inventory.info, "latest")->timeout, ==,
                   G_MAXINT);
  g_assert_cmpint (plant_rpc_interface_info_find_method (inventory.info, "never")->timeout, ==,
                   PLANT_RPC_TIMEOUT_NONE);
  g_assert_cmpint (plant_rpc_interface_info_find_method (inventory.info, "get_image")->timeout, ==,
                   5);
  signal = plant_rpc_interface_info_find_signal (inventory.info, "videoUrlChanged");
  g_assert_cmpstr (signal->property, ==, "video-url");
  g_assert_cmpstr (signal->signature, ==, "(v)");
  g_assert_cmpstr (plant_rpc_interface_info_find_property (inventory.info,
                                                           "rotation")->change_signal, ==,
                   "rotation_changed");
  g_assert_null (plant_rpc_interface_info_find_property (inventory.info, "config")->change_signal);
  g_assert_cmpstr (plant_rpc_interface_info_find_property (inventory.info, "name")->name, ==,
                   "remote-name");
  test_assert_round_trip (inventory.info);
}

static void
test_inventory_values (void)
{
  static const struct {
    const char *value;
    const char *type_string;
  } cases[] = {
    { "<true>", "b" },
    { "<int64 5>", "d" },
    { "<uint64 18446744073709551615>", "d" },
    { "<5.5>", "d" },
    { "<'x'>", "s" },
    { "<''>", "s" },
    { "<@av [<'a'>, <'b'>]>", "as" },
    { "<@av [<'a'>, <int64 1>]>", "v" },
    { "<@av [<'a'>, <@mv nothing>]>", "v" },
    { "<@av []>", "v" },
    { "<@as ['a']>", "as" },
    { "<@as []>", "v" },
    { "<<<'x'>>>", "s" },
    { "<@mv <<5.5>>>", "d" },
    { "<@av [<<'a'>>]>", "as" },
    { "<byte 0x05>", "d" },
    { "<(1, 2)>", "v" },
    { "<@mv nothing>", "v" },
    { "<@a{sv} {}>", "v" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Inventory) inventory = { NULL, NULL, NULL };
      g_autofree char *values = g_strdup_printf ("@a{sv} {'p': %s, 'other': <5>}", cases[i].value);

      read_inventory (&inventory, "@a{sv} {}", "[<'p'>, <'q'>]", "[<'pChanged'>, <'qChanged'>]",
                      values);
      g_assert_no_error (inventory.error);
      g_assert_cmpstr (plant_rpc_interface_info_find_property (inventory.info, "p")->type_string,
                       ==, cases[i].type_string);
      g_assert_cmpstr (plant_rpc_interface_info_find_signal (inventory.info, "pChanged")->signature,
                       ==, "(v)");
      g_assert_cmpstr (plant_rpc_interface_info_find_property (inventory.info, "q")->type_string,
                       ==, "");
      g_assert_cmpstr (plant_rpc_interface_info_find_signal (inventory.info, "qChanged")->signature,
                       ==, "(v)");
    }
}

static void
test_inventory_hostile_names (void)
{
  g_auto (Inventory) inventory = { NULL, NULL, NULL };
  g_autofree char *huge = g_strnfill (10 * 1024, 'x');
  g_autofree char *properties = g_strdup_printf (
    "[<''>, <'a__b'>, <'9x'>, <'名前'>, <'%s'>, <int64 5>, <@mv nothing>, <'ok'>, <'ok'>, <@av []>,"
    " <'video_url'>, <'videoUrl'>, <'VideoURL'>, <'a b'>, <'notify::x'>, <'connect'>,"
    " <'remote_connect'>]", huge);

  read_inventory (&inventory, "@a{sv} {'': <int64 1>, 'größe': <int64 1>}", properties,
                  "[<'okChanged'>, <'okChanged'>, <'é'>]", "@a{sv} {'ok': <5>}");
  g_assert_no_error (inventory.error);
  /* Six properties, a method, a signal. */
  for (guint i = 0; i < inventory.skipped->len; i++)
    {
      const char *reason = g_ptr_array_index (inventory.skipped, i);

      g_test_message ("%s", reason);
      g_assert_cmpuint (strlen (reason), <, 600);
    }
  g_assert_cmpuint (inventory.skipped->len, ==, 8);
  g_assert_cmpuint (inventory.info->properties.list->len, ==, 11);
  g_assert_cmpstr (plant_rpc_interface_info_find_property (inventory.info, "名前")->name, ==,
                   "member");
  g_assert_cmpstr (plant_rpc_interface_info_find_property (inventory.info, "notify::x")->name, ==,
                   "member-notify-x");
  g_assert_cmpstr (plant_rpc_interface_info_find_property (inventory.info, "video_url")->name, ==,
                   "video-url");
  g_assert_cmpstr (plant_rpc_interface_info_find_property (inventory.info, "videoUrl")->name, ==,
                   "video-url-2");
  g_assert_cmpstr (plant_rpc_interface_info_find_property (inventory.info, "VideoURL")->name, ==,
                   "video-url-3");
  g_assert_cmpstr (plant_rpc_interface_info_find_property (inventory.info, "remote_connect")->name,
                   ==, "remote-connect");
  test_assert_round_trip (inventory.info);
}

static void
test_inventory_refused (void)
{
  static const struct {
    const char *methods;
    const char *properties;
    const char *signals;
  } cases[] = {
    { "[<'echo'>]", "@av []", "@av []" },
    { "@mv nothing", "@av []", "@av []" },
    { "@a{sv} {}", "@a{sv} {}", "@av []" },
    { "@a{sv} {}", "@av []", "'x'" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Inventory) inventory = { NULL, NULL, NULL };

      read_inventory (&inventory, cases[i].methods, cases[i].properties, cases[i].signals, NULL);
      g_assert_null (inventory.info);
      g_assert_error (inventory.error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL);
    }
}

static void
test_inventory_many (void)
{
  static const char *const spellings[] = { "_bx", "-bx", "Bx", "_Bx", "-Bx" };
  g_autoptr (GString) names = g_string_new ("[<'p'>");
  g_auto (Inventory) most = { NULL, NULL, NULL };
  g_auto (Inventory) many = { NULL, NULL, NULL };
  g_autofree char *closed = NULL;

  /* One GObject name for all. */
  for (guint i = 0; i < PLANT_RPC_MAX_MEMBERS - 1; i++)
    {
      g_string_append (names, ", <'a");
      for (guint rest = i, word = 0; word < 5; rest /= G_N_ELEMENTS (spellings), word++)
        g_string_append (names, spellings[rest % G_N_ELEMENTS (spellings)]);
      g_string_append (names, "'>");
    }
  closed = g_strconcat (names->str, "]", NULL);
  read_inventory (&most, "@a{sv} {}", closed, closed, NULL);
  g_assert_no_error (most.error);
  g_assert_cmpuint (most.info->properties.list->len, ==, PLANT_RPC_MAX_MEMBERS);
  g_assert_nonnull (plant_rpc_interface_info_lookup_property (most.info, "a-bx-bx-bx-bx-bx"));
  g_assert_nonnull (plant_rpc_interface_info_lookup_property (most.info, "a-bx-bx-bx-bx-bx-999"));

  g_string_append (names, ", <'one_more'>]");
  read_inventory (&many, "@a{sv} {}", names->str, "@av []", NULL);
  g_assert_null (many.info);
  g_assert_error (many.error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT);
}

#define PACKED                                                                      \
  "{\"methods\": {\"echo\": {\"timeout\": 50}, \"wait\": {\"timeout\": null},"          \
  " \"get_image\": {\"buffer\": true}}, \"properties\": {\"level\": {\"type\": \"i\"}}," \
  " \"signals\": {\"ping\": {\"signature\": \"()\"}}}"

static GBytes *
pack_interface (const char *instance)
{
  g_autoptr (PlantRpcInterfaceInfo) interface = test_read_json (PACKED);
  g_autoptr (GError) error = NULL;
  GBytes *payload = plant_rpc_interface_info_pack_inventory (
      interface, "cam", instance, PLANT_RPC_ROLE_ADMINISTRATOR, NULL, &error);

  g_assert_no_error (error);
  return payload;
}

/* Without an instance it is the reply of a server that knows only the old wires. */
static void
test_packed_old (void)
{
  g_autoptr (GBytes) payload = pack_interface (NULL);
  gsize size;
  const char *data = g_bytes_get_data (payload, &size);
  g_autoptr (GVariant) reply = plant_rpc_json_parse (data, size, NULL);

  test_assert_variant (reply, "{'json_methods': <{'echo': <int64 50>, 'wait': <@mv nothing>}>,"
                              " 'buffer_methods': <{'get_image': <int64 10000>}>,"
                              " 'signals': <[<'ping'>]>, 'properties': <[<'level'>]>,"
                              " 'name': <'cam'>}");
}

static void
test_packed_native (void)
{
  g_autoptr (GBytes) payload = pack_interface ("instance-1");
  g_auto (PlantRpcInventory) inventory = { 0 };
  g_autoptr (PlantRpcInterfaceInfo) interface = test_read_json (PACKED);
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

  g_test_add_func ("/inventory", test_inventory);
  g_test_add_func ("/interface-inventory/values", test_inventory_values);
  g_test_add_func ("/interface-inventory/hostile-names", test_inventory_hostile_names);
  g_test_add_func ("/interface-inventory/refused", test_inventory_refused);
  g_test_add_func ("/interface-inventory/many", test_inventory_many);
  g_test_add_func ("/interface-inventory/packed-old", test_packed_old);
  g_test_add_func ("/interface-inventory/packed-native", test_packed_native);

  return g_test_run ();
}
