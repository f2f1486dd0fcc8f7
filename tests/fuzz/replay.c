/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static guint n_replayed;

static void
replay_file (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *data = NULL;
  char *exact;
  gsize length;

  g_file_get_contents (path, &data, &length, &error);
  g_assert_no_error (error);

  /* No NUL follows the copy, so that memory checkers see a read behind it. It is never NULL, since
   * libFuzzer does not pass NULL either. */
  exact = malloc (length);
  memcpy (exact, data, length);
  LLVMFuzzerTestOneInput ((const uint8_t *) exact, length);
  free (exact);
  n_replayed++;
}

static void
replay (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      replay_file (path);
      return;
    }

  dir = g_dir_open (path, 0, &error);
  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      replay (child);
    }
}

/* Files, and folders of files, are given as arguments. */
int
main (int    argc,
      char **argv)
{
  for (int i = 1; i < argc; i++)
    replay (argv[i]);
  g_print ("%u files replayed\n", n_replayed);
  return n_replayed > 0 ? 0 : 1;
}
