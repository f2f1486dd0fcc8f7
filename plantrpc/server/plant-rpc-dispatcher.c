/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-dispatcher-parts-private.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-json-reader-private.h"
#include "plant-rpc-log-private.h"
#include "plant-rpc-peer-locale-private.h"
#include "plant-rpc-reply-sender-private.h"

#define N_INVENTORIES G_N_ELEMENTS (((PlantRpcDispatcher *) NULL)->inventories)

static void
clear_inventories (PlantRpcDispatcher *self)
{
  for (guint i = 0; i < N_INVENTORIES; i++)
    g_clear_pointer (&self->inventories[i], g_bytes_unref);
}

static void
clear_dispatcher (gpointer data)
{
  PlantRpcDispatcher *self = data;

  /* If it could not be started, it was not closed. */
  g_clear_pointer (&self->guard, plant_rpc_guard_free);
  clear_inventories (self);
  g_clear_pointer (&self->interface, plant_rpc_interface_info_unref);
}

void
plant_rpc_dispatcher_unref (PlantRpcDispatcher *self)
{
  g_rc_box_release_full (self, clear_dispatcher);
}

/* ---- replies */

/* A traceback tells how the device is made. Where everybody is let in, only this computer gets
 * it. */
static gboolean
may_see_tracebacks (PlantRpcDispatcher     *self,
                    const PlantRpcEnvelope *envelope)
{
  const char *key;

  if (self->guard == NULL)
    return plant_rpc_router_is_near (self->router, envelope->connection);
  key = plant_rpc_router_peek_key (self->router, envelope->connection);
  return plant_rpc_guard_find_role (self->guard, key) == PLANT_RPC_ROLE_ADMINISTRATOR;
}

static GVariant *
read_all (PlantRpcDispatcher     *self,
          const PlantRpcIncoming *incoming)
{
  return plant_rpc_reader_read_all (self->reader,
                                    may_see_tracebacks (self, incoming->envelope));
}

void
plant_rpc_dispatcher_send (PlantRpcDispatcher     *self,
                           const PlantRpcEnvelope *envelope,
                           PlantRpcFormat          format,
                           PlantRpcEvent           event,
                           const PlantRpcReply    *reply)
{
  if (self->closed)
    return;
  if (reply->error != NULL && !may_see_tracebacks (self, envelope))
    plant_rpc_error_drop_traceback (reply->error);
  plant_rpc_publisher_flush (self->publisher);
  plant_rpc_reply_sender_send (reply, self->router, envelope, format, event);
}

void
plant_rpc_dispatcher_answer (PlantRpcDispatcher     *self,
                             const PlantRpcIncoming *incoming,
                             const PlantRpcReply    *reply)
{
  plant_rpc_dispatcher_send (self, incoming->envelope, incoming->request->format,
                             incoming->request->event, reply);
}

/* Takes ownership of VALUE, which is NULL if there is nothing to return. */
static void
answer_value (PlantRpcDispatcher     *self,
              const PlantRpcIncoming *incoming,
              GVariant               *value)
{
  g_auto (PlantRpcReply) reply = { .value = value };

  plant_rpc_dispatcher_answer (self, incoming, &reply);
}

void
plant_rpc_dispatcher_answer_error (PlantRpcDispatcher     *self,
                                   const PlantRpcIncoming *incoming,
                                   GError                 *error)
{
  g_auto (PlantRpcReply) reply = { .error = error };

  plant_rpc_dispatcher_answer (self, incoming, &reply);
}

/* ---- methods */

static PlantRpcInvocation *
add_call (PlantRpcDispatcher     *self,
          const PlantRpcIncoming *incoming,
          PlantRpcMethodInfo     *info,
          GVariant               *args,
          GError                **error)
{
  PlantRpcRequest *request = incoming->request;
  g_autofree char *sender = plant_rpc_router_dup_address (self->router, incoming->arrived);
  g_auto (PlantRpcJob) job = {
    .envelope = *incoming->envelope,
    .format = request->format,
    .event = request->event,
  };
  const PlantRpcInvocationAsk ask = {
    .kind = info->buffer ? PLANT_RPC_INVOCATION_BUFFER : PLANT_RPC_INVOCATION_JSON,
    .name = info->name,
    .method = info,
    .args = args,
    .kwargs = info->signature == NULL ? request->kwargs : NULL,
    .sender = sender,
  };

  return plant_rpc_jobs_add (self->jobs, &job, &ask, error);
}

