/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "album.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "contact-sheet.h"
#include "picture.h"

#define FRESH_NAME "plant-scan"
#define MAX_TRIES 1000

struct _ScannerAlbum
{
  char                *directory; /* (owned): absolute */
  ScannerContactSheet *sheet;     /* (owned) */
  int                  digits;    /* in the name of each picture */
  guint                n_saved;
};

static gboolean
fail (const char  *directory,
      int          code,
      GError     **error)
{
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code),
               _("The directory “%s” cannot be made: %s"), directory, g_strerror (code));
  return FALSE;
}

/* A directory of its own in the current one: plant-scan, plant-scan-2, … */
static char *
make_fresh (GError **error)
{
  g_autofree char *name = g_strdup (FRESH_NAME);

  for (int i = 2; g_mkdir (name, 0777) != 0; i++)
    {
      if (errno != EEXIST || i > MAX_TRIES)
        {
          fail (name, errno, error);
          return NULL;
        }
      g_free (name);
      name = g_strdup_printf (FRESH_NAME "-%d", i);
    }
  return g_canonicalize_filename (name, NULL);
}

static char *
make_directory (const char  *directory,
                GError     **error)
{
  if (directory == NULL)
    return make_fresh (error);
  if (g_mkdir_with_parents (directory, 0777) == 0)
    return g_canonicalize_filename (directory, NULL);
  fail (directory, errno, error);
  return NULL;
}

static int
count_digits (guint number)
{
  return number < 10 ? 1 : 1 + count_digits (number / 10);
}

/* directory may be NULL: then a fresh one is made in the current directory. n_pictures are to come,
 * in their order. */
ScannerAlbum *
scanner_album_new (const char  *directory,
                   guint        n_pictures,
                   GError     **error)
{
  char *made = make_directory (directory, error);
  ScannerAlbum *self;

  if (made == NULL)
    return NULL;
  self = g_new0 (ScannerAlbum, 1);
  self->directory = made;
  self->digits = count_digits (n_pictures);
  self->sheet = scanner_contact_sheet_new (_("Plant scan"));
  return self;
}

void
scanner_album_free (ScannerAlbum *self)
{
  g_free (self->directory);
  scanner_contact_sheet_free (self->sheet);
  g_free (self);
}

const char *
scanner_album_get_directory (ScannerAlbum *self)
{
  return self->directory;
}

char *
scanner_album_dup_name (ScannerAlbum *self)
{
  return g_path_get_basename (self->directory);
}

guint
scanner_album_get_n_saved (ScannerAlbum *self)
{
  return self->n_saved;
}

/* info is what the controller tells of the picture. It names its format, which becomes part of a
 * file name, so only those that are known are taken. */
gboolean
scanner_album_add (ScannerAlbum  *self,
                   GBytes        *picture,
                   GVariant      *info,
                   GError       **error)
{
  const char *format = "";
  double pan = 0;
  g_autofree char *name = NULL;
  g_autofree char *path = NULL;

  g_variant_lookup (info, "format", "&s", &format);
  g_variant_lookup (info, "pan", "d", &pan);
  if (!scanner_picture_is_format (format))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   _("Picture %u has the unknown format “%s”"), self->n_saved + 1, format);
      return FALSE;
    }
  if (!scanner_contact_sheet_add_file (self->sheet, picture, pan, error))
    return FALSE;
  name = g_strdup_printf ("view-%0*u.%s", self->digits, self->n_saved + 1,
                          g_str_equal (format, "jpeg") ? "jpg" : format);
  path = g_build_filename (self->directory, name, NULL);
  if (!g_file_set_contents (path, g_bytes_get_data (picture, NULL),
                            (gssize) g_bytes_get_size (picture), error))
    return FALSE;
  self->n_saved++;
  return TRUE;
}

/* (transfer full): where the sheet of the pictures saved so far is. */
char *
scanner_album_save_sheet (ScannerAlbum  *self,
                          GError       **error)
{
  g_autofree char *path = g_build_filename (self->directory, "contact-sheet.jpg", NULL);

  return scanner_contact_sheet_save (self->sheet, path, error) ? g_steal_pointer (&path) : NULL;
}
