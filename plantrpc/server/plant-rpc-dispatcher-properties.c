/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-dispatcher-parts-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-text-private.h"

static gboolean
is_property (PlantRpcDispatcher *self,
             const char         *name)
{
  return plant_rpc_interface_info_find_property (self->interface, name) != NULL;
}

static GError *
new_unknown_property (const char *name)
{
  g_autofree char *text = plant_rpc_text_show (name);

  return g_error_new (PLANT_RPC_ERROR, PLANT_RPC_ERROR_UNKNOWN_PROPERTY,
                      "There is no property “%s”", text);
}

/* Returns NULL after sending the error. */
static PlantRpcPropertyInfo *
find_property (PlantRpcDispatcher     *self,
               const PlantRpcIncoming *incoming)
{
  const char *name = incoming->request->name;
  PlantRpcPropertyInfo *property = plant_rpc_interface_info_find_property (self->interface, name);

  if (property == NULL)
    plant_rpc_dispatcher_answer_error (self, incoming, new_unknown_property (name));
  return property;
}

/* The job owns what it needs of the request. VALUE is NULL for a read. */
static PlantRpcJob
make_job (const PlantRpcIncoming *incoming,
          PlantRpcPropertyInfo   *property,
          GVariant               *value)
{
  return (PlantRpcJob) {
    .envelope = *incoming->envelope,
    .format = incoming->request->format,
    .event = incoming->request->event,
    .property = plant_rpc_property_info_ref (property),
    .value = value,
  };
}

/* Returns NULL after sending the error. */
static PlantRpcInvocation *
add_job (PlantRpcDispatcher     *self,
         const PlantRpcIncoming *incoming,
         PlantRpcJob            *job)
{
  g_autofree char *sender = plant_rpc_router_dup_address (self->router, incoming->arrived);
  const PlantRpcInvocationAsk ask = {
    .kind = job->value != NULL ? PLANT_RPC_INVOCATION_WRITE : PLANT_RPC_INVOCATION_READ,
    .name = job->property->name,
    .value = job->value,
    .sender = sender,
  };
  GError *error = NULL;
  PlantRpcInvocation *invocation = plant_rpc_jobs_add (self->jobs, job, &ask, &error);

  if (invocation == NULL)
    plant_rpc_dispatcher_answer_error (self, incoming, error);
  return invocation;
}

/* ---- reads */

static void
decide_read (PlantRpcDispatcher     *self,
             const PlantRpcIncoming *incoming,
             PlantRpcPropertyInfo   *property)
{
  g_auto (PlantRpcJob) job = make_job (incoming, property, NULL);
  PlantRpcInvocation *invocation = add_job (self, incoming, &job);

  if (invocation != NULL)
    plant_rpc_offer_read (self->offer, invocation);
}

/* What is no property has no description of its own. */
static void
read_attribute (PlantRpcDispatcher     *self,
                const PlantRpcIncoming *incoming)
{
  const char *name = incoming->request->name;
  g_autoptr (PlantRpcPropertyInfo) attribute = plant_rpc_property_info_new (name, name, "v");

  decide_read (self, incoming, attribute);
}

/* The value is of whatever type, and no failure is noted: the name is the peer's. */
static void
finish_attribute (PlantRpcDispatcher *self,
                  const PlantRpcJob  *job,
                  PlantRpcReply      *reply,
                  gboolean            accepted)
{
  if (accepted)
    reply->error = new_unknown_property (job->property->wire_name);
  else if (reply->error == NULL && reply->value == NULL)
    reply->value = g_variant_ref_sink (g_variant_new_maybe (G_VARIANT_TYPE_VARIANT, NULL));
  plant_rpc_dispatcher_send (self, &job->envelope, job->format, job->event, reply);
}

void
plant_rpc_dispatcher_handle_get (PlantRpcDispatcher     *self,
                                 const PlantRpcIncoming *incoming)
{
  PlantRpcPropertyInfo *property;
  g_auto (PlantRpcReply) reply = { 0 };

  if (self->state->legacy && !is_property (self, incoming->request->name))
    {
      read_attribute (self, incoming);
      return;
    }
  property = find_property (self, incoming);
  if (property == NULL)
    return;
  if (property->readable && plant_rpc_offer_decides_reads (self->offer))
    {
      decide_read (self, incoming, property);
      return;
    }
  reply.value = plant_rpc_reader_read (self->reader, property, &reply.error);
  plant_rpc_dispatcher_answer (self, incoming, &reply);
}

static void
finish_read (PlantRpcDispatcher *self,
             const PlantRpcJob  *job,
             PlantRpcReply      *reply,
             gboolean            accepted)
{
  g_auto (PlantRpcReply) told = { 0 };

  if (!is_property (self, job->property->wire_name))
    {
      finish_attribute (self, job, reply, accepted);
      return;
    }
  told.value = plant_rpc_reader_take (self->reader, job->property, reply, accepted, &told.error);
  plant_rpc_dispatcher_send (self, &job->envelope, job->format, job->event, &told);
}

