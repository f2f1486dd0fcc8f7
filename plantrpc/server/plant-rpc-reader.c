/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-error-private.h"
#include "plant-rpc-invocation-private.h"
#include "plant-rpc-log-private.h"
#include "plant-rpc-reader-private.h"
#include "plant-rpc-text-private.h"

/* An rc box: a reference is held while code of the application runs. */
struct _PlantRpcReader {
  PlantRpcOffer          *offer;     /* (unowned) */
  PlantRpcInterfaceInfo  *interface; /* (owned) */
  PlantRpcExportedObject *exported;  /* (unowned) (nullable): NULL once closed */
  PlantRpcHandover       *handover;  /* (owned) */
  PlantRpcReaderFunc      func;
  gpointer                owner;
  GHashTable             *failing;   /* (owned) (element-type utf8): wire names of the properties
                                        that could not be read the last time */
  GHashTable             *follows;   /* (owned) (element-type utf8 Follow): the changes that are
                                        being read, by wire name */
};

/* A read that no request is answered with, an atomic rc box. Its invocation holds a reference. */
typedef struct {
  PlantRpcHandover     *handover;    /* (owned) */
  PlantRpcPropertyInfo *property;    /* (owned) */
  GCancellable         *cancellable; /* (owned) */
  /* At home only: */
  PlantRpcReader       *reader;      /* (unowned) (nullable): NULL if nobody waits any more */
  gboolean              is_follow;
  gboolean              answered;
  PlantRpcReply         reply;       /* of one that is no follow */
  gboolean              accepted;
} Question;

typedef struct {
  Question *question; /* (owned) */
  gboolean  again;    /* TRUE: the property has changed once more */
} Follow;

static void ask_follow (PlantRpcReader       *self,
                        PlantRpcPropertyInfo *property);

static void
clear_question (gpointer data)
{
  Question *question = data;

  plant_rpc_handover_unref (question->handover);
  plant_rpc_property_info_unref (question->property);
  g_object_unref (question->cancellable);
  plant_rpc_reply_clear (&question->reply);
}

static void
unref_question (gpointer question)
{
  g_atomic_rc_box_release_full (question, clear_question);
}

static void
follow_free (gpointer data)
{
  Follow *follow = data;

  unref_question (follow->question);
  g_free (follow);
}

static void
clear_reader (gpointer data)
{
  PlantRpcReader *self = data;

  g_hash_table_unref (self->follows);
  g_hash_table_unref (self->failing);
  plant_rpc_handover_unref (self->handover);
  plant_rpc_interface_info_unref (self->interface);
}

static void
unref_reader (PlantRpcReader *self)
{
  g_rc_box_release_full (self, clear_reader);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcReader, unref_reader)

static GHashTable *
new_follows (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, follow_free);
}

PlantRpcReader *
plant_rpc_reader_new (PlantRpcOffer          *offer,
                      PlantRpcInterfaceInfo  *interface,
                      PlantRpcExportedObject *exported,
                      PlantRpcHandover       *handover,
                      PlantRpcReaderFunc      func,
                      gpointer                owner)
{
  PlantRpcReader *self = g_rc_box_new0 (PlantRpcReader);

  self->offer = offer;
  self->interface = plant_rpc_interface_info_ref (interface);
  self->exported = exported;
  self->handover = plant_rpc_handover_ref (handover);
  self->func = func;
  self->owner = owner;
  self->failing = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->follows = new_follows ();
  return self;
}

void
plant_rpc_reader_close (PlantRpcReader *self)
{
  GHashTableIter iter;
  Follow *follow;

  self->exported = NULL;
  g_hash_table_iter_init (&iter, self->follows);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &follow))
    follow->question->reader = NULL;
}

static void
cancel (Question *question)
{
  g_auto (PlantRpcOutside) outside = plant_rpc_home_step_out ();

  g_cancellable_cancel (question->cancellable);
}

void
plant_rpc_reader_free (PlantRpcReader *self)
{
  g_autoptr (GHashTable) follows = g_steal_pointer (&self->follows);
  GHashTableIter iter;
  Follow *follow;

  self->follows = new_follows ();
  g_hash_table_iter_init (&iter, follows);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &follow))
    cancel (follow->question);
  unref_reader (self);
}

/* ---- what becomes of a read */

