/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>

#include "contact-sheet.h"
#include "picture.h"
#include "plant.h"
#include "view.h"

static ScannerPlant *
grow (guint32 seed)
{
  return scanner_plant_new (seed, SCANNER_PLANT_FRUITING_AGE);
}

/* Of the pixels alone: the fourth byte of each is undefined. */
static gchar *
get_checksum (cairo_surface_t *surface)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gint width = cairo_image_surface_get_width (surface), x;
  gint height = cairo_image_surface_get_height (surface), y;

  cairo_surface_flush (surface);
  for (y = 0; y < height; y++)
    {
      const guint32 *row = (gconstpointer) (cairo_image_surface_get_data (surface) +
                                            y * (gsize) cairo_image_surface_get_stride (surface));

      for (x = 0; x < width; x++)
        {
          guint32 pixel = row[x] & 0xffffff;

          g_checksum_update (checksum, (const guchar *) &pixel, sizeof pixel);
        }
    }
  return g_strdup (g_checksum_get_string (checksum));
}

static gchar *
render_checksum (ScannerPlant *plant, gdouble angle)
{
  ScannerView view = SCANNER_VIEW_INIT;
  g_autoptr (cairo_surface_t) picture = NULL;

  view.width = 160;
  view.height = 120;
  view.angle = angle;
  picture = scanner_view_render (&view, plant);
  return get_checksum (picture);
}

static void
test_same_seed (void)
{
  g_autoptr (ScannerPlant) first = grow (3), second = grow (3), other = grow (4);
  g_autofree gchar *first_sum = render_checksum (first, 30);
  g_autofree gchar *second_sum = render_checksum (second, 30);
  g_autofree gchar *other_sum = render_checksum (other, 30);

  g_assert_cmpstr (first_sum, ==, second_sum);
  g_assert_cmpstr (first_sum, !=, other_sum);
}

static guint
count_organs (ScannerPlant *plant, ScannerOrganKind kind)
{
  const ScannerOrgan *organs;
  gsize n_organs, i;
  guint count = 0;

  organs = scanner_plant_get_organs (plant, &n_organs);
  for (i = 0; i < n_organs; i++)
    count += organs[i].kind == kind;
  return count;
}

static void
test_growth (void)
{
  gdouble height = 0;
  guint age, seed;

  for (age = 0; age <= SCANNER_PLANT_MAX_AGE; age++)
    {
      g_autoptr (ScannerPlant) plant = scanner_plant_new (1, age);

      /* old leaves sink while new ones rise */
      g_assert_cmpfloat (scanner_plant_get_height (plant), >, height - 5);
      height = scanner_plant_get_height (plant);
    }
  g_assert_cmpfloat (height, >, 250);
  for (seed = 0; seed < 50; seed++)
    {
      g_autoptr (ScannerPlant) plant = scanner_plant_new (seed, G_MAXUINT);
      gsize n_organs;

      scanner_plant_get_organs (plant, &n_organs);
      g_assert_cmpuint (n_organs, <, 2000);
      g_assert_cmpfloat (scanner_plant_get_height (plant), <, 380);
      g_assert_cmpuint (count_organs (plant, SCANNER_ORGAN_LEAF), >, 40);
      g_assert_cmpuint (count_organs (plant, SCANNER_ORGAN_FRUIT), >, 3);
    }
}

static void
test_angles (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (ScannerPlant) plant = grow (1);
  gint angle;

  for (angle = 0; angle < 360; angle += 30)
    g_assert_true (g_hash_table_add (seen, render_checksum (plant, angle)));
}

static gint
get_green (cairo_surface_t *surface, gint x, gint y)
{
  return cairo_image_surface_get_data (surface)[y * cairo_image_surface_get_stride (surface) +
                                                x * 4 + 1];
}

/* The mean difference between turned and upright, when upright is turned clockwise by rotation. */
static gdouble
compare_turned (cairo_surface_t *upright, cairo_surface_t *turned, gint rotation)
{
  gint width = cairo_image_surface_get_width (upright), x;
  gint height = cairo_image_surface_get_height (upright), y;
  gdouble sum = 0;

  for (y = 0; y < height; y++)
    for (x = 0; x < width; x++)
      {
        const gint to_x[] = { x, height - 1 - y, width - 1 - x, y };
        const gint to_y[] = { y, x, height - 1 - y, width - 1 - x };

        sum += ABS (get_green (upright, x, y) -
                    get_green (turned, to_x[rotation / 90], to_y[rotation / 90]));
      }
  return sum / (width * height);
}

