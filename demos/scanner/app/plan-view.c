/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "plan-view.h"

#define NATURAL_SIDE 280 /* pixels */
#define MARGIN 34        /* pixels, from the circle of points to the edge */
#define N_LEAVES 7

struct _ScannerPlanView
{
  GtkWidget parent_instance;

  ScannerScan *scan; /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (ScannerPlanView, scanner_plan_view, GTK_TYPE_WIDGET)

/* What is drawn: the plant's axis is at the origin. */
typedef struct
{
  cairo_t *cr;
  GdkRGBA  line;
  GdkRGBA  accent;
  double   radius; /* of the circle of points, in pixels */
  guint    n_points;
  guint    n_taken;
} Plan;

static void
set_colour (Plan          *plan,
            const GdkRGBA *colour,
            double         alpha)
{
  cairo_set_source_rgba (plan->cr, colour->red, colour->green, colour->blue,
                         colour->alpha * alpha);
}

static double
get_angle (Plan  *plan,
           guint  point)
{
  return 2 * G_PI * point / plan->n_points - G_PI / 2;
}

static void
draw_points (Plan *plan)
{
  double size = CLAMP (plan->radius * G_PI / plan->n_points * 0.6, 1.2, 5);

  set_colour (plan, &plan->line, 0.15);
  cairo_set_line_width (plan->cr, 2);
  cairo_arc (plan->cr, 0, 0, plan->radius, 0, 2 * G_PI);
  cairo_stroke (plan->cr);
  for (guint i = 0; i < plan->n_points; i++)
    {
      double angle = get_angle (plan, i);

      set_colour (plan, i < plan->n_taken ? &plan->accent : &plan->line,
                  i < plan->n_taken ? 1 : 0.35);
      cairo_arc (plan->cr, plan->radius * cos (angle), plan->radius * sin (angle), size, 0,
                 2 * G_PI);
      cairo_fill (plan->cr);
    }
}

static void
draw_leaf (cairo_t *cr,
           double   angle,
           double   length)
{
  cairo_save (cr);
  cairo_rotate (cr, angle);
  cairo_move_to (cr, 0, 0);
  cairo_curve_to (cr, length * 0.3, -length * 0.35, length * 0.8, -length * 0.25, length, 0);
  cairo_curve_to (cr, length * 0.8, length * 0.25, length * 0.3, length * 0.35, 0, 0);
  cairo_fill (cr);
  cairo_restore (cr);
}

static void
draw_plant (Plan *plan)
{
  double size = plan->radius * 0.42;

  cairo_set_source_rgb (plan->cr, 0.77, 0.38, 0.24);
  cairo_arc (plan->cr, 0, 0, size * 0.5, 0, 2 * G_PI);
  cairo_fill (plan->cr);
  cairo_set_source_rgb (plan->cr, 0.32, 0.22, 0.16);
  cairo_arc (plan->cr, 0, 0, size * 0.42, 0, 2 * G_PI);
  cairo_fill (plan->cr);
  for (int i = 0; i < N_LEAVES; i++)
    {
      cairo_set_source_rgb (plan->cr, 0.20 + 0.05 * (i % 3), 0.55 + 0.05 * (i % 2), 0.25);
      draw_leaf (plan->cr, 2 * G_PI * i / N_LEAVES + 0.4, size * (0.8 + 0.2 * (i % 2)));
    }
}

/* From the column beside the point to the camera, which looks at the plant. */
static void
draw_arm (Plan *plan)
{
  guint point = plan->n_taken < plan->n_points ? plan->n_taken : 0;

  cairo_save (plan->cr);
  cairo_rotate (plan->cr, get_angle (plan, point));
  set_colour (plan, &plan->accent, 0.12);
  cairo_move_to (plan->cr, plan->radius, 0);
  cairo_line_to (plan->cr, 0, -plan->radius * 0.42);
  cairo_line_to (plan->cr, 0, plan->radius * 0.42);
  cairo_fill (plan->cr);
  set_colour (plan, &plan->line, 0.7);
  cairo_set_line_width (plan->cr, 5);
  cairo_set_line_cap (plan->cr, CAIRO_LINE_CAP_ROUND);
  cairo_move_to (plan->cr, plan->radius + MARGIN - 8, 0);
  cairo_line_to (plan->cr, plan->radius + 8, 0);
  cairo_stroke (plan->cr);
  set_colour (plan, &plan->line, 0.9);
  cairo_rectangle (plan->cr, plan->radius - 4, -8, 14, 16);
  cairo_rectangle (plan->cr, plan->radius - 9, -4, 6, 8);
  cairo_fill (plan->cr);
  cairo_restore (plan->cr);
}

static void
draw_scale (ScannerPlanView *self,
            GtkSnapshot     *snapshot,
            double           x,
            double           y)
{
  g_autofree char *text = g_strdup_printf (_("%.0f mm"), scanner_scan_get_radius (self->scan));
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (self));
  int width;

  pango_layout_get_pixel_size (layout, &width, NULL);
  gtk_snapshot_render_layout (snapshot, style, x - width / 2.0, y, layout);
}

static void
scanner_plan_view_snapshot (GtkWidget   *widget,
                            GtkSnapshot *snapshot)
{
  ScannerPlanView *self = SCANNER_PLAN_VIEW (widget);
  GtkStyleContext *style = gtk_widget_get_style_context (widget);
  float width = (float) gtk_widget_get_width (widget);
  float height = (float) gtk_widget_get_height (widget);
  Plan plan = { NULL };

  if (self->scan == NULL || MIN (width, height) <= 2 * MARGIN)
    return;
  plan.radius = MIN (width, height) / 2 - MARGIN;
  plan.n_points = MAX (scanner_scan_get_n_points (self->scan), 1);
  plan.n_taken = scanner_scan_get_n_taken (self->scan);
  gtk_style_context_get_color (style, &plan.line);
  if (!gtk_style_context_lookup_color (style, "accent_color", &plan.accent))
    plan.accent = plan.line;

  plan.cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  cairo_translate (plan.cr, width / 2, height / 2);
  draw_points (&plan);
  draw_arm (&plan);
  draw_plant (&plan);
  cairo_destroy (plan.cr);
  draw_scale (self, snapshot, width / 2, height / 2 + plan.radius * 0.58);
}

static void
scanner_plan_view_measure (GtkWidget      *widget,
                           GtkOrientation  orientation,
                           int             for_size,
                           int            *minimum,
                           int            *natural,
                           int            *minimum_baseline,
                           int            *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_VERTICAL ? NATURAL_SIDE : 160;
  *natural = NATURAL_SIDE;
}

static void
scanner_plan_view_dispose (GObject *object)
{
  ScannerPlanView *self = SCANNER_PLAN_VIEW (object);

  if (self->scan != NULL)
    g_signal_handlers_disconnect_by_data (self->scan, self);
  g_clear_object (&self->scan);
  G_OBJECT_CLASS (scanner_plan_view_parent_class)->dispose (object);
}

static void
scanner_plan_view_class_init (ScannerPlanViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = scanner_plan_view_dispose;
  widget_class->measure = scanner_plan_view_measure;
  widget_class->snapshot = scanner_plan_view_snapshot;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
scanner_plan_view_init (ScannerPlanView *self)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("The arm and the plant from above"), -1);
}

void
scanner_plan_view_set_scan (ScannerPlanView *self,
                            ScannerScan     *scan)
{
  self->scan = g_object_ref (scan);
  g_signal_connect_swapped (scan, "notify", G_CALLBACK (gtk_widget_queue_draw), self);
}
