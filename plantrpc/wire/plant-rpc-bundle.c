/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-bundle-private.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-limits-private.h"

#define BUNDLE_TYPE "(yav)"

/* The kind and its padding. The array follows. */
#define START ((gsize) 8)

/* GVariant aligns a variant to eight bytes. */
#define ALIGN(offset) plant_rpc_serial_align_up (offset, 8)

/* What is behind the payload of an emission in its variant, and the padding in front of it. */
#define AROUND ((gsize) 16)

#define ROOM (START + PLANT_RPC_MAX_BUNDLE_SIZE + PLANT_RPC_MAX_BUNDLED_PAYLOAD + AROUND)

struct _PlantRpcBundle {
  guint8    *data;     /* (owned) (nullable): NULL once WHOLE is packed */
  gsize      size;     /* of the elements, from START on */
  gsize      payload_size; /* of all payloads */
  guint      n;
  guint32    ends[PLANT_RPC_MAX_BUNDLED];  /* of the elements, from START on */
  guint16    sizes[PLANT_RPC_MAX_BUNDLED]; /* of the payloads */
  GBytes    *whole;    /* (owned) (nullable): the payload of all */
  GPtrArray *payloads; /* (owned) (nullable) (element-type GBytes): single ones that were asked
                          for, else NULL */
};

PlantRpcBundle *
plant_rpc_bundle_new (void)
{
  PlantRpcBundle *self = g_rc_box_new0 (PlantRpcBundle);

  self->data = g_malloc (ROOM + PLANT_RPC_MAX_BUNDLED * sizeof (guint32));
  memset (self->data, 0, START);
  self->data[0] = PLANT_RPC_KIND_BUNDLE;
  return self;
}

PlantRpcBundle *
plant_rpc_bundle_ref (PlantRpcBundle *self)
{
  return g_rc_box_acquire (self);
}

static void
clear_bundle (gpointer data)
{
  PlantRpcBundle *self = data;

  g_free (self->data);
  g_clear_pointer (&self->whole, g_bytes_unref);
  g_clear_pointer (&self->payloads, g_ptr_array_unref);
}

void
plant_rpc_bundle_unref (PlantRpcBundle *self)
{
  g_rc_box_release_full (self, clear_bundle);
}

/* Returns the type of the messages of a kind, or NULL. */
static const char *
get_type (guint8 kind)
{
  switch (kind)
    {
    case PLANT_RPC_KIND_SIGNAL:
      return "(ysav)";
    case PLANT_RPC_KIND_CHANGED:
    case PLANT_RPC_KIND_FAILED:
      return "(ysv)";
    case PLANT_RPC_KIND_LOST:
      return "(yt)";
    default:
      return NULL;
    }
}

/* Returns where the next element begins. */
static guint8 *
begin_element (PlantRpcBundle *self)
{
  const gsize place = ALIGN (self->size);

  memset (self->data + START + self->size, 0, place - self->size);
  return self->data + START + place;
}

/* SIZE bytes of a payload have been written at ELEMENT. */
static void
end_element (PlantRpcBundle *self,
             guint8         *element,
             gsize           size)
{
  const char *type = get_type (element[0]);
  const gsize length = strlen (type);

  element[size] = '\0';
  memcpy (element + size + 1, type, length);
  self->size = (gsize) (element - self->data) - START + size + 1 + length;
  self->payload_size += size;
  self->sizes[self->n] = (guint16) size;
  self->ends[self->n++] = (guint32) self->size;
}

gboolean
plant_rpc_bundle_append_plain (PlantRpcBundle         *self,
                               const PlantRpcEmission *emission)
{
  guint8 *element;
  gsize size;

  if (emission->plain == NULL)
    return FALSE;
  element = begin_element (self);
  size = plant_rpc_arguments_write (emission->plain, PLANT_RPC_KIND_SIGNAL, emission->name,
                                    element);
  if (size > 0)
    end_element (self, element, size);
  return size > 0;
}

void
plant_rpc_bundle_append_payload (PlantRpcBundle *self,
                                 GBytes         *payload)
{
  guint8 *element = begin_element (self);
  const gsize size = g_bytes_get_size (payload);

  memcpy (element, g_bytes_get_data (payload, NULL), size);
  end_element (self, element, size);
}

guint
plant_rpc_bundle_get_n (PlantRpcBundle *self)
{
  return self->n;
}

gboolean
plant_rpc_bundle_is_full (PlantRpcBundle *self)
{
  return self->n == PLANT_RPC_MAX_BUNDLED || self->size >= PLANT_RPC_MAX_BUNDLE_SIZE;
}

/* ---- once it is complete */

/* Returns the elements. */
static const guint8 *
peek_elements (PlantRpcBundle *self)
{
  const guint8 *data =
      self->whole != NULL ? g_bytes_get_data (self->whole, NULL) : self->data;

  return data + START;
}

static gsize
find_start (PlantRpcBundle *self,
            guint           index)
{
  return index > 0 ? ALIGN (self->ends[index - 1]) : 0;
}

gsize
plant_rpc_bundle_measure (PlantRpcBundle *self,
                          guint           index)
{
  return self->sizes[index];
}

gsize
plant_rpc_bundle_measure_all (PlantRpcBundle *self)
{
  return self->payload_size;
}

const char *
plant_rpc_bundle_peek_property (PlantRpcBundle *self,
                                guint           index)
{
  const guint8 *payload = peek_elements (self) + find_start (self, index);

  return payload[0] == PLANT_RPC_KIND_CHANGED || payload[0] == PLANT_RPC_KIND_FAILED
             ? (const char *) payload + 1 : NULL;
}

