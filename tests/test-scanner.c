/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the programs of the scanner make of their settings, and of the pictures on disk. */

#include <glib/gstdio.h>

#include "album.h"
#include "path.h"
#include "picture.h"
#include "settings.h"
#include "view.h"

static GVariant *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  GVariant *value = g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, &error);

  g_assert_no_error (error);
  return value;
}

static void
test_numbers (void)
{
  const char *const types[] = { "4", "uint32 4", "int64 4", "uint64 4", "4.0", "<<4>>" };
  const char *const wrong[] = { "'4'", "true", "byte 4", "9.5", "1.5", "@d nan", "@mv nothing" };

  for (guint i = 0; i < G_N_ELEMENTS (types) + G_N_ELEMENTS (wrong); i++)
    {
      gboolean good = i < G_N_ELEMENTS (types);
      const char *shown = good ? types[i] : wrong[i - G_N_ELEMENTS (types)];
      g_autofree char *text = g_strdup_printf ("{'n': <%s>}", shown);
      g_autoptr (GVariant) settings = parse (text);
      g_autoptr (GError) error = NULL;
      double number = 7;

      g_assert_true (scanner_settings_get_number (settings, "n", 2, 9, &number, &error) == good);
      g_assert_cmpfloat (number, ==, good ? 4 : 7);
      if (!good)
        g_assert_cmpstr (error->message, ==, "The setting “n” is to be a number from 2 to 9");
    }
}

static void
test_limits_and_absence (void)
{
  g_autoptr (GVariant) settings = parse ("{'least': <2>, 'most': <9>, 'group': <<{'a': <1>}>>}");
  g_autoptr (GVariant) group = NULL;
  g_autoptr (GVariant) none = NULL;
  g_autoptr (GVariant) wrong = NULL;
  g_autoptr (GError) error = NULL;
  double number = 7;

  g_assert_true (scanner_settings_get_number (settings, "absent", 8, 9, &number, &error));
  g_assert_cmpfloat (number, ==, 7);
  g_assert_true (scanner_settings_get_number (settings, "least", 2, 9, &number, &error));
  g_assert_cmpfloat (number, ==, 2);
  g_assert_true (scanner_settings_get_number (settings, "most", 2, 9, &number, &error));
  g_assert_cmpfloat (number, ==, 9);

  g_assert_true (scanner_settings_get_group (settings, "group", &group, &error));
  g_assert_cmpuint (g_variant_n_children (group), ==, 1);
  g_assert_true (scanner_settings_get_group (settings, "absent", &none, &error));
  g_assert_cmpuint (g_variant_n_children (none), ==, 0);
  g_assert_no_error (error);
  g_assert_false (scanner_settings_get_group (settings, "least", &wrong, &error));
  g_assert_cmpstr (error->message, ==, "The setting “least” is to be an object");
}

