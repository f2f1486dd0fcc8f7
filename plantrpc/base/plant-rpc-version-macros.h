/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PLANT_RPC_INSIDE) && !defined (PLANT_RPC_COMPILATION)
# error "Only <plantrpc/plantrpc.h> can be included directly."
#endif

#include <glib.h>

/**
 * PLANT_RPC_MAJOR_VERSION:
 *
 * The first number of the version that a program is compiled with. It changes when the API breaks.
 *
 * Since: 1.0
 */
#define PLANT_RPC_MAJOR_VERSION 1

/**
 * PLANT_RPC_MINOR_VERSION:
 *
 * The second number of the version that a program is compiled with. It grows when the API grows.
 *
 * Since: 1.0
 */
#define PLANT_RPC_MINOR_VERSION 0

/**
 * PLANT_RPC_MICRO_VERSION:
 *
 * The third number of the version that a program is compiled with. It grows when errors are
 * corrected.
 *
 * Since: 1.0
 */
#define PLANT_RPC_MICRO_VERSION 0

#ifdef PLANT_RPC_COMPILATION
# define PLANT_RPC_EXTERN __attribute__ ((visibility ("default"))) extern
#else
# define PLANT_RPC_EXTERN extern
#endif

#define PLANT_RPC_AVAILABLE_IN_1_0 PLANT_RPC_EXTERN
#define PLANT_RPC_AVAILABLE_IN_1_1 PLANT_RPC_EXTERN
