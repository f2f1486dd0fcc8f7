/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-write-queue-private.h"

/* A client with the properties a, b and c, whose device writes down what it gets. */
typedef struct {
  PlantRpcWriteQueue *queue; /* (owned) */
  PlantRpcWriteSlot   slots[3];
  GString            *sent;  /* (owned) */
  gboolean            fails; /* nothing can be sent */
} Writer;

static Writer *writer;

static void
send_value (gpointer  owner,
            GVariant *value)
{
  PlantRpcWriteSlot *slot = owner;

  g_string_append_printf (writer->sent, "%c%d ", (char) ('a' + (slot - writer->slots)),
                          g_variant_get_int32 (value));
  if (writer->fails)
    plant_rpc_write_queue_note_answer (writer->queue, slot);
}

static Writer *
writer_new (void)
{
  writer = g_new0 (Writer, 1);
  writer->queue = plant_rpc_write_queue_new (send_value);
  writer->sent = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (writer->slots); i++)
    writer->slots[i].owner = &writer->slots[i];
  return writer;
}

static void
writer_free (Writer *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->slots); i++)
    plant_rpc_write_queue_remove (self->queue, &self->slots[i]);
  plant_rpc_write_queue_free (self->queue);
  g_string_free (self->sent, TRUE);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Writer, writer_free)

static PlantRpcWriteSlot *
find (Writer *self,
      char    letter)
{
  return &self->slots[letter - 'a'];
}

static void
add (Writer *self,
     char    letter,
     int     number)
{
  g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_int32 (number));

  plant_rpc_write_queue_add (self->queue, find (self, letter), value);
}

static void
answer (Writer *self,
        char    letter)
{
  plant_rpc_write_queue_note_answer (self->queue, find (self, letter));
}

#define assert_sent(self, expected)                     \
  G_STMT_START                                          \
    {                                                   \
      g_assert_cmpstr ((self)->sent->str, ==, expected); \
      g_string_truncate ((self)->sent, 0);              \
    }                                                   \
  G_STMT_END

/* While one is under way, the newest waits. */
static void
test_newest_waits (void)
{
  g_autoptr (Writer) self = writer_new ();

  g_assert_false (plant_rpc_write_slot_is_busy (find (self, 'a')));
  for (int i = 0; i < 100; i++)
    add (self, 'a', i);
  assert_sent (self, "a0 ");
  answer (self, 'a');
  assert_sent (self, "a99 ");
  g_assert_true (plant_rpc_write_slot_is_busy (find (self, 'a')));
  answer (self, 'a');
  assert_sent (self, "");
  g_assert_false (plant_rpc_write_slot_is_busy (find (self, 'a')));
  add (self, 'a', 1);
  assert_sent (self, "a1 ");
}

/* Two that are written in turns. */
static void
test_two (void)
{
  g_autoptr (Writer) self = writer_new ();

  for (int i = 0; i < 10; i++)
    {
      add (self, 'a', i);
      add (self, 'b', i);
    }
  assert_sent (self, "a0 b0 ");
  answer (self, 'a');
  assert_sent (self, "a9 ");
  answer (self, 'b');
  assert_sent (self, "b9 ");
}

/* What is written later is not sent before: a value that is replaced takes its new place. */
static void
test_order (void)
{
  g_autoptr (Writer) self = writer_new ();

  add (self, 'a', 0);
  add (self, 'b', 0);
  add (self, 'a', 1);
  add (self, 'b', 1);
  add (self, 'a', 2);
  assert_sent (self, "a0 b0 ");
  answer (self, 'a');
  assert_sent (self, "b1 a2 ");
}

/* The first value of another property goes out at once, after what was written before it. */
static void
test_another (void)
{
  g_autoptr (Writer) self = writer_new ();

  add (self, 'a', 0);
  add (self, 'a', 1);
  add (self, 'b', 0);
  assert_sent (self, "a0 a1 b0 ");
  /* A quick property does not make the device lag behind with a slow one. */
  for (int i = 2; i < 100; i++)
    {
      add (self, 'a', i);
      add (self, 'c', i);
    }
  assert_sent (self, "c2 ");
  answer (self, 'a');
  assert_sent (self, "");
  answer (self, 'c');
  assert_sent (self, "a99 c99 ");
}

/* All that waits goes out before a call. */
static void
test_send_all (void)
{
  g_autoptr (Writer) self = writer_new ();

  add (self, 'a', 0);
  add (self, 'b', 0);
  add (self, 'a', 1);
  add (self, 'b', 1);
  plant_rpc_write_queue_send_all (self->queue);
  assert_sent (self, "a0 b0 a1 b1 ");
  add (self, 'a', 2);
  answer (self, 'a');
  assert_sent (self, "");
  answer (self, 'a');
  assert_sent (self, "a2 ");
  plant_rpc_write_queue_send_all (self->queue);
  assert_sent (self, "");
}

static void
test_removed (void)
{
  g_autoptr (Writer) self = writer_new ();

  add (self, 'a', 0);
  add (self, 'a', 1);
  plant_rpc_write_queue_remove (self->queue, find (self, 'a'));
  plant_rpc_write_queue_remove (self->queue, find (self, 'b'));
  assert_sent (self, "a0 ");
  answer (self, 'a');
  assert_sent (self, "");
  g_assert_false (plant_rpc_write_slot_is_busy (find (self, 'a')));
}

/* What cannot be sent has its answer at once. */
static void
test_fails (void)
{
  g_autoptr (Writer) self = writer_new ();

  add (self, 'a', 0);
  add (self, 'b', 0);
  add (self, 'a', 1);
  add (self, 'b', 1);
  self->fails = TRUE;
  answer (self, 'a');
  assert_sent (self, "a0 b0 a1 ");
  answer (self, 'b');
  assert_sent (self, "b1 ");
  add (self, 'c', 0);
  assert_sent (self, "c0 ");
  for (guint i = 0; i < G_N_ELEMENTS (self->slots); i++)
    g_assert_false (plant_rpc_write_slot_is_busy (&self->slots[i]));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/write-queue/newest-waits", test_newest_waits);
  g_test_add_func ("/write-queue/two", test_two);
  g_test_add_func ("/write-queue/order", test_order);
  g_test_add_func ("/write-queue/another", test_another);
  g_test_add_func ("/write-queue/send-all", test_send_all);
  g_test_add_func ("/write-queue/removed", test_removed);
  g_test_add_func ("/write-queue/fails", test_fails);

  return g_test_run ();
}
