/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-error-private.h"
#include "plant-rpc-invocation-private.h"
#include "plant-rpc-log-private.h"
#include "plant-rpc-peer-locale-private.h"
#include "plant-rpc-value-private.h"

/**
 * PlantRpcInvocation:
 *
 * One call, read or write from a peer, which a handler answers.
 *
 * A handler gets the invocation from [class@Server], and answers it exactly once: with a value
 * ([method@Invocation.return_value]), with a buffer and information about it
 * ([method@Invocation.return_buffer]), with an error ([method@Invocation.return_gerror],
 * [method@Invocation.return_failure]), or, for a read or a write, with [method@Invocation.accept].
 * The handler may answer before it returns, or keep a reference and answer later. Answering does
 * not consume the reference.
 *
 * If the last reference is released without an answer, the caller gets the error
 * %PLANT_RPC_ERROR_NO_REPLY, so that a caller never waits in vain.
 *
 * Answers may be given from any thread. An answer that comes after the server has stopped, or after
 * the caller has left, is dropped silently. Answers of one thread are sent in the order in which
 * they were given, and after the signals that the exported object emitted on that thread before.
 *
 * An invocation keeps neither the server nor the connection alive.
 *
 * Counterpart of the arguments and the return value of a method of `RPCServer`, which can answer
 * only by returning.
 *
 * Since: 1.0
 */

struct _PlantRpcInvocation {
  GObject                   parent_instance;

  PlantRpcInvocationKind    kind;
  char                     *name;        /* (owned) */
  PlantRpcMethodInfo       *method;      /* (owned) (nullable) */
  GVariant                 *args;        /* (owned): av */
  GVariant                 *kwargs;      /* (owned): a{sv} */
  GVariant                 *value;       /* (owned) (nullable) */
  char                     *sender;      /* (owned) */
  guint64                   peer;
  GCancellable             *cancellable; /* (owned) */
  PlantRpcInvocationAnswer  answer;
  gpointer                  user_data;   /* (owned by notify) */
  GDestroyNotify            notify;
  gint                      answered;    /* (atomic) */
};

G_DEFINE_FINAL_TYPE (PlantRpcInvocation, plant_rpc_invocation, G_TYPE_OBJECT)

/* Returns FALSE if it was answered before, which is a mistake of the handler. */
static gboolean
claim (PlantRpcInvocation *self)
{
  gboolean first = g_atomic_int_compare_and_exchange (&self->answered, FALSE, TRUE);

  if (!first)
    g_critical ("“%s” has been answered already", self->name);
  return first;
}

static void
answer (PlantRpcInvocation *self,
        PlantRpcReply      *reply,
        gboolean            accepted)
{
  self->answer (reply, accepted, self->user_data);
  if (self->notify != NULL)
    self->notify (self->user_data);
}

static void
answer_error (PlantRpcInvocation *self,
              GError             *error)
{
  PlantRpcReply reply = { .error = error };

  answer (self, &reply, FALSE);
}

static void
plant_rpc_invocation_finalize (GObject *object)
{
  PlantRpcInvocation *self = PLANT_RPC_INVOCATION (object);

  if (!g_atomic_int_get (&self->answered))
    answer_error (self, g_error_new (PLANT_RPC_ERROR, PLANT_RPC_ERROR_NO_REPLY,
                                     "The device let go of “%s” without an answer",
                                     self->name));
  g_free (self->name);
  g_clear_pointer (&self->method, plant_rpc_method_info_unref);
  g_clear_pointer (&self->args, g_variant_unref);
  g_clear_pointer (&self->kwargs, g_variant_unref);
  g_clear_pointer (&self->value, g_variant_unref);
  g_free (self->sender);
  g_clear_object (&self->cancellable);
  G_OBJECT_CLASS (plant_rpc_invocation_parent_class)->finalize (object);
}

static void
plant_rpc_invocation_class_init (PlantRpcInvocationClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = plant_rpc_invocation_finalize;
}

/* Nobody waits for the answer of an invocation that no server has made. */
static void
drop_answer (PlantRpcReply *reply,
             gboolean       accepted,
             gpointer       user_data)
{
  plant_rpc_reply_clear (reply);
}

