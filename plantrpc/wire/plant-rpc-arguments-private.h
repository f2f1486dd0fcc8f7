/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* The arguments of a signal where all are plain: a boolean, a number, a text. Most are, and these
 * travel natively without a tree of GVariants: they go straight from GValues to bytes and
 * back. The bytes are those that GVariant would write. What is not plain, of more than
 * so many arguments, or longer than a page, is nothing for these functions: it goes as a GVariant,
 * and so does everything where bytes have another order. */

#define PLANT_RPC_MAX_PLAIN 8

typedef struct {
  char        type;   /* as in a GVariant type string */
  guint8      size;   /* bytes of a number */
  guint64     bits;   /* of a number: the first bytes */
  const char *text;   /* (unowned) (nullable) */
} PlantRpcPlain;

typedef struct {
  GBytes        *payload; /* (owned) (nullable): what texts lie in */
  guint          n_plain;
  PlantRpcPlain  plain[PLANT_RPC_MAX_PLAIN];
} PlantRpcArguments;

/* All FALSE where it is nothing for them; SELF is to be cleared only after TRUE. */

/* The texts are those of VALUES. Converts as plant_rpc_value_to_variant() does. */
gboolean   plant_rpc_arguments_from_values  (PlantRpcArguments        *self,
                                             const GValue             *values,
                                             guint                     n_values);
/* The n-th, into RESULT, initialised here, where TYPE is the type that it stands for. */
gboolean   plant_rpc_arguments_to_value     (const PlantRpcArguments  *self,
                                             guint                     index,
                                             GType                     type,
                                             GValue                   *result);

/* An emission (ysav); NULL where it is too long. */
GBytes    *plant_rpc_arguments_pack         (const PlantRpcArguments  *self,
                                             guint8                    kind,
                                             const char               *name);
/* NAME lies in PAYLOAD. TRUE only for bytes in normal form. */
gboolean   plant_rpc_arguments_unpack       (PlantRpcArguments        *self,
                                             GBytes                   *payload,
                                             const char              **name);

/* As av, floating. */
GVariant  *plant_rpc_arguments_to_variant   (const PlantRpcArguments  *self);

/* Of what was unpacked. */
PlantRpcArguments *plant_rpc_arguments_dup  (const PlantRpcArguments  *self);
void       plant_rpc_arguments_free         (PlantRpcArguments        *self);
void       plant_rpc_arguments_clear        (PlantRpcArguments        *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlantRpcArguments, plant_rpc_arguments_clear)

G_END_DECLS
