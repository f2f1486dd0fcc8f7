/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A value inside the serialised form of a GVariant, which must outlive it. A value that is not in
 * normal form is read within its bounds, too, and then may be empty where GVariant has another
 * default. The format is that of the GVariant specification:
 * https://docs.gtk.org/glib/gvariant-specification-1.0.html */
typedef struct {
  const guint8       *data; /* (nullable): without alignment; NULL if SIZE is 0 */
  gsize               size;
  const GVariantType *type; /* not terminated, so only GVariantType's functions read it */
} PlantRpcSerialView;

/* Goes through the children of a container. g_variant_get_child_value() allocates a GVariant for
 * each child, which takes several times as long as reading it. */
typedef struct {
  PlantRpcSerialView  container;
  const GVariantType *type;        /* of the next child */
  gsize               n_left;      /* children */
  gsize               start;       /* where the former child begins */
  gsize               place;       /* where it ends */
  gsize               limit;       /* where the last child ends at the latest */
  gsize               n_ends;      /* children ahead whose end is stored */
  const guint8       *end;         /* where the next end is stored */
  int                 end_step;    /* bytes from one stored end to the next one */
  gsize               layout_size; /* of the elements of an array */
  guint               alignment;   /* of the elements of an array; 0 for another container */
} PlantRpcSerialIter;

PlantRpcSerialView plant_rpc_serial_view_of      (GVariant                 *value);
/* Returns what is inside all variants and maybes around a value, or an empty maybe. */
PlantRpcSerialView plant_rpc_serial_view_open    (const PlantRpcSerialView *self);
/* The same for a value in normal form, several times faster if its type has one letter. */
PlantRpcSerialView plant_rpc_serial_view_open_normal (const PlantRpcSerialView *self);
gboolean           plant_rpc_serial_view_is      (const PlantRpcSerialView *self,
                                                  const GVariantType       *type);
/* Returns the text of a string, or NULL if it is not in normal form. */
const char        *plant_rpc_serial_view_peek_string (const PlantRpcSerialView *self);
/* Returns a copy of a value in normal form, never floating. */
GVariant          *plant_rpc_serial_view_copy    (const PlantRpcSerialView *self);

/* SELF is valid as long as the bytes of CONTAINER are. */
void               plant_rpc_serial_iter_init    (PlantRpcSerialIter       *self,
                                                  const PlantRpcSerialView *container);
/* Returns FALSE after the last child. */
gboolean           plant_rpc_serial_iter_next    (PlantRpcSerialIter       *self,
                                                  PlantRpcSerialView       *child);

/* Returns how many members of a tuple or dictionary entry have an end that is stored: all without a
 * fixed size except the last member. A value of any other type has no members. */
gsize              plant_rpc_serial_count_ends   (const GVariantType       *type);

G_END_DECLS
