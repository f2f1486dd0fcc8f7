/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

#include "scan.h"

G_BEGIN_DECLS

/* The scanner from above: the plant, the points around it from where pictures are taken, and the
 * arm. */
#define SCANNER_TYPE_PLAN_VIEW (scanner_plan_view_get_type ())

G_DECLARE_FINAL_TYPE (ScannerPlanView, scanner_plan_view, SCANNER, PLAN_VIEW, GtkWidget)

void scanner_plan_view_set_scan (ScannerPlanView *self,
                                 ScannerScan     *scan);

G_END_DECLS
