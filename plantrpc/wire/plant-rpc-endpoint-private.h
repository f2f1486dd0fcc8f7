/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define PLANT_RPC_FIRST_PORT 10000
#define PLANT_RPC_LAST_PORT  11999

/* A parsed URL: tcp://HOST, tcp://HOST:PORT, tcp://[IPv6]:PORT or ipc://PATH. HOST may be "*". The
 * Python module registers a port twice (tcp://h:5000:5000), which is accepted if both are equal.
 * The public key of a secured server follows after a “#”. */
typedef struct {
  gboolean  tcp;      /* FALSE for ipc */
  char     *host;     /* (owned) (nullable): without brackets; "*" for all addresses of this
                         machine; NULL for ipc */
  char     *path;     /* (owned) (nullable): an abstract name starts with @; NULL for tcp */
  guint16   port;     /* 0 if there is none, or the system picks one */
  gboolean  any_port; /* TRUE: the port was "*" or 0, so the system picks one */
  char     *key;      /* (owned) (nullable): NULL if the server is not secured */
} PlantRpcEndpoint;

/* Fails with PLANT_RPC_ERROR_INVALID_URL and a text that names the url and what is wrong. */
PlantRpcEndpoint *plant_rpc_endpoint_parse        (const char              *url,
                                                   GError                 **error);
/* Returns URL without a key, for texts. */
char             *plant_rpc_endpoint_strip_key    (const char              *url);
/* Checks that URL is one to connect to, with a host and a port. The error is as that of parse(). */
gboolean          plant_rpc_endpoint_check_peer   (const char              *url,
                                                   GError                 **error);
void              plant_rpc_endpoint_free         (PlantRpcEndpoint        *self);

/* Returns the URL without a key, in the form that zmq_connect() and zmq_bind() take, with IPv6 in
 * brackets and "*" for any port. PORT replaces the port of the endpoint unless it is 0. */
char             *plant_rpc_endpoint_print        (const PlantRpcEndpoint  *self,
                                                   guint16                  port);

/* As plant_rpc_endpoint_print(), with HOST, a name or numeric address, in place of the host. */
char             *plant_rpc_endpoint_print_at     (const PlantRpcEndpoint  *self,
                                                   const char              *host,
                                                   guint16                  port);

/* As plant_rpc_endpoint_print_at(), with the key, if there is one. */
char             *plant_rpc_endpoint_print_whole  (const PlantRpcEndpoint  *self,
                                                   const char              *host,
                                                   guint16                  port);

/* Returns whether the host stands for all addresses of this machine (*, 0.0.0.0, [::]). */
gboolean          plant_rpc_endpoint_is_wildcard  (const PlantRpcEndpoint  *self);
/* Returns whether the host is reached from this machine only. */
gboolean          plant_rpc_endpoint_is_loopback  (const PlantRpcEndpoint  *self);
gboolean          plant_rpc_endpoint_is_ipv6      (const PlantRpcEndpoint  *self);
/* Returns whether the host is a name, which must be looked up. */
gboolean          plant_rpc_endpoint_has_name     (const PlantRpcEndpoint  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcEndpoint, plant_rpc_endpoint_free)

G_END_DECLS
