/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-client.h"
#include "plant-rpc-error.h"
#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-server.h"
#include "plant-rpc-test-child.h"
#include "plant-rpc-test-interface.h"
#include "plant-rpc-test-log.h"
#include "plant-rpc-test-peer.h"

#define CALL \
  "{\"event\": \"METHOD_CALL\", \"method\": \"run\", \"params\": {\"args\": [], \"kwargs\": {}}}"

/* What methods declare that they return, on both sides. */

/* ---- a server whose method returns what is given, of a declared type */

static void
on_run (PlantRpcInvocation  *invocation,
        gpointer             user_data,
        GError             **error)
{
  const char *value = user_data;

  plant_rpc_invocation_return_value (invocation,
                                     value != NULL ? g_variant_new_parsed (value) : NULL);
}

static void
on_run_buffer (PlantRpcInvocation  *invocation,
               gpointer             user_data,
               GError             **error)
{
  g_autoptr (GBytes) buffer = g_bytes_new_static ("xyz", 3);
  const char *info = user_data;

  plant_rpc_invocation_return_buffer (invocation, buffer,
                                      info != NULL ? g_variant_new_parsed (info) : NULL);
}

static PlantRpcServer *
server_new (const char *signature,
            gboolean    buffer,
            const char *value)
{
  PlantRpcServer *server = plant_rpc_server_new (NULL, "tcp://127.0.0.1:*");
  g_autoptr (GError) error = NULL;

  if (buffer)
    plant_rpc_server_register_method_buffer (server, "run", signature, 0,
                                             PLANT_RPC_METHOD_FLAGS_NONE, on_run_buffer,
                                             (gpointer) value, NULL);
  else
    plant_rpc_server_register_method_json (server, "run", signature, 0,
                                           PLANT_RPC_METHOD_FLAGS_NONE, on_run, (gpointer) value,
                                           NULL);
  plant_rpc_server_start (server, &error);
  g_assert_no_error (error);
  return server;
}

static const struct {
  const char *signature;
  const char *returned;
  const char *sent; /* natively; NULL: nothing */
  const char *json; /* of the reply to an old peer */
} good[] = {
  { "", "5", "5", "@x 5" },
  { "-> d", "5", "5.0", "5.0" },
  { "-> d", "2.5", "2.5", "2.5" },
  { "-> y", "@x 255", "byte 0xff", "@x 255" },
  { "-> s", "'a'", "'a'", "'a'" },
  { "-> s", "<'a'>", "'a'", "'a'" },
  { "-> ms", "'a'", "@ms 'a'", "'a'" },
  { "-> ms", NULL, "@ms nothing", "@mv nothing" },
  { "-> as", "[<'a'>, <'b'>]", "['a', 'b']", "[<'a'>, <'b'>]" },
  { "-> a{sv}", "{'a': 1}", "{'a': <1>}", "{'a': <@x 1>}" },
  { "-> (id)", "[<@x 1>, <2>]", "(1, 2.0)", "[<@x 1>, <2.0>]" },
  { "-> v", "5", "5", "@x 5" },
  { "-> v", "<'a'>", "<'a'>", "'a'" },
  { "-> v", NULL, "@mv nothing", "@mv nothing" },
  { "-> ()", NULL, NULL, "@mv nothing" },
  { "-> ()", "@mv nothing", NULL, "@mv nothing" },
  { "-> ()", "()", NULL, "@mv nothing" },
};

static void
ask (PlantRpcServer *server,
     PlantRpcReply  *reply)
{
  g_autoptr (TestPeer) peer = test_peer_new (ZMQ_DEALER, plant_rpc_server_get_url (server));
  PlantRpcRequest request = {
    .event = PLANT_RPC_EVENT_METHOD_CALL,
    .name = g_strdup ("run"),
    .args = g_variant_ref_sink (g_variant_new_parsed ("@av []")),
    .kwargs = g_variant_ref_sink (g_variant_new_parsed ("@a{sv} {}")),
  };

  test_peer_ask_native (peer, &request, reply);
}

