/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "soft-mask.h"

#define SHRINK 4 /* the shape is drawn this much smaller: it is soft anyway */
#define PASSES 3 /* so many means of neighbours come close to a Gaussian */

struct _ScannerSoftMask
{
  cairo_surface_t *surface; /* (owned): 8 bits a pixel */
  cairo_t         *cr;      /* (owned): draws there in the picture's coordinates */
};

ScannerSoftMask *
scanner_soft_mask_new (const ScannerCamera *camera)
{
  ScannerSoftMask *self = g_new0 (ScannerSoftMask, 1);
  gint width = (gint) ceil (camera->centre_x * 2 / SHRINK) + 1;
  gint height = (gint) ceil (camera->centre_y * 2 / SHRINK) + 1;

  self->surface = cairo_image_surface_create (CAIRO_FORMAT_A8, width, height);
  self->cr = cairo_create (self->surface);
  cairo_scale (self->cr, 1.0 / SHRINK, 1.0 / SHRINK);
  return self;
}

void
scanner_soft_mask_free (ScannerSoftMask *self)
{
  cairo_destroy (self->cr);
  cairo_surface_destroy (self->surface);
  g_free (self);
}

/* (transfer none): takes the shape, in the pixels of the camera. */
cairo_t *
scanner_soft_mask_get_context (ScannerSoftMask *self)
{
  return self->cr;
}

/* Every pixel of a row or column becomes the mean of itself and radius neighbours either side. */
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
  for (pass = 0; pass < PASSES; pass++)
    {
      for (y = 0; y < height; y++)
        blur_line (data + (gsize) y * stride, width, 1, radius, copy);
      for (x = 0; x < width; x++)
        blur_line (data + x, height, stride, radius, copy);
    }
  cairo_surface_mark_dirty (surface);
}

/* Lets source (transfer full) through the shape, whose edge is spread over softness pixels. */
void
scanner_soft_mask_paint (ScannerSoftMask *self, cairo_t *cr, cairo_pattern_t *source,
                         gdouble softness)
{
  cairo_pattern_t *mask;
  cairo_matrix_t shrink;

  blur (self->surface, MAX (1, (gint) (softness / SHRINK / 2)));
  mask = cairo_pattern_create_for_surface (self->surface);
  cairo_matrix_init_scale (&shrink, 1.0 / SHRINK, 1.0 / SHRINK);
  cairo_pattern_set_matrix (mask, &shrink);
  cairo_pattern_set_extend (mask, CAIRO_EXTEND_PAD);
  cairo_set_source (cr, source);
  cairo_mask (cr, mask);
  cairo_pattern_destroy (mask);
  cairo_pattern_destroy (source);
}
