/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-candidate-private.h"
#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-limits-private.h"

/* Returns TRUE if C changes the direction of the text around it, which makes a name look like
 * another. */
static gboolean
is_direction (gunichar c)
{
  return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069);
}

static gboolean
is_shown (const char *text)
{
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      /* U+2028 is the line separator, U+2029 the paragraph separator. */
      if (g_unichar_iscntrl (c) || is_direction (c) || c == 0x2028 || c == 0x2029)
        return FALSE;
    }
  return TRUE;
}

gboolean
plant_rpc_candidate_check_text (const char  *what,
                                const char  *text,
                                GError     **error)
{
  if (strlen (text) > PLANT_RPC_MAX_REGISTRY_TEXT)
    {
      g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT,
                   "The %s of the device has %zu bytes, more than %d", what, strlen (text),
                   PLANT_RPC_MAX_REGISTRY_TEXT);
      return FALSE;
    }
  if (!g_utf8_validate (text, -1, NULL) || !is_shown (text))
    {
      g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL,
                   "The %s of the device is not UTF-8, or has control characters, line separators "
                   "or characters that change the direction of text", what);
      return FALSE;
    }
  return TRUE;
}

gboolean
plant_rpc_candidate_check (const PlantRpcCandidate  *self,
                           GError                  **error)
{
  g_autoptr (PlantRpcEndpoint) endpoint = NULL;

  if (*self->device_type == '\0')
    {
      g_set_error_literal (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL,
                           "The type of the device is empty");
      return FALSE;
    }
  if (!plant_rpc_candidate_check_text ("type", self->device_type, error) ||
      !plant_rpc_candidate_check_text ("name", self->name, error) ||
      !plant_rpc_candidate_check_text ("address", self->url, error))
    return FALSE;
  endpoint = plant_rpc_endpoint_parse (self->url, error);
  return endpoint != NULL;
}
