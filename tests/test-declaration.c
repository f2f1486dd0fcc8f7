/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-enums.h"
#include "plant-rpc-error.h"
#include "plant-rpc-test-interface.h"
#include "plant-rpc-test-types.h"

static void
test_declarations (void)
{
  GType device = test_make_subclass ("TestDevice", TEST_TYPE_CAMERA);
  GType special = test_make_subclass ("TestSpecialDevice", device);
  g_autoptr (PlantRpcInterfaceInfo) before = test_read_type (device);
  g_autoptr (PlantRpcInterfaceInfo) info = NULL;
  PlantRpcMethodInfo *method;

  plant_rpc_type_declare_method (device, "get_image", "lores: b = false", TRUE,
                                 PLANT_RPC_TIMEOUT_NONE);
  plant_rpc_type_declare_method (device, "ping", "", FALSE, 5);
  plant_rpc_type_declare_method (special, "ping", NULL, FALSE, PLANT_RPC_TIMEOUT_FROM_SERVER);
  plant_rpc_type_declare_method (special, "ping", "n", FALSE, PLANT_RPC_TIMEOUT_FROM_SERVER);
  plant_rpc_type_declare_wire_name (device, "p_int", "Rotation");
  plant_rpc_type_declare_wire_name (device, "zoomed", "on zoom");
  plant_rpc_type_declare_unit (device, "p-int", "°");
  plant_rpc_type_declare_unit (special, "p-int", "deg");
  plant_rpc_type_declare_unit (device, "p_double", "mm");
  plant_rpc_type_declare_step (device, "p-double", 0.5);
  plant_rpc_type_declare_step (device, "p-string", 2);
  plant_rpc_type_declare_read_only (device, "p-double", TRUE);
  plant_rpc_type_declare_read_only (device, "p-int", TRUE);
  plant_rpc_type_declare_read_only (special, "p-int", FALSE);
  plant_rpc_type_declare_variant_type (device, "p-variant", "(ii)");
  plant_rpc_type_declare_variant_type (device, "p-string", "(ii)");

  info = test_read_type (special);
  method = plant_rpc_interface_info_lookup_method (info, "get-image");
  g_assert_cmpstr (plant_rpc_method_info_get_signature (method), ==, "lores: b = false");
  g_assert_cmpint (plant_rpc_method_info_get_timeout (method), ==, PLANT_RPC_TIMEOUT_NONE);
  method = plant_rpc_interface_info_lookup_method (info, "ping");
  g_assert_cmpstr (plant_rpc_method_info_get_name (method), ==, "ping");
  g_assert_cmpstr (method->signature, ==, "n");
  g_assert_cmpint (method->timeout, ==, PLANT_RPC_TIMEOUT_DEFAULT);
  g_assert_cmpuint (info->methods.list->len, ==, 2);
  g_assert_cmpstr (plant_rpc_interface_info_find_property (info, "Rotation")->name, ==, "p-int");
  g_assert_cmpstr (plant_rpc_interface_info_find_property (info, "Rotation")->unit, ==, "deg");
  g_assert_cmpstr (plant_rpc_interface_info_find_property (info, "p_double")->unit, ==, "mm");
  g_assert_cmpfloat (plant_rpc_interface_info_find_property (info, "p_double")->step, ==, 0.5);
  g_assert_cmpfloat (plant_rpc_interface_info_find_property (info, "p_string")->step, ==, 0);
  g_assert_false (plant_rpc_interface_info_find_property (info, "p_double")->writable);
  g_assert_true (plant_rpc_interface_info_find_property (info, "Rotation")->writable);
  g_assert_cmpstr (plant_rpc_interface_info_find_property (info, "p_variant")->type_string, ==,
                   "(ii)");
  g_assert_cmpstr (plant_rpc_interface_info_find_property (info, "p_string")->type_string, ==, "s");
  g_assert_cmpstr (plant_rpc_interface_info_find_signal (info, "on zoom")->name, ==, "zoomed");
  g_assert_cmpuint (before->methods.list->len, ==, 0);
  g_assert_false (plant_rpc_interface_info_equal (before, info));
  test_assert_round_trip (info);
}

/* A property that a subtype declares again need not have the unit and the step of the former. */
static void
test_taken_back (void)
{
  GType device = test_make_subclass ("TestMeasuredDevice", TEST_TYPE_CAMERA);
  GType plain = test_make_subclass ("TestUnmeasuredDevice", device);
  g_autoptr (PlantRpcInterfaceInfo) info = NULL;
  PlantRpcPropertyInfo *property;

  plant_rpc_type_declare_unit (device, "p-double", "mm");
  plant_rpc_type_declare_step (device, "p-double", 0.5);
  plant_rpc_type_declare_unit (plain, "p-double", "");
  plant_rpc_type_declare_step (plain, "p-double", 0);

  info = test_read_type (plain);
  property = plant_rpc_interface_info_find_property (info, "p_double");
  g_assert_null (property->unit);
  g_assert_cmpfloat (property->step, ==, 0);
  test_assert_round_trip (info);
}

