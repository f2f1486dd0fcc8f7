/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How clients come to be: discovered, plain, of a template, subclassed, of an interface in a
 * file. */

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "talk.h"

#define NOWHERE "tcp://127.0.0.1:1"

/* A template that is not the device's: one member too many, one of another type. */
#define TEST_TYPE_WRONG (test_wrong_get_type ())
G_DECLARE_INTERFACE (TestWrong, test_wrong, TEST, WRONG, GObject)

struct _TestWrongInterface {
  GTypeInterface parent_iface;
};

G_DEFINE_INTERFACE (TestWrong, test_wrong, G_TYPE_OBJECT)

static void
test_wrong_default_init (TestWrongInterface *iface)
{
  g_object_interface_install_property (
      iface, g_param_spec_int ("label", NULL, NULL, 0, 9, 7, G_PARAM_READWRITE));
  g_object_interface_install_property (
      iface, g_param_spec_string ("nowhere", NULL, NULL, "here", G_PARAM_READWRITE));
  g_object_interface_install_property (
      iface, g_param_spec_int ("angle", NULL, NULL, 0, 999, 0, G_PARAM_READWRITE));
  g_signal_new ("never", TEST_TYPE_WRONG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

/* An old peer tells names only: the kind of each value may be another later. */
static const struct {
  const char *name;
  const char *native;
} types[] = {
  { "flag", "gboolean" },         { "count", "gint" },   { "natural", "guint" },
  { "large", "gint64" },          { "huge", "guint64" }, { "level", "gdouble" },
  { "video-url", "gchararray" },  { "progress", "gint" },
};

static void
check_types (Talk           *talk,
             PlantRpcClient *client)
{
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      GParamSpec *pspec =
          g_object_class_find_property (G_OBJECT_GET_CLASS (client), types[i].name);

      g_assert_nonnull (pspec);
      g_assert_cmpstr (g_type_name (pspec->value_type), ==,
                       talk->native ? types[i].native : "PlantRpcUntyped");
    }
}

/* A client of a type made for the device that answers. */
static void
discovered (Talk *talk)
{
  g_autoptr (GAsyncResult) ready = NULL;
  g_autoptr (PlantRpcClient) client = NULL;
  g_autoptr (PlantRpcClient) other = NULL;
  g_autoptr (GError) error = NULL;

  plant_rpc_client_discover (talk->url, TALK_CONNECT_MS, NULL, talk_keep_result, &ready);
  talk_wait (ready != NULL);
  client = plant_rpc_client_discover_finish (ready, &error);
  g_assert_no_error (error);
  other = plant_rpc_client_discover_sync (talk->url, TALK_CONNECT_MS, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (G_OBJECT_TYPE (client) == G_OBJECT_TYPE (other));
  g_assert_true (G_OBJECT_TYPE (client) != PLANT_RPC_TYPE_CLIENT);
  check_types (talk, client);

  talk_set_property (client, "video-url", "'rtsp://discovered'");
  plant_rpc_client_flush_sync (client, NULL, NULL);
  talk_wait (talk_property_is (other, "video-url", "'rtsp://discovered'"));
  g_variant_unref (talk_call (client, "change", "('mode', <'permanently'>)"));
  g_assert_true (plant_rpc_client_refresh_sync (client, NULL, &error));
  talk_assert_property (client, "mode", "'permanently'");
}

/* Waiting for a device that does not come ends; so does an address that is none. */
static void
nobody_there (Talk *talk)
{
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GAsyncResult) ready = NULL;
  g_autoptr (PlantRpcClient) client = plant_rpc_client_new ("no url");
  g_autoptr (GError) error = NULL;

  g_assert_error (plant_rpc_client_get_last_error (client), PLANT_RPC_ERROR,
                  PLANT_RPC_ERROR_INVALID_URL);
  g_assert_null (plant_rpc_client_discover_sync (NOWHERE, 50, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&error);
  g_assert_null (plant_rpc_client_discover_sync ("no url", 50, NULL, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL);
  g_clear_error (&error);
  g_cancellable_cancel (cancelled);
  plant_rpc_client_discover (NOWHERE, TALK_CONNECT_MS, cancelled, talk_keep_result, &ready);
  talk_wait (ready != NULL);
  g_assert_null (plant_rpc_client_discover_finish (ready, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* A plain client does everything by name. */
static void
plain (Talk *talk)
{
  g_autoptr (PlantRpcClient) client = talk_new_listener (talk, G_TYPE_INVALID);
  g_autoptr (Record) heard = record_new (client, "signal-received::captured");
  g_autoptr (GError) error = NULL;

  g_assert_true (G_OBJECT_TYPE (client) == PLANT_RPC_TYPE_CLIENT);
  g_assert_true (plant_rpc_client_write_property_sync (
      client, "video_url", g_variant_new_string ("rtsp://plain"), NULL, &error));
  talk_assert_text (plant_rpc_client_read_property_sync (client, "video-url", NULL, &error),
                    "'rtsp://plain'");
  talk_assert_text (plant_rpc_client_get_cached_property (client, "video_url"), "'rtsp://plain'");
  g_assert_null (plant_rpc_client_lookup_property (client, "no-such"));
  g_assert_cmpstr (plant_rpc_property_get_wire_name (
                       plant_rpc_client_lookup_property (client, "video-url")), ==, "video_url");
  g_variant_unref (talk_call (client, "shoot", "(1,)"));
  talk_wait (heard->emissions->len > 0);
  g_assert_true (g_str_has_prefix (record_get_last (heard), "'captured' [<'shot'>, <"));
}

/* What the device lacks is listed, what does not fit is reported, and the rest works. */
static void
mismatch (Talk *talk)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcClient) client =
      plant_rpc_client_new_for_type (TEST_TYPE_WRONG, talk->url, &error);
  g_autoptr (Record) wrong = record_new (client, "protocol-error");
  const char *const *missing;

  plant_rpc_client_wait_ready_sync (client, TALK_CONNECT_MS, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (plant_rpc_client_get_state (client), ==, PLANT_RPC_STATE_MISMATCH);
  missing = plant_rpc_client_get_missing (client);
  /* An old device does not tell that its label is no number. */
  g_assert_cmpuint (g_strv_length ((char **) missing), ==, talk->native ? 3 : 2);
  g_assert_true (g_strv_contains (missing, "never") && g_strv_contains (missing, "nowhere"));
  g_assert_true (g_strv_contains (missing, "label") == talk->native);
  talk_wait (wrong->emissions->len > 0);
  g_assert_error (wrong->error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL);
  g_assert_cmpuint (plant_rpc_client_get_n_dropped (client), >, 0);
  talk_assert_property (client, "label", "7");
  talk_assert_property (client, "nowhere", "'here'");
  talk_set_property (client, "angle", "123");
  plant_rpc_client_flush_sync (client, NULL, NULL);
  talk_assert_text (plant_rpc_client_read_property_sync (client, "angle", NULL, NULL), "123");
}

/* The type of a client is subclassed as any other. */
static void
subclass (Talk *talk)
{
  g_autoptr (GError) error = NULL;
  GType runtime = plant_rpc_client_type_for_type (TEST_TYPE_PROBE, &error);
  g_autoptr (PlantRpcClient) camera = NULL;
  GTypeQuery query;

  g_assert_no_error (error);
  g_assert_true (runtime == plant_rpc_client_type_for_type (TEST_TYPE_PROBE, &error));
  g_type_query (runtime, &query);
  camera = g_object_new (g_type_register_static_simple (runtime, "TestCamera", query.class_size,
                                                        NULL, query.instance_size, NULL, 0),
                         "url", talk->url, "timeout", 1500, NULL);
  plant_rpc_client_wait_ready_sync (camera, TALK_CONNECT_MS, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (TEST_IS_PROBE (camera));
  g_assert_cmpint (plant_rpc_client_get_timeout (camera), ==, 1500);
  g_object_set (camera, "angle", 200, NULL);
  plant_rpc_client_flush_sync (camera, NULL, NULL);
  talk_assert_text (plant_rpc_client_read_property_sync (camera, "angle", NULL, &error), "200");
}

static PlantRpcInterfaceInfo *
read_from_file (const char *json)
{
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "probe-XXXXXX", NULL);
  int descriptor = g_mkstemp (path);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  PlantRpcInterfaceInfo *info;

  g_assert_cmpint (descriptor, >=, 0);
  g_assert_true (g_close (descriptor, NULL));
  g_assert_true (g_file_set_contents (path, json, -1, &error));
  info = plant_rpc_interface_info_new_from_file (file, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_remove (path), ==, 0);
  return info;
}

/* A description is read from a type, from text, from a file and from the device. */
static void
interfaces (Talk *talk)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcInterfaceInfo) info =
      plant_rpc_interface_info_new_for_type (TEST_TYPE_PROBE, &error);
  g_autofree char *json = plant_rpc_interface_info_to_json (info);
  g_autoptr (PlantRpcInterfaceInfo) read = read_from_file (json);
  g_autoptr (PlantRpcClient) client = NULL;
  g_auto (GStrv) methods = NULL;
  g_auto (GStrv) signal_names = NULL;

  g_assert_true (plant_rpc_interface_info_equal (info, read));
  g_assert_null (plant_rpc_interface_info_new_from_json ("{", &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_INTERFACE);
  g_clear_error (&error);
  client = plant_rpc_client_new_for_interface (read, talk->url, &error);
  g_assert_no_error (error);
  g_assert_true (G_OBJECT_TYPE (client) == plant_rpc_client_type_for_interface (read, &error));
  plant_rpc_client_wait_ready_sync (client, TALK_CONNECT_MS, NULL, &error);
  g_assert_no_error (error);
  methods = plant_rpc_interface_info_list_methods (plant_rpc_client_get_interface (client));
  signal_names = plant_rpc_interface_info_list_signals (plant_rpc_client_get_interface (client));
  g_assert_true (g_strv_contains ((const char *const *) methods, "echo"));
  g_assert_true (g_strv_contains ((const char *const *) signal_names, "captured"));
}

static guint64
count_lost (Record *lost)
{
  guint64 count = 0;

  for (guint i = 0; i < lost->emissions->len; i++)
    count += g_ascii_strtoull ((char *) lost->emissions->pdata[i] + 1, NULL, 10);
  return count;
}

#define N_FLOOD 40

/* A client that does not look loses signals, is told how many, and goes on. */
static void
losing_signals (Talk *talk)
{
  g_autoptr (PlantRpcClient) client = talk_new_client (talk, TEST_TYPE_PROBE);
  g_autoptr (Record) shots = record_new (client, "captured");
  g_autoptr (Record) lost = record_new (client, "signals-lost");

  if (!talk->native)
    return;
  g_variant_unref (talk_call (client, "flood", "(40,)"));
  talk_wait (shots->emissions->len + count_lost (lost) == N_FLOOD);
  g_assert_cmpuint (lost->emissions->len, >, 0);
  g_variant_unref (talk_call (client, "shoot", "(1,)"));
  talk_wait (g_str_equal (record_get_last (shots), "'shot' 0"));
}

const TalkStep talk_kinds[] = {
  { "discovered", discovered },
  { "nobody there", nobody_there },
  { "plain", plain },
  { "mismatch", mismatch },
  { "subclass", subclass },
  { "interfaces", interfaces },
  { "losing signals", losing_signals },
  { NULL, NULL },
};
