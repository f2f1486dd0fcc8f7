/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "foliage.h"

#include "light.h"
#include "stage.h"

#define LAST (SCANNER_BLADE_STATIONS - 1)
#define TONES 5

typedef ScannerVector Colour; /* red, green, blue, 0 … 1 */

typedef struct
{
  const ScannerOrgan *organ;
  guint               half; /* of a blade: 0 left, 1 right */
  gboolean            behind_pot;
  gdouble             depth;
} Part;

typedef struct
{
  cairo_t             *cr;
  const ScannerCamera *camera;
  ScannerLight        *light;
} Scene;

static Colour
multiply (Colour a, gdouble red, gdouble green, gdouble blue)
{
  return scanner_vector (a.x * red, a.y * green, a.z * blue);
}

static void
add_stop (cairo_pattern_t *tones, gdouble offset, Colour colour)
{
  cairo_pattern_add_color_stop_rgb (tones, offset, colour.x, colour.y, colour.z);
}

static Colour
get_pigment (const ScannerOrgan *organ)
{
  const Colour young = { 0.49, 0.68, 0.20 }, old = { 0.15, 0.40, 0.15 };
  const Colour unripe = { 0.48, 0.62, 0.20 }, turning = { 0.96, 0.62, 0.14 };
  const Colour ripe = { 0.84, 0.11, 0.07 }, bark = { 0.40, 0.46, 0.20 };
  Colour colour;

  switch (organ->kind)
    {
    case SCANNER_ORGAN_STEM:
      return scanner_vector_mix (scanner_vector (0.46, 0.62, 0.24), bark, organ->age);
    case SCANNER_ORGAN_PETAL:
      return scanner_vector (1.0, 0.86, 0.20 + 0.06 * organ->tone);
    case SCANNER_ORGAN_SEPAL:
      return scanner_vector (0.32, 0.52, 0.16);
    case SCANNER_ORGAN_FRUIT:
      colour = organ->age < 0.5 ? scanner_vector_mix (unripe, turning, organ->age * 2)
                                : scanner_vector_mix (turning, ripe, organ->age * 2 - 1);
      return colour;
    case SCANNER_ORGAN_LEAF:
    default:
      colour = scanner_vector_mix (young, old, MIN (1, 0.25 + organ->age * 0.8));
      return multiply (colour, 1 + 0.14 * organ->tone, 1 + 0.09 * organ->tone,
                       1 - 0.05 * organ->tone);
    }
}

/* What is far away fades a little into the air of the room. */
static Colour
fade (const Scene *self, Colour colour, ScannerVector point)
{
  ScannerVector ray = scanner_vector_add (point, self->camera->eye, -1);
  ScannerVector axis = scanner_vector_add (scanner_vector (0, 0, point.z), self->camera->eye, -1);
  gdouble behind = scanner_vector_dot (scanner_vector_add (ray, axis, -1), self->camera->forward);

  return scanner_vector_mix (colour, scanner_vector (0.20, 0.25, 0.26),
                             CLAMP ((behind + 40) / 420, 0, 0.32));
}

/* Thin green surfaces: lit from the viewer's side they reflect, lit from the other they glow. */
static Colour
shade_blade (const Scene *self, const ScannerOrgan *organ, ScannerVector point,
             ScannerVector normal)
{
  ScannerVector towards = scanner_light_get_direction ();
  ScannerVector view = scanner_vector_unit (scanner_vector_add (self->camera->eye, point, -1));
  ScannerVector half = scanner_vector_unit (scanner_vector_add (towards, view, 1));
  gdouble reach = 0.12 + 0.88 * scanner_light_reach (self->light, point);
  gdouble inside = CLAMP (hypot (point.x, point.y) / 75, 0.25, 1);
  gboolean below = scanner_vector_dot (normal, view) < 0;
  Colour base = get_pigment (organ), colour;
  gdouble lambert, sheen;

  if (below)
    {
      normal = scanner_vector_scale (normal, -1);
      base = scanner_vector_mix (base, scanner_vector (0.56, 0.68, 0.44), 0.30);
    }
  lambert = scanner_vector_dot (normal, towards);
  if (organ->kind == SCANNER_ORGAN_PETAL)
    return multiply (base, 0.78 + 0.22 * fabs (lambert), 0.74 + 0.24 * fabs (lambert), 1);
  colour = multiply (base, 0.92, 1, 1.04);
  colour = scanner_vector_scale (colour,
                                 (0.44 + 0.14 * normal.z) * (0.6 + 0.4 * inside));
  if (lambert > 0)
    colour = scanner_vector_add (colour, multiply (base, 1.04, 1, 0.9), 0.92 * lambert * reach);
  else
    colour = scanner_vector_add (colour, multiply (base, 1.4, 1.25, 0.5), -0.55 * lambert * reach);
  sheen = below ? 0 : pow (MAX (0, scanner_vector_dot (normal, half)), 18) * 0.20 * reach;
  colour = scanner_vector_add (colour, scanner_vector (0.9, 1, 0.95), sheen);
  return fade (self, colour, point);
}