static void
test_declaration_of_interface (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info = NULL;
  g_autoptr (PlantRpcInterfaceInfo) other = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) methods =
    g_ptr_array_new_with_free_func ((GDestroyNotify) plant_rpc_method_info_unref);

  plant_rpc_type_declare_method (TEST_TYPE_SCANNABLE, "scan", "steps: u = 10", FALSE, -1);
  info = test_read_type (TEST_TYPE_SCANNER);
  other = test_read_type (TEST_TYPE_MOVABLE);
  g_assert_nonnull (plant_rpc_interface_info_lookup_method (info, "scan"));
  g_assert_nonnull (plant_rpc_interface_info_lookup_method (other, "scan"));

  /* A handler without a signature takes over the declared one. */
  g_ptr_array_add (methods, plant_rpc_method_info_new ("scan", NULL, FALSE, 77, NULL));
  plant_rpc_interface_info_unref (g_steal_pointer (&info));
  info = plant_rpc_interface_info_new_for_export (TEST_TYPE_SCANNER, TEST_TYPE_BASE, NULL, methods,
                                                  &error);
  g_assert_no_error (error);
  g_assert_cmpstr (plant_rpc_interface_info_find_method (info, "scan")->signature, ==,
                   "steps: u = 10");
  g_assert_cmpint (plant_rpc_interface_info_find_method (info, "scan")->timeout, ==, 77);
}

/* Within a class the signal of a change is found by its own name, whatever it is called outside. */
static void
test_change_signal (void)
{
  GType type = test_make_subclass ("TestRenamed", TEST_TYPE_CAMERA);
  g_autoptr (PlantRpcInterfaceInfo) info = NULL;

  plant_rpc_type_declare_wire_name (type, "gain-changed", "turned");
  plant_rpc_type_declare_wire_name (type, "notify-me", "gainChanged");
  info = test_read_type (type);
  g_assert_cmpstr (plant_rpc_interface_info_find_property (info, "gain")->change_signal, ==,
                   "turned");
  g_assert_cmpstr (plant_rpc_interface_info_find_signal (info, "turned")->property, ==, "gain");
  g_assert_null (plant_rpc_interface_info_find_signal (info, "gainChanged")->property);
}

static void
test_two_of_a_name (void)
{
  GType type = test_make_subclass ("TestAmbiguous", TEST_TYPE_CAMERA);
  g_autoptr (GError) error = NULL;

  plant_rpc_type_declare_wire_name (type, "p-int", "p_uint");
  g_assert_null (plant_rpc_interface_info_new_for_type (type, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_INTERFACE);
  g_assert_nonnull (strstr (error->message, "p_uint"));
  g_assert_nonnull (strstr (error->message, "TestAmbiguous"));
}

static void
test_wrong_declarations (void)
{
  g_test_expect_message ("PlantRpc", G_LOG_LEVEL_CRITICAL, "*can_be_declared_for*");
  plant_rpc_type_declare_method (G_TYPE_INT, "x", NULL, FALSE, 0);
  g_test_expect_message ("PlantRpc", G_LOG_LEVEL_CRITICAL, "*wire_name*");
  plant_rpc_type_declare_wire_name (TEST_TYPE_CAMERA, "p-int", "");
  g_test_expect_message ("PlantRpc", G_LOG_LEVEL_CRITICAL, "*unit*");
  plant_rpc_type_declare_unit (TEST_TYPE_CAMERA, "p-int", "\xff");
  g_test_expect_message ("PlantRpc", G_LOG_LEVEL_CRITICAL, "*step*");
  plant_rpc_type_declare_step (TEST_TYPE_CAMERA, "p-int", -1);
  g_test_expect_message ("PlantRpc", G_LOG_LEVEL_CRITICAL, "*values*");
  plant_rpc_type_declare_variant_type (TEST_TYPE_CAMERA, "p-variant", "a*");
  g_test_assert_expected_messages ();
}

static void
test_wrong_signature (void)
{
  if (g_test_subprocess ())
    {
      plant_rpc_type_declare_method (TEST_TYPE_CAMERA, "x", "a, b: !", FALSE, 0);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*CRITICAL*parameter*b*");
}

static void
test_wrong_method_name (void)
{
  if (g_test_subprocess ())
    {
      plant_rpc_type_declare_method (TEST_TYPE_CAMERA, "", NULL, FALSE, 0);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*CRITICAL*cannot be the name*");
}

static gpointer
declare_many (gpointer data)
{
  for (guint i = 0; i < 60; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s_%u", (const char *) data, i);
      g_autoptr (PlantRpcInterfaceInfo) info = NULL;

      plant_rpc_type_declare_method (TEST_TYPE_NAMED, name, "a: i", FALSE, 0);
      info = test_read_type (TEST_TYPE_NAMED);
      g_assert_nonnull (plant_rpc_interface_info_lookup_method (info, name));
    }
  return NULL;
}

static void
test_declare_from_threads (void)
{
  GThread *threads[] = {
    g_thread_new ("a", declare_many, (gpointer) "a"),
    g_thread_new ("b", declare_many, (gpointer) "b"),
    g_thread_new ("c", declare_many, (gpointer) "c"),
  };
  g_autoptr (PlantRpcInterfaceInfo) info = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  info = test_read_type (TEST_TYPE_NAMED);
  g_assert_cmpuint (info->methods.list->len, ==, 180);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/declaration", test_declarations);
  g_test_add_func ("/declaration/taken-back", test_taken_back);
  g_test_add_func ("/declaration/interface", test_declaration_of_interface);
  g_test_add_func ("/declaration/change-signal", test_change_signal);
  g_test_add_func ("/declaration/two-of-a-name", test_two_of_a_name);
  g_test_add_func ("/declaration/wrong", test_wrong_declarations);
  g_test_add_func ("/declaration/wrong-signature", test_wrong_signature);
  g_test_add_func ("/declaration/wrong-name", test_wrong_method_name);
  g_test_add_func ("/declaration/threads", test_declare_from_threads);

  return g_test_run ();
}
