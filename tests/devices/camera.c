/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "camera.h"
#include "plant-rpc-error.h"
#include "plant-rpc-json-private.h"

#define SLOW_TIMEOUT_MS 2000

struct _FakeCamera {
  GObject     parent_instance;

  char       *mode;       /* (owned) */
  char       *video_url;  /* (owned) */
  int         rotation;
  GVariant   *resolution; /* (owned): two integers */
  char       *encoding;   /* (owned) */
  GVariant   *config;     /* (owned): a dictionary */
  int         progress;
  int         journal;    /* a descriptor, or -1 */
  GHashTable *executions; /* (owned) (element-type utf8 guint): by token */
};

typedef enum {
  PROP_MODE = 1,
  PROP_VIDEO_URL,
  PROP_ROTATION,
  PROP_RESOLUTION,
  PROP_ENCODING,
  PROP_CONFIG,
  PROP_PROGRESS,
} FakeCameraProperty;

static GParamSpec *properties[PROP_PROGRESS + 1];

G_DEFINE_FINAL_TYPE (FakeCamera, fake_camera, G_TYPE_OBJECT)

static void
fake_camera_finalize (GObject *object)
{
  FakeCamera *self = FAKE_CAMERA (object);

  g_free (self->mode);
  g_free (self->video_url);
  g_free (self->encoding);
  g_variant_unref (self->resolution);
  g_variant_unref (self->config);
  g_hash_table_unref (self->executions);
  if (self->journal >= 0)
    close (self->journal);
  G_OBJECT_CLASS (fake_camera_parent_class)->finalize (object);
}

