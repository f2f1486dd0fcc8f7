/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "plant-rpc-json-number-private.h"

/* A double has this many bits of mantissa without the first one, which is always set. */
#define MANTISSA_BITS 52
#define EXPONENT_BIAS 1023

/* Between these magnitudes the digits are found with integers of 64 bits. Beyond them printf() is
 * used, which takes several times as long. */
#define LEAST 0x1p-6
#define MOST  1e15

void
plant_rpc_json_append_unsigned (GString *out,
                                guint64  number)
{
  char text[20];
  char *at = text + sizeof text;

  do
    *--at = (char) ('0' + number % 10);
  while ((number /= 10) > 0);
  g_string_append_len (out, at, text + sizeof text - at);
}

/* Appends the digits of FRACTION / 2^(BITS + 1). They end as soon as what they leave out is less
 * than half the distance to the next double, which is 1. */
static void
append_fraction (GString *out,
                 guint64  fraction,
                 guint    bits)
{
  const guint64 one = G_GUINT64_CONSTANT (1) << (bits + 1);
  guint64 half_distance = 1;

  for (;;)
    {
      gboolean low, high, nearer_up;
      char digit;

      fraction *= 10;
      half_distance *= 10;
      digit = (char) ('0' + fraction / one);
      fraction %= one;
      low = fraction < half_distance;
      high = fraction + half_distance > one;
      nearer_up = fraction + digit % 2 > one / 2;
      if (low || high)
        {
          g_string_append_c (out, high && (!low || nearer_up) ? digit + 1 : digit);
          return;
        }
      g_string_append_c (out, digit);
    }
}

static void
append_ordinary (GString *out,
                 double   number)
{
  union {
    double  number;
    guint64 word;
  } pun = { number };
  const guint64 first_bit = G_GUINT64_CONSTANT (1) << MANTISSA_BITS;
  guint64 mantissa = (pun.word & (first_bit - 1)) | first_bit;
  guint bits = EXPONENT_BIAS + MANTISSA_BITS - (guint) (pun.word >> MANTISSA_BITS);
  guint64 fraction = mantissa & ((G_GUINT64_CONSTANT (1) << bits) - 1);

  plant_rpc_json_append_unsigned (out, mantissa >> bits);
  g_string_append_c (out, '.');
  if (fraction == 0)
    g_string_append_c (out, '0');
  else
    append_fraction (out, fraction * 2, bits);
}

void
plant_rpc_json_print_double (char   *text,
                             double  number)
{
  /* Numbers below those of full precision have few digits. */
  int precision = isnormal (number) ? 15 : 1;

  for (; precision <= 17; precision++)
    {
      char format[8];

      g_snprintf (format, sizeof format, "%%.%dg", precision);
      g_ascii_formatd (text, G_ASCII_DTOSTR_BUF_SIZE, format, number);
      if (g_ascii_strtod (text, NULL) == number)
        break;
    }
}

static void
append_extreme (GString *out,
                double   number)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  plant_rpc_json_print_double (text, number);
  g_string_append (out, text);
  if (strpbrk (text, ".e") == NULL)
    g_string_append (out, ".0");
}

void
plant_rpc_json_append_double (GString *out,
                              double   number)
{
  double magnitude = fabs (number);

  if (magnitude >= LEAST && magnitude < MOST)
    {
      if (number < 0)
        g_string_append_c (out, '-');
      append_ordinary (out, magnitude);
    }
  else
    {
      append_extreme (out, number);
    }
}
