/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "live-view.h"
#include "picture-loader.h"
#include "value-text.h"

#define INTERVAL 200      /* in ms, at least, from one picture to the next */
#define PAUSE 1000        /* in ms, after one that did not come */
#define PICTURE_TIME 5000 /* in ms */
#define MAX_SIDE 1280     /* pixels */
#define GOOD_SIDE 480     /* pixels: a picture of low resolution that is smaller is poor */
#define MAX_SIZE 1000000  /* bytes: a larger file is too slow for a live picture */

struct _ScannerLiveView
{
  AdwBin parent_instance;

  ScannerConnection *connection;  /* (owned) (nullable) */
  GCancellable      *cancellable; /* (owned): of the present connection */
  gboolean           running;     /* the user wants it */
  gboolean           fetching;
  gboolean           lores;       /* whether pictures of low resolution are asked for */
  gboolean           plain;       /* the camera has none */
  guint              timer;       /* 0 unless a picture waits for its turn */
  gint64             begun;       /* monotonic µs: when the last picture was asked for */
  gsize              size;        /* of its file */
  guint              n_shown;

  GtkStack      *stack;
  AdwStatusPage *waiting;
  GtkPicture    *picture;
  GtkLabel      *caption;
  GtkImage      *caption_icon;
};

typedef enum
{
  PROP_CONNECTION = 1,
  PROP_RUNNING,
} ScannerLiveViewProperty;

static GParamSpec *properties[PROP_RUNNING + 1];

G_DEFINE_FINAL_TYPE (ScannerLiveView, scanner_live_view, ADW_TYPE_BIN)

static void fetch (ScannerLiveView *self);

static gboolean
on_turn (gpointer user_data)
{
  ScannerLiveView *self = user_data;

  self->timer = 0;
  fetch (self);
  return G_SOURCE_REMOVE;
}

static void
schedule (ScannerLiveView *self,
          gint64           delay)
{
  if (self->timer == 0)
    self->timer = g_timeout_add ((guint) MAX (delay, 0), on_turn, self);
}

static void
tell (ScannerLiveView *self,
      const char      *text,
      gboolean         trouble)
{
  gboolean gone = self->connection != NULL &&
                  scanner_connection_get_state (self->connection) >= SCANNER_CONNECTION_GONE;

  g_autofree char *shown = plant_rpc_text_escape (text);
  g_autofree char *markup = scanner_value_text_to_markup (text);

  gtk_label_set_label (self->caption, shown);
  gtk_widget_set_visible (GTK_WIDGET (self->caption_icon), trouble);
  /* The window says why it is gone. */
  adw_status_page_set_description (self->waiting, gone ? "" : markup);
}

/* The last picture stays. */
static void
fail (ScannerLiveView *self,
      const GError    *error)
{
  tell (self, error->message, TRUE);
  schedule (self, PAUSE);
}

static void
choose_resolution (ScannerLiveView *self,
                   GdkTexture      *texture)
{
  if (self->lores)
    self->lores = MAX (gdk_texture_get_width (texture), gdk_texture_get_height (texture)) >=
                  GOOD_SIDE;
  else
    self->lores = self->size > MAX_SIZE;
}

static void
show (ScannerLiveView *self,
      GdkTexture      *texture)
{
  gint64 elapsed = (g_get_monotonic_time () - self->begun) / 1000;
  g_autofree char *size = g_format_size (self->size);
  g_autofree char *text = NULL;

  /* Translators: a picture's width and height in pixels, the size of its file, and the milliseconds
   * from asking for it to showing it. */
  text = g_strdup_printf (_("%d × %d · %s · %d ms"), gdk_texture_get_width (texture),
                          gdk_texture_get_height (texture), size, (int) elapsed);
  tell (self, text, FALSE);
  gtk_picture_set_paintable (self->picture, GDK_PAINTABLE (texture));
  gtk_stack_set_visible_child_name (self->stack, "picture");
  choose_resolution (self, texture);
  self->n_shown++;
  schedule (self, INTERVAL - elapsed);
}

static void
on_loaded (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (ScannerLiveView) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) texture = scanner_picture_loader_load_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  self->fetching = FALSE;
  if (texture != NULL)
    show (self, texture);
  else
    fail (self, error);
}

static gboolean
is_about_arguments (const GError *error)
{
  return g_error_matches (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS) ||
         g_error_matches (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE);
}

static void
on_fetched (GObject      *connection,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (ScannerLiveView) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) file = scanner_connection_call_buffer_finish (SCANNER_CONNECTION (connection),
                                                                  result, NULL, &error);

  if (connection != (GObject *) self->connection)
    return;
  if (file != NULL)
    {
      self->size = g_bytes_get_size (file);
      scanner_picture_loader_load (file, MAX_SIDE, self->cancellable, on_loaded,
                                   g_object_ref (self));
      return;
    }
  self->fetching = FALSE;
  if (!self->plain && is_about_arguments (error))
    {
      self->plain = TRUE;
      schedule (self, 0);
    }
  else
    fail (self, error);
}