static ScannerVector
get_normal (const ScannerBlade *blade, guint half, guint i)
{
  ScannerVector along = scanner_vector_add (blade->middle[i + 1], blade->middle[i - 1], -1);
  ScannerVector across = scanner_vector_add (blade->edges[half][i], blade->middle[i], -1);
  ScannerVector normal = scanner_vector_cross (along, across);

  return scanner_vector_unit (scanner_vector_scale (normal, half == 0 ? 1 : -1));
}

static void
line_to (const Scene *self, ScannerVector point)
{
  ScannerPixel pixel = scanner_camera_project (self->camera, point);

  cairo_line_to (self->cr, pixel.x, pixel.y);
}

static cairo_pattern_t *
create_blade_tones (const Scene *self, const ScannerOrgan *organ, guint half)
{
  const ScannerBlade *blade = &organ->blade;
  ScannerPixel base = scanner_camera_project (self->camera, blade->middle[0]);
  ScannerPixel tip = scanner_camera_project (self->camera, blade->middle[LAST]);
  cairo_pattern_t *tones = cairo_pattern_create_linear (base.x, base.y, tip.x, tip.y);
  guint i;

  for (i = 0; i < TONES; i++)
    {
      guint station = 2 + i * (LAST - 4) / (TONES - 1);
      ScannerVector point = scanner_vector_mix (blade->middle[station],
                                                blade->edges[half][station], 0.5);
      Colour colour = shade_blade (self, organ, point, get_normal (blade, half, station));

      add_stop (tones, (gdouble) station / LAST, colour);
    }
  return tones;
}

static void
draw_veins (const Scene *self, const ScannerBlade *blade, guint half, gdouble scale)
{
  guint i;

  cairo_set_source_rgba (self->cr, 0.80, 0.90, 0.55, 0.30);
  cairo_set_line_width (self->cr, CLAMP (0.55 * scale, 0.5, 4));
  for (i = 0; i <= LAST; i += 2)
    line_to (self, blade->middle[i]);
  cairo_stroke (self->cr);
  if (scale < 1.0)
    return;
  cairo_set_source_rgba (self->cr, 0.75, 0.88, 0.50, 0.16);
  cairo_set_line_width (self->cr, 0.35 * scale);
  for (i = 2; i + 5 < LAST; i += 4)
    {
      cairo_new_sub_path (self->cr);
      line_to (self, blade->middle[i]);
      line_to (self, scanner_vector_mix (blade->middle[i + 3], blade->edges[half][i + 3], 0.8));
    }
  cairo_stroke (self->cr);
}

static void
draw_blade (const Scene *self, const ScannerOrgan *organ, guint half)
{
  const ScannerBlade *blade = &organ->blade;
  gdouble scale = self->camera->focal /
                  MAX (scanner_camera_project (self->camera, blade->middle[LAST / 2]).depth, 1);
  cairo_pattern_t *tones = create_blade_tones (self, organ, half);
  guint i;

  for (i = 0; i <= LAST; i++)
    line_to (self, blade->middle[i]);
  for (i = LAST; i-- > 0;)
    line_to (self, blade->edges[half][i]);
  cairo_close_path (self->cr);
  cairo_set_source (self->cr, tones);
  cairo_fill_preserve (self->cr);
  cairo_pattern_destroy (tones);
  if (organ->kind == SCANNER_ORGAN_PETAL)
    cairo_set_source_rgba (self->cr, 0.60, 0.42, 0.02, 0.22);
  else
    cairo_set_source_rgba (self->cr, 0.03, 0.10, 0.03, 0.34);
  cairo_set_line_width (self->cr, CLAMP (0.3 * scale, 0.35, 2));
  cairo_stroke (self->cr);
  if (organ->kind == SCANNER_ORGAN_LEAF)
    draw_veins (self, blade, half, scale);
}

