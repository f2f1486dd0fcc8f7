/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "picture.h"

#include <gdk-pixbuf/gdk-pixbuf.h>

#define MAX_SIDE 16384

/* Whether format is one that scanner_picture_encode() knows: "jpeg" or "png". */
gboolean
scanner_picture_is_format (const gchar *format)
{
  return g_strcmp0 (format, "jpeg") == 0 || g_strcmp0 (format, "png") == 0;
}

static GdkPixbuf *
to_pixbuf (cairo_surface_t *surface)
{
  gint width = cairo_image_surface_get_width (surface), x;
  gint height = cairo_image_surface_get_height (surface), y;
  GdkPixbuf *pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, width, height);

  if (pixbuf == NULL)
    return NULL;
  cairo_surface_flush (surface);
  for (y = 0; y < height; y++)
    {
      const guint32 *from = (gconstpointer) (cairo_image_surface_get_data (surface) +
                                             y * (gsize) cairo_image_surface_get_stride (surface));
      guchar *to = gdk_pixbuf_get_pixels (pixbuf) + (gsize) y * gdk_pixbuf_get_rowstride (pixbuf);

      for (x = 0; x < width; x++)
        {
          *to++ = from[x] >> 16 & 0xff;
          *to++ = from[x] >> 8 & 0xff;
          *to++ = from[x] & 0xff;
        }
    }
  return pixbuf;
}

static cairo_surface_t *
to_surface (GdkPixbuf *pixbuf)
{
  gint width = gdk_pixbuf_get_width (pixbuf), x;
  gint height = gdk_pixbuf_get_height (pixbuf), y;
  gint channels = gdk_pixbuf_get_n_channels (pixbuf);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);

  if (cairo_surface_status (surface) != CAIRO_STATUS_SUCCESS)
    return surface;
  for (y = 0; y < height; y++)
    {
      const guchar *from = gdk_pixbuf_read_pixels (pixbuf) +
                           (gsize) y * gdk_pixbuf_get_rowstride (pixbuf);
      guint32 *to = (gpointer) (cairo_image_surface_get_data (surface) +
                                y * (gsize) cairo_image_surface_get_stride (surface));

      for (x = 0; x < width; x++, from += channels)
        to[x] = (guint32) from[0] << 16 | (guint32) from[1] << 8 | from[2];
    }
  cairo_surface_mark_dirty (surface);
  return surface;
}

/* (transfer full): surface, an opaque image surface, as a "jpeg" or "png" file. */
GBytes *
scanner_picture_encode (cairo_surface_t *surface, const gchar *format, GError **error)
{
  g_autoptr (GdkPixbuf) pixbuf = NULL;
  gboolean jpeg = g_strcmp0 (format, "jpeg") == 0, saved;
  gchar *data;
  gsize size;

  if (!scanner_picture_is_format (format))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   "Unknown picture format “%s”: expected “jpeg” or “png”", format);
      return NULL;
    }
  pixbuf = to_pixbuf (surface);
  if (pixbuf == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "No memory for the picture");
      return NULL;
    }
  saved = gdk_pixbuf_save_to_buffer (pixbuf, &data, &size, format, error,
                                     jpeg ? "quality" : "compression", jpeg ? "92" : "4", NULL);
  return saved ? g_bytes_new_take (data, size) : NULL;
}

/* The size is known before any pixel is: a few bytes must not be able to ask for gigabytes. A size
 * of nothing makes the loader give up. */
static void
check_size (GdkPixbufLoader *loader, gint width, gint height, gpointer data)
{
  gboolean *too_large = data;

  if (width <= MAX_SIDE && height <= MAX_SIDE)
    return;
  *too_large = TRUE;
  gdk_pixbuf_loader_set_size (loader, 0, 0);
}

static GdkPixbuf *
load (GBytes *bytes, GError **error)
{
  g_autoptr (GdkPixbufLoader) loader = gdk_pixbuf_loader_new ();
  g_autoptr (GError) reason = NULL;
  gboolean too_large = FALSE, loaded;

  g_signal_connect (loader, "size-prepared", G_CALLBACK (check_size), &too_large);
  loaded = gdk_pixbuf_loader_write_bytes (loader, bytes, &reason);
  loaded = gdk_pixbuf_loader_close (loader, loaded ? &reason : NULL) && loaded;
  if (too_large)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                 "The picture has more than %d pixels a side", MAX_SIDE);
  else if (reason != NULL)
    g_propagate_error (error, g_steal_pointer (&reason));
  else if (!loaded || gdk_pixbuf_loader_get_pixbuf (loader) == NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "The data hold no picture");
  else
    return g_object_ref (gdk_pixbuf_loader_get_pixbuf (loader));
  return NULL;
}

/* (transfer full): the picture in a file of any format that gdk-pixbuf knows. */
cairo_surface_t *
scanner_picture_decode (GBytes *bytes, GError **error)
{
  g_autoptr (GdkPixbuf) pixbuf = load (bytes, error);
  cairo_surface_t *surface;

  if (pixbuf == NULL)
    return NULL;
  surface = to_surface (pixbuf);
  if (cairo_surface_status (surface) == CAIRO_STATUS_SUCCESS)
    return surface;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                       cairo_status_to_string (cairo_surface_status (surface)));
  cairo_surface_destroy (surface);
  return NULL;
}
