/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The pictures of one scan on disk, and their contact sheet. */
typedef struct _ScannerAlbum ScannerAlbum;

ScannerAlbum *scanner_album_new           (const char    *directory,
                                           guint          n_pictures,
                                           GError       **error);
void          scanner_album_free          (ScannerAlbum  *self);
const char   *scanner_album_get_directory (ScannerAlbum  *self);
char         *scanner_album_dup_name      (ScannerAlbum  *self);
guint         scanner_album_get_n_saved   (ScannerAlbum  *self);
gboolean      scanner_album_add           (ScannerAlbum  *self,
                                           GBytes        *picture,
                                           GVariant      *info,
                                           GError       **error);
char         *scanner_album_save_sheet    (ScannerAlbum  *self,
                                           GError       **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ScannerAlbum, scanner_album_free)

G_END_DECLS
