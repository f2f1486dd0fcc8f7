/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-builder-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-home-private.h"
#include "plant-rpc-offer-private.h"
#include "plant-rpc-text-private.h"

/* A reference is held while the handler runs, since the handler may be replaced by itself. */
typedef struct {
  PlantRpcWriteHandler handler;
  gpointer             user_data; /* (owned by notify) */
  GDestroyNotify       notify;
} Writer;

/* The same for reads. */
typedef struct {
  PlantRpcReadHandler handler;
  gpointer            user_data; /* (owned by notify) */
  GDestroyNotify      notify;
} Reader;

/* A read, until its handler has decided. */
typedef struct {
  const PlantRpcOfferFuncs *funcs;  /* (unowned): live as long as OWNER */
  GObject                  *owner;  /* (owned) */
  Reader                   *reader; /* (owned) (nullable): NULL if the owner decides */
} Read;

struct _PlantRpcOffer {
  PlantRpcOfferFuncs     funcs;
  GObject               *owner;     /* (unowned) */
  GType                  owner_type;
  GMainContext          *context;   /* (owned) */
  GObject               *object;    /* (owned) (nullable): NULL for the owner */
  GPtrArray             *hidden;    /* (owned) (element-type utf8): ends with NULL */
  GPtrArray             *methods;   /* (owned) (element-type PlantRpcMethod) */
  GHashTable            *by_name;   /* (owned) (element-type utf8 PlantRpcMethod): of METHODS */
  Writer                *writer;    /* (owned) (nullable): a g_rc_box */
  Reader                *reader;    /* (owned) (nullable): an atomic rc box */
  GHashTable            *blocking;  /* (owned) (element-type utf8): properties, by GObject name,
                                       whose reads may block */
  GHashTable            *roles;     /* (owned) (element-type utf8 PlantRpcRole): asked for, by the
                                       name of a method or property in either spelling */
  PlantRpcInterfaceInfo *interface; /* (owned) (nullable): NULL if it must be made again */
  PlantRpcInterfaceInfo *front;     /* (owned) (nullable): what is offered instead of OBJECT's */
  PlantRpcMethodHandler  handler;   /* (nullable): of all methods of FRONT */
  gpointer               data;      /* for HANDLER */
};

static GPtrArray *
new_methods (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) plant_rpc_method_unref);
}

static void
clear_writer (gpointer data)
{
  Writer *writer = data;

  plant_rpc_home_call_outside (writer->notify, writer->user_data);
}

static void
release_writer (Writer *writer)
{
  g_rc_box_release_full (writer, clear_writer);
}

static void
clear_reader (gpointer data)
{
  Reader *reader = data;

  plant_rpc_home_call_outside (reader->notify, reader->user_data);
}

static void
release_reader (Reader *reader)
{
  g_atomic_rc_box_release_full (reader, clear_reader);
}

/* Handlers may set others while they are released. */
static void
release_handlers (PlantRpcOffer *self)
{
  g_autoptr (GPtrArray) methods = g_steal_pointer (&self->methods);

  self->methods = new_methods ();
  g_hash_table_remove_all (self->by_name);
  g_clear_pointer (&self->writer, release_writer);
  g_clear_pointer (&self->reader, release_reader);
}

PlantRpcOffer *
plant_rpc_offer_new (GMainContext             *context,
                     GType                     owner_type,
                     const PlantRpcOfferFuncs *funcs,
                     GObject                  *owner)
{
  PlantRpcOffer *self = g_new0 (PlantRpcOffer, 1);

  self->funcs = *funcs;
  self->owner = owner;
  self->owner_type = owner_type;
  self->context = g_main_context_ref (context);
  self->hidden = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->hidden, NULL);
  self->methods = new_methods ();
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->blocking = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->roles = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
plant_rpc_offer_free (PlantRpcOffer *self)
{
  release_handlers (self);
  g_hash_table_unref (self->by_name);
  g_hash_table_unref (self->blocking);
  g_hash_table_unref (self->roles);
  g_ptr_array_unref (self->methods);
  g_clear_pointer (&self->interface, plant_rpc_interface_info_unref);
  g_clear_pointer (&self->front, plant_rpc_interface_info_unref);
  g_ptr_array_unref (self->hidden);
  g_clear_object (&self->object);
  g_main_context_unref (self->context);
  g_free (self);
}

