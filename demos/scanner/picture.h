/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <cairo.h>
#include <gio/gio.h>

G_BEGIN_DECLS

G_DEFINE_AUTOPTR_CLEANUP_FUNC (cairo_surface_t, cairo_surface_destroy)

gboolean         scanner_picture_is_format (const gchar      *format);
GBytes          *scanner_picture_encode    (cairo_surface_t  *surface,
                                            const gchar      *format,
                                            GError          **error);
cairo_surface_t *scanner_picture_decode    (GBytes           *bytes,
                                            GError          **error);

G_END_DECLS
