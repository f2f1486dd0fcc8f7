/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#define PLANT_RPC_INSIDE
#include "plant-rpc-authenticator.h"
#include "plant-rpc-client.h"
#include "plant-rpc-device.h"
#include "plant-rpc-discovery.h"
#include "plant-rpc-enums.h"
#include "plant-rpc-error.h"
#include "plant-rpc-interface-info.h"
#include "plant-rpc-invocation.h"
#include "plant-rpc-keypair.h"
#include "plant-rpc-known-devices.h"
#include "plant-rpc-pair.h"
#include "plant-rpc-property.h"
#include "plant-rpc-registry-client.h"
#include "plant-rpc-registry.h"
#include "plant-rpc-relay.h"
#include "plant-rpc-server.h"
#include "plant-rpc-text.h"
#include "plant-rpc-value.h"
#include "plant-rpc-version-macros.h"
#include "plant-rpc-version.h"
#undef PLANT_RPC_INSIDE