static void
add_stem_tone (const Scene *self, cairo_pattern_t *tones, gdouble offset, ScannerVector normal,
               const ScannerOrgan *organ)
{
  ScannerVector middle = scanner_vector_mix (organ->stem.from, organ->stem.to, 0.5);
  gdouble lambert = MAX (0, scanner_vector_dot (normal, scanner_light_get_direction ()));
  gdouble reach = 0.25 + 0.75 * scanner_light_reach (self->light, middle);
  Colour colour = get_pigment (organ);
  gdouble lit = 0.36 + 0.75 * lambert * reach;

  colour = fade (self, scanner_vector_scale (colour, lit), middle);
  add_stop (tones, offset, colour);
}

static void
draw_stem (const Scene *self, const ScannerOrgan *organ)
{
  const ScannerStem *stem = &organ->stem;
  ScannerPixel from = scanner_camera_project (self->camera, stem->from);
  ScannerPixel to = scanner_camera_project (self->camera, stem->to);
  ScannerVector along = scanner_vector_unit (scanner_vector_add (stem->to, stem->from, -1));
  ScannerVector side = scanner_vector_unit (scanner_vector_cross (along, self->camera->forward));
  ScannerVector front = scanner_vector_cross (along, side);
  gdouble r0 = MAX (stem->from_radius * self->camera->focal / from.depth, 0.4);
  gdouble r1 = MAX (stem->to_radius * self->camera->focal / to.depth, 0.4);
  gdouble slope = atan2 (to.y - from.y, to.x - from.x), nx = -sin (slope), ny = cos (slope);
  cairo_pattern_t *tones;

  if (scanner_vector_dot (front, self->camera->forward) > 0)
    front = scanner_vector_scale (front, -1);
  if (scanner_vector_dot (side, self->camera->right) * nx -
      scanner_vector_dot (side, self->camera->up) * ny < 0)
    side = scanner_vector_scale (side, -1);
  tones = cairo_pattern_create_linear (from.x - nx * r0, from.y - ny * r0, from.x + nx * r0,
                                       from.y + ny * r0);
  add_stem_tone (self, tones, 0, scanner_vector_scale (side, -1), organ);
  add_stem_tone (self, tones, 0.5, front, organ);
  add_stem_tone (self, tones, 1, side, organ);
  cairo_arc (self->cr, from.x, from.y, r0, slope + G_PI / 2, slope - G_PI / 2);
  cairo_arc (self->cr, to.x, to.y, r1, slope - G_PI / 2, slope + G_PI / 2);
  cairo_close_path (self->cr);
  cairo_set_source (self->cr, tones);
  cairo_fill (self->cr);
  cairo_pattern_destroy (tones);
}

static void
draw_fruit (const Scene *self, const ScannerOrgan *organ)
{
  ScannerVector towards = scanner_light_get_direction ();
  ScannerPixel centre = scanner_camera_project (self->camera, organ->fruit.centre);
  gdouble radius = organ->fruit.radius * self->camera->focal / centre.depth;
  gdouble x = centre.x + scanner_vector_dot (towards, self->camera->right) * radius * 0.5;
  gdouble y = centre.y - scanner_vector_dot (towards, self->camera->up) * radius * 0.5;
  gdouble reach = 0.65 + 0.35 * scanner_light_reach (self->light,
                                                     scanner_vector_add (organ->fruit.centre,
                                                                         towards,
                                                                         organ->fruit.radius));
  Colour pigment = get_pigment (organ);
  Colour bright = fade (self, scanner_vector_scale (pigment, 1.08 * reach), organ->fruit.centre);
  cairo_pattern_t *tones = cairo_pattern_create_radial (x, y, 0, centre.x, centre.y, radius);

  add_stop (tones, 0, bright);
  add_stop (tones, 0.45, scanner_vector_scale (bright, 0.9));
  add_stop (tones, 1, scanner_vector_scale (pigment, 0.4));
  cairo_arc (self->cr, centre.x, centre.y, radius, 0, 2 * G_PI);
  cairo_set_source (self->cr, tones);
  cairo_fill (self->cr);
  cairo_pattern_destroy (tones);

  tones = cairo_pattern_create_radial (x, y, 0, x, y, radius * 0.34);
  cairo_pattern_add_color_stop_rgba (tones, 0, 1, 1, 0.95, 0.75 * reach);
  cairo_pattern_add_color_stop_rgba (tones, 1, 1, 1, 0.95, 0);
  cairo_arc (self->cr, x, y, radius * 0.34, 0, 2 * G_PI);
  cairo_set_source (self->cr, tones);
  cairo_fill (self->cr);
  cairo_pattern_destroy (tones);
}

