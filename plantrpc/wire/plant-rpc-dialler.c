/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

#include "plant-rpc-dialler-private.h"
#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-greeting-private.h"
#include "plant-rpc-held-private.h"
#include "plant-rpc-lookup-private.h"
#include "plant-rpc-public-key-private.h"

/* µs that a name server has before the owner is told that it does not answer, and that a host has
 * to take the connection */
#define LOOKUP_US  (5 * G_USEC_PER_SEC)
#define CONNECT_US (5 * G_USEC_PER_SEC)

/* µs after which a look-up is what keeps a client from its server */
#define SLOW_LOOKUP_US (100 * 1000)

/* µs until the next address is tried although the one before may still answer: the “Connection
 * Attempt Delay” of RFC 8305 */
#define STAGGER_US (250 * 1000)

/* The most addresses that are tried at the same time. */
#define MAX_ATTEMPTS ((PLANT_RPC_DIALLER_MAX_POLL - 1) / 2)

typedef struct {
  PlantRpcDialler *dialler; /* (unowned) */
  PlantRpcDialled  dialled; /* (owned) */
  PlantRpcGreeting greeting;
  int              failure; /* ZMQ_EVENT_…: how the handshake has failed, while the mechanism of the
                               other end is asked for; 0: not yet */
} Attempt;

struct _PlantRpcDialler {
  PlantRpcChannelOptions      options;
  GMainContext               *context;   /* (owned) */
  const PlantRpcDiallerFuncs *funcs;
  gpointer                    owner;     /* (unowned) */

  PlantRpcKeypair            *keypair;   /* (owned) (nullable): of this end; NULL until it is
                                            needed */
  char                       *url;       /* (owned) (nullable): what is dialled, without a key;
                                            NULL: nothing is */
  PlantRpcEndpoint           *endpoint;  /* (owned) (nullable): likewise */
  PlantRpcLookup             *lookup;    /* (owned) (nullable): until its answer has been used,
                                            perhaps by the next dialling of its host */
  gint64                      looked_up; /* monotonic µs: when the look-up began for this URL */
  GPtrArray                  *addresses; /* (owned): to be tried, the next one last */
  GPtrArray                  *attempts;  /* (owned) (element-type Attempt): the oldest first */
  PlantRpcAlarm               next;      /* the next address */
  PlantRpcAlarm               end;       /* of the patience */
  GError                     *error;     /* (owned) (nullable): why an address has failed */
};

static void try_next (PlantRpcDialler *self);

static void
clear_dialler (PlantRpcDialler *self)
{
  g_ptr_array_unref (self->addresses);
  g_ptr_array_unref (self->attempts);
  g_main_context_unref (self->context);
  g_clear_pointer (&self->keypair, plant_rpc_keypair_unref);
}

PLANT_RPC_DEFINE_HELD (PlantRpcDialler, clear_dialler)

static void
dialled_clear (PlantRpcDialled *self)
{
  g_clear_pointer (&self->channel, plant_rpc_channel_discard);
  g_clear_pointer (&self->url, g_free);
  g_clear_pointer (&self->own_address, g_free);
  g_clear_pointer (&self->peer_address, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlantRpcDialled, dialled_clear)

static void
attempt_free (gpointer data)
{
  Attempt *attempt = data;

  dialled_clear (&attempt->dialled);
  g_free (attempt);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Attempt, attempt_free)

/* ---- the end of dialling */

/* A look-up goes on, for the next time that its host is dialled. */
static void
stop (PlantRpcDialler *self)
{
  plant_rpc_alarm_clear (&self->next);
  plant_rpc_alarm_clear (&self->end);
  g_ptr_array_set_size (self->addresses, 0);
  g_ptr_array_set_size (self->attempts, 0);
  g_clear_pointer (&self->endpoint, plant_rpc_endpoint_free);
  g_clear_pointer (&self->url, g_free);
  g_clear_error (&self->error);
}

void
plant_rpc_dialler_hang_up (PlantRpcDialler *self)
{
  if (self->url == NULL)
    return;
  stop (self);
  g_clear_pointer (&self->lookup, plant_rpc_lookup_free);
}

/* Takes ownership of ERROR. */
static void
fail (PlantRpcDialler *self,
      GError          *error)
{
  g_autoptr (GError) owned = error;

  stop (self);
  self->funcs->failed (self->owner, owned);
}

static void
win (PlantRpcDialler *self,
     Attempt         *attempt)
{
  g_auto (PlantRpcDialled) dialled = attempt->dialled;

  attempt->dialled = (PlantRpcDialled) { 0 };
  stop (self);
  self->funcs->connected (self->owner, &dialled);
}

static GError *
explain_silence (PlantRpcDialler *self)
{
  if (self->lookup != NULL)
    return g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                        /* Translators: the name of a computer */
                        _("The name server has not answered yet where “%s” is"),
                        self->endpoint->host);
  return g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _("“%s” did not answer the connection"),
                      self->url);
}

