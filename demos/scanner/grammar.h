/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The letters of the L-system. Some grow at every step, the others only steer the turtle. */
typedef enum
{
  SCANNER_SHOOT = 'A',     /* a: node number, b: nodes still to come */
  SCANNER_INTERNODE = 'I', /* a: length, b: age in steps */
  SCANNER_JOINT = 'J',     /* a: degrees away from the parent axis, b: age; sinks with age */
  SCANNER_RACHIS = 'R',    /* a: pairs of leaflets still to come, b: size of the next */
  SCANNER_STALK = 'S',     /* a: length, b: age */
  SCANNER_LEAFLET = 'L',   /* a: length, b: age */
  SCANNER_TRUSS = 'T',     /* a: flowers still to come, b: side of the next, 1 or -1 */
  SCANNER_FLOWER = 'K',    /* a: age; a bud, then a flower, then a fruit */
  SCANNER_ROLL = '/',      /* a: degrees around the heading */
  SCANNER_TURN = '+',      /* a: degrees to the left */
  SCANNER_LEVEL = '$',     /* roll until the left side is level, so that blades face the sky */
  SCANNER_PUSH = '[',
  SCANNER_POP = ']',
} ScannerLetter;

typedef struct
{
  ScannerLetter letter;
  gdouble       a;
  gdouble       b;
} ScannerModule;

GArray *scanner_grammar_derive (GRand *random,
                                guint  steps);

G_END_DECLS