/* The interface also has the signatures that were declared for the object's type. */
static PlantRpcMethodInfo *
find_method_info (PlantRpcDispatcher *self,
                  PlantRpcMethod     *method)
{
  PlantRpcMethodInfo *own = plant_rpc_method_get_info (method);
  PlantRpcMethodInfo *offered =
      plant_rpc_interface_info_find_method (self->interface, own->name);

  return offered != NULL ? offered : own;
}

static GVariant *
bind_arguments (PlantRpcMethodInfo     *info,
                const PlantRpcRequest  *request,
                GError                **error)
{
  g_auto (PlantRpcPeerLocale) locale = plant_rpc_peer_locale_enter ();

  return plant_rpc_method_info_bind (info, request->args, request->kwargs, error);
}

static void
handle_call (PlantRpcDispatcher     *self,
             const PlantRpcIncoming *incoming)
{
  PlantRpcRequest *request = incoming->request;
  PlantRpcMethod *method = plant_rpc_offer_find_method (self->offer, request->name);
  PlantRpcMethodInfo *info;
  g_autoptr (GVariant) args = NULL;
  PlantRpcInvocation *invocation = NULL;
  GError *error = NULL;

  if (method == NULL)
    {
      plant_rpc_dispatcher_answer_error (
          self, incoming, plant_rpc_offer_explain (self->offer, request->name, NULL));
      return;
    }
  info = find_method_info (self, method);
  args = bind_arguments (info, request, &error);
  if (args != NULL)
    invocation = add_call (self, incoming, info, args, &error);
  if (invocation == NULL)
    plant_rpc_dispatcher_answer_error (self, incoming, error);
  else
    plant_rpc_method_run (method, invocation);
}

/* ---- signals and property changes */

/* A PORT of 0 is none. */
static void
answer_port (PlantRpcDispatcher     *self,
             const PlantRpcIncoming *incoming,
             const char             *member,
             guint16                 port)
{
  GVariantBuilder value;

  g_variant_builder_init (&value, G_VARIANT_TYPE_VARDICT);
  if (port != 0)
    g_variant_builder_add (&value, "{sv}", member, g_variant_new_int64 (port));
  answer_value (self, incoming, g_variant_ref_sink (g_variant_builder_end (&value)));
}

static void
handle_subscribe (PlantRpcDispatcher     *self,
                  const PlantRpcIncoming *incoming)
{
  GError *error = NULL;
  GVariant *values;

  if (!plant_rpc_publisher_subscribe_native (
          self->publisher, incoming->envelope, incoming->request->number,
          incoming->request->event == PLANT_RPC_EVENT_SUBSCRIBE_BUNDLED, &error))
    {
      plant_rpc_dispatcher_answer_error (self, incoming, error);
      return;
    }
  values = read_all (self, incoming);
  answer_value (self, incoming, values);
  if (!self->closed)
    plant_rpc_publisher_release_native (self->publisher, incoming->envelope);
}

static void
handle_init_signals (PlantRpcDispatcher     *self,
                     const PlantRpcIncoming *incoming)
{
  PlantRpcRequest *request = incoming->request;
  GError *error = NULL;
  guint16 port = 0;

  if (request->address != NULL)
    plant_rpc_publisher_subscribe_generation1 (self->publisher, incoming->envelope,
                                               request->address, request->port, &error);
  else
    port = plant_rpc_publisher_subscribe_generation2 (self->publisher, &error);
  /* A client that speaks both generations takes a server that tells a port for generation 2, and
   * would hear everything twice. */
  if (error != NULL)
    plant_rpc_dispatcher_answer_error (self, incoming, error);
  else
    answer_port (self, incoming, "signal_port", port);
}

static void
handle_find_address (PlantRpcDispatcher     *self,
                     const PlantRpcIncoming *incoming)
{
  const PlantRpcEndpoint *endpoint = self->entrance.endpoint;
  const char *host = endpoint->tcp ? endpoint->host : "127.0.0.1";
  GError *error = NULL;
  guint16 port = plant_rpc_address_listener_open (self->listener, host, &error);

  if (port == 0)
    plant_rpc_dispatcher_answer_error (self, incoming, error);
  else
    answer_port (self, incoming, "port", port);
}