static void
plant_rpc_invocation_init (PlantRpcInvocation *self)
{
  self->answer = drop_answer;
}

static GVariant *
ref_or_empty (GVariant   *value,
              const char *type)
{
  if (value != NULL)
    return g_variant_ref (value);
  return g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE (type), NULL, 0));
}

PlantRpcInvocation *
plant_rpc_invocation_new (const PlantRpcInvocationAsk *ask,
                          PlantRpcInvocationAnswer     answer_func,
                          gpointer                     user_data,
                          GDestroyNotify               notify)
{
  PlantRpcInvocation *self = g_object_new (PLANT_RPC_TYPE_INVOCATION, NULL);

  self->kind = ask->kind;
  self->name = g_strdup (ask->name);
  self->method = ask->method != NULL ? plant_rpc_method_info_ref (ask->method) : NULL;
  self->args = ref_or_empty (ask->args, "v");
  self->kwargs = ref_or_empty (ask->kwargs, "{sv}");
  self->value = ask->value != NULL ? g_variant_ref (ask->value) : NULL;
  self->sender = g_strdup (ask->sender);
  self->peer = ask->peer;
  self->cancellable = g_object_ref (ask->cancellable);
  self->answer = answer_func;
  self->user_data = user_data;
  self->notify = notify;
  return self;
}

guint64
plant_rpc_invocation_get_peer (PlantRpcInvocation *self)
{
  return self->peer;
}

/**
 * plant_rpc_invocation_get_name:
 * @self: an invocation
 *
 * Gets the name of the method on the wire, or the GObject name of the property that is read or
 * written.
 *
 * Returns: (transfer none): the name
 *
 * Since: 1.0
 */
const char *
plant_rpc_invocation_get_name (PlantRpcInvocation *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_INVOCATION (self), NULL);
  return self->name;
}

/**
 * plant_rpc_invocation_get_args:
 * @self: an invocation
 *
 * Gets the arguments, an array of variants (`av`).
 *
 * If the method was registered with a signature, these are the values of all its parameters in
 * order, each of its declared type and with the defaults filled in. Without a signature, these are
 * the arguments that the caller gave by position.
 *
 * Returns: (transfer none): the arguments; empty for a read and a write
 *
 * Since: 1.0
 */
GVariant *
plant_rpc_invocation_get_args (PlantRpcInvocation *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_INVOCATION (self), NULL);
  return self->args;
}

/**
 * plant_rpc_invocation_get_kwargs:
 * @self: an invocation
 *
 * Gets the arguments that the caller gave by name (`a{sv}`), for a method without a signature.
 *
 * Returns: (transfer none): the arguments; empty for a read and a write, and if there is a
 *   signature
 *
 * Since: 1.0
 */
GVariant *
plant_rpc_invocation_get_kwargs (PlantRpcInvocation *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_INVOCATION (self), NULL);
  return self->kwargs;
}

/**
 * plant_rpc_invocation_get_value:
 * @self: an invocation
 *
 * Gets the value that a peer wants to write, of the property's type and within its range.
 *
 * Returns: (transfer none) (nullable): the value; %NULL for a method and a read
 *
 * Since: 1.0
 */
GVariant *
plant_rpc_invocation_get_value (PlantRpcInvocation *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_INVOCATION (self), NULL);
  return self->value;
}

/**
 * plant_rpc_invocation_get_sender:
 * @self: an invocation
 *
 * Gets the IP address of the caller.
 *
 * Returns: (transfer none): the address; empty over `ipc://`, and for a read that no peer has asked
 *   for by itself
 *
 * Since: 1.0
 */
const char *
plant_rpc_invocation_get_sender (PlantRpcInvocation *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_INVOCATION (self), NULL);
  return self->sender;
}