static gboolean
is_possible (ScannerLiveView *self)
{
  ScannerConnectionState state;

  if (self->connection == NULL || !scanner_connection_has_method (self->connection, "get_image"))
    return FALSE;
  state = scanner_connection_get_state (self->connection);
  return state != SCANNER_CONNECTION_CONNECTING && state != SCANNER_CONNECTION_GONE;
}

static void
fetch (ScannerLiveView *self)
{
  if (!self->running || self->fetching || self->timer != 0 ||
      !gtk_widget_get_mapped (GTK_WIDGET (self)) || !is_possible (self))
    return;
  self->fetching = TRUE;
  self->begun = g_get_monotonic_time ();
  scanner_connection_call_buffer (self->connection, "get_image",
                                  self->plain ? NULL : g_variant_new ("(b)", self->lores),
                                  PICTURE_TIME, NULL, on_fetched, g_object_ref (self));
}

static void
on_state_changed (ScannerLiveView *self)
{
  ScannerConnectionState state = scanner_connection_get_state (self->connection);

  if (state == SCANNER_CONNECTION_STALE || state >= SCANNER_CONNECTION_GONE)
    gtk_widget_add_css_class (GTK_WIDGET (self->picture), "stale");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->picture), "stale");
  fetch (self);
}

static void
drop_connection (ScannerLiveView *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->connection != NULL)
    g_signal_handlers_disconnect_by_data (self->connection, self);
  g_clear_object (&self->connection);
}

static void
set_connection (ScannerLiveView   *self,
                ScannerConnection *connection)
{
  if (self->connection == connection)
    return;
  drop_connection (self);
  self->cancellable = g_cancellable_new ();
  self->fetching = FALSE;
  self->plain = FALSE;
  self->lores = TRUE;
  gtk_stack_set_visible_child_name (self->stack, "waiting");
  gtk_picture_set_paintable (self->picture, NULL);
  tell (self, "", FALSE);
  if (connection == NULL)
    return;
  self->connection = g_object_ref (connection);
  g_signal_connect_swapped (connection, "notify::state", G_CALLBACK (on_state_changed), self);
  g_signal_connect_swapped (connection, "notify::client", G_CALLBACK (fetch), self);
  on_state_changed (self);
}

static void
scanner_live_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (scanner_live_view_parent_class)->map (widget);
  fetch (SCANNER_LIVE_VIEW (widget));
}

static void
scanner_live_view_get_property (GObject    *object,
                                guint       prop_id,
                                GValue     *value,
                                GParamSpec *pspec)
{
  ScannerLiveView *self = SCANNER_LIVE_VIEW (object);

  switch ((ScannerLiveViewProperty) prop_id)
    {
    case PROP_CONNECTION:
      g_value_set_object (value, self->connection);
      break;
    case PROP_RUNNING:
      g_value_set_boolean (value, self->running);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
scanner_live_view_set_property (GObject      *object,
                                guint         prop_id,
                                const GValue *value,
                                GParamSpec   *pspec)
{
  ScannerLiveView *self = SCANNER_LIVE_VIEW (object);

  switch ((ScannerLiveViewProperty) prop_id)
    {
    case PROP_CONNECTION:
      set_connection (self, g_value_get_object (value));
      break;
    case PROP_RUNNING:
      self->running = g_value_get_boolean (value);
      g_object_notify_by_pspec (object, properties[PROP_RUNNING]);
      fetch (self);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
scanner_live_view_dispose (GObject *object)
{
  drop_connection (SCANNER_LIVE_VIEW (object));
  G_OBJECT_CLASS (scanner_live_view_parent_class)->dispose (object);
}

static void
scanner_live_view_class_init (ScannerLiveViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = scanner_live_view_get_property;
  object_class->set_property = scanner_live_view_set_property;
  object_class->dispose = scanner_live_view_dispose;
  widget_class->map = scanner_live_view_map;

  properties[PROP_CONNECTION] = g_param_spec_object ("connection", NULL, NULL,
                                                     SCANNER_TYPE_CONNECTION, flags);
  properties[PROP_RUNNING] = g_param_spec_boolean ("running", NULL, NULL, TRUE, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/plantrpc/Scanner/live-view.ui");
  gtk_widget_class_bind_template_child (widget_class, ScannerLiveView, stack);
  gtk_widget_class_bind_template_child (widget_class, ScannerLiveView, waiting);
  gtk_widget_class_bind_template_child (widget_class, ScannerLiveView, picture);
  gtk_widget_class_bind_template_child (widget_class, ScannerLiveView, caption);
  gtk_widget_class_bind_template_child (widget_class, ScannerLiveView, caption_icon);
}

static void
scanner_live_view_init (ScannerLiveView *self)
{
  self->running = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
}

guint
scanner_live_view_get_n_shown (ScannerLiveView *self)
{
  return self->n_shown;
}
