/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-test-types.h"

static const GEnumValue modes[] = {
  { TEST_MODE_STILL, "TEST_MODE_STILL", "still" },
  { TEST_MODE_VIDEO, "TEST_MODE_VIDEO", "video" },
  { 0, NULL, NULL },
};

GType
test_mode_get_type (void)
{
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("TestMode", modes));
  return type;
}

static const GFlagsValue parts[] = {
  { TEST_PARTS_LENS, "TEST_PARTS_LENS", "lens" },
  { TEST_PARTS_FLASH, "TEST_PARTS_FLASH", "flash" },
  { TEST_PARTS_ALL, "TEST_PARTS_ALL", "all" },
  { TEST_PARTS_TOP, "TEST_PARTS_TOP", "top" },
  { 0, NULL, NULL },
};

GType
test_parts_get_type (void)
{
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_flags_register_static ("TestParts", parts));
  return type;
}

G_DEFINE_INTERFACE (TestScannable, test_scannable, G_TYPE_OBJECT)

static void
test_scannable_default_init (TestScannableInterface *iface)
{
  g_object_interface_install_property (iface,
                                       g_param_spec_enum ("mode", "Mode", "What it takes",
                                                          TEST_TYPE_MODE, TEST_MODE_VIDEO,
                                                          G_PARAM_READWRITE | G_PARAM_CONSTRUCT));
  g_object_interface_install_property (iface, g_param_spec_int ("progress", NULL, NULL, 0, 100, 0,
                                                                G_PARAM_READABLE));
  g_signal_new ("mode-changed", TEST_TYPE_SCANNABLE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 1, TEST_TYPE_MODE);
  g_signal_new ("done", TEST_TYPE_SCANNABLE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_BOOLEAN, 2, G_TYPE_STRING, G_TYPE_INT);
}

G_DEFINE_INTERFACE (TestMovable, test_movable, TEST_TYPE_SCANNABLE)

static void
test_movable_default_init (TestMovableInterface *iface)
{
  g_object_interface_install_property (iface, g_param_spec_double ("speed", NULL, NULL, 0.5, 10, 2,
                                                                   G_PARAM_READWRITE));
}

G_DEFINE_INTERFACE (TestNamed, test_named, G_TYPE_OBJECT)