/**
 * plant_rpc_invocation_get_cancellable:
 * @self: an invocation
 *
 * Gets a cancellable that is cancelled when nobody waits for the answer any more.
 *
 * It is cancelled in the server's main context when a plantrpc client cancels the call, when a
 * client has left, and when the server stops. The clients of the Python module cannot cancel a
 * call. A handler may continue after the cancellation. Its answer is dropped then.
 *
 * Returns: (transfer none): the cancellable, which may be used from any thread
 *
 * Since: 1.0
 */
GCancellable *
plant_rpc_invocation_get_cancellable (PlantRpcInvocation *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_INVOCATION (self), NULL);
  return self->cancellable;
}

/**
 * plant_rpc_invocation_get_answered:
 * @self: an invocation
 *
 * Tells whether the invocation has been answered. May be called from any thread.
 *
 * Returns: whether the invocation has been answered
 *
 * Since: 1.0
 */
gboolean
plant_rpc_invocation_get_answered (PlantRpcInvocation *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_INVOCATION (self), FALSE);
  return g_atomic_int_get (&self->answered);
}

/* Converts what the handler returned to the declared type. A value that does not fit is a mistake
 * of the device's program, so it is also logged there. */
static void
fit_result (PlantRpcInvocation *self,
            PlantRpcReply      *reply)
{
  g_auto (PlantRpcPeerLocale) locale = plant_rpc_peer_locale_enter ();
  g_autoptr (GVariant) given = NULL;
  g_autoptr (GVariant) fitted = NULL;
  g_autoptr (GError) misfit = NULL;

  if (self->method == NULL || self->method->return_type == NULL)
    return;
  given = g_steal_pointer (&reply->value);
  fitted = plant_rpc_method_info_fit (self->method, given, &misfit);
  if (fitted == NULL)
    {
      reply->error = g_error_new (PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE,
                                  "What “%s” returned is not of type %s: %s", self->name,
                                  self->method->return_type, misfit->message);
      plant_rpc_warning ("%s", reply->error->message);
    }
  else if (self->method->buffer)
    reply->value = plant_rpc_value_fit (fitted, "a{sv}", NULL);
  else if (!g_variant_is_of_type (fitted, G_VARIANT_TYPE_UNIT))
    reply->value = g_steal_pointer (&fitted);
}

void
plant_rpc_invocation_take_result (PlantRpcInvocation *self,
                                  GVariant           *value)
{
  PlantRpcReply reply = { 0 };

  if (value != NULL)
    reply.value = g_variant_ref_sink (value);
  if (!claim (self))
    {
      plant_rpc_reply_clear (&reply);
      return;
    }
  if (self->kind == PLANT_RPC_INVOCATION_BUFFER)
    {
      plant_rpc_reply_clear (&reply);
      reply.error = g_error_new (PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE,
                                 "“%s” returns a buffer but was given a value", self->name);
    }
  else if (self->kind == PLANT_RPC_INVOCATION_JSON)
    {
      fit_result (self, &reply);
    }
  answer (self, &reply, FALSE);
}

/**
 * plant_rpc_invocation_return_value:
 * @self: an invocation without an answer
 * @value: (nullable): the result; consumed if it is floating. %NULL is `null`
 *
 * Answers with a value.
 *
 * A write is confirmed without setting the property, for a handler that has set the property
 * itself. The writer then gets the value of the property, and not @value. A read is answered with
 * @value, which must be of the property's type.
 *
 * If the method declares the type of its result, @value is converted to that type. For example, an
 * integer becomes a double. If @value does not fit, or if the method returns a buffer, the caller
 * gets an error. May be called from any thread.
 *
 * Counterpart of returning from a method registered with `RPCServer.register_method_json`.
 *
 * Since: 1.0
 */
void
plant_rpc_invocation_return_value (PlantRpcInvocation *self,
                                   GVariant           *value)
{
  g_autoptr (GVariant) sunk = NULL;

  g_return_if_fail (PLANT_RPC_IS_INVOCATION (self));

  if (value != NULL)
    sunk = g_variant_ref_sink (value);
  plant_rpc_invocation_take_result (self, self->kind == PLANT_RPC_INVOCATION_WRITE ? NULL : sunk);
}

