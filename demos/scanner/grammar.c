/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "grammar.h"

#include <math.h>

#define MAX_MODULES 20000
#define MAIN_NODES 10
#define SIDE_NODES 3
#define FIRST_SIDE_NODE 100 /* node numbers of side shoots start here: they carry no trusses */

typedef struct
{
  GArray *word;   /* (element-type ScannerModule): the word being written */
  GRand  *random;
} Derivation;

static void
emit (Derivation *self, ScannerLetter letter, gdouble a, gdouble b)
{
  ScannerModule module = { letter, a, b };

  g_array_append_val (self->word, module);
}

static gdouble
around (Derivation *self, gdouble mean, gdouble spread)
{
  return g_rand_double_range (self->random, mean - spread, mean + spread);
}

static void
emit_leaf (Derivation *self, gdouble node)
{
  gdouble size = node < 2 ? 8 + node * 2 : 13.5;

  emit (self, SCANNER_PUSH, 0, 0);
  emit (self, SCANNER_JOINT, around (self, 30, 8), 0);
  emit (self, SCANNER_LEVEL, 0, 0);
  emit (self, SCANNER_STALK, around (self, size, 1), 0);
  emit (self, SCANNER_RACHIS, node < 2 ? 1 : 3, around (self, size, 1.2));
  emit (self, SCANNER_POP, 0, 0);
}

static void
emit_truss (Derivation *self)
{
  emit (self, SCANNER_PUSH, 0, 0);
  emit (self, SCANNER_ROLL, around (self, 95, 15), 0);
  emit (self, SCANNER_JOINT, around (self, 42, 6), 0);
  emit (self, SCANNER_LEVEL, 0, 0);
  emit (self, SCANNER_STALK, 11, 0);
  emit (self, SCANNER_TRUSS, 5, 1);
  emit (self, SCANNER_POP, 0, 0);
}

static void
emit_side_shoot (Derivation *self)
{
  emit (self, SCANNER_PUSH, 0, 0);
  emit (self, SCANNER_ROLL, around (self, 20, 20), 0);
  emit (self, SCANNER_JOINT, around (self, 24, 6), 0);
  emit (self, SCANNER_SHOOT, FIRST_SIDE_NODE, SIDE_NODES);
  emit (self, SCANNER_POP, 0, 0);
}

static void
grow_shoot (Derivation *self, gdouble node, gdouble budget)
{
  if (budget <= 0)
    {
      emit (self, SCANNER_SHOOT, node, 0);
      return;
    }
  emit (self, SCANNER_INTERNODE, around (self, node < 2 ? 5 : 7, 1), 0);
  emit (self, SCANNER_TURN, around (self, 0, 5), 0);
  emit (self, SCANNER_ROLL, around (self, 137.5, 9), 0);
  emit_leaf (self, node);
  if (node == 4 || node == 6 || node == 8)
    emit_truss (self);
  if (node >= 1 && node <= 4 && g_rand_double (self->random) < 0.4)
    emit_side_shoot (self);
  emit (self, SCANNER_SHOOT, node + 1, budget - 1);
}

static void
grow_rachis (Derivation *self, gdouble pairs, gdouble size)
{
  gint side;

  if (pairs <= 0)
    {
      emit (self, SCANNER_LEAFLET, size * 1.25, 0);
      return;
    }
  for (side = -1; side <= 1; side += 2)
    {
      emit (self, SCANNER_PUSH, 0, 0);
      emit (self, SCANNER_TURN, side * around (self, 62, 9), 0);
      emit (self, SCANNER_ROLL, side * around (self, -8, 8), 0);
      emit (self, SCANNER_STALK, 1.6, 0);
      emit (self, SCANNER_LEAFLET, around (self, size * 0.92, 1.2), 0);
      emit (self, SCANNER_POP, 0, 0);
    }
  emit (self, SCANNER_TURN, around (self, 0, 5), 0);
  emit (self, SCANNER_STALK, around (self, size * 0.62, 0.8), 0);
  emit (self, SCANNER_RACHIS, pairs - 1, size * 1.04);
}

static void
grow_truss (Derivation *self, gdouble flowers, gdouble side)
{
  if (flowers <= 0)
    return;
  emit (self, SCANNER_PUSH, 0, 0);
  emit (self, SCANNER_TURN, side * around (self, 55, 10), 0);
  emit (self, SCANNER_STALK, 3.5, 0);
  emit (self, SCANNER_FLOWER, 0, 0);
  emit (self, SCANNER_POP, 0, 0);
  emit (self, SCANNER_STALK, around (self, 4.5, 0.5), 0);
  emit (self, SCANNER_TRUSS, flowers - 1, -side);
}

/* Organs grow quickly while young and then come to rest, which is what bounds the plant's size. */
static gdouble
grown (gdouble length, gdouble age)
{
  return length * (1 + 0.46 * exp (-age / 2.4));
}

static void
rewrite (Derivation *self, const ScannerModule *module)
{
  switch (module->letter)
    {
    case SCANNER_SHOOT:
      grow_shoot (self, module->a, module->b);
      break;
    case SCANNER_RACHIS:
      grow_rachis (self, module->a, module->b);
      break;
    case SCANNER_TRUSS:
      grow_truss (self, module->a, module->b);
      break;
    case SCANNER_INTERNODE:
    case SCANNER_STALK:
    case SCANNER_LEAFLET:
      emit (self, module->letter, grown (module->a, module->b), module->b + 1);
      break;
    case SCANNER_JOINT:
      emit (self, SCANNER_JOINT, module->a + 7 * exp (-module->b / 5), module->b + 1);
      break;
    case SCANNER_FLOWER:
      emit (self, SCANNER_FLOWER, module->a + around (self, 1, 0.2), 0);
      break;
    case SCANNER_ROLL:
    case SCANNER_TURN:
    case SCANNER_LEVEL:
    case SCANNER_PUSH:
    case SCANNER_POP:
    default:
      g_array_append_val (self->word, *module);
      break;
    }
}

/* (transfer full) (element-type ScannerModule): the word after steps parallel rewritings of one
 * shoot. */
GArray *
scanner_grammar_derive (GRand *random, guint steps)
{
  GArray *word = g_array_new (FALSE, FALSE, sizeof (ScannerModule));
  Derivation seedling = { word, random };
  guint step, i;

  emit (&seedling, SCANNER_SHOOT, 0, MAIN_NODES);
  for (step = 0; step < steps && word->len < MAX_MODULES; step++)
    {
      Derivation next = { g_array_new (FALSE, FALSE, sizeof (ScannerModule)), random };

      for (i = 0; i < word->len; i++)
        rewrite (&next, &g_array_index (word, ScannerModule, i));
      g_array_unref (word);
      word = next.word;
    }
  return word;
}
