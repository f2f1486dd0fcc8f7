/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tool-trust.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "tool-keypair.h"

/* A client has a pair of keys once the key of a server has asked for it. */
gboolean
tool_trust_is_secured (PlantRpcClient *client)
{
  return plant_rpc_client_get_keypair (client) != NULL;
}

/* The pair is made now if this client has never needed it. */
static char *
explain_missing_key (void)
{
  g_autoptr (PlantRpcKeypair) own = plant_rpc_keypair_ensure (TOOL_KEYPAIR_DEFAULT, NULL);
  g_autofree char *argument = NULL;

  if (own == NULL)
    return NULL;
  argument = tool_keypair_show_argument (plant_rpc_keypair_get_public_key (own));
  /* Translators: a public key. NAME stays as it is */
  return g_strdup_printf (_("At the device, “plantrpc keys allow %s NAME” lets this client in, and "
                            "prints the key; NAME is that of the device's pair of keys."),
                          argument);
}

char *
tool_trust_explain_registry (const char   *url,
                             const GError *error)
{
  g_autoptr (PlantRpcKeypair) own = NULL;
  g_autofree char *argument = NULL;

  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    return NULL;
  own = plant_rpc_keypair_ensure (TOOL_KEYPAIR_DEFAULT, NULL);
  if (own == NULL)
    return NULL;
  argument = tool_keypair_show_argument (plant_rpc_keypair_get_public_key (own));
  if (strchr (url, '#') == NULL ||
      strstr (error->message, plant_rpc_keypair_get_public_key (own)) != NULL)
    /* Translators: a public key. NAME stays as it is */
    return g_strdup_printf (_("At the registry, “plantrpc keys allow %s NAME” lets this client in, "
                              "and prints the key; NAME is that of the registry's pair of keys."),
                            argument);
  return g_strdup (_("If the registry was set up anew, ask those who run it for its URL."));
}

char *
tool_trust_explain_connection (PlantRpcClient *client,
                               const GError   *error)
{
  const char *url = plant_rpc_client_get_url (client);
  const char *server_key = url != NULL ? strrchr (url, '#') : NULL;
  PlantRpcKeypair *own = plant_rpc_client_get_keypair (client);
  g_autofree char *argument = NULL;

  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED) ||
      strstr (error->message, "plantrpc keys") != NULL)
    return NULL;
  if (server_key == NULL)
    return explain_missing_key ();
  if (own == NULL)
    return NULL;
  argument = tool_keypair_show_argument (plant_rpc_keypair_get_public_key (own));
  if (strstr (error->message, plant_rpc_keypair_get_public_key (own)) != NULL)
    /* Translators: a public key. NAME stays as it is */
    return g_strdup_printf (_("At the device, “plantrpc keys allow %s NAME” lets this client in; "
                              "NAME is that of the device's pair of keys."), argument);
  return g_strdup (_("If the device was set up anew, ask those who run it for its URL."));
}

char *
tool_trust_explain_request (ToolDevice   *device,
                            const GError *error)
{
  PlantRpcKeypair *own = plant_rpc_client_get_keypair (device->client);
  g_autofree char *argument = NULL;

  if (!g_error_matches (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED) || own == NULL ||
      plant_rpc_client_get_role (device->client) == PLANT_RPC_ROLE_ADMINISTRATOR)
    return NULL;
  argument = tool_keypair_show_argument (plant_rpc_keypair_get_public_key (own));
  /* Translators: a public key. NAME and ROLE stay as they are */
  return g_strdup_printf (_("At the device, “plantrpc keys allow --role ROLE %s NAME” gives this "
                            "client another role; NAME is that of the device's pair of keys."),
                          argument);
}