static void
on_emitted (gpointer                owner,
            const PlantRpcEmission *emission)
{
  PlantRpcDispatcher *self = owner;
  PlantRpcEmission marked = *emission;

  marked.typed = self->state->legacy;
  plant_rpc_publisher_emit (self->publisher, &marked);
}

static void
on_heard (gpointer owner,
          gboolean heard)
{
  PlantRpcDispatcher *self = owner;

  plant_rpc_exported_object_set_heard (self->exported, heard);
}

static gboolean
knows_signal (gpointer    owner,
              const char *name)
{
  PlantRpcDispatcher *self = owner;

  return plant_rpc_interface_info_find_signal (self->interface, name) != NULL;
}

/* ---- the other events */

static GBytes *
pack_inventory (PlantRpcDispatcher  *self,
                gboolean             extended,
                PlantRpcRole         role,
                GError             **error)
{
  g_auto (PlantRpcPeerLocale) locale = plant_rpc_peer_locale_enter ();

  return plant_rpc_interface_info_pack_inventory (self->interface, self->state->name,
                                                  extended ? self->state->uuid : NULL, role,
                                                  (const char *const *) self->state->relays,
                                                  error);
}

static void
handle_inventory (PlantRpcDispatcher     *self,
                  const PlantRpcIncoming *incoming)
{
  gboolean extended = incoming->request->native_version > 0;
  GBytes **inventory = &self->inventories[extended ? incoming->role : N_INVENTORIES - 1];
  GError *error = NULL;

  if (*inventory == NULL)
    *inventory = pack_inventory (self, extended, incoming->role, &error);
  if (*inventory == NULL)
    {
      plant_rpc_dispatcher_answer_error (self, incoming, error);
      return;
    }
  plant_rpc_publisher_flush (self->publisher);
  plant_rpc_router_send (self->router, incoming->envelope, *inventory, NULL);
}

static void
handle_stop (PlantRpcDispatcher     *self,
             const PlantRpcIncoming *incoming)
{
  if (!self->state->allow_stop)
    {
      plant_rpc_dispatcher_answer_error (
          self, incoming,
          g_error_new_literal (PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED,
                               "This server does not let itself be stopped"));
      return;
    }
  answer_value (self, incoming, NULL);
  self->funcs->stop (self->owner);
}

static void
handle_request (PlantRpcDispatcher     *self,
                const PlantRpcIncoming *incoming)
{
  switch (incoming->request->event)
    {
    case PLANT_RPC_EVENT_GET_INVENTORY:
      handle_inventory (self, incoming);
      break;
    case PLANT_RPC_EVENT_FIND_PEER_ADDRESS:
      handle_find_address (self, incoming);
      break;
    case PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING:
      handle_init_signals (self, incoming);
      break;
    case PLANT_RPC_EVENT_METHOD_CALL:
      handle_call (self, incoming);
      break;
    case PLANT_RPC_EVENT_PROPERTY_GET:
      plant_rpc_dispatcher_handle_get (self, incoming);
      break;
    case PLANT_RPC_EVENT_PROPERTY_SET:
      plant_rpc_dispatcher_handle_set (self, incoming);
      break;
    case PLANT_RPC_EVENT_STOP_SERVER:
      handle_stop (self, incoming);
      break;
    case PLANT_RPC_EVENT_GET_ALL:
      answer_value (self, incoming, read_all (self, incoming));
      break;
    case PLANT_RPC_EVENT_SUBSCRIBE:
    case PLANT_RPC_EVENT_SUBSCRIBE_BUNDLED:
      handle_subscribe (self, incoming);
      break;
    case PLANT_RPC_EVENT_CREDIT:
      plant_rpc_publisher_credit_native (self->publisher, incoming->envelope,
                                         incoming->request->number);
      break;
    case PLANT_RPC_EVENT_CANCEL:
      plant_rpc_jobs_cancel (self->jobs, incoming->envelope, incoming->request->number);
      break;
    case PLANT_RPC_EVENT_JOIN: /* has been handled before */
    default:
      break;
    }
}

/* ---- the router */

static gboolean
unpack (PlantRpcDispatcher  *self,
        PlantRpcRequest     *request,
        PlantRpcArrived     *arrived,
        GError             **error)
{
  g_auto (PlantRpcPeerLocale) locale = plant_rpc_peer_locale_enter ();
  g_autoptr (GBytes) payload = g_steal_pointer (&arrived->payload);

  if (arrived->whole)
    return plant_rpc_request_unpack (request, payload, error);
  request->format = plant_rpc_message_get_format (payload);
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_PROTOCOL,
                               "A request has exactly one frame behind the delimiter");
}

