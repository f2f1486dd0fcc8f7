/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <gio/gio.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-test-descriptors.h"
#include "plant-rpc-test-ipv6.h"
#include "plant-rpc-test-locale.h"

static PlantRpcEndpoint *
parse (const char *url)
{
  g_autoptr (GError) error = NULL;
  PlantRpcEndpoint *endpoint = plant_rpc_endpoint_parse (url, &error);

  g_assert_no_error (error);
  g_assert_nonnull (endpoint);
  return endpoint;
}

static void
test_valid (void)
{
  static const struct {
    const char *url;
    const char *host;
    guint16     port;
    gboolean    any_port;
    const char *printed;
  } cases[] = {
    { "tcp://127.0.0.1:5000", "127.0.0.1", 5000, FALSE, "tcp://127.0.0.1:5000" },
    { "tcp://127.0.0.1:5000:5000", "127.0.0.1", 5000, FALSE, "tcp://127.0.0.1:5000" },
    { "tcp://127.0.0.1", "127.0.0.1", 0, FALSE, "tcp://127.0.0.1" },
    { "tcp://127.0.0.1:*", "127.0.0.1", 0, TRUE, "tcp://127.0.0.1:*" },
    { "tcp://127.0.0.1:0", "127.0.0.1", 0, TRUE, "tcp://127.0.0.1:*" },
    { "tcp://*", "*", 0, FALSE, "tcp://*" },
    { "tcp://*:5000", "*", 5000, FALSE, "tcp://*:5000" },
    { "tcp://*:*", "*", 0, TRUE, "tcp://*:*" },
    { "tcp://localhost:1", "localhost", 1, FALSE, "tcp://localhost:1" },
    { "tcp://pi-cam_2.lab.example:65535", "pi-cam_2.lab.example", 65535, FALSE,
      "tcp://pi-cam_2.lab.example:65535" },
    { "tcp://eth0:5000", "eth0", 5000, FALSE, "tcp://eth0:5000" },
    { "TCP://Pi:5000", "Pi", 5000, FALSE, "tcp://Pi:5000" },
    { "tcp://[::1]:5000", "::1", 5000, FALSE, "tcp://[::1]:5000" },
    { "tcp://[::1]:5000:5000", "::1", 5000, FALSE, "tcp://[::1]:5000" },
    { "tcp://[::1]", "::1", 0, FALSE, "tcp://[::1]" },
    { "tcp://[::]:*", "::", 0, TRUE, "tcp://[::]:*" },
    { "tcp://[fe80::1%eth0]:5000", "fe80::1%eth0", 5000, FALSE, "tcp://[fe80::1%eth0]:5000" },
    { "tcp://[::ffff:10.0.0.1]:5000", "::ffff:10.0.0.1", 5000, FALSE,
      "tcp://[::ffff:10.0.0.1]:5000" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PlantRpcEndpoint) endpoint = parse (cases[i].url);
      g_autofree char *printed = plant_rpc_endpoint_print (endpoint, 0);

      g_assert_true (endpoint->tcp);
      g_assert_null (endpoint->path);
      g_assert_cmpstr (endpoint->host, ==, cases[i].host);
      g_assert_cmpuint (endpoint->port, ==, cases[i].port);
      g_assert_cmpint (endpoint->any_port, ==, cases[i].any_port);
      g_assert_cmpstr (printed, ==, cases[i].printed);
    }
}

static void
test_valid_ipc (void)
{
  static const char *const paths[] = { "/run/camera", "camera.sock", "@camera", "/run/with:colon" };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *url = g_strconcat ("ipc://", paths[i], NULL);
      g_autoptr (PlantRpcEndpoint) endpoint = parse (url);
      g_autofree char *printed = plant_rpc_endpoint_print (endpoint, 5000);

      g_assert_false (endpoint->tcp);
      g_assert_null (endpoint->host);
      g_assert_cmpstr (endpoint->path, ==, paths[i]);
      g_assert_cmpstr (printed, ==, url);
      g_assert_false (plant_rpc_endpoint_is_wildcard (endpoint));
      g_assert_false (plant_rpc_endpoint_is_ipv6 (endpoint));
    }
}

