/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-role-private.h"

/* By PlantRpcRole. */
static const char *const nicks[] = { "none", "viewer", "operator", "administrator" };

const char *
plant_rpc_role_get_nick (PlantRpcRole role)
{
  return nicks[role];
}

gboolean
plant_rpc_role_parse (const char   *nick,
                      PlantRpcRole *role)
{
  for (guint i = 0; i < G_N_ELEMENTS (nicks); i++)
    {
      if (!g_str_equal (nick, nicks[i]))
        continue;
      *role = i;
      return TRUE;
    }
  return FALSE;
}
