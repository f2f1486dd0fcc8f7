/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage.h"

#include "light.h"
#include "soft-mask.h"

#define CIRCLE_POINTS 96
#define COVE_RADIUS 460.0
#define SHAPE_MARGIN 8 /* pixels by which a shape reaches past the picture */
#define POST_HEIGHT 900.0
#define PLATE_RADIUS 152.0
#define PLATE_HEIGHT 9.0
#define NUMBER_SIZE 9.0
#define GLYPH_SIZE 100.0 /* of the font laid on the turntable: so large that hinting is not seen */
#define MARKER_RADIUS 104.0
#define MARKER_SIZE 26.0
#define POT_FOOT 38.0
#define POT_NECK 50.0
#define POT_LIP 55.0
#define POT_NECK_HEIGHT 72.0

static void
line_to (cairo_t *cr, const ScannerCamera *camera, ScannerVector point)
{
  ScannerPixel pixel = scanner_camera_project (camera, point);

  cairo_line_to (cr, pixel.x, pixel.y);
}

static ScannerVector
around_axis (gdouble radius, gdouble degrees, gdouble height)
{
  return scanner_vector (radius * cos (degrees * G_PI / 180), radius * sin (degrees * G_PI / 180),
                         height);
}

static void
trace_circle (cairo_t *cr, const ScannerCamera *camera, gdouble radius, gdouble height)
{
  guint i;

  cairo_new_sub_path (cr);
  for (i = 0; i < CIRCLE_POINTS; i++)
    line_to (cr, camera, around_axis (radius, i * 360.0 / CIRCLE_POINTS, height));
  cairo_close_path (cr);
}

static gdouble
get_bearing (const ScannerCamera *camera)
{
  return atan2 (-camera->forward.y, -camera->forward.x) * 180 / G_PI;
}

static void
fill_and_drop (cairo_t *cr, cairo_pattern_t *pattern)
{
  cairo_set_source (cr, pattern);
  cairo_fill (cr);
  cairo_pattern_destroy (pattern);
}

/* A post of the scanner's frame, out of focus. */
static void
draw_post (cairo_t *cr, const ScannerCamera *camera, ScannerVector foot)
{
  ScannerPixel bottom = scanner_camera_project (camera, foot);
  ScannerPixel top = scanner_camera_project (camera, scanner_vector (foot.x, foot.y, POST_HEIGHT));
  gdouble width = 24 * camera->focal / bottom.depth;
  cairo_pattern_t *tones;

  if (bottom.depth < scanner_camera_project (camera, scanner_vector (0, 0, 0)).depth + 150)
    return;
  tones = cairo_pattern_create_linear (bottom.x - width, 0, bottom.x + width, 0);
  cairo_pattern_add_color_stop_rgba (tones, 0.0, 0.62, 0.66, 0.68, 0.0);
  cairo_pattern_add_color_stop_rgba (tones, 0.3, 0.62, 0.66, 0.68, 0.34);
  cairo_pattern_add_color_stop_rgba (tones, 0.46, 0.35, 0.38, 0.40, 0.34);
  cairo_pattern_add_color_stop_rgba (tones, 0.54, 0.35, 0.38, 0.40, 0.34);
  cairo_pattern_add_color_stop_rgba (tones, 0.7, 0.70, 0.74, 0.76, 0.34);
  cairo_pattern_add_color_stop_rgba (tones, 1.0, 0.70, 0.74, 0.76, 0.0);
  cairo_rectangle (cr, bottom.x - width, MIN (top.y, 0), 2 * width, bottom.y - MIN (top.y, 0));
  fill_and_drop (cr, tones);
}

void
scanner_stage_draw_room (cairo_t *cr, const ScannerCamera *camera)
{
  gdouble reach = hypot (camera->centre_x, camera->centre_y);
  cairo_pattern_t *glow = cairo_pattern_create_radial (camera->centre_x, camera->centre_y * 0.85, 0,
                                                       camera->centre_x, camera->centre_y * 0.85,
                                                       reach * 1.15);
  guint i;

  cairo_pattern_add_color_stop_rgb (glow, 0, 0.47, 0.52, 0.54);
  cairo_pattern_add_color_stop_rgb (glow, 0.5, 0.30, 0.345, 0.37);
  cairo_pattern_add_color_stop_rgb (glow, 1, 0.13, 0.155, 0.18);
  cairo_rectangle (cr, 0, 0, camera->centre_x * 2, camera->centre_y * 2);
  fill_and_drop (cr, glow);
  for (i = 0; i < 4; i++)
    draw_post (cr, camera, around_axis (430, 45 + i * 90, -PLATE_HEIGHT));
}

