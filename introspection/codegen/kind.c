/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "kind.h"

#define OWNED "(transfer full) (nullable)"

/* Sixteen bits are kept in an int: it is sent as one, and refused where it does not fit. */
static const Kind kinds[] = {
  { "b", "gboolean ", "gboolean ", "FALSE", "G_TYPE_BOOLEAN", "boolean", "set", "get", "",
    "g_variant_new_boolean (%s)", "g_variant_get_boolean (%s)", "boolean", NULL, NULL, "bool",
    "get_boolean", "boolean", "ParamSpecBoolean" },
  { "y", "guint8 ", "guint8 ", "0", "G_TYPE_UCHAR", "uchar", "set", "get", "",
    "g_variant_new_byte (%s)", "g_variant_get_byte (%s)", "uchar", "0", "G_MAXUINT8", "uint8",
    "get_byte", "byte", "ParamSpecUChar" },
  { "n", "int ", "int ", "0", "G_TYPE_INT", "int", "set", "get", "",
    "g_variant_new_int32 (%s)", "g_variant_get_int16 (%s)", "int", "G_MININT16", "G_MAXINT16",
    "int", "get_int16", "int32", "ParamSpecInt" },
  { "q", "guint ", "guint ", "0", "G_TYPE_UINT", "uint", "set", "get", "",
    "g_variant_new_uint32 (%s)", "g_variant_get_uint16 (%s)", "uint", "0", "G_MAXUINT16", "uint",
    "get_uint16", "uint32", "ParamSpecUInt" },
  { "i", "int ", "int ", "0", "G_TYPE_INT", "int", "set", "get", "",
    "g_variant_new_int32 (%s)", "g_variant_get_int32 (%s)", "int", "G_MININT", "G_MAXINT", "int",
    "get_int32", "int32", "ParamSpecInt" },
  { "u", "guint ", "guint ", "0", "G_TYPE_UINT", "uint", "set", "get", "",
    "g_variant_new_uint32 (%s)", "g_variant_get_uint32 (%s)", "uint", "0", "G_MAXUINT", "uint",
    "get_uint32", "uint32", "ParamSpecUInt" },
  { "x", "gint64 ", "gint64 ", "0", "G_TYPE_INT64", "int64", "set", "get", "",
    "g_variant_new_int64 (%s)", "g_variant_get_int64 (%s)", "int64", "G_MININT64", "G_MAXINT64",
    "int64", "get_int64", "int64", "ParamSpecInt64" },
  { "t", "guint64 ", "guint64 ", "0", "G_TYPE_UINT64", "uint64", "set", "get", "",
    "g_variant_new_uint64 (%s)", "g_variant_get_uint64 (%s)", "uint64", "0", "G_MAXUINT64",
    "uint64", "get_uint64", "uint64", "ParamSpecUInt64" },
  { "d", "double ", "double ", "0", "G_TYPE_DOUBLE", "double", "set", "get", "",
    "g_variant_new_double (%s)", "g_variant_get_double (%s)", "double", "-G_MAXDOUBLE",
    "G_MAXDOUBLE", "double", "get_double", "double", "ParamSpecDouble" },
  { "s", "const char *", "char *", "NULL", "G_TYPE_STRING", "string", "take", "dup", OWNED,
    "g_variant_new_string (%s)", "g_variant_get_string (%s, NULL)", "string", NULL, NULL, "string",
    "get_string", "string", "ParamSpecString" },
  { "as", "const char *const *", "char **", "NULL", "G_TYPE_STRV", "boxed", "take", "dup",
    "(transfer full) (nullable) (array zero-terminated=1)", "g_variant_new_strv (%s, -1)", NULL,
    NULL, NULL, NULL, "string[]", NULL, "strv", NULL },
};

static const Kind variant_kind = {
  "", "GVariant *", "GVariant *", "NULL", "G_TYPE_VARIANT", "variant", "take", "dup", OWNED,
  NULL, NULL, NULL, NULL, NULL, "GLib.Variant", NULL, NULL, "ParamSpecVariant"
};

/* Their types are those that were generated. */
static const Kind enum_kind = {
  "s", NULL, NULL, "0", NULL, "enum", "set", "get", "", NULL, NULL, "enum", NULL, NULL, NULL,
  NULL, NULL, "ParamSpecEnum"
};
static const Kind flags_kind = {
  "as", NULL, NULL, "0", NULL, "flags", "set", "get", "", NULL, NULL, "flags", NULL, NULL, NULL,
  NULL, NULL, "ParamSpecFlags"
};

const Kind *
kind_of (const char *type_string)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      if (g_str_equal (kinds[i].type_string, type_string))
        return &kinds[i];
    }
  return &variant_kind;
}

const Kind *
kind_variant (void)
{
  return &variant_kind;
}

const Kind *
kind_enum (void)
{
  return &enum_kind;
}

const Kind *
kind_flags (void)
{
  return &flags_kind;
}

gboolean
kind_is_pointer (const Kind *self)
{
  return g_str_equal (self->zero, "NULL");
}

gboolean
kind_is_list (const Kind *self)
{
  return g_str_equal (self->type_string, "as") && kind_is_pointer (self);
}