/* A look-up that has just begun explains nothing. If one failed before, its error tells more. */
GError *
plant_rpc_dialler_explain_look_up (PlantRpcDialler *self,
                                   const GError    *former)
{
  if (self->endpoint == NULL || self->lookup == NULL ||
      g_get_monotonic_time () < self->looked_up + SLOW_LOOKUP_US ||
      g_error_matches (former, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE) ||
      g_error_matches (former, G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND))
    return NULL;
  return explain_silence (self);
}

/* ---- an attempt */

/* Returns NULL if the keys do not explain it. MECHANISM is that of the other end. */
static GError *
explain_mistrust (PlantRpcDialler   *self,
                  int                event,
                  PlantRpcMechanism  mechanism)
{
  const char *key = self->endpoint->key;

  if (key == NULL && mechanism == PLANT_RPC_MECHANISM_CURVE)
    return g_error_new (G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                        /* Translators: the address of a device */
                        _("“%s” is secured: its key belongs at the end of the address, after a "
                          "“#”"), self->url);
  if (key == NULL)
    return NULL;
  if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)
    return g_error_new (G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                        /* Translators: the address of a device, and a public key */
                        _("“%s” does not know this client; ask its owner to allow the key %s"),
                        self->url, plant_rpc_keypair_get_public_key (self->keypair));
  if (mechanism == PLANT_RPC_MECHANISM_CURVE)
    return g_error_new (G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                        /* Translators: the address of a device, and a public key */
                        _("“%s” has another key than %s; somebody may pose as the device, or it "
                          "was set up anew"), self->url, key);
  if (mechanism == PLANT_RPC_MECHANISM_NULL)
    return g_error_new (G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                        /* Translators: the address of a device, and a public key */
                        _("“%s” is not secured, although its key %s is known; somebody may pose as "
                          "the device"), self->url, key);
  return NULL;
}

static GError *
explain_failure (PlantRpcDialler   *self,
                 int                event,
                 PlantRpcMechanism  mechanism)
{
  GError *error = explain_mistrust (self, event, mechanism);

  if (error != NULL)
    return error;
  switch (event)
    {
    case ZMQ_EVENT_DISCONNECTED:
      return g_error_new (G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
                          _("The connection to “%s” was closed"), self->url);
    case ZMQ_EVENT_CLOSED:
      return g_error_new (G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED, _("Nobody listens at “%s”"),
                          self->url);
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
      return g_error_new (G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                          _("“%s” refuses this client"), self->url);
    default:
      return g_error_new (G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                          _("“%s” does not speak ZeroMQ, or not as this client does"), self->url);
    }
}

/* Of several addresses the one that somebody listens at tells most. It takes ownership of ERROR. */
static void
note_failure (PlantRpcDialler *self,
              GError          *error)
{
  const gboolean telling = !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);

  if (self->error != NULL && !telling)
    {
      g_error_free (error);
      return;
    }
  g_clear_error (&self->error);
  self->error = error;
}

static void
end_attempt (PlantRpcDialler   *self,
             Attempt           *attempt,
             int                event,
             PlantRpcMechanism  mechanism)
{
  note_failure (self, explain_failure (self, event, mechanism));
  g_ptr_array_remove (self->attempts, attempt);
  try_next (self);
}

/* ---- the mechanism of the other end */