static PlantRpcRole
find_role (PlantRpcDispatcher    *self,
           const PlantRpcArrived *arrived)
{
  if (self->guard == NULL)
    return self->entrance.role;
  return plant_rpc_guard_find_role (self->guard,
                                    plant_rpc_router_peek_sender (self->router, arrived));
}

static gboolean
has_reply (const PlantRpcRequest *request)
{
  return request->event != PLANT_RPC_EVENT_CREDIT && request->event != PLANT_RPC_EVENT_CANCEL;
}

static gboolean
is_stranger (PlantRpcDispatcher     *self,
             const PlantRpcIncoming *incoming)
{
  return self->guard != NULL && incoming->role == PLANT_RPC_ROLE_NONE;
}

/* Who may not even read is not told whether a request is well-formed, nor what there is. */
static void
answer_stranger (PlantRpcDispatcher     *self,
                 const PlantRpcIncoming *incoming)
{
  const char *key = plant_rpc_router_peek_sender (self->router, incoming->arrived);

  if (!has_reply (incoming->request))
    return;
  plant_rpc_dispatcher_answer_error (
      self, incoming,
      g_error_new_literal (PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED,
                           plant_rpc_guard_is_invited (self->guard, key)
                               ? "An invitation can only be used to join"
                               : "The key of this client is no longer allowed"));
}

static void
handle_join (PlantRpcDispatcher     *self,
             const PlantRpcIncoming *incoming)
{
  g_autofree char *address = plant_rpc_router_dup_address (self->router, incoming->arrived);
  const PlantRpcJoin join = {
    .invitation = plant_rpc_router_peek_sender (self->router, incoming->arrived),
    .key = incoming->request->key,
    .name = incoming->request->name,
    .address = address,
  };
  GError *error = NULL;
  const char *outcome = NULL;

  if (self->guard != NULL)
    outcome = plant_rpc_guard_join (self->guard, &join, &error);
  else
    plant_rpc_error_fail (&error, PLANT_RPC_ERROR_REFUSED,
                          "This server is not secured, so nobody needs to join");
  if (outcome == NULL)
    plant_rpc_dispatcher_answer_error (self, incoming, error);
  else
    answer_value (self, incoming, g_variant_ref_sink (g_variant_new_string (outcome)));
}

/* A relay asks for the inventory to learn whether it stands in a circle. */
static void
answer_absent (PlantRpcDispatcher     *self,
               const PlantRpcIncoming *incoming)
{
  g_autoptr (GBytes) payload = NULL;

  if (incoming->request->event == PLANT_RPC_EVENT_GET_INVENTORY &&
      incoming->request->native_version > 0 && self->state->relays != NULL)
    payload = plant_rpc_inventory_pack_absent (
        self->state->absent, (const char *const *) self->state->relays, NULL);
  if (payload != NULL)
    plant_rpc_router_send (self->router, incoming->envelope, payload, NULL);
  else if (has_reply (incoming->request))
    plant_rpc_dispatcher_answer_error (self, incoming, g_error_copy (self->state->absent));
}

static void
handle_allowed (PlantRpcDispatcher     *self,
                const PlantRpcIncoming *incoming)
{
  if (self->state->absent != NULL)
    answer_absent (self, incoming);
  else
    handle_request (self, incoming);
}

static void
handle_guarded (PlantRpcDispatcher     *self,
                const PlantRpcIncoming *incoming)
{
  GError *error = NULL;

  if (incoming->request->event == PLANT_RPC_EVENT_JOIN)
    handle_join (self, incoming);
  else if (is_stranger (self, incoming))
    answer_stranger (self, incoming);
  else if (plant_rpc_guard_check (self->guard, incoming->role, incoming->request,
                                  self->interface, &error))
    handle_allowed (self, incoming);
  else
    plant_rpc_dispatcher_answer_error (self, incoming, error);
}