/* A sensor that is unplugged must not fill the log, whoever asks for it. Nor is it a mistake of the
 * program, so it is no warning, which may be fatal. */
static void
note_failure (PlantRpcReader       *self,
              PlantRpcPropertyInfo *property,
              const GError         *error)
{
  const char *traceback = plant_rpc_error_get_traceback (error);
  g_autofree char *message = NULL;

  /* The device itself has logged it. */
  if (plant_rpc_offer_is_front (self->offer) ||
      !g_hash_table_add (self->failing, g_strdup (property->wire_name)))
    return;
  message = plant_rpc_text_shorten (error->message, PLANT_RPC_MAX_ERROR_TEXT);
  plant_rpc_message ("The property “%s” cannot be read: %s%s%s", property->wire_name, message,
                     traceback != NULL ? "\n" : "", traceback != NULL ? traceback : "");
}

static void
note_success (PlantRpcReader       *self,
              PlantRpcPropertyInfo *property)
{
  if (g_hash_table_size (self->failing) > 0)
    g_hash_table_remove (self->failing, property->wire_name);
}

/* Takes ownership of VALUE and FAILURE, of which one is NULL. */
static GVariant *
note (PlantRpcReader       *self,
      PlantRpcPropertyInfo *property,
      GVariant             *value,
      GError               *failure,
      GError              **error)
{
  if (value != NULL)
    {
      note_success (self, property);
      return value;
    }
  note_failure (self, property, failure);
  g_propagate_error (error, failure);
  return NULL;
}

static GVariant *
read_object (PlantRpcReader        *self,
             PlantRpcPropertyInfo  *property,
             GError               **error)
{
  g_autoptr (PlantRpcReader) guard = g_rc_box_acquire (self);
  GError *failure = NULL;
  GVariant *value;

  value = plant_rpc_exported_object_read (self->exported, property, &failure);
  return note (self, property, value, failure, error);
}

GVariant *
plant_rpc_reader_take (PlantRpcReader        *self,
                       PlantRpcPropertyInfo  *property,
                       PlantRpcReply         *reply,
                       gboolean               accepted,
                       GError               **error)
{
  GError *failure = g_steal_pointer (&reply->error);
  GVariant *value = NULL;

  if (accepted)
    return read_object (self, property, error);
  if (failure == NULL)
    value = plant_rpc_exported_object_fit (self->exported, property, reply->value, &failure);
  return note (self, property, value, failure, error);
}

/* ---- asking the owner */

static Question *
new_question (PlantRpcReader       *self,
              PlantRpcPropertyInfo *property,
              gboolean              is_follow)
{
  Question *question = g_atomic_rc_box_new0 (Question);

  question->handover = plant_rpc_handover_ref (self->handover);
  question->property = plant_rpc_property_info_ref (property);
  question->cancellable = g_cancellable_new ();
  question->reader = self;
  question->is_follow = is_follow;
  return question;
}

static void
finish_follow (PlantRpcReader *self,
               Question       *question,
               PlantRpcReply  *reply,
               gboolean        accepted)
{
  g_autoptr (PlantRpcReader) guard = g_rc_box_acquire (self);
  PlantRpcPropertyInfo *property = question->property;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value = plant_rpc_reader_take (self, property, reply, accepted, &error);
  Follow *follow = g_hash_table_lookup (self->follows, property->wire_name);
  gboolean again = follow != NULL && follow->again;

  if (self->exported == NULL)
    return;
  g_hash_table_remove (self->follows, property->wire_name);
  self->func (self->owner, property, value, error);
  if (again && self->exported != NULL)
    ask_follow (self, property);
}

static void
deliver (gpointer       asker,
         PlantRpcReply *reply,
         gboolean       accepted)
{
  Question *question = asker;

  if (question->reader == NULL)
    return;
  question->answered = TRUE;
  if (question->is_follow)
    {
      g_atomic_rc_box_acquire (question);
      finish_follow (question->reader, question, reply, accepted);
      unref_question (question);
      return;
    }
  question->reply = *reply;
  question->accepted = accepted;
  *reply = (PlantRpcReply) { 0 };
}

static void
on_answer (PlantRpcReply *reply,
           gboolean       accepted,
           gpointer       user_data)
{
  Question *question = user_data;

  plant_rpc_handover_answer (question->handover, question, reply, accepted, deliver,
                             unref_question);
}

