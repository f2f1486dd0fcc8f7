/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pictures.h"

#include <math.h>

#include "picture-loader.h"
#include "thumbnail.h"

#define SIDE 156      /* pixels: as large as they are shown */
#define TIMEOUT 10000 /* in ms */
#define PAUSE 1000    /* in ms, after one that did not come */

struct _ScannerPictures
{
  GObject parent_instance;

  ScannerConnection *connection;  /* (owned) (nullable) */
  GCancellable      *cancellable; /* (owned): of the present scan */
  GListStore        *thumbnails;  /* (owned) (element-type ScannerThumbnail) */
  guint              n_taken;
  gboolean           fetching;
  double             pan;         /* of the picture on its way, in degrees */
  guint              pause;       /* 0 unless a picture is awaited again */
};

G_DEFINE_FINAL_TYPE (ScannerPictures, scanner_pictures, G_TYPE_OBJECT)

static guint
count (ScannerPictures *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->thumbnails));
}

static gboolean
on_pause_over (gpointer user_data)
{
  ScannerPictures *self = user_data;

  self->pause = 0;
  scanner_pictures_fetch (self);
  return G_SOURCE_REMOVE;
}

static void
fetch_later (ScannerPictures *self)
{
  self->fetching = FALSE;
  if (self->pause == 0)
    self->pause = g_timeout_add (PAUSE, on_pause_over, self);
}

static void
on_loaded (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (ScannerPictures) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) texture = scanner_picture_loader_load_finish (result, &error);
  g_autoptr (ScannerThumbnail) thumbnail = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (texture == NULL)
    {
      fetch_later (self);
      return;
    }
  self->fetching = FALSE;
  thumbnail = scanner_thumbnail_new (texture, count (self) + 1, self->pan);
  g_list_store_append (self->thumbnails, thumbnail);
  scanner_pictures_fetch (self);
}

static void
on_fetched (GObject      *connection,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (ScannerPictures) self = user_data;
  g_autoptr (GVariant) info = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) file = scanner_connection_call_buffer_finish (SCANNER_CONNECTION (connection),
                                                                  result, &info, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
      connection != (GObject *) self->connection)
    return;
  if (file == NULL)
    {
      fetch_later (self);
      return;
    }
  self->pan = NAN;
  if (info != NULL && g_variant_is_of_type (info, G_VARIANT_TYPE_VARDICT))
    g_variant_lookup (info, "pan", "d", &self->pan);
  scanner_picture_loader_load (file, SIDE, self->cancellable, on_loaded, g_object_ref (self));
}

/* Goes on, if there is one that was taken and not fetched. */
void
scanner_pictures_fetch (ScannerPictures *self)
{
  if (self->fetching || self->pause != 0 || self->connection == NULL ||
      count (self) >= self->n_taken ||
      !scanner_connection_has_method (self->connection, "get_picture") ||
      scanner_connection_get_state (self->connection) >= SCANNER_CONNECTION_GONE)
    return;
  self->fetching = TRUE;
  scanner_connection_call_buffer (self->connection, "get_picture",
                                  g_variant_new ("(i)", (int) count (self)), TIMEOUT,
                                  self->cancellable, on_fetched, g_object_ref (self));
}

/* Another scan begins. */
void
scanner_pictures_forget (ScannerPictures *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  g_clear_handle_id (&self->pause, g_source_remove);
  self->fetching = FALSE;
  self->n_taken = 0;
  g_list_store_remove_all (self->thumbnails);
}

void
scanner_pictures_set_n_taken (ScannerPictures *self,
                              guint            n_taken)
{
  if (n_taken < self->n_taken)
    scanner_pictures_forget (self);
  self->n_taken = n_taken;
  scanner_pictures_fetch (self);
}

/* connection may be NULL. */
void
scanner_pictures_set_connection (ScannerPictures   *self,
                                 ScannerConnection *connection)
{
  scanner_pictures_forget (self);
  g_set_object (&self->connection, connection);
}

GListModel *
scanner_pictures_get_model (ScannerPictures *self)
{
  return G_LIST_MODEL (self->thumbnails);
}

static void
scanner_pictures_finalize (GObject *object)
{
  ScannerPictures *self = SCANNER_PICTURES (object);

  g_clear_handle_id (&self->pause, g_source_remove);
  g_clear_object (&self->connection);
  g_object_unref (self->cancellable);
  g_object_unref (self->thumbnails);
  G_OBJECT_CLASS (scanner_pictures_parent_class)->finalize (object);
}

static void
scanner_pictures_class_init (ScannerPicturesClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = scanner_pictures_finalize;
}

static void
scanner_pictures_init (ScannerPictures *self)
{
  self->thumbnails = g_list_store_new (SCANNER_TYPE_THUMBNAIL);
  self->cancellable = g_cancellable_new ();
}

ScannerPictures *
scanner_pictures_new (void)
{
  return g_object_new (SCANNER_TYPE_PICTURES, NULL);
}