GBytes *
plant_rpc_bundle_dup_payload (PlantRpcBundle *self,
                              guint           index)
{
  if (self->payloads == NULL)
    {
      self->payloads = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
      g_ptr_array_set_size (self->payloads, (gint) self->n);
    }
  if (self->payloads->pdata[index] == NULL)
    self->payloads->pdata[index] =
        g_bytes_new (peek_elements (self) + find_start (self, index), self->sizes[index]);
  return g_bytes_ref (self->payloads->pdata[index]);
}

/* Writes the ends of N elements behind BODY bytes of them. Returns the size of the array. */
static gsize
write_ends (PlantRpcBundle *self,
            guint           first,
            guint           n,
            guint8         *elements,
            gsize           body)
{
  const guint end_size = plant_rpc_serial_choose_end_size (body, n);
  const gsize start = find_start (self, first);
  guint8 *place = elements + body;

  for (guint i = first; i < first + n; i++)
    place = plant_rpc_serial_write_end (place, end_size, self->ends[i] - start);
  return (gsize) (place - elements);
}

static GBytes *
pack_whole (PlantRpcBundle *self)
{
  gsize size;

  if (self->whole != NULL)
    return g_bytes_ref (self->whole);
  size = START + write_ends (self, 0, self->n, self->data + START, self->size);
  self->whole = g_bytes_new_take (g_realloc (g_steal_pointer (&self->data), size), size);
  return g_bytes_ref (self->whole);
}

static GBytes *
pack_part (PlantRpcBundle *self,
           guint           first,
           guint           n)
{
  const gsize start = find_start (self, first);
  const gsize body = self->ends[first + n - 1] - start;
  guint8 *data = g_malloc (START + body + n * sizeof (guint32));

  memset (data, 0, START);
  data[0] = PLANT_RPC_KIND_BUNDLE;
  memcpy (data + START, peek_elements (self) + start, body);
  return g_bytes_new_take (data, START + write_ends (self, first, n, data + START, body));
}

GBytes *
plant_rpc_bundle_pack (PlantRpcBundle *self,
                       guint           first,
                       guint           n)
{
  if (n == 1)
    return plant_rpc_bundle_dup_payload (self, first);
  return n == self->n ? pack_whole (self) : pack_part (self, first, n);
}

/* ---- the receiver */

/* Returns the size of the payload in front of the type of its variant, or 0 if that is the type of
 * no emission. */
static gsize
find_payload_size (const guint8 *element,
                   gsize         size)
{
  const char *type = get_type (element[0]);
  const gsize length = type != NULL ? strlen (type) : 0;

  if (type == NULL || size < 2 + length || element[size - length - 1] != '\0' ||
      memcmp (element + size - length, type, length) != 0)
    return 0;
  return size - length - 1;
}

/* Returns the size of the payload of the next element, or 0 if there is none. */
static gsize
go_on (PlantRpcBundleIter  *self,
       const guint8       **data)
{
  const gsize start = ALIGN (self->place);

  self->place = plant_rpc_serial_read_end (self->end, self->end_size);
  self->end += self->end_size;
  self->n_left--;
  *data = self->start + start;
  return self->place > start ? find_payload_size (*data, self->place - start) : 0;
}

/* The elements fill the BODY bytes in front of the ends, but for zeros. */
static gboolean
check_elements (PlantRpcBundleIter iter,
                gsize              body)
{
  gsize former = 0;

  while (iter.n_left > 0)
    {
      const gsize end = plant_rpc_serial_read_end (iter.end, iter.end_size);
      const guint8 *data;

      if (end > body || end <= ALIGN (former))
        return FALSE;
      for (gsize i = former; i < ALIGN (former); i++)
        {
          if (iter.start[i] != 0)
            return FALSE;
        }
      if (go_on (&iter, &data) == 0)
        return FALSE;
      former = end;
    }
  return former == body;
}

/* Finds the ends of the SIZE bytes of the array. Returns its BODY, or 0 if it is not in normal
 * form. */
static gsize
find_ends (PlantRpcBundleIter *self,
           gsize               size)
{
  gsize body;

  self->end_size = plant_rpc_serial_get_end_size (size);
  if (size <= self->end_size)
    return 0;
  body = plant_rpc_serial_read_end (self->start + size - self->end_size, self->end_size);
  if (body >= size || (size - body) % self->end_size != 0 ||
      plant_rpc_serial_choose_end_size (body, (size - body) / self->end_size) != self->end_size)
    return 0;
  self->n_left = (guint) ((size - body) / self->end_size);
  self->end = self->start + body;
  return body;
}

gboolean
plant_rpc_bundle_iter_init (PlantRpcBundleIter  *self,
                            GBytes              *payload,
                            GError             **error)
{
  gsize size, body = 0;
  const guint8 *data = g_bytes_get_data (payload, &size);

  *self = (PlantRpcBundleIter) { .payload = payload };
  if (size > START && memcmp (data + 1, "\0\0\0\0\0\0", START - 1) == 0)
    {
      self->start = data + START;
      body = find_ends (self, size - START);
    }
  if (body > 0 && check_elements (*self, body))
    return TRUE;
  return plant_rpc_message_refuse (BUNDLE_TYPE, error) != NULL;
}

gboolean
plant_rpc_bundle_iter_next (PlantRpcBundleIter  *self,
                            const guint8       **data,
                            gsize               *size)
{
  if (self->n_left == 0)
    return FALSE;
  *size = go_on (self, data);
  return TRUE;
}
