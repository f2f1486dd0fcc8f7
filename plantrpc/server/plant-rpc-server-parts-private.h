/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-home-private.h"
#include "plant-rpc-offer-private.h"
#include "plant-rpc-registration-private.h"
#include "plant-rpc-server.h"
#include "plant-rpc-service-private.h"

G_BEGIN_DECLS

/* The parts of a server, for the files of its public functions. */
typedef struct {
  PlantRpcHome              *home;         /* (owned): where the server was made */
  PlantRpcOffer             *offer;        /* (owned) */
  PlantRpcService           *service;      /* (owned) */
  PlantRpcRegistration      *registration; /* (owned) */
  PlantRpcServiceState      *serving;      /* (unowned): the state of SERVICE */
  PlantRpcRegistrationState *listing;      /* (unowned): the state of REGISTRATION */
} PlantRpcServerPrivate;

PlantRpcServerPrivate *plant_rpc_server_get_parts       (PlantRpcServer  *self);
PlantRpcHold          *plant_rpc_server_enter           (PlantRpcServer  *self);
/* Fills PROPERTIES by PlantRpcServerProperty. */
void                   plant_rpc_server_make_properties (GParamSpec     **properties);

G_END_DECLS