static void
on_received (gpointer         owner,
             PlantRpcArrived *arrived)
{
  g_autoptr (PlantRpcDispatcher) self = g_rc_box_acquire (owner);
  g_auto (PlantRpcRequest) request = { 0 };
  const PlantRpcIncoming incoming = { arrived->envelope, arrived, &request,
                                      find_role (self, arrived) };
  GError *error = NULL;

  if (unpack (self, &request, arrived, &error))
    {
      handle_guarded (self, &incoming);
      return;
    }
  if (is_stranger (self, &incoming))
    {
      g_error_free (error);
      answer_stranger (self, &incoming);
      return;
    }
  /* The name is that of a method whose parameters are wrong. */
  if (request.name != NULL)
    error = plant_rpc_offer_explain (self->offer, request.name, error);
  plant_rpc_dispatcher_answer_error (self, &incoming, error);
}

static GBytes *
on_refused (gpointer        owner,
            PlantRpcFrames *frames,
            guint           payload_index)
{
  g_autoptr (GBytes) payload = plant_rpc_frames_steal_payload (frames, payload_index);

  return plant_rpc_reply_sender_pack_error (
      plant_rpc_message_get_format (payload), PLANT_RPC_ERROR_LIMIT,
      "The frames before the delimiter are too many or too long");
}

static void
on_left (gpointer owner,
         guint64  connection)
{
  g_autoptr (PlantRpcDispatcher) self = g_rc_box_acquire (owner);

  plant_rpc_publisher_remove_connection (self->publisher, connection);
  plant_rpc_jobs_remove_connection (self->jobs, connection);
}

static gsize
on_give_way (gpointer owner,
             guint64  connection)
{
  PlantRpcDispatcher *self = owner;

  return plant_rpc_publisher_give_way (self->publisher, connection);
}

static void
on_connected (gpointer    owner,
              const char *address)
{
  g_autoptr (PlantRpcDispatcher) self = g_rc_box_acquire (owner);

  self->funcs->connected (self->owner, address);
}

/* A lane is memory and a descriptor for somebody who may do something. */
static gboolean
on_lane_wanted (gpointer owner,
                guint64  connection)
{
  PlantRpcDispatcher *self = owner;

  return self->guard == NULL ||
         plant_rpc_guard_find_role (self->guard,
                                    plant_rpc_router_peek_key (self->router, connection)) !=
             PLANT_RPC_ROLE_NONE;
}

static void
on_key_changed (gpointer    owner,
                const char *key)
{
  PlantRpcDispatcher *self = owner;

  plant_rpc_router_end_key (self->router, key);
}

/* ---- its life */

static const PlantRpcRouterFuncs router_funcs = {
  .received = on_received,
  .refused = on_refused,
  .left = on_left,
  .connected = on_connected,
  .give_way = on_give_way,
  .may_have_lane = on_lane_wanted,
};

static const PlantRpcExportedObjectFuncs exported_funcs = {
  .emitted = on_emitted,
  .changed = plant_rpc_dispatcher_take_change,
};

static const PlantRpcPublisherFuncs publisher_funcs = {
  .heard = on_heard,
  .knows_signal = knows_signal,
};

static gboolean
open_router (PlantRpcDispatcher          *self,
             const PlantRpcServiceState  *state,
             GMainContext                *context,
             GError                     **error)
{
  const PlantRpcSecurity *security = NULL;

  if (self->entrance.secured)
    {
      self->guard = plant_rpc_guard_new (state->authenticator, state->keypair, context,
                                         on_key_changed, self, error);
      if (self->guard == NULL)
        return FALSE;
      security = plant_rpc_guard_get_security (self->guard);
    }
  self->router = plant_rpc_router_new (self->entrance.endpoint, security, context,
                                       MIN (state->max_unread, G_MAXSIZE), &router_funcs, self,
                                       error);
  return self->router != NULL;
}

static void
open_object (PlantRpcDispatcher *self)
{
  self->exported = plant_rpc_exported_object_new (plant_rpc_offer_get_object (self->offer),
                                                  self->interface, self->handover,
                                                  &exported_funcs, self);
  self->reader = plant_rpc_reader_new (self->offer, self->interface, self->exported,
                                       self->handover, plant_rpc_dispatcher_tell_change, self);
  self->jobs = plant_rpc_jobs_new (self->handover, self->state->max_peer_calls,
                                   plant_rpc_dispatcher_finish_job, self);
}