static void
tell_changed (PlantRpcOffer *self)
{
  g_clear_pointer (&self->interface, plant_rpc_interface_info_unref);
  self->funcs.changed (self->owner);
}

/* ---- the object */

void
plant_rpc_offer_set_object (PlantRpcOffer *self,
                            GObject       *object)
{
  g_set_object (&self->object, object);
}

GObject *
plant_rpc_offer_get_object (PlantRpcOffer *self)
{
  return self->object != NULL ? self->object : self->owner;
}

void
plant_rpc_offer_hide_member (PlantRpcOffer *self,
                             const char    *name)
{
  g_ptr_array_insert (self->hidden, self->hidden->len - 1, g_strdup (name));
  tell_changed (self);
}

void
plant_rpc_offer_set_role (PlantRpcOffer *self,
                          const char    *name,
                          PlantRpcRole   role)
{
  g_hash_table_replace (self->roles, g_strdup (name), GINT_TO_POINTER (role));
  tell_changed (self);
}

static void
set_roles (PlantRpcOffer *self)
{
  GHashTableIter iter;
  const char *name;
  gpointer role;

  g_hash_table_iter_init (&iter, self->roles);
  while (g_hash_table_iter_next (&iter, (gpointer *) &name, &role))
    plant_rpc_builder_set_role (self->interface, name, GPOINTER_TO_INT (role));
}

static PlantRpcInterfaceInfo *
describe_object (PlantRpcOffer  *self,
                 GError        **error)
{
  GType type = G_OBJECT_TYPE (plant_rpc_offer_get_object (self));
  GType base = g_type_is_a (type, self->owner_type) ? self->owner_type : G_TYPE_OBJECT;
  g_autoptr (GPtrArray) infos =
      g_ptr_array_new_with_free_func ((GDestroyNotify) plant_rpc_method_info_unref);

  for (guint i = 0; i < self->methods->len; i++)
    g_ptr_array_add (infos, plant_rpc_method_info_ref (
                                plant_rpc_method_get_info (self->methods->pdata[i])));
  return plant_rpc_interface_info_new_for_export (
      type, base, (const char *const *) self->hidden->pdata, infos, error);
}

void
plant_rpc_offer_set_front (PlantRpcOffer         *self,
                           GObject               *object,
                           PlantRpcInterfaceInfo *interface,
                           PlantRpcMethodHandler  handler,
                           gpointer               user_data)
{
  g_autoptr (GPtrArray) methods = g_steal_pointer (&self->methods);

  self->methods = new_methods ();
  g_hash_table_remove_all (self->by_name);
  plant_rpc_interface_info_ref (interface);
  g_clear_pointer (&self->front, plant_rpc_interface_info_unref);
  g_clear_pointer (&self->interface, plant_rpc_interface_info_unref);
  self->front = interface;
  self->handler = handler;
  self->data = user_data;
  plant_rpc_offer_set_object (self, object);
}

gboolean
plant_rpc_offer_is_front (PlantRpcOffer *self)
{
  return self->front != NULL;
}

PlantRpcInterfaceInfo *
plant_rpc_offer_get_interface (PlantRpcOffer  *self,
                               GError        **error)
{
  if (self->interface != NULL)
    return self->interface;
  if (self->front != NULL)
    self->interface = plant_rpc_interface_info_new_from_variant (
        plant_rpc_interface_info_get_form (self->front), error);
  else
    self->interface = describe_object (self, error);
  if (self->interface == NULL)
    return NULL;
  set_roles (self);
  /* The first client should not wait for this. */
  plant_rpc_interface_info_get_form (self->interface);
  return self->interface;
}