/* The floor rises into the wall without an edge. */
static void
draw_floor (cairo_t *cr, const ScannerCamera *camera)
{
  g_autoptr (ScannerSoftMask) mask = scanner_soft_mask_new (camera);
  cairo_t *shape = scanner_soft_mask_get_context (mask);
  gdouble far_side = get_bearing (camera) + 180, degrees;
  ScannerPixel edge = scanner_camera_project (camera, around_axis (COVE_RADIUS, far_side,
                                                                   -PLATE_HEIGHT));
  cairo_pattern_t *tones = cairo_pattern_create_linear (0, edge.y, 0, camera->centre_y * 2);

  cairo_pattern_add_color_stop_rgba (tones, 0, 0.36, 0.39, 0.40, 0.9);
  cairo_pattern_add_color_stop_rgba (tones, 0.5, 0.51, 0.52, 0.52, 0.95);
  cairo_pattern_add_color_stop_rgba (tones, 1, 0.36, 0.37, 0.38, 0.95);
  cairo_move_to (shape, -1, camera->centre_y * 2 + SHAPE_MARGIN);
  for (degrees = 80; degrees >= -80; degrees -= 5)
    line_to (shape, camera, around_axis (COVE_RADIUS, far_side + degrees, -PLATE_HEIGHT));
  cairo_line_to (shape, camera->centre_x * 2 + SHAPE_MARGIN, camera->centre_y * 2 + SHAPE_MARGIN);
  cairo_close_path (shape);
  cairo_fill (shape);
  scanner_soft_mask_paint (mask, cr, tones, camera->focal * 0.045);
}

/* A point of the turntable's top as text and marks see it: x along the rim, y outwards. */
static ScannerVector
on_turntable (gdouble degrees, gdouble radius, gdouble x, gdouble y)
{
  ScannerVector out = around_axis (1, degrees, 0), along = scanner_vector (-out.y, out.x, 0);

  out = scanner_vector (out.x * (radius + y), out.y * (radius + y), 0);
  return scanner_vector_add (out, along, x);
}

