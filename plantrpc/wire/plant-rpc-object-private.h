/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "plant-rpc-json-reader-private.h"

G_BEGIN_DECLS

/* The object of a JSON payload. The payload must outlive it. Only the syntax has been checked: a
 * member is built when it is read, so a member that nobody reads costs no more than finding its
 * end. */
typedef struct {
  PlantRpcJsonMembers members;
} PlantRpcObject;

/* Returns the payload for OBJECT, a dictionary, which is sunk if it is floating. Fails with
 * PLANT_RPC_ERROR_LIMIT. */
GBytes   *plant_rpc_object_pack       (GVariant              *object,
                                       GError               **error);

/* Writes the object of a payload member by member, for messages that are too frequent to build them
 * as GVariants first. What fails is told at the end. It must have been begun, and ends once. */
typedef struct {
  GString *out;   /* (owned) */
  guint    depth; /* of the members */
  GError  *error; /* (owned) (nullable) */
} PlantRpcObjectWriter;

void      plant_rpc_object_writer_begin       (PlantRpcObjectWriter  *self);
/* A floating VALUE is sunk. */
void      plant_rpc_object_writer_add         (PlantRpcObjectWriter  *self,
                                               const char            *name,
                                               GVariant              *value);
void      plant_rpc_object_writer_add_string  (PlantRpcObjectWriter  *self,
                                               const char            *name,
                                               const char            *text);
void      plant_rpc_object_writer_add_boolean (PlantRpcObjectWriter  *self,
                                               const char            *name,
                                               gboolean               value);
void      plant_rpc_object_writer_add_number  (PlantRpcObjectWriter  *self,
                                               const char            *name,
                                               guint                  number);
/* What is added until it is closed belongs to a member that is itself an object. */
void      plant_rpc_object_writer_open        (PlantRpcObjectWriter  *self,
                                               const char            *name);
void      plant_rpc_object_writer_close       (PlantRpcObjectWriter  *self);
/* Returns the payload, or fails with PLANT_RPC_ERROR_LIMIT. */
GBytes   *plant_rpc_object_writer_end         (PlantRpcObjectWriter  *self,
                                               GError               **error);

/* Fails with PLANT_RPC_ERROR_PROTOCOL or PLANT_RPC_ERROR_LIMIT if PAYLOAD is not one JSON
 * object. */
gboolean  plant_rpc_object_unpack     (GBytes                *payload,
                                       PlantRpcObject        *object,
                                       GError               **error);
/* Returns the whole object as a{sv}, never floating. */
GVariant *plant_rpc_object_read       (const PlantRpcObject  *self);
gboolean  plant_rpc_object_has        (const PlantRpcObject  *self,
                                       const char            *name);
/* Returns a member, or fails with PLANT_RPC_ERROR_PROTOCOL if it is missing or its type is not
 * TYPE_STRING. A TYPE_STRING of "" accepts any type. The types "s", "av" and "a{sv}" are compared
 * before the value is built. */
GVariant *plant_rpc_object_get        (const PlantRpcObject  *self,
                                       const char            *name,
                                       const char            *type_string,
                                       GError               **error);
char     *plant_rpc_object_dup_string (const PlantRpcObject  *self,
                                       const char            *name,
                                       GError               **error);
/* Opens a member that is itself an object. */
gboolean  plant_rpc_object_open       (const PlantRpcObject  *self,
                                       const char            *name,
                                       PlantRpcObject        *member,
                                       GError               **error);

/* Like plant_rpc_object_get(), for an OBJECT that has been read as a{sv}. */
GVariant *plant_rpc_object_get_member (GVariant              *object,
                                       const char            *name,
                                       const char            *type_string,
                                       GError               **error);

G_END_DECLS
