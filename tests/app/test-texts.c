/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the application shows of a device whose texts hold markup, line breaks, control characters
 * and characters that turn the direction of the text around them. */

#include "app-fixture.h"

#define NASTY   "<b>&\033]0;t\a\n\xc2\x9b\xe2\x80\xae\xe2\x80\xa8\x7f"
#define ESCAPED "<b>&\\u001b]0;t\\u0007\\n\\u009b\\u202e\\u2028\\u007f"

/* ---- the device */

#define TEST_TYPE_DEVICE (test_device_get_type ())
G_DECLARE_FINAL_TYPE (TestDevice, test_device, TEST, DEVICE, GObject)

struct _TestDevice
{
  GObject parent_instance;
};

typedef enum
{
  PROP_LABEL = 1,
  PROP_WISH,
} TestDeviceProperty;

G_DEFINE_FINAL_TYPE (TestDevice, test_device, G_TYPE_OBJECT)

static void
test_device_get_property (GObject    *object,
                          guint       prop_id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  g_value_set_string (value, (TestDeviceProperty) prop_id == PROP_LABEL ? NASTY "label" : "none");
}

static void
test_device_set_property (GObject      *object,
                          guint         prop_id,
                          const GValue *value,
                          GParamSpec   *pspec)
{
}

static void
test_device_class_init (TestDeviceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = test_device_get_property;
  object_class->set_property = test_device_set_property;
  g_object_class_install_property (object_class, PROP_LABEL,
                                   g_param_spec_string ("label", NULL, NASTY "description", NULL,
                                                        flags));
  g_object_class_install_property (object_class, PROP_WISH,
                                   g_param_spec_string ("wish", NULL, NULL, NULL,
                                                        flags | G_PARAM_WRITABLE));
  g_signal_new ("told", TEST_TYPE_DEVICE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                G_TYPE_STRING);
  plant_rpc_type_declare_unit (TEST_TYPE_DEVICE, "label", NASTY "unit");
}

static void
test_device_init (TestDevice *self)
{
}

static gboolean
on_write (PlantRpcInvocation  *invocation,
          const char          *property,
          GVariant            *value,
          gpointer             user_data,
          GError             **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, NASTY "refusal");
  return FALSE;
}

static PlantRpcServer *
start_device (TestDevice *device)
{
  PlantRpcServer *server = plant_rpc_server_new (G_OBJECT (device), "tcp://127.0.0.1:*");
  g_autoptr (GError) error = NULL;

  plant_rpc_server_set_write_handler (server, on_write, NULL, NULL);
  plant_rpc_server_start (server, &error);
  g_assert_no_error (error);
  return server;
}

/* ---- what is shown */

/* Counts the labels and tooltips of a widget that show the text, and makes sure that none of those
 * that are shown does harm. */
static guint
count_shown (GtkWidget  *widget,
             const char *text)
{
  const char *texts[] = { GTK_IS_LABEL (widget) ? gtk_label_get_text (GTK_LABEL (widget)) : NULL,
                          gtk_widget_get_tooltip_text (widget) };
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *escaped = texts[i] != NULL ? plant_rpc_text_escape (texts[i]) : NULL;

      g_assert_cmpstr (texts[i], ==, escaped);
      n += escaped != NULL && strstr (escaped, text) != NULL;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count_shown (child, text);
  return n;
}

static gboolean
is_shown (AppFixture *self,
          gpointer    text)
{
  return count_shown (GTK_WIDGET (self->window), text) > 0;
}

static void
test_device_texts (AppFixture    *self,
                   gconstpointer  unused)
{
  g_autoptr (TestDevice) device = g_object_new (TEST_TYPE_DEVICE, NULL);
  g_autoptr (PlantRpcServer) server = start_device (device);
  const char *url = plant_rpc_server_get_url (server);
  ScannerConnection *connection;

  app_fixture_act (self, "win.connect-to", url);
  app_fixture_wait_for_state (self, url, SCANNER_CONNECTION_CONNECTED);
  connection = scanner_window_get_connection (self->window);
  app_fixture_act (self, "win.show-page", "properties");
  app_fixture_wait (self, "a value", is_shown, (gpointer) (ESCAPED "label"));
  app_fixture_wait (self, "a unit", is_shown, (gpointer) (ESCAPED "unit"));
  app_fixture_wait (self, "a description", is_shown, (gpointer) (ESCAPED "description"));

  g_object_set (scanner_connection_get_client (connection), "wish", "x", NULL);
  app_fixture_wait (self, "a refusal", is_shown, (gpointer) (ESCAPED "refusal"));
  app_fixture_wait_for_state (self, url, SCANNER_CONNECTION_REFUSED);

  app_fixture_act (self, "win.show-page", "log");
  g_signal_emit_by_name (device, "told", NASTY "signal");
  app_fixture_wait (self, "a signal", is_shown, (gpointer) ("told (" ESCAPED "signal)"));
  app_fixture_wait (self, "an outcome", is_shown, (gpointer) (ESCAPED "refusal"));

  scanner_window_toast (self->window, NASTY "toast");
  app_fixture_wait (self, "a toast", is_shown, (gpointer) (ESCAPED "toast"));
  plant_rpc_server_stop (server);
}

/* Status pages take markup. */
static void
test_addresses (AppFixture    *self,
                gconstpointer  unused)
{
  app_fixture_act (self, "win.connect-to", "tcp://" NASTY ":1");
  app_fixture_wait (self, "an address of a device", is_shown, (gpointer) ("tcp://" ESCAPED));
  app_fixture_act (self, "win.use-registry", "tcp://" NASTY ":2");
  app_fixture_wait (self, "an address of a registry", is_shown, (gpointer) (ESCAPED ":2"));
}

int
main (int    argc,
      char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add ("/texts/device", AppFixture, NULL, app_fixture_set_up, test_device_texts,
              app_fixture_tear_down);
  g_test_add ("/texts/addresses", AppFixture, NULL, app_fixture_set_up, test_addresses,
              app_fixture_tear_down);
  return g_test_run ();
}