static void
draw_number (cairo_t *cr, const ScannerCamera *camera, gint degrees)
{
  const gdouble scale = NUMBER_SIZE / GLYPH_SIZE;
  g_autofree gchar *text = g_strdup_printf ("%d", degrees);
  cairo_text_extents_t extents;
  cairo_path_t *path;
  gint i;

  cairo_save (cr);
  cairo_identity_matrix (cr);
  cairo_select_font_face (cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
  cairo_set_font_size (cr, GLYPH_SIZE);
  cairo_text_extents (cr, text, &extents);
  cairo_new_path (cr);
  cairo_text_path (cr, text);
  path = cairo_copy_path_flat (cr);
  cairo_new_path (cr);
  cairo_restore (cr);
  for (i = 0; i < path->num_data; i += path->data[i].header.length)
    {
      const cairo_path_data_t *data = &path->data[i];

      if (data->header.type == CAIRO_PATH_CLOSE_PATH)
        {
          cairo_close_path (cr);
          continue;
        }
      if (data->header.type == CAIRO_PATH_MOVE_TO)
        cairo_new_sub_path (cr);
      line_to (cr, camera, on_turntable (degrees, 126,
                                         (data[1].point.x - extents.width / 2) * scale,
                                         data[1].point.y * scale));
    }
  cairo_path_destroy (path);
  cairo_fill (cr);
}

static void
draw_scale (cairo_t *cr, const ScannerCamera *camera)
{
  gint degrees;

  cairo_set_source_rgba (cr, 0.10, 0.12, 0.14, 0.85);
  for (degrees = 0; degrees < 360; degrees += 5)
    {
      gdouble half = degrees % 30 == 0 ? 0.7 : 0.4, length = degrees % 10 == 0 ? 8 : 4;

      cairo_new_sub_path (cr);
      line_to (cr, camera, on_turntable (degrees, 148 - length, -half, 0));
      line_to (cr, camera, on_turntable (degrees, 148, -half, 0));
      line_to (cr, camera, on_turntable (degrees, 148, half, 0));
      line_to (cr, camera, on_turntable (degrees, 148 - length, half, 0));
      cairo_close_path (cr);
    }
  cairo_fill (cr);
  for (degrees = 0; degrees < 360; degrees += 30)
    draw_number (cr, camera, degrees);
}

/* A marker as photogrammetry uses them: a black square with 4 × 4 cells, some of them white. */
static void
draw_marker (cairo_t *cr, const ScannerCamera *camera, gdouble degrees, guint cells)
{
  const gdouble cell = MARKER_SIZE / 6;
  guint i;

  cairo_set_source_rgb (cr, 0.09, 0.10, 0.11);
  for (i = 0; i < 4; i++)
    line_to (cr, camera, on_turntable (degrees, MARKER_RADIUS,
                                       (i == 0 || i == 3 ? -0.5 : 0.5) * MARKER_SIZE,
                                       (i < 2 ? -0.5 : 0.5) * MARKER_SIZE));
  cairo_close_path (cr);
  cairo_fill (cr);
  cairo_set_source_rgb (cr, 0.83, 0.84, 0.83);
  for (i = 0; i < 16; i++)
    {
      gdouble x = (i % 4 - 2.0) * cell, y = (i / 4 - 2.0) * cell;

      if (!(cells >> i & 1))
        continue;
      cairo_new_sub_path (cr);
      line_to (cr, camera, on_turntable (degrees, MARKER_RADIUS, x, y));
      line_to (cr, camera, on_turntable (degrees, MARKER_RADIUS, x + cell, y));
      line_to (cr, camera, on_turntable (degrees, MARKER_RADIUS, x + cell, y + cell));
      line_to (cr, camera, on_turntable (degrees, MARKER_RADIUS, x, y + cell));
      cairo_close_path (cr);
    }
  cairo_fill (cr);
}

static void
draw_plate (cairo_t *cr, const ScannerCamera *camera)
{
  const ScannerVector axis = { 0, 0, 0 };
  gdouble left, right, height;
  cairo_pattern_t *tones;

  left = scanner_camera_project (camera, scanner_vector_add (axis, camera->right, -PLATE_RADIUS)).x;
  right = scanner_camera_project (camera, scanner_vector_add (axis, camera->right, PLATE_RADIUS)).x;
  tones = cairo_pattern_create_linear (left, 0, right, 0);
  cairo_pattern_add_color_stop_rgb (tones, 0, 0.20, 0.21, 0.23);
  cairo_pattern_add_color_stop_rgb (tones, 0.35, 0.50, 0.52, 0.54);
  cairo_pattern_add_color_stop_rgb (tones, 0.5, 0.36, 0.38, 0.40);
  cairo_pattern_add_color_stop_rgb (tones, 1, 0.15, 0.16, 0.18);
  for (height = -PLATE_HEIGHT; height < 0; height += 1)
    trace_circle (cr, camera, PLATE_RADIUS, height);
  fill_and_drop (cr, tones);
  tones = cairo_pattern_create_linear (left, 0, right, 0);
  cairo_pattern_add_color_stop_rgb (tones, 0, 0.76, 0.775, 0.78);
  cairo_pattern_add_color_stop_rgb (tones, 0.5, 0.85, 0.86, 0.855);
  cairo_pattern_add_color_stop_rgb (tones, 1, 0.71, 0.725, 0.735);
  trace_circle (cr, camera, PLATE_RADIUS, 0);
  fill_and_drop (cr, tones);
  trace_circle (cr, camera, PLATE_RADIUS - 0.7, 0);
  cairo_set_source_rgba (cr, 1, 1, 1, 0.5);
  cairo_set_line_width (cr, MAX (0.5, camera->focal / 900));
  cairo_stroke (cr);
}

/* Floor and turntable, the latter with its scale of degrees and four markers. */
void
scanner_stage_draw_table (cairo_t *cr, const ScannerCamera *camera)
{
  static const guint markers[] = { 0xB5D2, 0x4E9B, 0xD36C, 0x2BE5 };
  g_autoptr (ScannerSoftMask) contact = scanner_soft_mask_new (camera);
  guint i;

  draw_floor (cr, camera);
  trace_circle (scanner_soft_mask_get_context (contact), camera, PLATE_RADIUS + 6, -PLATE_HEIGHT);
  cairo_fill (scanner_soft_mask_get_context (contact));
  scanner_soft_mask_paint (contact, cr, cairo_pattern_create_rgba (0.03, 0.04, 0.05, 0.55),
                           camera->focal * 0.022);
  draw_plate (cr, camera);
  draw_scale (cr, camera);
  for (i = 0; i < G_N_ELEMENTS (markers); i++)
    draw_marker (cr, camera, 45 + i * 90, markers[i]);
}

/* Where the ray from the lamp through point meets the turntable. */
static ScannerVector
drop (ScannerVector point)
{
  ScannerVector towards = scanner_light_get_direction ();

  return scanner_vector_add (point, towards, -point.z / towards.z);
}

static void
fill_disc_shadow (cairo_t *shape, const ScannerCamera *camera, ScannerVector centre, gdouble radius)
{
  ScannerVector fallen = drop (centre);
  gdouble degrees;

  for (degrees = 0; degrees < 360; degrees += 10)
    line_to (shape, camera, scanner_vector_add (fallen, around_axis (radius, degrees, 0), 1));
  cairo_close_path (shape);
  cairo_fill (shape);
}

static void
fill_blade_shadow (cairo_t *shape, const ScannerCamera *camera, const ScannerBlade *blade)
{
  guint i;

  for (i = 0; i < SCANNER_BLADE_STATIONS; i += 2)
    line_to (shape, camera, drop (blade->edges[0][i]));
  for (i = SCANNER_BLADE_STATIONS - 1; i-- > 0;)
    line_to (shape, camera, drop (blade->edges[1][i]));
  cairo_close_path (shape);
  cairo_fill (shape);
}

/* The shadow of pot and plant on the turntable. */
void
scanner_stage_draw_shadow (cairo_t *cr, const ScannerCamera *camera, ScannerPlant *plant)
{
  g_autoptr (ScannerSoftMask) mask = scanner_soft_mask_new (camera);
  cairo_t *shape = scanner_soft_mask_get_context (mask);
  const ScannerOrgan *organs;
  gsize n_organs, i;
  gdouble height;

  for (height = 0; height <= SCANNER_POT_HEIGHT; height += 6)
    fill_disc_shadow (shape, camera, scanner_vector (0, 0, height),
                      height < POT_NECK_HEIGHT
                        ? POT_FOOT + (POT_NECK - POT_FOOT) * height / POT_NECK_HEIGHT : POT_LIP);
  organs = scanner_plant_get_organs (plant, &n_organs);
  for (i = 0; i < n_organs; i++)
    {
      if (organs[i].kind == SCANNER_ORGAN_FRUIT)
        fill_disc_shadow (shape, camera, organs[i].fruit.centre, organs[i].fruit.radius);
      else if (organs[i].kind != SCANNER_ORGAN_STEM)
        fill_blade_shadow (shape, camera, &organs[i].blade);
    }
  scanner_soft_mask_paint (mask, cr, cairo_pattern_create_rgba (0.04, 0.06, 0.08, 0.52),
                           camera->focal * 0.014);
}

/* The half of a cone's mantle that the camera sees. */
static void
draw_mantle (cairo_t *cr, const ScannerCamera *camera, gdouble lower_radius, gdouble lower,
             gdouble upper_radius, gdouble upper, ScannerVector clay)
{
  gdouble bearing = get_bearing (camera), degrees, widest = MAX (lower_radius, upper_radius);
  ScannerPixel left = scanner_camera_project (camera, around_axis (widest, bearing - 90, upper));
  ScannerPixel right = scanner_camera_project (camera, around_axis (widest, bearing + 90, upper));
  cairo_pattern_t *tones = cairo_pattern_create_linear (left.x, 0, right.x, 0);

  for (degrees = -90; degrees <= 90; degrees += 15)
    {
      gdouble lit = scanner_vector_dot (around_axis (1, bearing + degrees, 0.1),
                                        scanner_light_get_direction ());

      lit = 0.40 + 0.78 * MAX (0, lit) + 0.28 * cos (degrees * G_PI / 180);
      cairo_pattern_add_color_stop_rgb (tones, 0.5 + 0.5 * sin (degrees * G_PI / 180), clay.x * lit,
                                        clay.y * lit, clay.z * lit);
    }
  for (degrees = -95; degrees <= 95; degrees += 5)
    line_to (cr, camera, around_axis (lower_radius, bearing + degrees, lower));
  for (degrees = 95; degrees >= -95; degrees -= 5)
    line_to (cr, camera, around_axis (upper_radius, bearing + degrees, upper));
  cairo_close_path (cr);
  fill_and_drop (cr, tones);
}

static void
draw_soil (cairo_t *cr, const ScannerCamera *camera)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  guint i;

  cairo_save (cr);
  trace_circle (cr, camera, POT_LIP - 5, SCANNER_POT_HEIGHT);
  cairo_set_source_rgb (cr, 0.30, 0.14, 0.08);
  cairo_fill_preserve (cr);
  cairo_clip (cr);
  trace_circle (cr, camera, POT_LIP - 5, SCANNER_PLANT_SOIL);
  cairo_set_source_rgb (cr, 0.145, 0.105, 0.075);
  cairo_fill (cr);
  for (i = 0; i < 420; i++)
    {
      gdouble radius = (POT_LIP - 5) * sqrt (g_rand_double (random));
      ScannerVector crumb = around_axis (radius, g_rand_double_range (random, 0, 360),
                                         SCANNER_PLANT_SOIL);
      ScannerPixel pixel = scanner_camera_project (camera, crumb);
      gdouble size = g_rand_double_range (random, 0.5, 1.7) * camera->focal / pixel.depth;
      gdouble tone = g_rand_double_range (random, 0.5, 1.9);

      cairo_set_source_rgba (cr, 0.17 * tone, 0.125 * tone, 0.09 * tone, 0.8);
      cairo_arc (cr, pixel.x, pixel.y, size, 0, 2 * G_PI);
      cairo_fill (cr);
    }
  cairo_restore (cr);
}

