/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "light.h"

#define CELLS 96
#define CELL_SIZE 5.0 /* millimetres */
#define BIAS 5.0      /* what lies this little behind the nearest surface is still that surface */
#define NOTHING (-1e9)

struct _ScannerLight
{
  ScannerVector towards; /* the lamp */
  ScannerVector across;
  ScannerVector along;
  gfloat        nearest[CELLS][CELLS]; /* height towards the lamp, or NOTHING */
};

/* Points towards the lamp, of length 1. */
ScannerVector
scanner_light_get_direction (void)
{
  return scanner_vector_unit (scanner_vector (0.38, -0.30, 1.0));
}

static void
locate (ScannerLight *self, ScannerVector point, gint *column, gint *row)
{
  *column = (gint) floor (scanner_vector_dot (point, self->across) / CELL_SIZE) + CELLS / 2;
  *row = (gint) floor (scanner_vector_dot (point, self->along) / CELL_SIZE) + CELLS / 2;
}

static void
block (ScannerLight *self, ScannerVector point)
{
  gint column, row;

  locate (self, point, &column, &row);
  if (column < 0 || row < 0 || column >= CELLS || row >= CELLS)
    return;
  self->nearest[row][column] = MAX (self->nearest[row][column],
                                    scanner_vector_dot (point, self->towards));
}

static void
block_organ (ScannerLight *self, const ScannerOrgan *organ)
{
  guint i;

  if (organ->kind == SCANNER_ORGAN_FRUIT)
    block (self, organ->fruit.centre);
  if (organ->kind == SCANNER_ORGAN_FRUIT || organ->kind == SCANNER_ORGAN_STEM)
    return;
  for (i = 0; i < SCANNER_BLADE_STATIONS; i++)
    {
      ScannerVector middle = organ->blade.middle[i];

      block (self, scanner_vector_mix (middle, organ->blade.edges[0][i], 0.45));
      block (self, scanner_vector_mix (middle, organ->blade.edges[1][i], 0.45));
      block (self, scanner_vector_mix (middle, organ->blade.edges[0][i], 0.85));
      block (self, scanner_vector_mix (middle, organ->blade.edges[1][i], 0.85));
    }
}

ScannerLight *
scanner_light_new (ScannerPlant *plant)
{
  ScannerLight *self = g_new0 (ScannerLight, 1);
  const ScannerOrgan *organs;
  gsize n_organs, i;

  self->towards = scanner_light_get_direction ();
  self->across = scanner_vector_cross (scanner_vector (0, 1, 0), self->towards);
  self->across = scanner_vector_unit (self->across);
  self->along = scanner_vector_cross (self->towards, self->across);
  for (i = 0; i < CELLS * CELLS; i++)
    self->nearest[i / CELLS][i % CELLS] = NOTHING;
  organs = scanner_plant_get_organs (plant, &n_organs);
  for (i = 0; i < n_organs; i++)
    block_organ (self, &organs[i]);
  return self;
}

void
scanner_light_free (ScannerLight *self)
{
  g_free (self);
}

/* How much of the lamp is seen from point: 0 … 1, soft at the rim of a shadow. */
gdouble
scanner_light_reach (ScannerLight *self, ScannerVector point)
{
  gdouble height = scanner_vector_dot (point, self->towards);
  gint column, row, i, j, open = 0;

  locate (self, point, &column, &row);
  if (column < 1 || row < 1 || column >= CELLS - 1 || row >= CELLS - 1)
    return 1;
  for (i = -1; i <= 1; i++)
    for (j = -1; j <= 1; j++)
      open += self->nearest[row + i][column + j] <= height + BIAS;
  return open / 9.0;
}