static void
fake_camera_get_property (GObject    *object,
                          guint       prop_id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  FakeCamera *self = FAKE_CAMERA (object);

  switch ((FakeCameraProperty) prop_id)
    {
    case PROP_MODE:
      g_value_set_string (value, self->mode);
      break;
    case PROP_VIDEO_URL:
      g_value_set_string (value, self->video_url);
      break;
    case PROP_ROTATION:
      g_value_set_int (value, self->rotation);
      break;
    case PROP_RESOLUTION:
      g_value_set_variant (value, self->resolution);
      break;
    case PROP_ENCODING:
      g_value_set_string (value, self->encoding);
      break;
    case PROP_CONFIG:
      g_value_set_variant (value, self->config);
      break;
    case PROP_PROGRESS:
      g_value_set_int (value, self->progress);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static gboolean
replace_string (char        **place,
                const GValue *value)
{
  if (g_strcmp0 (*place, g_value_get_string (value)) == 0)
    return FALSE;
  g_free (*place);
  *place = g_value_dup_string (value);
  return TRUE;
}

static gboolean
replace_variant (GVariant    **place,
                 const GValue *value)
{
  if (g_variant_equal (*place, g_value_get_variant (value)))
    return FALSE;
  g_variant_unref (*place);
  *place = g_value_dup_variant (value);
  return TRUE;
}

static gboolean
replace_int (int          *place,
             const GValue *value)
{
  int former = *place;

  *place = g_value_get_int (value);
  return *place != former;
}

static void
fake_camera_set_property (GObject      *object,
                          guint         prop_id,
                          const GValue *value,
                          GParamSpec   *pspec)
{
  FakeCamera *self = FAKE_CAMERA (object);
  gboolean changed = FALSE;

  switch ((FakeCameraProperty) prop_id)
    {
    case PROP_MODE:
      changed = replace_string (&self->mode, value);
      break;
    case PROP_VIDEO_URL:
      changed = replace_string (&self->video_url, value);
      break;
    case PROP_ROTATION:
      changed = replace_int (&self->rotation, value);
      break;
    case PROP_RESOLUTION:
      changed = replace_variant (&self->resolution, value);
      break;
    case PROP_ENCODING:
      changed = replace_string (&self->encoding, value);
      break;
    case PROP_CONFIG:
      changed = replace_variant (&self->config, value);
      break;
    case PROP_PROGRESS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
  if (changed)
    g_object_notify_by_pspec (object, pspec);
}

static void
fake_camera_class_init (FakeCameraClass *klass)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = fake_camera_finalize;
  object_class->get_property = fake_camera_get_property;
  object_class->set_property = fake_camera_set_property;
  properties[PROP_MODE] = g_param_spec_string ("mode", NULL, NULL, "STILL", flags);
  properties[PROP_VIDEO_URL] = g_param_spec_string ("video-url", NULL, NULL, "", flags);
  properties[PROP_ROTATION] =
      g_param_spec_int ("rotation", NULL, NULL, G_MININT, G_MAXINT, 0, flags);
  properties[PROP_RESOLUTION] =
      g_param_spec_variant ("resolution", NULL, NULL, G_VARIANT_TYPE_ANY, NULL, flags);
  properties[PROP_ENCODING] = g_param_spec_string ("encoding", NULL, NULL, "jpeg", flags);
  properties[PROP_CONFIG] =
      g_param_spec_variant ("config", NULL, NULL, G_VARIANT_TYPE_ANY, NULL, flags);
  properties[PROP_PROGRESS] =
      g_param_spec_int ("progress", NULL, NULL, 0, G_MAXINT, 0, flags & ~G_PARAM_WRITABLE);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
fake_camera_init (FakeCamera *self)
{
  self->mode = g_strdup ("STILL");
  self->video_url = g_strdup ("");
  self->resolution = g_variant_ref_sink (g_variant_new_parsed ("[<@x 640>, <@x 480>]"));
  self->encoding = g_strdup ("jpeg");
  self->config = g_variant_ref_sink (g_variant_new_parsed ("@a{sv} {}"));
  self->journal = -1;
  self->executions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/* ---- the journal */

static guint
count_execution (FakeCamera *self,
                 const char *token)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->executions, token)) + 1;

  g_hash_table_replace (self->executions, g_strdup (token), GUINT_TO_POINTER (n));
  return n;
}

static void
read_journal (FakeCamera *self,
              const char *path)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (GVariant) entry = plant_rpc_json_parse (lines[i], strlen (lines[i]), NULL);
      const char *token;

      if (entry != NULL && g_variant_lookup (entry, "count", "&s", &token))
        count_execution (self, token);
    }
}

static void
note (FakeCamera *self,
      GVariant   *entry)
{
  g_autoptr (GVariant) sunk = g_variant_ref_sink (entry);
  g_autoptr (GString) line = g_string_new (NULL);

  if (self->journal < 0)
    return;
  plant_rpc_json_write (sunk, line, NULL);
  g_string_append_c (line, '\n');
  if (write (self->journal, line->str, line->len) != (gssize) line->len)
    g_error ("The journal cannot be written");
}