void
scanner_stage_draw_pot (cairo_t *cr, const ScannerCamera *camera)
{
  const ScannerVector clay = { 0.74, 0.37, 0.24 }, shaded = { 0.46, 0.215, 0.135 };

  draw_mantle (cr, camera, POT_FOOT, 0, POT_NECK, POT_NECK_HEIGHT, clay);
  draw_mantle (cr, camera, POT_NECK - 1.2, POT_NECK_HEIGHT - 5, POT_NECK, POT_NECK_HEIGHT, shaded);
  draw_mantle (cr, camera, POT_LIP - 1, POT_NECK_HEIGHT, POT_LIP, SCANNER_POT_HEIGHT, clay);
  trace_circle (cr, camera, POT_LIP, SCANNER_POT_HEIGHT);
  cairo_set_source_rgb (cr, 0.85, 0.47, 0.32);
  cairo_fill (cr);
  draw_soil (cr, camera);
}

/* The corners of a real lens's picture are darker. */
void
scanner_stage_draw_lens (cairo_t *cr, const ScannerCamera *camera)
{
  gdouble reach = hypot (camera->centre_x, camera->centre_y);
  cairo_pattern_t *vignette = cairo_pattern_create_radial (camera->centre_x, camera->centre_y,
                                                           reach * 0.5, camera->centre_x,
                                                           camera->centre_y, reach * 1.05);

  cairo_pattern_add_color_stop_rgba (vignette, 0, 0, 0, 0, 0);
  cairo_pattern_add_color_stop_rgba (vignette, 1, 0, 0, 0, 0.42);
  cairo_rectangle (cr, 0, 0, camera->centre_x * 2, camera->centre_y * 2);
  fill_and_drop (cr, vignette);
}
