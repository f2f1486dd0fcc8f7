/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* The arguments of a signal that are all plain: booleans, numbers and texts. Most signals have only
 * such arguments. They are converted between GValues and the bytes of the native wire without a
 * tree of GVariants, and the bytes are those that GVariant would write. Arguments of other types,
 * more than PLANT_RPC_MAX_PLAIN arguments, messages longer than a page, and all messages on
 * machines with another byte order are left to GVariant. */

#define PLANT_RPC_MAX_PLAIN      8
#define PLANT_RPC_MAX_PLAIN_SIZE 4096 /* bytes of a payload */

typedef struct {
  char        type;   /* as in a GVariant type string */
  guint8      size;   /* bytes of a number */
  guint64     bits;   /* of a number: the first bytes */
  const char *text;   /* (unowned) (nullable) */
} PlantRpcPlain;

/* Sets the value as one of TYPE, which may be an ancestor of its own. Returns FALSE if it is not
 * plain. */
gboolean   plant_rpc_plain_set_value        (PlantRpcPlain            *self,
                                             const GValue             *value,
                                             GType                     type);
/* The result is floating. */
GVariant  *plant_rpc_plain_to_variant       (const PlantRpcPlain      *self);

typedef struct {
  GBytes        *payload; /* (owned) (nullable): what texts lie in */
  guint          n_plain;
  PlantRpcPlain  plain[PLANT_RPC_MAX_PLAIN];
} PlantRpcArguments;

/* Converts as plant_rpc_value_to_variant() does. The texts belong to VALUES. Returns FALSE if the
 * arguments are not plain. */
gboolean   plant_rpc_arguments_from_values  (PlantRpcArguments        *self,
                                             const GValue             *values,
                                             guint                     n_values);
/* Sets RESULT, which is not initialised, to the argument. Returns FALSE if the argument is not of
 * the type that stands for TYPE. */
gboolean   plant_rpc_arguments_to_value     (const PlantRpcArguments  *self,
                                             guint                     index,
                                             GType                     type,
                                             GValue                   *result);

/* Returns the payload of an emission (ysav), or NULL if it would be too long. */
GBytes    *plant_rpc_arguments_pack         (const PlantRpcArguments  *self,
                                             guint8                    kind,
                                             const char               *name);
/* Writes that payload to DATA, which has room for PLANT_RPC_MAX_PLAIN_SIZE bytes. Returns its size,
 * or 0 if it would be too long. */
gsize      plant_rpc_arguments_write        (const PlantRpcArguments  *self,
                                             guint8                    kind,
                                             const char               *name,
                                             guint8                   *data);
/* Sets NAME to the name inside PAYLOAD. Returns FALSE if the arguments are not plain, or PAYLOAD is
 * not in normal form. SELF must be cleared only if it returns TRUE. */
gboolean   plant_rpc_arguments_unpack       (PlantRpcArguments        *self,
                                             GBytes                   *payload,
                                             const char              **name);
/* The same for SIZE bytes of PAYLOAD. */
gboolean   plant_rpc_arguments_unpack_part  (PlantRpcArguments        *self,
                                             GBytes                   *payload,
                                             const guint8             *data,
                                             gsize                     size,
                                             const char              **name);

/* Returns the arguments as av, floating. */
GVariant  *plant_rpc_arguments_to_variant   (const PlantRpcArguments  *self);

/* Copies arguments that were unpacked. */
PlantRpcArguments *plant_rpc_arguments_dup  (const PlantRpcArguments  *self);
void       plant_rpc_arguments_free         (PlantRpcArguments        *self);
void       plant_rpc_arguments_clear        (PlantRpcArguments        *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlantRpcArguments, plant_rpc_arguments_clear)

G_END_DECLS
