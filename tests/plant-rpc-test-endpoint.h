/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-socket-private.h"

/* Returns the endpoint that the socket was bound to, with its numeric address and its port. */
static inline char *
test_dup_endpoint (PlantRpcSocket *socket)
{
  char url[1024];
  gsize length = sizeof url;

  g_assert_cmpint (zmq_getsockopt (plant_rpc_socket_get_handle (socket), ZMQ_LAST_ENDPOINT, url,
                                   &length), ==, 0);
  return g_strdup (url);
}