static void
on_greeting (gpointer        user_data,
             PlantRpcFrames *frames)
{
  Attempt *attempt = user_data;
  g_autoptr (Held) held = g_rc_box_acquire (attempt->dialler);
  PlantRpcMechanism mechanism = plant_rpc_greeting_take (
      &attempt->greeting, plant_rpc_channel_get_socket (attempt->dialled.channel), frames);

  if (mechanism != PLANT_RPC_MECHANISM_PENDING)
    end_attempt (attempt->dialler, attempt, attempt->failure, mechanism);
}

static void
on_greeting_reported (gpointer                   user_data,
                      const PlantRpcSocketEvent *event)
{
  Attempt *attempt = user_data;
  g_autoptr (Held) held = g_rc_box_acquire (attempt->dialler);

  if (event->type == ZMQ_EVENT_DISCONNECTED || event->type == ZMQ_EVENT_CLOSED)
    end_attempt (attempt->dialler, attempt, attempt->failure, PLANT_RPC_MECHANISM_OTHER);
}

static const PlantRpcChannelFuncs greeting_funcs = {
  .received = on_greeting,
  .reported = on_greeting_reported,
};

/* Whether keys are the reason for a failed handshake is seen in what the other end asks for. */
static gboolean
ask_mechanism (PlantRpcDialler *self,
               Attempt         *attempt,
               int              event)
{
  const PlantRpcChannelOptions options = {
    .name = self->options.name,
    .type = ZMQ_STREAM,
    .events = ZMQ_EVENT_ALL,
    .keepalive = PLANT_RPC_KEEPALIVE_ALERT,
  };

  if (!self->endpoint->tcp || (event != ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL &&
                               event != ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL))
    return FALSE;
  attempt->failure = event;
  plant_rpc_channel_discard (attempt->dialled.channel);
  attempt->dialled.channel =
      plant_rpc_channel_new (&options, self->context, &greeting_funcs, attempt, NULL);
  return attempt->dialled.channel != NULL &&
         plant_rpc_channel_connect (attempt->dialled.channel, attempt->dialled.url, NULL);
}

static void
lose (PlantRpcDialler *self,
      Attempt         *attempt,
      int              event)
{
  if (!ask_mechanism (self, attempt, event))
    end_attempt (self, attempt, event, PLANT_RPC_MECHANISM_OTHER);
}

static void
note_addresses (PlantRpcDialled *dialled,
                int              fd)
{
  g_free (dialled->own_address);
  dialled->own_address = plant_rpc_channel_dup_address (fd, getsockname);
  g_free (dialled->peer_address);
  dialled->peer_address = plant_rpc_channel_dup_address (fd, getpeername);
}

static void
on_reported (gpointer                   user_data,
             const PlantRpcSocketEvent *event)
{
  Attempt *attempt = user_data;
  g_autoptr (Held) held = g_rc_box_acquire (attempt->dialler);

  switch (event->type)
    {
    case ZMQ_EVENT_CONNECTED:
      note_addresses (&attempt->dialled, (int) event->value);
      break;
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
      win (attempt->dialler, attempt);
      break;
    case ZMQ_EVENT_DISCONNECTED:
    case ZMQ_EVENT_CLOSED:
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
      lose (attempt->dialler, attempt, event->type);
      break;
    default:
      break;
    }
}

/* The message may be seen before the event of the handshake, which came first. Whoever has taken
 * the channel then gets the message. */
static void
on_received (gpointer        user_data,
             PlantRpcFrames *frames)
{
  Attempt *attempt = user_data;
  PlantRpcChannel *channel = attempt->dialled.channel;
  g_autoptr (Held) self = g_rc_box_acquire (attempt->dialler);

  plant_rpc_channel_take_events (channel);
  if (!g_ptr_array_find (self->attempts, attempt, NULL))
    plant_rpc_channel_hand_on (channel, frames);
}

static const PlantRpcChannelFuncs channel_funcs = {
  .received = on_received,
  .reported = on_reported,
};