static void
ask (PlantRpcReader *self,
     Question       *question)
{
  const PlantRpcInvocationAsk details = {
    .kind = PLANT_RPC_INVOCATION_READ,
    .name = question->property->name,
    .sender = "",
    .cancellable = question->cancellable,
  };

  plant_rpc_offer_read (self->offer, plant_rpc_invocation_new (&details, on_answer,
                                                               g_atomic_rc_box_acquire (question),
                                                               unref_question));
}

/* Nobody waits for an answer that comes later. */
static GVariant *
ask_now (PlantRpcReader        *self,
         PlantRpcPropertyInfo  *property,
         GError               **error)
{
  g_autoptr (PlantRpcReader) guard = g_rc_box_acquire (self);
  Question *question = new_question (self, property, FALSE);
  GVariant *value = NULL;

  ask (self, question);
  question->reader = NULL;
  if (!question->answered)
    cancel (question);
  else if (self->exported != NULL)
    value = plant_rpc_reader_take (self, property, &question->reply, question->accepted, error);
  unref_question (question);
  return value;
}

GVariant *
plant_rpc_reader_read (PlantRpcReader        *self,
                       PlantRpcPropertyInfo  *property,
                       GError               **error)
{
  if (!property->readable)
    return plant_rpc_exported_object_read (self->exported, property, error);
  if (!plant_rpc_offer_decides_reads (self->offer))
    return read_object (self, property, error);
  if (plant_rpc_offer_may_block (self->offer, property->name))
    return NULL;
  return ask_now (self, property, error);
}

/* ---- all of them */

static void
add_failure (GVariantDict         *failures,
             PlantRpcPropertyInfo *property,
             GError               *error,
             gboolean              tracebacks)
{
  if (!tracebacks)
    plant_rpc_error_drop_traceback (error);
  g_variant_dict_insert_value (failures, property->wire_name,
                               plant_rpc_reply_build_failure (error));
}

GVariant *
plant_rpc_reader_read_all (PlantRpcReader *self,
                           gboolean        tracebacks)
{
  g_autoptr (PlantRpcReader) guard = g_rc_box_acquire (self);
  GPtrArray *properties = self->interface->properties.list;
  g_autoptr (GVariant) told = NULL;
  GVariantBuilder values;
  GVariantDict failures;

  g_variant_builder_init (&values, G_VARIANT_TYPE_VARDICT);
  g_variant_dict_init (&failures, NULL);
  for (guint i = 0; i < properties->len && self->exported != NULL; i++)
    {
      PlantRpcPropertyInfo *property = g_ptr_array_index (properties, i);
      g_autoptr (GVariant) value = NULL;
      g_autoptr (GError) error = NULL;

      if (!property->readable)
        continue;
      value = plant_rpc_reader_read (self, property, &error);
      if (value != NULL)
        g_variant_builder_add (&values, "{sv}", property->wire_name, value);
      else if (error != NULL)
        add_failure (&failures, property, error, tracebacks);
    }
  told = g_variant_ref_sink (g_variant_dict_end (&failures));
  if (g_variant_n_children (told) > 0)
    g_variant_builder_add (&values, "{sv}", PLANT_RPC_FAILURES_KEY, told);
  return g_variant_ref_sink (g_variant_builder_end (&values));
}

/* ---- changes */

static void
ask_follow (PlantRpcReader       *self,
            PlantRpcPropertyInfo *property)
{
  Follow *follow = g_new (Follow, 1);

  *follow = (Follow) { new_question (self, property, TRUE), FALSE };
  g_hash_table_insert (self->follows, g_strdup (property->wire_name), follow);
  ask (self, follow->question);
}

void
plant_rpc_reader_follow (PlantRpcReader       *self,
                         PlantRpcPropertyInfo *property)
{
  g_autoptr (PlantRpcReader) guard = g_rc_box_acquire (self);
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) error = NULL;
  Follow *follow;

  if (plant_rpc_offer_decides_reads (self->offer))
    {
      follow = g_hash_table_lookup (self->follows, property->wire_name);
      if (follow != NULL)
        follow->again = TRUE;
      else
        ask_follow (self, property);
      return;
    }
  value = read_object (self, property, &error);
  if (self->exported != NULL)
    self->func (self->owner, property, value, error);
}
