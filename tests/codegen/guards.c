/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Generated functions refuse what is no object of theirs, and what may not be left out. */

#include "probe-generated.h"

#define REFUSES(call, assertion) \
  G_STMT_START \
    { \
      g_test_expect_message (NULL, G_LOG_LEVEL_CRITICAL, "*: assertion '" assertion "' failed"); \
      call; \
      g_test_assert_expected_messages (); \
    } \
  G_STMT_END

static void
test_properties (void)
{
  REFUSES (g_assert_cmpint (lab_probe_get_angle (NULL), ==, 0), "LAB_IS_PROBE (self)");
  REFUSES (g_assert_null (lab_probe_dup_label (NULL)), "LAB_IS_PROBE (self)");
  REFUSES (lab_probe_set_angle (NULL, 1), "LAB_IS_PROBE (self)");
  REFUSES (lab_probe_set_label (NULL, "x"), "LAB_IS_PROBE (self)");
  REFUSES (lab_probe_emit_ping (NULL), "LAB_IS_PROBE (self)");
  REFUSES (lab_probe_emit_captured (NULL, "x", 1), "LAB_IS_PROBE (self)");
}

static void
test_connect (void)
{
  const char *url = "tcp://127.0.0.1:1";

  REFUSES (g_assert_null (lab_probe_client_new (NULL)), "url != NULL");
  REFUSES (g_assert_null (lab_probe_client_new_for_device (NULL, "x")), "registry_url != NULL");
  REFUSES (g_assert_null (lab_probe_client_new_for_device (url, NULL)), "device != NULL");
  REFUSES (lab_probe_client_connect_url (NULL, 0, NULL, NULL, NULL), "url != NULL");
  REFUSES (g_assert_null (lab_probe_client_connect_url_sync (NULL, 0, NULL, NULL)),
           "url != NULL");
  REFUSES (g_assert_null (lab_probe_client_connect_url_finish (NULL, NULL)),
           "g_task_is_valid (result, NULL)");
  REFUSES (lab_probe_client_connect_device (NULL, "x", 0, NULL, NULL, NULL),
           "registry_url != NULL");
  REFUSES (lab_probe_client_connect_device (url, NULL, 0, NULL, NULL, NULL), "device != NULL");
  REFUSES (g_assert_null (lab_probe_client_connect_device_sync (NULL, "x", 0, NULL, NULL)),
           "registry_url != NULL");
  REFUSES (g_assert_null (lab_probe_client_connect_device_sync (url, NULL, 0, NULL, NULL)),
           "device != NULL");
  REFUSES (g_assert_null (lab_probe_client_connect_device_finish (NULL, NULL)),
           "g_task_is_valid (result, NULL)");
}

static void
test_calls (void)
{
  REFUSES (lab_probe_client_call_add (NULL, 1, 2, NULL, NULL, NULL),
           "LAB_IS_PROBE_CLIENT (self)");
  REFUSES (g_assert_false (lab_probe_client_call_add_finish (NULL, NULL, NULL, NULL)),
           "LAB_IS_PROBE_CLIENT (self)");
  REFUSES (g_assert_false (lab_probe_client_call_add_sync (NULL, 1, 2, NULL, NULL, NULL)),
           "LAB_IS_PROBE_CLIENT (self)");
  REFUSES (lab_probe_client_call_get_image (NULL, FALSE, NULL, NULL, NULL),
           "LAB_IS_PROBE_CLIENT (self)");
  REFUSES (g_assert_null (lab_probe_client_call_get_image_finish (NULL, NULL, NULL, NULL)),
           "LAB_IS_PROBE_CLIENT (self)");
  REFUSES (g_assert_null (lab_probe_client_call_get_image_sync (NULL, FALSE, NULL, NULL, NULL)),
           "LAB_IS_PROBE_CLIENT (self)");
}

static void
test_arguments (void)
{
  g_autoptr (LabProbeClient) client = lab_probe_client_new ("tcp://127.0.0.1:1");

  REFUSES (lab_probe_client_call_echo (client, NULL, NULL, NULL, NULL), "arg_value != NULL");
  REFUSES (g_assert_null (lab_probe_client_call_echo_sync (client, NULL, NULL, NULL)),
           "arg_value != NULL");
  REFUSES (lab_probe_client_call_change (client, NULL, NULL, NULL, NULL, NULL),
           "arg_name != NULL");
  REFUSES (g_assert_false (lab_probe_client_call_change_sync (client, NULL, NULL, NULL, NULL)),
           "arg_name != NULL");
  REFUSES (g_assert_false (lab_probe_client_call_change_sync (client, "x", NULL, NULL, NULL)),
           "arg_value != NULL");
}

static void
test_skeleton (void)
{
  g_autoptr (LabProbeSkeleton) skeleton = lab_probe_skeleton_new ();
  g_autoptr (LabProbeSkeleton) other = lab_probe_skeleton_new ();
  g_autoptr (PlantRpcServer) server = plant_rpc_server_new (G_OBJECT (other), "tcp://127.0.0.1:*");

  REFUSES (lab_probe_skeleton_offer (NULL, server, PLANT_RPC_METHOD_FLAGS_NONE),
           "LAB_IS_PROBE_SKELETON (self)");
  REFUSES (lab_probe_skeleton_offer (skeleton, NULL, PLANT_RPC_METHOD_FLAGS_NONE),
           "PLANT_RPC_IS_SERVER (server)");
  REFUSES (lab_probe_skeleton_offer (skeleton, server, PLANT_RPC_METHOD_FLAGS_NONE),
           "plant_rpc_server_get_object (server) == G_OBJECT (self)");
  REFUSES (g_assert_cmpint (lab_probe_skeleton_get_angle (NULL), ==, 0),
           "LAB_IS_PROBE_SKELETON (self)");
  REFUSES (lab_probe_skeleton_set_angle (NULL, 1), "LAB_IS_PROBE_SKELETON (self)");
  REFUSES (lab_probe_skeleton_set_label (NULL, "x"), "LAB_IS_PROBE_SKELETON (self)");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/guards/properties", test_properties);
  g_test_add_func ("/guards/connect", test_connect);
  g_test_add_func ("/guards/calls", test_calls);
  g_test_add_func ("/guards/arguments", test_arguments);
  g_test_add_func ("/guards/skeleton", test_skeleton);
  return g_test_run ();
}