static void
test_server (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (PlantRpcServer) server = server_new (good[i].signature, FALSE, good[i].returned);
      g_autoptr (TestPeer) peer = test_peer_new (ZMQ_DEALER, plant_rpc_server_get_url (server));
      g_autofree char *told =
          g_strdup_printf ("{'success': <true>, 'result': <%s>}", good[i].json);
      g_auto (PlantRpcReply) reply = { 0 };

      g_test_message ("%s %s", good[i].signature, good[i].returned);
      ask (server, &reply);
      g_assert_no_error (reply.error);
      if (good[i].sent != NULL)
        test_assert_variant (reply.value, good[i].sent);
      else
        g_assert_null (reply.value);
      test_peer_assert_reply (peer, CALL, told);
    }
}

static const struct {
  const char *signature;
  const char *returned;
  const char *told;
} bad[] = {
  { "-> d", "'5'", "“run” returned is not of type d: expected a number, got \"5\"" },
  { "-> d", NULL, "expected a number, got nothing" },
  { "-> d", "@mv nothing", "expected a number, got nothing" },
  { "-> i", "1.5", "type i" },
  { "-> y", "256", "type y" },
  { "-> s", NULL, "type s" },
  { "-> as", "[<'a'>, <1>]", "element 1" },
  { "-> ()", "@av []", "expected nothing" },
  { "-> ()", "false", "expected nothing" },
};

/* The mistake is told to the caller, and on the device. */
static void
test_server_misfit (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (PlantRpcServer) server = server_new (bad[i].signature, FALSE, bad[i].returned);
      g_autofree char *pattern = g_strdup_printf ("*%s*", bad[i].told);
      g_auto (PlantRpcReply) reply = { 0 };

      g_test_message ("%s %s", bad[i].signature, bad[i].returned);
      test_log_expect (G_LOG_LEVEL_WARNING, pattern);
      ask (server, &reply);
      test_log_assert_caught ();
      g_assert_error (reply.error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE);
      g_assert_nonnull (strstr (reply.error->message, bad[i].told));
      g_assert_null (reply.value);
    }
}

static void
test_server_buffer (void)
{
  static const struct {
    const char *signature;
    const char *info;
    const char *sent; /* NULL: refused */
  } cases[] = {
    { "-> a{sd}", "{'a': <@x 1>, 'b': <2.5>}", "{'a': <1.0>, 'b': <2.5>}" },
    { "-> a{sv}", "{'a': <@x 1>}", "{'a': <@x 1>}" },
    { "-> a{sd}", NULL, "@a{sv} {}" },
    { "-> a{sd}", "{'a': <'1'>}", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PlantRpcServer) server = server_new (cases[i].signature, TRUE, cases[i].info);
      g_auto (PlantRpcReply) reply = { 0 };

      if (cases[i].sent == NULL)
        test_log_expect (G_LOG_LEVEL_WARNING, "*“run” returned is not of type a{sd}*");
      ask (server, &reply);
      if (cases[i].sent == NULL)
        {
          test_log_assert_caught ();
          g_assert_error (reply.error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE);
          g_assert_null (reply.buffer);
          continue;
        }
      g_assert_no_error (reply.error);
      g_assert_cmpuint (g_bytes_get_size (reply.buffer), ==, 3);
      test_assert_variant (reply.value, cases[i].sent);
    }
}

/* ---- clients */

