/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gdk/gdk.h>

G_BEGIN_DECLS

/* Decodes a picture on a worker thread, not larger than max_side on either side. */
void        scanner_picture_loader_load        (GBytes               *file,
                                                int                   max_side,
                                                GCancellable         *cancellable,
                                                GAsyncReadyCallback   callback,
                                                gpointer              user_data);
GdkTexture *scanner_picture_loader_load_finish (GAsyncResult         *result,
                                                GError              **error);

G_END_DECLS
