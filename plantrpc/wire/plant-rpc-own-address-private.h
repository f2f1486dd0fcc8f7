/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-endpoint-private.h"

G_BEGIN_DECLS

/* Returns GIVEN with a numeric address of this computer in place of the name of a host or of a
 * network interface, so that all sockets of a server listen at the same one. Of several addresses
 * it takes one that others can reach, and IPv4, which all peers know. What has no name is returned
 * as it is.
 *
 * It blocks while the name is looked up, for some seconds at most and outside of all homes. Fails
 * with G_IO_ERROR_HOST_NOT_FOUND if the name is unknown, with G_IO_ERROR_NOT_FOUND if it is that of
 * another computer, and with G_IO_ERROR_HOST_UNREACHABLE if no name server answers. */
PlantRpcEndpoint *plant_rpc_own_address_resolve (const PlantRpcEndpoint  *given,
                                                 GError                 **error);

/* Returns the URL of a server that was told to listen at GIVEN, and does so at PORT of RESOLVED. It
 * has the name of a host as it was given. Clients do not know the name of a network interface, so
 * they get its address. */
char             *plant_rpc_own_address_print   (const PlantRpcEndpoint  *given,
                                                 const PlantRpcEndpoint  *resolved,
                                                 guint16                  port);

G_END_DECLS