static void
test_rotation (void)
{
  g_autoptr (ScannerPlant) plant = grow (1);
  g_autoptr (cairo_surface_t) upright = NULL;
  ScannerView view = SCANNER_VIEW_INIT;
  gint rotation;

  view.width = 320;
  view.height = 200;
  upright = scanner_view_render (&view, plant);
  for (rotation = 90; rotation < 360; rotation += 90)
    {
      g_autoptr (cairo_surface_t) picture = NULL;
      gboolean level = rotation == 180;

      view.rotation = rotation;
      picture = scanner_view_render (&view, plant);
      g_assert_cmpint (cairo_image_surface_get_width (picture), ==, level ? 320 : 200);
      g_assert_cmpint (cairo_image_surface_get_height (picture), ==, level ? 200 : 320);
      g_assert_cmpfloat (compare_turned (upright, picture, rotation), <, 3);
    }
  g_assert_cmpfloat (compare_turned (upright, upright, 180), >, 10);
}

static void
test_valid_views (void)
{
  const ScannerView bad[] = {
    { 0, 480, 0, 0, 16, 740 },     { 640, -1, 0, 0, 16, 740 },
    { 640, 480, 45, 0, 16, 740 },  { 100000, 480, 0, 0, 16, 740 },
    { 640, 480, 360, 0, 16, 740 }, { 640, 480, -90, 0, 16, 740 },
    { 640, 480, 0, NAN, 16, 740 }, { 640, 480, 0, INFINITY, 16, 740 },
    { 640, 480, 0, 0, 89, 740 },   { 640, 480, 0, 0, NAN, 740 },
    { 640, 480, 0, 0, 16, 0 },     { 640, 480, 0, 0, 16, NAN },
  };
  const ScannerView smallest = { 1, 1, 0, -1e6, 0, 400 };
  g_autoptr (ScannerPlant) plant = grow (1);
  g_autoptr (cairo_surface_t) picture = NULL;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (scanner_view_is_valid (&bad[i]));
  g_assert_true (scanner_view_is_valid (&smallest));
  picture = scanner_view_render (&smallest, plant);
  g_assert_cmpint (cairo_surface_status (picture), ==, CAIRO_STATUS_SUCCESS);
}

static void
test_encoding (gconstpointer data)
{
  const gchar *format = data;
  gboolean png = g_str_equal (format, "png");
  g_autoptr (ScannerPlant) plant = grow (2);
  g_autoptr (GError) error = NULL;
  g_autoptr (cairo_surface_t) picture = NULL, decoded = NULL;
  g_autoptr (GBytes) file = NULL;
  g_autofree gchar *sum = NULL, *decoded_sum = NULL;
  ScannerView view = SCANNER_VIEW_INIT;

  view.width = 322;
  view.height = 241;
  picture = scanner_view_render (&view, plant);
  file = scanner_picture_encode (picture, format, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (file, NULL), 3, png ? "\x89PN" : "\xff\xd8\xff", 3);
  decoded = scanner_picture_decode (file, &error);
  g_assert_no_error (error);
  g_assert_cmpint (cairo_image_surface_get_width (decoded), ==, 322);
  g_assert_cmpint (cairo_image_surface_get_height (decoded), ==, 241);
  sum = get_checksum (picture);
  decoded_sum = get_checksum (decoded);
  g_assert_cmpint (g_str_equal (sum, decoded_sum), ==, png);
}