/* ---- handlers */

void
plant_rpc_offer_add_method (PlantRpcOffer         *self,
                            PlantRpcMethodInfo    *info,
                            PlantRpcMethodFlags    flags,
                            PlantRpcMethodHandler  handler,
                            gpointer               user_data,
                            GDestroyNotify         notify)
{
  PlantRpcMethod *former = g_hash_table_lookup (self->by_name, info->name);
  g_autoptr (PlantRpcMethod) replaced = NULL;
  guint index = self->methods->len;

  if (former != NULL && g_ptr_array_find (self->methods, former, &index))
    replaced = g_steal_pointer (&self->methods->pdata[index]);
  else
    g_ptr_array_add (self->methods, NULL);
  self->methods->pdata[index] =
      plant_rpc_method_new (self->context, info, flags, handler, user_data, notify);
  g_hash_table_replace (self->by_name, info->name, self->methods->pdata[index]);
  tell_changed (self);
}

static PlantRpcMethod *
add_front_method (PlantRpcOffer *self,
                  const char    *name)
{
  PlantRpcMethodInfo *info = plant_rpc_interface_info_find_method (self->front, name);
  PlantRpcMethod *method;

  if (info == NULL)
    return NULL;
  method = plant_rpc_method_new (self->context, plant_rpc_method_info_ref (info),
                                 PLANT_RPC_METHOD_FLAGS_NONE, self->handler, self->data, NULL);
  g_ptr_array_add (self->methods, method);
  g_hash_table_insert (self->by_name, info->name, method);
  return method;
}

PlantRpcMethod *
plant_rpc_offer_find_method (PlantRpcOffer *self,
                             const char    *name)
{
  PlantRpcMethod *method = g_hash_table_lookup (self->by_name, name);

  return method == NULL && self->front != NULL ? add_front_method (self, name) : method;
}

GError *
plant_rpc_offer_explain (PlantRpcOffer *self,
                         const char    *name,
                         GError        *error)
{
  g_autofree char *text = NULL;

  if (plant_rpc_offer_find_method (self, name) != NULL)
    return error;
  text = plant_rpc_text_show (name);
  g_clear_error (&error);
  return g_error_new (PLANT_RPC_ERROR, PLANT_RPC_ERROR_UNKNOWN_METHOD,
                      "Method %s not implemented", text);
}

void
plant_rpc_offer_set_writer (PlantRpcOffer        *self,
                            PlantRpcWriteHandler  handler,
                            gpointer              user_data,
                            GDestroyNotify        notify)
{
  Writer *former = g_steal_pointer (&self->writer);

  if (handler != NULL)
    {
      self->writer = g_rc_box_new (Writer);
      *self->writer = (Writer) { handler, user_data, notify };
    }
  g_clear_pointer (&former, release_writer);
}

void
plant_rpc_offer_release_handlers (PlantRpcOffer *self)
{
  release_handlers (self);
  tell_changed (self);
}

/* The owner alone decides about what is elsewhere. A language may set handlers for every server. */
static Writer *
get_writer (PlantRpcOffer *self)
{
  return self->front == NULL ? self->writer : NULL;
}

static Reader *
get_reader (PlantRpcOffer *self)
{
  return self->front == NULL ? self->reader : NULL;
}

gboolean
plant_rpc_offer_decides_writes (PlantRpcOffer *self)
{
  return get_writer (self) != NULL || self->funcs.decides_writes (self->owner);
}

static gboolean
ask_writer (Writer              *writer,
            PlantRpcInvocation  *invocation,
            const char          *name,
            GVariant            *value,
            GError             **error)
{
  g_auto (PlantRpcOutside) outside = plant_rpc_home_step_out ();

  return writer->handler (invocation, name, value, writer->user_data, error);
}