static void
add_part (GArray *parts, const ScannerCamera *camera, const ScannerOrgan *organ, guint half,
          ScannerVector centre)
{
  Part part = { organ, half, FALSE, scanner_camera_project (camera, centre).depth };
  gdouble axis = scanner_camera_project (camera, scanner_vector (0, 0, centre.z)).depth;

  part.behind_pot = centre.z < SCANNER_POT_HEIGHT && part.depth > axis &&
                    hypot (centre.x, centre.y) > 50;
  g_array_append_val (parts, part);
}

static GArray *
collect_parts (const ScannerCamera *camera, ScannerPlant *plant)
{
  GArray *parts = g_array_new (FALSE, FALSE, sizeof (Part));
  const ScannerOrgan *organs;
  gsize n_organs, i;
  guint half;

  organs = scanner_plant_get_organs (plant, &n_organs);
  for (i = 0; i < n_organs; i++)
    {
      const ScannerOrgan *organ = &organs[i];

      if (organ->kind == SCANNER_ORGAN_STEM)
        add_part (parts, camera, organ, 0,
                  scanner_vector_mix (organ->stem.from, organ->stem.to, 0.5));
      else if (organ->kind == SCANNER_ORGAN_FRUIT)
        add_part (parts, camera, organ, 0, organ->fruit.centre);
      else
        for (half = 0; half < 2; half++)
          add_part (parts, camera, organ, half,
                    scanner_vector_mix (organ->blade.middle[LAST / 2],
                                        organ->blade.edges[half][LAST / 2], 0.5));
    }
  return parts;
}

/* Farthest first; equal depths in the order of growth: one plant always gives one picture. */
static gint
compare_parts (gconstpointer a, gconstpointer b)
{
  const Part *first = a, *second = b;

  if (first->behind_pot != second->behind_pot)
    return first->behind_pot ? -1 : 1;
  if (first->depth != second->depth)
    return first->depth > second->depth ? -1 : 1;
  if (first->organ != second->organ)
    return first->organ < second->organ ? -1 : 1;
  return (gint) first->half - (gint) second->half;
}

/* Draws plant and pot, the pot after the leaves that hang behind it and before all the others. */
void
scanner_foliage_draw (cairo_t *cr, const ScannerCamera *camera, ScannerPlant *plant)
{
  g_autoptr (ScannerLight) light = scanner_light_new (plant);
  g_autoptr (GArray) parts = collect_parts (camera, plant);
  Scene scene = { cr, camera, light };
  gboolean pot_drawn = FALSE;
  guint i;

  g_array_sort (parts, compare_parts);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  for (i = 0; i < parts->len; i++)
    {
      const Part *part = &g_array_index (parts, Part, i);

      if (!part->behind_pot && !pot_drawn)
        {
          scanner_stage_draw_pot (cr, camera);
          pot_drawn = TRUE;
        }
      if (part->organ->kind == SCANNER_ORGAN_STEM)
        draw_stem (&scene, part->organ);
      else if (part->organ->kind == SCANNER_ORGAN_FRUIT)
        draw_fruit (&scene, part->organ);
      else
        draw_blade (&scene, part->organ, part->half);
    }
  if (!pot_drawn)
    scanner_stage_draw_pot (cr, camera);
}
