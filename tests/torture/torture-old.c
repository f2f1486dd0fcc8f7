/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "torture.h"

/* One end is a plain socket that behaves like Plant Imager. */

#define INVENTORY                                                                           \
  "{\"json_methods\": {\"echo\": 10000}, \"buffer_methods\": {}, \"signals\": [\"ping\"]," \
  " \"properties\": [\"level\"], \"name\": \"\"}"

typedef struct {
  void *context;
  void *socket; /* REQ of a client, or REP of a server */
  void *second; /* (nullable): the socket for signals */
  guint port;
} Peer;

static guint
bind_socket (void *socket)
{
  char url[64];
  gsize size = sizeof url;

  g_assert_no_errno (zmq_bind (socket, "tcp://127.0.0.1:*"));
  g_assert_no_errno (zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, url, &size));
  return (guint) g_ascii_strtoull (strrchr (url, ':') + 1, NULL, 10);
}

static void *
open_socket (Peer *peer,
             int   type)
{
  const int none = 0;
  void *socket = zmq_socket (peer->context, type);

  zmq_setsockopt (socket, ZMQ_LINGER, &none, sizeof none);
  return socket;
}

static void
peer_init (Peer *peer,
           int   type)
{
  memset (peer, 0, sizeof *peer);
  peer->context = zmq_ctx_new ();
  peer->socket = open_socket (peer, type);
}

static void
peer_clear (Peer *peer)
{
  if (peer->second != NULL)
    zmq_close (peer->second);
  zmq_close (peer->socket);
  zmq_ctx_term (peer->context);
}

/* ---- a client of Plant Imager */

/* A client that gets no answer gives up and connects again. */
static char *
ask (Peer       *peer,
     const char *url,
     const char *request)
{
  char *reply = NULL;

  for (guint i = 0; i < 2 && reply == NULL; i++)
    {
      zmq_close (peer->socket);
      peer->socket = open_socket (peer, ZMQ_REQ);
      zmq_connect (peer->socket, url);
      torture_send (peer->socket, request);
      torture_wait ((reply = torture_receive (peer->socket)) != NULL, 3000);
    }
  if (reply == NULL)
    g_error ("Nothing answers %s", request);
  g_assert_true (g_utf8_validate (reply, -1, NULL));
  return reply;
}

