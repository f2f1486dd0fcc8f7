/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <cairo.h>
#include <gio/gio.h>

G_BEGIN_DECLS

/* All pictures of one scan on one page. */
typedef struct _ScannerContactSheet ScannerContactSheet;

ScannerContactSheet *scanner_contact_sheet_new      (const gchar          *title);
void                 scanner_contact_sheet_free     (ScannerContactSheet  *self);
void                 scanner_contact_sheet_add      (ScannerContactSheet  *self,
                                                     cairo_surface_t      *picture,
                                                     gdouble               angle);
gboolean             scanner_contact_sheet_add_file (ScannerContactSheet  *self,
                                                     GBytes               *file,
                                                     gdouble               angle,
                                                     GError              **error);
void                 scanner_contact_sheet_get_size (ScannerContactSheet  *self,
                                                     gint                 *width,
                                                     gint                 *height);
cairo_surface_t     *scanner_contact_sheet_render   (ScannerContactSheet  *self);
gboolean             scanner_contact_sheet_save     (ScannerContactSheet  *self,
                                                     const gchar          *filename,
                                                     GError              **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ScannerContactSheet, scanner_contact_sheet_free)

G_END_DECLS