FakeCamera *
fake_camera_new (const char *journal)
{
  FakeCamera *self = g_object_new (FAKE_TYPE_CAMERA, NULL);

  if (journal != NULL)
    {
      read_journal (self, journal);
      self->journal = open (journal, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
      g_assert_cmpint (self->journal, >=, 0);
    }
  return self;
}

/* ---- writes */

static gboolean
is_one_of (const char *value,
           const char *first,
           const char *second)
{
  return g_strcmp0 (value, first) == 0 || g_strcmp0 (value, second) == 0;
}

static gboolean
is_resolution (GVariant *value)
{
  g_autoptr (GVariant) width = NULL, height = NULL;

  if (!g_variant_is_of_type (value, G_VARIANT_TYPE ("av")) || g_variant_n_children (value) != 2)
    return FALSE;
  g_variant_get_child (value, 0, "v", &width);
  g_variant_get_child (value, 1, "v", &height);
  return g_variant_is_of_type (width, G_VARIANT_TYPE_INT64) &&
         g_variant_is_of_type (height, G_VARIANT_TYPE_INT64);
}

static gboolean
on_write (PlantRpcInvocation  *invocation,
          const char          *name,
          GVariant            *value,
          gpointer             user_data,
          GError             **error)
{
  FakeCamera *self = user_data;
  gboolean is_string = g_variant_is_of_type (value, G_VARIANT_TYPE_STRING);
  const char *text = is_string ? g_variant_get_string (value, NULL) : NULL;

  note (self, g_variant_new_parsed ("{'set': <%s>, 'value': <%*>}", name, value));
  if ((g_str_equal (name, "mode") && !is_one_of (text, "STILL", "VIDEO")) ||
      (g_str_equal (name, "encoding") && !is_one_of (text, "jpeg", "png")))
    {
      g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_VALUE, "invalid %s: %s", name,
                   text);
      return FALSE;
    }
  if (g_str_equal (name, "resolution") && !is_resolution (value))
    {
      g_set_error_literal (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_VALUE,
                           "a resolution is two integers");
      return FALSE;
    }
  return TRUE;
}

/* ---- methods */

static GVariant *
dup_arg (PlantRpcInvocation *invocation,
         guint               index)
{
  GVariant *arg;

  g_variant_get_child (plant_rpc_invocation_get_args (invocation), index, "v", &arg);
  return arg;
}

static void
handle_echo (PlantRpcInvocation  *invocation,
             gpointer             user_data,
             GError             **error)
{
  g_autoptr (GVariant) message = dup_arg (invocation, 0);

  plant_rpc_invocation_return_value (invocation, message);
}

static gboolean
take_number (GVariant *value,
             gint64   *integer,
             double   *number)
{
  *integer = 0;
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_INT64))
    *number = *integer = g_variant_get_int64 (value);
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_DOUBLE))
    *number = g_variant_get_double (value);
  else
    return FALSE;
  return TRUE;
}

static void
handle_add (PlantRpcInvocation  *invocation,
            gpointer             user_data,
            GError             **error)
{
  g_autoptr (GVariant) first = dup_arg (invocation, 0);
  g_autoptr (GVariant) second = dup_arg (invocation, 1);
  gint64 a, b, sum;
  double x, y;

  if (!take_number (first, &a, &x) || !take_number (second, &b, &y))
    g_set_error_literal (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_VALUE, "not numbers");
  else if (g_variant_is_of_type (first, G_VARIANT_TYPE_INT64) &&
           g_variant_is_of_type (second, G_VARIANT_TYPE_INT64) &&
           !__builtin_add_overflow (a, b, &sum))
    plant_rpc_invocation_return_value (invocation, g_variant_new_int64 (sum));
  else
    plant_rpc_invocation_return_value (invocation, g_variant_new_double (x + y));
}

static void
handle_fail (PlantRpcInvocation  *invocation,
             gpointer             user_data,
             GError             **error)
{
  plant_rpc_invocation_return_failure (invocation, "deliberate failure",
                                       "Traceback (most recent call last):\n  in fail\n");
}

/* Blocks its thread, until the time is over or nobody waits any more. */
static void
handle_slow (PlantRpcInvocation  *invocation,
             gpointer             user_data,
             GError             **error)
{
  GCancellable *cancellable = plant_rpc_invocation_get_cancellable (invocation);
  g_autoptr (GVariant) seconds = dup_arg (invocation, 0);
  gint64 integer;
  double number;
  GPollFD fd;

  if (!take_number (seconds, &integer, &number) || !(number >= 0 && number < 1e6))
    {
      g_set_error_literal (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_VALUE, "no time");
      return;
    }
  g_assert_true (g_cancellable_make_pollfd (cancellable, &fd));
  g_poll (&fd, 1, number * 1000);
  g_cancellable_release_fd (cancellable);
  if (!g_cancellable_set_error_if_cancelled (cancellable, error))
    plant_rpc_invocation_return_value (invocation, seconds);
}

