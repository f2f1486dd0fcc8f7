/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "view.h"

#include "foliage.h"
#include "stage.h"

/* Whether every setting is one that scanner_view_render() can serve. */
gboolean
scanner_view_is_valid (const ScannerView *self)
{
  return self->width > 0 && self->width <= SCANNER_VIEW_MAX_SIDE && self->height > 0 &&
         self->height <= SCANNER_VIEW_MAX_SIDE && self->rotation >= 0 && self->rotation < 360 &&
         self->rotation % 90 == 0 && isfinite (self->angle) && self->elevation >= 0 &&
         self->elevation <= 80 && self->distance >= 400 && self->distance <= 5000;
}

/* A context in which the upright picture is drawn lands rotated on the surface. */
static cairo_t *
begin (cairo_surface_t *surface, const ScannerView *self)
{
  cairo_t *cr = cairo_create (surface);

  cairo_translate (cr, cairo_image_surface_get_width (surface) / 2.0,
                   cairo_image_surface_get_height (surface) / 2.0);
  cairo_rotate (cr, self->rotation * G_PI / 180);
  cairo_translate (cr, -self->width / 2.0, -self->height / 2.0);
  return cr;
}

/* (transfer full): what a camera at self sees of plant, in opaque pixels; width and height are
 * exchanged when the picture is rotated by 90 or 270 degrees. */
cairo_surface_t *
scanner_view_render (const ScannerView *self, ScannerPlant *plant)
{
  gboolean upright = self->rotation % 180 == 0;
  cairo_surface_t *surface;
  ScannerCamera camera;
  cairo_t *cr;

  g_return_val_if_fail (scanner_view_is_valid (self), NULL);
  surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, upright ? self->width : self->height,
                                        upright ? self->height : self->width);
  scanner_camera_init (&camera, self->width, self->height, self->angle, self->elevation,
                       self->distance);
  cr = begin (surface, self);
  scanner_stage_draw_room (cr, &camera);
  scanner_stage_draw_table (cr, &camera);
  scanner_stage_draw_shadow (cr, &camera, plant);
  scanner_foliage_draw (cr, &camera, plant);
  scanner_stage_draw_lens (cr, &camera);
  cairo_destroy (cr);
  return surface;
}
