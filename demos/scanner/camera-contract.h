/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <plantrpc/plantrpc.h>

G_BEGIN_DECLS

/* What a Plant Imager camera and its clients agree on: the camera implements it, clients are made
 * for it. Changes of each property are told; no signal may be added, since the clients of Plant
 * Imager stop listening at one that they do not know. */

typedef enum
{
  SCANNER_CAMERA_MODE_STILL,
  SCANNER_CAMERA_MODE_VIDEO,
} ScannerCameraMode;

typedef enum
{
  SCANNER_ENCODING_JPEG,
  SCANNER_ENCODING_PNG,
} ScannerEncoding;

#define SCANNER_TYPE_CAMERA_MODE (scanner_camera_mode_get_type ())
#define SCANNER_TYPE_ENCODING (scanner_encoding_get_type ())
#define SCANNER_TYPE_CAMERA_CONTRACT (scanner_camera_contract_get_type ())

GType scanner_camera_mode_get_type (void);
GType scanner_encoding_get_type    (void);

G_DECLARE_INTERFACE (ScannerCameraContract, scanner_camera_contract, SCANNER, CAMERA_CONTRACT,
                     GObject)

struct _ScannerCameraContractInterface
{
  GTypeInterface parent_interface;
};

#define SCANNER_GET_IMAGE_SIGNATURE "lores: b = false"

G_END_DECLS
