/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <zmq.h>

#include "plant-rpc-test-recorder.h"

/* What a client waits for while it blocks. It must neither sleep too long nor turn round and
 * round. */
static struct {
  guint n_polls;
  guint n_endless;
  guint n_descriptors; /* that are no sockets of ZeroMQ */
  int   descriptor;    /* the last of those */
} seen;

int __real_zmq_poll (zmq_pollitem_t *items,
                     int             n_items,
                     long            timeout);
int __wrap_zmq_poll (zmq_pollitem_t *items,
                     int             n_items,
                     long            timeout);

int
__wrap_zmq_poll (zmq_pollitem_t *items,
                 int             n_items,
                 long            timeout)
{
  seen.n_polls++;
  seen.n_endless += timeout < 0;
  for (int i = 0; i < n_items; i++)
    {
      if (items[i].socket != NULL)
        continue;
      seen.n_descriptors++;
      seen.descriptor = items[i].fd;
    }
  return __real_zmq_poll (items, n_items, timeout);
}

static guint
count_descriptors (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static gboolean
call (PlantRpcClient  *client,
      int              timeout,
      GCancellable    *cancellable,
      GError         **error)
{
  g_autoptr (GVariant) value =
      plant_rpc_client_call_sync (client, "echo", NULL, NULL, timeout, cancellable, error);

  return value != NULL;
}

static gboolean
wait_ready (PlantRpcClient  *client,
            int              timeout,
            GCancellable    *cancellable,
            GError         **error)
{
  return plant_rpc_client_wait_ready_sync (client, timeout, cancellable, error);
}

typedef gboolean (*Operation) (PlantRpcClient  *client,
                               int              timeout,
                               GCancellable    *cancellable,
                               GError         **error);

static void
test_waiting (void)
{
  static const Operation operations[] = { call, wait_ready };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (operations); i++)
    {
      g_autoptr (TestDevice) device = test_device_new ();
      g_autoptr (PlantRpcClient) client = test_client_new (test_device_get_url (device));
      g_autoptr (GCancellable) cancellable = i % 2 == 0 ? NULL : g_cancellable_new ();
      guint n_before;

      /* The first question is sent. */
      test_request_free (test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY));
      memset (&seen, 0, sizeof seen);
      seen.descriptor = -1;
      n_before = count_descriptors ();
      for (guint k = 0; k < 2; k++)
        {
          g_autoptr (GError) error = NULL;

          g_assert_false (operations[i / 2] (client, 100, cancellable, &error));
          g_assert_nonnull (error);
        }
      /* Those of the former client may be closed meanwhile. */
      g_assert_cmpuint (count_descriptors (), <=, n_before);
      g_assert_cmpuint (seen.n_polls, >, 0);
      g_assert_cmpuint (seen.n_polls, <, 50);
      g_assert_cmpuint (seen.n_endless, ==, 0);
      if (cancellable == NULL)
        g_assert_cmpuint (seen.n_descriptors, ==, 0);
      else
        g_assert_cmpuint (seen.n_descriptors, ==, seen.n_polls);
      g_assert_true (cancellable == NULL || seen.descriptor > 2);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/driver/waiting", test_waiting);

  return g_test_run ();
}