static void
keep_result (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

/* Made for METHODS, JSON; NULL: it knows only what the device tells. */
static PlantRpcClient *
client_new (const char *methods,
            const char *url)
{
  g_autofree char *json = g_strdup_printf ("{\"methods\": {%s}}", methods != NULL ? methods : "");
  g_autoptr (PlantRpcInterfaceInfo) info = test_read_json (json);
  g_autoptr (GError) error = NULL;
  PlantRpcClient *client = methods != NULL ? plant_rpc_client_new_for_interface (info, url, &error)
                                           : plant_rpc_client_new (url);

  g_assert_no_error (error);
  test_wait_until (plant_rpc_client_get_state (client) == PLANT_RPC_STATE_READY);
  return client;
}

static GVariant *
call (PlantRpcClient  *client,
      const char      *method,
      const char      *args,
      GError         **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  plant_rpc_client_call (client, method, args != NULL ? g_variant_new_parsed (args) : NULL, NULL,
                         10000, NULL, keep_result, &result);
  test_wait_until (result != NULL);
  return plant_rpc_client_call_finish (client, result, error);
}

/* METHOD is that of an independent peer that returns its argument, and knows nothing of types. */
static const struct {
  const char *type;
  const char *told;
  const char *result; /* or part of the error */
  gboolean    fails;
} echoes[] = {
  { "d", "(5,)", "5.0", FALSE },
  { "y", "(5,)", "byte 0x05", FALSE },
  { "as", "(['a'],)", "['a']", FALSE },
  { "(id)", "([1, 2],)", "(1, 2.0)", FALSE },
  { "ms", "(@ms nothing,)", "@ms nothing", FALSE },
  { "ms", "('a',)", "@ms 'a'", FALSE },
  { "v", "(5,)", "@x 5", FALSE },
  { "()", "(@ms nothing,)", "()", FALSE },
  { "d", "('5',)", "“echo” returned is not of type d: expected a number, got \"5\"", TRUE },
  { "i", "(1.5,)", "type i", TRUE },
  { "s", "(@ms nothing,)", "got nothing", TRUE },
  { "d", "(@ms nothing,)", "got nothing", TRUE },
  { "()", "(false,)", "expected nothing, got false", TRUE },
};

static void
check_echoes (const char *url)
{
  for (gsize i = 0; i < G_N_ELEMENTS (echoes); i++)
    {
      g_autofree char *methods =
          g_strdup_printf ("\"echo\": {\"signature\": \"message -> %s\"}", echoes[i].type);
      g_autoptr (PlantRpcClient) client = client_new (methods, url);
      g_autoptr (GError) error = NULL, error_sync = NULL;
      g_autoptr (GVariant) result = call (client, "echo", echoes[i].told, &error);
      g_autoptr (GVariant) result_sync = plant_rpc_client_call_sync (
          client, "echo", g_variant_new_parsed (echoes[i].told), NULL, 10000, NULL, &error_sync);

      if (!echoes[i].fails)
        {
          g_assert_no_error (error);
          g_assert_no_error (error_sync);
          test_assert_variant (result, echoes[i].result);
          test_assert_variant (result_sync, echoes[i].result);
          continue;
        }
      g_assert_null (result);
      g_assert_null (result_sync);
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL);
      g_assert_nonnull (strstr (error->message, echoes[i].result));
      g_assert_true (plant_rpc_error_may_have_run (error));
      g_assert_error (error_sync, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL);
    }
}

static void
test_old_peer (gconstpointer generation)
{
  g_autoptr (TestChild) child = test_child_new (GPOINTER_TO_INT (generation), "extended");

  check_echoes (test_child_get_url (child));
}

static void
check_image (PlantRpcClient *client,
             const char     *type,
             int             code)
{
  g_autoptr (GVariant) info = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes =
      plant_rpc_client_call_buffer_sync (client, "get_image", NULL, NULL, 10000, NULL, &info,
                                         &error);

  if (code >= 0)
    {
      g_assert_null (bytes);
      g_assert_error (error, PLANT_RPC_ERROR, code);
      return;
    }
  g_assert_no_error (error);
  g_assert_nonnull (bytes);
  g_assert_cmpstr (g_variant_get_type_string (info), ==, type);
}

static void
test_old_peer_buffer (gconstpointer generation)
{
  static const struct {
    const char *type;
    int         code; /* -1: none */
  } cases[] = { { "a{sv}", -1 }, { "a{smv}", -1 }, { "a{sd}", PLANT_RPC_ERROR_PROTOCOL } };
  g_autoptr (TestChild) child = test_child_new (GPOINTER_TO_INT (generation), "extended");

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *methods = g_strdup_printf (
          "\"get_image\": {\"signature\": \"lores = false -> %s\", \"buffer\": true}",
          cases[i].type);
      g_autoptr (PlantRpcClient) client = client_new (methods, test_child_get_url (child));

      check_image (client, cases[i].type, cases[i].code);
    }
}