/**
 * plant_rpc_invocation_return_buffer:
 * @self: an invocation without an answer
 * @buffer: the bytes; they are sent from where they are, never copied
 * @info: (nullable): information about the buffer, a dictionary (`a{sv}`) without a member
 *   `error`; consumed if it is floating. %NULL is an empty one
 *
 * Answers with a buffer.
 *
 * @buffer is released on a thread of the library when it has been sent. The caller gets an error if
 *   the method was not registered with [method@Server.register_method_buffer], or if @info is not
 *   of the type `a{sv}` or does not fit the declared type. May be called from any thread.
 *
 * Counterpart of returning from a method registered with `RPCServer.register_method_buffer`.
 *
 * Since: 1.0
 */
void
plant_rpc_invocation_return_buffer (PlantRpcInvocation *self,
                                    GBytes             *buffer,
                                    GVariant           *info)
{
  g_autoptr (GVariant) sunk = NULL;
  PlantRpcReply reply = { 0 };

  g_return_if_fail (PLANT_RPC_IS_INVOCATION (self));
  g_return_if_fail (buffer != NULL);

  if (info != NULL)
    sunk = g_variant_ref_sink (info);
  if (!claim (self))
    return;
  if (self->kind != PLANT_RPC_INVOCATION_BUFFER)
    {
      reply.error = g_error_new (PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE,
                                 "“%s” returns a value but was given a buffer", self->name);
    }
  else if (sunk != NULL && !g_variant_is_of_type (sunk, G_VARIANT_TYPE_VARDICT))
    {
      reply.error = g_error_new (PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE,
                                 "The information of “%s” is not a dictionary", self->name);
    }
  else
    {
      reply.buffer = g_bytes_ref (buffer);
      reply.value = ref_or_empty (sunk, "{sv}");
      fit_result (self, &reply);
    }
  answer (self, &reply, FALSE);
}

/**
 * plant_rpc_invocation_return_gerror:
 * @self: an invocation without an answer
 * @error: the error
 *
 * Answers with an error.
 *
 * The caller gets the message. A plantrpc client also gets the domain and the code, see
 * [func@Error.get_remote_name]. A write is refused, and @error is the reason. May be called from
 * any thread.
 *
 * Since: 1.0
 */
void
plant_rpc_invocation_return_gerror (PlantRpcInvocation *self,
                                    const GError       *error)
{
  g_return_if_fail (PLANT_RPC_IS_INVOCATION (self));
  g_return_if_fail (error != NULL);

  if (claim (self))
    answer_error (self, g_error_copy (error));
}

/**
 * plant_rpc_invocation_return_failure:
 * @self: an invocation without an answer
 * @message: what went wrong
 * @traceback: (nullable): where it went wrong, for people; any number of lines
 *
 * Answers with a failure. The caller gets %PLANT_RPC_ERROR_REMOTE with @message.
 *
 * This is for languages whose failures are not a [struct@GLib.Error]. May be called from any
 * thread.
 *
 * Counterpart of an exception in a method of `RPCServer`.
 *
 * Since: 1.0
 */
void
plant_rpc_invocation_return_failure (PlantRpcInvocation *self,
                                     const char         *message,
                                     const char         *traceback)
{
  g_return_if_fail (PLANT_RPC_IS_INVOCATION (self));
  g_return_if_fail (message != NULL);

  if (claim (self))
    answer_error (self, plant_rpc_error_new_remote (NULL, message, traceback));
}

/**
 * plant_rpc_invocation_accept:
 * @self: a read or a write without an answer
 *
 * Accepts a write, or leaves a read to the server.
 *
 * The server sets or reads the property of the object in its main context, and sends the value of
 * the property.
 *
 * May be called from any thread.
 *
 * Since: 1.0
 */
void
plant_rpc_invocation_accept (PlantRpcInvocation *self)
{
  PlantRpcReply reply = { 0 };

  g_return_if_fail (PLANT_RPC_IS_INVOCATION (self));
  g_return_if_fail (self->kind == PLANT_RPC_INVOCATION_WRITE ||
                    self->kind == PLANT_RPC_INVOCATION_READ);

  if (claim (self))
    answer (self, &reply, TRUE);
}
