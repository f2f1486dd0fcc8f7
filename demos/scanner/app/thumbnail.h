/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* One picture of a scan. */
#define SCANNER_TYPE_THUMBNAIL (scanner_thumbnail_get_type ())

G_DECLARE_FINAL_TYPE (ScannerThumbnail, scanner_thumbnail, SCANNER, THUMBNAIL, GObject)

ScannerThumbnail *scanner_thumbnail_new         (GdkTexture       *texture,
                                                 guint             number,
                                                 double            pan);
GdkTexture       *scanner_thumbnail_get_texture (ScannerThumbnail *self);
char             *scanner_thumbnail_describe    (ScannerThumbnail *self);

G_END_DECLS
