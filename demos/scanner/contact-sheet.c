/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "contact-sheet.h"

#include <math.h>

#include "picture.h"

#define MARGIN 40
#define GAP 16
#define HEADER 84
#define CAPTION 34
#define TITLE_SIZE 28
#define PRINT_SIDE 320 /* of the longer side of a picture on a small sheet */
#define MAX_SHEET_WIDTH 2400

struct _ScannerContactSheet
{
  gchar     *title;    /* (owned) */
  GPtrArray *prints;   /* (owned) (element-type cairo_surface_t): already scaled down */
  GArray    *angles;   /* (owned) (element-type gdouble) */
  gint       width;    /* of the largest picture added, before scaling */
  gint       height;
  gint       print_width;  /* of the largest print */
  gint       print_height;
};

typedef struct
{
  gint    columns;
  gint    rows;
  gdouble scale; /* of a print on the sheet */
  gint    cell_width;
  gint    cell_height;
} Layout;

ScannerContactSheet *
scanner_contact_sheet_new (const gchar *title)
{
  ScannerContactSheet *self = g_new0 (ScannerContactSheet, 1);

  self->title = g_strdup (title);
  self->prints = g_ptr_array_new_with_free_func ((GDestroyNotify) cairo_surface_destroy);
  self->angles = g_array_new (FALSE, FALSE, sizeof (gdouble));
  return self;
}

void
scanner_contact_sheet_free (ScannerContactSheet *self)
{
  g_free (self->title);
  g_ptr_array_unref (self->prints);
  g_array_unref (self->angles);
  g_free (self);
}

/* Keeps a small copy of picture, to be captioned with angle, in degrees. */
void
scanner_contact_sheet_add (ScannerContactSheet *self, cairo_surface_t *picture, gdouble angle)
{
  gint width = cairo_image_surface_get_width (picture);
  gint height = cairo_image_surface_get_height (picture);
  gdouble scale = MIN (1.0, (gdouble) PRINT_SIDE / MAX (width, height));
  gint print_width = MAX (1, (gint) (width * scale + 0.5));
  gint print_height = MAX (1, (gint) (height * scale + 0.5));
  cairo_surface_t *print = cairo_image_surface_create (CAIRO_FORMAT_RGB24, print_width,
                                                       print_height);
  cairo_t *cr = cairo_create (print);

  cairo_scale (cr, (gdouble) print_width / width, (gdouble) print_height / height);
  cairo_set_source_surface (cr, picture, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_GOOD);
  cairo_pattern_set_extend (cairo_get_source (cr), CAIRO_EXTEND_PAD);
  cairo_paint (cr);
  cairo_destroy (cr);
  g_ptr_array_add (self->prints, print);
  g_array_append_val (self->angles, angle);
  self->width = MAX (self->width, width);
  self->height = MAX (self->height, height);
  self->print_width = MAX (self->print_width, print_width);
  self->print_height = MAX (self->print_height, print_height);
}

/* The same for a JPEG or PNG file. */
gboolean
scanner_contact_sheet_add_file (ScannerContactSheet *self, GBytes *file, gdouble angle,
                                GError **error)
{
  g_autoptr (cairo_surface_t) picture = scanner_picture_decode (file, error);

  if (picture == NULL)
    return FALSE;
  scanner_contact_sheet_add (self, picture, angle);
  return TRUE;
}

/* The columns that make a page of about 3 : 2, rather with a full last row than with a gap. */
static gint
choose_columns (gint n, gdouble cell_width, gdouble cell_height)
{
  gint best = 1, columns;
  gdouble best_cost = G_MAXDOUBLE;

  for (columns = 1; columns <= n; columns++)
    {
      gint rows = (n + columns - 1) / columns;
      gdouble shape = fabs (log (columns * cell_width / (rows * cell_height) / 1.5));
      gdouble cost = shape + 0.6 * (columns * rows - n) / columns;

      if (cost < best_cost)
        {
          best = columns;
          best_cost = cost;
        }
    }
  return best;
}

static void
lay_out (ScannerContactSheet *self, Layout *layout)
{
  gint n = MAX (1, (gint) self->prints->len), room;

  layout->columns = choose_columns (n, self->print_width + GAP, self->print_height + CAPTION + GAP);
  layout->rows = (n + layout->columns - 1) / layout->columns;
  room = (MAX_SHEET_WIDTH - 2 * MARGIN + GAP) / layout->columns - GAP;
  layout->scale = CLAMP ((gdouble) room / MAX (1, self->print_width), 0.1, 1);
  layout->cell_width = (gint) ceil (self->print_width * layout->scale) + GAP;
  layout->cell_height = (gint) ceil (self->print_height * layout->scale) + CAPTION + GAP;
}

/* Width and height of the finished sheet, in pixels. */
void
scanner_contact_sheet_get_size (ScannerContactSheet *self, gint *width, gint *height)
{
  Layout layout;

  lay_out (self, &layout);
  *width = MAX (480, 2 * MARGIN + layout.columns * layout.cell_width - GAP);
  *height = MARGIN + HEADER + layout.rows * layout.cell_height - GAP + MARGIN / 2;
}

static void
round_corners (cairo_t *cr, gdouble x, gdouble y, gdouble width, gdouble height, gdouble radius)
{
  cairo_new_sub_path (cr);
  cairo_arc (cr, x + width - radius, y + radius, radius, -G_PI / 2, 0);
  cairo_arc (cr, x + width - radius, y + height - radius, radius, 0, G_PI / 2);
  cairo_arc (cr, x + radius, y + height - radius, radius, G_PI / 2, G_PI);
  cairo_arc (cr, x + radius, y + radius, radius, G_PI, 3 * G_PI / 2);
  cairo_close_path (cr);
}