static void
test_bad_files (void)
{
  /* no more than the header of 32768 × 32768 pixels */
  static const guint8 huge_png[] = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d,
    0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x80, 0x00, 0x00, 0x00, 0x80, 0x00,
    0x08, 0x02, 0x00, 0x00, 0x00, 0x4b, 0x1e, 0x34, 0x28, 0x00, 0x00, 0x00,
    0x00, 0x49, 0x44, 0x41, 0x54,
  };
  g_autoptr (ScannerPlant) plant = grow (2);
  g_autoptr (cairo_surface_t) picture = NULL;
  g_autoptr (GBytes) whole = NULL;
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  ScannerView view = SCANNER_VIEW_INIT;
  guint i;

  picture = scanner_view_render (&view, plant);
  whole = scanner_picture_encode (picture, "png", NULL);
  g_ptr_array_add (files, g_bytes_new_static ("", 0));
  g_ptr_array_add (files, g_bytes_new_static ("no picture at all", 17));
  g_ptr_array_add (files, g_bytes_new_static (huge_png, sizeof huge_png));
  g_ptr_array_add (files, g_bytes_new_from_bytes (whole, 0, 20));
  for (i = 0; i < files->len; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (scanner_picture_decode (g_ptr_array_index (files, i), &error));
      g_assert_nonnull (error);
      if (i == 2)
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
    }
}

static void
test_unknown_format (void)
{
  g_autoptr (cairo_surface_t) picture = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 4, 4);
  g_autoptr (GError) error = NULL;

  g_assert_null (scanner_picture_encode (picture, "tiff", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
}

static void
test_contact_sheet (void)
{
  g_autofree gchar *directory = g_dir_make_tmp ("test-plant-XXXXXX", NULL);
  g_autofree gchar *filename = g_build_filename (directory, "sheet.png", NULL);
  g_autoptr (ScannerContactSheet) sheet = scanner_contact_sheet_new ("a scan");
  g_autoptr (cairo_surface_t) picture = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 640, 480);
  g_autoptr (cairo_surface_t) saved = NULL;
  g_autoptr (GBytes) file = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *data = NULL;
  gint width, height;
  gsize size;
  guint i;

  for (i = 0; i < 12; i++)
    scanner_contact_sheet_add (sheet, picture, i * 30);
  scanner_contact_sheet_get_size (sheet, &width, &height);
  /* four columns and three rows of 320 × 240, with margins */
  g_assert_cmpint (width, >, 4 * 320);
  g_assert_cmpint (width, <, 5 * 320);
  g_assert_cmpint (height, >, 3 * 240);
  g_assert_cmpint (height, <, 5 * 240);
  g_assert_true (scanner_contact_sheet_save (sheet, filename, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (filename, &data, &size, &error));
  file = g_bytes_new_take (g_steal_pointer (&data), size);
  saved = scanner_picture_decode (file, &error);
  g_assert_no_error (error);
  g_assert_cmpint (cairo_image_surface_get_width (saved), ==, width);
  g_assert_cmpint (cairo_image_surface_get_height (saved), ==, height);
  g_assert_cmpint (g_unlink (filename), ==, 0);
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

static void
test_any_number (void)
{
  g_autoptr (cairo_surface_t) picture = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 48, 64);
  g_autoptr (ScannerContactSheet) sheet = scanner_contact_sheet_new ("\xff");
  g_autoptr (GBytes) rubbish = g_bytes_new_static ("rubbish", 7);
  g_autoptr (GError) error = NULL;
  guint n;

  g_assert_false (scanner_contact_sheet_add_file (sheet, rubbish, 0, &error));
  g_assert_nonnull (error);
  for (n = 0; n < 40; n++)
    {
      g_autoptr (cairo_surface_t) page = scanner_contact_sheet_render (sheet);
      gint width, height;

      scanner_contact_sheet_get_size (sheet, &width, &height);
      g_assert_cmpint (cairo_surface_status (page), ==, CAIRO_STATUS_SUCCESS);
      g_assert_cmpint (cairo_image_surface_get_width (page), ==, width);
      g_assert_cmpint (cairo_image_surface_get_height (page), ==, height);
      scanner_contact_sheet_add (sheet, picture, n);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plant/same-seed", test_same_seed);
  g_test_add_func ("/plant/growth", test_growth);
  g_test_add_func ("/plant/angles", test_angles);
  g_test_add_func ("/plant/rotation", test_rotation);
  g_test_add_func ("/plant/valid-views", test_valid_views);
  g_test_add_data_func ("/plant/encoding/jpeg", "jpeg", test_encoding);
  g_test_add_data_func ("/plant/encoding/png", "png", test_encoding);
  g_test_add_func ("/plant/bad-files", test_bad_files);
  g_test_add_func ("/plant/unknown-format", test_unknown_format);
  g_test_add_func ("/plant/contact-sheet", test_contact_sheet);
  g_test_add_func ("/plant/any-number", test_any_number);
  return g_test_run ();
}
