/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-test-recorder.h"

/* What a client waits for while it blocks. It must neither sleep too long nor turn round and
 * round. */
static struct {
  guint n_polls;
  guint n_endless;
  guint n_descriptors; /* of the last one */
} seen;

int __real_g_poll (GPollFD *fds,
                   guint    n_fds,
                   int      timeout);
int __wrap_g_poll (GPollFD *fds,
                   guint    n_fds,
                   int      timeout);

int
__wrap_g_poll (GPollFD *fds,
               guint    n_fds,
               int      timeout)
{
  seen.n_polls++;
  seen.n_endless += timeout < 0;
  seen.n_descriptors = n_fds;
  return __real_g_poll (fds, n_fds, timeout);
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
  guint n_without = 0;

  for (guint i = 0; i < 2 * G_N_ELEMENTS (operations); i++)
    {
      g_autoptr (TestDevice) device = test_device_new ();
      g_autoptr (PlantRpcClient) client = test_client_new (test_device_get_url (device));
      g_autoptr (GCancellable) cancellable = i % 2 == 0 ? NULL : g_cancellable_new ();
      guint n_before;

      /* The first question is sent. */
      test_request_free (test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY));
      memset (&seen, 0, sizeof seen);
      n_before = count_descriptors ();
      for (guint k = 0; k < 2; k++)
        {
          g_autoptr (GError) error = NULL;

          g_assert_false (operations[i / 2] (client, 100, cancellable, &error));
          g_assert_nonnull (error);
        }
      /* Those of the former client may be closed meanwhile. The thread keeps the one that wakes
       * it. */
      g_assert_cmpuint (count_descriptors (), <=, n_before + (i == 0));
      g_assert_cmpuint (seen.n_polls, >, 0);
      g_assert_cmpuint (seen.n_polls, <, 50);
      g_assert_cmpuint (seen.n_endless, ==, 0);
      if (cancellable == NULL)
        n_without = seen.n_descriptors;
      else
        g_assert_cmpuint (seen.n_descriptors, ==, n_without + 1);
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