/* ---- writes */

/* REPLY has the value that the property has now, or nothing. Returns NULL if the value cannot be
 * told at once. */
static GVariant *
read_written (PlantRpcDispatcher   *self,
              PlantRpcPropertyInfo *property,
              PlantRpcReply        *reply)
{
  if (reply->value != NULL)
    return plant_rpc_reader_take (self->reader, property, reply, FALSE, NULL);
  return plant_rpc_reader_read (self->reader, property, NULL);
}

/* A plantrpc client learns what became of the value. */
static void
finish_write (PlantRpcDispatcher *self,
              const PlantRpcJob  *job,
              PlantRpcReply      *reply)
{
  g_autoptr (GVariant) value = NULL;

  if (self->closed)
    return;
  if (reply->error == NULL && job->format == PLANT_RPC_FORMAT_NATIVE && job->property->readable)
    value = read_written (self, job->property, reply);
  g_clear_pointer (&reply->value, g_variant_unref);
  reply->value = g_steal_pointer (&value);
  plant_rpc_dispatcher_send (self, &job->envelope, job->format, job->event, reply);
}

static void
ask_owner (PlantRpcDispatcher *self,
           PlantRpcInvocation *invocation)
{
  const char *name = plant_rpc_invocation_get_name (invocation);
  GVariant *value = plant_rpc_invocation_get_value (invocation);
  g_autoptr (GError) error = NULL;
  gboolean accepted = plant_rpc_offer_decide_write (self->offer, invocation, name, value, &error);

  if (plant_rpc_invocation_get_answered (invocation))
    return;
  if (error != NULL)
    plant_rpc_invocation_return_gerror (invocation, error);
  else if (accepted)
    plant_rpc_invocation_accept (invocation);
}

static void
decide_write (PlantRpcDispatcher     *self,
              const PlantRpcIncoming *incoming,
              PlantRpcJob            *job)
{
  g_autoptr (PlantRpcInvocation) invocation = add_job (self, incoming, job);

  if (invocation != NULL)
    ask_owner (self, invocation);
}

void
plant_rpc_dispatcher_handle_set (PlantRpcDispatcher     *self,
                                 const PlantRpcIncoming *incoming)
{
  PlantRpcPropertyInfo *property = find_property (self, incoming);
  g_auto (PlantRpcJob) job = { .property = NULL };
  g_auto (PlantRpcReply) reply = { 0 };

  if (property == NULL)
    return;
  job = make_job (incoming, property,
                  plant_rpc_exported_object_check (self->exported, property,
                                                   incoming->request->value, &reply.error));
  if (job.value != NULL && plant_rpc_offer_decides_writes (self->offer))
    {
      decide_write (self, incoming, &job);
      return;
    }
  if (job.value != NULL)
    plant_rpc_exported_object_write (self->exported, property, job.value, &reply.error);
  finish_write (self, &job, &reply);
}

void
plant_rpc_dispatcher_finish_job (gpointer           dispatcher,
                                 const PlantRpcJob *job,
                                 PlantRpcReply     *reply,
                                 gboolean           accepted)
{
  g_autoptr (PlantRpcDispatcher) self = g_rc_box_acquire (dispatcher);

  if (job->event == PLANT_RPC_EVENT_PROPERTY_GET)
    {
      finish_read (self, job, reply, accepted);
      return;
    }
  if (accepted)
    plant_rpc_exported_object_write (self->exported, job->property, job->value, &reply->error);
  if (job->event == PLANT_RPC_EVENT_PROPERTY_SET)
    finish_write (self, job, reply);
  else
    plant_rpc_dispatcher_send (self, &job->envelope, job->format, job->event, reply);
}

/* ---- changes */

void
plant_rpc_dispatcher_take_change (gpointer              dispatcher,
                                  PlantRpcPropertyInfo *property)
{
  g_autoptr (PlantRpcDispatcher) self = g_rc_box_acquire (dispatcher);

  plant_rpc_reader_follow (self->reader, property);
}

/* If the object has a change signal itself, the signal is sent when the object emits it. A client
 * of Plant Imager ends its reception at a signal that its interface does not declare. */
void
plant_rpc_dispatcher_tell_change (gpointer              dispatcher,
                                  PlantRpcPropertyInfo *property,
                                  GVariant             *value,
                                  const GError         *error)
{
  PlantRpcDispatcher *self = dispatcher;
  PlantRpcSignalInfo *signal = NULL;

  if (value == NULL)
    {
      plant_rpc_publisher_fail (self->publisher, property->wire_name, error);
      return;
    }
  if (property->change_signal != NULL && !self->state->legacy)
    signal = plant_rpc_interface_info_find_signal (self->interface, property->change_signal);
  plant_rpc_publisher_change (self->publisher, property->wire_name,
                              signal != NULL && signal->implicit ? signal->wire_name : NULL,
                              value);
}
