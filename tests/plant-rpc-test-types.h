/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

typedef enum {
  TEST_MODE_STILL,
  TEST_MODE_VIDEO = 7,
} TestMode;

typedef enum {
  TEST_PARTS_LENS  = 1 << 0,
  TEST_PARTS_FLASH = 1 << 1,
  TEST_PARTS_ALL   = (1 << 0) | (1 << 1),
  TEST_PARTS_TOP   = 1u << 31,
} TestParts;

GType test_mode_get_type  (void);
GType test_parts_get_type (void);

#define TEST_TYPE_MODE  (test_mode_get_type ())
#define TEST_TYPE_PARTS (test_parts_get_type ())

/* An interface: "mode" (enumeration), "progress" (0 to 100, read-only), signals "mode-changed"
 * (TestMode) and "done" (string, int; returns a boolean). */
#define TEST_TYPE_SCANNABLE (test_scannable_get_type ())
G_DECLARE_INTERFACE (TestScannable, test_scannable, TEST, SCANNABLE, GObject)

struct _TestScannableInterface {
  GTypeInterface parent_iface;
};

/* Requires TestScannable and adds "speed" (double, above zero). */
#define TEST_TYPE_MOVABLE (test_movable_get_type ())
G_DECLARE_INTERFACE (TestMovable, test_movable, TEST, MOVABLE, GObject)

struct _TestMovableInterface {
  GTypeInterface parent_iface;
};

/* An interface that no client type can take on: it has a "name". */
#define TEST_TYPE_NAMED (test_named_get_type ())
G_DECLARE_INTERFACE (TestNamed, test_named, TEST, NAMED, GObject)

struct _TestNamedInterface {
  GTypeInterface parent_iface;
};

/* Stands for the server: what it declares is not exported. */
#define TEST_TYPE_BASE (test_base_get_type ())
G_DECLARE_DERIVABLE_TYPE (TestBase, test_base, TEST, BASE, GObject)

struct _TestBaseClass {
  GObjectClass parent_class;
};

/* Declares one property of each kind, some that cannot travel, and a few signals. */
#define TEST_TYPE_CAMERA (test_camera_get_type ())
G_DECLARE_DERIVABLE_TYPE (TestCamera, test_camera, TEST, CAMERA, TestBase)

struct _TestCameraClass {
  TestBaseClass parent_class;
};

/* A TestCamera that is TestScannable, redeclares "gain", and adds "serial". */
#define TEST_TYPE_SCANNER (test_scanner_get_type ())
G_DECLARE_FINAL_TYPE (TestScanner, test_scanner, TEST, SCANNER, TestCamera)

/* Stands for the client. */
#define TEST_TYPE_PROXY (test_proxy_get_type ())
G_DECLARE_DERIVABLE_TYPE (TestProxy, test_proxy, TEST, PROXY, GObject)

struct _TestProxyClass {
  GObjectClass parent_class;
};

/* Keep and show what is set, by property id; for runtime types made below TestProxy. */
void test_proxy_set_value (GObject      *object,
                           guint         id,
                           const GValue *value,
                           GParamSpec   *pspec);
void test_proxy_get_value (GObject      *object,
                           guint         id,
                           GValue       *value,
                           GParamSpec   *pspec);

G_END_DECLS
