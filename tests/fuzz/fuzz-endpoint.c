/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"
#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-error.h"

static void
check_same (const PlantRpcEndpoint *a,
            const PlantRpcEndpoint *b)
{
  g_assert_cmpint (a->tcp, ==, b->tcp);
  g_assert_cmpstr (a->host, ==, b->host);
  g_assert_cmpstr (a->path, ==, b->path);
  g_assert_cmpuint (a->port, ==, b->port);
  g_assert_cmpint (a->any_port, ==, b->any_port);
}

/* The printed form of a valid address must parse to the same address. */
int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autofree char *url = g_strndup ((const char *) data, size);
  g_autofree char *printed = NULL;
  g_autofree char *with_port = NULL;
  g_autoptr (PlantRpcEndpoint) again = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcEndpoint) endpoint = plant_rpc_endpoint_parse (url, &error);

  if (endpoint == NULL)
    {
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }
  g_assert_no_error (error);

  g_assert_true ((endpoint->host != NULL) == endpoint->tcp);
  g_assert_true ((endpoint->path != NULL) == !endpoint->tcp);
  plant_rpc_endpoint_is_wildcard (endpoint);
  with_port = plant_rpc_endpoint_print (endpoint, PLANT_RPC_FIRST_PORT);
  printed = plant_rpc_endpoint_print (endpoint, 0);
  again = plant_rpc_endpoint_parse (printed, &error);
  g_assert_no_error (error);
  check_same (endpoint, again);
  return 0;
}
