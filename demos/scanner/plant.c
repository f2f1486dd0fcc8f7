/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plant.h"

#include "grammar.h"

/* A young tomato plant: the grammar says how it branches, the turtle here gives it its shape. */
struct _ScannerPlant
{
  GArray *organs; /* (owned) (element-type ScannerOrgan) */
  gdouble height; /* of the highest point above the turntable */
};

typedef struct
{
  ScannerVector position;
  ScannerVector heading;
  ScannerVector left;
  ScannerVector up;
} Turtle;

typedef struct
{
  ScannerPlant *plant;
  GRand        *random;
  GArray       *saved; /* (element-type Turtle): where the open branches began */
  Turtle        turtle;
} Drawing;

typedef struct
{
  ScannerOrganKind kind;
  gdouble          age;
  gdouble          length;
  gdouble          width; /* of one half, against the length */
  gdouble          curl;  /* degrees by which the tip is bent down */
  gdouble          fold;  /* degrees by which each half is raised */
  guint            teeth;
} BladeShape;

G_DEFINE_BOXED_TYPE (ScannerPlant, scanner_plant, scanner_plant_ref, scanner_plant_unref)

static void
turn (Turtle *turtle, ScannerVector axis, gdouble degrees)
{
  turtle->heading = scanner_vector_turn (turtle->heading, axis, degrees);
  turtle->left = scanner_vector_turn (turtle->left, axis, degrees);
  turtle->up = scanner_vector_turn (turtle->up, axis, degrees);
}

static void
level (Turtle *turtle)
{
  ScannerVector side = scanner_vector_cross (scanner_vector (0, 0, 1), turtle->heading);

  if (scanner_vector_length (side) < 1e-3)
    return;
  turtle->left = scanner_vector_unit (side);
  turtle->up = scanner_vector_cross (turtle->heading, turtle->left);
}

static ScannerOrgan *
add_organ (Drawing *self, ScannerOrganKind kind, gdouble age)
{
  GArray *organs = self->plant->organs;
  ScannerOrgan *organ;

  g_array_set_size (organs, organs->len + 1);
  organ = &g_array_index (organs, ScannerOrgan, organs->len - 1);
  organ->kind = kind;
  organ->age = CLAMP (age, 0, 1);
  organ->tone = g_rand_double_range (self->random, -1, 1);
  return organ;
}

static void
note_height (Drawing *self, ScannerVector point)
{
  self->plant->height = MAX (self->plant->height, point.z);
}

/* Moves on, leaving a stem. A positive pull bends the way upwards, a negative one lets it hang. */
static void
draw_stem (Drawing *self, gdouble length, gdouble age, gdouble thickness, gdouble pull)
{
  const guint pieces = length > 6 ? 4 : 1;
  Turtle *turtle = &self->turtle;
  guint i;

  for (i = 0; i < pieces; i++)
    {
      ScannerOrgan *organ = add_organ (self, SCANNER_ORGAN_STEM, age / 10);
      ScannerVector axis = scanner_vector_cross (turtle->heading, scanner_vector (0, 0, 1));
      gdouble level_part = scanner_vector_length (axis);

      if (level_part > 1e-3)
        turn (turtle, scanner_vector_unit (axis), pull * level_part * length / pieces);
      organ->stem.from = turtle->position;
      turtle->position = scanner_vector_add (turtle->position, turtle->heading, length / pieces);
      organ->stem.to = turtle->position;
      organ->stem.from_radius = 0.5 + thickness * (age - (gdouble) i / pieces + 1);
      organ->stem.to_radius = 0.5 + thickness * (age - (gdouble) (i + 1) / pieces + 1);
    }
  note_height (self, turtle->position);
}

/* Half the width at t, 0 at the base … 1 at the tip, as part of the greatest. */
static gdouble
half_width (gdouble t, guint teeth)
{
  gdouble envelope = pow (sin (G_PI * pow (t, 0.62)), 0.9);
  gdouble tooth = fmod (t * teeth + 0.35, 1.0);

  return teeth > 0 ? envelope * (0.74 + 0.34 * pow (tooth, 1.6)) : envelope;
}

static void
draw_blade (Drawing *self, const BladeShape *shape)
{
  ScannerOrgan *organ = add_organ (self, shape->kind, shape->age);
  gdouble wave = g_rand_double_range (self->random, 0, 2 * G_PI);
  Turtle turtle = self->turtle;
  guint i, side;

  for (i = 0; i < SCANNER_BLADE_STATIONS; i++)
    {
      gdouble t = (gdouble) i / (SCANNER_BLADE_STATIONS - 1);
      gdouble width = i == SCANNER_BLADE_STATIONS - 1 ? 0 : shape->length * shape->width;

      width *= half_width (t, shape->teeth);
      organ->blade.middle[i] = turtle.position;
      for (side = 0; side < 2; side++)
        {
          gdouble lift = shape->fold + (shape->teeth > 0 ? 14 * sin (wave + side * 2 + t * 9) : 0);
          gdouble sign = side == 0 ? 1 : -1;
          ScannerVector out = scanner_vector_turn (turtle.left, turtle.heading, sign * lift);
          ScannerVector edge = scanner_vector_add (turtle.position, out, sign * width);

          organ->blade.edges[side][i] = scanner_vector_add (edge, turtle.heading, width * 0.25);
          note_height (self, edge);
        }
      turn (&turtle, turtle.left, shape->curl / SCANNER_BLADE_STATIONS);
      turtle.position = scanner_vector_add (turtle.position, turtle.heading,
                                            shape->length / (SCANNER_BLADE_STATIONS - 1));
    }
}

