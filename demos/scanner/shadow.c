/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "shadow.h"

#define SHRINK 4 /* the shadow is drawn this much smaller: it is soft anyway */
#define DARKNESS 0.52

struct _ScannerShadow
{
  const ScannerCamera *camera;  /* of the caller */
  cairo_surface_t     *surface; /* (owned): how much light is missing, 8 bits a pixel */
  cairo_t             *cr;      /* (owned): draws there in the picture's coordinates */
};

ScannerShadow *
scanner_shadow_new (const ScannerCamera *camera)
{
  ScannerShadow *self = g_new0 (ScannerShadow, 1);
  gint width = (gint) ceil (camera->centre_x * 2 / SHRINK) + 1;
  gint height = (gint) ceil (camera->centre_y * 2 / SHRINK) + 1;

  self->camera = camera;
  self->surface = cairo_image_surface_create (CAIRO_FORMAT_A8, width, height);
  self->cr = cairo_create (self->surface);
  cairo_scale (self->cr, 1.0 / SHRINK, 1.0 / SHRINK);
  return self;
}

void
scanner_shadow_free (ScannerShadow *self)
{
  cairo_destroy (self->cr);
  cairo_surface_destroy (self->surface);
  g_free (self);
}

static void
line_to (ScannerShadow *self, ScannerVector point)
{
  ScannerPixel pixel = scanner_camera_project (self->camera, point);

  cairo_line_to (self->cr, pixel.x, pixel.y);
}

void
scanner_shadow_add_disc (ScannerShadow *self, ScannerVector centre, gdouble radius)
{
  guint i;

  for (i = 0; i < 40; i++)
    line_to (self, scanner_vector_add (centre, scanner_vector (cos (i * G_PI / 20),
                                                               sin (i * G_PI / 20), 0), radius));
  cairo_close_path (self->cr);
  cairo_fill (self->cr);
}

/* Where the ray from the lamp through point meets the turntable. */
static ScannerVector
drop (ScannerVector point, ScannerVector towards)
{
  return scanner_vector_add (point, towards, -point.z / towards.z);
}

static void
add_organ (ScannerShadow *self, const ScannerOrgan *organ, ScannerVector towards)
{
  guint i;

  if (organ->kind == SCANNER_ORGAN_FRUIT)
    scanner_shadow_add_disc (self, drop (organ->fruit.centre, towards), organ->fruit.radius);
  if (organ->kind == SCANNER_ORGAN_FRUIT || organ->kind == SCANNER_ORGAN_STEM)
    return;
  for (i = 0; i < SCANNER_BLADE_STATIONS; i += 2)
    line_to (self, drop (organ->blade.edges[0][i], towards));
  for (i = SCANNER_BLADE_STATIONS - 1; i-- > 0;)
    line_to (self, drop (organ->blade.edges[1][i], towards));
  cairo_close_path (self->cr);
  cairo_fill (self->cr);
}

void
scanner_shadow_add_plant (ScannerShadow *self, ScannerPlant *plant, ScannerVector towards)
{
  const ScannerOrgan *organs;
  gsize n_organs, i;

  organs = scanner_plant_get_organs (plant, &n_organs);
  for (i = 0; i < n_organs; i++)
    add_organ (self, &organs[i], towards);
}

/* The mean of 2 * radius + 1 neighbours, along a row or a column of pixels that lie step bytes apart. */
static void
blur_line (guchar *pixels, gint count, gint step, gint radius, guchar *copy)
{
  gint sum = 0, i;

  for (i = 0; i < count; i++)
    copy[i] = pixels[i * step];
  for (i = -radius; i <= radius; i++)
    sum += copy[CLAMP (i, 0, count - 1)];
  for (i = 0; i < count; i++)
    {
      pixels[i * step] = sum / (2 * radius + 1);
      sum += copy[MIN (i + radius + 1, count - 1)] - copy[MAX (i - radius, 0)];
    }
}

static void
blur (cairo_surface_t *surface, gint radius)
{
  gint width = cairo_image_surface_get_width (surface), x;
  gint height = cairo_image_surface_get_height (surface), y;
  gint stride = cairo_image_surface_get_stride (surface), pass;
  g_autofree guchar *copy = g_malloc (MAX (width, height));
  guchar *data;

  cairo_surface_flush (surface);
  data = cairo_image_surface_get_data (surface);
  for (pass = 0; pass < 3; pass++)
    {
      for (y = 0; y < height; y++)
        blur_line (data + y * stride, width, 1, radius, copy);
      for (x = 0; x < width; x++)
        blur_line (data + x, height, stride, radius, copy);
    }
  cairo_surface_mark_dirty (surface);
}

void
scanner_shadow_paint (ScannerShadow *self, cairo_t *cr)
{
  blur (self->surface, MAX (1, (gint) (self->camera->focal / SHRINK / 110)));
  cairo_save (cr);
  cairo_scale (cr, SHRINK, SHRINK);
  cairo_set_source_rgba (cr, 0.04, 0.06, 0.08, DARKNESS);
  cairo_mask_surface (cr, self->surface, 0, 0);
  cairo_restore (cr);
}