static void
assert_invalid (const char *url,
                const char *reason)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (plant_rpc_endpoint_parse (url, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_cmpuint (strlen (error->message), <, 400);
  if (strstr (error->message, reason) == NULL)
    g_error ("%s: “%s” does not say “%s”", url, error->message, reason);
  if (strlen (url) < 100 && g_utf8_validate (url, -1, NULL))
    g_assert_nonnull (strstr (error->message, url));
}

/* With a NUL it fills the address of a socket. */
static void
assert_path_length (gsize    length,
                    gboolean good)
{
  g_autofree char *path = g_strnfill (length, '/');
  g_autofree char *url = g_strconcat ("ipc://", path, NULL);

  if (good)
    plant_rpc_endpoint_free (parse (url));
  else
    assert_invalid (url, "too long");
}

static void
test_invalid (void)
{
  static const struct {
    const char *url;
    const char *reason;
  } cases[] = {
    { "", "no url" },
    { "camera", "no url" },
    { "127.0.0.1:5000", "no url" },
    { "tcp:/127.0.0.1:5000", "no url" },
    { "tcp:x://127.0.0.1:5000", "scheme" },
    { " tcp://127.0.0.1:5000", "scheme" },
    { "://127.0.0.1:5000", "scheme" },
    { "http://127.0.0.1:5000", "scheme" },
    { "inproc://camera", "scheme" },
    { "tcp://", "host is missing" },
    { "tcp://:5000", "host is missing" },
    { "tcp://127.0.0.1:", "port" },
    { "tcp://127.0.0.1:x", "port" },
    { "tcp://127.0.0.1:5000x", "port" },
    { "tcp://127.0.0.1: 5000", "port" },
    { "tcp://127.0.0.1:+5000", "port" },
    { "tcp://127.0.0.1:-1", "port" },
    { "tcp://127.0.0.1:65536", "port" },
    { "tcp://127.0.0.1:99999999999999999999", "port" },
    { "tcp://127.0.0.1:5000/", "port" },
    { "tcp://127.0.0.1:5000:5001", "more than one port" },
    { "tcp://127.0.0.1:5000:", "more than one port" },
    { "tcp://127.0.0.1:5000:5000:5000", "more than one port" },
    { "tcp://pi cam:5000", "no name or address" },
    { "tcp://pi/cam:5000", "no name or address" },
    { "tcp://-pi:5000", "no name or address" },
    { "tcp://.pi:5000", "no name or address" },
    { "tcp://.:5000", "no name or address" },
    { "tcp://[::1%-eth0]:5000", "no IPv6 address" },
    { "tcp://[::1%.eth0]:5000", "no IPv6 address" },
    { "tcp://user@pi:5000", "no name or address" },
    { "tcp://eth0;pi:5000", "no name or address" },
    { "tcp://**:5000", "no name or address" },
    { "tcp://häßlich:5000", "no name or address" },
    { "tcp://\xff:5000", "no name or address" },
    { "tcp://::1", "needs brackets" },
    { "tcp://::1:5000", "needs brackets" },
    { "tcp://fe80::1%eth0", "needs brackets" },
    { "tcp://[::1", "missing" },
    { "tcp://[]:5000", "no IPv6 address" },
    { "tcp://[127.0.0.1]:5000", "no IPv6 address" },
    { "tcp://[localhost]:5000", "no IPv6 address" },
    { "tcp://[::g]:5000", "no IPv6 address" },
    { "tcp://[::1%]:5000", "no IPv6 address" },
    { "tcp://[::1% x]:5000", "no IPv6 address" },
    { "tcp://[::1]5000", "something follows" },
    { "tcp://[::1]:", "port" },
    { "ipc://", "path is missing" },
    { "ipc://@", "path is missing" },
    { "ipc://*", "path is missing" },
  };
  g_autofree char *filler = g_strnfill (10000, 'x');
  g_autofree char *long_host = g_strdup_printf ("tcp://%s:5000", filler);
  g_autofree char *long_path = g_strdup_printf ("ipc:///%s", filler);
  const gsize room = sizeof ((struct sockaddr_un *) NULL)->sun_path;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_invalid (cases[i].url, cases[i].reason);
  assert_invalid (long_host, "too long");
  assert_invalid (long_path, "too long");
  assert_path_length (room - 1, TRUE);
  assert_path_length (room, FALSE);
}

static void
test_print_with_port (void)
{
  static const struct {
    const char *url;
    const char *printed;
  } cases[] = {
    { "tcp://127.0.0.1", "tcp://127.0.0.1:10462" },
    { "tcp://127.0.0.1:5000", "tcp://127.0.0.1:10462" },
    { "tcp://*:*", "tcp://*:10462" },
    { "tcp://[::]", "tcp://[::]:10462" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PlantRpcEndpoint) endpoint = parse (cases[i].url);
      g_autofree char *printed = plant_rpc_endpoint_print (endpoint, 10462);

      g_assert_cmpstr (printed, ==, cases[i].printed);
    }
}

static void
test_kinds_of_host (void)
{
  static const struct {
    const char *url;
    gboolean    wildcard, loopback, ipv6, name;
  } cases[] = {
    { "tcp://*:5000", TRUE, FALSE, FALSE, FALSE },
    { "tcp://0.0.0.0:5000", TRUE, FALSE, FALSE, FALSE },
    { "tcp://[::]:5000", TRUE, FALSE, TRUE, FALSE },
    { "tcp://[0:0:0:0:0:0:0:0]:5000", TRUE, FALSE, TRUE, FALSE },
    { "tcp://127.0.0.1", FALSE, TRUE, FALSE, FALSE },
    { "tcp://127.0.1.1:5000", FALSE, TRUE, FALSE, FALSE },
    { "tcp://[::1]:5000", FALSE, TRUE, TRUE, FALSE },
    { "tcp://localhost", FALSE, TRUE, FALSE, TRUE },
    { "tcp://0.0.0.1", FALSE, FALSE, FALSE, FALSE },
    { "tcp://192.168.1.5:5000", FALSE, FALSE, FALSE, FALSE },
    { "tcp://[fe80::1%eth0]:5000", FALSE, FALSE, TRUE, FALSE },
    { "tcp://camera:5000", FALSE, FALSE, FALSE, TRUE },
    { "ipc:///run/camera", FALSE, FALSE, FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PlantRpcEndpoint) endpoint = parse (cases[i].url);

      g_assert_cmpint (plant_rpc_endpoint_is_wildcard (endpoint), ==, cases[i].wildcard);
      g_assert_cmpint (plant_rpc_endpoint_is_loopback (endpoint), ==, cases[i].loopback);
      g_assert_cmpint (plant_rpc_endpoint_is_ipv6 (endpoint), ==, cases[i].ipv6);
      g_assert_cmpint (plant_rpc_endpoint_has_name (endpoint), ==, cases[i].name);
    }
}

/* The public key of a secured server follows after a “#”. */
static void
test_key (void)
{
  static const char key[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE";
  static const struct {
    const char *url;
    const char *printed;
    gboolean    has_key;
  } cases[] = {
    { "tcp://[::1]:5000#AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE", "tcp://[::1]:5000", TRUE },
    { "tcp://pi:5000#000000000000000000000000000000000000000a", "tcp://pi:5000", FALSE },
    { "ipc:///tmp/a#b#AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE", "ipc:///tmp/a#b", TRUE },
    { "ipc:///tmp/a#b", "ipc:///tmp/a#b", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PlantRpcEndpoint) endpoint = parse (cases[i].url);
      g_autofree char *printed = plant_rpc_endpoint_print (endpoint, 0);
      g_autofree char *stripped = plant_rpc_endpoint_strip_key (cases[i].url);

      g_assert_cmpstr (printed, ==, cases[i].printed);
      g_assert_cmpstr (stripped, ==, cases[i].printed);
      if (cases[i].has_key)
        g_assert_cmpstr (endpoint->key, ==, key);
    }
  g_assert_null (plant_rpc_endpoint_parse ("tcp://pi:5000#", NULL));
  g_assert_null (plant_rpc_endpoint_parse ("tcp://pi:5000#key", NULL));
  g_assert_null (plant_rpc_endpoint_parse ("tcp://pi#AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE:5",
                                           NULL));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  plant_rpc_test_add ("/endpoint/valid", test_valid);
  plant_rpc_test_add ("/endpoint/valid-ipc", test_valid_ipc);
  plant_rpc_test_add ("/endpoint/invalid", test_invalid);
  plant_rpc_test_add ("/endpoint/print-with-port", test_print_with_port);
  plant_rpc_test_add ("/endpoint/kinds-of-host", test_kinds_of_host);

  g_test_add_func ("/endpoint/key", test_key);
  return g_test_run ();
}