typedef struct {
  PlantRpcInvocation *invocation; /* (owned) */
  gint64              executions;
} Count;

static gboolean
on_counted (gpointer user_data)
{
  Count *count = user_data;

  plant_rpc_invocation_return_value (count->invocation, g_variant_new_int64 (count->executions));
  g_object_unref (count->invocation);
  g_free (count);
  return G_SOURCE_REMOVE;
}

/* Answers later, from a timeout. */
static void
handle_count (PlantRpcInvocation  *invocation,
              gpointer             user_data,
              GError             **error)
{
  FakeCamera *self = user_data;
  g_autoptr (GVariant) token = dup_arg (invocation, 0);
  g_autoptr (GVariant) seconds = dup_arg (invocation, 1);
  Count *count = g_new (Count, 1);

  note (self, g_variant_new_parsed ("{'count': <%*>}", token));
  count->executions = count_execution (self, g_variant_get_string (token, NULL));
  count->invocation = g_object_ref (invocation);
  g_timeout_add (CLAMP (g_variant_get_double (seconds) * 1000, 0, 1e6), on_counted, count);
}

GBytes *
fake_camera_draw (gsize length)
{
  guint8 *data = g_malloc (length);

  for (gsize i = 0; i < length; i++)
    data[i] = i % 251;
  return g_bytes_new_take (data, length);
}

static void
handle_get_image (PlantRpcInvocation  *invocation,
                  gpointer             user_data,
                  GError             **error)
{
  FakeCamera *self = user_data;
  g_autoptr (GVariant) lores = dup_arg (invocation, 0);
  gsize length = g_variant_get_boolean (lores) ? 4096 : 1 << 20;
  g_autoptr (GBytes) picture = fake_camera_draw (length);

  self->progress++;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROGRESS]);
  plant_rpc_invocation_return_buffer (
      invocation, picture,
      g_variant_new_parsed ("{'format': <%s>, 'rotation': <%i>, 'size': <%*>, 'lores': <%*>, "
                            "'length': <%x>}",
                            self->encoding, self->rotation, self->resolution, lores,
                            (gint64) length));
}

void
fake_camera_offer (FakeCamera     *self,
                   PlantRpcServer *server)
{
  static const struct {
    const char            *name;
    const char            *signature;
    int                    timeout;
    PlantRpcMethodFlags    flags;
    PlantRpcMethodHandler  handler;
  } methods[] = {
    { "echo", "message", PLANT_RPC_TIMEOUT_DEFAULT, PLANT_RPC_METHOD_FLAGS_NONE, handle_echo },
    { "add", "a, b", PLANT_RPC_TIMEOUT_DEFAULT, PLANT_RPC_METHOD_FLAGS_NONE, handle_add },
    { "fail", "", PLANT_RPC_TIMEOUT_DEFAULT, PLANT_RPC_METHOD_FLAGS_NONE, handle_fail },
    { "slow", "seconds", SLOW_TIMEOUT_MS, PLANT_RPC_METHOD_FLAGS_BLOCKING, handle_slow },
    { "count", "token: s, seconds: d = 0.0", PLANT_RPC_TIMEOUT_DEFAULT, PLANT_RPC_METHOD_FLAGS_NONE,
      handle_count },
  };

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    plant_rpc_server_register_method_json (server, methods[i].name, methods[i].signature,
                                           methods[i].timeout, methods[i].flags, methods[i].handler,
                                           g_object_ref (self), g_object_unref);
  plant_rpc_server_register_method_buffer (server, "get_image", "lores: b = false",
                                           PLANT_RPC_TIMEOUT_DEFAULT, PLANT_RPC_METHOD_FLAGS_NONE,
                                           handle_get_image, g_object_ref (self), g_object_unref);
  plant_rpc_server_set_write_handler (server, on_write, g_object_ref (self), g_object_unref);
}
