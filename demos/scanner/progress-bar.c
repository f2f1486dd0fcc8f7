/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "progress-bar.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define MARGIN 16 /* columns for the numbers */
#define MAX_WIDTH 48

struct _ScannerProgressBar
{
  GObject parent_instance;

  int      value;
  int      maximum;
  gboolean terminal; /* else what is written stays, so there is a line for each value */
  gboolean utf8;
  gboolean drawn;    /* the cursor is behind the bar */
};

typedef enum
{
  PROP_VALUE = 1,
  PROP_MAXIMUM,
} ScannerProgressBarProperty;

static GParamSpec *properties[PROP_MAXIMUM + 1];

G_DEFINE_FINAL_TYPE (ScannerProgressBar, scanner_progress_bar, G_TYPE_OBJECT)

static int
get_width (void)
{
  struct winsize size = { 0 };
  int columns = ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;

  return CLAMP ((columns > 0 ? columns : 80) - MARGIN, 8, MAX_WIDTH);
}

static char *
repeat (const char *sign,
        int         times)
{
  GString *text = g_string_new (NULL);

  for (int i = 0; i < times; i++)
    g_string_append (text, sign);
  return g_string_free (text, FALSE);
}

static void
draw (ScannerProgressBar *self)
{
  int width = get_width ();
  int full = (int) ((gint64) width * MIN (self->value, self->maximum) / self->maximum);
  g_autofree char *done = repeat (self->utf8 ? "━" : "#", full);
  g_autofree char *rest = repeat (self->utf8 ? "─" : "-", width - full);
  gboolean plain = g_getenv ("NO_COLOR") != NULL;

  printf ("\r%s%s%s%s%s  ", plain ? "" : "\033[32m", done, plain ? "" : "\033[2m", rest,
          plain ? "" : "\033[0m");
  printf (_("%d of %d"), self->value, self->maximum);
  printf ("\033[K");
}

static void
update (ScannerProgressBar *self)
{
  if (self->maximum == 0)
    return;
  if (self->terminal)
    draw (self);
  else
    {
      printf (_("%d of %d"), self->value, self->maximum);
      printf ("\n");
    }
  self->drawn = self->terminal;
  fflush (stdout);
}

static void
scanner_progress_bar_get_property (GObject    *object,
                                   guint       prop_id,
                                   GValue     *value,
                                   GParamSpec *pspec)
{
  ScannerProgressBar *self = SCANNER_PROGRESS_BAR (object);

  switch ((ScannerProgressBarProperty) prop_id)
    {
    case PROP_VALUE:
      g_value_set_int (value, self->value);
      break;
    case PROP_MAXIMUM:
      g_value_set_int (value, self->maximum);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
scanner_progress_bar_set_property (GObject      *object,
                                   guint         prop_id,
                                   const GValue *value,
                                   GParamSpec   *pspec)
{
  ScannerProgressBar *self = SCANNER_PROGRESS_BAR (object);
  int *member = prop_id == PROP_VALUE ? &self->value : &self->maximum;

  if (*member == g_value_get_int (value))
    return;
  *member = g_value_get_int (value);
  update (self);
  g_object_notify_by_pspec (object, pspec);
}

static void
scanner_progress_bar_class_init (ScannerProgressBarClass *klass)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = scanner_progress_bar_get_property;
  object_class->set_property = scanner_progress_bar_set_property;

  properties[PROP_VALUE] = g_param_spec_int ("value", NULL, NULL, 0, G_MAXINT, 0, flags);
  properties[PROP_MAXIMUM] = g_param_spec_int ("maximum", NULL, NULL, 0, G_MAXINT, 0, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
scanner_progress_bar_init (ScannerProgressBar *self)
{
  self->terminal = isatty (STDOUT_FILENO) && g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;
  self->utf8 = g_get_charset (NULL);
}

ScannerProgressBar *
scanner_progress_bar_new (void)
{
  return g_object_new (SCANNER_TYPE_PROGRESS_BAR, NULL);
}

/* Leaves the bar as it is: what is written next begins a line. */
void
scanner_progress_bar_end (ScannerProgressBar *self)
{
  if (self->drawn)
    printf ("\n");
  self->drawn = FALSE;
  fflush (stdout);
}
