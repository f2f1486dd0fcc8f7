/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "torture.h"

/* A pair is made, or it is not and there is nothing of it. */
static PlantRpcKeypair *
ensure (void)
{
  g_autoptr (GError) error = NULL;
  PlantRpcKeypair *pair = plant_rpc_keypair_ensure ("camera", &error);

  return torture_check (pair != NULL, &error) ? pair : NULL;
}

static void
check_same (PlantRpcKeypair *pair,
            const char      *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcKeypair) loaded = plant_rpc_keypair_load (path, &error);

  if (torture_check (loaded != NULL, &error))
    g_assert_true (plant_rpc_keypair_equal (pair, loaded));
}

/* Only one call fails, so the next one must work. The files of the pair are all that there is. */
void
torture_keys (void)
{
  g_autofree char *folder = g_dir_make_tmp ("torture-XXXXXX", NULL);
  g_autofree char *keys = g_build_filename (folder, "keys", NULL);
  g_autofree char *path = g_build_filename (keys, "camera.key_secret", NULL);
  g_autofree char *public_path = g_build_filename (keys, "camera.key", NULL);
  g_autoptr (PlantRpcKeypair) pair = NULL;
  g_autoptr (PlantRpcKeypair) again = NULL;

  g_setenv ("STATE_DIRECTORY", folder, TRUE);
  pair = ensure ();
  if (pair == NULL)
    pair = ensure ();
  g_assert_nonnull (pair);
  check_same (pair, path);
  g_unlink (public_path);
  again = ensure ();
  g_assert_true (again == NULL || plant_rpc_keypair_equal (pair, again));
  g_unlink (public_path);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_rmdir (keys), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}
