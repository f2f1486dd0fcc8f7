/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-serial-view-private.h"

G_BEGIN_DECLS

/* The form in which an interface travels and is written to files: dictionaries (a{sv}) inside each
 * other, as the page “Interface files” specifies. It comes from a file or from a peer, so it may
 * hold anything. Errors are PLANT_RPC_ERROR_INVALID_INTERFACE. */

/* One such dictionary. Its members are found once, since each of them is looked for. */
typedef struct {
  PlantRpcSerialView view;
  struct {
    const char         *key;
    PlantRpcSerialView  value;
  }                  members[16];
  guint              n_members;
  gboolean           whole; /* FALSE: there are more members in VIEW */
} PlantRpcDescription;

/* Fails if VIEW is no object (a{sv}). It must outlive SELF. */
gboolean              plant_rpc_description_init              (PlantRpcDescription       *self,
                                                               const PlantRpcSerialView  *view,
                                                               GError                   **error);

/* Goes through the members of an object as plant_rpc_serial_iter_next() does. */
gboolean              plant_rpc_description_next              (PlantRpcSerialIter  *iter,
                                                               const char         **key,
                                                               PlantRpcSerialView  *value);

/* Finds a member, which may be null. */
gboolean              plant_rpc_description_find              (const PlantRpcDescription *self,
                                                               const char                *key,
                                                               PlantRpcSerialView        *value);

/* Finds a member without the variants and maybes around it. Returns FALSE if it is missing or
 * null. */
gboolean              plant_rpc_description_look              (const PlantRpcDescription *self,
                                                               const char                *key,
                                                               PlantRpcSerialView        *value);

/* Returns a copy of that member, or NULL. */
GVariant             *plant_rpc_description_lookup            (const PlantRpcDescription *self,
                                                               const char                *key);

/* Does not change RESULT if the member is missing or null. */
gboolean              plant_rpc_description_read_string       (const PlantRpcDescription *form,
                                                               const char                *key,
                                                               char                     **result,
                                                               GError                   **error);

/* The first does not change ROLE if the member is missing or null. The second adds it unless it is
 * the default. */
gboolean              plant_rpc_description_read_role         (const PlantRpcDescription *form,
                                                               PlantRpcRole              *role,
                                                               GError                   **error);
void                  plant_rpc_description_add_role          (GVariantBuilder *builder,
                                                               PlantRpcRole     role);

/* Returns VALUE without the variants and maybes around it, or NULL if it is null. */
GVariant             *plant_rpc_description_open              (GVariant *value);

/* Accepts an integer of any type from MINIMUM to MAXIMUM. */
gboolean              plant_rpc_description_get_integer       (GVariant  *value,
                                                               gint64     minimum,
                                                               gint64     maximum,
                                                               gint64    *result,
                                                               GError   **error);

/* Returns the name of a member's GObject property or signal: that of the form, or one derived from
 * WIRE_NAME. */
char                 *plant_rpc_description_dup_name          (const PlantRpcDescription *form,
                                                               const char                *wire_name,
                                                               GError                   **error);

/* The first adds "name" if it does not follow from WIRE_NAME. The second adds a string if it is not
 * NULL. */
void                  plant_rpc_description_add_name          (GVariantBuilder *builder,
                                                               const char      *name,
                                                               const char      *wire_name);
void                  plant_rpc_description_add_string        (GVariantBuilder *builder,
                                                               const char      *key,
                                                               const char      *value);

/* Returns the time that a method may take as it is told, floating: null for no limit. */
GVariant             *plant_rpc_description_of_timeout        (int              timeout);

/* Convert a member to its form (a{sv}), and back. SELF and what is returned is a PlantRpcMethodInfo
 * and so on. FORM is an object. Reading it fails with PLANT_RPC_ERROR_INVALID_INTERFACE. */
GVariant             *plant_rpc_method_info_to_variant        (gpointer     self);
GVariant             *plant_rpc_property_info_to_variant      (gpointer     self);
GVariant             *plant_rpc_signal_info_to_variant        (gpointer     self);
gpointer              plant_rpc_method_info_new_from_form     (const char                *name,
                                                               const PlantRpcDescription *form,
                                                               GError                   **error);
gpointer              plant_rpc_property_info_new_from_form   (const char                *wire_name,
                                                               const PlantRpcDescription *form,
                                                               GError                   **error);
gpointer              plant_rpc_signal_info_new_from_form     (const char                *wire_name,
                                                               const PlantRpcDescription *form,
                                                               GError                   **error);

/* Returns VALUE as it would be read back from a file, so that an interface equals the one that is
 * read from its own JSON. Returns NULL for null and for what JSON cannot express. */
GVariant             *plant_rpc_property_info_normalize       (const char *type_string,
                                                               GVariant   *value);

/* Returns whether a value is one number. */
gboolean              plant_rpc_property_info_is_number       (PlantRpcPropertyInfo *self);

G_END_DECLS
