/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-version.h"

G_STATIC_ASSERT (PLANT_RPC_MAJOR_VERSION == PACKAGE_MAJOR_VERSION);
G_STATIC_ASSERT (PLANT_RPC_MINOR_VERSION == PACKAGE_MINOR_VERSION);
G_STATIC_ASSERT (PLANT_RPC_MICRO_VERSION == PACKAGE_MICRO_VERSION);

/**
 * plant_rpc_get_major_version:
 *
 * Gets the first number of the version of the library that a program runs with.
 * %PLANT_RPC_MAJOR_VERSION is the one that it was compiled with.
 *
 * Returns: the first number of the version
 *
 * Since: 1.0
 */
guint
plant_rpc_get_major_version (void)
{
  return PLANT_RPC_MAJOR_VERSION;
}

/**
 * plant_rpc_get_minor_version:
 *
 * Gets the second number of the version of the library that a program runs with.
 *
 * Returns: the second number of the version
 *
 * Since: 1.0
 */
guint
plant_rpc_get_minor_version (void)
{
  return PLANT_RPC_MINOR_VERSION;
}

/**
 * plant_rpc_get_micro_version:
 *
 * Gets the third number of the version of the library that a program runs with.
 *
 * Returns: the third number of the version
 *
 * Since: 1.0
 */
guint
plant_rpc_get_micro_version (void)
{
  return PLANT_RPC_MICRO_VERSION;
}

/**
 * plant_rpc_check_version:
 * @major: the first number
 * @minor: the second number
 * @micro: the third number
 *
 * Tells whether a program runs with a version as new as the one given, or newer.
 *
 * Returns: whether the version of the library suffices
 *
 * Since: 1.0
 */
gboolean
plant_rpc_check_version (guint major,
                         guint minor,
                         guint micro)
{
  const guint wanted[] = { major, minor, micro };
  const guint present[] = {
    PLANT_RPC_MAJOR_VERSION, PLANT_RPC_MINOR_VERSION, PLANT_RPC_MICRO_VERSION,
  };

  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      if (wanted[i] != present[i])
        return wanted[i] < present[i];
    }
  return TRUE;
}
