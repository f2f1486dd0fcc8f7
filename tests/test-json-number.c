/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "plant-rpc-json-number-private.h"
#include "plant-rpc-test-locale.h"

/* The fewest digits that read back as NUMBER, found by trying. */
static char *
find_fewest (double number)
{
  for (int precision = 1;; precision++)
    {
      char text[G_ASCII_DTOSTR_BUF_SIZE];
      g_autofree char *format = g_strdup_printf ("%%.%dg", precision);

      g_ascii_formatd (text, sizeof text, format, number);
      if (g_ascii_strtod (text, NULL) == number)
        return g_strdup (text);
    }
}

/* Returns the digits without the zeros around them. */
static char *
get_digits (const char *text)
{
  GString *digits = g_string_new (NULL);

  for (; *text != '\0' && *text != 'e'; text++)
    {
      if (g_ascii_isdigit (*text) && (digits->len > 0 || *text != '0'))
        g_string_append_c (digits, *text);
    }
  while (digits->len > 0 && digits->str[digits->len - 1] == '0')
    g_string_truncate (digits, digits->len - 1);
  return g_string_free (digits, FALSE);
}

static void
check (double number)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autofree char *fewest = find_fewest (number);
  g_autofree char *expected = get_digits (fewest);
  g_autofree char *digits = NULL;

  plant_rpc_json_append_double (out, number);
  digits = get_digits (out->str);
  g_assert_true (g_ascii_strtod (out->str, NULL) == number);
  g_assert_true (signbit (g_ascii_strtod (out->str, NULL)) == signbit (number));
  g_assert_nonnull (strpbrk (out->str, ".e"));
  g_assert_cmpstr (digits, ==, expected);
}

/* A number, its neighbours, and the same below zero. */
static void
check_around (double number)
{
  check (number);
  check (nextafter (number, INFINITY));
  check (nextafter (number, -INFINITY));
  check (-number);
}

static void
test_powers (void)
{
  for (int exponent = -40; exponent <= 60; exponent++)
    check_around (ldexp (1, exponent));
  for (int exponent = -20; exponent <= 20; exponent++)
    check_around (pow (10, exponent));
}

static void
test_decimals (void)
{
  for (guint i = 0; i < 2000; i++)
    {
      guint digits = (guint) g_test_rand_int_range (0, 17);

      check_around (g_test_rand_int_range (1, G_MAXINT32) / pow (10, digits));
      check_around (g_test_rand_double_range (1, 1e15) / pow (10, digits));
    }
}

static void
test_text (void)
{
  static const struct {
    double      number;
    const char *text;
  } cases[] = {
    { 0.0, "0.0" },     { -0.0, "-0.0" },     { 1.0, "1.0" },
    { 0.1, "0.1" },     { 0.1 + 0.2, "0.30000000000000004" },
    { -2.5, "-2.5" },   { 1.0 / 3, "0.3333333333333333" },
    { 100.0, "100.0" }, { 999999999999999.0, "999999999999999.0" },
    { 1e15, "1e+15" },  { 123456.789, "123456.789" },
    { 0.015625, "0.015625" }, { 0.99999999999999989, "0.9999999999999999" },
    { 1e-5, "1e-05" },  { 5e-324, "5e-324" }, { 1.7976931348623157e308, "1.7976931348623157e+308" },
    { 9.95, "9.95" },   { 562949953421312.1, "562949953421312.1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GString) out = g_string_new (NULL);

      plant_rpc_json_append_double (out, cases[i].number);
      g_assert_cmpstr (out->str, ==, cases[i].text);
    }
}

static void
test_integers (void)
{
  g_autoptr (GString) out = g_string_new (NULL);

  plant_rpc_json_append_unsigned (out, 0);
  g_string_append_c (out, ' ');
  plant_rpc_json_append_unsigned (out, G_MAXUINT64);
  g_assert_cmpstr (out->str, ==, "0 18446744073709551615");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  plant_rpc_test_add ("/json-number/powers", test_powers);
  plant_rpc_test_add ("/json-number/decimals", test_decimals);
  plant_rpc_test_add ("/json-number/text", test_text);
  plant_rpc_test_add ("/json-number/integers", test_integers);
  return g_test_run ();
}
