/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>

#include "plant-rpc-limits-private.h"
#include "plant-rpc-origin-private.h"
#include "plant-rpc-test-wait.h"

/* On another computer only the address counts at which the server was reached. */
static void
test_remote (void)
{
  g_autoptr (PlantRpcOrigin) self = plant_rpc_origin_new ("tcp://192.0.2.1:5000", "192.0.2.1");

  g_assert_true (plant_rpc_origin_has (self, "192.0.2.1"));
  g_assert_true (plant_rpc_origin_has (self, "::ffff:192.0.2.1"));
  g_assert_false (plant_rpc_origin_has (self, "192.0.2.2"));
  g_assert_false (plant_rpc_origin_has (self, "127.0.0.1"));
  g_assert_false (plant_rpc_origin_has (self, "localhost"));
  g_assert_false (plant_rpc_origin_has (self, ""));
}

/* On this computer every address of it counts. */
static void
test_local (void)
{
  g_autoptr (PlantRpcOrigin) self = plant_rpc_origin_new ("tcp://127.0.0.1:5000", "127.0.0.1");

  g_assert_true (plant_rpc_origin_has (self, "127.0.0.1"));
  g_assert_true (plant_rpc_origin_has (self, "::ffff:127.0.0.2"));
  g_assert_true (plant_rpc_origin_has (self, "127.0.0.2"));
  g_assert_true (plant_rpc_origin_has (self, "::1"));
  g_assert_false (plant_rpc_origin_has (self, "192.0.2.1"));
  plant_rpc_origin_add (self, "192.0.2.1");
  g_assert_true (plant_rpc_origin_has (self, "127.0.0.2"));
}

/* Only a whole numeric address is one, in any of its forms. */
static void
test_forms (void)
{
  g_autoptr (PlantRpcOrigin) four = plant_rpc_origin_new ("tcp://192.0.2.1:5", "192.0.2.1");
  g_autoptr (PlantRpcOrigin) six = plant_rpc_origin_new ("tcp://[2001:db8::1]:5", "2001:db8::1");
  static const char *const wrong[] = { "x", "192.0.2.1x", "::192.0.2.1" };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_false (plant_rpc_origin_has (four, wrong[i]));
  g_assert_true (plant_rpc_origin_has (six, "2001:0db8:0:0::1"));
  g_assert_true (plant_rpc_origin_has (six, "2001:db8::1%lo"));
  g_assert_false (plant_rpc_origin_has (six, "2001:db8::2"));
}

static void
test_add (void)
{
  g_autoptr (PlantRpcOrigin) self = plant_rpc_origin_new ("tcp://192.0.2.1:5000", "192.0.2.1");

  plant_rpc_origin_add (self, "fe80::1%eth0");
  plant_rpc_origin_add (self, "not an address");
  g_assert_true (plant_rpc_origin_has (self, "fe80::1%eth1"));
  g_assert_true (plant_rpc_origin_has (self, "FE80:0::1"));
  g_assert_true (plant_rpc_origin_has (self, "192.0.2.1"));
  plant_rpc_origin_add (self, "::1");
  g_assert_true (plant_rpc_origin_has (self, "127.0.0.1"));
}

/* When the set is full, earlier addresses make room for the latest. */
static void
test_full (void)
{
  g_autoptr (PlantRpcOrigin) self = plant_rpc_origin_new ("tcp://192.0.2.1:5000", "192.0.2.1");

  for (guint i = 1; i <= PLANT_RPC_MAX_SERVER_ADDRESSES; i++)
    {
      g_autofree char *address = g_strdup_printf ("198.51.100.%u", i);

      g_assert_true (plant_rpc_origin_has (self, "192.0.2.1"));
      plant_rpc_origin_add (self, address);
      g_assert_true (plant_rpc_origin_has (self, address));
    }
  g_assert_false (plant_rpc_origin_has (self, "192.0.2.1"));
}

/* However many addresses there were, memory is limited, and the latest one counts. */
static void
test_many_addresses (void)
{
  g_autoptr (PlantRpcOrigin) self = plant_rpc_origin_new ("tcp://192.0.2.1:5", "192.0.2.1");

  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *address = g_strdup_printf ("198.51.100.%u", i % 256);

      plant_rpc_origin_add (self, address);
      g_assert_true (plant_rpc_origin_has (self, address));
    }
  g_assert_false (plant_rpc_origin_has (self, "192.0.2.1"));
}

/* The addresses of the host name come after a while, also if nobody waits for them any more. */
static void
test_name (void)
{
  g_autoptr (PlantRpcOrigin) self = plant_rpc_origin_new ("tcp://localhost:5000", "192.0.2.1");

  plant_rpc_origin_unref (plant_rpc_origin_new ("tcp://localhost:5000", "192.0.2.1"));
  g_assert_true (plant_rpc_origin_has (self, "192.0.2.1"));
  test_wait_for (plant_rpc_origin_has (self, "127.0.0.1"));
  g_assert_true (plant_rpc_origin_has (self, "192.0.2.1"));
}

/* A resolver whose names have several addresses. */
#define TEST_TYPE_RESOLVER (test_resolver_get_type ())
G_DECLARE_FINAL_TYPE (TestResolver, test_resolver, TEST, RESOLVER, GResolver)

struct _TestResolver {
  GResolver parent_instance;
};

G_DEFINE_FINAL_TYPE (TestResolver, test_resolver, G_TYPE_RESOLVER)

static GList *
look_up (GResolver     *resolver,
         const char    *name,
         GCancellable  *cancellable,
         GError       **error)
{
  if (!g_str_equal (name, "lab.example"))
    {
      g_set_error_literal (error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, name);
      return NULL;
    }
  return g_list_append (g_list_append (NULL, g_inet_address_new_from_string ("192.0.2.7")),
                        g_inet_address_new_from_string ("2001:db8::7"));
}

static void
test_resolver_class_init (TestResolverClass *klass)
{
  G_RESOLVER_CLASS (klass)->lookup_by_name = look_up;
}

static void
test_resolver_init (TestResolver *self)
{
}

static void
test_names (void)
{
  g_autoptr (GResolver) former = g_resolver_get_default ();
  g_autoptr (GResolver) resolver = g_object_new (TEST_TYPE_RESOLVER, NULL);
  g_autoptr (PlantRpcOrigin) self = NULL, unknown = NULL;

  g_resolver_set_default (resolver);
  self = plant_rpc_origin_new ("tcp://lab.example:5", "192.0.2.1");
  unknown = plant_rpc_origin_new ("tcp://other.example:5", "192.0.2.1");
  test_wait_for (plant_rpc_origin_has (self, "192.0.2.7") &&
                   plant_rpc_origin_has (self, "2001:db8::7"));
  g_assert_true (plant_rpc_origin_has (self, "192.0.2.1"));
  g_assert_false (plant_rpc_origin_has (self, "192.0.2.8"));
  g_assert_true (plant_rpc_origin_has (unknown, "192.0.2.1"));
  g_assert_false (plant_rpc_origin_has (unknown, "192.0.2.7"));
  g_resolver_set_default (former);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/origin/remote", test_remote);
  g_test_add_func ("/origin/local", test_local);
  g_test_add_func ("/origin/forms", test_forms);
  g_test_add_func ("/origin/add", test_add);
  g_test_add_func ("/origin/full", test_full);
  g_test_add_func ("/origin/many-addresses", test_many_addresses);
  g_test_add_func ("/origin/name", test_name);
  g_test_add_func ("/origin/names", test_names);
  return g_test_run ();
}
