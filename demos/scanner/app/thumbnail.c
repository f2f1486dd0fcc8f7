/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "thumbnail.h"

struct _ScannerThumbnail
{
  GObject parent_instance;

  GdkTexture *texture; /* (owned) */
  guint       number;  /* in the scan, from 1 */
  double      pan;     /* around the plant, in degrees: NAN if the controller does not tell */
};

G_DEFINE_FINAL_TYPE (ScannerThumbnail, scanner_thumbnail, G_TYPE_OBJECT)

static void
scanner_thumbnail_finalize (GObject *object)
{
  g_object_unref (SCANNER_THUMBNAIL (object)->texture);
  G_OBJECT_CLASS (scanner_thumbnail_parent_class)->finalize (object);
}

static void
scanner_thumbnail_class_init (ScannerThumbnailClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = scanner_thumbnail_finalize;
}

static void
scanner_thumbnail_init (ScannerThumbnail *self)
{
}

ScannerThumbnail *
scanner_thumbnail_new (GdkTexture *texture,
                       guint       number,
                       double      pan)
{
  ScannerThumbnail *self = g_object_new (SCANNER_TYPE_THUMBNAIL, NULL);

  self->texture = g_object_ref (texture);
  self->number = number;
  self->pan = pan;
  return self;
}

GdkTexture *
scanner_thumbnail_get_texture (ScannerThumbnail *self)
{
  return self->texture;
}

/* (transfer full) */
char *
scanner_thumbnail_describe (ScannerThumbnail *self)
{
  if (isnan (self->pan))
    return g_strdup_printf (_("Picture %u"), self->number);
  /* Translators: the number of a picture, and the angle from which it was taken. */
  return g_strdup_printf (_("Picture %u, from %.0f°"), self->number, self->pan);
}