PlantRpcDispatcher *
plant_rpc_dispatcher_new (const PlantRpcServiceState     *state,
                          const PlantRpcEntrance         *entrance,
                          PlantRpcOffer                  *offer,
                          GMainContext                   *context,
                          const PlantRpcDispatcherFuncs  *funcs,
                          gpointer                        owner,
                          GError                        **error)
{
  PlantRpcInterfaceInfo *interface = plant_rpc_offer_get_interface (offer, error);
  g_autoptr (PlantRpcDispatcher) self = g_rc_box_new0 (PlantRpcDispatcher);

  self->entrance = *entrance;
  if (interface == NULL || !open_router (self, state, context, error))
    return NULL;
  self->funcs = funcs;
  self->owner = owner;
  self->state = state;
  self->offer = offer;
  self->interface = plant_rpc_interface_info_ref (interface);
  self->handover = plant_rpc_handover_new (context);
  open_object (self);
  self->publisher = plant_rpc_publisher_new (self->router, entrance->endpoint, context,
                                             &publisher_funcs, self);
  self->listener = plant_rpc_address_listener_new (context);
  return g_steal_pointer (&self);
}

/* Jobs and reads are cancelled last, since that may run code that must find everything else
 * closed. */
void
plant_rpc_dispatcher_close (PlantRpcDispatcher *self)
{
  PlantRpcJobs *jobs = g_steal_pointer (&self->jobs);
  PlantRpcReader *reader = g_steal_pointer (&self->reader);

  self->closed = TRUE;
  plant_rpc_handover_close (self->handover);
  plant_rpc_reader_close (reader);
  g_clear_pointer (&self->exported, plant_rpc_exported_object_close);
  g_clear_pointer (&self->publisher, plant_rpc_publisher_free);
  g_clear_pointer (&self->listener, plant_rpc_address_listener_free);
  g_clear_pointer (&self->router, plant_rpc_router_free);
  g_clear_pointer (&self->guard, plant_rpc_guard_free);
  g_clear_pointer (&self->handover, plant_rpc_handover_unref);
  plant_rpc_jobs_free (jobs);
  plant_rpc_reader_free (reader);
  plant_rpc_dispatcher_unref (self);
}

guint16
plant_rpc_dispatcher_get_port (PlantRpcDispatcher *self)
{
  return plant_rpc_router_get_port (self->router);
}

void
plant_rpc_dispatcher_update (PlantRpcDispatcher *self)
{
  g_autoptr (GError) error = NULL;
  PlantRpcInterfaceInfo *interface = plant_rpc_offer_get_interface (self->offer, &error);

  if (interface == NULL)
    {
      plant_rpc_warning ("Clients are not told of the change: %s", error->message);
      return;
    }
  plant_rpc_interface_info_ref (interface);
  plant_rpc_interface_info_unref (self->interface);
  self->interface = interface;
  clear_inventories (self);
}

gboolean
plant_rpc_dispatcher_replace (PlantRpcDispatcher  *self,
                              GError             **error)
{
  g_autoptr (PlantRpcDispatcher) guard = g_rc_box_acquire (self);
  PlantRpcInterfaceInfo *interface = plant_rpc_offer_get_interface (self->offer, error);
  PlantRpcJobs *jobs;
  PlantRpcReader *reader;

  if (interface == NULL)
    return FALSE;
  jobs = g_steal_pointer (&self->jobs);
  reader = g_steal_pointer (&self->reader);
  plant_rpc_reader_close (reader);
  g_clear_pointer (&self->exported, plant_rpc_exported_object_close);
  plant_rpc_interface_info_ref (interface);
  plant_rpc_interface_info_unref (self->interface);
  self->interface = interface;
  clear_inventories (self);
  open_object (self);
  plant_rpc_publisher_drop_old (self->publisher);
  plant_rpc_exported_object_set_heard (self->exported,
                                       plant_rpc_publisher_is_heard (self->publisher));
  plant_rpc_router_end_all (self->router);
  plant_rpc_jobs_free (jobs);
  plant_rpc_reader_free (reader);
  return TRUE;
}

void
plant_rpc_dispatcher_note_change (PlantRpcDispatcher *self,
                                  const char         *wire_name)
{
  PlantRpcPropertyInfo *property =
      plant_rpc_interface_info_find_property (self->interface, wire_name);

  if (property != NULL && property->readable && plant_rpc_publisher_is_heard (self->publisher))
    plant_rpc_dispatcher_take_change (self, property);
}