static void
test_named_default_init (TestNamedInterface *iface)
{
  g_object_interface_install_property (iface, g_param_spec_string ("name", NULL, NULL, "none",
                                                                   G_PARAM_READWRITE));
  g_object_interface_install_property (iface, g_param_spec_string ("nickname", NULL, NULL, NULL,
                                                                   G_PARAM_READWRITE));
  g_signal_new ("renamed", TEST_TYPE_NAMED, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
set_nothing (GObject      *object,
             guint         id,
             const GValue *value,
             GParamSpec   *pspec)
{
}

static void
get_default (GObject    *object,
             guint       id,
             GValue     *value,
             GParamSpec *pspec)
{
  g_param_value_set_default (pspec, value);
}

static void
use_defaults (GObjectClass *klass)
{
  klass->set_property = set_nothing;
  klass->get_property = get_default;
}

G_DEFINE_TYPE (TestBase, test_base, G_TYPE_OBJECT)

static void
test_base_class_init (TestBaseClass *klass)
{
  use_defaults (G_OBJECT_CLASS (klass));
  g_object_class_install_property (G_OBJECT_CLASS (klass), 1,
                                   g_param_spec_string ("url", NULL, NULL, NULL,
                                                        G_PARAM_READWRITE));
  g_signal_new ("started", TEST_TYPE_BASE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
test_base_init (TestBase *self)
{
}

G_DEFINE_TYPE (TestCamera, test_camera, TEST_TYPE_BASE)

static void
add (GObjectClass *klass,
     GParamSpec   *pspec)
{
  static guint next = 1;

  g_object_class_install_property (klass, next++, pspec);
}

static void
add_numbers (GObjectClass *klass)
{
  add (klass, g_param_spec_boolean ("p-boolean", NULL, "p-boolean", TRUE,
                                    G_PARAM_READWRITE));
  add (klass, g_param_spec_char ("p-char", NULL, NULL, -5, 5, 3, G_PARAM_READWRITE));
  add (klass, g_param_spec_uchar ("p-uchar", NULL, NULL, 1, 200, 100, G_PARAM_READWRITE));
  add (klass, g_param_spec_int ("p-int", "Nick", "Blurb", -7, 359, 90, G_PARAM_READWRITE));
  add (klass, g_param_spec_uint ("p-uint", NULL, NULL, 0, G_MAXUINT, 4000000000u,
                                 G_PARAM_READWRITE));
  add (klass, g_param_spec_long ("p-long", NULL, NULL, G_MINLONG, 9, -9, G_PARAM_READWRITE));
  add (klass, g_param_spec_ulong ("p-ulong", NULL, NULL, 8, G_MAXULONG, 9, G_PARAM_READWRITE));
  add (klass, g_param_spec_int64 ("p-int64", NULL, NULL, G_MININT64, G_MAXINT64,
                                  G_GINT64_CONSTANT (9007199254740993), G_PARAM_READWRITE));
  add (klass, g_param_spec_uint64 ("p-uint64", NULL, NULL, 0, G_MAXUINT64, G_MAXUINT64,
                                   G_PARAM_READWRITE));
  add (klass, g_param_spec_float ("p-float", NULL, NULL, -1.5f, 1.5f, 0.25f, G_PARAM_READWRITE));
  add (klass, g_param_spec_double ("p-double", NULL, NULL, 0.1, 0.9, 0.3, G_PARAM_READWRITE));
}

static void
add_others (GObjectClass *klass)
{
  add (klass, g_param_spec_string ("p-string", NULL, NULL, "déjà vu", G_PARAM_READWRITE));
  add (klass, g_param_spec_enum ("p-enum", NULL, NULL, TEST_TYPE_MODE, TEST_MODE_VIDEO,
                                 G_PARAM_READWRITE));
  add (klass, g_param_spec_flags ("p-flags", NULL, NULL, TEST_TYPE_PARTS,
                                  (guint) TEST_PARTS_FLASH | (guint) TEST_PARTS_TOP,
                                  G_PARAM_READWRITE));
  add (klass, g_param_spec_boxed ("p-strv", NULL, NULL, G_TYPE_STRV, G_PARAM_READWRITE));
  add (klass, g_param_spec_variant ("p-variant", NULL, NULL, G_VARIANT_TYPE_ANY,
                                    g_variant_new_parsed ("{'a': <uint32 5>, 'b': <(1, 'x')>}"),
                                    G_PARAM_READWRITE));
  add (klass, g_param_spec_variant ("p-size", NULL, NULL, G_VARIANT_TYPE ("(ii)"),
                                    g_variant_new ("(ii)", 640, 480), G_PARAM_READWRITE));
  add (klass, g_param_spec_unichar ("p-unichar", NULL, NULL, 0xe9, G_PARAM_READWRITE));
  add (klass, g_param_spec_object ("p-object", NULL, NULL, G_TYPE_OBJECT, G_PARAM_READWRITE));
  add (klass, g_param_spec_pointer ("p-pointer", NULL, NULL, G_PARAM_READWRITE));
  add (klass, g_param_spec_string ("p-read", NULL, NULL, NULL, G_PARAM_READABLE));
  add (klass, g_param_spec_string ("p-write", NULL, NULL, NULL, G_PARAM_WRITABLE));
  add (klass, g_param_spec_string ("p-constant", NULL, NULL, NULL,
                                   G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY));
  add (klass, g_param_spec_string ("p-secret", NULL, NULL, NULL,
                                   G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY));
  add (klass, g_param_spec_int ("gain", NULL, NULL, 0, 10, 1,
                                G_PARAM_READWRITE | G_PARAM_CONSTRUCT));
  add (klass, g_param_spec_string ("state", NULL, NULL, NULL, G_PARAM_READWRITE));
}

static void
test_camera_class_init (TestCameraClass *klass)
{
  use_defaults (G_OBJECT_CLASS (klass));
  add_numbers (G_OBJECT_CLASS (klass));
  add_others (G_OBJECT_CLASS (klass));
  g_signal_new ("zoomed", TEST_TYPE_CAMERA, G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED, 0, NULL, NULL,
                NULL, G_TYPE_NONE, 3, G_TYPE_DOUBLE, TEST_TYPE_MODE,
                G_TYPE_STRV | G_SIGNAL_TYPE_STATIC_SCOPE);
  g_signal_new ("gain-changed", TEST_TYPE_CAMERA, G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, 0, NULL,
                NULL, NULL, G_TYPE_STRING, 1, G_TYPE_INT);
  g_signal_new ("notify-me", TEST_TYPE_CAMERA, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 0);
  g_signal_new ("emit", TEST_TYPE_CAMERA, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 1, G_TYPE_VARIANT);
  g_signal_new ("found", TEST_TYPE_CAMERA, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 1, G_TYPE_OBJECT);
}

static void
test_camera_init (TestCamera *self)
{
}

struct _TestScanner {
  TestCamera parent_instance;
};

G_DEFINE_FINAL_TYPE_WITH_CODE (TestScanner, test_scanner, TEST_TYPE_CAMERA,
                               G_IMPLEMENT_INTERFACE (TEST_TYPE_SCANNABLE, NULL))

static void
test_scanner_class_init (TestScannerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  use_defaults (object_class);
  g_object_class_override_property (object_class, 1001, "mode");
  g_object_class_override_property (object_class, 1002, "progress");
  g_object_class_override_property (object_class, 1003, "gain");
  g_object_class_install_property (object_class, 1004,
                                   g_param_spec_string ("serial", NULL, NULL, "7",
                                                        G_PARAM_READABLE));
  g_signal_new ("serial-changed", TEST_TYPE_SCANNER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 0);
}

static void
test_scanner_init (TestScanner *self)
{
}

typedef struct {
  GHashTable *values; /* (owned) (element-type guint GValue): by property id */
} TestProxyPrivate;

G_DEFINE_TYPE_WITH_PRIVATE (TestProxy, test_proxy, G_TYPE_OBJECT)

static void
value_free (gpointer data)
{
  g_value_unset (data);
  g_free (data);
}

void
test_proxy_set_value (GObject      *object,
                      guint         id,
                      const GValue *value,
                      GParamSpec   *pspec)
{
  TestProxyPrivate *priv = test_proxy_get_instance_private (TEST_PROXY (object));
  GValue *copy = g_new0 (GValue, 1);

  g_value_init (copy, G_VALUE_TYPE (value));
  g_value_copy (value, copy);
  g_hash_table_replace (priv->values, GUINT_TO_POINTER (id), copy);
  g_object_notify_by_pspec (object, pspec);
}

void
test_proxy_get_value (GObject    *object,
                      guint       id,
                      GValue     *value,
                      GParamSpec *pspec)
{
  TestProxyPrivate *priv = test_proxy_get_instance_private (TEST_PROXY (object));
  const GValue *kept = g_hash_table_lookup (priv->values, GUINT_TO_POINTER (id));

  g_value_copy (kept != NULL ? kept : g_param_spec_get_default_value (pspec), value);
}

static void
test_proxy_finalize (GObject *object)
{
  TestProxyPrivate *priv = test_proxy_get_instance_private (TEST_PROXY (object));

  g_hash_table_unref (priv->values);
  G_OBJECT_CLASS (test_proxy_parent_class)->finalize (object);
}

static void
test_proxy_class_init (TestProxyClass *klass)
{
  use_defaults (G_OBJECT_CLASS (klass));
  G_OBJECT_CLASS (klass)->finalize = test_proxy_finalize;
  g_object_class_install_property (G_OBJECT_CLASS (klass), 1,
                                   g_param_spec_string ("name", NULL, NULL, NULL,
                                                        G_PARAM_READABLE));
  g_object_class_install_property (G_OBJECT_CLASS (klass), 2,
                                   g_param_spec_int ("state", NULL, NULL, 0, 9, 0,
                                                     G_PARAM_READABLE));
  g_signal_new ("write-failed", TEST_TYPE_PROXY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 0);
  g_signal_new ("local-changed", TEST_TYPE_PROXY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 1, G_TYPE_INT);
}

static void
test_proxy_init (TestProxy *self)
{
  TestProxyPrivate *priv = test_proxy_get_instance_private (self);

  priv->values = g_hash_table_new_full (NULL, NULL, NULL, value_free);
}
