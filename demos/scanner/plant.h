/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include "vector.h"

G_BEGIN_DECLS

#define SCANNER_BLADE_STATIONS 25
#define SCANNER_PLANT_MAX_AGE 16
#define SCANNER_PLANT_FRUITING_AGE 13 /* old enough for the first ripe fruits */
#define SCANNER_PLANT_SOIL 84.0 /* height of the soil in the pot, where the stem begins */

typedef enum
{
  SCANNER_ORGAN_STEM,
  SCANNER_ORGAN_LEAF,
  SCANNER_ORGAN_PETAL,
  SCANNER_ORGAN_SEPAL,
  SCANNER_ORGAN_FRUIT,
} ScannerOrganKind;

typedef struct
{
  ScannerVector from;
  ScannerVector to;
  gdouble       from_radius;
  gdouble       to_radius;
} ScannerStem;

/* Leaf, petal or sepal: two halves that meet along the midrib, from base to tip. */
typedef struct
{
  ScannerVector middle[SCANNER_BLADE_STATIONS];
  ScannerVector edges[2][SCANNER_BLADE_STATIONS]; /* left, right */
} ScannerBlade;

typedef struct
{
  ScannerVector centre;
  gdouble       radius;
} ScannerFruit;

typedef struct
{
  ScannerOrganKind kind;
  gdouble          age;  /* 0 young … 1 old; of a fruit: its ripeness */
  gdouble          tone; /* -1 … 1, by chance: no two leaves have quite one colour */
  union
  {
    ScannerStem  stem;
    ScannerBlade blade;
    ScannerFruit fruit;
  };
} ScannerOrgan;

typedef struct _ScannerPlant ScannerPlant;

#define SCANNER_TYPE_PLANT (scanner_plant_get_type ())

GType               scanner_plant_get_type   (void);
ScannerPlant       *scanner_plant_new        (guint32       seed,
                                              guint         age);
ScannerPlant       *scanner_plant_ref        (ScannerPlant *self);
void                scanner_plant_unref      (ScannerPlant *self);
const ScannerOrgan *scanner_plant_get_organs (ScannerPlant *self,
                                              gsize        *n_organs);
gdouble             scanner_plant_get_height (ScannerPlant *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ScannerPlant, scanner_plant_unref)

G_END_DECLS
