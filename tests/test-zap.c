/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <zmq.h>

#include "plant-rpc-init-private.h"
#include "plant-rpc-public-key-private.h"
#include "plant-rpc-test-wait.h"
#include "plant-rpc-zap-private.h"

#define ZAP_URL "inproc://zeromq.zap.01"

/* A domain that lets in one key, and a socket that asks as libzmq does. */
typedef struct {
  PlantRpcZapDomain *domain;
  void              *asker;
  guint              n_asked;    /* (atomic) */
  char              *address;
} Fixture;

static const guint8 admitted[PLANT_RPC_PUBLIC_KEY_SIZE] = { 1 };
static const guint8 refused[PLANT_RPC_PUBLIC_KEY_SIZE] = { 2 };

static gboolean
admits (gpointer    owner,
        const char *key,
        const char *address)
{
  Fixture *fixture = owner;
  char text[PLANT_RPC_PUBLIC_KEY_LENGTH + 1];

  g_atomic_int_inc (&fixture->n_asked);
  g_free (fixture->address);
  fixture->address = g_strdup (address);
  plant_rpc_public_key_print (admitted, text);
  return g_str_equal (key, text);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  const int linger = 0, timeout = TEST_WAIT_S * 1000;

  fixture->domain = plant_rpc_zap_domain_new (admits, fixture, NULL);
  g_assert_nonnull (fixture->domain);
  fixture->asker = zmq_socket (plant_rpc_init_acquire_context (), ZMQ_REQ);
  zmq_setsockopt (fixture->asker, ZMQ_LINGER, &linger, sizeof linger);
  zmq_setsockopt (fixture->asker, ZMQ_RCVTIMEO, &timeout, sizeof timeout);
  g_assert_cmpint (zmq_connect (fixture->asker, ZAP_URL), ==, 0);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  zmq_close (fixture->asker);
  plant_rpc_init_release_context ();
  g_clear_pointer (&fixture->domain, plant_rpc_zap_domain_free);
  g_free (fixture->address);
}

static void
send (Fixture       *fixture,
      gconstpointer  data,
      gsize          size,
      gboolean       more)
{
  g_assert_cmpint (zmq_send (fixture->asker, data, size, more ? ZMQ_SNDMORE : 0), ==, size);
}

static void
send_text (Fixture    *fixture,
           const char *text)
{
  send (fixture, text, strlen (text), TRUE);
}

static void
assert_frame (Fixture    *fixture,
              const char *expected)
{
  char frame[256] = "";
  const int size = zmq_recv (fixture->asker, frame, sizeof frame - 1, 0);

  g_assert_cmpint (size, >=, 0);
  if (expected != NULL)
    g_assert_cmpstr (frame, ==, expected);
}

/* USER is nullable: whoever is let in. */
static void
assert_answer (Fixture      *fixture,
               const char   *status,
               const guint8 *user)
{
  char text[PLANT_RPC_PUBLIC_KEY_LENGTH + 1] = "";

  if (user != NULL)
    plant_rpc_public_key_print (user, text);
  assert_frame (fixture, "1.0");
  assert_frame (fixture, "7");
  assert_frame (fixture, status);
  assert_frame (fixture, NULL);
  assert_frame (fixture, text);
  assert_frame (fixture, "");
}

static void
ask (Fixture      *fixture,
     const char   *domain,
     const char   *mechanism,
     const guint8 *key,
     gsize         size)
{
  send_text (fixture, "1.0");
  send_text (fixture, "7");
  send_text (fixture, domain);
  send_text (fixture, "::ffff:10.0.0.1");
  send_text (fixture, "");
  send_text (fixture, mechanism);
  send (fixture, key, size, FALSE);
}

static void
test_decision (Fixture       *fixture,
               gconstpointer  data)
{
  const char *name = plant_rpc_zap_domain_get_name (fixture->domain);

  ask (fixture, name, "CURVE", admitted, sizeof admitted);
  assert_answer (fixture, "200", admitted);
  g_assert_cmpstr (fixture->address, ==, "10.0.0.1");
  ask (fixture, name, "CURVE", refused, sizeof refused);
  assert_answer (fixture, "400", NULL);
  g_assert_cmpuint (fixture->n_asked, ==, 2);
}

/* What is not understood is refused without a question to the owner. */
static void
test_nonsense (Fixture       *fixture,
               gconstpointer  data)
{
  const char *name = plant_rpc_zap_domain_get_name (fixture->domain);
  g_autofree guint8 *large = g_malloc0 (100000);

  memcpy (large, admitted, sizeof admitted);
  ask (fixture, "", "CURVE", admitted, sizeof admitted);
  assert_answer (fixture, "400", NULL);
  ask (fixture, "other", "CURVE", admitted, sizeof admitted);
  assert_answer (fixture, "400", NULL);
  ask (fixture, name, "NULL", admitted, sizeof admitted);
  assert_answer (fixture, "400", NULL);
  ask (fixture, name, "CURVE", admitted, sizeof admitted - 1);
  assert_answer (fixture, "400", NULL);
  ask (fixture, name, "CURVE", large, 100000);
  assert_answer (fixture, "400", NULL);
  g_assert_cmpuint (fixture->n_asked, ==, 0);
}

static void
test_frames (Fixture       *fixture,
             gconstpointer  data)
{
  const char *name = plant_rpc_zap_domain_get_name (fixture->domain);

  send (fixture, "1.0", 3, FALSE);
  for (guint i = 0; i < 6; i++)
    assert_frame (fixture, NULL);
  for (guint i = 0; i < 30; i++)
    send_text (fixture, i == 1 ? "7" : "");
  send (fixture, admitted, sizeof admitted, FALSE);
  assert_answer (fixture, "400", NULL);
  ask (fixture, name, "CURVE", admitted, sizeof admitted);
  assert_answer (fixture, "200", admitted);
  g_assert_cmpuint (fixture->n_asked, ==, 1);
}

static void
test_freed (Fixture       *fixture,
            gconstpointer  data)
{
  g_autofree char *name = g_strdup (plant_rpc_zap_domain_get_name (fixture->domain));
  g_autoptr (PlantRpcZapDomain) other = plant_rpc_zap_domain_new (admits, fixture, NULL);

  g_assert_cmpstr (name, !=, plant_rpc_zap_domain_get_name (other));
  g_clear_pointer (&fixture->domain, plant_rpc_zap_domain_free);
  ask (fixture, name, "CURVE", admitted, sizeof admitted);
  assert_answer (fixture, "400", NULL);
  g_assert_cmpuint (fixture->n_asked, ==, 0);
  ask (fixture, plant_rpc_zap_domain_get_name (other), "CURVE", admitted, sizeof admitted);
  assert_answer (fixture, "200", admitted);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define add(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  add ("/zap/decision", test_decision);
  add ("/zap/nonsense", test_nonsense);
  add ("/zap/frames", test_frames);
  add ("/zap/freed", test_freed);
  return g_test_run ();
}
