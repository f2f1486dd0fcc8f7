/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <unistd.h>

#include "plant-rpc-test-stand.h"

void
test_handle_echo (PlantRpcInvocation  *invocation,
                  gpointer             user_data,
                  GError             **error)
{
  g_autoptr (GVariant) message = NULL;

  g_variant_get_child (plant_rpc_invocation_get_args (invocation), 0, "v", &message);
  plant_rpc_invocation_return_value (invocation, message);
}

/* An address in the abstract namespace is that of the whole machine, and another run of the test
 * may have it. */
char *
test_make_own_url (const char *url)
{
  if (!g_str_has_prefix (url, "ipc://@"))
    return g_strdup (url);
  return g_strdup_printf ("%s-%d", url, (int) getpid ());
}

void
test_stand_set_up (TestStand     *self,
                   gconstpointer  url)
{
  g_autofree char *own_url = test_make_own_url (url != NULL ? url : "tcp://127.0.0.1:*");
  g_autoptr (GError) error = NULL;

  self->gauge = test_gauge_new ();
  self->server = plant_rpc_server_new (G_OBJECT (self->gauge), own_url);
  plant_rpc_server_register_method_json (self->server, "echo", "message", 0,
                                         PLANT_RPC_METHOD_FLAGS_NONE, test_handle_echo, NULL, NULL);
  plant_rpc_server_start (self->server, &error);
  g_assert_no_error (error);
  self->peer = test_peer_new (ZMQ_DEALER, plant_rpc_server_get_url (self->server));
}

/* Nobody may hold on to what the test made. */
void
test_stand_tear_down (TestStand     *self,
                      gconstpointer  url)
{
  test_peer_free (self->peer);
  g_assert_finalize_object (self->server);
  g_assert_finalize_object (self->gauge);
}