/* What the device declares counts unless the client was made for something that declares it. */
static void
test_native_peer (void)
{
  static const struct {
    const char *server;
    const char *client; /* NULL: made for nothing */
    const char *result;
  } cases[] = {
    { "", NULL, "5" },
    { "", "", "5" },
    { "", "-> d", "5.0" },
    { "-> d", NULL, "5.0" },
    { "-> d", "", "5.0" },
    { "-> i", "-> d", "5.0" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PlantRpcServer) server = server_new (cases[i].server, FALSE, "5");
      g_autofree char *methods = cases[i].client != NULL
          ? g_strdup_printf ("\"run\": {\"signature\": \"%s\"}", cases[i].client) : NULL;
      g_autoptr (PlantRpcClient) client = client_new (methods, plant_rpc_server_get_url (server));
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) result = call (client, "run", NULL, &error);
      PlantRpcMethodInfo *told = plant_rpc_interface_info_lookup_method (
          plant_rpc_client_get_interface (client), "run");

      g_assert_no_error (error);
      test_assert_variant (result, cases[i].result);
      g_assert_cmpstr (plant_rpc_method_info_get_return_type (told), ==,
                       *cases[i].server != '\0' ? cases[i].server + strlen ("-> ") : NULL);
    }
}

/* ---- interfaces */

static void
test_interface (void)
{
  g_autoptr (PlantRpcInterfaceInfo) one =
      test_read_json ("{\"methods\": {\"m\": {\"signature\": \"a: i -> d\"}}}");
  g_autoptr (PlantRpcInterfaceInfo) other =
      test_read_json ("{\"methods\": {\"m\": {\"signature\": \"a: i -> i\"}}}");

  test_assert_round_trip (one);
  g_assert_false (plant_rpc_interface_info_equal (one, other));
  g_assert_cmpstr (plant_rpc_interface_info_get_hash (one), !=,
                   plant_rpc_interface_info_get_hash (other));
  g_assert_cmpuint (plant_rpc_client_type_for_interface (one, NULL), !=,
                    plant_rpc_client_type_for_interface (other, NULL));
}

/* A method that is registered without a signature has that of the template. */
static void
test_template (void)
{
  GType type = test_make_subclass ("ReturningThing", G_TYPE_OBJECT);
  g_autoptr (GObject) thing = NULL;
  g_autoptr (PlantRpcServer) server = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (PlantRpcReply) reply = { 0 };

  plant_rpc_type_declare_method (type, "run", "-> d", FALSE, 0);
  thing = g_object_new (type, NULL);
  server = plant_rpc_server_new (thing, "tcp://127.0.0.1:*");
  plant_rpc_server_register_method_json (server, "run", NULL, 0, PLANT_RPC_METHOD_FLAGS_NONE,
                                         on_run, (gpointer) "5", NULL);
  plant_rpc_server_start (server, &error);
  g_assert_no_error (error);
  ask (server, &reply);
  g_assert_no_error (reply.error);
  test_assert_variant (reply.value, "5.0");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_log_init ();

  g_test_add_func ("/return-types/interface", test_interface);
  g_test_add_func ("/return-types/template", test_template);
  g_test_add_func ("/return-types/server", test_server);
  g_test_add_func ("/return-types/server-misfit", test_server_misfit);
  g_test_add_func ("/return-types/server-buffer", test_server_buffer);
  g_test_add_func ("/return-types/native-peer", test_native_peer);
  g_test_add_data_func ("/return-types/generation-1", GINT_TO_POINTER (1), test_old_peer);
  g_test_add_data_func ("/return-types/generation-2", GINT_TO_POINTER (2), test_old_peer);
  g_test_add_data_func ("/return-types/generation-1-buffer", GINT_TO_POINTER (1),
                        test_old_peer_buffer);
  g_test_add_data_func ("/return-types/generation-2-buffer", GINT_TO_POINTER (2),
                        test_old_peer_buffer);

  return g_test_run ();
}