/* Returns a channel that is secured if the URL has a key. */
static PlantRpcChannel *
make_channel (PlantRpcDialler  *self,
              Attempt          *attempt,
              GError          **error)
{
  PlantRpcChannelOptions options = self->options;
  guint8 key[PLANT_RPC_PUBLIC_KEY_SIZE];
  const PlantRpcSecurity security = { .keypair = self->keypair, .server_key = key };

  if (self->endpoint->key != NULL)
    {
      plant_rpc_public_key_parse (self->endpoint->key, key);
      options.security = &security;
      attempt->dialled.secured = TRUE;
    }
  return plant_rpc_channel_new (&options, self->context, &channel_funcs, attempt, error);
}

static gboolean
begin_attempt (PlantRpcDialler  *self,
               const char       *address,
               GError          **error)
{
  g_autoptr (Attempt) attempt = g_new0 (Attempt, 1);

  attempt->dialler = self;
  attempt->dialled.url = plant_rpc_endpoint_print_at (self->endpoint, address, 0);
  attempt->dialled.channel = make_channel (self, attempt, error);
  if (attempt->dialled.channel == NULL ||
      !plant_rpc_channel_connect (attempt->dialled.channel, attempt->dialled.url, error))
    return FALSE;
  if (self->attempts->len == MAX_ATTEMPTS)
    g_ptr_array_remove_index (self->attempts, 0);
  g_ptr_array_add (self->attempts, g_steal_pointer (&attempt));
  return TRUE;
}

/* ---- the end of the patience */

/* A failed handshake tells more than silence. */
static void
note_unanswered (PlantRpcDialler *self)
{
  for (guint i = 0; i < self->attempts->len; i++)
    {
      Attempt *attempt = self->attempts->pdata[i];

      if (attempt->failure != 0)
        note_failure (self, explain_failure (self, attempt->failure, PLANT_RPC_MECHANISM_OTHER));
    }
}

static void
on_end (gpointer owner,
        gint64   now)
{
  PlantRpcDialler *self = owner;

  g_clear_error (&self->error);
  note_unanswered (self);
  fail (self, self->error != NULL ? g_steal_pointer (&self->error) : explain_silence (self));
}

/* ---- the addresses */

static void
try_next (PlantRpcDialler *self)
{
  gboolean begun = FALSE;

  plant_rpc_alarm_clear (&self->next);
  while (!begun && self->addresses->len > 0)
    {
      g_autofree char *address =
          g_ptr_array_steal_index (self->addresses, self->addresses->len - 1);
      GError *error = NULL;

      begun = begin_attempt (self, address, &error);
      if (!begun)
        note_failure (self, error);
    }
  if (self->attempts->len == 0)
    fail (self, g_steal_pointer (&self->error));
  else if (self->addresses->len > 0)
    plant_rpc_alarm_set_after (&self->next, STAGGER_US);
}

static void
on_next (gpointer owner,
         gint64   now)
{
  try_next (owner);
}

static void
begin (PlantRpcDialler *self)
{
  plant_rpc_alarm_set_after (&self->end, CONNECT_US);
  try_next (self);
}

/* ---- the name */

static void
use_lookup (PlantRpcDialler *self)
{
  g_autoptr (PlantRpcLookup) lookup = g_steal_pointer (&self->lookup);
  GError *error = NULL;
  g_autoptr (GPtrArray) found = plant_rpc_lookup_list (lookup, &error);

  if (found == NULL)
    {
      fail (self, error);
      return;
    }
  while (found->len > 0)
    g_ptr_array_add (self->addresses, g_ptr_array_steal_index (found, found->len - 1));
  begin (self);
}

/* If the patience is at an end, the answer is kept until the host is dialled again. */
static void
on_over (gpointer owner)
{
  PlantRpcDialler *self = owner;

  if (self->endpoint != NULL)
    use_lookup (self);
}

static void
drop_other_lookup (PlantRpcDialler *self)
{
  if (self->lookup == NULL)
    return;
  if (!g_str_equal (plant_rpc_lookup_get_host (self->lookup), self->endpoint->host) ||
      plant_rpc_lookup_is_stale (self->lookup))
    g_clear_pointer (&self->lookup, plant_rpc_lookup_free);
}