static void
set_font (cairo_t *cr, gdouble size, gboolean bold)
{
  cairo_select_font_face (cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                          bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size (cr, size);
}

static void
draw_header (ScannerContactSheet *self, cairo_t *cr, gint width)
{
  g_autofree gchar *facts = g_strdup_printf ("%u %s · %d × %d", self->prints->len,
                                             self->prints->len == 1 ? "view" : "views", self->width,
                                             self->height);
  g_autofree gchar *title = g_utf8_make_valid (self->title, -1);
  cairo_text_extents_t extents;
  gdouble room;

  set_font (cr, 15, FALSE);
  cairo_text_extents (cr, facts, &extents);
  cairo_set_source_rgb (cr, 0.42, 0.46, 0.44);
  cairo_move_to (cr, width - MARGIN - extents.x_advance, MARGIN + 26);
  cairo_show_text (cr, facts);

  room = width - 3 * MARGIN - extents.x_advance;
  set_font (cr, TITLE_SIZE, TRUE);
  cairo_text_extents (cr, title, &extents);
  set_font (cr, TITLE_SIZE * CLAMP (0.95 * room / MAX (extents.x_advance, 1), 0.4, 1), TRUE);
  cairo_save (cr);
  cairo_rectangle (cr, 0, 0, MARGIN + room, MARGIN + HEADER);
  cairo_clip (cr);
  cairo_set_source_rgb (cr, 0.13, 0.22, 0.16);
  cairo_move_to (cr, MARGIN, MARGIN + 26);
  cairo_show_text (cr, title);
  cairo_restore (cr);

  cairo_rectangle (cr, MARGIN, MARGIN + 46, width - 2 * MARGIN, 1);
  cairo_set_source_rgb (cr, 0.80, 0.82, 0.79);
  cairo_fill (cr);
  cairo_rectangle (cr, MARGIN, MARGIN + 45, 64, 3);
  cairo_set_source_rgb (cr, 0.30, 0.58, 0.26);
  cairo_fill (cr);
}

/* The arm's way around the plant, seen from above, and where on it the picture was taken. */
static void
draw_dial (cairo_t *cr, gdouble x, gdouble y, gdouble angle)
{
  gdouble way = angle * G_PI / 180;

  cairo_set_line_width (cr, 1.5);
  cairo_set_source_rgb (cr, 0.76, 0.79, 0.76);
  cairo_arc (cr, x, y, 7, 0, 2 * G_PI);
  cairo_stroke (cr);
  cairo_set_source_rgb (cr, 0.30, 0.58, 0.26);
  cairo_arc (cr, x + 7 * cos (way), y - 7 * sin (way), 3.2, 0, 2 * G_PI);
  cairo_fill (cr);
}

static void
draw_print (ScannerContactSheet *self, cairo_t *cr, const Layout *layout, guint i)
{
  cairo_surface_t *print = g_ptr_array_index (self->prints, i);
  gdouble angle = g_array_index (self->angles, gdouble, i);
  g_autofree gchar *caption = g_strdup_printf ("%g°", round (angle * 10) / 10);
  gdouble width = cairo_image_surface_get_width (print) * layout->scale;
  gdouble height = cairo_image_surface_get_height (print) * layout->scale;
  gdouble x = MARGIN + (gint) i % layout->columns * layout->cell_width;
  gdouble y = MARGIN + HEADER - 16 + (gint) i / layout->columns * layout->cell_height;

  cairo_save (cr);
  round_corners (cr, x, y, width, height, 5);
  cairo_clip_preserve (cr);
  cairo_new_path (cr);
  cairo_translate (cr, x, y);
  cairo_scale (cr, layout->scale, layout->scale);
  cairo_set_source_surface (cr, print, 0, 0);
  cairo_pattern_set_extend (cairo_get_source (cr), CAIRO_EXTEND_PAD);
  cairo_paint (cr);
  cairo_restore (cr);
  draw_dial (cr, x + 11, y + height + 18, angle);
  set_font (cr, 14, FALSE);
  cairo_set_source_rgb (cr, 0.24, 0.29, 0.26);
  cairo_move_to (cr, x + 27, y + height + 23);
  cairo_show_text (cr, caption);
}

/* (transfer full): the sheet with all pictures in the order in which they were added. */
cairo_surface_t *
scanner_contact_sheet_render (ScannerContactSheet *self)
{
  cairo_surface_t *sheet;
  gint width, height;
  Layout layout;
  cairo_t *cr;
  guint i;

  lay_out (self, &layout);
  scanner_contact_sheet_get_size (self, &width, &height);
  sheet = cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);
  cr = cairo_create (sheet);
  cairo_set_source_rgb (cr, 0.965, 0.965, 0.95);
  cairo_paint (cr);
  draw_header (self, cr, width);
  for (i = 0; i < self->prints->len; i++)
    draw_print (self, cr, &layout, i);
  cairo_destroy (cr);
  return sheet;
}

/* Writes the sheet to a file: PNG if its name ends so, else JPEG. */
gboolean
scanner_contact_sheet_save (ScannerContactSheet *self, const gchar *filename, GError **error)
{
  g_autoptr (cairo_surface_t) sheet = scanner_contact_sheet_render (self);
  const gchar *format = g_str_has_suffix (filename, ".png") ? "png" : "jpeg";
  g_autoptr (GBytes) file = scanner_picture_encode (sheet, format, error);

  if (file == NULL)
    return FALSE;
  return g_file_set_contents (filename, g_bytes_get_data (file, NULL),
                              (gssize) g_bytes_get_size (file), error);
}
