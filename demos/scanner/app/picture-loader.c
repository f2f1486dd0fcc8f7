/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "picture-loader.h"

#define MAX_PIXELS (64 * 1024 * 1024)

typedef struct
{
  GBytes   *file; /* (owned) */
  int       max_side;
  gboolean  too_large;
} Job;

static void
job_free (gpointer data)
{
  Job *self = data;

  g_bytes_unref (self->file);
  g_free (self);
}

/* A few bytes must not be able to ask for gigabytes: at a size of nothing the loader gives up. */
static void
choose_size (GdkPixbufLoader *loader,
             int              width,
             int              height,
             Job             *job)
{
  double scale = (double) job->max_side / MAX (width, height);

  job->too_large = (gint64) width * height > MAX_PIXELS;
  if (job->too_large)
    gdk_pixbuf_loader_set_size (loader, 0, 0);
  else if (scale < 1)
    gdk_pixbuf_loader_set_size (loader, MAX (1, (int) (width * scale)),
                                MAX (1, (int) (height * scale)));
}

static GdkTexture *
decode (Job     *job,
        GError **error)
{
  g_autoptr (GdkPixbufLoader) loader = gdk_pixbuf_loader_new ();
  g_autoptr (GError) reason = NULL;
  GdkPixbuf *pixbuf = NULL;

  g_signal_connect (loader, "size-prepared", G_CALLBACK (choose_size), job);
  if (!gdk_pixbuf_loader_write_bytes (loader, job->file, &reason))
    gdk_pixbuf_loader_close (loader, NULL);
  else if (gdk_pixbuf_loader_close (loader, &reason))
    pixbuf = gdk_pixbuf_loader_get_pixbuf (loader);
  if (pixbuf != NULL && !job->too_large)
    return gdk_texture_new_for_pixbuf (pixbuf);
  if (job->too_large || reason == NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                         job->too_large ? _("The picture is too large to be shown")
                                        : _("The data hold no picture"));
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                 _("The picture cannot be shown: %s"), reason->message);
  return NULL;
}

static void
run (GTask        *task,
     gpointer      source,
     gpointer      task_data,
     GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  GdkTexture *texture = decode (task_data, &error);

  if (texture != NULL)
    g_task_return_pointer (task, texture, g_object_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

void
scanner_picture_loader_load (GBytes              *file,
                             int                  max_side,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Job *job = g_new0 (Job, 1);

  job->file = g_bytes_ref (file);
  job->max_side = max_side;
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, run);
}

GdkTexture *
scanner_picture_loader_load_finish (GAsyncResult  *result,
                                    GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