static void
test_pose (void)
{
  const struct {
    const char *text;
    gboolean    good;
    ScannerPose pose;
  } rows[] = {
    { "{}", TRUE, SCANNER_POSE_INIT },
    { "{'pose': <{'pan': <-360>, 'tilt': <0>, 'radius': <400>}>}", TRUE, { -360, 0, 400 } },
    { "{'pose': <{'pan': <360>, 'tilt': <80>, 'radius': <5000>}>}", TRUE, { 360, 80, 5000 } },
    { "{'pose': <{'pan': <361>}>}", FALSE, { 0 } },
    { "{'pose': <{'pan': <-361>}>}", FALSE, { 0 } },
    { "{'pose': <{'tilt': <81>}>}", FALSE, { 0 } },
    { "{'pose': <{'tilt': <-1>}>}", FALSE, { 0 } },
    { "{'pose': <{'radius': <399>}>}", FALSE, { 0 } },
    { "{'pose': <{'radius': <5001>}>}", FALSE, { 0 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GVariant) config = parse (rows[i].text);
      g_autoptr (GError) error = NULL;
      ScannerPose pose = SCANNER_POSE_INIT;

      g_assert_true (scanner_pose_read (&pose, config, &error) == rows[i].good);
      g_assert_true ((error == NULL) == rows[i].good);
      if (!rows[i].good)
        continue;
      g_assert_cmpfloat (pose.pan, ==, rows[i].pose.pan);
      g_assert_cmpfloat (pose.tilt, ==, rows[i].pose.tilt);
      g_assert_cmpfloat (pose.radius, ==, rows[i].pose.radius);
    }
}

/* What else the camera is set to stays. */
static void
test_pose_in_a_config (void)
{
  const ScannerPose pose = { 90, 20, 700 };
  g_autoptr (GVariant) before = parse ("{'exposure': <5>, 'pose': <{'pan': <1>}>}");
  g_autoptr (GVariant) after = g_variant_ref_sink (scanner_pose_write (&pose, before));
  g_autoptr (GError) error = NULL;
  ScannerPose read = SCANNER_POSE_INIT;
  int exposure = 0;

  g_assert_true (g_variant_lookup (after, "exposure", "i", &exposure));
  g_assert_cmpint (exposure, ==, 5);
  g_assert_true (scanner_pose_read (&read, after, &error));
  g_assert_cmpfloat (read.pan, ==, 90);
  g_assert_cmpfloat (read.tilt, ==, 20);
  g_assert_cmpfloat (read.radius, ==, 700);
}

static void
test_path (void)
{
  const ScannerPath path = { 8, 30, 900 };
  g_autoptr (GVariant) config = g_variant_ref_sink (scanner_path_write (&path));
  g_autoptr (GVariant) one = parse ("{'ScanPath': <{'kwargs': <{'n_points': <1>}>}>}");
  g_autoptr (GVariant) most = parse ("{'ScanPath': <{'kwargs': <{'n_points': <360>}>}>}");
  g_autoptr (GVariant) more = parse ("{'ScanPath': <{'kwargs': <{'n_points': <361>}>}>}");
  g_autoptr (GError) error = NULL;
  ScannerPath read = SCANNER_PATH_INIT;
  ScannerPose pose;

  g_assert_true (scanner_path_read (&read, config, &error));
  g_assert_cmpuint (read.n_points, ==, 8);
  g_assert_cmpfloat (read.tilt, ==, 30);
  g_assert_cmpfloat (read.radius, ==, 900);
  pose = scanner_path_get_pose (&read, 3);
  g_assert_cmpfloat (pose.pan, ==, 135);
  g_assert_cmpfloat (pose.tilt, ==, 30);
  g_assert_cmpfloat (pose.radius, ==, 900);

  g_assert_true (scanner_path_read (&read, one, &error));
  g_assert_cmpuint (read.n_points, ==, 1);
  g_assert_cmpfloat (read.tilt, ==, 30);
  g_assert_true (scanner_path_read (&read, most, &error));
  g_assert_cmpuint (read.n_points, ==, 360);
  g_assert_no_error (error);
  g_assert_false (scanner_path_read (&read, more, &error));
  g_assert_nonnull (strstr (error->message, "from 1 to 360"));
}

/* In the order of their names pictures are in their own order. */
static void
test_album (void)
{
  const struct {
    guint       n_pictures;
    const char *first, *second;
  } rows[] = {
    { 9, "view-1.jpg", "view-2.png" },
    { 10, "view-01.jpg", "view-02.png" },
    { 99, "view-01.jpg", "view-02.png" },
    { 100, "view-001.jpg", "view-002.png" },
  };
  g_autoptr (cairo_surface_t) drawn = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 48, 32);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *parent = g_dir_make_tmp ("test-scanner-XXXXXX", &error);
      g_autofree char *directory = g_build_filename (parent, "album", NULL);
      g_autofree char *first = g_build_filename (directory, rows[i].first, NULL);
      g_autofree char *second = g_build_filename (directory, rows[i].second, NULL);
      g_autofree char *name = NULL;
      g_autofree char *sheet = NULL;
      g_autoptr (GVariant) jpeg_info = parse ("{'format': <'jpeg'>, 'pan': <1.0>}");
      g_autoptr (GVariant) png_info = parse ("{'format': <'png'>}");
      g_autoptr (GVariant) other_info = parse ("{'format': <'../tiff'>}");
      g_autoptr (GBytes) jpeg = scanner_picture_encode (drawn, "jpeg", &error);
      g_autoptr (GBytes) png = scanner_picture_encode (drawn, "png", &error);
      ScannerAlbum *album = scanner_album_new (directory, rows[i].n_pictures, &error);

      g_assert_no_error (error);
      name = scanner_album_dup_name (album);
      g_assert_cmpstr (name, ==, "album");
      g_assert_cmpstr (scanner_album_get_directory (album), ==, directory);
      g_assert_true (scanner_album_add (album, jpeg, jpeg_info, &error));
      g_assert_false (scanner_album_add (album, jpeg, other_info, &error));
      g_assert_nonnull (strstr (error->message, "Picture 2 has the unknown format “../tiff”"));
      g_clear_error (&error);
      g_assert_cmpuint (scanner_album_get_n_saved (album), ==, 1);
      g_assert_true (scanner_album_add (album, png, png_info, &error));
      g_assert_cmpuint (scanner_album_get_n_saved (album), ==, 2);
      sheet = scanner_album_save_sheet (album, &error);
      g_assert_no_error (error);
      g_assert_cmpint (g_unlink (first), ==, 0);
      g_assert_cmpint (g_unlink (second), ==, 0);
      g_assert_cmpint (g_unlink (sheet), ==, 0);
      g_assert_cmpint (g_rmdir (directory), ==, 0);
      g_assert_cmpint (g_rmdir (parent), ==, 0);
      scanner_album_free (album);
    }
}

static void
test_no_album (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (scanner_album_new ("/dev/null/album", 1, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOTDIR);
  g_assert_nonnull (strstr (error->message, "“/dev/null/album” cannot be made"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scanner/numbers", test_numbers);
  g_test_add_func ("/scanner/limits-and-absence", test_limits_and_absence);
  g_test_add_func ("/scanner/pose", test_pose);
  g_test_add_func ("/scanner/pose-in-a-config", test_pose_in_a_config);
  g_test_add_func ("/scanner/path", test_path);
  g_test_add_func ("/scanner/album", test_album);
  g_test_add_func ("/scanner/no-album", test_no_album);
  return g_test_run ();
}
