/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define PLANT_RPC_FIRST_PORT 10000
#define PLANT_RPC_LAST_PORT  11999

/* A parsed url: tcp://HOST, tcp://HOST:PORT, tcp://[IPv6]:PORT, ipc://PATH, and * for HOST.
 * A port that is given twice with the same number (tcp://h:5000:5000, as the Python module
 * registers it) is repaired. Port "*" or 0 means one that the system picks, and is kept as 0 with
 * any_port. */
typedef struct {
  gboolean  tcp;
  char     *host;     /* (owned): without brackets; "*" for the wildcard; NULL for ipc */
  char     *path;     /* (owned): NULL for tcp; an abstract name starts with @ */
  guint16   port;     /* 0: none given */
  gboolean  any_port; /* the port was "*" */
} PlantRpcEndpoint;

/* Fails with PLANT_RPC_ERROR_INVALID_URL and a text that names the url and what is wrong. */
PlantRpcEndpoint *plant_rpc_endpoint_parse        (const char              *url,
                                                   GError                 **error);
void              plant_rpc_endpoint_free         (PlantRpcEndpoint        *self);

/* The url, in the form that libzmq takes for zmq_connect() or zmq_bind(): IPv6 in brackets,
 * "*" for any_port. PORT replaces the endpoint's own unless 0. */
char             *plant_rpc_endpoint_print        (const PlantRpcEndpoint  *self,
                                                   guint16                  port);

/* Whether the host is the wildcard (*, 0.0.0.0, [::]). */
gboolean          plant_rpc_endpoint_is_wildcard  (const PlantRpcEndpoint  *self);
gboolean          plant_rpc_endpoint_is_ipv6      (const PlantRpcEndpoint  *self);

/* The address of this machine from which the peer is reached, as a numeric address without
 * brackets: found from the routing table, without sending anything to it. A host that is a name is
 * looked up, which may block. Fails with G_IO_ERROR, or PLANT_RPC_ERROR_INVALID_URL for a path. */
char             *plant_rpc_endpoint_find_local_address (const PlantRpcEndpoint  *peer,
                                                         GError                 **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcEndpoint, plant_rpc_endpoint_free)

G_END_DECLS