gboolean
plant_rpc_offer_decide_write (PlantRpcOffer       *self,
                              PlantRpcInvocation  *invocation,
                              const char          *name,
                              GVariant            *value,
                              GError             **error)
{
  Writer *writer;
  gboolean accepted;

  if (get_writer (self) == NULL)
    return self->funcs.decide_write (self->owner, invocation, name, value, error);
  writer = g_rc_box_acquire (self->writer);
  accepted = ask_writer (writer, invocation, name, value, error);
  release_writer (writer);
  return accepted;
}

void
plant_rpc_offer_set_reader (PlantRpcOffer       *self,
                            PlantRpcReadHandler  handler,
                            gpointer             user_data,
                            GDestroyNotify       notify)
{
  Reader *former = g_steal_pointer (&self->reader);

  if (handler != NULL)
    {
      self->reader = g_atomic_rc_box_new (Reader);
      *self->reader = (Reader) { handler, user_data, notify };
    }
  g_clear_pointer (&former, release_reader);
}

void
plant_rpc_offer_set_blocking (PlantRpcOffer *self,
                              const char    *name,
                              gboolean       blocking)
{
  g_autofree char *canonical = g_strdelimit (g_strdup (name), "_", '-');

  if (blocking)
    g_hash_table_add (self->blocking, g_steal_pointer (&canonical));
  else
    g_hash_table_remove (self->blocking, canonical);
}

gboolean
plant_rpc_offer_decides_reads (PlantRpcOffer *self)
{
  return get_reader (self) != NULL || self->funcs.decides_reads (self->owner);
}

gboolean
plant_rpc_offer_may_block (PlantRpcOffer *self,
                           const char    *name)
{
  return g_hash_table_contains (self->blocking, name);
}

static void
clear_read (gpointer data)
{
  Read *read = data;

  g_clear_pointer (&read->reader, release_reader);
  g_object_unref (read->owner);
}

static void
read_free (gpointer data)
{
  clear_read (data);
  g_free (data);
}

/* The handler of a PlantRpcMethod, so that reads run as methods do. */
static void
answer_read (PlantRpcInvocation  *invocation,
             gpointer             data,
             GError             **error)
{
  Read *read = data;
  const char *name = plant_rpc_invocation_get_name (invocation);
  gboolean as_usual;

  if (read->reader != NULL)
    as_usual = read->reader->handler (invocation, name, read->reader->user_data, error);
  else
    as_usual = read->funcs->decide_read (read->owner, invocation, name, error);
  if (as_usual && *error == NULL && !plant_rpc_invocation_get_answered (invocation))
    plant_rpc_invocation_accept (invocation);
}

/* On a worker thread. */
static void
read_later (PlantRpcOffer      *self,
            Read                read,
            PlantRpcInvocation *invocation)
{
  g_autoptr (PlantRpcMethod) method = plant_rpc_method_new (
      self->context,
      plant_rpc_method_info_new ("read", NULL, FALSE, PLANT_RPC_TIMEOUT_DEFAULT, NULL),
      PLANT_RPC_METHOD_FLAGS_BLOCKING, answer_read, g_memdup2 (&read, sizeof read), read_free);

  plant_rpc_method_run (method, invocation);
}

void
plant_rpc_offer_read (PlantRpcOffer      *self,
                      PlantRpcInvocation *invocation)
{
  Read read = {
    &self->funcs,
    g_object_ref (self->owner),
    get_reader (self) != NULL ? g_atomic_rc_box_acquire (self->reader) : NULL,
  };

  if (plant_rpc_offer_may_block (self, plant_rpc_invocation_get_name (invocation)))
    {
      read_later (self, read, invocation);
      return;
    }
  plant_rpc_method_run_handler (answer_read, &read, invocation);
  g_object_unref (invocation);
  plant_rpc_home_call_outside (clear_read, &read);
}
