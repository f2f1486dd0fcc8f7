/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "connection.h"

G_BEGIN_DECLS

/* What a camera sees, picture after picture, for as long as anybody can see it. */
#define SCANNER_TYPE_LIVE_VIEW (scanner_live_view_get_type ())

G_DECLARE_FINAL_TYPE (ScannerLiveView, scanner_live_view, SCANNER, LIVE_VIEW, AdwBin)

guint scanner_live_view_get_n_shown (ScannerLiveView *self);

G_END_DECLS
