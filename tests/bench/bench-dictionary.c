/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench-dictionary.h"

/* BENCH_ARGS_JSON */
GVariant *
bench_build_args (void)
{
  static const char *const tags[] = { "rgb", "scan", "top", NULL };
  GVariantDict args;

  g_variant_dict_init (&args, NULL);
  g_variant_dict_insert (&args, "x", "d", BENCH_ARG_X);
  g_variant_dict_insert (&args, "y", "d", -78.9);
  g_variant_dict_insert (&args, "z", "d", 12.25);
  g_variant_dict_insert (&args, "pan", "d", 90.5);
  g_variant_dict_insert (&args, "tilt", "d", 15.5);
  g_variant_dict_insert (&args, "gain", "d", 1.5);
  g_variant_dict_insert (&args, "timeout_s", "d", 2.5);
  g_variant_dict_insert (&args, "exposure_us", "i", 16667);
  g_variant_dict_insert (&args, "flash", "b", TRUE);
  g_variant_dict_insert (&args, "format", "s", "jpeg");
  g_variant_dict_insert (&args, "name", "s", BENCH_ARG_NAME);
  g_variant_dict_insert (&args, "mode", "s", BENCH_VALUE);
  g_variant_dict_insert (&args, "tags", "^as", tags);
  return g_variant_dict_end (&args);
}

void
bench_check_args (GVariant *args)
{
  const char *name = NULL;
  double x = 0;

  BENCH_CHECK (args != NULL && g_variant_lookup (args, "name", "&s", &name));
  BENCH_CHECK (g_str_equal (name, BENCH_ARG_NAME));
  BENCH_CHECK (g_variant_lookup (args, "x", "d", &x) && x == BENCH_ARG_X);
}

/* BENCH_INFO_JSON. As the buffer it is made once, since the rivals that send JSON make none. */
GVariant *
bench_get_info (void)
{
  static GVariant *made;
  GVariantDict info;

  if (made != NULL)
    return made;
  g_variant_dict_init (&info, NULL);
  g_variant_dict_insert (&info, "format", "s", "raw");
  g_variant_dict_insert (&info, "width", "i", BENCH_WIDTH);
  g_variant_dict_insert (&info, "height", "i", BENCH_HEIGHT);
  g_variant_dict_insert (&info, "rotation", "i", 0);
  made = g_variant_ref_sink (g_variant_dict_end (&info));
  return made;
}