static void
draw_leaflet (Drawing *self, gdouble length, gdouble age)
{
  BladeShape shape = { SCANNER_ORGAN_LEAF, age / 9, length, 0.35, 0, 0, 4 };

  shape.curl = g_rand_double_range (self->random, 22, 46);
  shape.fold = g_rand_double_range (self->random, 14, 26);
  draw_blade (self, &shape);
}

static void
draw_star (Drawing *self, const BladeShape *shape, gdouble reflex)
{
  Turtle centre = self->turtle;
  guint i;

  for (i = 0; i < 5; i++)
    {
      turn (&self->turtle, self->turtle.heading, 72);
      turn (&self->turtle, self->turtle.left, reflex);
      draw_blade (self, shape);
      turn (&self->turtle, self->turtle.left, -reflex);
    }
  self->turtle = centre;
}

static void
draw_ball (Drawing *self, gdouble radius, gdouble ripeness)
{
  ScannerOrgan *organ = add_organ (self, SCANNER_ORGAN_FRUIT, ripeness);

  organ->fruit.centre = scanner_vector_add (self->turtle.position, self->turtle.heading,
                                            radius * 0.92);
  organ->fruit.radius = radius;
}

static void
draw_flower (Drawing *self, gdouble age)
{
  BladeShape sepals = { SCANNER_ORGAN_SEPAL, 0.5, 6, 0.16, 30, 8, 0 };
  BladeShape petals = { SCANNER_ORGAN_PETAL, age / 3, 8.5, 0.19, 50, 12, 0 };

  if (age < 1.5)
    {
      draw_ball (self, 1.4 + 0.5 * age, 0);
      return;
    }
  if (age < 3.6)
    {
      draw_star (self, &petals, 68);
      draw_stem (self, 4.5, 0.1, 0.9, 0);
      return;
    }
  draw_ball (self, MIN (3 + (age - 3) * 2.4, 12.5), (age - 4.6) / 2.2);
  sepals.length = MIN (4 + age, 10);
  draw_star (self, &sepals, 72);
}

static void
pop (Drawing *self)
{
  g_return_if_fail (self->saved->len > 0);
  self->turtle = g_array_index (self->saved, Turtle, self->saved->len - 1);
  g_array_set_size (self->saved, self->saved->len - 1);
}

static void
draw_module (Drawing *self, const ScannerModule *module)
{
  switch (module->letter)
    {
    case SCANNER_INTERNODE:
      draw_stem (self, module->a, module->b, 0.30, 0.5);
      break;
    case SCANNER_STALK:
      draw_stem (self, module->a, module->b, 0.08, -0.55);
      break;
    case SCANNER_LEAFLET:
      draw_leaflet (self, module->a, module->b);
      break;
    case SCANNER_RACHIS:
      draw_leaflet (self, module->b * 0.7, 0);
      break;
    case SCANNER_FLOWER:
      draw_flower (self, module->a);
      break;
    case SCANNER_JOINT:
      turn (&self->turtle, self->turtle.left, module->a);
      break;
    case SCANNER_ROLL:
      turn (&self->turtle, self->turtle.heading, module->a);
      break;
    case SCANNER_TURN:
      turn (&self->turtle, self->turtle.up, module->a);
      break;
    case SCANNER_LEVEL:
      level (&self->turtle);
      break;
    case SCANNER_PUSH:
      g_array_append_val (self->saved, self->turtle);
      break;
    case SCANNER_POP:
      pop (self);
      break;
    case SCANNER_SHOOT: /* growing tips are too small to be seen */
    case SCANNER_TRUSS:
    default:
      break;
    }
}

/* The plant that grows from seed in age steps, at most SCANNER_PLANT_MAX_AGE; always the same. */
ScannerPlant *
scanner_plant_new (guint32 seed, guint age)
{
  ScannerPlant *self = g_atomic_rc_box_new0 (ScannerPlant);
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  g_autoptr (GArray) word = scanner_grammar_derive (random, MIN (age, SCANNER_PLANT_MAX_AGE));
  g_autoptr (GArray) saved = g_array_new (FALSE, FALSE, sizeof (Turtle));
  Drawing drawing = { .plant = self, .random = random, .saved = saved };
  guint i;

  self->organs = g_array_new (FALSE, TRUE, sizeof (ScannerOrgan));
  drawing.turtle.position = scanner_vector (0, 0, SCANNER_PLANT_SOIL - 2);
  drawing.turtle.heading = scanner_vector (0, 0, 1);
  drawing.turtle.left = scanner_vector (0, 1, 0);
  drawing.turtle.up = scanner_vector (-1, 0, 0);
  for (i = 0; i < word->len; i++)
    draw_module (&drawing, &g_array_index (word, ScannerModule, i));
  return self;
}

ScannerPlant *
scanner_plant_ref (ScannerPlant *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  ScannerPlant *self = data;

  g_array_unref (self->organs);
}

void
scanner_plant_unref (ScannerPlant *self)
{
  g_atomic_rc_box_release_full (self, clear);
}

/* (transfer none) (array length=n_organs): stems, blades and fruits, in the order of drawing. */
const ScannerOrgan *
scanner_plant_get_organs (ScannerPlant *self, gsize *n_organs)
{
  *n_organs = self->organs->len;
  return &g_array_index (self->organs, ScannerOrgan, 0);
}

/* Millimetres from the turntable to the highest leaf. */
gdouble
scanner_plant_get_height (ScannerPlant *self)
{
  return self->height;
}