static void
ask_each (Peer       *peer,
          const char *url)
{
  static const char *const requests[] = {
    "{\"event\": \"GET_INVENTORY\"}",
    "{\"event\": \"METHOD_CALL\", \"method\": \"echo\", "
    "\"params\": {\"args\": [1], \"kwargs\": {}}}",
    "{\"event\": \"METHOD_CALL\", \"method\": \"think\", "
    "\"params\": {\"args\": [1], \"kwargs\": {}}}",
    "{\"event\": \"METHOD_CALL\", \"method\": \"shoot\", "
    "\"params\": {\"args\": [], \"kwargs\": {}}}",
    "{\"event\": \"PROPERTY_SET\", \"property\": \"level\", \"value\": 20}",
    "{\"event\": \"PROPERTY_GET\", \"property\": \"level\"}",
    "{}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (requests); i++)
    g_free (ask (peer, url, requests[i]));
}

void
torture_generation1 (void)
{
  g_autoptr (TestGauge) gauge = test_gauge_new ();
  g_autoptr (PlantRpcServer) server = torture_serve (gauge, NULL);
  g_autofree char *request = NULL, *reply = NULL, *pushed = NULL;
  Peer peer;

  if (server == NULL)
    return;
  peer_init (&peer, ZMQ_REQ);
  peer.second = open_socket (&peer, ZMQ_REP);
  request = g_strdup_printf (
    "{\"event\": \"INIT_SIGNALS_HANDLING\", \"address\": \"127.0.0.1\", \"port\": %u}",
    bind_socket (peer.second));
  ask_each (&peer, plant_rpc_server_get_url (server));
  reply = ask (&peer, plant_rpc_server_get_url (server), request);
  test_gauge_ping (gauge);
  for (guint i = 0;
       i < 2 && torture_wait ((pushed = torture_receive (peer.second)) != NULL, 500); i++)
    {
      g_clear_pointer (&pushed, g_free);
      torture_send (peer.second, "{\"success\": true}");
      test_gauge_measure (gauge, 1, "m");
    }
  torture_check_served (plant_rpc_server_get_url (server));
  peer_clear (&peer);
}

void
torture_generation2 (void)
{
  g_autoptr (TestGauge) gauge = test_gauge_new ();
  g_autoptr (PlantRpcServer) server = torture_serve (gauge, NULL);
  g_autofree char *reply = NULL, *published = NULL, *url = NULL;
  const char *port;
  Peer peer;

  if (server == NULL)
    return;
  peer_init (&peer, ZMQ_REQ);
  ask_each (&peer, plant_rpc_server_get_url (server));
  reply = ask (&peer, plant_rpc_server_get_url (server), "{\"event\": \"INIT_SIGNALS_HANDLING\"}");
  port = strstr (reply, "\"signal_port\": ");
  if (port != NULL)
    {
      peer.second = open_socket (&peer, ZMQ_SUB);
      zmq_setsockopt (peer.second, ZMQ_SUBSCRIBE, "", 0);
      url = g_strdup_printf ("tcp://127.0.0.1:%u", atoi (port + strlen ("\"signal_port\": ")));
      zmq_connect (peer.second, url);
      for (guint i = 0; i < 20 && published == NULL; i++)
        {
          test_gauge_ping (gauge);
          torture_wait ((published = torture_receive (peer.second)) != NULL, 100);
        }
      if (published == NULL)
        g_error ("Nothing is published");
    }
  torture_check_served (plant_rpc_server_get_url (server));
  peer_clear (&peer);
}

/* The client connects to the port that the server names, so the server learns its address. */
void
torture_address (void)
{
  g_autoptr (TestGauge) gauge = test_gauge_new ();
  g_autoptr (PlantRpcServer) server = torture_serve (gauge, NULL);
  g_autofree char *reply = NULL;
  g_autoptr (GSocketClient) connector = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = NULL;
  const char *port;
  Peer peer;

  if (server == NULL)
    return;
  peer_init (&peer, ZMQ_REQ);
  reply = ask (&peer, plant_rpc_server_get_url (server), "{\"event\": \"FIND_PEER_ADDRESS\"}");
  port = strstr (reply, "\"port\": ");
  if (port != NULL)
    connection = g_socket_client_connect_to_host (connector, "127.0.0.1",
                                                  atoi (port + strlen ("\"port\": ")), NULL, NULL);
  torture_wait (FALSE, 50);
  ask_each (&peer, plant_rpc_server_get_url (server));
  torture_check_served (plant_rpc_server_get_url (server));
  peer_clear (&peer);
}

/* ---- a device of Plant Imager */

/* Connects to the address that the client named for signals, and sends one. */
static void
push_signal (Peer       *peer,
             const char *request)
{
  const char *port = strstr (request, "\"port\":");
  g_autofree char *url = NULL;

  if (port == NULL || peer->second != NULL)
    return;
  url = g_strdup_printf ("tcp://127.0.0.1:%d", atoi (port + strlen ("\"port\":")));
  peer->second = open_socket (peer, ZMQ_REQ);
  zmq_connect (peer->second, url);
  torture_send (peer->second,
                "{\"event\": \"EMIT_SIGNAL\", \"signal\": \"ping\", \"args\": [], "
                "\"blocking\": false}");
}

static void
answer (Peer       *peer,
        const char *request)
{
  g_autofree char *published = NULL;

  if (strstr (request, "GET_INVENTORY") != NULL)
    torture_send (peer->socket, INVENTORY);
  else if (strstr (request, "PROPERTY_GET") != NULL)
    torture_send (peer->socket, "{\"success\": true, \"value\": 5}");
  else if (strstr (request, "METHOD_CALL") != NULL)
    torture_send (peer->socket, "{\"success\": true, \"result\": 1}");
  else if (strstr (request, "INIT_SIGNALS_HANDLING") == NULL)
    torture_send (peer->socket, "{\"success\": true}");
  else if (peer->port > 0)
    {
      published = g_strdup_printf ("{\"success\": true, \"signal_port\": %u}", peer->port);
      torture_send (peer->socket, published);
    }
  else
    {
      push_signal (peer, request);
      torture_send (peer->socket, "{\"success\": true}");
    }
}

static gboolean
serve (gpointer user_data)
{
  Peer *peer = user_data;
  g_autofree char *request = torture_receive (peer->socket);
  g_autofree char *acknowledgement = NULL;

  if (request != NULL)
    answer (peer, request);
  if (peer->port > 0)
    torture_send (peer->second, "{\"event\": \"EMIT_SIGNAL\", \"signal\": \"ping\", \"args\": [],"
                                " \"blocking\": false}");
  else if (peer->second != NULL)
    acknowledgement = torture_receive (peer->second);
  return G_SOURCE_CONTINUE;
}

/* PUBLISHES is TRUE for a device of generation 2. */
static void
use_device (gboolean publishes)
{
  g_autofree char *url = NULL;
  g_autoptr (PlantRpcClient) client = NULL;
  g_autoptr (GAsyncResult) discovered = NULL, called = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) error = NULL;
  guint id;
  Peer peer;

  peer_init (&peer, ZMQ_REP);
  url = g_strdup_printf ("tcp://127.0.0.1:%u", bind_socket (peer.socket));
  if (publishes)
    {
      peer.second = open_socket (&peer, ZMQ_PUB);
      peer.port = bind_socket (peer.second);
    }
  id = g_timeout_add (2, serve, &peer);
  plant_rpc_client_discover (url, 12000, NULL, torture_keep, &discovered);
  torture_expect (discovered != NULL);
  client = plant_rpc_client_discover_finish (discovered, &error);
  if (torture_check (client != NULL, &error))
    {
      plant_rpc_client_call (client, "echo", g_variant_new_parsed ("[<1>]"), NULL,
                             PLANT_RPC_TIMEOUT_NONE, NULL, torture_keep, &called);
      torture_expect (called != NULL);
      value = plant_rpc_client_call_finish (client, called, &error);
      torture_check (value != NULL, &error);
      torture_wait (FALSE, 300);
      plant_rpc_client_close (client);
    }
  torture_check_served (url);
  g_source_remove (id);
  peer_clear (&peer);
}

void
torture_old_device (void)
{
  use_device (FALSE);
}

void
torture_old_publisher (void)
{
  use_device (TRUE);
}
