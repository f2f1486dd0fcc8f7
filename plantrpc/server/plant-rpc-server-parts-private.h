/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-offer-private.h"
#include "plant-rpc-registration-private.h"
#include "plant-rpc-server.h"
#include "plant-rpc-service-private.h"

G_BEGIN_DECLS

/* The parts of a server, for the files of its public functions. */
PlantRpcOffer        *plant_rpc_server_get_offer        (PlantRpcServer *self);
PlantRpcService      *plant_rpc_server_get_service      (PlantRpcServer *self);
PlantRpcRegistration *plant_rpc_server_get_registration (PlantRpcServer *self);

G_END_DECLS
