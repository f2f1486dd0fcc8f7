/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "connection.h"

G_BEGIN_DECLS

/* The pictures of a scan, fetched from its controller one after the other as they are taken. */
#define SCANNER_TYPE_PICTURES (scanner_pictures_get_type ())

G_DECLARE_FINAL_TYPE (ScannerPictures, scanner_pictures, SCANNER, PICTURES, GObject)

ScannerPictures *scanner_pictures_new            (void);
void             scanner_pictures_set_connection (ScannerPictures   *self,
                                                  ScannerConnection *connection);
void             scanner_pictures_set_n_taken    (ScannerPictures   *self,
                                                  guint              n_taken);
void             scanner_pictures_fetch          (ScannerPictures   *self);
void             scanner_pictures_forget         (ScannerPictures   *self);
GListModel      *scanner_pictures_get_model      (ScannerPictures   *self);

G_END_DECLS