static void
look_up (PlantRpcDialler *self)
{
  GError *error = NULL;

  self->looked_up = g_get_monotonic_time ();
  drop_other_lookup (self);
  if (self->lookup == NULL)
    self->lookup =
        plant_rpc_lookup_new (self->endpoint->host, self->context, on_over, self, &error);
  if (self->lookup == NULL)
    fail (self, error);
  else if (plant_rpc_lookup_is_over (self->lookup))
    use_lookup (self);
  else
    plant_rpc_alarm_set_after (&self->end, LOOKUP_US);
}

/* ---- for the owner */

PlantRpcDialler *
plant_rpc_dialler_new (const PlantRpcChannelOptions *options,
                       GMainContext                 *context,
                       PlantRpcTimer                *timer,
                       const PlantRpcDiallerFuncs   *funcs,
                       gpointer                      owner)
{
  PlantRpcDialler *self = g_rc_box_new0 (PlantRpcDialler);

  self->options = *options;
  self->options.events = ZMQ_EVENT_ALL;
  self->context = g_main_context_ref (context);
  self->funcs = funcs;
  self->owner = owner;
  self->addresses = g_ptr_array_new_with_free_func (g_free);
  self->attempts = g_ptr_array_new_with_free_func (attempt_free);
  plant_rpc_alarm_init (&self->next, timer, "next address", on_next, self);
  plant_rpc_alarm_init (&self->end, timer, "connecting", on_end, self);
  return self;
}

void
plant_rpc_dialler_free (PlantRpcDialler *self)
{
  stop (self);
  g_clear_pointer (&self->lookup, plant_rpc_lookup_free);
  release (self);
}

void
plant_rpc_dialler_set_keypair (PlantRpcDialler *self,
                               PlantRpcKeypair *keypair)
{
  g_clear_pointer (&self->keypair, plant_rpc_keypair_unref);
  self->keypair = keypair != NULL ? plant_rpc_keypair_ref (keypair) : NULL;
}

PlantRpcKeypair *
plant_rpc_dialler_get_keypair (PlantRpcDialler *self)
{
  return self->keypair;
}

static gboolean
find_keypair (PlantRpcDialler  *self,
              GError          **error)
{
  if (self->endpoint->key != NULL && self->keypair == NULL)
    self->keypair = plant_rpc_keypair_ensure (PLANT_RPC_USER_KEYPAIR, error);
  return self->endpoint->key == NULL || self->keypair != NULL;
}

void
plant_rpc_dialler_dial (PlantRpcDialler *self,
                        const char      *url)
{
  g_autoptr (Held) held = g_rc_box_acquire (self);
  GError *error = NULL;

  stop (self);
  self->url = plant_rpc_endpoint_strip_key (url);
  self->endpoint = plant_rpc_endpoint_parse (url, &error);
  if (self->endpoint == NULL || !find_keypair (self, &error))
    {
      fail (self, error);
    }
  else if (plant_rpc_endpoint_has_name (self->endpoint))
    {
      look_up (self);
    }
  else
    {
      g_ptr_array_add (self->addresses, g_strdup (self->endpoint->host));
      begin (self);
    }
}

guint
plant_rpc_dialler_fill_poll (PlantRpcDialler *self,
                             zmq_pollitem_t  *items)
{
  guint n_items = 0;

  if (self->endpoint != NULL && self->lookup != NULL)
    n_items += plant_rpc_lookup_fill_poll (self->lookup, items);
  for (guint i = 0; i < self->attempts->len; i++)
    n_items += plant_rpc_channel_fill_poll (((Attempt *) self->attempts->pdata[i])->dialled.channel,
                                            items + n_items);
  return n_items;
}

/* An attempt that is passed over since another one has ended has its turn the next time. */
void
plant_rpc_dialler_process (PlantRpcDialler *self)
{
  g_autoptr (Held) held = g_rc_box_acquire (self);

  if (self->endpoint != NULL && self->lookup != NULL)
    plant_rpc_lookup_process (self->lookup);
  for (guint i = 0; i < self->attempts->len; i++)
    plant_rpc_channel_process (((Attempt *) self->attempts->pdata[i])->dialled.channel);
}
