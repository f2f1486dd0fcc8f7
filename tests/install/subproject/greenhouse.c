/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <plantrpc/plantrpc.h>

#ifndef GREENHOUSE
# error "Another project's config.h is found before one's own"
#endif

/* Serves something, and reaches it. */
int
main (void)
{
  g_autoptr (GSimpleAction) lamp = g_simple_action_new ("lamp", NULL);
  g_autoptr (PlantRpcServer) server = plant_rpc_server_new (G_OBJECT (lamp), "tcp://127.0.0.1:*");
  g_autoptr (PlantRpcClient) client = NULL;
  g_autoptr (GError) error = NULL;

  if (!plant_rpc_server_start (server, &error))
    g_error ("%s", error->message);
  client = plant_rpc_client_new (plant_rpc_server_get_url (server));
  while (plant_rpc_client_get_state (client) != PLANT_RPC_STATE_READY)
    g_main_context_iteration (NULL, TRUE);
  g_print ("ready\n");
  return 0;
}
